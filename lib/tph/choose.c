/* SPDX-License-Identifier: BSD-3-Clause */

/* Which dialect a device has. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <steer_vfio.h>

#include "dialect.h"

/* Why no dialect is worth a look, or NULL. */
static const char *
capability_why(const struct steer_pci_tph *cap)
{
	bool iv = cap->modes & 1u << STEER_PCI_TPH_MODE_IV;
	bool ds = cap->modes & 1u << STEER_PCI_TPH_MODE_DS;

	if (cap->pos == 0)
		return "no TPH capability";
	if (!iv && !ds)
		return "the TPH capability offers no mode with steering tags";
	if (!ds && cap->entries == 0)
		return "the TPH capability has no steering-tag table";
	return NULL;
}

/* The ioctl is asked only when no feature was found: its layouts are the ones that alias. */
static void
find_any(struct steer_tph *tph)
{
	struct steer_tph_info *info = &tph->info;
	char ioctl_why[128];

	if (tph_feature_find(tph, STEER_TPH_DIALECT_NONE, info->why, sizeof(info->why)) == 0 ||
	    steer_vfio_is_gone(tph->dev))
		return;
	tph->can_set = tph->can_get = false;
	if (tph_ioctl_v8_find(tph, ioctl_why, sizeof(ioctl_why)) == 0)
		info->why[0] = '\0';
	else
		snprintf(info->why + strlen(info->why), sizeof(info->why) - strlen(info->why),
			 "; %s", ioctl_why);
}

static void
find_named(struct steer_tph *tph, const struct steer_tph_open_args *args)
{
	char *why = tph->info.why;
	const size_t len = sizeof(tph->info.why);
	char reason[sizeof(tph->info.why)];
	int rc;

	switch (args->dialect) {
	case STEER_TPH_DIALECT_DIRECT: rc = tph_direct_find(tph, args->tags_file, why, len); break;
	case STEER_TPH_DIALECT_IOCTL_V8: rc = tph_ioctl_v8_find(tph, why, len); break;
	default: rc = tph_feature_find(tph, args->dialect, why, len); break;
	}
	if (rc == 0 || args->dialect == STEER_TPH_DIALECT_DIRECT)
		return;
	memcpy(reason, why, len);
	snprintf(why, len, "no %s as asked for: %.200s", steer_tph_dialect_name(args->dialect),
		 reason);
}

void
tph_choose(struct steer_tph *tph, const struct steer_tph_open_args *args)
{
	struct steer_tph_info *info = &tph->info;
	const char *why = capability_why(&info->cap);

	/* With the switch off every dialect of the module is dead, and that is the reason. */
	if (why == NULL && args->dialect != STEER_TPH_DIALECT_DIRECT &&
	    steer_vfio_tph_switch(tph->dev) == 0)
		why = "the module lets nobody steer: set its parameter enable_unsafe_tph";
	if (why != NULL)
		snprintf(info->why, sizeof(info->why), "%s", why);
	else if (args->dialect == STEER_TPH_DIALECT_NONE)
		find_any(tph);
	else
		find_named(tph, args);
	if (tph->dialect == NULL)
		tph->can_set = tph->can_get = false;
	else
		info->dialect = tph->dialect->id;
}
