/* SPDX-License-Identifier: BSD-3-Clause */

/* What sysfs says, in two variables. */

#include "tsm_iommufd_fixture.h"

enum tsm_presence ix_sysfs = TSM_PRESENT;
int ix_connect_rc;

static enum tsm_presence
sysfs_look(struct steer_tsm *t, char *name, char *why, size_t whylen)
{
	snprintf(name, 32, "tsm0");
	snprintf(why, whylen, "made up");
	return ix_sysfs;
}

static struct tsm_result
sysfs_connect(struct steer_tsm *t)
{
	return (struct tsm_result){.err = ix_connect_rc};
}

const struct tsm_backend tsm_backend_sysfs = {
	.name = "sysfs", .look = sysfs_look, .connect = sysfs_connect};
