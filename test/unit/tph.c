/* SPDX-License-Identifier: BSD-3-Clause */

/* lib/tph: the device feature in both forms, control register, table and record. */

#include "fake_tph.h"

static void
open_says_why_not(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	put16(CAP_POS, 0x0001); /* another capability */
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_string_equal(steer_tph_info(tph)->why, "no TPH capability");
	assert_int_equal(steer_tph_info(tph)->cap.pos, 0);
	assert_int_equal(k.ctrl_writes, 0);
	steer_tph_close(tph);

	device(IV_CAP);
	k.told_feature = -ENOENT;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_non_null(strstr(steer_tph_info(tph)->why, "tph-feature="));
	assert_int_equal(steer_tph_info(tph)->feature, -1);
	steer_tph_close(tph);

	device(IV_CAP);
	tph = open_named(7); /* ENOTTY there */
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_non_null(strstr(steer_tph_info(tph)->why, "feature 7"));
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);

	device(0x00000001u); /* No-ST mode only */
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	steer_tph_close(tph);
}

static void
open_finds_the_feature_without_side_effect(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_FEATURE);
	assert_int_equal(steer_tph_info(tph)->feature, FEATURE);
	assert_int_equal(k.ctrl_writes + k.sets, 0); /* GET changes nothing */
	assert_int_equal(k.nb_log, 0);               /* nor is the ioctl asked any more */
	steer_tph_close(tph);
	assert_int_equal(k.ctrl_writes, 0);
}

static void
probe_is_asked_again_with_tph_on(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	k.probe_when_on = 1;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(ctrl(), 0); /* left as found */
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_NS);
	steer_tph_close(tph);

	device(IV_CAP);
	k.probe_when_on = 1;
	k.drop_ctrl = 1; /* a stock kernel */
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_non_null(strstr(steer_tph_info(tph)->why, "do not stick"));
	steer_tph_close(tph);
}

static void
one_operation_alone_needs_the_users_word(void **state)
{
	struct steer_tph *tph;

	device(DS_ONLY);
	k.no_set = 1;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	steer_tph_close(tph);

	device(DS_ONLY);
	k.no_set = 1;
	tph = open_named(FEATURE);
	assert_int_equal(steer_tph_usable(tph), 0);
	steer_tph_close(tph);
}

static void
enable_writes_mode_and_requester_and_reads_back(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(steer_tph_info(tph)->req, STEER_PCI_TPH_REQ_STD);
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_DS), -ENOTSUP);
	assert_int_equal(steer_tph_disable(tph), 0);
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);

	device(IV_CAP_16);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(ctrl(), 0x0301);
	assert_int_equal(steer_tph_info(tph)->req, STEER_PCI_TPH_REQ_EXT);
	steer_tph_close(tph);
	assert_int_equal(ctrl(), 0);

	device(IV_CAP_16);
	k.drop_ext = 1;
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(ctrl(), 0x0101);
	steer_tph_close(tph);
}

static void
dropped_control_write_is_an_error(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_named(-1);
	k.drop_ctrl = 1;
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), -EIO);
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_NS);
	steer_tph_close(tph);

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.drop_ctrl = 1;
	assert_int_equal(steer_tph_disable(tph), -EIO);
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_IV);
	steer_tph_close(tph);
}

static void
set_sends_the_published_bytes(void **state)
{
	static const uint8_t golden[] = {
		0, 0, 0, 0,             /* volatile memory */
		1, 0, 2, 0,             /* index, count */
		3, 0, 0, 0, 5, 0, 0, 0, /* CPUs */
	};
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;
	uint16_t tags[4];

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	assert_int_equal(k.last_len, sizeof(golden));
	assert_memory_equal(k.last_set, golden, sizeof(golden));
	k.gets = 0;
	assert_int_equal(steer_tph_get(tph, 0, 4, tags), 0);
	assert_int_equal(tags[0], 0);
	assert_int_equal(tags[1], 0x20 + 21);
	assert_int_equal(tags[2], 0x20 + 35);
	assert_int_equal(tags[3], 0);
	assert_int_equal(k.gets, 0); /* the table itself was read */
	steer_tph_close(tph);
	assert_int_equal(get16(ST_OFF + 2), 0); /* cleared at close */
}

static void
set_checks_its_range(void **state)
{
	const uint32_t cpus[ENTRIES + 1] = {0};
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.sets = 0;
	assert_int_equal(steer_tph_set(tph, 0, 0, cpus), -EINVAL);
	assert_int_equal(steer_tph_set(tph, 0, STEER_TPH_BATCH_MAX + 1, cpus), -EINVAL);
	assert_int_equal(steer_tph_set(tph, 0, ENTRIES + 1, cpus), -ENXIO);
	assert_int_equal(steer_tph_set(tph, ENTRIES, 1, cpus), -ENXIO);
	assert_int_equal(steer_tph_set(tph, 0xffff, 1, cpus), -ENXIO);
	assert_int_equal(k.sets, 0);
	steer_tph_close(tph);
}

/* Entries 1 and 2 hold CPUs 3 and 5; a batch for 4 and a CPU without a tag must change nothing. */
static void
refused(enum fault fault, uint32_t cap)
{
	const uint32_t good[] = {3, 5}, bad[] = {4, 9};
	struct steer_tph *tph;
	uint16_t tags[2];

	device(cap);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, good), 0);
	k.fault = fault;
	k.bad_cpu = 9;
	assert_int_equal(steer_tph_set(tph, 1, 2, bad), -ENOENT);
	assert_int_equal(entry(1), tag_of(3));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(steer_tph_get(tph, 1, 2, tags), 0);
	assert_int_equal(tags[0], tag_of(3));
	steer_tph_close(tph);
}

static void
refused_batch_leaves_the_old_entries(void **state)
{
	static const enum fault faults[] = {NONE, CLEAR_TO_ZERO, PARTIAL, TURN_OFF};
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		refused(faults[i], IV_CAP);
		refused(faults[i], IV_MSIX);
	}
}

static void
lost_set_is_noticed(void **state)
{
	const uint32_t first = 3, second = 5;
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.fault = LIE_ONCE;
	assert_int_equal(steer_tph_set(tph, 1, 1, &first), -EIO);
	assert_int_equal(steer_tph_set(tph, 1, 1, &first), 0);
	/* The old tag is still there: cleared and set again, so it ends right. */
	k.fault = LIE_ONCE;
	assert_int_equal(steer_tph_set(tph, 1, 1, &second), 0);
	assert_int_equal(entry(1), tag_of(5));
	steer_tph_close(tph);
}

static void
hidden_msix_table_is_read_by_get(void **state)
{
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;
	uint16_t tags[4];
	int by_index;

	for (by_index = 0; by_index < 2; by_index++) {
		device(IV_MSIX);
		k.hide_msix = 1;
		k.by_index = by_index;
		tph = open_on(STEER_PCI_TPH_MODE_IV);
		assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
		assert_int_equal(steer_tph_get(tph, 0, 4, tags), 0);
		assert_true(k.gets > 0);
		assert_int_equal(tags[0], 0);
		assert_int_equal(tags[1], tag_of(3));
		assert_int_equal(tags[2], tag_of(5));
		assert_int_equal(tags[3], 0);
		k.get_fails = 1;
		assert_int_equal(steer_tph_get(tph, 0, 4, tags), -ENOTSUP);
		steer_tph_close(tph);
	}
}

static void
visible_msix_table_is_read_itself(void **state)
{
	const uint32_t cpus[] = {3};
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_MSIX);
	k.vector_ctrl[1] = 1; /* masked: the kernel's bit */
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 1, cpus), 0);
	assert_int_equal(k.vector_ctrl[1], (uint32_t)tag_of(3) << 16 | 1);
	k.gets = 0;
	assert_int_equal(steer_tph_get(tph, 1, 1, &tag), 0);
	assert_int_equal(tag, tag_of(3));
	assert_int_equal(k.gets, 0);
	steer_tph_close(tph);
}

static void
mapped_msix_table_is_read_when_reads_hide_it(void **state)
{
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;
	uint16_t tags[4];

	device(IV_MSIX);
	k.hide_msix = k.mappable = 1;
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	k.gets = 0;
	assert_int_equal(steer_tph_get(tph, 0, 4, tags), 0);
	assert_int_equal(tags[1], tag_of(3));
	assert_int_equal(tags[2], tag_of(5));
	assert_int_equal(tags[0] | tags[3], 0);
	assert_int_equal(k.gets, 0);
	k.fault = LIE_ONCE; /* what a kernel that hides the table could otherwise keep to itself */
	assert_int_equal(steer_tph_set(tph, 3, 1, cpus), -EIO);
	steer_tph_close(tph);
	assert_int_equal(k.vector_ctrl[1], 0);
}

/* GET of a CPU that cannot be tells the forms apart; which one was found is said exactly. */
static void
forms_are_told_apart(void **state)
{
	static const uint32_t caps[] = {IV_CAP, IV_MSIX, DS_ONLY};
	enum steer_tph_dialect found;
	struct steer_tph *tph;
	size_t i;
	int form;

	for (i = 0; i < 2 * sizeof(caps) / sizeof(caps[0]); i++) {
		form = (int)(i & 1);
		device(caps[i / 2]);
		k.by_index = form;
		found = form ? STEER_TPH_DIALECT_FEATURE_BY_INDEX : STEER_TPH_DIALECT_FEATURE;
		tph = open_named(-1);
		assert_int_equal(steer_tph_info(tph)->dialect, found);
		assert_int_equal(k.sets + k.ctrl_writes, 0);
		steer_tph_close(tph);
		tph = open_dialect(found);
		assert_int_equal(steer_tph_usable(tph), 0);
		assert_int_equal(steer_tph_info(tph)->dialect, found);
		steer_tph_close(tph);
		tph = open_dialect(form ? STEER_TPH_DIALECT_FEATURE
					: STEER_TPH_DIALECT_FEATURE_BY_INDEX);
		why_has(tph, form ? "no feature as asked for" : "no feature-by-index as asked for");
		why_has(tph, form ? "GET does not work by CPU" : "GET does not work by index");
		assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_NONE);
		steer_tph_close(tph);
	}
}

/* A kernel by index that refuses GET of what was never stored looks like one by CPU at first. */
static void
shy_kernel_by_index_is_found_out(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_CAP);
	k.by_index = k.by_index_shy = 1;
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_FEATURE);
	assert_int_equal(steer_tph_set(tph, 2, 1, &cpu), 0);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_FEATURE_BY_INDEX);
	steer_tph_close(tph);

	device(DS_ONLY);
	k.by_index = k.by_index_shy = 1;
	k.bad_cpu = 9;
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	assert_true(steer_tph_cpu_tag(tph, 9, &tag) < 0);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_FEATURE_BY_INDEX);
	assert_true(steer_tph_cpu_tag(tph, 9, &tag) < 0);
	steer_tph_close(tph);
}

static void
restore_after_reset(void **state)
{
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	put16(CTRL_OFF, 0);
	memset(k.cfg + ST_OFF, 0, 2 * ENTRIES);
	assert_int_equal(steer_tph_restore(tph), 0);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(entry(1), tag_of(3));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(entry(3), 0);
	steer_tph_close(tph);
}

static void
gone_device_is_left_alone(void **state)
{
	const struct steer_tph_open_args args = {.feature = -1};
	const uint32_t cpu = 3;
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.gone = 1;
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), -ENODEV);
	assert_int_equal(steer_tph_get(tph, 1, 1, &tag), -ENODEV);
	assert_int_equal(steer_tph_restore(tph), -ENODEV);
	steer_tph_close(tph);
	assert_int_equal(steer_tph_open(NULL, &args, &tph), -ENODEV);
	steer_tph_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_says_why_not),
		cmocka_unit_test(open_finds_the_feature_without_side_effect),
		cmocka_unit_test(probe_is_asked_again_with_tph_on),
		cmocka_unit_test(one_operation_alone_needs_the_users_word),
		cmocka_unit_test(enable_writes_mode_and_requester_and_reads_back),
		cmocka_unit_test(dropped_control_write_is_an_error),
		cmocka_unit_test(set_sends_the_published_bytes),
		cmocka_unit_test(set_checks_its_range),
		cmocka_unit_test(refused_batch_leaves_the_old_entries),
		cmocka_unit_test(lost_set_is_noticed),
		cmocka_unit_test(hidden_msix_table_is_read_by_get),
		cmocka_unit_test(visible_msix_table_is_read_itself),
		cmocka_unit_test(mapped_msix_table_is_read_when_reads_hide_it),
		cmocka_unit_test(forms_are_told_apart),
		cmocka_unit_test(shy_kernel_by_index_is_found_out),
		cmocka_unit_test(restore_after_reset),
		cmocka_unit_test(gone_device_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
