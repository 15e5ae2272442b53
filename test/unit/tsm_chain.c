/* SPDX-License-Identifier: BSD-3-Clause */

/* Certificate paths: what a chain must be, by what it must not be. */

#include "tsm_evid_check.h"

#include <openssl/x509v3.h>

static const struct evid_cert *
changed(unsigned int i)
{
	static struct evid_cert c;

	c = evid_certs[i];
	return &c;
}

/* Certificate i made anew with one field changed. */
#define RECERTIFY(i, field, value)                                                                 \
	do {                                                                                       \
		struct evid_cert c = *changed(i);                                                  \
		c.field = value;                                                                   \
		evid_recertify(&w, i, &c);                                                         \
	} while (0)

static void
validity_of_each_certificate(void **state)
{
	for (unsigned int i = 0; i < 3; i++) {
		RECERTIFY(i, to, -1);
		refused(STEER_TSM_CHAIN, "chain.path", "expired");
		RECERTIFY(i, from, 1);
		refused(STEER_TSM_CHAIN, "chain.path", "not yet valid");
		RECERTIFY(i, to, EVID_DAY);
		accepted();
	}
}

static void
time_is_the_caller_s(void **state)
{
	w.p.max_age_s = 0;
	assert_int_equal(steer_tsm_judge(&w.e, &w.p, &w.d, EVID_NOW + 9 * EVID_DAY, &w.v), 0);
	assert_int_equal(steer_tsm_judge(&w.e, &w.p, &w.d, EVID_NOW + 11 * EVID_DAY, &w.v),
			 -EACCES);
	assert_int_equal(w.v.code, STEER_TSM_CHAIN);
}

static void
authorities(void **state)
{
	for (unsigned int i = 0; i < 2; i++) {
		RECERTIFY(i, constraints, "critical,CA:FALSE");
		refused(STEER_TSM_CHAIN, "chain.path", "");
		RECERTIFY(i, constraints, NULL);
		refused(STEER_TSM_CHAIN, "chain.path", "");
		RECERTIFY(i, usage, "critical,digitalSignature");
		refused(STEER_TSM_CHAIN, "chain.path", "");
		RECERTIFY(i, usage, NULL); /* says nothing, may nothing */
		refused(STEER_TSM_CHAIN, "chain.path", "may not sign certificates");
		RECERTIFY(i, curve, "P-256"); /* its level is enough for a CA */
		accepted();
	}
	RECERTIFY(0, constraints, "critical,CA:TRUE,pathlen:0");
	refused(STEER_TSM_CHAIN, "chain.path", "path length");
	RECERTIFY(0, curve, "P-192");
	refused(STEER_TSM_CHAIN, "chain.path", "");
}

static void
leaf(void **state)
{
	RECERTIFY(2, curve, "P-256");
	refused(STEER_TSM_CHAIN, "chain.leaf", "not on P-384");
	RECERTIFY(2, constraints, "critical,CA:TRUE");
	refused(STEER_TSM_CHAIN, "chain.leaf", "is a CA");
	RECERTIFY(2, usage, "critical,keyAgreement");
	refused(STEER_TSM_CHAIN, "chain.leaf", "no digital signature");
	RECERTIFY(2, usage, NULL);
	refused(STEER_TSM_CHAIN, "chain.leaf", "no digital signature");
	RECERTIFY(2, constraints, NULL);
	accepted();
}

/* The identity is told when it is there; a name of another kind is not it. */
static void
identity(void **state)
{
	RECERTIFY(2, san, NULL);
	accepted();
	assert_non_null(strstr(check("chain.leaf")->text, "no device identity"));
	RECERTIFY(2, san, "DNS:nic.example");
	accepted();
	assert_non_null(strstr(check("chain.leaf")->text, "no device identity"));
	RECERTIFY(2, san, "otherName:1.3.6.1.4.1.412.274.2;UTF8:ACME");
	accepted();
	assert_non_null(strstr(check("chain.leaf")->text, "no device identity"));
	RECERTIFY(2, san, "DNS:nic.example,otherName:1.3.6.1.4.1.412.274.1;UTF8:ACME:NIC:7");
	accepted();
	assert_non_null(strstr(check("chain.leaf")->text, "device ACME:NIC:7"));
}

/* What a certificate says may not break a line or a terminal. */
static void
identity_is_printable(void **state)
{
	char san[300] = "otherName:1.3.6.1.4.1.412.274.1;UTF8:A\x1b[31m\n";

	memset(san + strlen(san), 'x', 200);
	RECERTIFY(2, san, san);
	accepted();
	assert_non_null(strstr(check("chain.leaf")->text, "device A?[31m?x"));
}

/* The chain object of these certificates, under the policy's old root. */
static void
chain_of(X509 *const *certs, unsigned int nb)
{
	uint8_t bytes[8192], *at = bytes + 52;
	int root;
	size_t len;

	memset(bytes, 0, 4);
	for (unsigned int i = 0; i < nb; i++)
		assert_true(i2d_X509(certs[i], &at) > 0);
	root = i2d_X509(certs[0], NULL);
	evid_sha384(bytes + 52, (size_t)root, bytes + 4);
	len = (size_t)(at - bytes);
	bytes[0] = len & 0xff;
	bytes[1] = (uint8_t)(len >> 8);
	evid_put(&w.e.chain, bytes, len);
}

static void
order_and_number(void **state)
{
	X509 *swapped[] = {w.cert[0], w.cert[2], w.cert[1]};
	X509 *twice[] = {w.cert[0], w.cert[1], w.cert[1], w.cert[2]};
	X509 *gap[] = {w.cert[0], w.cert[2]};
	X509 *headless[] = {w.cert[1], w.cert[2]};

	chain_of(swapped, 3);
	refused(STEER_TSM_CHAIN, "chain.path", "");
	chain_of(twice, 4);
	refused(STEER_TSM_CHAIN, "chain.path", "4 certificates, of which the path needs 3");
	chain_of(gap, 2);
	refused(STEER_TSM_CHAIN, "chain.path", "issuer");
	chain_of(w.cert, 1); /* the root is trusted, and no device */
	refused(STEER_TSM_CHAIN, "chain.path", "one certificate is no chain");
	/* No self-signed anchor: not even when the policy names the certificate. */
	chain_of(headless, 2);
	refused(STEER_TSM_CHAIN, "chain.root", "does not trust");
	evid_sha384(w.e.chain.data + 52, (size_t)i2d_X509(w.cert[1], NULL), w.p.roots[0]);
	refused(STEER_TSM_CHAIN, "chain.path", "issuer");
}

/* A chain that is good in itself, and another's. */
static void
foreign_root(void **state)
{
	uint8_t root[48];

	memcpy(root, w.p.roots[0], 48);
	evid_recertify(&w, 0, NULL);
	memcpy(w.p.roots[0], root, 48);
	refused(STEER_TSM_CHAIN, "chain.root", "does not trust");
	assert_int_equal(check("chain.path")->result, STEER_TSM_OK);
	assert_int_equal(check("signature")->result, STEER_TSM_OK);
}

/* The trusted root's certificate in front of certificates that it did not issue. */
static void
root_that_did_not_sign(void **state)
{
	X509 *root = w.cert[0];
	uint8_t digest[48];

	memcpy(digest, w.p.roots[0], 48);
	X509_up_ref(root);
	evid_recertify(&w, 0, NULL);
	X509 *mixed[] = {root, w.cert[1], w.cert[2]};

	memcpy(w.p.roots[0], digest, 48);
	chain_of(mixed, 3);
	refused(STEER_TSM_CHAIN, "chain.path", "");
	assert_int_equal(check("chain.root")->result, STEER_TSM_OK);
	X509_free(root);
}

static void
no_certificate_at_all(void **state)
{
	uint8_t bytes[4 + 48 + 4] = {56, 0};

	bytes[52] = bytes[54] = 0x30; /* empty sequences */
	evid_put(&w.e.chain, bytes, sizeof(bytes));
	refused(STEER_TSM_MALFORMED, "chain", "certificate 1 cannot be read");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(validity_of_each_certificate),
		CASE(time_is_the_caller_s),
		CASE(authorities),
		CASE(leaf),
		CASE(identity),
		CASE(identity_is_printable),
		CASE(order_and_number),
		CASE(foreign_root),
		CASE(root_that_did_not_sign),
		CASE(no_certificate_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
