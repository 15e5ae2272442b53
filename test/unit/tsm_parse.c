/* SPDX-License-Identifier: BSD-3-Clause */

/* Parsers of evidence against bytes that were written from DSP0274 1.2 and PCIe 7.0 by hand. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <parse.h>
#include <reader.h>

#include "tsm_evid.h"

static char why[160];

/* Memory that ends where the bytes end, for sanitizers and valgrind. */
static uint8_t *
exact(const void *p, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

static int
vca(const void *p, size_t len)
{
	uint8_t *copy = exact(p, len);
	struct tsm_vca v;
	int rc = tsm_vca_parse(copy, len, &v, why, sizeof(why));

	free(copy);
	return rc;
}

static int
measure(const void *p, size_t len)
{
	static struct tsm_measurements m;
	uint8_t *copy = exact(p, len);
	int rc = tsm_measure_parse(copy, len, &m, why, sizeof(why));

	free(copy);
	return rc;
}

static int
report(const void *p, size_t len)
{
	uint8_t *copy = exact(p, len);
	struct tsm_report r;
	int rc = tsm_report_parse(copy, len, &r, why, sizeof(why));

	free(copy);
	return rc;
}

static int
chain(const void *p, size_t len)
{
	uint8_t *copy = exact(p, len);
	struct tsm_chain c;
	int rc = tsm_chain_parse(copy, len, &c, why, sizeof(why));

	free(copy);
	return rc;
}

/* Each prefix is malformed, and so is one byte more. */
static void
only_whole(int (*parse)(const void *p, size_t len), const uint8_t *p, size_t len)
{
	uint8_t *more = malloc(len + 1);

	assert_int_equal(parse(p, len), 0);
	for (size_t n = 0; n < len; n++)
		if (parse(p, n) != -EPROTO)
			fail_msg("%zu of %zu bytes are taken", n, len);
	assert_non_null(more);
	memcpy(more, p, len);
	more[len] = 0;
	assert_int_equal(parse(more, len + 1), -EPROTO);
	free(more);
}

/* One byte changed: this result, in these words. */
static void
changed(int (*parse)(const void *p, size_t len), const uint8_t *p, size_t len, size_t at,
	uint8_t to, int rc, const char *part)
{
	uint8_t *copy = exact(p, len);

	assert_true(at < len && copy[at] != to);
	copy[at] = to;
	if (parse(copy, len) != rc)
		fail_msg("byte %zu = 0x%02x: not %d: %s", at, to, rc, why);
	if (rc < 0 && strstr(why, part) == NULL)
		fail_msg("byte %zu: \"%s\" is not in \"%s\"", at, part, why);
	free(copy);
}

static void
reader_saturates(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7};
	struct tsm_rd r = tsm_rd_over(bytes, sizeof(bytes));

	assert_int_equal(tsm_rd_u8(&r), 1);
	assert_int_equal(tsm_rd_u16(&r), 0x0302);
	assert_int_equal(tsm_rd_u24(&r), 0x060504);
	assert_int_equal(tsm_rd_u32(&r), 0); /* one is left */
	assert_true(r.bad);
	assert_int_equal(tsm_rd_u8(&r), 0); /* and stays bad */
	assert_null(tsm_rd_bytes(&r, 0));
	r = tsm_rd_over(bytes, sizeof(bytes));
	assert_null(tsm_rd_bytes(&r, SIZE_MAX));
	r = tsm_rd_over(NULL, 0);
	tsm_rd_bytes(&r, 0);
	assert_false(r.bad);
	assert_int_equal(tsm_rd_u64(&r), 0);
	assert_true(r.bad);
}

static void
vca_golden(void **state)
{
	struct tsm_vca v;

	assert_int_equal(tsm_vca_parse(evid_vca, sizeof(evid_vca), &v, why, sizeof(why)), 0);
	assert_int_equal(v.flags, 0x12);
	assert_int_equal(v.measurement_spec, 1);
	assert_int_equal(v.measurement_hash, 4);
	assert_int_equal(v.asym, 0x80);
	assert_int_equal(v.hash, 2);
	only_whole(vca, evid_vca, sizeof(evid_vca));
}

/* Offsets: VERSION at 4, GET_CAPABILITIES 14, CAPABILITIES 34, NEGOTIATE 54, ALGORITHMS 90. */
static void
vca_changed(void **state)
{
	static const struct {
		size_t at;
		uint8_t to;
		int rc;
		const char *part;
	} rows[] = {
		{0, 0x11, -ENOTSUP, "GET_VERSION: SPDM 1.1"},
		{1, 0x85, -EPROTO, "GET_VERSION: message code"},
		{5, 0x7f, -EPROTO, "VERSION: message code 0x7f"},
		{9, 0, -ENOTSUP, "does not speak SPDM 1.2"},
		{9, 3, -EPROTO, "GET_CAPABILITIES: message code"},
		{9, 255, -EPROTO, "more entries"},
		{13, 0x13, -ENOTSUP, "does not speak SPDM 1.2"},
		{14, 0x11, -ENOTSUP, "GET_CAPABILITIES: SPDM 1.1"},
		{26, 0x29, -EPROTO, "GET_CAPABILITIES: transfers of 4137 bytes, messages of 4096"},
		{31, 0x0f, -EPROTO, "GET_CAPABILITIES: transfers of 4096 bytes, messages of 3840"},
		{31, 0x11, -EPROTO, "GET_CAPABILITIES: transfers of 4096 bytes, messages of 4352"},
		{51, 0x11, -EPROTO, "CAPABILITIES: transfers of 4096 bytes, messages of 4352"},
		{34, 0x13, -ENOTSUP, "CAPABILITIES: SPDM 1.3"},
		{42, 0x10, -ENOTSUP, "no certificates"},
		{42, 0x0a, -ENOTSUP, "no signed measurements"},
		{42, 0x1a, -ENOTSUP, "no signed measurements"},
		{56, 0, -EPROTO, "length field"},
		{56, 2, -EPROTO, "NEGOTIATE_ALGORITHMS: algorithm table"},
		{58, 35, -EPROTO, "NEGOTIATE_ALGORITHMS: its length field says 35"},
		{59, 1, -EPROTO, "length field"},
		{60, 0, -EPROTO, "not offered"},
		{62, 0x10, -EPROTO, "not offered"},
		{66, 0x01, -EPROTO, "not offered"},
		{82, 1, -EPROTO, "NEGOTIATE_ALGORITHMS"},
		{86, 1, -EPROTO, "algorithm table 1 of 1"},
		{86, 6, -EPROTO, "algorithm table 1 of 1"},
		{126, 5, -EPROTO, "algorithm table 2 of 2"}, /* the same twice */
		{130, 2, -EPROTO, "algorithm table 2 of 2"}, /* descending */
		{87, 0x30, -EPROTO, "algorithm table 1 of 1"},
		{87, 0x21, -EPROTO, "its length field says 36"},
		{92, 3, -EPROTO, "ALGORITHMS"},
		{94, 45, -EPROTO, "ALGORITHMS: its length field says 45"},
		{96, 3, -ENOTSUP, "not of DMTF's format"},
		{96, 0, -ENOTSUP, "not of DMTF's format"},
		{98, 2, -ENOTSUP, "0x2"},
		{102, 0x10, -ENOTSUP, "only ECDSA P-384"},
		{102, 0x90, -ENOTSUP, "only ECDSA P-384"},
		{106, 1, -ENOTSUP, "only ECDSA P-384"},
		{122, 255, -EPROTO, "ALGORITHMS"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		changed(vca, evid_vca, sizeof(evid_vca), rows[i].at, rows[i].to, rows[i].rc,
			rows[i].part);
}

/* Messages larger than a transfer are for those who can send pieces; 42 bytes are the least. */
static void
vca_sizes(void **state)
{
	uint8_t bytes[sizeof(evid_vca)];

	memcpy(bytes, evid_vca, sizeof(bytes));
	bytes[46] = 42;
	bytes[47] = 0;
	assert_int_equal(vca(bytes, sizeof(bytes)), -EPROTO);
	bytes[44] = 0x02; /* CHUNK_CAP: bit 17 */
	assert_int_equal(vca(bytes, sizeof(bytes)), 0);
	bytes[46] = 41;
	assert_int_equal(vca(bytes, sizeof(bytes)), -EPROTO);
}

/* External algorithms in the list and in a table: four bytes each, counted. */
static void
vca_external_algorithms(void **state)
{
	uint8_t bytes[sizeof(evid_vca) + 8];

	memcpy(bytes, evid_vca, sizeof(evid_vca));
	memmove(bytes + 90 + 36 + 4, bytes + 90 + 36, 4); /* behind one external hash */
	memset(bytes + 90 + 36, 0xee, 4);
	bytes[90 + 33] = 1;
	bytes[90 + 36 + 4 + 1] = 0x21; /* and one in the first table */
	memset(bytes + 90 + 36 + 8, 0xdd, 4);
	memcpy(bytes + 90 + 36 + 12, evid_vca + 90 + 40, 4);
	bytes[94] = 44 + 8;
	assert_int_equal(vca(bytes, sizeof(bytes)), 0);
	only_whole(vca, bytes, sizeof(bytes));
}

static void
measurements_golden(void **state)
{
	static struct tsm_measurements m;
	uint8_t nonce[32] = {9, 8, 7};
	struct evid w;
	const struct steer_tsm_bytes *b = &w.e.measurements;

	evid_make(&w);
	evid_measure(&w, nonce);
	assert_int_equal(tsm_measure_parse(b->data, b->len, &m, why, sizeof(why)), 0);
	assert_memory_equal(m.nonce, nonce, 32);
	assert_int_equal(m.slot, 0);
	assert_false(m.changed);
	assert_int_equal(m.nb, 3);
	assert_int_equal(m.blocks[0].index, 1);
	assert_int_equal(m.blocks[0].type, 0);
	assert_false(m.blocks[0].raw);
	assert_int_equal(m.blocks[1].index, 2);
	assert_int_equal(m.blocks[1].type, 1);
	assert_int_equal(m.blocks[1].value[47], 0x22);
	assert_true(m.blocks[2].raw);
	assert_int_equal(m.blocks[2].type, 6);
	assert_int_equal(m.blocks[2].len, 4);
	assert_memory_equal(m.blocks[2].value, "v1.7", 4);
	assert_int_equal(m.signed_len, b->len - 96);
	assert_ptr_equal(m.signature, b->data + b->len - 96);
	only_whole(measure, b->data, b->len);
	evid_free(&w);
}

/* Offsets: response at 37, record at 45, blocks there, at 100 and at 155, responder's nonce 166. */
static void
measurements_changed(void **state)
{
	static const struct {
		size_t at;
		uint8_t to;
		int rc;
		const char *part;
	} rows[] = {
		{0, 0x11, -ENOTSUP, "SPDM 1.1"},
		{1, 0xe1, -EPROTO, "no message of code 0xe0"},
		{2, 0x00, -EPROTO, "do not ask for a signature"},
		{2, 0x02, -EPROTO, "do not ask for a signature"},
		{2, 0x03, 0, ""},
		{2, 0x05, -EPROTO, "attributes 0x05"},
		{3, 0x01, -EPROTO, "does not ask for all"},
		{3, 0x00, -EPROTO, "does not ask for all"},
		{36, 8, -EPROTO, "slot 8"},
		{36, 1, -EPROTO, "for slot 1"},
		{37, 0x13, -ENOTSUP, "SPDM 1.3"},
		{38, 0x7f, -EPROTO, "no message of code 0x60"},
		{40, 0x21, -EPROTO, "0x21 for slot 0"},
		{40, 0x30, -EPROTO, "0x30"},
		{40, 0x60, -EPROTO, "0x60"},
		{40, 0x00, 0, ""},
		{40, 0x10, 0, ""},
		{41, 2, -EPROTO, "11 bytes behind the last block"},
		{41, 4, -EPROTO, "block of index"},
		{41, 255, -EPROTO, "255 blocks"},
		{42, 0x78, -EPROTO, "block of index 3"},
		{43, 0x10, -EPROTO, "is not there"},
		{44, 0xff, -EPROTO, "is not there"},
		{45, 0, -EPROTO, "block of index 0"},
		{45, 0xf0, -EPROTO, "block of index 240"},
		{45, 0xff, -EPROTO, "block of index 255"},
		{45, 0xfd, 0, ""},
		{45, 0xfe, 0, ""},
		{45, 0xef, 0, ""},
		{45, 2, -EPROTO, "two blocks of index 2"},
		{46, 0, -EPROTO, "format 0"},
		{46, 3, -EPROTO, "format 3"},
		{47, 0x34, -EPROTO, "size 52, value 48"},
		{50, 0x2f, -EPROTO, "value 47"},
		{155 + 4, 0x06, -EPROTO, "SHA-384 of 4 bytes"},
		{166 + 32, 4, -EPROTO, "no signature"},
		{166 + 33, 0xff, -EPROTO, "cut off"},
	};
	struct evid w;

	evid_make(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		changed(measure, w.e.measurements.data, w.e.measurements.len, rows[i].at,
			rows[i].to, rows[i].rc, rows[i].part);
	evid_free(&w);
}

static void
report_golden(void **state)
{
	struct tsm_report r;
	struct tsm_range range;

	assert_int_equal(tsm_report_parse(evid_report, sizeof(evid_report), &r, why, sizeof(why)),
			 0);
	assert_int_equal(r.info, 3);
	assert_int_equal(r.msix_control, 0x8004);
	assert_int_equal(r.lnr_control, 0);
	assert_int_equal(r.tph_control, 0x101);
	assert_int_equal(r.nb, 4);
	assert_int_equal(r.specific_len, 4);
	range = tsm_report_range(&r, 2);
	assert_int_equal(range.first, 0x10006000);
	assert_int_equal(range.pages, 2);
	assert_int_equal(range.attributes, 2);
	assert_int_equal(range.bar, 2);
	only_whole(report, evid_report, sizeof(evid_report));
}

static void
report_changed(void **state)
{
	static const struct {
		size_t at;
		uint8_t to;
		int rc;
		const char *part;
	} rows[] = {
		{0, 0x43, -EPROTO, "reserved bits are set"},
		{1, 0x01, -EPROTO, "reserved bits are set"},
		{2, 0x01, -EPROTO, "reserved bits are set"},
		{3, 0x80, -EPROTO, "reserved bits are set"},
		{0, 0x3f, 0, ""},
		{12, 0, -EPROTO, "device-specific"},
		{12, 3, -EPROTO, "device-specific"},
		{12, 5, -EPROTO, "5 ranges do not fit"},
		{15, 0xff, -EPROTO, "do not fit"},
		{28, 0x10, -EPROTO, "range 0: reserved attribute"},
		{29, 0x80, -EPROTO, "range 0: reserved attribute"},
		{28, 0x0f, 0, ""},
		{80, 3, -EPROTO, "3 device-specific"},
		{80, 5, -EPROTO, "5 device-specific"},
		{83, 0xff, -EPROTO, "device-specific"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		changed(report, evid_report, sizeof(evid_report), rows[i].at, rows[i].to,
			rows[i].rc, rows[i].part);
}

/* Two "certificates": SEQUENCEs of DER in short and long form. */
static void
chain_golden(void **state)
{
	uint8_t bytes[4 + 48 + 5 + 3 + 200 + 4 + 300] = {0};
	size_t len = 4 + 48 + 5 + 3 + 200;
	struct tsm_chain c;

	bytes[0] = (uint8_t)len;
	bytes[1] = (uint8_t)(len >> 8);
	memset(bytes + 4, 0x77, 48);
	EVID_BYTES(bytes + 52, 0x30, 0x03, 0x02, 0x01, 0x05);
	EVID_BYTES(bytes + 57, 0x30, 0x81, 0xc8);
	assert_int_equal(tsm_chain_parse(bytes, len, &c, why, sizeof(why)), 0);
	assert_int_equal(c.nb, 2);
	assert_ptr_equal(c.root_hash, bytes + 4);
	assert_ptr_equal(c.certs[0].p, bytes + 52);
	assert_int_equal(c.certs[0].len, 5);
	assert_int_equal(c.certs[1].len, 203);
	only_whole(chain, bytes, len);
	EVID_BYTES(bytes + len, 0x30, 0x82, 0x01, 0x2c); /* a third, of 300 bytes */
	len += 304;
	bytes[0] = (uint8_t)len;
	bytes[1] = (uint8_t)(len >> 8);
	assert_int_equal(chain(bytes, len), 0);
	changed(chain, bytes, len, 2, 1, -EPROTO, "length field");
	changed(chain, bytes, len, 52, 0x31, -EPROTO, "certificate 1 is no DER");
	changed(chain, bytes, len, 58, 0x80, -EPROTO, "certificate 2 is no DER"); /* indefinite */
	changed(chain, bytes, len, 59, 0x7f, -EPROTO, "certificate 2 is no DER"); /* not shortest */
	changed(chain, bytes, len, 261, 0x83, -EPROTO, "certificate 3 is no DER");
	changed(chain, bytes, len, 262, 0x00, -EPROTO, "certificate 3 is no DER");
	changed(chain, bytes, len, 262, 0x02, -EPROTO, "certificate 3 is no DER"); /* too long */
}

static void
chain_of_too_few_or_many(void **state)
{
	uint8_t bytes[4 + 48 + 11 * 2] = {0};

	for (int i = 0; i < 11; i++)
		bytes[52 + 2 * i] = 0x30;
	for (uint8_t n = 0; n <= 11; n++) {
		bytes[0] = (uint8_t)(52 + 2 * n);
		assert_int_equal(chain(bytes, bytes[0]), n >= 1 && n <= 10 ? 0 : -EPROTO);
	}
	assert_non_null(strstr(why, "more than 10"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_saturates),
		cmocka_unit_test(vca_golden),
		cmocka_unit_test(vca_changed),
		cmocka_unit_test(vca_sizes),
		cmocka_unit_test(vca_external_algorithms),
		cmocka_unit_test(measurements_golden),
		cmocka_unit_test(measurements_changed),
		cmocka_unit_test(report_golden),
		cmocka_unit_test(report_changed),
		cmocka_unit_test(chain_golden),
		cmocka_unit_test(chain_of_too_few_or_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
