/* SPDX-License-Identifier: BSD-3-Clause */

/* What workers see of TPH: the tag by vector, and the CPU that a tag stands for. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "fake_vio.h"

#define IV_STD 0x101u
#define IV_EXT 0x301u
#define DS_STD 0x102u

static struct nic *
create(enum nic_tph tph, bool extended, uint16_t a, uint16_t b)
{
	struct nic_opts opts = {.sock = "test",
				.pairs = 4,
				.vectors = 9,
				.tph = tph,
				.tph_entries = 6,
				.tph_extended = extended,
				.tph_swap = a != b,
				.swap_a = a,
				.swap_b = b};
	struct nic *nic;

	assert_int_equal(nic_create(&opts, &nic), 0);
	return nic;
}

static int
set(struct nic *nic, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	uint8_t data[8 + 4 * 16];
	const struct vfu_tph_st h = {.index = index, .count = count};

	memcpy(data, &h, sizeof(h));
	memcpy(data + sizeof(h), cpus, 4u * count);
	return nic_tph_feature_set(nic, data, sizeof(h) + 4u * count);
}

static uint16_t
tag_of(struct nic *nic, uint32_t cpu)
{
	uint16_t tag = 0;

	assert_int_equal(nic_tph_cpu_tag(nic, cpu, &tag), 0);
	return tag;
}

static void
vectors_carry_tags_only_in_iv_mode(void **state)
{
	struct nic *nic = create(NIC_TPH_IV_CAP, false, 0, 0);
	const uint32_t cpus[] = {3, 4};

	assert_int_equal(nic_tph_ctrl(nic, IV_STD), IV_STD);
	assert_int_equal(set(nic, 4, 2, cpus), 0);
	assert_int_equal(nic_tph_vector_tag(nic, 3), 0);
	assert_int_equal(nic_tph_vector_tag(nic, 4), tag_of(nic, 3));
	assert_int_equal(nic_tph_vector_tag(nic, 5), tag_of(nic, 4));
	assert_int_equal(nic_tph_vector_tag(nic, 6), 0); /* no entry */
	assert_int_equal(nic_tph_vector_tag(nic, NIC_NO_VECTOR), 0);
	assert_int_equal(nic_tph_ctrl(nic, 1), 1); /* requester off */
	assert_int_equal(nic_tph_vector_tag(nic, 4), 0);
	assert_int_equal(nic_tph_ctrl(nic, IV_STD), IV_STD);
	assert_int_equal(nic_tph_vector_tag(nic, 4), tag_of(nic, 3)); /* the table was left alone */
	assert_false(nic_tph_ds_on(nic));
	nic_tph_reset(nic);
	nic_tph_ctrl(nic, IV_STD);
	assert_int_equal(nic_tph_vector_tag(nic, 4), 0);
	nic_destroy(nic);
}

static void
tags_lead_back_to_their_cpus(void **state)
{
	struct nic *nic = create(NIC_TPH_IV_CAP, true, 0, 0);
	uint32_t cpu, known = 0, t;

	nic_tph_ctrl(nic, IV_STD);
	for (cpu = 0; cpu < 208; cpu++)
		assert_int_equal(nic_tag_cpu(nic, tag_of(nic, cpu)), cpu);
	nic_tph_ctrl(nic, IV_EXT);
	for (cpu = 0; cpu < 4096; cpu++)
		assert_int_equal(nic_tag_cpu(nic, tag_of(nic, cpu)), cpu);
	for (t = 0; t < 65536; t++)
		known += nic_tag_cpu(nic, (uint16_t)t) >= 0;
	assert_int_equal(known, 208 + 4096);
	assert_int_equal(nic_tag_cpu(nic, 0), -1);
	nic_destroy(nic);
}

static void
swapped_tags_lead_astray(void **state)
{
	struct nic *plain = create(NIC_TPH_IV_CAP, false, 0, 0), *nic;
	const uint16_t a = tag_of(plain, 0), b = tag_of(plain, 1);

	nic = create(NIC_TPH_IV_CAP, false, a, b);
	assert_int_equal(tag_of(nic, 0), a); /* the kernel's answer is the same */
	assert_int_equal(nic_tag_cpu(nic, a), 1);
	assert_int_equal(nic_tag_cpu(nic, b), 0);
	assert_int_equal(nic_tag_cpu(nic, tag_of(plain, 2)), 2);
	nic_destroy(plain);
	nic_destroy(nic);
}

static void
ds_mode_has_no_vector_tags(void **state)
{
	struct nic *nic = create(NIC_TPH_DS_REG, false, 0, 0);
	const uint32_t cpu = 1;

	assert_false(nic_tph_ds_on(nic));
	assert_int_equal(nic_tph_ctrl(nic, DS_STD), DS_STD);
	assert_true(nic_tph_ds_on(nic));
	assert_int_equal(set(nic, 0, 1, &cpu), -EINVAL);
	assert_int_equal(nic_tph_vector_tag(nic, 0), 0);
	nic_destroy(nic);
}

/* Random batches, some with a CPU that is refused: the table is what the last good ones left. */
static void
batches_are_all_or_nothing(void **state)
{
	struct nic *nic = create(NIC_TPH_IV_CAP, false, 0, 0);
	uint16_t want[6] = {0}, try[6];
	unsigned int round, i, at, n;
	uint32_t cpus[6];
	bool good;

	srand(3);
	nic_tph_ctrl(nic, IV_STD);
	for (round = 0; round < 20000; round++) {
		at = (unsigned int)rand() % 6;
		n = 1 + (unsigned int)rand() % (6 - at);
		good = true;
		memcpy(try, want, sizeof(try));
		for (i = 0; i < n; i++) {
			cpus[i] = (uint32_t)rand() % 212;
			if (cpus[i] >= 210)
				cpus[i] = VFU_TPH_CPU_CLEAR;
			good = good && (cpus[i] < 208 || cpus[i] == VFU_TPH_CPU_CLEAR);
			if (good)
				try[at + i] =
					cpus[i] == VFU_TPH_CPU_CLEAR ? 0 : tag_of(nic, cpus[i]);
		}
		assert_int_equal(set(nic, (uint16_t)at, (uint16_t)n, cpus), good ? 0 : -EINVAL);
		if (good)
			memcpy(want, try, sizeof(want));
		for (i = 0; i < 6; i++)
			assert_int_equal(nic_tph_st(nic, (uint16_t)i), want[i]);
	}
	nic_destroy(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_carry_tags_only_in_iv_mode),
		cmocka_unit_test(tags_lead_back_to_their_cpus),
		cmocka_unit_test(swapped_tags_lead_astray),
		cmocka_unit_test(ds_mode_has_no_vector_tags),
		cmocka_unit_test(batches_are_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
