/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Random sets and clears against a model of eight lines, on kernels that refuse at random and then
 * leave the table whole, empty, half-written, or TPH off: after each call the device's table, what
 * GET says, and the model are the same.
 */

#include "fake_tph.h"

#define STEPS 4000
#define CPUS  12u

static uint32_t model[ENTRIES];
static uint32_t rng;

static uint32_t
draw(uint32_t below)
{
	rng = rng * 1664525u + 1013904223u;
	return (rng >> 16) % below;
}

static void
check(struct steer_tph *tph)
{
	uint16_t tags[ENTRIES], want;
	uint32_t i;

	assert_int_equal(steer_tph_get(tph, 0, ENTRIES, tags), 0);
	for (i = 0; i < ENTRIES; i++) {
		want = model[i] == NO_CPU ? 0 : tag_of(model[i]);
		assert_int_equal(entry(i), want);
		assert_int_equal(tags[i], want);
	}
	assert_int_equal(ctrl(), 0x0101);
}

/* Putting back was refused, too: such an entry is as before, empty, or what was asked for. */
static void
take_over(uint16_t index, uint16_t count, const uint32_t *cpus)
{
	uint32_t i, e;

	for (i = 0; i < count; i++) {
		e = index + i;
		if (entry(e) == 0)
			model[e] = NO_CPU;
		else if (model[e] == NO_CPU || entry(e) != tag_of(model[e]))
			model[e] = cpus[i];
	}
}

static void
reset(struct steer_tph *tph)
{
	uint32_t i;

	put16(CTRL_OFF, 0);
	for (i = 0; i < ENTRIES; i++)
		set_entry(i, 0);
	k.fail_calls = 0;
	assert_int_equal(steer_tph_restore(tph), 0);
}

/* calls: SETs that may be refused. One: what was there comes back as it was. */
static void
step(struct steer_tph *tph, int calls)
{
	static const enum fault faults[] = {NONE, CLEAR_TO_ZERO, PARTIAL, TURN_OFF};
	uint16_t index = (uint16_t)draw(ENTRIES), count = (uint16_t)(1 + draw(ENTRIES - index));
	uint32_t cpus[ENTRIES], i;

	k.fault = faults[draw(4)];
	k.fail_calls = calls;
	for (i = 0; i < count; i++)
		cpus[i] = draw(4) == 0 ? NO_CPU : draw(CPUS);
	if (calls == 1 && draw(50) == 0)
		reset(tph);
	else if (steer_tph_set(tph, index, count, cpus) == 0)
		memcpy(&model[index], cpus, count * sizeof(*cpus));
	else if (calls > 1)
		take_over(index, count, cpus);
	check(tph);
}

static void
run_calls(uint32_t cap, int by_index, enum family family, int calls)
{
	struct steer_tph *tph;
	uint32_t i;

	device(cap);
	k.by_index = by_index;
	k.family = family;
	k.absent = family != NO_IOCTL;
	k.seed = rng = cap + (uint32_t)calls;
	k.fail_one_in = 4;
	memset(model, 0xff, sizeof(model));
	tph = open_on(STEER_PCI_TPH_MODE_IV);
	for (i = 0; i < STEPS; i++)
		step(tph, calls);
	k.fail_calls = 0;
	steer_tph_close(tph);
	assert_int_equal(ctrl(), 0);
	for (i = 0; i < ENTRIES; i++)
		assert_int_equal(entry(i), 0);
}

static void
run(uint32_t cap, int by_index, enum family family)
{
	run_calls(cap, by_index, family, 1);
	run_calls(cap, by_index, family, 1000);
}

static void
feature_by_cpu(void **state)
{
	run(IV_CAP, 0, NO_IOCTL);
	run(IV_MSIX, 0, NO_IOCTL);
}

static void
feature_by_index(void **state)
{
	run(IV_CAP, 1, NO_IOCTL);
	run(IV_MSIX, 1, NO_IOCTL);
}

static void
ioctl_v8(void **state)
{
	run(IV_CAP, 0, FAMILY_V8);
	run(IV_MSIX, 0, FAMILY_V8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feature_by_cpu),
		cmocka_unit_test(feature_by_index),
		cmocka_unit_test(ioctl_v8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
