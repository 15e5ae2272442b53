/* SPDX-License-Identifier: BSD-3-Clause */

/* Reads of attributes (linked with --wrap=tsm_attr_read): the n-th fails. */

#ifndef TSM_ATTR_FAIL_H
#define TSM_ATTR_FAIL_H

#include <stddef.h>

struct steer_tsm;

static unsigned int attr_reads, attr_fail_read;
static int attr_fail_rc;

int __real_tsm_attr_read(const struct steer_tsm *t, const char *bdf, const char *file, char *text,
			 size_t len);
int __wrap_tsm_attr_read(const struct steer_tsm *t, const char *bdf, const char *file, char *text,
			 size_t len);

int
__wrap_tsm_attr_read(const struct steer_tsm *t, const char *bdf, const char *file, char *text,
		     size_t len)
{
	text[0] = '\0';
	if (++attr_reads == attr_fail_read)
		return attr_fail_rc;
	return __real_tsm_attr_read(t, bdf, file, text, len);
}

#endif /* TSM_ATTR_FAIL_H */
