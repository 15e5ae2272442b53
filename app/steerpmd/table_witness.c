/* SPDX-License-Identifier: BSD-3-Clause */

/* What was witnessed, below the table. These are counts of the whole machine, and say so. */

#include "result.h"

/* Each machine has one of these pairs. */
static const struct {
	enum witness_share share; /* WITNESS_FIGURES: none */
	enum steer_pmu_witness_kind count[2];
	const char *share_text, *text[2];
} kinds[] = {
	{WITNESS_HITS,
	 {STEER_PMU_WRITE_HIT, STEER_PMU_WRITE_MISS},
	 "of device writes hit a cache",
	 {"hits", "misses per packet"}},
	{WITNESS_TAKEN,
	 {STEER_PMU_STASH_SENT, STEER_PMU_STASH_PULLED},
	 "of stashes taken",
	 {"sent", "taken per packet"}},
	{WITNESS_FIGURES,
	 {STEER_PMU_IO_WRITES, STEER_PMU_DRAM_WRITES},
	 NULL,
	 {"lines written by devices", "lines written to DRAM per packet"}},
};

void
table_witness(const struct summary *s, enum steering mode, FILE *out)
{
	const struct spread *w = &s->fig[FIG_WITNESS];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct spread *a = &w[kinds[i].count[0]], *b = &w[kinds[i].count[1]];

		if (a->n == 0 || b->n == 0)
			continue;
		fprintf(out, "  %-8s system-wide: ", steering_name(mode));
		if (kinds[i].share_text != NULL && w[kinds[i].share].n != 0)
			fprintf(out, "%.1f %% %s, ", 100 * w[kinds[i].share].median,
				kinds[i].share_text);
		fprintf(out, "%.2f %s, %.2f %s (" WITNESS_LABEL ")\n", a->median, kinds[i].text[0],
			b->median, kinds[i].text[1]);
	}
}

void
table_witness_verdict(const struct result *r, FILE *out)
{
	struct witness_verdict v;

	witness_check(r, &v);
	if (v.state == WITNESS_CONTRADICTS)
		fprintf(out, "  CONTRADICTED BY THE WITNESS: %s\n", v.why);
	else if (v.state != WITNESS_ABSENT)
		fprintf(out, "  witness %s: %s\n",
			v.state == WITNESS_AGREES ? "agrees" : "cannot tell", v.why);
}
