/* SPDX-License-Identifier: BSD-3-Clause */

#include "steer_tally.h"
#include "steer_timing.h"

static void
add_scaled(struct steer_figures *sum, const struct steer_figures *more, double sign)
{
	sum->cycles += sign * more->cycles;
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		sum->per_packet[l] += sign * more->per_packet[l];
		sum->first_touch[l] += sign * more->first_touch[l];
	}
}

void
steer_tally_add(struct steer_tally *sum, const struct steer_tally *more)
{
	struct steer_figures pair[2] = {sum->sum, more->sum};

	if (more->sum.packets == 0)
		return;
	if (sum->sum.packets == 0) {
		*sum = *more;
		return;
	}
	steer_figures_align(pair, 2);
	pair[0].packets += pair[1].packets;
	pair[0].known &= pair[1].known;
	pair[0].touch_known &= pair[1].touch_known;
	pair[0].merged |= pair[1].merged;
	pair[0].cycles_known &= pair[1].cycles_known;
	add_scaled(&pair[0], &pair[1], 1);
	sum->sum = pair[0];
}

void
steer_tally_sub(struct steer_tally *sum, const struct steer_tally *earlier)
{
	struct steer_figures pair[2] = {sum->sum, earlier->sum};

	if (earlier->sum.packets == 0)
		return;
	/* what came later may have merged more */
	steer_figures_align(pair, 2);
	pair[0].packets -= pair[1].packets;
	add_scaled(&pair[0], &pair[1], -1);
	sum->sum = pair[0];
}

static double
touches(const struct steer_figures *f)
{
	double n = 0;

	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		n += f->first_touch[l];
	return n;
}

void
steer_tally_figures(const struct steer_tally *t, struct steer_figures *f)
{
	double n = touches(&t->sum), few = t->sum.unit == STEER_UNIT_SAMPLES ? STEER_TIMING_FEW : 1;

	*f = t->sum;
	if (f->packets == 0) {
		f->known = 0;
		f->cycles_known = false;
	}
	if (f->packets == 0 || n < few)
		f->touch_known = 0;
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		f->per_packet[l] = f->known & 1u << l ? f->per_packet[l] / (double)f->packets : 0;
		f->first_touch[l] = f->touch_known & 1u << l ? f->first_touch[l] / n : 0;
	}
	f->cycles = f->cycles_known ? f->cycles / (double)f->packets : 0;
}

void
steer_tally_of_figures(const struct steer_figures *f, struct steer_tally *t)
{
	t->sum = *f;
	t->sum.cycles *= (double)f->packets;
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		t->sum.per_packet[l] *= (double)f->packets;
}
