/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What changes the TDISP state. Each is sent once: an error may follow a transition that was made
 * (EFAULT when the answer is copied back overrides a success), so that after one the state is
 * unknown.
 */

#include <errno.h>
#include <string.h>

#include "iommufd.h"
#include "tsm_uapi_cca.h"

static struct tsm_result
tsm_op(struct steer_tsm *t, uint32_t type, const char *what)
{
	struct tsm_uapi_tsm_op op = {
		.size = sizeof(op), .type = type, .vdevice_id = tsm_iommufd(t)->vdevice};
	int rc = tsm_iommufd_call(t->vmm->iommufd, TSM_UAPI_TSM_OP, &op, sizeof(op));
	struct tsm_result r = {0};

	if (rc == -EINVAL || rc == -ENOTTY)
		r.err = tsm_fail(t, rc,
				 "%s: the kernel says %s; Linux 7.3 has another command there: "
				 "is \"abi\": \"%s\" this kernel's?",
				 what, strerror(-rc), tsm_iommufd(t)->profile->name);
	else if (rc == -ENODEV)
		r.err = tsm_fail(t, rc,
				 "%s: the vdevice has no VM; the VMM must add the device file to "
				 "its KVM VFIO device before it binds it",
				 what);
	else if (rc < 0)
		r.err = tsm_fail(t, rc, "%s: the kernel says %s", what, strerror(-rc));
	else if (rc > 0)
		r.err = tsm_fail(t, -EPROTO, "%s: the kernel returned %d", what, rc);
	return r;
}

static struct tsm_result
set_state(struct steer_tsm *t, uint32_t state)
{
	const struct steer_tsm_vmm_in in = {.tdi_state = state};

	return tsm_iommufd_op(t, STEER_TSM_OP_SET_TDI_STATE, &in, NULL, NULL);
}

static struct tsm_result
not_bound(struct steer_tsm *t)
{
	return tsm_iommufd_unsent(tsm_fail(t, -ENXIO, "there is no vdevice; bind first"));
}

struct tsm_result
tsm_iommufd_lock(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);

	if (f->vdevice == 0)
		return not_bound(t);
	f->unlock_due = true;
	return f->profile->lock_is_bind ? tsm_op(t, TSM_UAPI_BIND, "TSM bind")
					: set_state(t, TSM_CCA_LOCKED);
}

struct tsm_result
tsm_iommufd_unlock(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct tsm_result r;

	if (f->vdevice == 0)
		return not_bound(t);
	r = f->profile->lock_is_bind ? tsm_op(t, TSM_UAPI_UNBIND, "TSM unbind")
				     : set_state(t, TSM_CCA_UNLOCKED);
	/* Sent, it is sent once: what it could not do, the end of the vdevice does. */
	f->unlock_due = f->unlock_due && r.not_sent;
	return r;
}

struct tsm_result
tsm_iommufd_run(struct steer_tsm *t)
{
	return tsm_iommufd(t)->vdevice == 0 ? not_bound(t) : set_state(t, TSM_CCA_RUN);
}

/* Only SEV opens DMA apart. */
static struct tsm_result
dma(struct steer_tsm *t, enum steer_tsm_op op)
{
	const struct steer_tsm_vmm_in in = {0};

	if (t->policy.arch != STEER_TSM_ARCH_SEV)
		return (struct tsm_result){0};
	return tsm_iommufd(t)->vdevice == 0 ? not_bound(t) : tsm_iommufd_op(t, op, &in, NULL, NULL);
}

struct tsm_result
tsm_iommufd_dma_enable(struct steer_tsm *t)
{
	return dma(t, STEER_TSM_OP_ENABLE_DMA);
}

struct tsm_result
tsm_iommufd_dma_disable(struct steer_tsm *t)
{
	return dma(t, STEER_TSM_OP_DISABLE_DMA);
}

static uint64_t
bar_size(const struct steer_tsm_device *d, uint8_t bar)
{
	unsigned int i;

	for (i = 0; i < d->nb_bars && i < sizeof(d->bars) / sizeof(d->bars[0]); i++)
		if (d->bars[i].bar == bar)
			return d->bars[i].size;
	return 0;
}

static bool
range_is_good(const struct steer_tsm_vmm *vmm, unsigned int i, const struct steer_tsm_device *d)
{
	const struct steer_tsm_vmm_range *r = &vmm->ranges[i], *o;

	if (((r->gpa_base | r->gpa_top | r->pa_base) & 4095) != 0 || r->gpa_top <= r->gpa_base ||
	    r->gpa_top - r->gpa_base > ((bar_size(d, r->bar) + 4095) & ~UINT64_C(4095)) ||
	    r->pa_base > UINT64_MAX - (r->gpa_top - r->gpa_base))
		return false;
	for (o = vmm->ranges; o < r; o++)
		if (r->gpa_base < o->gpa_top && o->gpa_base < r->gpa_top)
			return false;
	return true;
}

static struct tsm_result
ranges_check(struct steer_tsm *t, const struct steer_tsm_device *d)
{
	unsigned int i;

	for (i = 0; i < t->vmm->nb_ranges; i++)
		if (!range_is_good(t->vmm, i, d))
			return tsm_iommufd_unsent(tsm_fail(
				t, -EINVAL,
				"MMIO range %u of the VMM is not whole pages within its BAR, or "
				"overlaps another",
				i));
	return (struct tsm_result){0};
}

struct tsm_result
tsm_iommufd_validate(struct steer_tsm *t, const struct steer_tsm_device *d)
{
	struct steer_tsm_vmm_in in = {0};
	struct tsm_result r;
	unsigned int i;

	if (tsm_iommufd(t)->vdevice == 0)
		return not_bound(t);
	r = ranges_check(t, d);
	for (i = 0; r.err == 0 && r.tsm_code == 0 && i < t->vmm->nb_ranges; i++) {
		in.range = t->vmm->ranges[i];
		r = tsm_iommufd_op(t, STEER_TSM_OP_VALIDATE_MMIO, &in, NULL, NULL);
		/* What went before it was sent. */
		r.not_sent = r.not_sent && i == 0;
	}
	return r;
}
