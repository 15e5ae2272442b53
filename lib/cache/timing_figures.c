/* SPDX-License-Identifier: BSD-3-Clause */

/* From ticks that were counted to touches of levels. */

#include "timing.h"

/* Levels of each class; the sum of merged ones stands in the nearest. */
static const uint32_t class_levels[TIMING_CLASSES] = {
	[CLASS_L1] = 1u << STEER_CACHE_L1,
	[CLASS_L2] = 1u << STEER_CACHE_L2,
	[CLASS_BETWEEN] = 1u << STEER_CACHE_OTHER | 1u << STEER_CACHE_LLC,
	[CLASS_FAR] = 1u << STEER_CACHE_MEMORY,
};

static uint32_t
levels_of_group(const struct timing_calibration *cal, unsigned int group)
{
	uint32_t levels = 0;

	for (unsigned int c = 0; c < TIMING_CLASSES; c++)
		if (cal->group[c] == group)
			levels |= class_levels[c];
	return levels;
}

static bool
several(uint32_t bits)
{
	return (bits & (bits - 1)) != 0;
}

/* Add the samples of one slot by group; those of TIMING_LAST were interrupted and belong nowhere.
 */
static void
tell(const struct timing_thread *t, unsigned int slot, uint64_t by_group[TIMING_CLASSES])
{
	const uint32_t *ticks = t->hot.ticks[slot];

	for (uint32_t i = 0; i < TIMING_LAST; i++)
		if (ticks[i] != 0)
			by_group[t->cal.group[timing_class_of(&t->cal, i)]] += ticks[i];
}

/* However few: who makes shares of them looks at that. */
static void
touches(const struct timing_thread *t, const uint64_t by_group[TIMING_CLASSES],
	struct steer_figures *sum)
{
	for (unsigned int g = 0; g < TIMING_CLASSES; g++) {
		uint32_t levels = levels_of_group(&t->cal, g);

		if (levels == 0)
			continue;
		if (several(levels))
			sum->merged |= levels;
		sum->touch_known |= levels & -levels; /* the nearest */
		sum->first_touch[__builtin_ctz(levels)] = (double)by_group[g];
	}
}

/* The window's ticks belong to all slots that had packets in it: to one slot only when it is alone.
 */
static void
cycles(const struct timing_thread *t, struct steer_figures *sum)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < t->hot.slots; i++)
		all += t->packets[i];
	if (!t->source->machine->cycles || sum->packets == 0 || sum->packets != all)
		return;
	sum->cycles_known = true;
	sum->cycles = (double)t->elapsed;
}

void
timing_tally(const struct timing_thread *t, unsigned int first, unsigned int n,
	     struct steer_tally *tally)
{
	uint64_t by_group[TIMING_CLASSES] = {0};
	struct steer_figures *sum = &tally->sum;

	*sum = (struct steer_figures){.source = STEER_SOURCE_TIMING, .unit = STEER_UNIT_SAMPLES};
	for (unsigned int i = first; i < first + n; i++) {
		sum->packets += t->packets[i];
		tell(t, i, by_group);
	}
	touches(t, by_group, sum);
	cycles(t, sum);
}
