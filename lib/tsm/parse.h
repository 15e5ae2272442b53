/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The four objects of evidence, taken apart. Structures point into the bytes that they were parsed
 * from. Parsers return 0, -EPROTO (the bytes are no such object) or -ENOTSUP (they are, but of a
 * kind that is not judged here), then with one line in why.
 */

#ifndef TSM_PARSE_H
#define TSM_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* why = text; returns rc. */
int tsm_why(char *why, size_t len, int rc, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Versions, capabilities, algorithms: what was negotiated. */
struct tsm_vca {
	uint32_t flags;                        /* of the responder's CAPABILITIES */
	uint32_t asym, hash, measurement_hash; /* as selected */
	uint8_t measurement_spec;
};
int tsm_vca_parse(const uint8_t *p, size_t len, struct tsm_vca *v, char *why, size_t whylen);

#define TSM_CERTS_MAX 10u

struct tsm_der {
	const uint8_t *p;
	size_t len;
};
struct tsm_chain {
	const uint8_t *root_hash;            /* SHA-384, as the header has it */
	struct tsm_der certs[TSM_CERTS_MAX]; /* root first */
	unsigned int nb;
};
/* The envelopes only: what is inside a certificate is for OpenSSL. */
int tsm_chain_parse(const uint8_t *p, size_t len, struct tsm_chain *c, char *why, size_t whylen);

struct tsm_block {
	uint8_t index;
	uint8_t type; /* of the value, without the raw bit */
	bool raw;     /* the value itself, not its digest */
	const uint8_t *value;
	uint16_t len;
};
#define TSM_BLOCKS_MAX 241u /* 1..0xef, 0xfd, 0xfe */

struct tsm_measurements {
	const uint8_t *nonce;     /* of the request: 32 bytes */
	const uint8_t *signature; /* raw r, s */
	size_t signed_len;        /* bytes from the start of the object that are signed */
	uint8_t slot;
	bool changed; /* the device saw them change while it collected */
	unsigned int nb;
	struct tsm_block blocks[TSM_BLOCKS_MAX];
};
int tsm_measure_parse(const uint8_t *p, size_t len, struct tsm_measurements *m, char *why,
		      size_t whylen);

struct tsm_range {
	uint64_t first; /* as reported */
	uint32_t pages;
	uint16_t attributes;
	uint16_t bar;
};
struct tsm_report {
	uint16_t info, msix_control, lnr_control;
	uint32_t tph_control;
	uint32_t nb; /* ranges; their bytes are there */
	const uint8_t *ranges;
	uint32_t specific_len; /* device-specific bytes, not judged */
};
int tsm_report_parse(const uint8_t *p, size_t len, struct tsm_report *r, char *why, size_t whylen);
/* i < r->nb */
struct tsm_range tsm_report_range(const struct tsm_report *r, uint32_t i);

#endif /* TSM_PARSE_H */
