/* SPDX-License-Identifier: BSD-3-Clause */

/* GET_MEASUREMENTS and its signed response (DSP0274 1.2, 10.11), one behind the other. */

#include <errno.h>

#include "parse.h"
#include "reader.h"
#include "tsm_proto.h"

#define ATTR_SIGNATURE   (1u << 0)
#define ATTR_RAW         (1u << 1)
#define OPERATION_ALL    0xffu
#define SLOT_MASK        0x0fu
#define SLOT_MAX         7u
#define CHANGED_SHIFT    4
#define CHANGED_MASK     0x3u
#define CHANGED_YES      1u
#define CHANGED_RESERVED 3u
#define PARAM2_RESERVED  0xc0u
#define BLOCK_SPEC_DMTF  1u
#define BLOCK_HEAD       3u /* value's type and size */
#define BLOCK_RAW        0x80u
#define INDEX_LAST       0xefu
#define INDEX_MANIFEST   0xfdu
#define INDEX_MODE       0xfeu

#define MALFORMED(...)   tsm_why(why, whylen, -EPROTO, __VA_ARGS__)

static int
head(struct tsm_rd *r, uint8_t code, uint8_t param[2], char *why, size_t whylen)
{
	uint8_t version = tsm_rd_u8(r), c = tsm_rd_u8(r);

	param[0] = tsm_rd_u8(r);
	param[1] = tsm_rd_u8(r);
	if (r->bad || c != code)
		return MALFORMED("no message of code 0x%02x", code);
	if (version != SPDM_VERSION_1_2)
		return tsm_why(why, whylen, -ENOTSUP, "SPDM %u.%u; only 1.2 is judged",
			       version >> 4, version & 0xfu);
	return 0;
}

static int
request(struct tsm_rd *r, struct tsm_measurements *m, char *why, size_t whylen)
{
	uint8_t param[2];
	int rc = head(r, SPDM_GET_MEASUREMENTS, param, why, whylen);

	if (rc < 0)
		return rc;
	m->nonce = tsm_rd_bytes(r, TSM_NONCE_LEN);
	m->slot = tsm_rd_u8(r);
	if (r->bad || m->slot > SLOT_MAX)
		return MALFORMED("request: cut off, or of slot %u", m->slot);
	if (!(param[0] & ATTR_SIGNATURE) || (param[0] & ~(ATTR_SIGNATURE | ATTR_RAW)))
		return MALFORMED("request: attributes 0x%02x do not ask for a signature", param[0]);
	/* Whoever asks for one index could leave out what the policy would refuse. */
	if (param[1] != OPERATION_ALL)
		return MALFORMED("request: operation 0x%02x does not ask for all measurements",
				 param[1]);
	return 0;
}

static bool
index_valid(uint8_t index)
{
	return (index >= 1 && index <= INDEX_LAST) || index == INDEX_MANIFEST ||
	       index == INDEX_MODE;
}

static int
block(struct tsm_rd *r, struct tsm_block *b, char *why, size_t whylen)
{
	uint8_t spec, type;
	uint16_t size;

	b->index = tsm_rd_u8(r);
	spec = tsm_rd_u8(r);
	size = tsm_rd_u16(r);
	type = tsm_rd_u8(r);
	b->len = tsm_rd_u16(r);
	b->value = tsm_rd_bytes(r, b->len);
	b->raw = type & BLOCK_RAW;
	b->type = type & (uint8_t)~BLOCK_RAW;
	if (r->bad || spec != BLOCK_SPEC_DMTF || size != b->len + BLOCK_HEAD ||
	    !index_valid(b->index))
		return MALFORMED("block of index %u: format %u, size %u, value %u", b->index, spec,
				 size, b->len);
	if (!b->raw && b->len != TSM_DIGEST_LEN)
		return MALFORMED("block of index %u: a SHA-384 of %u bytes", b->index, b->len);
	return 0;
}

/* The record: so many blocks in so many bytes, each index once. */
static int
blocks(struct tsm_rd r, unsigned int nb, struct tsm_measurements *m, char *why, size_t whylen)
{
	bool seen[UINT8_MAX + 1] = {false};
	struct tsm_block *b;
	int rc;

	if (nb > TSM_BLOCKS_MAX)
		return MALFORMED("%u blocks", nb);
	for (m->nb = 0; m->nb < nb; m->nb++) {
		b = &m->blocks[m->nb];
		rc = block(&r, b, why, whylen);
		if (rc < 0)
			return rc;
		if (seen[b->index])
			return MALFORMED("two blocks of index %u", b->index);
		seen[b->index] = true;
	}
	return r.left == 0 ? 0 : MALFORMED("%zu bytes behind the last block", r.left);
}

static int
response(struct tsm_rd *r, struct tsm_measurements *m, char *why, size_t whylen)
{
	uint8_t param[2], changed;
	const uint8_t *record;
	unsigned int nb;
	uint32_t len;
	int rc = head(r, SPDM_MEASUREMENTS, param, why, whylen);

	if (rc < 0)
		return rc;
	changed = param[1] >> CHANGED_SHIFT & CHANGED_MASK;
	if ((param[1] & SLOT_MASK) != m->slot || (param[1] & PARAM2_RESERVED) ||
	    changed == CHANGED_RESERVED)
		return MALFORMED("response: 0x%02x for slot %u", param[1], m->slot);
	m->changed = changed == CHANGED_YES;
	nb = tsm_rd_u8(r);
	len = tsm_rd_u24(r);
	record = tsm_rd_bytes(r, len);
	if (r->bad)
		return MALFORMED("response: a record of %u bytes is not there", len);
	rc = blocks(tsm_rd_over(record, len), nb, m, why, whylen);
	if (rc < 0)
		return rc;
	tsm_rd_bytes(r, TSM_NONCE_LEN); /* the responder's own */
	tsm_rd_bytes(r, tsm_rd_u16(r)); /* opaque */
	return r->bad ? MALFORMED("response: cut off behind its record") : 0;
}

int
tsm_measure_parse(const uint8_t *p, size_t len, struct tsm_measurements *m, char *why,
		  size_t whylen)
{
	struct tsm_rd r = tsm_rd_over(p, len);
	int rc;

	m->nb = 0;
	rc = request(&r, m, why, whylen);
	if (rc == 0)
		rc = response(&r, m, why, whylen);
	if (rc < 0)
		return rc;
	m->signed_len = len - r.left;
	m->signature = tsm_rd_bytes(&r, SPDM_SIG_LEN);
	if (r.bad || r.left > 0)
		return MALFORMED("no signature of %u bytes at its end", SPDM_SIG_LEN);
	return 0;
}
