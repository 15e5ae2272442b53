/* SPDX-License-Identifier: BSD-3-Clause */

/* TPH of a device, and one line about what its user should know. */

#include "bus_priv.h"

static void
say_missing(const struct vfio_bus_device *dev)
{
	char line[1024];

	steer_tph_findings_line(steer_tph_info(dev->tph), line, sizeof(line));
	/* Who turned steering off does not miss it. */
	if (dev->steer_mode == STEER_MODE_OFF)
		BUS_LOG(INFO, "%s: TPH: no steering: %s", dev->name, line);
	else
		BUS_LOG(NOTICE, "%s: TPH: no steering: %s", dev->name, line);
}

int
vfio_bus_tph_open(struct vfio_bus_device *dev)
{
	const struct steer_tph_open_args args = {
		.feature = dev->tph_feature,
		.dialect = dev->tph_dialect,
		.tags_file = dev->tph_tags,
	};
	const struct steer_tph_info *info;
	int rc = steer_tph_open(dev->vdev, &args, &dev->tph);

	if (rc != 0) {
		BUS_LOG(ERR, "%s: look for TPH: %s", dev->name, steer_vfio_error());
		return rc;
	}
	info = steer_tph_info(dev->tph);
	if (steer_tph_usable(dev->tph) != 0)
		say_missing(dev);
	if (info->note[0] != '\0')
		BUS_LOG(WARNING, "%s: TPH: %s", dev->name, info->note);
	BUS_LOG(DEBUG, "%s: TPH: dialect %s", dev->name, steer_tph_dialect_name(info->dialect));
	return 0;
}
