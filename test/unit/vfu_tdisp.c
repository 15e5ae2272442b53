/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * vfu-nic's TDISP responder against bytes that were written by hand from the layouts of PCIe 7.0,
 * chapter 11: header 16 bytes {version 0x10, type, 2 reserved, function id u32, reserved u64}.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tdisp.h>

#define HEAD(code)  0x10, (code), 0, 0, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define ERR(c0, c1) HEAD(0x7f), (c0), (c1), 0, 0
#define NO_DATA     0, 0, 0, 0
#define UNLOCKED    0
#define LOCKED      1
#define RUN         2
#define IN_ERROR    3

/* Flags NO_FW_UPDATE and LOCK_MSIX, stream 0, reporting offset 0x12345000, no peers. */
static const uint8_t lock_req[] = {HEAD(0x83), 5, 0, 0, 0, 0x00, 0x50, 0x34, 0x12, 0, 0,
				   0,          0, 0, 0, 0, 0,    0,    0,    0,    0};

/* Two ranges at 0x1000 (2 pages, BAR 0) and 0x8000 (1 page, BAR 2, the MSI-X table). */
static const uint8_t report[] = {
	/* info: no firmware update, DMA without PASID */ 0x03, 0x00,
	/* reserved */ 0, 0,
	/* message control */ 0x04, 0x80,
	/* LNR */ 0, 0,
	/* TPH control: IV mode, standard tags */ 0x01, 0x01, 0, 0,
	/* ranges */ 2, 0, 0, 0,
	/* first page, number of pages, attributes, range id */
	0x00, 0x60, 0x34, 0x12, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xd0, 0x34, 0x12, 0, 0, 0,
	0, 1, 0, 0, 0, 1, 0, 2, 0,
	/* device-specific */ 3, 0, 0, 0, 'a', 'b', 'c'};

struct world {
	struct tdisp t;
	uint8_t rsp[TDISP_MSG_MAX];
	size_t len;
	unsigned int moves;
	const char *why;
};

static void
look(void *arg, struct tdisp_view *v)
{
	*v = (struct tdisp_view){
		.info = 2,
		.msix_control = 0x8004,
		.tph_control = 0x101,
		.nb_ranges = 2,
		.ranges = {{.start = 0x1000, .size = 0x2000, .attr = 0, .bar = 0},
			   {.start = 0x8000, .size = 0x1000, .attr = 1, .bar = 2}},
		.specific_len = 3,
		.specific = "abc",
	};
}

static void
moved(void *arg, uint8_t from, uint8_t to, const char *why)
{
	struct world *w = arg;

	assert_int_not_equal(from, to);
	w->moves++;
	w->why = why;
}

static void
init(struct world *w)
{
	*w = (struct world){.t = {.look = look, .moved = moved, .arg = w}};
}

static void
send(struct world *w, const void *req, size_t len)
{
	uint8_t *copy = malloc(len + 1); /* of this length, for the sanitizer */

	assert_non_null(copy);
	memcpy(copy, req, len);
	w->len = tdisp_respond(&w->t, copy, len, w->rsp);
	free(copy);
}

static void
expect(const struct world *w, const void *want, size_t len)
{
	assert_int_equal(w->len, len);
	assert_memory_equal(w->rsp, want, len);
}

#define SEND(w, ...)                                                                               \
	do {                                                                                       \
		const uint8_t bytes_[] = {__VA_ARGS__};                                            \
		send(w, bytes_, sizeof(bytes_));                                                   \
	} while (0)
#define EXPECT(w, ...)                                                                             \
	do {                                                                                       \
		const uint8_t bytes_[] = {__VA_ARGS__};                                            \
		expect(w, bytes_, sizeof(bytes_));                                                 \
	} while (0)

static void
start(struct world *w, const uint8_t *nonce)
{
	uint8_t req[48] = {HEAD(0x86)};

	memcpy(req + 16, nonce, 32);
	send(w, req, sizeof(req));
}

/* To a state, over the messages. */
static void
bring(struct world *w, uint8_t state)
{
	uint8_t nonce[32];

	init(w);
	if (state == UNLOCKED)
		return;
	send(w, lock_req, sizeof(lock_req));
	memcpy(nonce, w->rsp + 16, sizeof(nonce));
	if (state != LOCKED)
		start(w, nonce);
	if (state == IN_ERROR)
		tdisp_changed(&w->t, "test");
	assert_int_equal(w->t.state, state);
}

static void
version_and_capabilities(void **state)
{
	struct world w;

	init(&w);
	SEND(&w, HEAD(0x81));
	EXPECT(&w, HEAD(0x01), 1, 0x10);
	SEND(&w, HEAD(0x82), 0, 0, 0, 0);
	EXPECT(&w, HEAD(0x02), 0, 0, 0, 0, /* requests 81 to 87 */ 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	       0, 0, 0, 0, 0, 0, /* lock flags */ 5, 0, 0, 0, 0, /* address width */ 52, 1, 1);
	assert_int_equal(w.moves, 0);
}

static void
lock_start_stop(void **state)
{
	uint8_t nonce[32], zero[32] = {0};
	struct world w;

	init(&w);
	SEND(&w, HEAD(0x85));
	EXPECT(&w, HEAD(0x05), UNLOCKED);
	send(&w, lock_req, sizeof(lock_req));
	assert_int_equal(w.len, 48);
	w.len = 16;
	EXPECT(&w, HEAD(0x03));
	memcpy(nonce, w.rsp + 16, sizeof(nonce));
	assert_memory_not_equal(nonce, zero, sizeof(zero));
	SEND(&w, HEAD(0x85));
	EXPECT(&w, HEAD(0x05), LOCKED);
	start(&w, nonce);
	EXPECT(&w, HEAD(0x06));
	SEND(&w, HEAD(0x85));
	EXPECT(&w, HEAD(0x05), RUN);
	SEND(&w, HEAD(0x87));
	EXPECT(&w, HEAD(0x07));
	SEND(&w, HEAD(0x85));
	EXPECT(&w, HEAD(0x05), UNLOCKED);
	assert_int_equal(w.moves, 3);
}

static void
a_nonce_starts_once(void **state)
{
	uint8_t nonce[32], other[32], zero[32] = {0};
	struct world w;

	bring(&w, LOCKED);
	memcpy(nonce, w.rsp + 16, sizeof(nonce));
	memcpy(other, nonce, sizeof(other));
	other[31] ^= 1;
	start(&w, other);
	EXPECT(&w, ERR(0x02, 0x01), NO_DATA);
	start(&w, zero);
	EXPECT(&w, ERR(0x02, 0x01), NO_DATA);
	assert_int_equal(w.t.state, LOCKED);
	SEND(&w, HEAD(0x87));
	send(&w, lock_req, sizeof(lock_req));
	assert_memory_not_equal(w.rsp + 16, nonce, sizeof(nonce));
	start(&w, nonce); /* of the lock before */
	EXPECT(&w, ERR(0x02, 0x01), NO_DATA);
	assert_int_equal(w.t.state, LOCKED);
}

static void
report_in_portions(void **state)
{
	uint8_t got[sizeof(report)];
	struct world w;

	bring(&w, LOCKED);
	SEND(&w, HEAD(0x84), 0, 0, 10, 0); /* 10 of 55 bytes: 45 remain */
	assert_int_equal(w.len, 30);
	assert_memory_equal(w.rsp + 16, ((const uint8_t[]){10, 0, 45, 0}), 4);
	memcpy(got, w.rsp + 20, 10);
	SEND(&w, HEAD(0x84), 10, 0, 0xff, 0xff);
	assert_int_equal(w.len, 65);
	assert_memory_equal(w.rsp + 16, ((const uint8_t[]){45, 0, 0, 0}), 4);
	memcpy(got + 10, w.rsp + 20, 45);
	assert_int_equal(sizeof(report), 55);
	assert_memory_equal(got, report, sizeof(report));
	SEND(&w, HEAD(0x84), 55, 0, 1, 0); /* behind its end */
	EXPECT(&w, ERR(1, 0), NO_DATA);
	SEND(&w, HEAD(0x84), 0, 0, 0, 0);
	EXPECT(&w, ERR(1, 0), NO_DATA);
}

/* No portion is longer than the device's own limit, whatever is asked for. */
static void
portions_have_a_limit(void **state)
{
	struct tdisp_view v = {.nb_ranges = TDISP_RANGES, .specific_len = TDISP_SPECIFIC};
	uint8_t out[TDISP_REPORT_MAX];
	struct world w;

	bring(&w, LOCKED);
	w.t.report_len = TDISP_REPORT_MAX;
	SEND(&w, HEAD(0x84), 0, 0, 0xff, 0xff);
	assert_int_equal(w.len, 16 + 4 + 64);
	assert_int_equal(tdisp_report(&v, 0, 0, out, sizeof(out)), TDISP_REPORT_MAX);
	assert_int_equal(tdisp_report(&v, 0, 0, out, sizeof(out) - 1), 0);
	v.nb_ranges++;
	assert_int_equal(tdisp_report(&v, 0, 0, out, sizeof(out)), 0);
}

/* What a request may do, by state: 0 it is done, else the low byte of the error. START has a nonce
 * of zeros, which is 0x102 where a nonce is looked at. */
static void
states_decide(void **state)
{
	static const struct {
		uint8_t code;
		size_t payload;
		uint8_t error[4]; /* in UNLOCKED, LOCKED, RUN, ERROR */
	} rules[] = {
		{0x81, 0, {0, 0, 0, 0}}, {0x82, 4, {0, 0, 0, 0}}, {0x83, 20, {0, 4, 4, 4}},
		{0x84, 4, {4, 0, 0, 4}}, {0x85, 0, {0, 0, 0, 0}}, {0x86, 32, {4, 2, 4, 4}},
		{0x87, 0, {0, 0, 0, 0}},
	};
	uint8_t req[48];
	unsigned int i, s;
	struct world w;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		for (s = UNLOCKED; s <= IN_ERROR; s++) {
			bring(&w, (uint8_t)s);
			memcpy(req, (const uint8_t[]){HEAD(rules[i].code)}, 16);
			memset(req + 16, 0, sizeof(req) - 16);
			req[18] = rules[i].code == 0x84; /* a length */
			send(&w, req, 16 + rules[i].payload);
			assert_int_equal(w.rsp[1],
					 rules[i].error[s] == 0 ? rules[i].code & 0x7f : 0x7f);
			if (rules[i].error[s] != 0)
				assert_int_equal(w.rsp[16], rules[i].error[s]);
		}
}

static void
only_stop_leaves_error(void **state)
{
	struct world w;

	bring(&w, UNLOCKED);
	tdisp_changed(&w.t, "nothing is locked");
	assert_int_equal(w.t.state, UNLOCKED);
	assert_int_equal(w.moves, 0);
	bring(&w, LOCKED);
	tdisp_changed(&w.t, "first");
	tdisp_changed(&w.t, "second");
	assert_int_equal(w.t.state, IN_ERROR);
	assert_string_equal(w.why, "first");
	SEND(&w, HEAD(0x85));
	EXPECT(&w, HEAD(0x05), IN_ERROR);
	bring(&w, IN_ERROR);
	SEND(&w, HEAD(0x87));
	EXPECT(&w, HEAD(0x07));
	assert_int_equal(w.t.state, UNLOCKED);
}

static void
headers_are_checked(void **state)
{
	static const uint8_t good[] = {HEAD(0x85)};
	uint8_t bad[16];
	struct world w;
	size_t n;

	init(&w);
	for (n = 0; n < 16; n++) {
		send(&w, good, n);
		EXPECT(&w, ERR(1, 0), NO_DATA);
	}
	memcpy(bad, good, sizeof(bad));
	bad[0] = 0x11;
	send(&w, bad, sizeof(bad));
	EXPECT(&w, ERR(0x41, 0), 0x10, 0, 0, 0); /* the version that is spoken */
	for (n = 4; n < 8; n++) {
		memcpy(bad, good, sizeof(bad));
		bad[n] ^= 0x80;
		send(&w, bad, sizeof(bad));
		EXPECT(&w, ERR(0x01, 0x01), NO_DATA);
	}
}

static void
unknown_requests(void **state)
{
	unsigned int code;
	struct world w;

	init(&w);
	for (code = 0; code < 256; code++) {
		if (code >= 0x81 && code <= 0x87)
			continue;
		SEND(&w, HEAD((uint8_t)code));
		EXPECT(&w, ERR(7, 0), (uint8_t)code, 0, 0, 0);
	}
	assert_int_equal(w.moves, 0);
}

static void
lengths_are_exact(void **state)
{
	static const uint8_t right[] = {0, 4, 20, 4, 0, 32, 0};
	uint8_t req[64] = {0};
	unsigned int i, n;
	struct world w;

	for (i = 0; i < sizeof(right); i++)
		for (n = 0; n <= 48; n++) {
			if (n == right[i])
				continue;
			bring(&w, LOCKED);
			memcpy(req, (const uint8_t[]){HEAD((uint8_t)(0x81 + i))}, 16);
			send(&w, req, 16 + n);
			EXPECT(&w, ERR(1, 0), NO_DATA);
			assert_int_equal(w.t.state, LOCKED);
		}
}

static void
lock_parameters(void **state)
{
	uint8_t req[sizeof(lock_req)];
	unsigned int bit;
	struct world w;

	for (bit = 0; bit < 16; bit++) {
		init(&w);
		memcpy(req, lock_req, sizeof(req));
		req[16] = (uint8_t)(1u << bit);
		req[17] = (uint8_t)(1u << bit >> 8);
		send(&w, req, sizeof(req));
		assert_int_equal(w.t.state, bit == 0 || bit == 2 ? LOCKED : UNLOCKED);
	}
	init(&w);
	memcpy(req, lock_req, sizeof(req));
	req[20] = 1; /* not a whole page */
	send(&w, req, sizeof(req));
	EXPECT(&w, ERR(1, 0), NO_DATA);
	/* Without the flag the report does not promise. */
	memcpy(req, lock_req, sizeof(req));
	req[16] = 0;
	send(&w, req, sizeof(req));
	assert_int_equal(w.t.report[0], 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_and_capabilities), cmocka_unit_test(lock_start_stop),
		cmocka_unit_test(a_nonce_starts_once),      cmocka_unit_test(report_in_portions),
		cmocka_unit_test(portions_have_a_limit),    cmocka_unit_test(states_decide),
		cmocka_unit_test(only_stop_leaves_error),   cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(unknown_requests),         cmocka_unit_test(lengths_are_exact),
		cmocka_unit_test(lock_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
