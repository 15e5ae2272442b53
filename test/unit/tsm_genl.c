/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The netlink client of role guest: what it sends, byte by byte as the family was posted, and what
 * it makes of a kernel that answers in pieces, moves, is hostile, or is silent.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_genl.h"

#define L2(x)      (uint8_t)(x), (uint8_t)((x) >> 8)
#define L4(x)      L2((x)&0xffff), L2((uint32_t)(x) >> 16)
#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static struct tsm_genl g;
static struct steer_tsm_bytes out;

static int
setup(void **state)
{
	fake_genl_reset();
	g.fd = -1;
	out = (struct steer_tsm_bytes){0};
	return 0;
}

static int
teardown(void **state)
{
	free(out.data);
	tsm_genl_close(&g);
	return 0;
}

static int
ask(enum tsm_genl_type type, uint32_t flags, const uint8_t *nonce, size_t nonce_len)
{
	const struct tsm_genl_ask a = {.dev = "0000:01:00.0",
				       .type = type,
				       .flags = flags,
				       .nonce = nonce,
				       .nonce_len = nonce_len};

	free(out.data);
	return tsm_genl_read(&g, &a, &out);
}

static void
opened(void)
{
	assert_int_equal(tsm_genl_open(&g, 50), 0);
	assert_int_equal(g.family, FAKE_FAMILY);
}

static void
sent(const uint8_t *want, size_t len)
{
	assert_int_equal(fake_genl.request_len, len);
	assert_memory_equal(fake_genl.request, want, len);
}

/* length, type, flags, sequence, port; command, version, reserved; attributes */
static void
asks_for_the_family(void **state)
{
	opened();
	sent(BYTES(L4(32), L2(0x10), L2(1), L4(1), L4(0), 3, 1, L2(0), L2(12), L2(2), 'p', 'c', 'i',
		   '-', 't', 's', 'm', 0));
}

static void
asks_for_an_object(void **state)
{
	static const uint8_t nonce[32] = {0xa0, 0xa1, [31] = 0xbf};
	uint8_t want[84 + 0] = {0};
	const uint8_t head[] = {L4(84),    L2(FAKE_FAMILY),
				L2(0x301), L4(2),
				L4(0),     1,
				1,         L2(0),
				L2(8),     L2(2),
				L4(0x200), L2(17),
				L2(4),     '0',
				'0',       '0',
				'0',       ':',
				'0',       '1',
				':',       '0',
				'0',       '.',
				'0',       0,
				0,         0,
				0,         L2(36),
				L2(5)};

	opened();
	assert_int_equal(ask(TSM_GENL_MEASUREMENTS, 0, nonce, sizeof(nonce)), 0);
	memcpy(want, head, sizeof(head));
	memcpy(want + sizeof(head), nonce, sizeof(nonce));
	assert_int_equal(sizeof(head) + sizeof(nonce), 84);
	sent(want, 84);
	assert_int_equal(fake_genl.nonces, 1);
}

static void
asks_for_a_digest(void **state)
{
	static const uint8_t digest[48] = {1, 2, 3};

	fake_genl.digest[TSM_GENL_REPORT].data = digest;
	fake_genl.digest[TSM_GENL_REPORT].len = sizeof(digest);
	opened();
	assert_int_equal(ask(TSM_GENL_REPORT, TSM_GENL_FLAG_DIGEST, NULL, 0), 0);
	sent(BYTES(L4(56), L2(FAKE_FAMILY), L2(0x301), L4(2), L4(0), 1, 1, L2(0), L2(8), L2(2),
		   L4(0x400), L2(8), L2(3), L4(1), L2(17), L2(4), '0', '0', '0', '0', ':', '0', '1',
		   ':', '0', '0', '.', '0', 0, 0, 0, 0));
	assert_int_equal(out.len, sizeof(digest));
	assert_memory_equal(out.data, digest, sizeof(digest));
}

static void
large(size_t len, int want)
{
	uint8_t *data = malloc(len);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	fake_genl.object[TSM_GENL_CERT0].data = data;
	fake_genl.object[TSM_GENL_CERT0].len = len;
	fake_genl.chunk = 32000;
	assert_int_equal(ask(TSM_GENL_CERT0, 0, NULL, 0), want);
	if (want == 0) {
		assert_int_equal(out.len, len);
		assert_memory_equal(out.data, data, len);
	} else {
		assert_null(out.data);
	}
	free(data);
}

static void
pieces_make_an_object(void **state)
{
	opened();
	for (size_t len = 1; len < 100000; len = len * 3 + 1)
		large(len, 0);
}

static void
sixteen_mebibytes_and_no_more(void **state)
{
	opened();
	large(STEER_TSM_OBJECT_MAX, 0);
	large(STEER_TSM_OBJECT_MAX + 1, -EFBIG);
}

static void
no_object(void **state)
{
	fake_genl.object[TSM_GENL_VCA].len = 0;
	opened();
	assert_int_equal(ask(TSM_GENL_VCA, 0, NULL, 0), 0);
	assert_int_equal(out.len, 0);
	assert_null(out.data);
}

/* What was read of an older generation is nowhere in the object. */
static void
generations(void **state)
{
	opened();
	fake_genl.requests = 0;
	fake_genl.moving = 3;
	assert_int_equal(ask(TSM_GENL_REPORT, 0, NULL, 0), 0);
	assert_int_equal(fake_genl.requests, 4);
	assert_int_equal(out.len, 100);
	fake_genl.requests = 0;
	fake_genl.moving = 1000;
	assert_int_equal(ask(TSM_GENL_REPORT, 0, NULL, 0), -EAGAIN);
	assert_int_equal(fake_genl.requests, 8);
	assert_null(out.data);
}

static void
no_family(void **state)
{
	fake_genl.absent = true;
	assert_int_equal(tsm_genl_open(&g, 50), -ENOENT);
	assert_int_equal(g.fd, -1);
	fake_genl.absent = false;
	fake_genl.version = 2;
	assert_int_equal(tsm_genl_open(&g, 50), -EPROTONOSUPPORT);
	assert_int_equal(g.fd, -1);
	fake_genl.version = 1;
	fake_genl.family = 3; /* a control message's */
	assert_int_equal(tsm_genl_open(&g, 50), -EPROTO);
	assert_int_equal(g.fd, -1);
}

static void
the_kernels_errors(void **state)
{
	static const int errors[] = {-EOPNOTSUPP, -ENXIO, -EPERM, -ENODEV, -EINTR};

	opened();
	for (unsigned int i = 0; i < 5; i++) {
		fake_genl.read_rc = errors[i];
		assert_int_equal(ask(TSM_GENL_VCA, 0, NULL, 0), errors[i]);
		assert_null(out.data);
	}
}

static void
silence(void **state)
{
	opened();
	fake_genl.deaf = true;
	assert_int_equal(ask(TSM_GENL_VCA, 0, NULL, 0), -ETIMEDOUT);
	tsm_genl_close(&g);
	assert_int_equal(tsm_genl_open(&g, 50), -ETIMEDOUT);
}

static void
bad_questions(void **state)
{
	static const uint8_t nonce[TSM_GENL_NONCE_MAX + 1];
	const struct tsm_genl_ask a = {.dev = "0000:01:00.0/0000:01:00.0/0000:01"};

	opened();
	fake_genl.requests = 0;
	assert_int_equal(ask(TSM_GENL_VCA, 0, nonce, sizeof(nonce)), -EINVAL);
	assert_int_equal(tsm_genl_read(&g, &a, &out), -EINVAL);
	assert_int_equal(fake_genl.requests, 0);
	assert_int_equal(ask(TSM_GENL_VCA, 0, nonce, TSM_GENL_NONCE_MAX), 0);
}

/* Each call fails once; nothing stays open. */
static void
each_call_fails(void **state)
{
	for (enum fake_call c = CALL_SOCKET; c < CALLS; c++) {
		fake_genl_reset();
		fake_genl.fail_errno = EIO;
		fake_genl.fail_nth[c] = 1;
		assert_int_equal(tsm_genl_open(&g, 50), -EIO);
		assert_int_equal(g.fd, -1);
		if (c < CALL_SEND)
			continue;
		opened();
		fake_genl.fail_nth[c] = 1;
		assert_int_equal(ask(TSM_GENL_VCA, 0, NULL, 0), -EIO);
		assert_null(out.data);
		fake_genl.fail_errno = EINTR; /* a signal is none */
		fake_genl.fail_nth[c] = 1;
		assert_int_equal(ask(TSM_GENL_VCA, 0, NULL, 0), 0);
		assert_int_equal(out.len, 100);
		tsm_genl_close(&g);
	}
}

#define HEAD(len, type, flags) L4(len), L2(type), L2(flags), L4(0), L4(0)
#define GENL(len)              HEAD(len, FAKE_FAMILY, 2), 1, 1, L2(0)
#define ATTR4(type, v)         L2(8), L2(type), L4(v)

static void
hostile(const uint8_t *datagram, size_t len, int want)
{
	fake_genl.hostile = datagram;
	fake_genl.hostile_len = len;
	fake_genl.hostile_only = want == -EPROTO;
	assert_int_equal(ask(TSM_GENL_VCA, 0, NULL, 0), want);
	assert_true(want == 0 ? out.len == 100 : out.data == NULL);
}

static void
hostile_messages(void **state)
{
	opened();
	hostile(BYTES(L4(20), L2(FAKE_FAMILY)), -EPROTO);          /* half a head */
	hostile(BYTES(HEAD(15, FAKE_FAMILY, 2)), -EPROTO);         /* shorter than its head */
	hostile(BYTES(HEAD(0, FAKE_FAMILY, 2)), -EPROTO);          /* would never end */
	hostile(BYTES(HEAD(0xffffffff, FAKE_FAMILY, 2)), -EPROTO); /* longer than what came */
	hostile(BYTES(HEAD(17, FAKE_FAMILY, 2), 1), -EPROTO);      /* no command */
	hostile(BYTES(GENL(22), L2(8)), -EPROTO);                  /* half an attribute's head */
	hostile(BYTES(GENL(24), L2(3), L2(6)), -EPROTO);           /* shorter than its head */
	hostile(BYTES(GENL(24), L2(0), L2(6)), -EPROTO);
	hostile(BYTES(GENL(24), L2(5), L2(6)), -EPROTO);             /* longer than the message */
	hostile(BYTES(GENL(28), ATTR4(6, 0)), -EPROTO);              /* bytes of no object */
	hostile(BYTES(GENL(28), ATTR4(1, 9)), -EPROTO);              /* another object */
	hostile(BYTES(GENL(36), ATTR4(1, 8), ATTR4(1, 8)), -EPROTO); /* one object twice */
	hostile(BYTES(GENL(26), L2(6), L2(1), L2(8)), -EPROTO);      /* its type in two bytes */
	hostile(BYTES(HEAD(20, 0x22, 2), 1, 1, L2(0)), -EPROTO);     /* another family */
	hostile(BYTES(HEAD(20, FAKE_FAMILY, 2), 2, 1, L2(0)), -EPROTO); /* another command */
	hostile(BYTES(HEAD(16, 2, 0)), -EPROTO);                        /* an error of no number */
	hostile(BYTES(HEAD(20, 2, 0), L4(5)), -EPROTO);                 /* of a positive one */
	hostile(BYTES(HEAD(20, 3, 0), L4(-5000)), -EPROTO);             /* of none that exists */
	hostile(BYTES(HEAD(16, 4, 0)), -EPROTO);                        /* data were lost */
}

static void
harmless_messages(void **state)
{
	opened();
	hostile(BYTES(HEAD(16, 1, 0)), 0);         /* no operation */
	hostile(BYTES(GENL(20)), 0);               /* nothing in it */
	hostile(BYTES(GENL(28), ATTR4(77, 1)), 0); /* what a later kernel says */
	hostile(BYTES(HEAD(16, 1, 0), HEAD(24, 0x77, 0), L4(0), L4(0)), 0); /* seq 0: another's */
}

/* A dump that the kernel itself knows to be of two generations. */
static void
interrupted_dump(void **state)
{
	opened();
	fake_genl.requests = 0;
	hostile(BYTES(HEAD(20, FAKE_FAMILY, 0x12), 1, 1, L2(0)), -EAGAIN);
	assert_int_equal(fake_genl.requests, 8);
}

static void
a_datagram_that_was_cut(void **state)
{
	static uint8_t big[40000];
	struct tsm_genl_take k = {.type = FAKE_FAMILY, .seq = 2};

	big[0] = 0x40; /* 40000 is 0x9c40: one byte more than came */
	big[1] = 0x9c;
	big[8] = 2;
	assert_int_equal(tsm_genl_take(&k, big, sizeof(big) - 1), -EPROTO);
}

/* This machine's kernel understands the question. */
static void
a_real_kernel(void **state)
{
	int rc;

	fake_genl.real = true;
	rc = tsm_genl_open(&g, 10000);
	if (rc == -EPROTONOSUPPORT || rc == -EPERM || rc == -EAFNOSUPPORT || rc == -EACCES)
		skip();
	assert_int_equal(rc, -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_for_the_family, setup, teardown),
		cmocka_unit_test_setup_teardown(asks_for_an_object, setup, teardown),
		cmocka_unit_test_setup_teardown(asks_for_a_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(pieces_make_an_object, setup, teardown),
		cmocka_unit_test_setup_teardown(sixteen_mebibytes_and_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(no_object, setup, teardown),
		cmocka_unit_test_setup_teardown(generations, setup, teardown),
		cmocka_unit_test_setup_teardown(no_family, setup, teardown),
		cmocka_unit_test_setup_teardown(the_kernels_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(silence, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_questions, setup, teardown),
		cmocka_unit_test_setup_teardown(each_call_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(harmless_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(interrupted_dump, setup, teardown),
		cmocka_unit_test_setup_teardown(a_datagram_that_was_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(a_real_kernel, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
