/* SPDX-License-Identifier: BSD-3-Clause */

/* Measurements against the policy's list, and the interface report against the device. */

#include "tsm_evid_check.h"

static void
wrong_digest(void **state)
{
	w.p.measurements[1].digest[47] ^= 1;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.2", "not the digest that the policy lists");
	assert_int_equal(check("measurement.1")->result, STEER_TSM_OK);
}

static void
entries_of_one_index_are_alternatives(void **state)
{
	w.p.measurements[3] = w.p.measurements[0];
	memset(w.p.measurements[0].digest, 0xee, 48); /* last year's firmware */
	w.p.nb_measurements = 4;
	accepted();
	memset(w.p.measurements[3].digest, 0xdd, 48);
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.1", "not the digest");
}

/* A digest of another index does not count. */
static void
index_is_part_of_an_entry(void **state)
{
	w.p.measurements[0].index = 2;
	w.p.measurements[1].index = 1;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.1", "not the digest");
	assert_int_equal(check("measurement.2")->result, STEER_TSM_DIGEST_MISMATCH);
}

static void
others(void **state)
{
	w.p.nb_measurements = 2;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.3", "not in the policy's list");
	w.p.others_allowed = true;
	accepted();
	assert_non_null(strstr(check("measurement.3")->text, "which allows others"));
	w.p.nb_measurements = 0;
	accepted();
	w.p.others_allowed = false;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.1", "not in the policy's list");
}

static void
listed_and_not_there(void **state)
{
	w.p.measurements[3].index = 9;
	w.p.measurements[4].index = 9;
	w.p.nb_measurements = 5;
	w.p.others_allowed = true;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.9", "the device has none");
}

static void
changed_while_collected(void **state)
{
	w.e.measurements.data[40] = 0x10;
	evid_sign(&w, w.key[2]);
	refused(STEER_TSM_DIGEST_MISMATCH, "measurements", "change while");
	w.e.measurements.data[40] = 0x00; /* it does not detect changes */
	evid_sign(&w, w.key[2]);
	accepted();
}

/* nb blocks with digests of 0x33, signed. */
static void
measure_many(unsigned int nb)
{
	static uint8_t m[37 + 8 + 239 * 55 + 32 + 2 + 96];
	size_t record = nb * 55, len = 37 + 8 + record + 32 + 2 + 96;

	memset(m, 0, sizeof(m));
	EVID_BYTES(m, 0x12, 0xe0, 0x01, 0xff);
	memcpy(m + 4, w.e.nonce, 32);
	EVID_BYTES(m + 37, 0x12, 0x60, 0x00, 0x20);
	m[41] = (uint8_t)nb;
	m[42] = record & 0xff;
	m[43] = (uint8_t)(record >> 8);
	for (unsigned int i = 0; i < nb; i++) {
		uint8_t *b = m + 45 + (size_t)i * 55;

		EVID_BYTES(b, 0x00, 0x01, 0x33, 0x00, 0x01, 0x30, 0x00);
		b[0] = (uint8_t)(i + 1);
		memset(b + 7, 0x33, 48);
	}
	evid_put(&w.e.measurements, m, len);
	evid_sign(&w, w.key[2]);
}

/* A verdict has room for a few: failures first, and the sum of the rest. */
static void
many_measurements(void **state)
{
	measure_many(100);
	w.p.nb_measurements = 0;
	w.p.others_allowed = true;
	accepted();
	assert_int_equal(w.v.nb_checks, STEER_TSM_CHECKS_MAX - 1); /* one is the machine's */
	assert_non_null(strstr(check("measurement")->text, "95 more agree"));
	w.p.nb_measurements = 1;
	w.p.measurements[0].index = 77;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.77", "not the digest");
	assert_non_null(strstr(check("measurement")->text, "95 more agree"));
	w.p.others_allowed = false;
	refused(STEER_TSM_DIGEST_MISMATCH, "measurement.1", "not in the policy's list");
	assert_int_equal(check("measurement")->result, STEER_TSM_DIGEST_MISMATCH);
	assert_non_null(strstr(check("measurement")->text, "95 more do not agree"));
	assert_int_equal(w.v.nb_checks, STEER_TSM_CHECKS_MAX - 1); /* one is the machine's */
}

static void
report_flags(void **state)
{
	w.p.report_required = 0x09;
	refused(STEER_TSM_REPORT_MISMATCH, "report.flags", "0x0008 is required and missing");
	w.p.report_required = 0x03;
	w.p.report_forbidden = 0x02;
	refused(STEER_TSM_REPORT_MISMATCH, "report.flags", "0x0002 is forbidden");
	w.p.report_required = w.p.report_forbidden = 0;
	accepted();
}

static void
tph_control(void **state)
{
	w.e.report.data[8] = 0;
	refused(STEER_TSM_TPH_MISMATCH, "report.tph", "0x00000100 is reported, 0x00000101");
	w.e.report.data[9] = 0;
	refused(STEER_TSM_TPH_MISMATCH, "report.tph", "0x00000000 is reported");
	w.d.tph_control = 0;
	accepted();
}

/* A report of these ranges: first page's byte address, pages, attributes, BAR. */
struct row {
	uint64_t first;
	uint32_t pages;
	uint16_t attributes, bar;
};

static void
report_of(const struct row *rows, uint8_t nb)
{
	uint8_t bytes[16 + 8 * 16 + 4] = {0};

	memcpy(bytes, evid_report, 12);
	bytes[12] = nb;
	for (uint8_t i = 0; i < nb; i++) {
		uint8_t *at = bytes + 16 + 16 * (size_t)i;

		for (int n = 0; n < 8; n++)
			at[n] = (uint8_t)(rows[i].first >> 8 * n);
		for (int n = 0; n < 4; n++)
			at[8 + n] = (uint8_t)(rows[i].pages >> 8 * n);
		at[12] = (uint8_t)rows[i].attributes;
		at[14] = (uint8_t)rows[i].bar;
		at[15] = (uint8_t)(rows[i].bar >> 8);
	}
	evid_put(&w.e.report, bytes, 16 + 16 * (size_t)nb + 4);
}

#define REPORT(...)                                                                                \
	report_of((const struct row[]){__VA_ARGS__},                                               \
		  (uint8_t)(sizeof((struct row[]){__VA_ARGS__}) / sizeof(struct row)))
#define MSIX                                                                                       \
	{0x20000, 2, 1, 2},                                                                        \
	{                                                                                          \
		0x22000, 2, 2, 2                                                                   \
	}
#define REFUSED(part) refused(STEER_TSM_REPORT_MISMATCH, "report.ranges", part)

static void
ranges(void **state)
{
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	accepted();
	REPORT({0x30000, 4, 0, 4}, {0x10000, 1, 0, 0}, {0x11000, 3, 8, 0}, MSIX); /* in pieces */
	accepted();
	REPORT({0x10000, 4, 0, 0}, MSIX); /* BAR 4 is left out */
	REFUSED("BAR 4: 0 pages are reported, 4 are used");
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4}, {0x40000, 1, 0, 1});
	REFUSED("BAR 1: 1 pages are reported, 0 are used");
	REPORT({0x10000, 3, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("BAR 0: 3 pages");
	REPORT({0x10000, 5, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("BAR 0: 5 pages");
	REPORT({0x10000, 1, 0, 0}, {0x12000, 3, 0, 0}, MSIX, {0x30000, 4, 0, 4}); /* a gap */
	REFUSED("range 1 does not begin where");
	REPORT({0x10000, 2, 0, 0}, {0x11000, 2, 0, 0}, MSIX, {0x30000, 4, 0, 4}); /* twice */
	REFUSED("range 1 does not begin where");
	REPORT({0x12000, 2, 0, 0}, {0x10000, 2, 0, 0}, MSIX, {0x30000, 4, 0, 4}); /* descending */
	REFUSED("range 1 does not begin where");
	REPORT({0x10000, 2, 0, 0}, MSIX, {0x12000, 2, 0, 0}, {0x30000, 4, 0, 4});
	REFUSED("range 3 is apart from the others of its BAR");
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4}, {0x34000, 0, 0, 4});
	REFUSED("range 4 has no or too many pages");
	REPORT({UINT64_MAX - 0xfff, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4}); /* round the end */
	REFUSED("range 0 has no or too many pages");
	REPORT({UINT64_MAX - 0x3fff, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4}); /* the last there are */
	accepted();
	REPORT({0x10000, 4, 0, 6}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("range 0 is of no BAR");
	REPORT({0x10000, 4, 0, 0x100}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("range 0 is of no BAR");
	REPORT({0x10004, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("range 0 does not begin on a page");
	report_of(NULL, 0);
	REFUSED("BAR 0: 0 pages");
}

/* The same in page numbers, which a policy has to say. */
static void
page_numbers(void **state)
{
	REPORT({0x10, 4, 0, 0}, {0x21, 2, 1, 2}, {0x23, 2, 2, 2}, {0x30, 4, 0, 4});
	REFUSED("does not begin on a page");
	w.p.page_numbers = true;
	accepted();
	REPORT({UINT64_MAX - 2, 4, 0, 0}, {0x21, 2, 1, 2}, {0x23, 2, 2, 2}, {0x30, 4, 0, 4});
	REFUSED("too many pages");
	REPORT({(UINT64_C(1) << 52) - 3, 4, 0, 0}, {0x21, 2, 1, 2}, {0x23, 2, 2, 2},
	       {0x30, 4, 0, 4});
	REFUSED("too many pages");
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("does not begin where");
}

static void
sizes_that_are_no_pages(void **state)
{
	w.d.bars[0].size = 0x3001;
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	accepted();
	w.d.bars[0].size = 16;
	REFUSED("BAR 0: 4 pages are reported, 1 are used");
	w.d.bars[0].size = UINT64_MAX;
	REFUSED("BAR 0: 4 pages");
}

/* Open to others than the TEE: only the table and the PBA, and not what lies beside them. */
static void
non_tee_memory(void **state)
{
	REPORT({0x10000, 4, 4, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("range 0 is open to others");
	REPORT({0x10000, 4, 0, 0}, {0x20000, 2, 5, 2}, {0x22000, 2, 2, 2}, {0x30000, 4, 0, 4});
	REFUSED("range 1 is open to others"); /* the table has one page */
	REPORT({0x10000, 4, 0, 0}, {0x20000, 1, 5, 2}, {0x21000, 1, 0, 2}, {0x22000, 1, 6, 2},
	       {0x23000, 1, 0, 2}, {0x30000, 4, 0, 4});
	accepted();
	REPORT({0x10000, 4, 5, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("range 0 is open to others");
}

#undef REFUSED
#define REFUSED(part) refused(STEER_TSM_REPORT_MISMATCH, "report.msix", part)

static void
msix(void **state)
{
	w.d.msix_control = 0x8003;
	REFUSED("message control 0x8004, programmed is 0x8003");
	w.d.msix_control = 0x8004;
	REPORT({0x10000, 4, 0, 0}, {0x20000, 2, 0, 2}, {0x22000, 2, 2, 2}, {0x30000, 4, 0, 4});
	REFUSED("not marked");
	REPORT({0x10000, 4, 0, 0}, {0x20000, 2, 1, 2}, {0x22000, 2, 0, 2}, {0x30000, 4, 0, 4});
	REFUSED("not marked");
	REPORT({0x10000, 4, 0, 0}, {0x20000, 2, 2, 2}, {0x22000, 2, 1, 2}, {0x30000, 4, 0, 4});
	REFUSED("not marked"); /* the wrong way round */
	REPORT({0x10000, 4, 1, 0}, MSIX, {0x30000, 4, 0, 4});
	REFUSED("in a BAR that has none");
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 2, 4});
	REFUSED("in a BAR that has none");
	REPORT({0x10000, 4, 0, 0}, {0x20000, 4, 3, 2}, {0x30000, 4, 0, 4}); /* one range for both */
	accepted();
}

/* A table of two pages is marked on both. */
static void
msix_table_of_several_pages(void **state)
{
	w.d.msix_table_offset = 0xff0;
	w.d.msix_table_size = 32;
	REPORT({0x10000, 4, 0, 0}, MSIX, {0x30000, 4, 0, 4});
	accepted();
	REPORT({0x10000, 4, 0, 0}, {0x20000, 1, 1, 2}, {0x21000, 1, 0, 2}, {0x22000, 2, 2, 2},
	       {0x30000, 4, 0, 4});
	REFUSED("not marked");
}

static void
no_msix(void **state)
{
	w.d.msix_vectors = 0;
	w.d.msix_table_bar = w.d.msix_pba_bar = -1;
	REFUSED("in a BAR that has none");
	REPORT({0x10000, 4, 0, 0}, {0x20000, 4, 0, 2}, {0x30000, 4, 0, 4});
	accepted();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(wrong_digest),
		CASE(entries_of_one_index_are_alternatives),
		CASE(index_is_part_of_an_entry),
		CASE(others),
		CASE(listed_and_not_there),
		CASE(changed_while_collected),
		CASE(many_measurements),
		CASE(report_flags),
		CASE(tph_control),
		CASE(ranges),
		CASE(page_numbers),
		CASE(sizes_that_are_no_pages),
		CASE(non_tee_memory),
		CASE(msix),
		CASE(msix_table_of_several_pages),
		CASE(no_msix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
