/* SPDX-License-Identifier: BSD-3-Clause */

/* Reading of an evidence folder. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

static int
read_all(int fd, uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) /* shorter than it was */
			return n < 0 ? -errno : -EINVAL;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A regular file, of a larger one max + 1 bytes. One byte more is there, and zero. */
static int
read_file(int at, const char *name, size_t max, struct steer_tsm_bytes *out)
{
	int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW), rc = 0;
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? -EINVAL : -errno;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	if (rc == 0) {
		out->len = (uint64_t)st.st_size > max ? max + 1 : (size_t)st.st_size;
		out->data = calloc(1, out->len + 1);
		rc = out->data != NULL ? read_all(fd, out->data, out->len) : -ENOMEM;
	}
	close(fd);
	return rc;
}

static const char *
words(int rc)
{
	return rc == -EINVAL ? "not a regular file, or it changes" : strerror(-rc);
}

static int
load_json(int at, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
	  struct steer_tsm_policy *p, char *err, size_t errlen)
{
	struct steer_tsm_bytes text = {0};
	json_t *root = NULL;
	json_error_t error;
	int rc = read_file(at, STORE_JSON, STORE_JSON_MAX, &text);

	if (rc == 0 && text.len > STORE_JSON_MAX)
		rc = -EFBIG;
	if (rc < 0) {
		store_bad(err, errlen, rc, STORE_JSON, words(rc));
		goto end;
	}
	root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	rc = root != NULL ? store_parse(root, e, d, p, err, errlen)
			  : store_bad(err, errlen, -EINVAL, STORE_JSON, error.text);
end:
	json_decref(root);
	free(text.data);
	return rc;
}

/* An object that is too large is evidence, too: the judge has a word for it. */
static int
load_objects(int at, struct steer_tsm_evidence *e, char *err, size_t errlen)
{
	unsigned int i;
	int rc;

	for (i = 0; i < STORE_OBJECTS; i++) {
		rc = read_file(at, store_objects[i].file, STEER_TSM_OBJECT_MAX,
			       (struct steer_tsm_bytes *)((uint8_t *)e + store_objects[i].at));
		if (rc < 0)
			return store_bad(err, errlen, rc, store_objects[i].file, words(rc));
	}
	return 0;
}

int
steer_tsm_evidence_load(const char *folder, struct steer_tsm_evidence *e,
			struct steer_tsm_device *d, struct steer_tsm_policy *p, char *err,
			size_t errlen)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

	*e = (struct steer_tsm_evidence){0};
	if (at < 0) {
		rc = -errno;
		return store_bad(err, errlen, rc == -ENOTDIR ? -EINVAL : rc, folder, strerror(-rc));
	}
	rc = load_json(at, e, d, p, err, errlen);
	if (rc == 0)
		rc = load_objects(at, e, err, errlen);
	if (rc < 0)
		steer_tsm_evidence_free(e);
	close(at);
	return rc;
}
