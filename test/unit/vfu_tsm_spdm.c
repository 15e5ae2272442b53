/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * vfu-nic's SPDM 1.2 messages against bytes written by hand from DSP0274, and its signatures
 * against a message that is put together here. Keys are those that the build made
 * (devtools/make-ca).
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <spdm.h>

static const char *const own[] = {"root", "intermediate", "device", NULL};

static struct spdm_id
load(const char *key, const char *const *certs)
{
	struct spdm_id id;
	char err[600];

	assert_int_equal(spdm_id_load(&id, TSM_CA, key, certs, err, sizeof(err)), 0);
	return id;
}

/* Certificate n of a chain object. */
static X509 *
cert(const struct spdm_id *id, unsigned int n)
{
	const uint8_t *at = id->chain + 52, *end = id->chain + id->chain_len;
	X509 *x;

	for (;; n--) {
		x = d2i_X509(NULL, &at, end - at);
		assert_non_null(x);
		assert_true(at <= end);
		if (n == 0)
			return x;
		X509_free(x);
	}
}

/* The bytes are these, in hexadecimal; blanks do not count. */
static void
assert_hex(const uint8_t *got, size_t len, const char *want)
{
	char two[3] = "";
	size_t i;

	for (i = 0; i < len; i++) {
		want += strspn(want, " ");
		memcpy(two, want, 2);
		assert_int_equal(got[i], strtoul(two, NULL, 16));
		want += 2;
	}
	assert_int_equal(*want, '\0');
}

static void
vca_is_as_the_standard_has_it(void **state)
{
	static const char want[] =
		/* GET_VERSION; VERSION: 1.2 alone */
		"10840000 1004000000010012"
		/* GET_CAPABILITIES: no flags; sizes 0x1200 and 0x1200 */
		"12e1000000000000 00000000 00120000 00120000"
		/* CAPABILITIES: CERT, MEAS signed and fresh */
		"1261000000000000 32000000 00120000 00120000"
		/* NEGOTIATE_ALGORITHMS: 32 bytes, DMTF, format 1; ECDSA P-384, SHA-384 */
		"12e30000 2000 01 02 80000000 02000000 000000000000000000000000 00000000"
		/* ALGORITHMS: 36 bytes; the same, and SHA-384 for measurements */
		"12630000 2400 01 02 04000000 80000000 02000000 000000000000000000000000 00000000";
	uint8_t got[SPDM_VCA_LEN];

	assert_int_equal(spdm_vca(got), sizeof(got));
	assert_hex(got, sizeof(got), want);
}

static void
chain_has_head_and_three_certificates(void **state)
{
	struct spdm_id id = load("device", own);
	X509 *x[3] = {cert(&id, 0), cert(&id, 1), cert(&id, 2)};
	uint8_t digest[48];
	unsigned int i;

	assert_int_equal(id.chain[0] | id.chain[1] << 8, id.chain_len);
	assert_int_equal(id.chain[2] | id.chain[3], 0);
	assert_int_equal(X509_digest(x[0], EVP_sha384(), digest, NULL), 1);
	assert_memory_equal(id.chain + 4, digest, sizeof(digest));
	for (i = 0; i < 3; i++)
		assert_int_equal(X509_verify(x[i], X509_get0_pubkey(x[i == 0 ? 0 : i - 1])), 1);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(x[2]), id.key), 1);
	for (i = 0; i < 3; i++)
		X509_free(x[i]);
	spdm_id_free(&id);
}

/* SPDM 1.2: what every signature of measurements begins with. */
static const char prefix[100] = "dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*"
				"\0\0\0\0\0\0responder-measurements signing";

/* Does the key sign this transcript, in SPDM 1.2's way? */
static bool
verifies(EVP_PKEY *key, const uint8_t *transcript, size_t len, const uint8_t *raw)
{
	uint8_t message[148], der[128], *p = der;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int n, rc;

	memcpy(message, prefix, sizeof(prefix));
	assert_int_equal(EVP_Digest(transcript, len, message + 100, NULL, EVP_sha384(), NULL), 1);
	assert_int_equal(
		ECDSA_SIG_set0(sig, BN_bin2bn(raw, 48, NULL), BN_bin2bn(raw + 48, 48, NULL)), 1);
	n = i2d_ECDSA_SIG(sig, &p);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key), 1);
	rc = EVP_DigestVerify(ctx, der, (size_t)n, message, sizeof(message));
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return rc == 1;
}

/* Offset of block n in the response, and where the record ends. */
static const uint8_t *
block(const uint8_t *rsp, unsigned int n)
{
	const uint8_t *p = rsp + 8;

	while (n-- > 0)
		p += 4 + (p[2] | p[3] << 8);
	return p;
}

static void
measured(const uint8_t *b, uint8_t index, uint8_t type, const char *text)
{
	uint8_t digest[48];

	assert_int_equal(b[0], index);
	assert_int_equal(b[1], 1);
	assert_int_equal(b[4], type);
	assert_int_equal(b[2] | b[3] << 8, (b[5] | b[6] << 8) + 3);
	if ((type & 0x80) != 0) {
		assert_int_equal(b[5] | b[6] << 8, strlen(text));
		assert_memory_equal(b + 7, text, strlen(text));
		return;
	}
	assert_int_equal(EVP_Digest(text, strlen(text), digest, NULL, EVP_sha384(), NULL), 1);
	assert_int_equal(b[5] | b[6] << 8, 48);
	assert_memory_equal(b + 7, digest, 48);
}

static void
measurements_are_what_the_guide_says(void **state)
{
	static const uint8_t nonce[32] = {1, 2, 3};
	struct spdm_id id = load("device", own);
	struct spdm_ask ask = {.nonce = nonce};
	uint8_t out[SPDM_MEAS_MAX], again[SPDM_MEAS_MAX];
	const uint8_t *rsp = out + 37, *end;
	int len;

	memset(out, 0xff, sizeof(out)); /* nothing relies on zeros */
	len = spdm_measurements(&id, &ask, out);
	assert_memory_equal(out, ((const uint8_t[]){0x12, 0xe0, 1, 0xff}), 4);
	assert_memory_equal(out + 4, nonce, 32);
	assert_int_equal(out[36], 0);
	assert_memory_equal(rsp, ((const uint8_t[]){0x12, 0x60, 0, 0, 4}), 5);
	measured(block(rsp, 0), 1, 0x00, "vfu-nic simulated rom 1");
	measured(block(rsp, 1), 2, 0x01, "vfu-nic simulated firmware 1");
	measured(block(rsp, 2), 3, 0x02, "vfu-nic simulated hardware 1");
	measured(block(rsp, 3), 4, 0x83, "vfu-nic simulated configuration 1");
	end = block(rsp, 4);
	assert_int_equal(end - rsp - 8, rsp[5] | rsp[6] << 8 | rsp[7] << 16);
	assert_int_equal(end + 32 + 2 + 96 - out, len);
	assert_int_equal(end[32] | end[33], 0); /* no opaque data */
	assert_int_equal(spdm_measurements(&id, &ask, again), len);
	assert_memory_not_equal(again + (end - out), end, 32); /* the responder's nonce is new */
	ask.raw = true;
	assert_true(spdm_measurements(&id, &ask, out) > 0);
	assert_int_equal(out[2], 3);
	measured(block(rsp, 0), 1, 0x80, "vfu-nic simulated rom 1");
	ask = (struct spdm_ask){.nonce = nonce, .other_firmware = true};
	assert_int_equal(spdm_measurements(&id, &ask, out), len);
	measured(block(rsp, 0), 1, 0x00, "vfu-nic simulated rom 1");
	measured(block(rsp, 1), 2, 0x01, "vfu-nic simulated firmware 2");
	spdm_id_free(&id);
}

static void
signature_covers_vca_request_and_response(void **state)
{
	static const uint8_t nonce[32] = {9};
	struct spdm_id id = load("device", own);
	struct spdm_ask ask = {.nonce = nonce};
	uint8_t all[SPDM_VCA_LEN + SPDM_MEAS_MAX], *out = all + SPDM_VCA_LEN;
	X509 *leaf = cert(&id, 2);
	EVP_PKEY *key = X509_get0_pubkey(leaf);
	size_t len, i;

	spdm_vca(all);
	len = SPDM_VCA_LEN + (size_t)spdm_measurements(&id, &ask, out) - 96;
	assert_true(verifies(key, all, len, all + len));
	for (i = 0; i < len; i += 7) {
		all[i] ^= 1;
		assert_false(verifies(key, all, len, all + len));
		all[i] ^= 1;
	}
	ask.without_vca = true;
	len = (size_t)spdm_measurements(&id, &ask, out) - 96;
	assert_true(verifies(key, out, len, out + len));
	assert_false(verifies(key, all, SPDM_VCA_LEN + len, out + len));
	X509_free(leaf);
	spdm_id_free(&id);
}

static int
load_from(const char *dir, const char *key, const char *const *certs, char *err, size_t size)
{
	struct spdm_id id;
	const int rc = spdm_id_load(&id, dir, key, certs, err, size);

	if (rc == 0)
		spdm_id_free(&id);
	return rc;
}

static void
write_file(const char *dir, const char *name, const char *text, size_t len)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void
a_bad_folder_is_named(void **state)
{
	static const char *const empty[] = {"empty", NULL}, *const huge[] = {"huge", NULL};
	char dir[] = "/tmp/tsm-ca-XXXXXX", cmd[600], err[600], *blob = calloc(1, 20000);

	assert_non_null(mkdtemp(dir));
	assert_int_equal(load_from("/nonexistent", "device", own, err, sizeof(err)), -ENOENT);
	assert_string_equal(err, "/nonexistent/device.key: No such file or directory");
	write_file(dir, "bad.key", "no key\n", 7);
	assert_int_equal(load_from(dir, "bad", own, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "bad.key: no P-384 key"));
	snprintf(cmd, sizeof(cmd),
		 "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out %s/small.key "
		 "2>/dev/null && cp %s/device.key %s/device.key",
		 dir, TSM_CA, dir);
	assert_int_equal(system(cmd), 0); /* NOLINT(cert-env33-c): a path of this test's own */
	assert_int_equal(load_from(dir, "small", own, err, sizeof(err)), -EINVAL);
	assert_int_equal(load_from(dir, "device", own, err, sizeof(err)), -ENOENT);
	assert_non_null(strstr(err, "root.der"));
	write_file(dir, "empty.der", "", 0);
	assert_int_equal(load_from(dir, "device", empty, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "empty.der: empty"));
	write_file(dir, "huge.der", blob, 20000);
	assert_int_equal(load_from(dir, "device", huge, err, sizeof(err)), -EFBIG);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	assert_int_equal(system(cmd), 0); /* NOLINT(cert-env33-c) */
	free(blob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vca_is_as_the_standard_has_it),
		cmocka_unit_test(chain_has_head_and_three_certificates),
		cmocka_unit_test(measurements_are_what_the_guide_says),
		cmocka_unit_test(signature_covers_vca_request_and_response),
		cmocka_unit_test(a_bad_folder_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
