/* SPDX-License-Identifier: BSD-3-Clause */

/* The first byte says which text the others are: /proc/cpuinfo, a field's format, a mask of CPUs.
 */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pmu.h"
#include "pmu_files.h"

#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

static void
cpuinfo(const char *text, size_t len)
{
	static const struct pmu_cpu none;
	struct pmu_cpu cpu;
	int rc = pmu_cpu_parse(text, len, &cpu);

	must(rc == 0 || rc == -ENOENT);
	if (rc < 0)
		must(memcmp(&cpu, &none, sizeof(cpu)) == 0);
	else
		must(cpu.vendor >= PMU_INTEL && cpu.vendor <= PMU_ARM);
}

static void
format(const char *text)
{
	uint64_t config[3] = {0}, all = 0;
	struct pmu_format f;

	if (pmu_format_parse(text, &f) < 0)
		return;
	must(f.word <= 2 && f.nb >= 1 && f.nb <= PMU_RANGES);
	for (unsigned int i = 0; i < f.nb; i++) {
		must(f.range[i].first <= f.range[i].last && f.range[i].last <= 63);
		for (unsigned int bit = f.range[i].first; bit <= f.range[i].last; bit++)
			all |= UINT64_C(1) << bit;
	}
	must(pmu_format_put(&f, 1, config) == 0);
	must(config[f.word] == UINT64_C(1) << f.range[0].first);
	pmu_format_put(&f, UINT64_MAX, config);
	must((config[f.word] & ~all) == 0);
	for (unsigned int i = 0; i < 3; i++)
		must(i == f.word || config[i] == 0);
}

static void
cpus(const char *text)
{
	unsigned int cpu[8];
	int n = pmu_cpus_parse(text, cpu, 8);

	must(n == -EPROTO || (n >= 1 && n <= 8));
	for (int i = 0; i < n; i++)
		must(cpu[i] <= 99999);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX];

	if (size == 0 || size > sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 3) {
	case 0: cpuinfo((const char *)data + 1, size - 1); break;
	case 1: format(text); break;
	default: cpus(text); break;
	}
	return 0;
}
