/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * An operator's file of tags: a line "CPU TAG" each, decimal or 0x, "#" begins a comment. It stands
 * for what firmware would say, where nobody can ask it.
 */

#ifndef STEER_TPH_TAGS_FILE_H
#define STEER_TPH_TAGS_FILE_H

#include <stddef.h>
#include <stdint.h>

#define TPH_TAGS_CPU_MAX  65535u
#define TPH_TAGS_LINE_MAX 255u

struct tph_tag {
	uint32_t cpu;
	uint16_t tag; /* never 0 */
	unsigned int line;
};

struct tph_tags {
	struct tph_tag *tags; /* ascending by CPU, each CPU once */
	size_t nb;
};

/* Text of len bytes. 0 and tags to free, or -EINVAL/-ENOMEM and one line with the line's number. */
int tph_tags_parse(const char *text, size_t len, struct tph_tags *t, char *err, size_t errlen);
/* Same of a file of at most 1 MB; errors as from open() and read(), too. */
int tph_tags_load(const char *path, struct tph_tags *t, char *err, size_t errlen);
void tph_tags_free(struct tph_tags *t);
/* Tag of a CPU, 0 when the file names none. */
uint16_t tph_tags_find(const struct tph_tags *t, uint32_t cpu);

#endif /* STEER_TPH_TAGS_FILE_H */
