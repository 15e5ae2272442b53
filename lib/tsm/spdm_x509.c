/* SPDX-License-Identifier: BSD-3-Clause */

/* Certificates of a chain: OpenSSL reads them and walks the path; the first one is the only anchor.
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto.h"

#define SECURITY_LEVEL 3 /* of OpenSSL: 128 bits and more */
#define IDENTITY_OID   "1.3.6.1.4.1.412.274.1"
#define GROUP          "secp384r1"
#define IDENTITY_MAX   96

#define REJECTED(...)  tsm_why(why, whylen, -EKEYREJECTED, __VA_ARGS__)

int
tsm_certs_load(const struct tsm_chain *c, struct tsm_certs *certs, char *why, size_t whylen)
{
	for (certs->nb = 0; certs->nb < c->nb; certs->nb++) {
		const struct tsm_der *der = &c->certs[certs->nb];
		const uint8_t *at = der->p;
		X509 *x = d2i_X509(NULL, &at, (long)der->len);

		ERR_clear_error();
		if (x == NULL || at != der->p + der->len) {
			X509_free(x);
			return tsm_why(why, whylen, -EPROTO,
				       "certificate %u cannot be read as X.509", certs->nb + 1);
		}
		certs->x[certs->nb] = x;
	}
	return 0;
}

void
tsm_certs_free(struct tsm_certs *certs)
{
	while (certs->nb > 0)
		X509_free(certs->x[--certs->nb]);
}

/* 0 where the path that OpenSSL found is the chain as it was given, and all of it. */
static int
same_path(const struct tsm_certs *certs, X509_STORE_CTX *ctx, char *why, size_t whylen)
{
	STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
	unsigned int i;

	if (sk_X509_num(path) != (int)certs->nb)
		return REJECTED("%u certificates, of which the path needs %d", certs->nb,
				sk_X509_num(path));
	for (i = 0; i < certs->nb; i++)
		if (X509_cmp(sk_X509_value(path, (int)(certs->nb - 1 - i)), certs->x[i]) != 0)
			return REJECTED("certificate %u is not in its place", i + 1);
	return 0;
}

/* Said in so many words: a certificate without key usage may nothing here. */
static bool
may(X509 *x, uint32_t usage)
{
	return (X509_get_extension_flags(x) & EXFLAG_KUSAGE) && (X509_get_key_usage(x) & usage);
}

/* OpenSSL lets an old root pass without basic constraints, and any CA without key usage. */
static int
authorities(const struct tsm_certs *certs, char *why, size_t whylen)
{
	unsigned int i;

	for (i = 0; i + 1 < certs->nb; i++) {
		if (X509_check_ca(certs->x[i]) != 1)
			return REJECTED("certificate %u is no CA by its basic constraints", i + 1);
		if (!may(certs->x[i], KU_KEY_CERT_SIGN))
			return REJECTED("certificate %u may not sign certificates", i + 1);
	}
	return 0;
}

static int
fill(const struct tsm_certs *certs, X509_STORE *store, STACK_OF(X509) * others)
{
	unsigned int i;

	if (store == NULL || others == NULL || X509_STORE_add_cert(store, certs->x[0]) != 1)
		return -ENOMEM;
	for (i = 1; i + 1 < certs->nb; i++)
		if (sk_X509_push(others, certs->x[i]) == 0)
			return -ENOMEM;
	return 0;
}

static int
walk(const struct tsm_certs *certs, X509_STORE_CTX *ctx, uint64_t now, char *why, size_t whylen)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_time(param, (time_t)now);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	X509_VERIFY_PARAM_set_depth(param, TSM_CERTS_MAX);
	/* The anchor's own signature proves nothing, but it is to be there. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CHECK_SS_SIGNATURE);
	if (X509_verify_cert(ctx) != 1)
		return REJECTED("%s (certificate %d from the leaf)",
				X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)),
				X509_STORE_CTX_get_error_depth(ctx));
	return same_path(certs, ctx, why, whylen);
}

int
tsm_certs_path(const struct tsm_certs *certs, uint64_t now, char *why, size_t whylen)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	int rc = -ENOMEM;

	if (ctx != NULL)
		rc = certs->nb < 2 ? REJECTED("one certificate is no chain")
				   : fill(certs, store, others);

	if (rc == 0 && X509_STORE_CTX_init(ctx, store, certs->x[certs->nb - 1], others) != 1)
		rc = -ENOMEM;
	if (rc == 0)
		rc = walk(certs, ctx, now, why, whylen);
	if (rc == 0)
		rc = authorities(certs, why, whylen);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_free(others);
	ERR_clear_error();
	return rc;
}

/* Text of the SubjectAltName that DMTF gave devices: "vendor:product:serial", in printable bytes.
 */
static void
identity(X509 *leaf, char out[IDENTITY_MAX])
{
	GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
	const ASN1_STRING *text;
	char oid[64];
	int i, n;

	*out = '\0';
	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_OTHERNAME)
			continue;
		OBJ_obj2txt(oid, sizeof(oid), name->d.otherName->type_id, 1);
		if (strcmp(oid, IDENTITY_OID) != 0 ||
		    name->d.otherName->value->type != V_ASN1_UTF8STRING)
			continue;
		text = name->d.otherName->value->value.utf8string;
		for (n = 0; n < ASN1_STRING_length(text) && n < IDENTITY_MAX - 1; n++) {
			uint8_t c = ASN1_STRING_get0_data(text)[n];

			out[n] = c > ' ' && c < 0x7f ? (char)c : '?';
		}
		out[n] = '\0';
		break;
	}
	GENERAL_NAMES_free(names);
}

int
tsm_certs_leaf(const struct tsm_certs *certs, char *why, size_t whylen)
{
	X509 *leaf = certs->x[certs->nb - 1];
	EVP_PKEY *key = X509_get0_pubkey(leaf);
	char group[32] = "", name[IDENTITY_MAX];

	if (key != NULL)
		EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
					       sizeof(group), NULL);
	ERR_clear_error();
	if (strcmp(group, GROUP) != 0)
		return REJECTED("the leaf's key is not on P-384");
	if (X509_get_extension_flags(leaf) & EXFLAG_CA)
		return REJECTED("the leaf is a CA");
	if (!may(leaf, KU_DIGITAL_SIGNATURE))
		return REJECTED("the leaf's key usage has no digital signature");
	identity(leaf, name);
	if (*name == '\0')
		return tsm_why(why, whylen, 0, "P-384, digital signature; no device identity");
	return tsm_why(why, whylen, 0, "P-384, digital signature; device %s", name);
}
