/* SPDX-License-Identifier: BSD-3-Clause */

/* Transcript and signature of measurements: DSP0274 1.2, 10.11 and 15. */

#include <errno.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "crypto.h"

#define PREFIX       "dmtf-spdm-v1.2.*"
#define PREFIX_LEN   (sizeof(PREFIX) - 1)
#define PREFIX_TIMES 4u
#define CONTEXT      "responder-measurements signing"
#define CONTEXT_LEN  (sizeof(CONTEXT) - 1)
#define COMBINED_LEN (TSM_SIGNED_LEN - TSM_DIGEST_LEN)
#define SIG_DER_MAX  128
#define HALF         (SPDM_SIG_LEN / 2)

_Static_assert(PREFIX_LEN == 16 && CONTEXT_LEN == 30 && COMBINED_LEN == 100, "sizes of DSP0274");

int
tsm_sha384(const void *p, size_t len, uint8_t digest[TSM_DIGEST_LEN])
{
	unsigned int n = TSM_DIGEST_LEN;

	return EVP_Digest(p, len, digest, &n, EVP_sha384(), NULL) == 1 ? 0 : -ENOMEM;
}

/* SHA-384 of two pieces. */
static int
transcript(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
	   uint8_t digest[TSM_DIGEST_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha384(), NULL) == 1 &&
		  EVP_DigestUpdate(ctx, a, a_len) == 1 && EVP_DigestUpdate(ctx, b, b_len) == 1 &&
		  EVP_DigestFinal_ex(ctx, digest, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -ENOMEM;
}

int
tsm_spdm_to_sign(const uint8_t *vca, size_t vca_len, const uint8_t *measurements, size_t signed_len,
		 uint8_t out[TSM_SIGNED_LEN])
{
	unsigned int i;

	memset(out, 0, COMBINED_LEN); /* zeros between prefix and context */
	for (i = 0; i < PREFIX_TIMES; i++)
		memcpy(out + i * PREFIX_LEN, PREFIX, PREFIX_LEN);
	memcpy(out + COMBINED_LEN - CONTEXT_LEN, CONTEXT, CONTEXT_LEN);
	return transcript(vca, vca_len, measurements, signed_len, out + COMBINED_LEN);
}

/* r || s as DER; @return length, or -ENOMEM. */
static int
to_der(const uint8_t raw[SPDM_SIG_LEN], uint8_t der[SIG_DER_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, HALF, NULL), *s = BN_bin2bn(raw + HALF, HALF, NULL);
	int len = -ENOMEM;

	if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		goto end;
	}
	len = i2d_ECDSA_SIG(sig, NULL);
	if (len <= 0 || len > SIG_DER_MAX || i2d_ECDSA_SIG(sig, &der) != len)
		len = -ENOMEM;
end:
	ECDSA_SIG_free(sig);
	return len;
}

int
tsm_spdm_verify(EVP_PKEY *key, const uint8_t *message, size_t len,
		const uint8_t signature[SPDM_SIG_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[SIG_DER_MAX];
	int n = to_der(signature, der), rc = -ENOMEM;

	if (ctx == NULL || n < 0)
		goto end;
	rc = -EKEYREJECTED;
	if (EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, der, (size_t)n, message, len) == 1)
		rc = 0;
end:
	EVP_MD_CTX_free(ctx);
	return rc;
}
