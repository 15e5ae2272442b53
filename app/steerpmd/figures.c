/* SPDX-License-Identifier: BSD-3-Clause */

/* Single figures out of what a source gives, and several sets of figures as one. */

#include "result.h"

const char *
figure_name(enum figure fig)
{
	static const char *const names[FIGURES] = {
		[FIG_NEAR] = "l2_or_better",
		[FIG_CYCLES] = "cycles_per_packet",
		[FIG_MPPS] = "mpps",
		[FIG_P50] = "latency_p50",
		[FIG_WRITE_HITS] = "device_write_hits",
		[FIG_P99] = "latency_p99",
		[FIG_P999] = "latency_p999",
	};

	return names[fig] != NULL ? names[fig] : "lines";
}

static bool
level_of(uint32_t known, const double *values, unsigned int level, double *v)
{
	*v = values[level];
	return (known & 1u << level) != 0;
}

/* Own L1 and L2. Where the two are merged their sum stands in L1; a group that reaches further
 * says nothing. */
static bool
near_of(const struct steer_figures *f, double *v)
{
	const uint32_t l1 = 1u << STEER_CACHE_L1, l2 = 1u << STEER_CACHE_L2;
	const uint32_t beyond = 1u << STEER_CACHE_OTHER;

	if ((f->touch_known & l1) == 0)
		return false;
	*v = f->first_touch[STEER_CACHE_L1];
	if ((f->touch_known & l2) != 0) {
		/* L2 that heads a group of its own has more than L2 in it */
		if ((f->merged & l2) != 0 && (f->merged & beyond) != 0 &&
		    (f->touch_known & beyond) == 0)
			return false;
		*v += f->first_touch[STEER_CACHE_L2];
		return true;
	}
	return (f->merged & (l1 | l2)) == (l1 | l2) &&
	       ((f->merged & beyond) == 0 || (f->touch_known & beyond) != 0);
}

bool
figure_of(const struct steer_figures *f, enum figure fig, double *v)
{
	if (f->packets == 0)
		return false;
	if (fig < FIG_TOUCH)
		return level_of(f->known, f->per_packet, fig - FIG_LINES, v);
	if (fig < FIG_NEAR)
		return level_of(f->touch_known, f->first_touch, fig - FIG_TOUCH, v);
	if (fig == FIG_NEAR)
		return near_of(f, v);
	*v = f->cycles;
	return fig == FIG_CYCLES && f->cycles_known;
}

static bool
latency_of(const struct latency_figures *lat, enum figure fig, double *v)
{
	*v = fig == FIG_P50 ? lat->p50 : fig == FIG_P99 ? lat->p99 : lat->p999;
	return lat->samples != 0;
}

static bool
write_hits_of(const struct steer_cache_dma_stats *dma, double *v)
{
	if (dma->writes == 0)
		return false;
	*v = (double)dma->write_hits / (double)dma->writes;
	return true;
}

static bool
round_figure(const struct round_result *round, enum figure fig, double *v)
{
	if (fig >= FIG_WITNESS)
		return witness_figure(&round->witness, fig - FIG_WITNESS, v);
	if (fig >= FIG_P50)
		return latency_of(&round->lat, fig, v);
	if (fig == FIG_WRITE_HITS)
		return write_hits_of(&round->dma, v);
	if (fig != FIG_MPPS)
		return figure_of(&round->fig, fig, v);
	*v = round->mpps;
	return round->mpps > 0;
}

size_t
result_series(const struct result *r, enum steering mode, int queue, enum figure fig,
	      double *values)
{
	size_t n = 0;

	for (unsigned int i = 0; i < r->nb_rounds; i++) {
		const struct round_result *round = &r->rounds[i];

		if (round->mode != mode)
			continue;
		if (queue < 0 ? round_figure(round, fig, &values[n])
			      : figure_of(&round->queues[queue].fig, fig, &values[n]))
			n++;
	}
	return n;
}

void
figures_of_counters(const struct steer_platform *p, const struct steer_cache_counters *ctr,
		    uint64_t packets, struct steer_figures *f)
{
	const uint32_t all = (1u << STEER_CACHE_LEVELS) - 1;
	uint64_t touches = 0;

	*f = (struct steer_figures){
		.source = STEER_SOURCE_MODEL, .unit = STEER_UNIT_LINES, .packets = packets};
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++)
		touches += ctr->first_touch[l];
	if (packets == 0)
		return;
	f->known = all;
	f->touch_known = touches != 0 ? all : 0;
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		f->per_packet[l] = (double)ctr->lines[l] / (double)packets;
		if (touches != 0)
			f->first_touch[l] = (double)ctr->first_touch[l] / (double)touches;
	}
	f->cycles_known = true;
	f->cycles = steer_platform_cycles(p, ctr->lines) / (double)packets;
}

static void
add_weighted(struct steer_figures *f, const struct steer_figures *part)
{
	double share = (double)part->packets / (double)f->packets;

	f->known &= part->known;
	f->touch_known &= part->touch_known;
	f->cycles_known &= part->cycles_known;
	f->merged |= part->merged;
	f->cycles += share * part->cycles;
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		f->per_packet[l] += share * part->per_packet[l];
		f->first_touch[l] += share * part->first_touch[l];
	}
}

void
figures_merge(const struct steer_figures *parts, unsigned int n, struct steer_figures *f)
{
	struct steer_figures part;
	uint32_t joined = 0;

	*f = (struct steer_figures){
		.known = UINT32_MAX, .touch_known = UINT32_MAX, .cycles_known = true};
	for (unsigned int i = 0; i < n; i++) {
		f->source = parts[i].source;
		f->unit = parts[i].unit;
		f->packets += parts[i].packets;
		joined |= figures_joined(&parts[i]);
	}
	for (unsigned int i = 0; i < n && f->packets != 0; i++) {
		part = parts[i];
		figures_join(&part, joined);
		if (part.packets != 0)
			add_weighted(f, &part);
	}
	if (f->packets == 0) {
		f->known = f->touch_known = 0;
		f->cycles_known = false;
	}
}
