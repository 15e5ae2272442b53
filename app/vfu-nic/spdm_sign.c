/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Signatures of SPDM 1.2 (DSP0274, 15): what is signed is 100 bytes of text, that say for which
 * version and purpose, and the hash of the transcript; the signature is r and s, big endian.
 */

#include <errno.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "spdm.h"

#define PREFIX_LEN 100u
#define HALF       (SPDM_SIG_LEN / 2)

int
spdm_digest(const void *data, size_t len, uint8_t *digest)
{
	return EVP_Digest(data, len, digest, NULL, EVP_sha384(), NULL) == 1 ? 0 : -EIO;
}

static void
put_prefix(uint8_t *p)
{
	static const char version[] = "dmtf-spdm-v1.2.*";
	static const char purpose[] = "responder-measurements signing";
	const size_t n = sizeof(version) - 1, m = sizeof(purpose) - 1;
	size_t i;

	memset(p, 0, PREFIX_LEN);
	for (i = 0; i < 4; i++)
		memcpy(p + i * n, version, n);
	memcpy(p + PREFIX_LEN - m, purpose, m);
}

/* OpenSSL's form of a signature is DER. */
static int
to_raw(const uint8_t *der, size_t len, uint8_t *sig)
{
	ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &der, (long)len);
	int ok;

	if (s == NULL)
		return -EIO;
	ok = BN_bn2binpad(ECDSA_SIG_get0_r(s), sig, HALF) == (int)HALF &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(s), sig + HALF, HALF) == (int)HALF;
	ECDSA_SIG_free(s);
	return ok ? 0 : -EIO;
}

int
spdm_sign(const struct spdm_id *id, const void *transcript, size_t len, uint8_t *sig)
{
	uint8_t message[PREFIX_LEN + TSM_DIGEST_LEN], der[SPDM_SIG_LEN + 16];
	size_t n = sizeof(der);
	EVP_MD_CTX *ctx;
	int ok;

	put_prefix(message);
	if (spdm_digest(transcript, len, message + PREFIX_LEN) < 0)
		return -EIO;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return -EIO;
	ok = EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, id->key) == 1 &&
	     EVP_DigestSign(ctx, der, &n, message, sizeof(message)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok ? to_raw(der, n, sig) : -EIO;
}
