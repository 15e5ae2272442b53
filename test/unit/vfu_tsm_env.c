/* SPDX-License-Identifier: BSD-3-Clause */

/* vfu-nic's request envelope: lengths, operations of each architecture, objects, and residue. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vfu_tsm_world.h"

#define INDEX 0xfe01u

/* The message itself, as it would arrive; fields 0..9 are feature head and envelope. */
static int
raw(struct nic *nic, const uint32_t field[10], uint32_t len)
{
	struct nic_msg m = {.data = calloc(1, len + 1), .len = len, .out = calloc(1, len + 64)};
	int rc;

	memcpy(m.data, field, len < 40 ? len : 40);
	rc = nic_msg_feature(nic, &m);
	free(m.data);
	free(m.out);
	return rc;
}

static void
lengths_have_to_agree(void **state)
{
	const uint32_t good[] = {84, VFU_FEATURE_GET | INDEX, 0x100, 1, 0, 44, 0, 0, 0, 0};
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint32_t bad[10], len;

	assert_int_equal(raw(nic, good, 84), 0);
	for (len = 8; len < 100; len++) {
		memcpy(bad, good, sizeof(bad));
		bad[0] = len;
		assert_int_equal(raw(nic, bad, len), len == 84 ? 0 : -EINVAL);
	}
	memcpy(bad, good, sizeof(bad));
	bad[0] = 83; /* argsz: no room for the answer */
	assert_int_equal(raw(nic, bad, 84), -EINVAL);
	memcpy(bad, good, sizeof(bad));
	bad[4] = bad[5] = UINT32_MAX;
	assert_int_equal(raw(nic, bad, 84), -EINVAL);
	bad[4] = UINT32_MAX - 39;
	assert_int_equal(raw(nic, bad, 84), -EINVAL);
	memcpy(bad, good, sizeof(bad));
	bad[7] = 1;
	assert_int_equal(raw(nic, bad, 84), -EOPNOTSUPP);
	nic->conn.max_xfer = 32 + 44; /* the client's own limit counts, head included */
	assert_int_equal(raw(nic, good, 84), 0);
	nic->conn.max_xfer--;
	assert_int_equal(raw(nic, good, 84), -EINVAL);
	nic->conn.max_xfer = 1;
	assert_int_equal(raw(nic, good, 84), -EINVAL);
	world_destroy(nic);
}

static void
methods_of_the_feature(void **state)
{
	uint32_t f[] = {84, 0, 0x100, 1, 0, 44, 0, 0, 0, 0};
	struct nic *nic = world_plain(NIC_TSM_TDX, NIC_TSM_HONEST);

	f[1] = VFU_FEATURE_PROBE | INDEX;
	assert_int_equal(raw(nic, f, 8), 0);
	f[1] = VFU_FEATURE_PROBE | VFU_FEATURE_GET | INDEX;
	assert_int_equal(raw(nic, f, 8), 0);
	f[1] = VFU_FEATURE_SET | INDEX;
	assert_int_equal(raw(nic, f, 84), -EINVAL);
	f[1] = VFU_FEATURE_PROBE | VFU_FEATURE_SET | INDEX;
	assert_int_equal(raw(nic, f, 8), -EINVAL);
	nic->conn.tsm_key = false; /* not offered, not there */
	f[1] = VFU_FEATURE_GET | INDEX;
	assert_int_equal(raw(nic, f, 84), -ENOTTY);
	world_destroy(nic);
	nic = world_plain(NIC_TSM_OFF, NIC_TSM_HONEST);
	assert_int_equal(raw(nic, f, 84), -ENOTTY);
	f[1] = VFU_FEATURE_GET; /* index 0 is no envelope either */
	assert_int_equal(raw(nic, f, 84), -ENOTTY);
	world_destroy(nic);
}

/* Every operation with enough of everything: which architecture knows it? */
static void
architectures_have_their_operations(void **state)
{
	static const struct {
		uint32_t op;
		bool known[4];
	} ops[] = {{0, {0, 0, 0, 0}},     {1, {0, 1, 1, 1}},         {2, {0, 1, 1, 1}},
		   {3, {0, 1, 1, 1}},     {4, {0, 1, 0, 0}},         {5, {0, 1, 1, 1}},
		   {6, {0, 0, 1, 0}},     {7, {0, 0, 1, 0}},         {8, {0, 0, 0, 0}},
		   {0xff, {0, 0, 0, 0}},  {0x100, {0, 1, 1, 1}},     {0x101, {0, 1, 1, 1}},
		   {0x102, {0, 1, 1, 1}}, {0x103, {0, 1, 1, 1}},     {0x104, {0, 1, 1, 1}},
		   {0x105, {0, 0, 0, 0}}, {UINT32_MAX, {0, 0, 0, 0}}};
	unsigned int arch, i;
	struct nic *nic;

	for (arch = T_CCA; arch <= T_TDX; arch++)
		for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
			const uint32_t req[16] = {0};
			struct ask a = {
				.op = ops[i].op, .req = req, .req_len = sizeof(req), .room = 64};

			nic = world_plain((enum nic_tsm_arch)arch, NIC_TSM_HONEST);
			/* Unbound: those that are known answer, or say that nothing is bound. */
			ask(nic, &a);
			if (!ops[i].known[arch])
				assert_int_equal(a.err, -EINVAL);
			else if (ops[i].op >= 0x100 && ops[i].op <= 0x102)
				assert_int_equal(a.err, 0);
			else
				assert_int_equal(a.err, -ENXIO);
			world_destroy(nic);
		}
}

static void
requests_name_the_architecture(void **state)
{
	uint32_t f[] = {40, VFU_FEATURE_GET | INDEX, 0x101, 0, 0, 0, 0, 0, 0, 0};
	struct nic *nic = world_plain(NIC_TSM_SEV, NIC_TSM_HONEST);

	for (f[3] = 0; f[3] < 6; f[3]++)
		assert_int_equal(raw(nic, f, 40), f[3] == T_SEV ? 0 : -EINVAL);
	f[0] = 80;
	f[2] = 0x100;
	f[5] = 40;
	for (f[3] = 0; f[3] < 6; f[3]++) /* but IDENT, which tells it */
		assert_int_equal(raw(nic, f, 80), 0);
	world_destroy(nic);
}

static void
ident_says_simulated(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_TDX, NIC_TSM_HONEST);
	struct ask a = {.op = 0x100, .room = 50};
	char name[32] = "tsm0";

	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.residue, 10);
	assert_memory_equal(a.rsp, name, sizeof(name));
	assert_memory_equal(a.rsp + 32, ((const uint32_t[]){T_TDX, 3}), 8);
	world_destroy(nic);
}

/* Unused response bytes; or, when there is no room for one, unused request bytes. */
static void
residue(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	const uint32_t req[16] = {ST_LOCKED};
	struct ask a = {.op = 0x101, .req = req, .req_len = 12};

	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.residue, 12);
	a.room = 5;
	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.residue, 5);
	a = (struct ask){.op = 5, .req = req, .req_len = 4};
	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.residue, 0);
	a = (struct ask){.op = 5, .req = req, .req_len = 3};
	assert_int_equal(ask(nic, &a), -EINVAL);
	a = (struct ask){.op = 0x103, .room = 3};
	assert_int_equal(ask(nic, &a), -EINVAL);
	world_destroy(nic);
}

static void
objects_by_state(void **state)
{
	static const int want[3][4] = {
		/* bound */ {1, 1, -ENODATA, -ENODATA},
		/* locked */ {1, 1, -ENODATA, 1},
		/* locked, measured */ {1, 1, 1, 1},
	};
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint8_t nonce[32] = {1}, digest[48];
	unsigned int round, i;
	int64_t size;

	for (round = 0; round < 5; round++) {
		if (round == 0)
			bring_to(nic, ST_UNLOCKED);
		if (round == 1)
			assert_int_equal(ask_state(nic, ST_LOCKED), 0);
		if (round == 2)
			assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, nonce), 0);
		if (round == 3) /* evidence is over with the lock */
			assert_int_equal(ask_state(nic, ST_UNLOCKED), 0);
		if (round == 4)
			assert_int_equal(ask_state(nic, ST_LOCKED), 0);
		for (i = 0; i < 4; i++) {
			const int w = want[round % 3][i];

			size = size_of(nic, i);
			assert_int_equal(size > 0 ? 1 : size, w);
			assert_int_equal(digest_of(nic, i, digest), w > 0 ? 0 : w);
		}
		assert_int_equal(size_of(nic, 4), -ENOENT);
	}
	assert_int_equal(ask_op(nic, 0x102), 0);
	assert_int_equal(size_of(nic, OBJ_VCA), -ENXIO);
	world_destroy(nic);
}

static void
read_in_pieces(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint8_t whole[8192], piece[8192];
	uint64_t req[2] = {OBJ_CHAIN, 0};
	struct ask a = {.op = 1, .req = req, .req_len = 16};
	int64_t len, at = 0;

	bring_to(nic, ST_UNLOCKED);
	len = object_of(nic, OBJ_CHAIN, whole, sizeof(whole));
	assert_int_equal(len, size_of(nic, OBJ_CHAIN));
	while (at < len) {
		req[1] = (uint64_t)at;
		a.room = 100;
		assert_int_equal(ask(nic, &a), 0);
		memcpy(piece + at, a.rsp, 100 - a.residue);
		at += 100 - a.residue;
	}
	assert_int_equal(at, len);
	assert_memory_equal(piece, whole, (size_t)len);
	req[1] = (uint64_t)len;
	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.residue, 100);
	req[1] = (uint64_t)len + 1;
	assert_int_equal(ask(nic, &a), -EINVAL);
	req[1] = UINT64_MAX;
	assert_int_equal(ask(nic, &a), -EINVAL);
	req[0] = OBJ_CHAIN | 1ull << 32; /* reserved */
	req[1] = 0;
	assert_int_equal(ask(nic, &a), -EOPNOTSUPP);
	world_destroy(nic);
}

static void
regenerate_voids_the_older(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint8_t nonce[32] = {1}, a[2048], b[2048], da[48], db[48];
	int64_t len;

	bring_to(nic, ST_LOCKED);
	assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, nonce), 0);
	len = object_of(nic, OBJ_MEASUREMENTS, a, sizeof(a));
	assert_int_equal(digest_of(nic, OBJ_MEASUREMENTS, da), 0);
	assert_memory_equal(a + 4, nonce, 32);
	nonce[31] = 7;
	assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, nonce), 0);
	assert_int_equal(object_of(nic, OBJ_MEASUREMENTS, b, sizeof(b)), len);
	assert_int_equal(digest_of(nic, OBJ_MEASUREMENTS, db), 0);
	assert_memory_equal(b + 4, nonce, 32);
	assert_memory_not_equal(da, db, 48);
	/* A nonce of the TSM's own, when there is none. */
	assert_int_equal(regenerate(nic, OBJ_MEASUREMENTS, NULL), 0);
	object_of(nic, OBJ_MEASUREMENTS, a, sizeof(a));
	assert_memory_not_equal(a + 4, nonce, 32);
	/* The report is not there any more when it cannot be made. */
	assert_int_equal(regenerate(nic, OBJ_REPORT, NULL), 0);
	nic_reset(nic);
	assert_int_equal(regenerate(nic, OBJ_REPORT, NULL), -ENODATA);
	assert_int_equal(size_of(nic, OBJ_REPORT), -ENODATA);
	world_destroy(nic);
}

static void
regenerate_is_checked(void **state)
{
	static const struct {
		uint32_t req[4]; /* object, nonce_len, flags */
		uint32_t len;
		int err;
	} cases[] = {
		{{2, 32, 0, 0}, 48, 0},       {{2, 32, 1, 0}, 48, 0},
		{{2, 32, 2, 0}, 48, -EINVAL}, {{2, 32, 0, 1}, 48, -EINVAL},
		{{2, 32, 0, 0}, 47, -EINVAL}, {{2, 31, 0, 0}, 48, -EINVAL},
		{{2, 33, 0, 0}, 64, -EINVAL}, {{2, UINT32_MAX, 0, 0}, 48, -EINVAL},
		{{0, 32, 0, 0}, 48, -EINVAL}, {{0, 0, 0, 0}, 16, 0},
		{{3, 0, 1, 0}, 16, -EINVAL},  {{3, 0, 0, 0}, 15, -EINVAL},
		{{4, 0, 0, 0}, 16, -ENOENT},  {{UINT32_MAX, 0, 0, 0}, 16, -ENOENT},
	};
	struct nic *nic = world_plain(NIC_TSM_SEV, NIC_TSM_HONEST);
	unsigned int i;

	bring_to(nic, ST_LOCKED);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t req[16] = {0};
		struct ask a = {.op = 2, .req = req, .req_len = cases[i].len};

		memcpy(req, cases[i].req, sizeof(cases[i].req));
		assert_int_equal(ask(nic, &a), cases[i].err);
		if (a.err == 0)
			assert_int_equal(a.residue, 0);
	}
	world_destroy(nic);
}

static void
mmio_is_validated_page_by_page(void **state)
{
	static const struct {
		uint64_t req[3]; /* base, top, offset in its BAR */
		int err;
	} cases[] = {
		{{0x10000, 0x14000, 0}, 0},
		{{0x10000, 0x12000, 0x2000}, 0},
		{{0x10000, 0x10000, 0}, -EINVAL},
		{{0x14000, 0x10000, 0}, -EINVAL},
		{{0x10001, 0x14000, 0}, -EINVAL},
		{{0x10000, 0x14001, 0}, -EINVAL},
		{{0x10000, 0x14000, 1}, -EINVAL},
		{{0, 1ull << 40, 0}, -EINVAL},
		{{0x10000, 0x14000, ~0xfffull}, -EINVAL},
	};
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	struct ask a = {.op = 4, .req_len = 24};
	unsigned int i;

	bring_to(nic, ST_LOCKED);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		a.req = cases[i].req;
		assert_int_equal(ask(nic, &a), cases[i].err);
		assert_int_equal(a.code, 0);
	}
	nic_reset(nic); /* ERROR: the device refuses */
	a.req = cases[0].req;
	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.code, 4);
	world_destroy(nic);
}

static void
order_of_states(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);

	bring_to(nic, ST_UNLOCKED);
	assert_int_equal(ask_op(nic, 0x101), 0); /* again */
	assert_int_equal(ask_state(nic, ST_RUN), 4);
	assert_int_equal(ask_state(nic, ST_LOCKED), 0);
	assert_int_equal(ask_state(nic, ST_LOCKED), 4);
	assert_int_equal(ask_state(nic, ST_RUN), 0);
	assert_int_equal(ask_state(nic, ST_RUN), 4);
	assert_int_equal(ask_state(nic, ST_LOCKED), 4);
	assert_int_equal(state_of(nic), ST_RUN);
	assert_int_equal(ask_state(nic, ST_ERROR), -EINVAL);
	assert_int_equal(ask_state(nic, UINT32_MAX), -EINVAL);
	nic_reset(nic);
	assert_int_equal(state_of(nic), ST_ERROR);
	assert_int_equal(ask_state(nic, ST_LOCKED), 4);
	assert_int_equal(ask_state(nic, ST_RUN), 4);
	assert_int_equal(ask_state(nic, ST_UNLOCKED), 0);
	assert_int_equal(ask_state(nic, ST_LOCKED), 0);
	assert_int_equal(ask_op(nic, 0x102), 0);
	assert_int_equal(ask_state(nic, ST_UNLOCKED), -ENXIO);
	assert_int_equal(ask_op(nic, 0x101), 0);
	assert_int_equal(state_of(nic), ST_UNLOCKED);
	world_destroy(nic);
}

/* Nothing of a request comes back in a response that is shorter. */
static void
responses_hold_nothing_of_the_request(void **state)
{
	struct nic *nic = world_plain(NIC_TSM_CCA, NIC_TSM_HONEST);
	uint8_t req[64];
	struct ask a = {.op = 0x103, .req = req, .req_len = sizeof(req), .room = 4};
	unsigned int i;

	bring_to(nic, ST_UNLOCKED);
	memset(req, 0xa5, sizeof(req));
	assert_int_equal(ask(nic, &a), 0);
	for (i = 0; i < sizeof(req); i++)
		assert_int_equal(a.rsp[i], 0);
	world_destroy(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_have_to_agree),
		cmocka_unit_test(methods_of_the_feature),
		cmocka_unit_test(architectures_have_their_operations),
		cmocka_unit_test(requests_name_the_architecture),
		cmocka_unit_test(ident_says_simulated),
		cmocka_unit_test(residue),
		cmocka_unit_test(objects_by_state),
		cmocka_unit_test(read_in_pieces),
		cmocka_unit_test(regenerate_voids_the_older),
		cmocka_unit_test(regenerate_is_checked),
		cmocka_unit_test(mmio_is_validated_page_by_page),
		cmocka_unit_test(order_of_states),
		cmocka_unit_test(responses_hold_nothing_of_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
