/* SPDX-License-Identifier: BSD-3-Clause */

/* Evidence folder: what writing and reading share. */

#ifndef TSM_STORE_H
#define TSM_STORE_H

#include <jansson.h>

#include "steer_tsm_evidence.h"

#define STORE_VERSION  1
#define STORE_JSON     "evidence.json"
#define STORE_JSON_MAX (1u << 20)

/* The files of objects, and where they belong. */
struct store_object {
	const char *file;
	size_t at; /* of the struct steer_tsm_bytes in the evidence */
};
#define STORE_OBJECTS 4u
extern const struct store_object store_objects[STORE_OBJECTS];

/* Digests that the TSM gave. */
struct store_digest {
	const char *name;
	size_t has, at;
};
#define STORE_DIGESTS 3u
extern const struct store_digest store_digests[STORE_DIGESTS];

/* Numbers of a device. */
struct store_number {
	const char *name;
	size_t at;
	unsigned int size; /* of the field */
	json_int_t min, max;
};
#define STORE_NUMBERS 9u
extern const struct store_number store_numbers[STORE_NUMBERS];

/* JSON of evidence (its objects apart) with what it was judged by; NULL without memory. */
json_t *store_json(const char *name, const struct steer_tsm_evidence *e,
		   const struct steer_tsm_device *d, const struct steer_tsm_policy *p,
		   const struct steer_tsm_verdict *v);
/* And back. d and p may be NULL. @return 0, -EINVAL, -ENOMEM and one line in err. */
int store_parse(const json_t *root, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
		struct steer_tsm_policy *p, char *err, size_t errlen);
/* One line: path: text; returns rc. */
int store_bad(char *err, size_t errlen, int rc, const char *path, const char *text);

#endif /* TSM_STORE_H */
