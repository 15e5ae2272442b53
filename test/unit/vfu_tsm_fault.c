/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * --tsm-fault: each fault makes exactly one thing wrong. Evidence is judged here by a small judge
 * of this test's own, and the set of its checks that fail is compared with what the fault is for.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <tsm_fault.h>

#include "vfu_tsm_world.h"

enum {
	BAD_NAME = 1 << 0,
	BAD_SIZE = 1 << 1,   /* an object is over 16 MiB */
	BAD_CHAIN = 1 << 2,  /* no path to the root at this time */
	BAD_LENGTH = 1 << 3, /* measurements are cut off */
	BAD_NONCE = 1 << 4,
	BAD_SIGNATURE = 1 << 5,
	BAD_FIRMWARE = 1 << 6,
	BAD_DIGEST = 1 << 7, /* of chain and measurements, as the TSM says */
	BAD_REPORT_DIGEST = 1 << 8,
	BAD_RANGES = 1 << 9,
	BAD_TPH = 1 << 10,
};

struct evidence {
	uint8_t vca[128], chain[8192], meas[1024], report[512];
	int64_t vca_len, chain_len, meas_len, report_len;
	uint8_t nonce[32];
};

static void
collect(struct nic *nic, struct evidence *e)
{
	memset(e->nonce, 0x5a, sizeof(e->nonce));
	assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, e->nonce), 0);
	e->vca_len = object_of(nic, OBJ_VCA, e->vca, sizeof(e->vca));
	e->chain_len = object_of(nic, OBJ_CHAIN, e->chain, sizeof(e->chain));
	e->meas_len = object_of(nic, OBJ_MEASUREMENTS, e->meas, sizeof(e->meas));
	e->report_len = object_of(nic, OBJ_REPORT, e->report, sizeof(e->report));
	assert_true(e->vca_len > 0 && e->chain_len > 0 && e->meas_len > 0 && e->report_len > 0);
}

static STACK_OF(X509) * certs(const struct evidence *e)
{
	const uint8_t *at = e->chain + 52, *end = e->chain + (e->chain[0] | e->chain[1] << 8);
	STACK_OF(X509) *all = sk_X509_new_null();

	while (at < end)
		sk_X509_push(all, d2i_X509(NULL, &at, end - at));
	return all;
}

static X509 *
root(void)
{
	char path[512];
	FILE *f;
	X509 *x;

	snprintf(path, sizeof(path), "%s/root.der", TSM_CA);
	f = fopen(path, "r");
	assert_non_null(f);
	x = d2i_X509_fp(f, NULL);
	fclose(f);
	assert_non_null(x);
	return x;
}

static bool
chain_good(STACK_OF(X509) * all)
{
	X509 *leaf = sk_X509_value(all, sk_X509_num(all) - 1), *anchor = root();
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool good;

	X509_STORE_add_cert(store, anchor);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, all), 1);
	good = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(anchor);
	return good;
}

/* SPDM 1.2: what every signature of measurements begins with. */
static const char prefix[100] = "dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*dmtf-spdm-v1.2.*"
				"\0\0\0\0\0\0responder-measurements signing";

static bool
signature_good(const struct evidence *e, EVP_PKEY *key)
{
	const size_t len = (size_t)e->meas_len - 96;
	uint8_t all[2048], message[148] = {0}, der[128], *p = der;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	memcpy(all, e->vca, 120);
	memcpy(all + 120, e->meas, len);
	memcpy(message, prefix, sizeof(prefix));
	EVP_Digest(all, 120 + len, message + 100, NULL, EVP_sha384(), NULL);
	ECDSA_SIG_set0(sig, BN_bin2bn(e->meas + len, 48, NULL),
		       BN_bin2bn(e->meas + len + 48, 48, NULL));
	EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key);
	good = EVP_DigestVerify(ctx, der, (size_t)i2d_ECDSA_SIG(sig, &p), message, 148) == 1;
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return good;
}

static bool
firmware_good(const struct evidence *e)
{
	static const char text[] = "vfu-nic simulated firmware 1";
	uint8_t digest[48];

	EVP_Digest(text, sizeof(text) - 1, digest, NULL, EVP_sha384(), NULL);
	return memcmp(e->meas + 37 + 8 + 55 + 7, digest, sizeof(digest)) == 0;
}

static bool
digest_good(struct nic *nic, uint32_t object, const uint8_t *data, int64_t len)
{
	uint8_t digest[48], said[48];

	EVP_Digest(data, (size_t)len, digest, NULL, EVP_sha384(), NULL);
	assert_int_equal(digest_of(nic, object, said), 0);
	return memcmp(digest, said, sizeof(digest)) == 0;
}

/* BARs 0, 2 and 4 with 4, 1+1+1+1 and 16 pages, and no others. */
static bool
ranges_good(const struct evidence *e)
{
	static const uint8_t want[][2] = {{0, 4}, {2, 1}, {2, 1}, {2, 1}, {2, 1}, {4, 16}};
	unsigned int i;

	if (e->report[12] != 6)
		return false;
	for (i = 0; i < 6; i++)
		if (e->report[16 + 16 * i + 14] != want[i][0] ||
		    e->report[16 + 16 * i + 8] != want[i][1])
			return false;
	return true;
}

static unsigned int
judge(struct nic *nic, const struct evidence *e)
{
	STACK_OF(X509) *all = certs(e);
	EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(all, sk_X509_num(all) - 1));
	struct ask ident = {.op = 0x100, .room = 40};
	unsigned int bad = 0;
	bool whole;

	assert_int_equal(ask(nic, &ident), 0);
	bad |= strcmp((const char *)ident.rsp, "tsm0") == 0 ? 0 : BAD_NAME;
	bad |= size_of(nic, OBJ_CHAIN) <= 16 << 20 ? 0 : BAD_SIZE;
	bad |= chain_good(all) ? 0 : BAD_CHAIN;
	whole = e->meas_len == 380;
	bad |= whole ? 0 : BAD_LENGTH;
	bad |= memcmp(e->meas + 4, e->nonce, 32) == 0 ? 0 : BAD_NONCE;
	bad |= !whole || signature_good(e, key) ? 0 : BAD_SIGNATURE;
	bad |= firmware_good(e) ? 0 : BAD_FIRMWARE;
	if (size_of(nic, OBJ_CHAIN) == e->chain_len)
		bad |= digest_good(nic, OBJ_CHAIN, e->chain, e->chain_len) ? 0 : BAD_DIGEST;
	bad |= digest_good(nic, OBJ_MEASUREMENTS, e->meas, e->meas_len) ? 0 : BAD_DIGEST;
	bad |= digest_good(nic, OBJ_REPORT, e->report, e->report_len) ? 0 : BAD_REPORT_DIGEST;
	bad |= ranges_good(e) ? 0 : BAD_RANGES;
	bad |= memcmp(e->report + 8, "\1\1\0\0", 4) == 0 ? 0 : BAD_TPH;
	sk_X509_pop_free(all, X509_free);
	return bad;
}

static void
evidence_faults(void **state)
{
	static const struct {
		enum nic_tsm_fault fault;
		unsigned int bad;
	} cases[] = {
		{NIC_TSM_HONEST, 0},
		{NIC_TSM_REPLAYED_NONCE, BAD_NONCE},
		{NIC_TSM_WRONG_TRANSCRIPT, BAD_SIGNATURE},
		{NIC_TSM_SWAPPED_CERTIFICATE, BAD_SIGNATURE},
		{NIC_TSM_KEY_NOT_IN_CHAIN, BAD_SIGNATURE},
		{NIC_TSM_EXPIRED_CHAIN, BAD_CHAIN},
		{NIC_TSM_SELF_SIGNED_CHAIN, BAD_CHAIN},
		{NIC_TSM_MEASUREMENT_CHANGED, BAD_FIRMWARE},
		{NIC_TSM_TRUNCATED_OBJECT, BAD_LENGTH},
		{NIC_TSM_OVERSIZED_OBJECT, BAD_SIZE},
		{NIC_TSM_REPORT_OMITS_BAR, BAD_RANGES},
		{NIC_TSM_REPORT_FOREIGN_RANGE, BAD_RANGES},
		{NIC_TSM_STALE_REPORT, BAD_REPORT_DIGEST},
		{NIC_TSM_TPH_DIFFERS, BAD_TPH},
		{NIC_TSM_WRONG_TSM, BAD_NAME},
		{NIC_TSM_OTHER_DEVICE, BAD_DIGEST},
		{NIC_TSM_UNLOCK_BEFORE_RUN, 0},
		{NIC_TSM_ERROR_IN_RUN, 0},
	};
	struct evidence *e = calloc(1, sizeof(*e));
	unsigned int i, arch;
	struct nic *nic;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (arch = T_CCA; arch <= T_TDX; arch++) {
			nic = world_plain((enum nic_tsm_arch)arch, cases[i].fault);
			bring_to(nic, ST_LOCKED);
			collect(nic, e);
			assert_int_equal(judge(nic, e), cases[i].bad);
			if (cases[i].fault == NIC_TSM_HONEST) {
				assert_int_equal(ask_state(nic, ST_RUN), 0);
				assert_int_equal(state_of(nic), ST_RUN);
			}
			world_destroy(nic);
		}
	free(e);
}

/* The report of a replayed lock is the one that the lock before gave. */
static void
stale_report_is_of_the_lock_before(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint8_t before[512], after[512];
	int64_t len;

	bring_to(nic, ST_LOCKED);
	len = object_of(nic, OBJ_REPORT, before, sizeof(before));
	nic->opts.tsm_fault = NIC_TSM_STALE_REPORT;
	assert_int_equal(ask_state(nic, ST_UNLOCKED), 0);
	assert_int_equal(ask_state(nic, ST_LOCKED), 0);
	assert_int_equal(object_of(nic, OBJ_REPORT, after, sizeof(after)), len);
	assert_memory_equal(before, after, (size_t)len);
	assert_false(digest_good(nic, OBJ_REPORT, after, len));
	world_destroy(nic);
}

static void
oversized_reads_on(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_OVERSIZED_OBJECT);
	const uint64_t req[] = {OBJ_CHAIN, 1 << 20};
	struct ask a = {.op = 1, .req = req, .req_len = 16, .room = 1000};

	bring_to(nic, ST_LOCKED);
	assert_int_equal(size_of(nic, OBJ_CHAIN), (16 << 20) + 1);
	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.residue, 0);
	world_destroy(nic);
}

static void
lock_faults(void **state)
{
	static const struct {
		enum nic_tsm_fault fault;
		int answer; /* of LOCK: errno or tsm_code */
		bool silent;
		uint32_t is; /* the state that is */
	} cases[] = {
		{NIC_TSM_STATE_LIE, 0, false, ST_UNLOCKED},
		{NIC_TSM_ERROR_AFTER_COMMIT, -EFAULT, false, ST_LOCKED},
		{NIC_TSM_CODE_NONZERO, 1, false, ST_UNLOCKED},
		{NIC_TSM_HANG, 0, true, ST_UNLOCKED},
	};
	const uint32_t locked = ST_LOCKED;
	unsigned int i;
	struct nic *nic;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ask a = {.op = 5, .req = &locked, .req_len = 4};

		nic = world_plain(NIC_TSM_SEV, cases[i].fault);
		bring_to(nic, ST_UNLOCKED);
		ask(nic, &a);
		assert_int_equal(a.err < 0 ? a.err : (int)a.code, cases[i].answer);
		assert_int_equal(a.silent, cases[i].silent);
		assert_int_equal(state_of(nic), cases[i].is);
		assert_false(nic_bus_master(nic));
		world_destroy(nic);
	}
}

static void
half_present_is_enotty(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HALF_PRESENT);

	assert_int_equal(nic_tsm_index(nic), 0xfe01); /* VERSION tells it */
	assert_int_equal(ask_op(nic, 0x101), -ENOTTY);
	world_destroy(nic);
}

static void
unlocked_between_evidence_and_run(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_UNLOCK_BEFORE_RUN);
	uint8_t nonce[32] = {1};

	bring_to(nic, ST_LOCKED);
	assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, nonce), 0);
	assert_true(size_of(nic, OBJ_MEASUREMENTS) > 0);
	assert_int_equal(ask_state(nic, ST_RUN), 4);
	assert_int_equal(state_of(nic), ST_UNLOCKED);
	assert_int_equal(ask_state(nic, ST_LOCKED), 0);
	assert_int_equal(state_of(nic), ST_LOCKED); /* nothing was measured under this lock */
	assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, nonce), 0);
	assert_int_equal(state_of(nic), ST_UNLOCKED);
	world_destroy(nic);
}

/* ERROR comes with a question, at the earliest a second after RUN. */
static void
error_in_run(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_ERROR_IN_RUN);
	const struct timespec more = {.tv_sec = 1, .tv_nsec = 20 * 1000 * 1000};
	struct timespec left = more;

	bring_to(nic, ST_RUN);
	while (nanosleep(&left, &left) < 0)
		assert_int_equal(errno, EINTR);
	assert_true(nic_bus_master(nic));
	assert_int_equal(state_of(nic), ST_ERROR);
	assert_false(nic_bus_master(nic));
	world_destroy(nic);
}

static void
names_go_both_ways(void **state)
{
	int i, k;

	for (i = 0; i < NIC_TSM_FAULTS; i++) {
		assert_non_null(nic_tsm_fault_name((enum nic_tsm_fault)i));
		assert_int_equal(nic_tsm_fault_parse(nic_tsm_fault_name((enum nic_tsm_fault)i)), i);
		for (k = 0; k < i; k++)
			assert_string_not_equal(nic_tsm_fault_name((enum nic_tsm_fault)i),
						nic_tsm_fault_name((enum nic_tsm_fault)k));
	}
	assert_int_equal(nic_tsm_fault_parse("hangs"), -EINVAL);
	assert_int_equal(nic_tsm_fault_parse(""), -EINVAL);
	assert_string_equal(nic_tsm_fault_name(NIC_TSM_FAULTS), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_faults),
		cmocka_unit_test(stale_report_is_of_the_lock_before),
		cmocka_unit_test(oversized_reads_on),
		cmocka_unit_test(lock_faults),
		cmocka_unit_test(half_present_is_enotty),
		cmocka_unit_test(unlocked_between_evidence_and_run),
		cmocka_unit_test(error_in_run),
		cmocka_unit_test(names_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
