/* SPDX-License-Identifier: BSD-3-Clause */

/* Certificate chain as a slot holds it (DSP0274 1.2, 10.7.1): {length, reserved, root hash,
 * DER...}. */

#include <errno.h>

#include "parse.h"
#include "reader.h"
#include "tsm_proto.h"

#define DER_SEQUENCE 0x30u
#define DER_LONG     0x80u

/* Length of a DER value; certificates of a 64 KiB chain need at most two length bytes. */
static size_t
der_length(struct tsm_rd *r)
{
	size_t first = tsm_rd_u8(r), n = 0;

	if (first < DER_LONG)
		return first;
	if (first == DER_LONG + 1)
		n = tsm_rd_u8(r);
	else if (first == DER_LONG + 2) {
		n = (size_t)tsm_rd_u8(r) << 8;
		n |= tsm_rd_u8(r);
	}
	/* Indefinite, longer, or not the shortest form: no DER, or none that fits. */
	if (n < DER_LONG || (first == DER_LONG + 2 && n <= UINT8_MAX))
		r->bad = true;
	return n;
}

static int
certificate(struct tsm_rd *r, struct tsm_der *c)
{
	const uint8_t *start = r->at;

	if (tsm_rd_u8(r) != DER_SEQUENCE)
		return -EPROTO;
	if (tsm_rd_bytes(r, der_length(r)) == NULL)
		return -EPROTO;
	*c = (struct tsm_der){.p = start, .len = (size_t)(r->at - start)};
	return 0;
}

int
tsm_chain_parse(const uint8_t *p, size_t len, struct tsm_chain *c, char *why, size_t whylen)
{
	struct tsm_rd r = tsm_rd_over(p, len);
	uint16_t length = tsm_rd_u16(&r), reserved = tsm_rd_u16(&r);

	*c = (struct tsm_chain){.root_hash = tsm_rd_bytes(&r, TSM_DIGEST_LEN)};
	if (r.bad)
		return tsm_why(why, whylen, -EPROTO, "cut off in its header");
	if (length != len || reserved != 0)
		return tsm_why(why, whylen, -EPROTO,
			       "its length field says %u, %zu bytes are there", length, len);
	while (r.left > 0) {
		if (c->nb == TSM_CERTS_MAX)
			return tsm_why(why, whylen, -EPROTO, "more than %u certificates",
				       TSM_CERTS_MAX);
		if (certificate(&r, &c->certs[c->nb]) < 0)
			return tsm_why(why, whylen, -EPROTO, "certificate %u is no DER that fits",
				       c->nb + 1);
		c->nb++;
	}
	if (c->nb == 0)
		return tsm_why(why, whylen, -EPROTO, "no certificate");
	return 0;
}
