/* SPDX-License-Identifier: BSD-3-Clause */

/* TPH_ST as VFIO's maintainer drew it: SET translates and stores, also without a table; GET tells
 * what is stored at the index. The control register is virtualised: stored tags reach the device
 * when TPH goes on. */

#include <errno.h>

#include "dialect.h"

/* Entry 0 is borrowed, and with a table given back what the record has for it. */
static int
by_index_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	int rc = tph->can_set ? tph_feature_set(tph, 0, 1, &cpu) : -ENOTSUP;

	if (rc == 0)
		rc = tph_feature_tag(tph, cpu, tag);
	if (rc == -ENODEV)
		return rc;
	if (tph->nb > 0 && tph->can_set)
		tph_feature_set(tph, 0, 1, tph->cpus);
	/* A refused SET may have turned TPH off. */
	tph_ctrl_repair(tph);
	return rc;
}

const struct tph_dialect tph_dialect_feature_by_index = {
	.id = STEER_TPH_DIALECT_FEATURE_BY_INDEX,
	.set = tph_feature_set,
	.get = tph_feature_get,
	.cpu_tag = by_index_tag,
};
