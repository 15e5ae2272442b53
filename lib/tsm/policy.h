/* SPDX-License-Identifier: BSD-3-Clause */

/* Reading of a policy file: what its parts share. */

#ifndef TSM_POLICY_H
#define TSM_POLICY_H

#include <jansson.h>

#include "steer_tsm_policy.h"

#define POLICY_FILE_MAX (1u << 20)
#define DIM(a)          (sizeof(a) / sizeof((a)[0]))

struct policy_reading {
	struct steer_tsm_policy *p;
	const char *dir; /* of relative PEM files; NULL: no file may be named */
	char *err;
	size_t errlen;
};

/* "key: text" into err, on one line whatever the user's strings hold. @return rc */
int policy_bad(const struct policy_reading *r, int rc, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* 96 hexadecimal digits into a digest. 0 or -EINVAL. */
int policy_hex(const char *text, uint8_t *digest);
/* Of a TSM, as "tsm" may name one; "any" is no name. The name becomes part of a path in sysfs. */
bool policy_tsm_name(const char *text);
/* A regular file of at most POLICY_FILE_MAX bytes, malloc'ed. 0 or negative errno. */
int policy_file(const char *path, char **text, size_t *len);
/* One entry of "roots": a digest, or a file of certificates. */
int policy_root(struct policy_reading *r, const char *text);

/* A key of an object, and what takes its value. */
struct policy_key {
	const char *name;
	int (*read)(struct policy_reading *r, const char *key, const json_t *v);
};

/* policy_read.c: 0, or -EINVAL and the reason. */
int policy_read_object(struct policy_reading *r, const char *where, const struct policy_key *keys,
		       size_t nb, const json_t *object);
int policy_read_bool(struct policy_reading *r, const char *key, const json_t *v, bool *out);
int policy_read_number(struct policy_reading *r, const char *key, const json_t *v, uint32_t min,
		       uint32_t max, uint32_t *out);
int policy_read_either(struct policy_reading *r, const char *key, const json_t *v, const char *no,
		       const char *yes, bool *out);

/* policy_demands.c */
int policy_roots(struct policy_reading *r, const char *key, const json_t *v);
int policy_measurements(struct policy_reading *r, const char *key, const json_t *v);
int policy_others(struct policy_reading *r, const char *key, const json_t *v);
int policy_report(struct policy_reading *r, const char *key, const json_t *v);

/* Flags of the interface report by name. */
struct policy_flag {
	const char *name;
	uint16_t bit;
};
#define POLICY_FLAGS 6u
extern const struct policy_flag policy_flags[POLICY_FLAGS];

#endif /* TSM_POLICY_H */
