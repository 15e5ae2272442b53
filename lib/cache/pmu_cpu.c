/* SPDX-License-Identifier: BSD-3-Clause */

/* The CPU's identity out of the text of /proc/cpuinfo, so that any machine's can be read. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pmu.h"

#define VALUE_MAX 4096 /* a line of flags */

enum key { KEY_VENDOR, KEY_FAMILY, KEY_MODEL, KEY_STEPPING, KEY_FLAGS, KEY_IMPLEMENTER, KEY_PART };

static const char *const keys[] = {
	[KEY_VENDOR] = "vendor_id", [KEY_FAMILY] = "cpu family",
	[KEY_MODEL] = "model",      [KEY_STEPPING] = "stepping",
	[KEY_FLAGS] = "flags",      [KEY_IMPLEMENTER] = "CPU implementer",
	[KEY_PART] = "CPU part",
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static int
key_of(const char *line, size_t len)
{
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	for (size_t i = 0; i < KEYS; i++)
		if (strlen(keys[i]) == len && memcmp(keys[i], line, len) == 0)
			return (int)i;
	return -1;
}

static bool
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)) != NULL; p += n)
		if ((p == text || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

/* A number, decimal or after 0x, and nothing behind it. */
static bool
number(const char *text, uint32_t *n)
{
	char *end;
	unsigned long v;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoul(text, &end, 0);
	if (errno != 0 || *end != '\0' || v > UINT32_MAX)
		return false;
	*n = (uint32_t)v;
	return true;
}

static void
vendor(const char *text, struct pmu_cpu *cpu)
{
	if (strcmp(text, "GenuineIntel") == 0)
		cpu->vendor = PMU_INTEL;
	else if (strcmp(text, "AuthenticAMD") == 0)
		cpu->vendor = PMU_AMD;
}

/* @return bit of the key when its value was good. */
static uint32_t
take(int key, const char *value, struct pmu_cpu *cpu)
{
	uint32_t n = 0;
	bool ok = true;

	switch (key) {
	case KEY_VENDOR: vendor(value, cpu); break;
	case KEY_FAMILY: ok = number(value, &cpu->family); break;
	case KEY_PART:
	case KEY_MODEL: ok = number(value, &cpu->model); break;
	case KEY_STEPPING: ok = number(value, &cpu->stepping); break;
	case KEY_FLAGS: cpu->guest = has_word(value, "hypervisor"); break;
	case KEY_IMPLEMENTER:
		ok = number(value, &n) && n == 0x41; /* Arm Ltd. */
		if (ok)
			cpu->vendor = PMU_ARM;
		break;
	default: return 0;
	}
	return ok ? 1u << key : 0;
}

static uint32_t
take_line(const char *line, size_t len, struct pmu_cpu *cpu)
{
	const char *colon = memchr(line, ':', len);
	char value[VALUE_MAX];
	size_t n;
	int key;

	if (colon == NULL || (key = key_of(line, (size_t)(colon - line))) < 0)
		return 0;
	n = len - (size_t)(colon - line) - 1;
	for (colon++; n > 0 && (*colon == ' ' || *colon == '\t'); n--)
		colon++;
	while (n > 0 && (colon[n - 1] == ' ' || colon[n - 1] == '\t' || colon[n - 1] == '\r'))
		n--;
	if (n >= sizeof(value))
		return 0;
	memcpy(value, colon, n);
	value[n] = '\0';
	return take(key, value, cpu);
}

static bool
whole(uint32_t seen, const struct pmu_cpu *cpu)
{
	uint32_t x86 = 1u << KEY_VENDOR | 1u << KEY_FAMILY | 1u << KEY_MODEL;
	uint32_t arm = 1u << KEY_IMPLEMENTER | 1u << KEY_PART;

	if (cpu->vendor == 0)
		return false;
	return (seen & (cpu->vendor == PMU_ARM ? arm : x86)) ==
	       (cpu->vendor == PMU_ARM ? arm : x86);
}

int
pmu_cpu_parse(const char *text, size_t len, struct pmu_cpu *cpu)
{
	uint32_t seen = 0;

	memset(cpu, 0, sizeof(*cpu));
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		if (n == 0 && seen != 0) /* the first CPU ends at an empty line */
			break;
		seen |= take_line(text, n, cpu);
		text += end ? n + 1 : n;
		len -= end ? n + 1 : n;
	}
	if (whole(seen, cpu))
		return 0;
	memset(cpu, 0, sizeof(*cpu));
	return -ENOENT;
}
