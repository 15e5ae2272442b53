/* SPDX-License-Identifier: BSD-3-Clause */

/* lib/tph: a CPU's tag for a device that keeps tags in registers of its own. */

#include "fake_tph.h"

static void
cpu_tag_by_cpu(void **state)
{
	struct steer_tph *tph;
	uint16_t tag;
	int sets;

	device(DS_ONLY);
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	assert_int_equal(ctrl(), 0x0102);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	sets = k.sets; /* learnt: SET has no place there */
	assert_int_equal(steer_tph_cpu_tag(tph, 6, &tag), 0);
	assert_int_equal(tag, tag_of(6));
	assert_int_equal(k.sets, sets);
	k.bad_cpu = 9;
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -ENOENT);
	steer_tph_close(tph);
}

static void
cpu_tag_by_index(void **state)
{
	struct steer_tph *tph;
	uint16_t tag = 0;

	device(DS_ONLY);
	k.by_index = 1;
	k.bad_cpu = 9;
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	/* Refused before anything was stored: an empty store is no tag. */
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -ENOENT);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	/* Refused with a tag of another CPU in the store: that one must not come back. */
	assert_int_equal(steer_tph_cpu_tag(tph, 9, &tag), -ENOENT);
	assert_int_equal(steer_tph_cpu_tag(tph, 6, &tag), 0);
	assert_int_equal(tag, tag_of(6));
	steer_tph_close(tph);
}

static void
cpu_tag_with_get_alone(void **state)
{
	struct steer_tph *tph;
	uint16_t tag;

	device(DS_ONLY);
	k.no_set = 1;
	tph = open_named(FEATURE);
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_DS), 0);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	assert_int_equal(k.sets, 0);
	steer_tph_close(tph);
}

static void
cpu_tag_gives_entry_0_back(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;
	uint16_t tag;

	device(IV_CAP | 0x4);
	tph = open_on(STEER_PCI_TPH_MODE_DS);
	assert_int_equal(steer_tph_set(tph, 0, 1, &cpu), 0);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), 0);
	assert_int_equal(tag, tag_of(4));
	assert_int_equal(entry(0), tag_of(3));
	steer_tph_close(tph);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu_tag_by_cpu),
		cmocka_unit_test(cpu_tag_by_index),
		cmocka_unit_test(cpu_tag_with_get_alone),
		cmocka_unit_test(cpu_tag_gives_entry_0_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
