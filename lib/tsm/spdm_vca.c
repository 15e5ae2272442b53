/* SPDX-License-Identifier: BSD-3-Clause */

/* Negotiation of SPDM 1.2 (DSP0274 1.2, 10.3 to 10.6): three requests and their responses. */

#include <errno.h>

#include "parse.h"
#include "reader.h"
#include "tsm_proto.h"

#define SPDM_VERSION_1_0    0x10u   /* GET_VERSION and VERSION, whatever comes of them */
#define VERSION_ENTRY_1_2   0x1200u /* update and alpha masked */
#define VERSION_ENTRY_MASK  0xff00u
#define CAP_CERT            (1u << 1)
#define CAP_MEAS(flags)     ((flags) >> 3 & 3u)
#define MEAS_WITH_SIGNATURE 2u
#define CAP_CHUNK           (1u << 17)
#define TRANSFER_MIN        42u
#define ALG_RESERVED        12u
#define ALG_FIRST           2u /* DHE */
#define ALG_LAST            5u /* key schedule */
#define ALG_FIXED_BYTES(n)  ((n) >> 4)
#define ALG_EXTERNAL(n)     ((n)&0xfu)

struct offer {
	uint8_t spec;
	uint32_t asym, hash;
};

struct parse {
	struct tsm_rd r;
	uint8_t param1, param2;
	char *why;
	size_t whylen;
};

#define FAIL(p, rc, ...) tsm_why((p)->why, (p)->whylen, rc, __VA_ARGS__)

static int
head(struct parse *p, uint8_t version, uint8_t code, const char *name)
{
	uint8_t v = tsm_rd_u8(&p->r), c = tsm_rd_u8(&p->r);

	p->param1 = tsm_rd_u8(&p->r);
	p->param2 = tsm_rd_u8(&p->r);
	if (p->r.bad)
		return FAIL(p, -EPROTO, "%s: cut off", name);
	if (c != code)
		return FAIL(p, -EPROTO, "%s: message code 0x%02x, not 0x%02x", name, c, code);
	if (v != version)
		return FAIL(p, -ENOTSUP, "%s: SPDM %u.%u; only 1.2 is judged", name, v >> 4,
			    v & 0xfu);
	return 0;
}

static int
versions(struct parse *p)
{
	bool found = false;
	unsigned int n;
	int rc = head(p, SPDM_VERSION_1_0, SPDM_GET_VERSION, "GET_VERSION");

	if (rc == 0)
		rc = head(p, SPDM_VERSION_1_0, SPDM_VERSION, "VERSION");
	if (rc < 0)
		return rc;
	tsm_rd_u8(&p->r); /* reserved */
	for (n = tsm_rd_u8(&p->r); n > 0; n--)
		found |= (tsm_rd_u16(&p->r) & VERSION_ENTRY_MASK) == VERSION_ENTRY_1_2;
	if (p->r.bad)
		return FAIL(p, -EPROTO, "VERSION: more entries than bytes");
	return found ? 0 : FAIL(p, -ENOTSUP, "VERSION: the device does not speak SPDM 1.2");
}

static int
capabilities(struct parse *p, uint8_t code, const char *name, uint32_t *flags)
{
	uint32_t transfer, message;
	int rc = head(p, SPDM_VERSION_1_2, code, name);

	if (rc < 0)
		return rc;
	tsm_rd_u8(&p->r);  /* reserved */
	tsm_rd_u8(&p->r);  /* CTExponent */
	tsm_rd_u16(&p->r); /* reserved */
	*flags = tsm_rd_u32(&p->r);
	transfer = tsm_rd_u32(&p->r);
	message = tsm_rd_u32(&p->r);
	if (p->r.bad)
		return FAIL(p, -EPROTO, "%s: cut off", name);
	/* Who cannot send in pieces sends whole messages. */
	if (transfer < TRANSFER_MIN || transfer > message ||
	    (transfer != message && !(*flags & CAP_CHUNK)))
		return FAIL(p, -EPROTO, "%s: transfers of %u bytes, messages of %u", name, transfer,
			    message);
	return 0;
}

/* Tables of further algorithms, each type at most once and in order; how many: Param1. */
static int
tables(struct parse *p, const char *name)
{
	uint8_t type, last = ALG_FIRST - 1, count;
	unsigned int i;

	for (i = 0; i < p->param1; i++, last = type) {
		type = tsm_rd_u8(&p->r);
		count = tsm_rd_u8(&p->r);
		tsm_rd_u16(&p->r); /* AlgSupported */
		tsm_rd_bytes(&p->r, 4u * ALG_EXTERNAL(count));
		if (p->r.bad || type <= last || type > ALG_LAST || ALG_FIXED_BYTES(count) != 2)
			return FAIL(p, -EPROTO, "%s: algorithm table %u of %u", name, i + 1,
				    p->param1);
	}
	return 0;
}

/* The tail that both messages have: external algorithms, tables; and is Length the truth? */
static int
algorithms_end(struct parse *p, const uint8_t *start, uint16_t length, const char *name)
{
	unsigned int external;
	int rc;

	tsm_rd_bytes(&p->r, ALG_RESERVED);
	external = tsm_rd_u8(&p->r);
	external += tsm_rd_u8(&p->r);
	tsm_rd_u16(&p->r); /* reserved */
	tsm_rd_bytes(&p->r, 4u * external);
	rc = tables(p, name);
	if (rc < 0)
		return rc;
	if (p->r.bad || (size_t)(p->r.at - start) != length)
		return FAIL(p, -EPROTO, "%s: its length field says %u bytes", name, length);
	return 0;
}

static int
negotiate(struct parse *p, struct offer *o)
{
	const uint8_t *start = p->r.at;
	int rc = head(p, SPDM_VERSION_1_2, SPDM_NEGOTIATE_ALGORITHMS, "NEGOTIATE_ALGORITHMS");
	uint16_t length;

	if (rc < 0)
		return rc;
	length = tsm_rd_u16(&p->r);
	o->spec = tsm_rd_u8(&p->r);
	tsm_rd_u8(&p->r); /* other parameters */
	o->asym = tsm_rd_u32(&p->r);
	o->hash = tsm_rd_u32(&p->r);
	return algorithms_end(p, start, length, "NEGOTIATE_ALGORITHMS");
}

static int
algorithms(struct parse *p, struct tsm_vca *v)
{
	const uint8_t *start = p->r.at;
	int rc = head(p, SPDM_VERSION_1_2, SPDM_ALGORITHMS, "ALGORITHMS");
	uint16_t length;

	if (rc < 0)
		return rc;
	length = tsm_rd_u16(&p->r);
	v->measurement_spec = tsm_rd_u8(&p->r);
	tsm_rd_u8(&p->r); /* other parameters */
	v->measurement_hash = tsm_rd_u32(&p->r);
	v->asym = tsm_rd_u32(&p->r);
	v->hash = tsm_rd_u32(&p->r);
	return algorithms_end(p, start, length, "ALGORITHMS");
}

static int
judged_here(struct parse *p, const struct tsm_vca *v, const struct offer *o)
{
	if (!(v->flags & CAP_CERT) || CAP_MEAS(v->flags) != MEAS_WITH_SIGNATURE)
		return FAIL(p, -ENOTSUP, "CAPABILITIES: no certificates or no signed measurements");
	if (v->measurement_spec != SPDM_MEAS_SPEC_DMTF)
		return FAIL(p, -ENOTSUP, "ALGORITHMS: measurements are not of DMTF's format");
	if (v->asym != SPDM_ASYM_ECDSA_P384 || v->hash != SPDM_HASH_SHA384 ||
	    v->measurement_hash != SPDM_MEAS_HASH_SHA384)
		return FAIL(p, -ENOTSUP,
			    "ALGORITHMS: 0x%x, 0x%x, 0x%x; only ECDSA P-384 with SHA-384 is judged",
			    v->asym, v->hash, v->measurement_hash);
	if (!(o->spec & v->measurement_spec) || !(o->asym & v->asym) || !(o->hash & v->hash))
		return FAIL(p, -EPROTO, "ALGORITHMS: selected what was not offered");
	return 0;
}

int
tsm_vca_parse(const uint8_t *bytes, size_t len, struct tsm_vca *v, char *why, size_t whylen)
{
	struct parse p = {.r = tsm_rd_over(bytes, len), .why = why, .whylen = whylen};
	struct offer o = {0};
	uint32_t requester;
	int rc = versions(&p);

	*v = (struct tsm_vca){0};
	if (rc == 0)
		rc = capabilities(&p, SPDM_GET_CAPABILITIES, "GET_CAPABILITIES", &requester);
	if (rc == 0)
		rc = capabilities(&p, SPDM_CAPABILITIES, "CAPABILITIES", &v->flags);
	if (rc == 0)
		rc = negotiate(&p, &o);
	if (rc == 0)
		rc = algorithms(&p, v);
	if (rc == 0 && p.r.left > 0)
		rc = FAIL(&p, -EPROTO, "%zu bytes behind ALGORITHMS", p.r.left);
	return rc < 0 ? rc : judged_here(&p, v, &o);
}
