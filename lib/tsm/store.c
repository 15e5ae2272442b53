/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Writing of an evidence folder: objects first, evidence.json last, so that a folder that has it is
 * whole. What cannot be written whole is taken away again.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json_text.h"
#include "store.h"

#define FOLDER_MAX 512
#define SAME_TIME  100u /* folders of one device within a second */

/* A name as part of a file name: "/run/nic0.sock" becomes "run_nic0.sock". */
static void
file_name(const char *name, char *out, size_t len)
{
	static const char ok[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:";
	size_t n = 0;

	while (*name == '/' || *name == '.')
		name++;
	for (; *name != '\0' && n + 1 < len; name++)
		out[n++] = strchr(ok, *name) != NULL ? *name : '_';
	out[n] = '\0';
	if (n == 0)
		snprintf(out, len, "device");
}

/* A new folder, path into folder. */
static int
make_folder(const char *dir, const char *name, uint64_t seconds, char folder[FOLDER_MAX])
{
	char safe[128], when[32] = "";
	time_t t = (time_t)seconds;
	unsigned int i;
	struct tm tm;
	int n;

	file_name(name, safe, sizeof(safe));
	if (gmtime_r(&t, &tm) == NULL || strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm) == 0)
		return -EOVERFLOW;
	n = snprintf(folder, FOLDER_MAX, "%s/%s-%s", dir, safe, when);
	for (i = 1; n > 0 && n + 8 < FOLDER_MAX && i <= SAME_TIME; i++) {
		if (mkdir(folder, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			return -errno;
		snprintf(folder + n, (size_t)(FOLDER_MAX - n), "-%u", i);
	}
	return n + 8 < FOLDER_MAX ? -EEXIST : -ENAMETOOLONG;
}

static int
write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_file(int at, const char *name, const void *p, size_t len)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, p, len);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

static const struct steer_tsm_bytes *
object(const struct steer_tsm_evidence *e, unsigned int i)
{
	return (const struct steer_tsm_bytes *)((const uint8_t *)e + store_objects[i].at);
}

static int
write_files(int at, const struct steer_tsm_evidence *e, const char *json)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < STORE_OBJECTS && rc == 0; i++)
		rc = write_file(at, store_objects[i].file, object(e, i)->data, object(e, i)->len);
	return rc == 0 ? write_file(at, STORE_JSON, json, strlen(json)) : rc;
}

static void
take_away(int at, const char *folder)
{
	unsigned int i;

	for (i = 0; i < STORE_OBJECTS; i++)
		unlinkat(at, store_objects[i].file, 0);
	unlinkat(at, STORE_JSON, 0);
	rmdir(folder);
}

int
steer_tsm_evidence_store(const char *dir, const char *name, const struct steer_tsm_evidence *e,
			 const struct steer_tsm_device *d, const struct steer_tsm_policy *p,
			 const struct steer_tsm_verdict *v, char *err, size_t errlen)
{
	char *json = tsm_json_text(store_json(name, e, d, p, v));
	char folder[FOLDER_MAX] = "";
	int at = -1, rc;

	if (json == NULL)
		return store_bad(err, errlen, -ENOMEM, dir, strerror(ENOMEM));
	rc = make_folder(dir, name, e->time, folder);
	if (rc < 0) {
		store_bad(err, errlen, rc, *folder != '\0' ? folder : dir, strerror(-rc));
		goto end;
	}
	at = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	rc = at < 0 ? -errno : write_files(at, e, json);
	if (rc < 0) {
		store_bad(err, errlen, rc, folder, strerror(-rc));
		take_away(at, folder);
	}
	if (at >= 0)
		close(at);
end:
	free(json);
	return rc;
}
