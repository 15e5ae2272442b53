/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/x509v3.h>

#include "tsm_evid.h"

#define MUST(x)                                                                                    \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

const struct evid_cert evid_certs[3] = {
	{"root", "critical,CA:TRUE", "critical,keyCertSign,cRLSign", NULL, -EVID_DAY,
	 100 * EVID_DAY, "P-384"},
	{"maker", "critical,CA:TRUE", "critical,keyCertSign", NULL, -EVID_DAY, 50 * EVID_DAY,
	 "P-384"},
	{"device", "critical,CA:FALSE", "critical,digitalSignature",
	 "otherName:1.3.6.1.4.1.412.274.1;UTF8:ACME:NIC:0001", -EVID_DAY, 10 * EVID_DAY, "P-384"},
};

/* clang-format off */
/* Three requests and responses, by hand from DSP0274 1.2, 10.3 to 10.6. */
const uint8_t evid_vca[EVID_VCA_LEN] = {
	/* GET_VERSION */
	0x10, 0x84, 0, 0,
	/* VERSION: reserved, two entries: 1.1, 1.2 */
	0x10, 0x04, 0, 0, 0, 2, 0x00, 0x11, 0x00, 0x12,
	/* GET_CAPABILITIES: reserved, CTExponent, reserved; flags; two sizes */
	0x12, 0xe1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0x00, 0x10, 0, 0, 0x00, 0x10, 0, 0,
	/* CAPABILITIES: certificates (bit 1), measurements with signature (bits 4:3 = 2) */
	0x12, 0x61, 0, 0, 0, 14, 0, 0, 0x12, 0, 0, 0, 0x00, 0x10, 0, 0, 0x00, 0x10, 0, 0,
	/* NEGOTIATE_ALGORITHMS: one table, 36 bytes; DMTF; P-256 and P-384; SHA-256 and SHA-384 */
	0x12, 0xe3, 1, 0, 36, 0, 0x01, 0x02, 0x90, 0, 0, 0, 0x03, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* reserved */
	0, 0, 0, 0, /* no external ones, reserved */
	5, 0x20, 0x01, 0x00, /* key schedule, two bytes: SPDM */
	/* ALGORITHMS: two tables, 44 bytes; DMTF; SHA-384; P-384; SHA-384 */
	0x12, 0x63, 2, 0, 44, 0, 0x01, 0x02, 0x04, 0, 0, 0, 0x80, 0, 0, 0, 0x02, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0,
	3, 0x20, 0x02, 0x00, /* AEAD: AES-256-GCM */
	5, 0x20, 0x01, 0x00,
};

/* By hand from PCIe 7.0, 11.3.11; BARs 0, 2 and 4 of 16 KiB each, reporting offset 0x10000000. */
const uint8_t evid_report[EVID_REPORT] = {
	0x03, 0x00, 0, 0,       /* no firmware update, DMA without PASID */
	0x04, 0x80, 0x00, 0x00, /* MSI-X enabled, five vectors; LNR */
	0x01, 0x01, 0x00, 0x00, /* TPH: enabled, interrupt vector mode */
	4, 0, 0, 0,
	0x00, 0x00, 0x00, 0x10, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0,
	0x00, 0x40, 0x00, 0x10, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 2, 0, /* MSI-X table */
	0x00, 0x60, 0x00, 0x10, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 2, 0, /* PBA */
	0x00, 0x80, 0x00, 0x10, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 0,
	4, 0, 0, 0, 'A', 'C', 'M', 'E',
};
/* clang-format on */

EVP_PKEY *
evid_key(const char *curve)
{
	EVP_PKEY *key = EVP_EC_gen(curve);

	MUST(key != NULL);
	return key;
}

void
evid_sha384(const void *p, size_t len, uint8_t out[48])
{
	unsigned int n = 48;

	MUST(EVP_Digest(p, len, out, &n, EVP_sha384(), NULL) == 1);
}

void
evid_put(struct steer_tsm_bytes *b, const void *p, size_t len)
{
	uint8_t *data = malloc(len + 1);

	MUST(data != NULL);
	if (len > 0)
		memcpy(data, p, len);
	free(b->data);
	*b = (struct steer_tsm_bytes){.data = data, .len = len};
}

static void
extension(X509 *x, X509 *issuer, int nid, const char *text)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	if (text == NULL)
		return;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
	MUST(ext != NULL && X509_add_ext(x, ext, -1) == 1);
	X509_EXTENSION_free(ext);
}

static void
name_set(X509_NAME *name, const char *text)
{
	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)text, -1, -1,
					0) == 1);
}

static X509 *
certificate(const struct evid_cert *c, EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer)
{
	static long serial = 1;
	X509 *x = X509_new();

	MUST(x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	MUST(ASN1_TIME_set(X509_getm_notBefore(x), (time_t)EVID_NOW + c->from) != NULL);
	MUST(ASN1_TIME_set(X509_getm_notAfter(x), (time_t)EVID_NOW + c->to) != NULL);
	name_set(X509_get_subject_name(x), c->name);
	if (issuer == NULL)
		issuer = x;
	MUST(X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1);
	MUST(X509_set_pubkey(x, key) == 1);
	extension(x, issuer, NID_basic_constraints, c->constraints);
	extension(x, issuer, NID_key_usage, c->usage);
	extension(x, issuer, NID_subject_alt_name, c->san);
	MUST(X509_sign(x, signer, EVP_sha384()) > 0);
	return x;
}

void
evid_recertify(struct evid *w, unsigned int i, const struct evid_cert *c)
{
	for (; i < 3; i++) {
		const struct evid_cert *say = c != NULL ? c : &evid_certs[i];

		EVP_PKEY_free(w->key[i]);
		X509_free(w->cert[i]);
		w->key[i] = evid_key(say->curve);
		w->cert[i] = certificate(say, w->key[i], i > 0 ? w->cert[i - 1] : NULL,
					 w->key[i > 0 ? i - 1 : 0]);
		c = NULL;
	}
	evid_chain(w);
	evid_sign(w, w->key[2]);
}

void
evid_chain(struct evid *w)
{
	uint8_t bytes[8192], *at = bytes + 52;
	size_t len;
	int root_len;
	unsigned int i;

	memset(bytes, 0, 4);
	for (i = 0; i < 3; i++)
		MUST(i2d_X509(w->cert[i], &at) > 0);
	root_len = i2d_X509(w->cert[0], NULL);
	evid_sha384(bytes + 52, (size_t)root_len, bytes + 4);
	len = (size_t)(at - bytes);
	bytes[0] = len & 0xff;
	bytes[1] = (uint8_t)(len >> 8);
	evid_put(&w->e.chain, bytes, len);
	evid_sha384(bytes + 52, (size_t)root_len, w->p.roots[0]);
	w->p.nb_roots = 1;
}

static void
raw_signature(const uint8_t *der, size_t len, uint8_t out[96])
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);

	MUST(sig != NULL);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 48) == 48);
	MUST(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 48, 48) == 48);
	ECDSA_SIG_free(sig);
}

/* DSP0274 1.2, 15: prefix four times, zeros and the context to 100 bytes, digest of the transcript.
 */
void
evid_sign(struct evid *w, EVP_PKEY *key)
{
	static const char context[100] =
		"dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*"
		"dmtf-spdm-v1.2.*\0\0\0\0\0\0responder-measurements signing";
	struct steer_tsm_bytes *m = &w->e.measurements;
	uint8_t text[8192], message[148], der[160];
	size_t body, len = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (m->len < 96) {
		EVP_MD_CTX_free(ctx);
		return;
	}
	body = m->len - 96;
	MUST(w->e.vca.len + body <= sizeof(text));
	memcpy(text, w->e.vca.data, w->e.vca.len);
	memcpy(text + w->e.vca.len, m->data, body);
	memcpy(message, context, sizeof(context));
	evid_sha384(text, w->e.vca.len + body, message + 100);
	MUST(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key) == 1);
	MUST(EVP_DigestSign(ctx, der, &len, message, sizeof(message)) == 1);
	EVP_MD_CTX_free(ctx);
	raw_signature(der, len, m->data + body);
}

/* Three blocks by hand from DSP0274 1.2, 10.11.1: 4 + 3 + 48, the same, 4 + 3 + 4. */
void
evid_measure(struct evid *w, const uint8_t nonce[32])
{
	uint8_t m[37 + 8 + 121 + 32 + 2 + 3 + 96] = {0x12, 0xe0, 0x01, 0xff}, *at = m + 37;

	memcpy(m + 4, nonce, 32);
	m[36] = 0; /* slot */
	EVID_BYTES(at, 0x12, 0x60, 0x00, 0x20, 0x03, 0x79, 0x00, 0x00);
	at += 8;
	EVID_BYTES(at, 0x01, 0x01, 0x33, 0x00, 0x00, 0x30, 0x00); /* immutable ROM */
	memset(at + 7, 0x11, 48);
	at += 55;
	EVID_BYTES(at, 0x02, 0x01, 0x33, 0x00, 0x01, 0x30, 0x00); /* mutable firmware */
	memset(at + 7, 0x22, 48);
	at += 55;
	EVID_BYTES(at, 0x03, 0x01, 0x07, 0x00, 0x86, 0x04, 0x00); /* firmware's version, raw */
	EVID_BYTES(at + 7, 'v', '1', '.', '7');
	at += 11;
	memset(at, 0xa5, 32); /* the responder's nonce */
	EVID_BYTES(at + 32, 0x03, 0x00, 'x', 'y', 'z');
	evid_put(&w->e.measurements, m, sizeof(m));
	evid_sign(w, w->key[2]);
}

static void
demands(struct evid *w)
{
	steer_tsm_policy_init(&w->p);
	w->p.mode = STEER_TSM_REQUIRE;
	w->p.nb_measurements = 3;
	w->p.measurements[0].index = 1;
	memset(w->p.measurements[0].digest, 0x11, 48);
	w->p.measurements[1].index = 2;
	memset(w->p.measurements[1].digest, 0x22, 48);
	w->p.measurements[2].index = 3;
	evid_sha384("v1.7", 4, w->p.measurements[2].digest);
	w->p.others_allowed = false;
	w->p.report_required = 0x01;
	w->p.report_forbidden = 0x1c;
	w->p.page_numbers = false;
	w->p.max_age_s = 60;
}

static void
device(struct steer_tsm_device *d)
{
	*d = (struct steer_tsm_device){
		.bars = {{0, 0x4000}, {2, 0x4000}, {4, 0x4000}},
		.nb_bars = 3,
		.msix_vectors = 5,
		.msix_table_bar = 2,
		.msix_table_size = 5 * 16,
		.msix_pba_bar = 2,
		.msix_pba_offset = 0x2000,
		.msix_pba_size = 8,
		.msix_control = 0x8004,
		.tph_control = 0x101,
	};
}

void
evid_make(struct evid *w)
{
	uint8_t nonce[32];
	unsigned int i;

	*w = (struct evid){0};
	for (i = 0; i < 32; i++)
		nonce[i] = (uint8_t)(0x40 + i);
	demands(w);
	device(&w->d);
	evid_put(&w->e.vca, evid_vca, sizeof(evid_vca));
	evid_put(&w->e.report, evid_report, sizeof(evid_report));
	evid_recertify(w, 0, NULL);
	evid_measure(w, nonce);
	memcpy(w->e.nonce, nonce, 32);
	w->e.nonce_len = 32;
	w->e.time = EVID_NOW - 1;
	strcpy(w->e.tsm, "tsm0");
	w->e.arch = STEER_TSM_ARCH_CCA;
	w->e.simulated = true;
}

void
evid_vouch(struct evid *w)
{
	evid_sha384(w->e.chain.data, w->e.chain.len, w->e.chain_digest);
	evid_sha384(w->e.measurements.data, w->e.measurements.len, w->e.measurements_digest);
	evid_sha384(w->e.report.data, w->e.report.len, w->e.report_digest);
	w->e.has_chain_digest = w->e.has_measurements_digest = w->e.has_report_digest = true;
}

void
evid_free(struct evid *w)
{
	for (unsigned int i = 0; i < 3; i++) {
		EVP_PKEY_free(w->key[i]);
		X509_free(w->cert[i]);
	}
	steer_tsm_evidence_free(&w->e);
}

int
evid_judge(struct evid *w)
{
	return steer_tsm_judge(&w->e, &w->p, &w->d, EVID_NOW, &w->v);
}
