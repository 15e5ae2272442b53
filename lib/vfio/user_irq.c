/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>

#include "user.h"

int
user_irq_info(struct steer_vfio_dev *dev, uint32_t index, struct steer_vfio_irq *info)
{
	const struct vfu_irq_info req = {.argsz = sizeof(req), .index = index};
	struct vfu_irq_info rsp = {0};
	struct user_call call = {
		.cmd = VFU_DEVICE_GET_IRQ_INFO,
		.req = &req,
		.req_len = sizeof(req),
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
	};
	int rc = user_exchange(user_dev(dev), &call);

	if (rc < 0)
		return user_fail(user_dev(dev), &call, rc, "interrupt index %u: info", index);
	if (rsp.index != index || rsp.count > VFIO_VECTORS_MAX)
		return vfio_fail(dev, -EPROTO, "interrupt index %u: malformed reply (%u vectors)",
				 index, rsp.count);
	*info = (struct steer_vfio_irq){.count = rsp.count, .flags = rsp.flags};
	return 0;
}

static int
set_irqs(struct user_dev *u, uint32_t index, uint32_t flags, uint32_t start, uint32_t count,
	 const int *fds, unsigned int nr_fds)
{
	const struct vfu_set_irqs req = {
		.argsz = sizeof(req),
		.flags = flags,
		.index = index,
		.start = start,
		.count = count,
	};
	struct user_call call = {
		.cmd = VFU_DEVICE_SET_IRQS,
		.req = &req,
		.req_len = sizeof(req),
		.req_fds = fds,
		.nr_req_fds = nr_fds,
	};
	int rc = user_exchange(u, &call);

	if (rc < 0)
		return user_fail(u, &call, rc,
				 "interrupt index %u: %u vectors from %u (flags 0x%x)", index,
				 count, start, flags);
	return 0;
}

/* A failure takes down what this call had set, so that all or none of the vectors are bound. */
int
user_irqs_set(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count,
	      const int *eventfds)
{
	const uint32_t flags = VFU_IRQS_DATA_EVENTFD | VFU_IRQS_TRIGGER;
	struct user_dev *u = user_dev(dev);
	uint32_t max = u->caps.max_msg_fds;
	uint32_t done, n;
	int rc;

	for (done = 0; done < count; done += n) {
		n = count - done < max ? count - done : max;
		rc = set_irqs(u, index, flags, start + done, n, eventfds + done, n);
		if (rc == 0)
			continue;
		if (done > 0 && rc != -ENODEV) {
			char keep[320];

			/* The first reason is the one to tell. */
			snprintf(keep, sizeof(keep), "%s", steer_vfio_error());
			(void)set_irqs(u, index, flags, start, done, NULL, 0);
			vfio_error_restore(keep);
		}
		return rc;
	}
	return 0;
}

int
user_irqs_disable(struct steer_vfio_dev *dev, uint32_t index)
{
	return set_irqs(user_dev(dev), index, VFU_IRQS_DATA_NONE | VFU_IRQS_TRIGGER, 0, 0, NULL, 0);
}

int
user_irqs_trigger(struct steer_vfio_dev *dev, uint32_t index, uint32_t start, uint32_t count)
{
	return set_irqs(user_dev(dev), index, VFU_IRQS_DATA_NONE | VFU_IRQS_TRIGGER, start, count,
			NULL, 0);
}
