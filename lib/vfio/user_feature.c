/* SPDX-License-Identifier: BSD-3-Clause */

/* DEVICE_GET_INFO, DEVICE_RESET, DEVICE_FEATURE. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"

/* Limits of QEMU's client; PCI has 9 regions and 5 interrupt indexes. */
#define REGIONS_MAX 100u
#define IRQS_MAX    50u

int
user_device_info(struct user_dev *u)
{
	const struct vfu_device_info req = {.argsz = sizeof(req)};
	struct vfu_device_info rsp = {0};
	struct user_call call = {
		.cmd = VFU_DEVICE_GET_INFO,
		.req = &req,
		.req_len = sizeof(req),
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
	};
	int rc = user_exchange(u, &call);

	if (rc < 0)
		return user_fail(u, &call, rc, "open: device info");
	if (!(rsp.flags & VFU_DEV_F_PCI))
		return vfio_fail(&u->base, -EPROTO, "open: not a PCI device");
	if (rsp.num_regions <= VFU_REGION_CONFIG || rsp.num_regions > REGIONS_MAX ||
	    rsp.num_irqs <= VFU_IRQ_MSIX || rsp.num_irqs > IRQS_MAX)
		return vfio_fail(&u->base, -EPROTO, "open: device info: %u regions, %u interrupts",
				 rsp.num_regions, rsp.num_irqs);
	u->base.num_regions = rsp.num_regions;
	u->base.num_irqs = rsp.num_irqs;
	u->base.can_reset = !!(rsp.flags & VFU_DEV_F_RESET);
	return 0;
}

int
user_reset(struct steer_vfio_dev *dev)
{
	struct user_dev *u = user_dev(dev);
	struct user_call call = {.cmd = VFU_DEVICE_RESET, .timeout_ms = u->reset_timeout_ms};
	int rc = user_exchange(u, &call);

	return rc < 0 ? user_fail(u, &call, rc, "reset") : 0;
}

/* Servers differ in how they say that they do not know a feature. */
static int
feature_error(uint32_t flags, int rc)
{
	if (rc == -ENOTSUP || rc == -ENOSYS)
		return -ENOTTY;
	if (rc == -EINVAL && flags & VFU_FEATURE_PROBE)
		return -ENOTTY;
	return rc;
}

static int
feature_exchange(struct user_dev *u, uint32_t flags, const void *data, void *reply, size_t len,
		 unsigned int timeout_ms)
{
	const struct vfu_device_feature req = {
		.argsz = (uint32_t)(sizeof(req) + len),
		.flags = flags,
	};
	struct vfu_device_feature rsp = {0};
	struct user_call call = {
		.cmd = VFU_DEVICE_FEATURE,
		.req = &req,
		.req_len = sizeof(req),
		.req_data = data,
		.req_data_len = len,
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
		.data = reply,
		.data_cap = len,
		.timeout_ms = timeout_ms,
	};
	int rc = user_exchange(u, &call);

	if (rc < 0)
		return user_fail(u, &call, feature_error(flags, rc), "feature %u (flags 0x%x)",
				 flags & VFU_FEATURE_INDEX_MASK, flags);
	if (rsp.flags != flags || (flags & VFU_FEATURE_GET && call.data_len != len))
		return vfio_fail(&u->base, -EPROTO,
				 "feature %u (flags 0x%x): malformed reply (flags 0x%x, %zu bytes)",
				 flags & VFU_FEATURE_INDEX_MASK, flags, rsp.flags, call.data_len);
	return 0;
}

/* The caller's data changes only by a GET that succeeds. */
int
user_feature_timed(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len,
		   unsigned int timeout_ms)
{
	struct user_dev *u = user_dev(dev);
	void *reply;
	int rc;

	if (flags & VFU_FEATURE_PROBE)
		return feature_exchange(u, flags, NULL, NULL, 0, timeout_ms);
	if (len > dev->feature_max)
		return vfio_fail(dev, -EINVAL, "feature %u: %zu bytes are too many",
				 flags & VFU_FEATURE_INDEX_MASK, len);
	reply = malloc(len + 1);
	if (reply == NULL)
		return vfio_fail(dev, -ENOMEM, "feature: out of memory");
	rc = feature_exchange(u, flags, data, reply, len, timeout_ms);
	if (rc == 0 && flags & VFU_FEATURE_GET && len > 0)
		memcpy(data, reply, len);
	free(reply);
	return rc;
}

int
user_feature(struct steer_vfio_dev *dev, uint32_t flags, void *data, size_t len)
{
	return user_feature_timed(dev, flags, data, len, 0);
}
