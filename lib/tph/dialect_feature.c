/* SPDX-License-Identifier: BSD-3-Clause */

/* TPH_ST with GET by CPU: CPUs in, tags out. SET programs the device's table. */

#include <errno.h>

#include "dialect.h"

/* A form by index whose empty store refused GET at open was taken for this one; behind a SET that
 * worked there is something in the store. */
static void
settle_form(struct steer_tph *tph, uint16_t index)
{
	if (!tph->unsure)
		return;
	tph->unsure = false;
	if (!tph_feature_get_is_by_index(tph, index))
		return;
	tph->dialect = &tph_dialect_feature_by_index;
	tph->info.dialect = tph->dialect->id;
}

static int
by_cpu_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	int rc = tph_feature_set(tph, index, count, cpus);

	if (rc == 0 && cpus[0] != STEER_TPH_CPU_NONE)
		settle_form(tph, index);
	return rc;
}

static int
by_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	int rc = tph_feature_tag(tph, cpu, tag);

	if (rc == 0)
		tph->unsure = false;
	if (rc == 0 || rc == -ENODEV || !tph->unsure)
		return rc;
	/* Without a table a SET that works means by index. */
	if (tph->nb != 0 || by_cpu_set(tph, 0, 1, &cpu) != 0)
		tph_ctrl_repair(tph); /* a refusal may have turned TPH off */
	else if (tph->dialect == &tph_dialect_feature_by_index)
		return tph_feature_tag(tph, cpu, tag);
	return rc;
}

const struct tph_dialect tph_dialect_feature = {
	.id = STEER_TPH_DIALECT_FEATURE,
	.set = by_cpu_set,
	.get = tph_feature_get,
	.cpu_tag = by_cpu_tag,
};
