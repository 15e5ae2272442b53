/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "nic_priv.h"

int
nic_msg_device_info(struct nic *nic, struct nic_msg *m)
{
	struct vfu_device_info info;

	(void)nic;
	memcpy(&info, m->data, sizeof(info));
	if (info.argsz < sizeof(info))
		return -EINVAL;
	info = (struct vfu_device_info){
		.argsz = sizeof(info),
		.flags = VFU_DEV_F_RESET | VFU_DEV_F_PCI,
		.num_regions = VFU_REGION_MIN,
		.num_irqs = VFU_IRQ_MIN,
	};
	memcpy(m->out, &info, sizeof(info));
	m->out_len = sizeof(info);
	return 0;
}

int
nic_msg_reset(struct nic *nic, struct nic_msg *m)
{
	(void)m;
	nic_reset(nic);
	return 0;
}
