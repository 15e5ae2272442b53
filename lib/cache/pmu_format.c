/* SPDX-License-Identifier: BSD-3-Clause */

/* The two small languages of a PMU's folder in sysfs: where the fields of an event are, and on
 * which CPUs it is to be opened. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pmu_files.h"

/* A number of at most five digits; moves on. @return false: there is none */
static bool
number(const char **p, unsigned int *n)
{
	unsigned int digits = 0;

	for (*n = 0; **p >= '0' && **p <= '9' && digits < 5; (*p)++, digits++)
		*n = *n * 10 + (unsigned int)(**p - '0');
	return digits > 0;
}

/* "8-15" or "8" */
static bool
range(const char **p, unsigned int *first, unsigned int *last)
{
	if (!number(p, first))
		return false;
	*last = *first;
	if (**p != '-')
		return true;
	(*p)++;
	return number(p, last) && *last >= *first;
}

static bool
at_end(const char *p)
{
	return *p == '\0' || (*p == '\n' && p[1] == '\0');
}

/* "config", "config1:" and so on */
static const char *
word(const char *text, unsigned int *n)
{
	if (strncmp(text, "config", 6) != 0)
		return NULL;
	text += 6;
	*n = 0;
	if (*text == '1' || *text == '2')
		*n = (unsigned int)(*text++ - '0');
	return *text == ':' ? text + 1 : NULL;
}

int
pmu_format_parse(const char *text, struct pmu_format *f)
{
	unsigned int first, last;

	memset(f, 0, sizeof(*f));
	text = word(text, &f->word);
	if (text == NULL)
		return -EPROTO;
	for (;;) {
		if (f->nb == PMU_RANGES || !range(&text, &first, &last) || last > 63)
			return -EPROTO;
		f->range[f->nb].first = (uint8_t)first;
		f->range[f->nb].last = (uint8_t)last;
		f->nb++;
		if (at_end(text))
			return 0;
		if (*text++ != ',')
			return -EPROTO;
	}
}

int
pmu_format_put(const struct pmu_format *f, uint64_t value, uint64_t config[3])
{
	uint64_t out = 0;

	for (unsigned int i = 0; i < f->nb; i++) {
		unsigned int bits = f->range[i].last - f->range[i].first + 1u;
		uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

		out |= (value & mask) << f->range[i].first;
		value = bits == 64 ? 0 : value >> bits;
	}
	if (value != 0)
		return -ERANGE;
	config[f->word] |= out;
	return 0;
}

int
pmu_cpus_parse(const char *text, unsigned int *cpus, unsigned int nb)
{
	unsigned int n = 0, first, last;

	for (;;) {
		if (!range(&text, &first, &last))
			return -EPROTO;
		for (; first <= last && n < nb; first++)
			cpus[n++] = first;
		if (at_end(text))
			return (int)n;
		if (*text++ != ',')
			return -EPROTO;
	}
}
