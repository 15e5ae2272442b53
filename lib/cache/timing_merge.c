/* SPDX-License-Identifier: BSD-3-Clause */

/* Levels that the probe cannot tell apart become one: neighbours only, and no more than needed. */

#include "timing.h"

/* Classes that are right for a state: what is out of L2 may be in either of the two beyond. */
static const struct {
	uint8_t first, last;
} own[TIMING_STATES] = {
	[TIMING_L1] = {CLASS_L1, CLASS_L1},
	[TIMING_L2] = {CLASS_L2, CLASS_L2},
	[TIMING_OUT] = {CLASS_BETWEEN, CLASS_FAR},
	[TIMING_FAR] = {CLASS_FAR, CLASS_FAR},
};

/* Test loads of a state that were told as nearer than its groups, in them and beyond. */
struct split {
	uint64_t nearer, right, farther;
};

static struct split
split_of(const struct timing_calibration *cal, enum timing_state state)
{
	uint8_t first = cal->group[own[state].first], last = cal->group[own[state].last];
	struct split s = {0};

	for (unsigned int c = 0; c < TIMING_CLASSES; c++) {
		if (cal->group[c] < first)
			s.nearer += cal->told[state][c];
		else if (cal->group[c] <= last)
			s.right += cal->told[state][c];
		else
			s.farther += cal->told[state][c];
	}
	return s;
}

/* Of no loads at all none was told right. */
static double
recall_of(const struct split *s)
{
	uint64_t all = s->nearer + s->right + s->farther;

	return all == 0 ? 0 : (double)s->right / (double)all;
}

/* Make the groups of class c, the first of its group, and of the class before it one. */
static void
join(struct timing_calibration *cal, unsigned int c)
{
	uint8_t to = cal->group[c - 1];

	for (unsigned int i = c; i < TIMING_CLASSES && cal->group[i] == c; i++)
		cal->group[i] = to;
}

/* Join the state's groups with the neighbour that took more of its loads; where they are all there
 * are, and still not right (there were no loads), join the last two. */
static void
join_state(struct timing_calibration *cal, enum timing_state state, const struct split *s)
{
	unsigned int first = cal->group[own[state].first], last = cal->group[own[state].last];
	unsigned int beyond = own[state].last;

	while (beyond < TIMING_CLASSES && cal->group[beyond] == last)
		beyond++;
	if (beyond < TIMING_CLASSES && (first == 0 || s->farther >= s->nearer))
		join(cal, beyond);
	else
		join(cal, first > 0 ? first : last);
}

static unsigned int
groups(const struct timing_calibration *cal)
{
	unsigned int n = 0;

	for (unsigned int c = 0; c < TIMING_CLASSES; c++)
		n += cal->group[c] == c;
	return n;
}

/* @return whether two groups became one. */
static bool
merge_worst(struct timing_calibration *cal)
{
	unsigned int worst = TIMING_L1;
	struct split split[TIMING_STATES];

	for (unsigned int st = 0; st < TIMING_STATES; st++) {
		split[st] = split_of(cal, (enum timing_state)st);
		cal->recall[st] = recall_of(&split[st]);
		if (cal->recall[st] < cal->recall[worst])
			worst = st;
	}
	if (cal->recall[worst] >= TIMING_RECALL || groups(cal) == 1)
		return false;
	join_state(cal, (enum timing_state)worst, &split[worst]);
	return true;
}

unsigned int
timing_merge(struct timing_calibration *cal)
{
	for (unsigned int c = 0; c < TIMING_CLASSES; c++)
		cal->group[c] = (uint8_t)c;
	while (merge_worst(cal))
		;
	return groups(cal);
}
