/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Reading little-endian fields out of bytes from outside. A read past the end gives 0 and marks the
 * reader bad for good, so that a parser may read a whole structure and ask once.
 */

#ifndef TSM_READER_H
#define TSM_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tsm_rd {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static inline struct tsm_rd
tsm_rd_over(const uint8_t *p, size_t len)
{
	return (struct tsm_rd){.at = p, .left = len};
}

/* n bytes, or NULL: the reader is bad. n may come from outside. */
static inline const uint8_t *
tsm_rd_bytes(struct tsm_rd *r, size_t n)
{
	const uint8_t *p = r->at;

	if (r->bad || n > r->left) {
		r->bad = true;
		r->left = 0;
		return NULL;
	}
	if (n > 0)
		r->at += n;
	r->left -= n;
	return p;
}

static inline uint64_t
tsm_rd_le(struct tsm_rd *r, unsigned int bytes)
{
	const uint8_t *p = tsm_rd_bytes(r, bytes);
	uint64_t x = 0;

	if (p == NULL)
		return 0;
	while (bytes-- > 0)
		x = x << 8 | p[bytes];
	return x;
}

static inline uint8_t
tsm_rd_u8(struct tsm_rd *r)
{
	return (uint8_t)tsm_rd_le(r, 1);
}

static inline uint16_t
tsm_rd_u16(struct tsm_rd *r)
{
	return (uint16_t)tsm_rd_le(r, 2);
}

static inline uint32_t
tsm_rd_u24(struct tsm_rd *r)
{
	return (uint32_t)tsm_rd_le(r, 3);
}

static inline uint32_t
tsm_rd_u32(struct tsm_rd *r)
{
	return (uint32_t)tsm_rd_le(r, 4);
}

static inline uint64_t
tsm_rd_u64(struct tsm_rd *r)
{
	return tsm_rd_le(r, 8);
}

#endif /* TSM_READER_H */
