/* SPDX-License-Identifier: BSD-3-Clause */

/* The device ioctl: its bytes, its search among the ABIs of the same number, and its failures. */

#include "fake_tph.h"

static void
v8(uint32_t cap)
{
	device(cap);
	k.absent = 1;
	k.told_feature = -ENOENT;
	k.family = FAMILY_V8;
	k.v8_table = cap & 0x200 ? ENTRIES : 0;
}

static void
bytes_are(int call, const uint8_t *want, size_t len)
{
	assert_true(call < k.nb_log);
	assert_memory_equal(k.log[call].bytes, want, len);
}

static void
search_sends_the_harmless_bytes_in_order(void **state)
{
	static const uint8_t b_disable[20] = {12, 0, 0, 0, 8};
	static const uint8_t c_disable[20] = {20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1};
	static const uint8_t get_cap[20] = {16};
	struct steer_tph *tph;

	v8(IV_CAP);
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_IOCTL_V8);
	assert_string_equal(steer_tph_info(tph)->why, "");
	assert_int_equal(k.nb_log, 3);
	bytes_are(0, b_disable, 12);
	bytes_are(1, c_disable, 20);
	bytes_are(2, get_cap, 8);
	assert_int_equal(k.log[0].rc, -EINVAL);
	assert_int_equal(k.log[1].rc, -EINVAL);
	assert_int_equal(k.ctrl_writes, 0);
	steer_tph_close(tph);
}

static void
other_abis_of_the_number_are_named_and_left_as_they_are(void **state)
{
	struct steer_tph *tph;

	v8(IV_CAP);
	k.family = FAMILY_B;
	tph = open_named(-1);
	why_has(tph, "June 2025");
	assert_int_equal(k.nb_log, 1);
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);

	v8(IV_CAP);
	k.family = FAMILY_C;
	tph = open_named(-1);
	why_has(tph, "October 2025");
	assert_int_equal(k.nb_log, 2);
	assert_int_equal(k.log[0].rc, -EINVAL);
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);
}

static void
stock_kernel_is_asked_once(void **state)
{
	struct steer_tph *tph;

	v8(IV_CAP);
	k.family = NO_IOCTL;
	tph = open_named(-1);
	why_has(tph, "no device ioctl for TPH");
	why_has(tph, "tph-feature=");
	assert_int_equal(k.nb_log, 1);
	steer_tph_close(tph);
	tph = open_dialect(STEER_TPH_DIALECT_IOCTL_V8);
	why_has(tph, "no ioctl-v8 as asked for: no device ioctl for TPH");
	steer_tph_close(tph);
}

static void
kernel_without_a_usable_mode_says_so(void **state)
{
	struct steer_tph *tph;

	v8(IV_CAP);
	k.v8_cap_rc = -EOPNOTSUPP;
	tph = open_dialect(STEER_TPH_DIALECT_IOCTL_V8);
	why_has(tph, "no usable TPH mode");
	steer_tph_close(tph);

	v8(DS_ONLY);
	k.v8_modes = 1; /* device-specific mode kept back, and the device has no other */
	tph = open_named(-1);
	why_has(tph, "offers none of the device's modes");
	steer_tph_close(tph);

	v8(IV_CAP | 4);
	k.v8_modes = 1;
	tph = open_named(-1);
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_non_null(strstr(steer_tph_info(tph)->note, "enable_unsafe_tph_ds_mode"));
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_DS), -ENOTSUP);
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	steer_tph_close(tph);
}

static void
life_of_a_table_in_golden_bytes(void **state)
{
	static const uint8_t enable[16] = {16, 0, 0, 0, 1, 0, 0, 0, 1};
	static const uint8_t set[40] = {
		40, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, /* argsz, op, count */
		3,  0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,             /* CPU 3 in entry 1 */
		5,  0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,             /* CPU 5 in entry 2 */
	};
	static const uint8_t clear[28] = {28, 0, 0, 0, 4,    0,    0,    0,    1, 0, 0, 0,
					  0,  0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 1};
	static const uint8_t disable[16] = {16, 0, 0, 0, 2};
	const uint32_t cpus[] = {3, 5}, none = NO_CPU;
	struct steer_tph *tph;
	uint16_t tags[3];

	v8(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(k.ctrl_writes, 0); /* its own call, not the register */
	assert_int_equal(ctrl(), 0x0101);
	bytes_are(3, enable, 16);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	bytes_are(4, set, sizeof(set));
	assert_int_equal(steer_tph_get(tph, 0, 3, tags), 0);
	assert_int_equal(tags[0], 0);
	assert_int_equal(tags[1], tag_of(3));
	assert_int_equal(tags[2], tag_of(5));
	assert_int_equal(k.gets, 0);
	assert_int_equal(steer_tph_set(tph, 1, 1, &none), 0);
	bytes_are(5, clear, sizeof(clear));
	assert_int_equal(steer_tph_disable(tph), 0);
	bytes_are(7, disable, 16);
	assert_int_equal(entry(2), 0);
	assert_int_equal(ctrl(), 0);
	steer_tph_close(tph);
	assert_int_equal(k.nb_log, 8);
	assert_int_equal(k.ctrl_writes, 0);
}

static void
tags_of_cpus_in_device_specific_mode(void **state)
{
	static const uint8_t get[28] = {28, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4};
	static const uint8_t enable[16] = {16, 0, 0, 0, 1, 0, 0, 0, 2};
	struct steer_tph *tph;
	uint16_t tag;

	v8(DS_ONLY);
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	bytes_are(3, enable, 16);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	bytes_are(4, get, sizeof(get));
	assert_int_equal(tag, tag_of(4));
	k.bad_cpu = 9;
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -EINVAL);
	assert_int_equal(steer_tph_cpu_tag(tph, NO_CPU, &tag), -EINVAL);
	steer_tph_close(tph);
	assert_int_equal(ctrl(), 0);
}

/* The ABI has no word for "on without tags": what it would be taken for is not asked for. */
static void
no_mode_without_tags(void **state)
{
	struct steer_tph *tph;

	v8(IV_CAP);
	tph = open_named(-1);
	k.nb_log = 0;
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_NS), -ENOTSUP);
	assert_int_equal(k.nb_log, 0);
	steer_tph_close(tph);
}

static void
enable_that_does_not_stick_is_an_error(void **state)
{
	struct steer_tph *tph;

	v8(IV_CAP);
	k.v8_drop_enable = 1;
	tph = open_named(-1);
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), -EIO);
	assert_int_equal(steer_tph_info(tph)->mode, STEER_PCI_TPH_MODE_NS);
	steer_tph_close(tph);
}

/* Reset put the device off; the kernel's own note says on. */
static void
kernel_that_thinks_it_is_on_is_turned_off_first(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;

	v8(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), 0);
	/* On it is, and on it stays: nothing is turned off to turn it on. */
	k.nb_log = 0;
	assert_int_equal(steer_tph_restore(tph), 0);
	assert_int_equal(k.nb_log, 2); /* ENABLE, which is busy, and SET_ST */
	assert_int_equal(k.log[0].rc, -EBUSY);
	put16(CTRL_OFF, 0);
	memset(k.cfg + ST_OFF, 0, 2 * ENTRIES);
	assert_int_equal(steer_tph_restore(tph), 0);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(entry(1), tag_of(3));
	steer_tph_close(tph);
}

/* Any refusal clears the batch or turns TPH off; what was there before comes back. */
static void
failed_batch(enum fault fault, uint32_t cap)
{
	const uint32_t good[] = {3, 5}, bad[] = {4, 9};
	struct steer_tph *tph;
	uint16_t tags[2];

	v8(cap);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_set(tph, 1, 2, good), 0);
	k.fault = fault;
	k.bad_cpu = 9;
	assert_int_equal(steer_tph_set(tph, 1, 2, bad), -ENOENT);
	assert_int_equal(ctrl(), 0x0101);
	assert_int_equal(entry(1), tag_of(3));
	assert_int_equal(entry(2), tag_of(5));
	assert_int_equal(steer_tph_get(tph, 1, 2, tags), 0);
	assert_int_equal(tags[1], tag_of(5));
	assert_int_equal(k.ctrl_writes, 0);
	steer_tph_close(tph);
}

static void
failed_batch_is_put_back(void **state)
{
	static const enum fault faults[] = {NONE, CLEAR_TO_ZERO, PARTIAL, TURN_OFF};
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		failed_batch(faults[i], IV_CAP);
		failed_batch(faults[i], IV_MSIX);
	}
}

/* Table in the MSI-X structure, hidden from reads and not mappable: GET is not for this mode. */
static void
hidden_table_is_not_guessed(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;
	uint16_t tag;

	v8(IV_MSIX);
	k.hide_msix = 1;
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	assert_int_equal(steer_tph_info(tph)->cap.entries, ENTRIES);
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), 0);
	assert_int_equal(steer_tph_get(tph, 1, 1, &tag), -ENOTSUP);
	assert_int_equal(k.gets, 0);
	steer_tph_close(tph);
}

/* The feature is asked first; where it is, the ioctl is left alone. */
static void
feature_goes_before_the_ioctl(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	k.family = FAMILY_V8;
	tph = open_named(-1);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_FEATURE);
	assert_int_equal(k.nb_log, 0);
	steer_tph_close(tph);
	tph = open_dialect(STEER_TPH_DIALECT_IOCTL_V8);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_IOCTL_V8);
	steer_tph_close(tph);
}

static void
gone_device_ends_the_search(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;

	v8(IV_CAP);
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	k.gone = 1;
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), -ENODEV);
	assert_int_equal(steer_tph_restore(tph), -ENODEV);
	assert_int_equal(steer_tph_disable(tph), -ENODEV);
	steer_tph_close(tph);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(search_sends_the_harmless_bytes_in_order),
		cmocka_unit_test(other_abis_of_the_number_are_named_and_left_as_they_are),
		cmocka_unit_test(stock_kernel_is_asked_once),
		cmocka_unit_test(kernel_without_a_usable_mode_says_so),
		cmocka_unit_test(life_of_a_table_in_golden_bytes),
		cmocka_unit_test(tags_of_cpus_in_device_specific_mode),
		cmocka_unit_test(no_mode_without_tags),
		cmocka_unit_test(enable_that_does_not_stick_is_an_error),
		cmocka_unit_test(kernel_that_thinks_it_is_on_is_turned_off_first),
		cmocka_unit_test(failed_batch_is_put_back),
		cmocka_unit_test(hidden_table_is_not_guessed),
		cmocka_unit_test(feature_goes_before_the_ioctl),
		cmocka_unit_test(gone_device_ends_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
