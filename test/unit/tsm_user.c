/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Requests to a software TSM, byte by byte as the envelope is written down, and answers of a server
 * that is wrong, hostile or silent. lib/vfio is made up: a script of requests and answers.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steer_vfio.h>
#include <tsm_backend.h>

#define L4(x)                                                                                      \
	(uint8_t)(x), (uint8_t)((x) >> 8), (uint8_t)((x) >> 16), (uint8_t)((uint32_t)(x) >> 24)
#define L8(x) L4((uint32_t)(x)), L4((uint64_t)(x) >> 32)
/* op, architecture, lengths of request and response, residue, reserved, tsm_code */
#define HEAD(op, arch, req, resp, residue, code)                                                   \
	L4(op), L4(arch), L4(req), L4(resp), L4(residue), L4(0), L8(code)
#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

struct turn {
	const uint8_t *want;
	size_t want_len;
	int rc;
	const uint8_t *reply; /* over what came; the rest stays */
	size_t reply_len;
};

static struct {
	const struct turn *turns;
	unsigned int nb, at;
	int feature;
	size_t max;
} srv;
static struct steer_tsm tsm;
static char told[128];

int
steer_vfio_tsm_feature(const struct steer_vfio_dev *dev)
{
	return srv.feature;
}

size_t
steer_vfio_feature_max(const struct steer_vfio_dev *dev)
{
	return srv.max;
}

int
steer_vfio_feature_timed(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len,
			 unsigned int timeout_ms)
{
	const struct turn *t = &srv.turns[srv.at];

	assert_true(srv.at < srv.nb);
	srv.at++;
	assert_int_equal(flags, 0x10000 | 0xfe01); /* GET */
	assert_int_equal(timeout_ms, 1234);
	assert_int_equal(len, t->want_len);
	assert_memory_equal(data, t->want, len);
	if (t->rc == 0)
		memcpy(data, t->reply, t->reply_len);
	return t->rc;
}

int
tsm_fail(struct steer_tsm *t, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told, sizeof(told), fmt, ap);
	va_end(ap);
	return rc;
}

static const struct tsm_backend *const ops = &tsm_backend_user;

static void
begin(const struct turn *turns, unsigned int nb)
{
	memset(&tsm, 0, sizeof(tsm));
	told[0] = '\0';
	srv.turns = turns;
	srv.nb = nb;
	srv.at = 0;
	srv.feature = 0xfe01;
	srv.max = 1u << 20;
	tsm.vdev = (struct steer_vfio_dev *)&srv;
	tsm.timeout_ms = 1234;
	tsm.can = ops->can;
	assert_int_equal(ops->open(&tsm), 0);
}

static void
end(void)
{
	ops->close(&tsm);
	assert_null(tsm.priv);
	assert_int_equal(srv.at, srv.nb);
}

#define IDENT_WANT BYTES(HEAD(0x100, 0, 0, 40, 0, 0), L8(0), L8(0), L8(0), L8(0), L8(0))
/* "vfu-sim", padded; architecture; flags 1 simulated, 2 connected */
#define IDENT_REPLY(arch, flags)                                                                   \
	BYTES(HEAD(0x100, 0, 0, 40, 0, 0), 'v', 'f', 'u', '-', 's', 'i', 'm', 0, L8(0), L8(0),     \
	      L8(0), L4(arch), L4(flags))
#define IDENT(arch)                                                                                \
	{                                                                                          \
		IDENT_WANT, 0, IDENT_REPLY(arch, 3)                                                \
	}

static void
connected(void)
{
	char name[32] = "", why[64] = "";
	struct tsm_result r;

	assert_int_equal(ops->look(&tsm, name, why, sizeof(why)), TSM_PRESENT);
	assert_string_equal(name, "");
	r = ops->connect(&tsm);
	assert_int_equal(r.err, 0);
	assert_int_equal(ops->look(&tsm, name, why, sizeof(why)), TSM_PRESENT);
	assert_string_equal(name, "vfu-sim");
}

static void
no_key_is_absence(void **state)
{
	char name[32] = "", why[64] = "";

	begin(NULL, 0);
	srv.feature = -ENOENT;
	assert_int_equal(ops->look(&tsm, name, why, sizeof(why)), TSM_ABSENT);
	assert_non_null(strstr(why, "no TSM"));
	end();
}

/* Of a kernel's device the kernel knows whether there is a TSM; nobody said that there is none. */
static void
not_for_a_kernel_device(void **state)
{
	char name[32] = "", why[64] = "";

	begin(NULL, 0);
	strcpy(tsm.pci_addr, "0000:01:00.0");
	srv.feature = -ENOENT;
	assert_int_equal(ops->look(&tsm, name, why, sizeof(why)), TSM_HALF);
	assert_string_equal(why, "role user is for a vfio-user device");
	end();
}

static void
who_it_is(void **state)
{
	const struct turn turns[] = {IDENT(3)};

	begin(turns, 1);
	connected();
	assert_int_equal(tsm.arch, STEER_TSM_ARCH_TDX);
	assert_true(tsm.can & TSM_SIMULATED);
	end();
}

static void
not_simulated_and_not_connected(void **state)
{
	const struct turn turns[] = {{IDENT_WANT, 0, IDENT_REPLY(1, 0)}};

	begin(turns, 1);
	assert_int_equal(ops->connect(&tsm).err, -ENOTCONN);
	assert_non_null(strstr(told, "vfu-sim is not connected"));
	assert_false(tsm.can & TSM_SIMULATED);
	end();
}

/* The way is announced, and nobody answers on it as it must be. */
static void
half_present(void **state)
{
	const struct {
		struct turn turn;
		int err;
	} bad[] = {
		{{IDENT_WANT, -ENOTTY, NULL, 0}, -ENOTTY},
		{{IDENT_WANT, -ETIMEDOUT, NULL, 0}, -ETIMEDOUT},
		/* no architecture, one too many */
		{{IDENT_WANT, 0, IDENT_REPLY(0, 3)}, -EPROTO},
		{{IDENT_WANT, 0, IDENT_REPLY(4, 3)}, -EPROTO},
		/* a name without end */
		{{IDENT_WANT, 0,
		  BYTES(HEAD(0x100, 0, 0, 40, 0, 0), L8(-1ll), L8(-1ll), L8(-1ll), L8(-1ll), L4(1),
			L4(3))},
		 -EPROTO},
		/* shorter than it must be; more residue than room; another operation */
		{{IDENT_WANT, 0, BYTES(HEAD(0x100, 0, 0, 40, 4, 0))}, -EPROTO},
		{{IDENT_WANT, 0, BYTES(HEAD(0x100, 0, 0, 40, 41, 0))}, -EPROTO},
		{{IDENT_WANT, 0, BYTES(HEAD(0x101, 0, 0, 40, 0, 0))}, -EPROTO},
		{{IDENT_WANT, 0, BYTES(HEAD(0x100, 0, 0, 39, 0, 0))}, -EPROTO},
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tsm_result r;

		begin(&bad[i].turn, 1);
		r = ops->connect(&tsm);
		assert_int_equal(r.err, bad[i].err);
		assert_false(r.not_sent);
		assert_true(told[0] != '\0');
		end();
	}
}

#define EMPTY(op, arch)              BYTES(HEAD(op, arch, 0, 0, 0, 0))
#define SET_STATE(arch, state, code) BYTES(HEAD(5, arch, 4, 0, 0, code), L4(state))

static void
states_by_their_numbers(void **state)
{
	const struct turn turns[] = {
		IDENT(1),
		{EMPTY(0x101, 1), 0, EMPTY(0x101, 1)},
		{SET_STATE(1, 1, 0), 0, SET_STATE(1, 1, 0)},
		{SET_STATE(1, 2, 0), 0, SET_STATE(1, 2, 0)},
		{BYTES(HEAD(0x103, 1, 0, 4, 0, 0), L4(0)), 0,
		 BYTES(HEAD(0x103, 1, 0, 4, 0, 0), L4(3))},
		{SET_STATE(1, 0, 0), 0, SET_STATE(1, 0, 0)},
		{EMPTY(0x102, 1), 0, EMPTY(0x102, 1)},
	};
	enum tsm_tdi tdi = TSM_TDI_RUN;

	begin(turns, 7);
	connected();
	assert_int_equal(ops->bind(&tsm).err, 0);
	assert_int_equal(ops->lock(&tsm).err, 0);
	assert_int_equal(ops->run(&tsm).err, 0);
	assert_int_equal(ops->state(&tsm, &tdi).err, 0);
	assert_int_equal(tdi, TSM_TDI_ERROR);
	assert_int_equal(ops->unlock(&tsm).err, 0);
	assert_int_equal(ops->unbind(&tsm).err, 0);
	end();
}

/* errno, residue and tsm_code each stay what they are. */
static void
three_channels(void **state)
{
	const struct turn turns[] = {
		IDENT(2),
		{SET_STATE(2, 1, 0), -EIO, NULL, 0},
		{SET_STATE(2, 1, 0), 0, SET_STATE(2, 1, 0x8000000000000007)},
		{SET_STATE(2, 2, 0), 0, BYTES(HEAD(5, 2, 4, 0, 4, 0))},
	};
	struct tsm_result r;

	begin(turns, 4);
	connected();
	r = ops->lock(&tsm);
	assert_int_equal(r.err, -EIO);
	assert_false(r.not_sent);
	r = ops->lock(&tsm);
	assert_int_equal(r.err, 0);
	assert_true(r.tsm_code == 0x8000000000000007);
	/* The request was not consumed: what became of it nobody knows. */
	r = ops->run(&tsm);
	assert_int_equal(r.err, -EPROTO);
	end();
}

static void
unknown_state(void **state)
{
	const struct turn turns[] = {
		IDENT(1),
		{BYTES(HEAD(0x103, 1, 0, 4, 0, 0), L4(0)), 0,
		 BYTES(HEAD(0x103, 1, 0, 4, 0, 0), L4(4))},
		{BYTES(HEAD(0x103, 1, 0, 4, 0, 0), L4(0)), -ENODEV, NULL, 0},
	};
	enum tsm_tdi tdi = TSM_TDI_RUN;

	begin(turns, 3);
	connected();
	assert_int_equal(ops->state(&tsm, &tdi).err, -EPROTO);
	assert_int_equal(tdi, TSM_TDI_UNKNOWN);
	tdi = TSM_TDI_RUN;
	assert_int_equal(ops->state(&tsm, &tdi).err, -ENODEV);
	assert_int_equal(tdi, TSM_TDI_UNKNOWN);
	end();
}

#define NONCE_LE(b) L8(b), L8(b), L8(b), L8(b)

static void
made_anew_with_our_nonce(void **state)
{
	const struct turn turns[] = {
		IDENT(1),
		{BYTES(HEAD(2, 1, 48, 0, 0, 0), L4(2), L4(32), L8(0), NONCE_LE(0x0102030405060708)),
		 0, BYTES(HEAD(2, 1, 48, 0, 0, 0))},
		{BYTES(HEAD(2, 1, 16, 0, 0, 0), L4(3), L4(0), L8(0)), 0,
		 BYTES(HEAD(2, 1, 16, 0, 0, 0))},
	};
	static const uint8_t nonce[32] = {NONCE_LE(0x0102030405060708)};
	struct tsm_result r;

	begin(turns, 3);
	connected();
	assert_int_equal(ops->regenerate(&tsm, TSM_OBJECT_MEASUREMENTS, nonce, 32).err, 0);
	assert_int_equal(ops->regenerate(&tsm, TSM_OBJECT_REPORT, NULL, 0).err, 0);
	/* Neither fewer bytes nor more than it takes. */
	r = ops->regenerate(&tsm, TSM_OBJECT_MEASUREMENTS, nonce, 16);
	assert_int_equal(r.err, -EINVAL);
	assert_true(r.not_sent);
	end();
}

#define INFO(object, size)                                                                         \
	{                                                                                          \
		BYTES(HEAD(3, 1, 4, 4, 0, 0), L4(object)), 0,                                      \
			BYTES(HEAD(3, 1, 4, 4, 0, 0), L4(size))                                    \
	}
/* A body has room for the longer of request and response. */
#define READ_WANT(object, at, len) BYTES(HEAD(1, 1, 16, len, 0, 0), L4(object), L4(0), L8(at))

static void
object_in_pieces(void **state)
{
	const struct turn turns[] = {
		IDENT(1),
		INFO(1, 20),
		{READ_WANT(1, 0, 8), 0, BYTES(HEAD(1, 1, 16, 8, 0, 0), L8(0x1111))},
		{READ_WANT(1, 8, 8), 0, BYTES(HEAD(1, 1, 16, 8, 0, 0), L8(0x2222))},
		{READ_WANT(1, 16, 4), 0, BYTES(HEAD(1, 1, 16, 4, 0, 0), L4(0x3333))},
	};
	static const uint8_t whole[20] = {L8(0x1111), L8(0x2222), L4(0x3333)};
	struct steer_tsm_bytes b = {0};

	begin(turns, 5);
	/* Heads of 32 and 16 bytes leave 8 for a piece: as open() found it. */
	ops->close(&tsm);
	srv.max = 56;
	assert_int_equal(ops->open(&tsm), 0);
	srv.max = 1u << 20; /* IDENT's answer is longer */
	connected();
	assert_int_equal(ops->object(&tsm, TSM_OBJECT_CHAIN, &b).err, 0);
	assert_int_equal(b.len, 20);
	assert_memory_equal(b.data, whole, 20);
	free(b.data);
	end();
}

static void
object_cut_oversized_or_missing(void **state)
{
	const struct turn cut[] = {IDENT(1),
				   INFO(3, 8),
				   {READ_WANT(3, 0, 8), 0, BYTES(HEAD(1, 1, 16, 8, 3, 0), L8(1))}};
	const struct turn huge[] = {IDENT(1), INFO(3, (16u << 20) + 1)};
	const struct turn none[] = {IDENT(1), INFO(3, 0)};
	const struct turn refused[] = {
		IDENT(1), INFO(3, 8), {READ_WANT(3, 0, 8), -EACCES, NULL, 0}};
	const struct turn coded[] = {
		IDENT(1),
		INFO(3, 8),
		{READ_WANT(3, 0, 8), 0, BYTES(HEAD(1, 1, 16, 8, 0, 9), L8(1))}};
	const struct {
		const struct turn *turns;
		unsigned int nb;
		int err;
		uint64_t code;
	} all[] = {
		{cut, 3, -EPROTO, 0},     {huge, 2, -EFBIG, 0}, {none, 2, -ENODATA, 0},
		{refused, 3, -EACCES, 0}, {coded, 3, 0, 9},
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct steer_tsm_bytes b = {0};
		struct tsm_result r;

		begin(all[i].turns, all[i].nb);
		connected();
		r = ops->object(&tsm, TSM_OBJECT_REPORT, &b);
		assert_int_equal(r.err, all[i].err);
		assert_true(r.tsm_code == all[i].code);
		assert_null(b.data);
		end();
	}
}

static void
digest(void **state)
{
	uint8_t want[32 + 48] = {HEAD(0x104, 1, 4, 48, 0, 0), L4(3)};
	uint8_t reply[32 + 48] = {HEAD(0x104, 1, 4, 48, 0, 0)}, got[48] = {0};
	const struct turn turns[] = {
		IDENT(1), {want, 80, 0, reply, 80}, {want, 80, -ENODATA, NULL, 0}};

	memset(reply + 32, 0x5a, 48);
	begin(turns, 3);
	connected();
	assert_int_equal(ops->digest(&tsm, TSM_OBJECT_REPORT, got).err, 0);
	assert_memory_equal(got, reply + 32, 48);
	assert_int_equal(ops->digest(&tsm, TSM_OBJECT_REPORT, got).err, -ENODATA);
	end();
}

/* What one architecture has, the others are not asked for. */
static void
by_architecture(void **state)
{
	const struct turn cca[] = {
		IDENT(1),
		{BYTES(HEAD(4, 1, 24, 0, 0, 0), L8(1ull << 40), L8((1ull << 40) + 0x1000), L8(0)),
		 0, BYTES(HEAD(4, 1, 24, 0, 0, 0))},
		{BYTES(HEAD(4, 1, 24, 0, 0, 0), L8(5ull << 40), L8((5ull << 40) + 0x4000), L8(0)),
		 0, BYTES(HEAD(4, 1, 24, 0, 0, 0))},
	};
	const struct turn sev[] = {
		IDENT(2), {EMPTY(6, 2), 0, EMPTY(6, 2)}, {EMPTY(7, 2), 0, EMPTY(7, 2)}};
	const struct turn tdx[] = {IDENT(3)};
	const struct steer_tsm_device d = {.bars = {{0, 0x1000}, {4, 0x4000}}, .nb_bars = 2};
	const struct {
		const struct turn *turns;
		unsigned int nb;
	} all[] = {{cca, 3}, {sev, 3}, {tdx, 1}};
	size_t i;

	for (i = 0; i < 3; i++) {
		begin(all[i].turns, all[i].nb);
		connected();
		assert_int_equal(ops->validate(&tsm, &d).err, 0);
		assert_int_equal(ops->dma_enable(&tsm).err, 0);
		assert_int_equal(ops->dma_disable(&tsm).err, 0);
		end();
	}
}

static void
peer_takes_too_few_bytes(void **state)
{
	struct tsm_result r;

	begin(NULL, 0);
	srv.max = 64;
	r = ops->connect(&tsm);
	assert_int_equal(r.err, -EFBIG);
	assert_true(r.not_sent);
	end();
	memset(&tsm, 0, sizeof(tsm));
	assert_int_equal(ops->open(&tsm), -EINVAL); /* no device */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_is_absence),
		cmocka_unit_test(not_for_a_kernel_device),
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(not_simulated_and_not_connected),
		cmocka_unit_test(half_present),
		cmocka_unit_test(states_by_their_numbers),
		cmocka_unit_test(three_channels),
		cmocka_unit_test(unknown_state),
		cmocka_unit_test(made_anew_with_our_nonce),
		cmocka_unit_test(object_in_pieces),
		cmocka_unit_test(object_cut_oversized_or_missing),
		cmocka_unit_test(digest),
		cmocka_unit_test(by_architecture),
		cmocka_unit_test(peer_takes_too_few_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
