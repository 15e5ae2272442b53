/* SPDX-License-Identifier: BSD-3-Clause */

/* Verdicts: the honest device, and each way to be another one. */

#include "tsm_evid_check.h"

static void
honest_device_is_attested(void **state)
{
	static const char *const names[] = {"tsm",           "vca",           "chain",
					    "measurements",  "report",        "chain.root",
					    "chain.path",    "chain.leaf",    "signature",
					    "nonce",         "measurement.1", "measurement.2",
					    "measurement.3", "chain.digest",  "measurements.digest",
					    "report.digest", "report.flags",  "report.ranges",
					    "report.msix",   "report.tph",    "age"};
	const size_t nb = sizeof(names) / sizeof(names[0]);
	uint8_t digest[48];

	evid_vouch(&w);
	accepted();
	assert_int_equal(w.v.nb_checks, nb);
	for (size_t i = 0; i < nb; i++) {
		assert_string_equal(w.v.checks[i].name, names[i]);
		assert_int_equal(w.v.checks[i].result, STEER_TSM_OK);
		assert_true(w.v.checks[i].text[0] != '\0');
	}
	evid_sha384(w.e.vca.data, w.e.vca.len, digest);
	assert_true(check("vca")->has_digest);
	assert_memory_equal(check("vca")->digest, digest, 48);
	assert_memory_equal(check("chain.root")->digest, w.p.roots[0], 48);
	assert_non_null(strstr(check("chain.leaf")->text, "ACME:NIC:0001"));
	assert_string_equal(w.v.tsm, "tsm0");
	assert_int_equal(w.v.time, EVID_NOW - 1);
	assert_int_equal(w.v.nonce_len, 32);
	assert_memory_equal(w.v.nonce, w.e.nonce, 32);
}

static void
what_only_a_live_session_proves_is_marked(void **state)
{
	accepted();
	assert_true(check("tsm")->live_only && check("nonce")->live_only);
	assert_true(check("report")->live_only && check("report.tph")->live_only);
	assert_true(check("report.digest")->live_only && check("age")->live_only);
	assert_false(check("chain.path")->live_only || check("signature")->live_only);
	assert_false(check("measurement.1")->live_only || check("vca")->live_only);
}

static void
missing_objects(void **state)
{
	struct steer_tsm_bytes *const objects[] = {&w.e.vca, &w.e.chain, &w.e.measurements,
						   &w.e.report};
	static const char *const names[] = {"vca", "chain", "measurements", "report"};

	for (int i = 0; i < 4; i++) {
		size_t len = objects[i]->len;

		objects[i]->len = 0;
		refused(STEER_TSM_EVIDENCE_MISSING, names[i], "none");
		objects[i]->len = len;
	}
	accepted();
}

/* DESIGN: the first to fail gives the code, in the order parse, chain, signature, nonce. */
static void
first_failure_gives_the_code(void **state)
{
	w.d.tph_control = 0;
	refused(STEER_TSM_TPH_MISMATCH, "report.tph", "0x00000101 is reported, 0x00000000");
	w.p.report_forbidden = 2;
	refused(STEER_TSM_REPORT_MISMATCH, "report.flags", "0x0002 is forbidden");
	w.p.measurements[1].digest[0] ^= 1;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.2", "not the digest");
	w.e.nonce[0] ^= 1;
	refused(STEER_TSM_STALE_NONCE, "nonce", "another nonce");
	w.e.measurements.data[w.e.measurements.len - 1] ^= 1;
	refused(STEER_TSM_SIGNATURE, "signature", "did not sign");
	w.p.roots[0][0] ^= 1;
	refused(STEER_TSM_CHAIN, "chain.root", "does not trust");
	w.e.report.len--;
	refused(STEER_TSM_MALFORMED, "report", "end with");
	strcpy(w.p.tsm, "tsm1");
	refused(STEER_TSM_WRONG_TSM, "tsm", "it is 'tsm0', the policy wants 'tsm1'");
}

static void
tsm_and_architecture(void **state)
{
	strcpy(w.p.tsm, "tsm0");
	w.p.arch = STEER_TSM_ARCH_CCA;
	accepted();
	w.p.arch = STEER_TSM_ARCH_TDX;
	refused(STEER_TSM_WRONG_TSM, "tsm", "architecture");
	w.e.arch = STEER_TSM_ARCH_ANY; /* it does not say */
	refused(STEER_TSM_WRONG_TSM, "tsm", "architecture");
}

static void
no_root_in_the_policy_is_no_evidence(void **state)
{
	w.p.nb_roots = 0;
	refused(STEER_TSM_EVIDENCE_MISSING, "chain.root", "tsm-policy=");
	w.p.nb_roots = 2; /* any of several */
	memcpy(w.p.roots[1], w.p.roots[0], 48);
	memset(w.p.roots[0], 0, 48);
	accepted();
}

static void
root_hash_of_the_header(void **state)
{
	w.e.chain.data[4] ^= 0x80;
	refused(STEER_TSM_CHAIN, "chain.root", "header's root hash");
}

/* Measurements of an older session, signed well. */
static void
replayed_measurements(void **state)
{
	uint8_t old[32] = {1, 2, 3};

	evid_measure(&w, old);
	refused(STEER_TSM_STALE_NONCE, "nonce", "another nonce");
	assert_int_equal(check("signature")->result, STEER_TSM_OK);
}

static void
nonces_that_are_none(void **state)
{
	uint8_t zero[32] = {0};

	evid_measure(&w, zero);
	memset(w.e.nonce, 0, sizeof(w.e.nonce));
	refused(STEER_TSM_STALE_NONCE, "nonce", "all zero");
	w.e.nonce_len = 31;
	refused(STEER_TSM_STALE_NONCE, "nonce", "31 bytes");
	w.e.nonce_len = 32;
	w.p.nonce_len = 64;
	refused(STEER_TSM_STALE_NONCE, "nonce", "wants 64");
	w.e.nonce_len = 64;
	refused(STEER_TSM_STALE_NONCE, "nonce", "SPDM 1.2 signs 32");
}

static void
foreign_signature(void **state)
{
	EVP_PKEY *other = evid_key("P-384"), *short_key = evid_key("P-256");

	evid_sign(&w, other); /* no key of the chain */
	refused(STEER_TSM_SIGNATURE, "signature", "did not sign");
	evid_sign(&w, w.key[1]); /* the maker's, but not the leaf's */
	refused(STEER_TSM_SIGNATURE, "signature", "did not sign");
	evid_sign(&w, w.key[2]);
	accepted();
	memset(w.e.measurements.data + w.e.measurements.len - 96, 0, 96);
	refused(STEER_TSM_SIGNATURE, "signature", "did not sign");
	EVP_PKEY_free(other);
	EVP_PKEY_free(short_key);
}

/* Another leaf of the same CA: the chain holds, the signature does not. */
static void
swapped_certificate(void **state)
{
	EVP_PKEY *key = w.key[2];

	EVP_PKEY_up_ref(key);
	evid_recertify(&w, 2, NULL);
	evid_sign(&w, key);
	refused(STEER_TSM_SIGNATURE, "signature", "did not sign");
	assert_int_equal(check("chain.path")->result, STEER_TSM_OK);
	EVP_PKEY_free(key);
}

/* What was negotiated is signed too: a downgrade shows. */
static void
negotiation_is_part_of_the_transcript(void **state)
{
	w.e.vca.data[12] ^= 0x01; /* alpha of an entry of VERSION */
	refused(STEER_TSM_SIGNATURE, "signature", "did not sign");
}

static void
digests_of_the_tsm_outrank_the_bytes(void **state)
{
	evid_vouch(&w);
	w.e.chain_digest[47] ^= 1;
	refused(STEER_TSM_DIGEST_MISMATCH, "chain.digest", "not the bytes");
	evid_vouch(&w);
	w.e.measurements_digest[0] ^= 1;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurements.digest", "not the bytes");
	evid_vouch(&w);
	w.e.report_digest[0] ^= 1;
	refused(STEER_TSM_REPORT_MISMATCH, "report.digest", "not the bytes");
	w.e.has_report_digest = false;
	accepted();
	assert_non_null(strstr(check("report.digest")->text, "nothing to compare"));
}

static void
age(void **state)
{
	w.e.time = EVID_NOW - 60;
	accepted();
	w.e.time = EVID_NOW - 61;
	refused(STEER_TSM_STALE_NONCE, "age", "61 s old, the policy allows 60 s");
	w.p.max_age_s = 0;
	w.e.time = 0;
	accepted();
	w.e.time = EVID_NOW + 60;
	accepted();
	w.e.time = EVID_NOW + 61;
	refused(STEER_TSM_STALE_NONCE, "age", "61 s in the future");
	w.e.time = UINT64_MAX;
	refused(STEER_TSM_STALE_NONCE, "age", "in the future");
}

/* Old results of a verdict that is used again do not stay. */
static void
verdict_is_written_anew(void **state)
{
	w.d.tph_control = 0;
	assert_int_equal(evid_judge(&w), -EACCES);
	w.d.tph_control = 0x101;
	w.v.role = STEER_TSM_ROLE_USER;
	w.v.last_errno = 7;
	accepted();
	assert_int_equal(w.v.role, STEER_TSM_ROLE_USER);
	assert_int_equal(w.v.last_errno, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(honest_device_is_attested),
		CASE(what_only_a_live_session_proves_is_marked),
		CASE(missing_objects),
		CASE(first_failure_gives_the_code),
		CASE(tsm_and_architecture),
		CASE(no_root_in_the_policy_is_no_evidence),
		CASE(root_hash_of_the_header),
		CASE(replayed_measurements),
		CASE(nonces_that_are_none),
		CASE(foreign_signature),
		CASE(swapped_certificate),
		CASE(negotiation_is_part_of_the_transcript),
		CASE(digests_of_the_tsm_outrank_the_bytes),
		CASE(age),
		CASE(verdict_is_written_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
