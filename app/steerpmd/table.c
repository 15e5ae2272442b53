/* SPDX-License-Identifier: BSD-3-Clause */

/* The tables of the terminal. Every title says where the numbers come from. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "result.h"

static const char *
tag_text(char *buf, size_t len, int tag)
{
	if (tag == RESULT_NO_TAG || tag == 0)
		snprintf(buf, len, "none");
	else
		snprintf(buf, len, "0x%x", tag);
	return buf;
}

void
table_head(FILE *out, const char *label)
{
	fprintf(out, "  %-8s %-25s %8s %8s %8s %8s %8s %9s %15s %10s\n", label, "", "own L1",
		"own L2", "other", "LLC", "memory", "L2 first", "cycles/packet", "packets");
}

void
table_line(FILE *out, const char *label, const char *where, const struct summary *s)
{
	const struct figures *m = &s->median;
	char cycles[24] = "-", near[12] = "-";

	fprintf(out, "  %-8s %-25s", label, where);
	for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
		if (m->valid)
			fprintf(out, " %8.2f", m->lines[l]);
		else
			fprintf(out, " %8s", "-");
	}
	if (m->touch_valid)
		snprintf(near, sizeof(near), "%.1f %%", 100 * s->l2_or_better);
	if (m->valid)
		snprintf(cycles, sizeof(cycles), "%.0f +-%.1f", m->cycles,
			 (s->cycles_span.max - s->cycles_span.min) / 2);
	fprintf(out, " %9s %15s %10" PRIu64 "\n", near, cycles, s->packets);
}

static int
queues_print(const struct result *r, enum steering mode, FILE *out)
{
	const struct round_result *round = NULL;
	struct summary s;
	char label[16], where[64], tag[12];

	for (unsigned int i = 0; i < r->nb_rounds && round == NULL; i++)
		if (r->rounds[i].mode == mode)
			round = &r->rounds[i];
	for (unsigned int q = 0; round != NULL && q < r->nb_queues; q++) {
		const struct queue_result *qr = &round->queues[q];

		if (summarize_queue(r, mode, q, &s) != 0)
			return -ENOMEM;
		snprintf(label, sizeof(label), "  q%u", q);
		snprintf(where, sizeof(where), "lcore %u cpu %" PRIu32 " tag %s", qr->lcore,
			 qr->cpu, tag_text(tag, sizeof(tag), qr->tag));
		table_line(out, label, where, &s);
	}
	return 0;
}

int
table_print(const struct result *r, FILE *out)
{
	bool shaped = r->rings != NULL && strcmp(r->rings, "virtio") != 0;
	struct summary s;

	fprintf(out,
		"\n== %s on %s%s%s, cache lines per packet by level, modelled: medians of %u "
		"rounds "
		"per mode\n",
		r->input, r->platform->name, shaped ? ", rings of " : "", shaped ? r->rings : "",
		r->nb_rounds / r->nb_modes);
	table_head(out, "mode");
	for (unsigned int i = 0; i < r->nb_modes; i++) {
		if (summarize(r, r->modes[i], &s) != 0)
			return -ENOMEM;
		table_line(out, steering_name(r->modes[i]), "all queues", &s);
		if (queues_print(r, r->modes[i], out) != 0)
			return -ENOMEM;
	}
	fprintf(out, "  L2 first: first touches of lines written by the device that the polling "
		     "CPU had in its own L1 or L2.\n"
		     "  +-: half of max - min over rounds.\n");
	return 0;
}
