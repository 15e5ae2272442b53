/* SPDX-License-Identifier: BSD-3-Clause */

/* The texts of /proc/cpuinfo and of a PMU's folder in sysfs. */

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fake_pmu.h"
#include "pmu_files.h"
#include "pmu_texts.h"

static int
parse(const char *text, struct pmu_cpu *cpu)
{
	return pmu_cpu_parse(text, strlen(text), cpu);
}

static void
cpuinfo_of_the_first_cpu(void **state)
{
	struct pmu_cpu cpu;

	assert_int_equal(parse(TEXT_VM, &cpu), 0);
	assert_int_equal(cpu.vendor, PMU_INTEL);
	assert_int_equal(cpu.family, 6);
	assert_int_equal(cpu.model, 143);
	assert_int_equal(cpu.stepping, 8);
	assert_true(cpu.guest);
	assert_int_equal(parse(TEXT_ZEN4, &cpu), 0);
	assert_int_equal(cpu.vendor, PMU_AMD);
	assert_int_equal(cpu.family, 25);
	assert_int_equal(cpu.model, 17);
	assert_false(cpu.guest);
	assert_int_equal(parse(TEXT_V2, &cpu), 0);
	assert_int_equal(cpu.vendor, PMU_ARM);
	assert_int_equal(cpu.model, 0xd4f);
}

static void
cpuinfo_refuses(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"vendor_id : GenuineIntel\n",
		"vendor_id : GenuineIntel\ncpu family : 6\n",
		"vendor_id : GenuineIntel\ncpu family : 6\nmodel : eighty\n",
		"vendor_id : GenuineIntel\ncpu family : 6\nmodel : -1\n",
		"vendor_id : GenuineIntel\ncpu family : 6\nmodel : 99999999999999999999\n",
		"vendor_id : GenuineIntel\ncpu family : 6\nmodel : 4294967381\n", /* 85 in 32 bits
										   */
		"vendor_id : Somebody\ncpu family : 6\nmodel : 85\n",
		"cpu family : 6\nmodel : 85\n",
		"CPU implementer : 0x41\n",
		"CPU part : 0xd0c\n",
		TEXT_AMPERE,
		"model name : model : 85\n",
	};
	struct pmu_cpu cpu;

	for (size_t i = 0; i < PMU_N(texts); i++) {
		assert_int_equal(parse(texts[i], &cpu), -ENOENT);
		assert_int_equal(cpu.vendor, 0);
	}
}

/* A flag that only begins like the word is another flag. */
static void
guest_is_a_whole_word(void **state)
{
	struct pmu_cpu cpu;

	assert_int_equal(parse("vendor_id: GenuineIntel\ncpu family: 6\nmodel: 85\n"
			       "flags: hypervisorx xhypervisor\n",
			       &cpu),
			 0);
	assert_false(cpu.guest);
}

static void
put(const char *format, uint64_t value, int want, uint64_t c0, uint64_t c1)
{
	uint64_t config[3] = {0};
	struct pmu_format f;

	assert_int_equal(pmu_format_parse(format, &f), 0);
	assert_int_equal(pmu_format_put(&f, value, config), want);
	assert_int_equal(config[0], c0);
	assert_int_equal(config[1], c1);
	assert_int_equal(config[2], 0);
}

static void
fields_go_where_sysfs_says(void **state)
{
	put("config:0-7\n", 0x35, 0, 0x35, 0);
	/* A caching agent's unit mask is in two parts. */
	put("config:8-15,32-55", 0xcc43fd04, 0, 0xcc43fd00000400, 0);
	/* The data fabric's event, and its unit mask. */
	put("config:0-7,32-37", 0x9df, 0, 0x9000000df, 0);
	put("config:8-15,24-27", 0xfff, 0, 0xf00ff00, 0);
	put("config1:26-35\n", 3, 0, 0, UINT64_C(3) << 26);
	put("config:0-63", UINT64_MAX, 0, UINT64_MAX, 0);
	put("config:31\n", 1, 0, UINT64_C(1) << 31, 0);
	put("config:0-7\n", 0x100, -ERANGE, 0, 0);
	put("config:31", 2, -ERANGE, 0, 0);
}

static void
formats_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"config",
		"config:",
		"config3:0-7",
		"config:a-b",
		"config:7-0",
		"config:0-64",
		"config:0-7,",
		"config:0-7x",
		"config:0-7\n\n",
		"confi:0-7",
		"config:0--7",
		"config: 0-7",
		"config:999999999999999999",
		"config:0,1,2,3,4",
	};
	struct pmu_format f;

	for (size_t i = 0; i < PMU_N(texts); i++)
		assert_int_equal(pmu_format_parse(texts[i], &f), -EPROTO);
}

static void
cpu_masks(void **state)
{
	unsigned int cpus[4];

	assert_int_equal(pmu_cpus_parse("0\n", cpus, 4), 1);
	assert_int_equal(cpus[0], 0);
	assert_int_equal(pmu_cpus_parse("0,28\n", cpus, 4), 2);
	assert_int_equal(cpus[1], 28);
	assert_int_equal(pmu_cpus_parse("2-3,96", cpus, 4), 3);
	assert_int_equal(cpus[0], 2);
	assert_int_equal(cpus[1], 3);
	assert_int_equal(cpus[2], 96);
	assert_int_equal(pmu_cpus_parse("0-99999", cpus, 4), 4);
	assert_int_equal(pmu_cpus_parse("\n", cpus, 4), -EPROTO);
	assert_int_equal(pmu_cpus_parse("3-1", cpus, 4), -EPROTO);
	assert_int_equal(pmu_cpus_parse("1,", cpus, 4), -EPROTO);
	assert_int_equal(pmu_cpus_parse("1 2", cpus, 4), -EPROTO);
}

static unsigned int
found(const char *root, const char *name)
{
	unsigned int at = 0, n = 0;
	char pmu[PMU_NAME_MAX];

	while (pmu_find(root, name, &at, pmu))
		n++;
	return n;
}

static void
pmus_by_name(void **state)
{
	char *root = fake_tree(TEXT_SPR, 0);
	uint64_t n;

	assert_false(pmu_has_cpu(root));
	assert_int_equal(found(root, "uncore_cha"), 0);
	fake_tree_file(root, PMU_DEVICES "/uncore_cha_0/type", "30\n");
	fake_tree_file(root, PMU_DEVICES "/uncore_cha_11/type", "41\n");
	fake_tree_file(root, PMU_DEVICES "/uncore_chacms_0/type", "50\n");
	fake_tree_file(root, PMU_DEVICES "/uncore_cha_x/type", "51\n");
	fake_tree_file(root, PMU_DEVICES "/uncore_cha12/type", "52\n");
	fake_tree_file(root, PMU_DEVICES "/uncore_cha_/type", "none\n");
	assert_int_equal(found(root, "uncore_cha"), 2);
	fake_tree_file(root, PMU_DEVICES "/armv8_pmuv3_0/type", "8\n");
	assert_true(pmu_has_cpu(root));
	assert_int_equal(pmu_file_number(root, PMU_DEVICES "/uncore_cha_11/type", &n), 0);
	assert_int_equal(n, 41);
	assert_int_equal(pmu_file_number(root, PMU_DEVICES "/uncore_cha_/type", &n), -EPROTO);
	assert_int_equal(pmu_file_number(root, PMU_DEVICES "/nothing/type", &n), -ENOENT);
	fake_tree_remove(root);
	assert_int_equal(found("/nowhere", "uncore_cha"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpuinfo_of_the_first_cpu),
		cmocka_unit_test(cpuinfo_refuses),
		cmocka_unit_test(guest_is_a_whole_word),
		cmocka_unit_test(fields_go_where_sysfs_says),
		cmocka_unit_test(formats_refused),
		cmocka_unit_test(cpu_masks),
		cmocka_unit_test(pmus_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
