/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Evidence of a made-up device: keys and certificates are made in memory, measurements are signed
 * here by the words of DSP0274 and without lib/tsm.
 */

#ifndef TEST_TSM_EVID_H
#define TEST_TSM_EVID_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <steer_tsm_evidence.h>

#define EVID_NOW     UINT64_C(1795000000)
#define EVID_VCA_LEN 134u
#define EVID_REPORT  88u
#define EVID_DAY     86400

/* What a certificate says; NULL or 0: nothing of it. */
struct evid_cert {
	const char *name;
	const char *constraints; /* "critical,CA:TRUE" */
	const char *usage;       /* "digitalSignature" */
	const char *san;
	long from, to; /* seconds from EVID_NOW */
	const char *curve;
};

/** Bytes as a specification lists them. */
#define EVID_BYTES(at, ...)                                                                        \
	memcpy(at, ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__}))

struct evid {
	EVP_PKEY *key[3]; /* root, intermediate, leaf */
	X509 *cert[3];
	struct steer_tsm_evidence e;
	struct steer_tsm_policy p;
	struct steer_tsm_device d;
	struct steer_tsm_verdict v;
};

extern const struct evid_cert evid_certs[3];
extern const uint8_t evid_vca[EVID_VCA_LEN];
extern const uint8_t evid_report[EVID_REPORT];

/** An honest device, and a policy that it meets. Aborts the test program when OpenSSL fails. */
void evid_make(struct evid *w);
void evid_free(struct evid *w);
/** Certificates anew: number i as c says, issued by number i - 1, and the rest behind it. */
void evid_recertify(struct evid *w, unsigned int i, const struct evid_cert *c);
/** The chain object from the certificates. */
void evid_chain(struct evid *w);
/** Replace an object. */
void evid_put(struct steer_tsm_bytes *b, const void *p, size_t len);
/** Sign the measurements object, whose last 96 bytes are the signature, by this key. */
void evid_sign(struct evid *w, EVP_PKEY *key);
/** Measurements over this nonce, signed. Blocks: 1, 2 digests; 3 a raw version. */
void evid_measure(struct evid *w, const uint8_t nonce[32]);
EVP_PKEY *evid_key(const char *curve);
void evid_sha384(const void *p, size_t len, uint8_t out[48]);
int evid_judge(struct evid *w);
/** The TSM vouches for the objects as they are. */
void evid_vouch(struct evid *w);

#endif /* TEST_TSM_EVID_H */
