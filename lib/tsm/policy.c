/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy.h"
#include "tsm_proto.h"

#define TIMEOUT_MS 20000u

const struct policy_flag policy_flags[POLICY_FLAGS] = {
	{"no-fw-update", TDISP_INFO_NO_FW_UPDATE},
	{"dma-without-pasid", TDISP_INFO_DMA_NO_PASID},
	{"dma-with-pasid", TDISP_INFO_DMA_PASID},
	{"ats", TDISP_INFO_ATS},
	{"prs", TDISP_INFO_PRS},
	{"xt", TDISP_INFO_XT},
};

void
steer_tsm_policy_init(struct steer_tsm_policy *p)
{
	memset(p, 0, sizeof(*p));
	strcpy(p->tsm, "any");
	p->nonce_len = STEER_TSM_NONCE_MIN;
	p->timeout_ms = TIMEOUT_MS;
}

int
policy_bad(const struct policy_reading *r, int rc, const char *key, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (r->errlen == 0)
		return rc;
	n = snprintf(r->err, r->errlen, "%s: ", key);
	if (n >= 0 && (size_t)n < r->errlen) {
		va_start(ap, fmt);
		vsnprintf(r->err + n, r->errlen - (size_t)n, fmt, ap);
		va_end(ap);
	}
	for (char *c = r->err; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return rc;
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -EINVAL;
}

int
policy_hex(const char *text, uint8_t *digest)
{
	if (strlen(text) != 2 * STEER_TSM_DIGEST)
		return -EINVAL;
	for (unsigned int i = 0; i < STEER_TSM_DIGEST; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		digest[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static int
read_all(int fd, char *buf, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) /* shorter than it was: somebody is writing it */
			return n < 0 ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

int
policy_file(const char *path, char **text, size_t *len)
{
	/* Not to wait for the other end of a FIFO before it is known to be a file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct stat st;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (rc == 0 && st.st_size > (off_t)POLICY_FILE_MAX)
		rc = -EFBIG;
	if (rc < 0)
		goto out;
	*len = (size_t)st.st_size;
	*text = malloc(*len + 1);
	if (*text == NULL) {
		rc = -ENOMEM;
		goto out;
	}
	rc = read_all(fd, *text, *len);
	if (rc < 0)
		free(*text);
	else
		(*text)[*len] = '\0';
out:
	close(fd);
	return rc;
}

/* Folder of a file, for what it names relative to itself. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

int
steer_tsm_policy_load(const char *path, struct steer_tsm_policy *p, char *err, size_t errlen)
{
	const struct policy_reading r = {.err = err, .errlen = errlen};
	char why[256] = "", *text = NULL, *dir;
	size_t len;
	int rc = policy_file(path, &text, &len);

	if (rc < 0)
		return policy_bad(&r, rc, path,
				  "%s; tsm-policy= names a JSON file of at most 1 MiB",
				  rc == -EINVAL ? "not a regular file" : strerror(-rc));
	dir = folder_of(path);
	rc = dir == NULL ? -ENOMEM : steer_tsm_policy_parse(text, len, dir, p, why, sizeof(why));
	if (rc < 0)
		policy_bad(&r, rc, path, "%s", dir == NULL ? strerror(ENOMEM) : why);
	free(dir);
	free(text);
	return rc;
}
