/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * All that lib/tsm asks of OpenSSL: digests, certificate paths, signatures.
 */

#ifndef TSM_CRYPTO_H
#define TSM_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "parse.h"
#include "tsm_proto.h"

/* @return 0, -ENOMEM */
int tsm_sha384(const void *p, size_t len, uint8_t digest[TSM_DIGEST_LEN]);

struct tsm_certs {
	X509 *x[TSM_CERTS_MAX]; /* root first */
	unsigned int nb;
};
/* @return 0, -EPROTO one is no certificate, -ENOMEM. tsm_certs_free() in all cases. */
int tsm_certs_load(const struct tsm_chain *c, struct tsm_certs *certs, char *why, size_t whylen);
void tsm_certs_free(struct tsm_certs *certs);
/**
 * Is each certificate issued by the one before it, with the first as the only anchor, at this time?
 * @return 0, -EKEYREJECTED and one line, -ENOMEM
 */
int tsm_certs_path(const struct tsm_certs *certs, uint64_t now, char *why, size_t whylen);
/**
 * The leaf: an end entity for digital signatures over P-384. why has the device's identity, or what
 * is wrong.
 * @return 0, -EKEYREJECTED
 */
int tsm_certs_leaf(const struct tsm_certs *certs, char *why, size_t whylen);

#define TSM_SIGNED_LEN (100u + TSM_DIGEST_LEN)
/**
 * What a device signs over its measurements (DSP0274 1.2, 15): prefix, context, and SHA-384 of the
 * transcript L1 = VCA || request || response without signature.
 * @return 0, -ENOMEM
 */
int tsm_spdm_to_sign(const uint8_t *vca, size_t vca_len, const uint8_t *measurements,
		     size_t signed_len, uint8_t out[TSM_SIGNED_LEN]);
/* signature is r || s. @return 0, -EKEYREJECTED, -ENOMEM */
int tsm_spdm_verify(EVP_PKEY *key, const uint8_t *message, size_t len,
		    const uint8_t signature[SPDM_SIG_LEN]);

#endif /* TSM_CRYPTO_H */
