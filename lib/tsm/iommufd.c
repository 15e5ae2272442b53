/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Role vmm: the owner of a confidential virtual machine gives it a function, through the requests
 * that have been proposed for iommufd. No released kernel has them; which of the proposals a kernel
 * has is the policy's to say, and without its word none is sent.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "iommufd.h"

/* A build may leave out what reads sysfs. */
#pragma weak tsm_backend_sysfs

static int
arguments_check(struct steer_tsm *t, const struct tsm_iommufd_profile *p)
{
	const struct steer_tsm_vmm *vmm = t->vmm;

	if (vmm == NULL)
		return tsm_fail(t, -EINVAL, "role vmm needs what the VMM gives (steer_tsm_vmm.h)");
	if (vmm->kvm_fd < 0)
		return tsm_fail(t, -EINVAL,
				"kvm_fd is %d; the VMM must make its confidential VM, and add the "
				"device file to its KVM VFIO device, first",
				vmm->kvm_fd);
	if (vmm->iommufd < 0 || vmm->device_fd < 0 || vmm->dev_id == 0)
		return tsm_fail(t, -EINVAL,
				"iommufd %d, device_fd %d, dev_id %u: the VMM must bind the device "
				"file to its iommufd first",
				vmm->iommufd, vmm->device_fd, vmm->dev_id);
	if (vmm->viommu_type == 0)
		return tsm_fail(t, -EINVAL, "viommu_type is 0; the VMM must name its IOMMU's");
	if (vmm->nb_ranges > STEER_TSM_VMM_RANGES_MAX)
		return tsm_fail(t, -EINVAL, "%u MMIO ranges; at most %u", vmm->nb_ranges,
				STEER_TSM_VMM_RANGES_MAX);
	if (t->pci_addr[0] == '\0')
		return tsm_fail(t, -EINVAL, "role vmm needs the device's PCI address");
	if (p != NULL && t->policy.arch == STEER_TSM_ARCH_ANY)
		return tsm_fail(t, -EINVAL,
				"the policy's \"arch\" is any; name the VM's: cca, sev, tdx");
	return 0;
}

static int
vmm_open(struct steer_tsm *t)
{
	const struct tsm_iommufd_profile *p = tsm_iommufd_profile(t->policy.abi);
	struct tsm_iommufd *f;
	int rc = arguments_check(t, p);

	if (rc != 0)
		return rc;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return tsm_fail(t, -ENOMEM, "out of memory");
	f->profile = p;
	t->priv = f;
	if (p == NULL || p->ops[STEER_TSM_OP_READ_OBJECT].known == TSM_OP_ABSENT)
		t->can &= ~(TSM_CAN_ATTEST | TSM_CAN_NONCE);
	return 0;
}

static struct tsm_result
vmm_unbind(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct tsm_result r = {0};

	/* Unlock before the detach; should it fail, the kernel unbinds the TSM with the vdevice. */
	if (f->unlock_due) {
		r = tsm_iommufd_unlock(t);
		if (r.err != 0 || r.tsm_code != 0)
			tsm_log(t, LOG_WARNING, "unlock: errno %d, tsm_code %#llx", -r.err,
				(unsigned long long)r.tsm_code);
	}
	r = (struct tsm_result){.err = tsm_iommufd_undo(t)};
	if (r.err != 0)
		tsm_fail(
			t, r.err,
			"not all is destroyed (%s): address space %u, parent %u, viommu %u, nested "
			"%u, vdevice %u%s; they go when the VMM closes its iommufd",
			strerror(-r.err), f->ioas, f->own_parent, f->viommu, f->nested, f->vdevice,
			f->attached ? ", still attached" : "");
	return r;
}

static bool
holds_any(const struct tsm_iommufd *f)
{
	return f->ioas != 0 || f->own_parent != 0 || f->viommu != 0 || f->nested != 0 ||
	       f->vdevice != 0 || f->attached;
}

static void
vmm_close(struct steer_tsm *t)
{
	if (tsm_iommufd(t) == NULL)
		return;
	if (holds_any(tsm_iommufd(t)))
		(void)vmm_unbind(t);
	free(t->priv);
	t->priv = NULL;
}

/* Facts that must agree: the device's, from sysfs, and the kernel's. */
static enum tsm_presence
agree(struct steer_tsm *t, enum tsm_presence device, int probe, char *why, size_t len)
{
	const char *abi = tsm_iommufd(t)->profile->name;

	if (probe == -ENOTTY && device == TSM_ABSENT)
		return TSM_ABSENT;
	if (probe == -ENOTTY) {
		snprintf(why, len,
			 "the device has a TSM, but this kernel has no TSM request ioctl; ABI %s "
			 "needs a "
			 "kernel with that proposal",
			 abi);
		return TSM_HALF;
	}
	if (probe == -E2BIG) {
		snprintf(why, len,
			 "this kernel's TSM request ioctl is older and shorter than that of ABI %s",
			 abi);
		return TSM_HALF;
	}
	/* Anything else lives there, too, but is none that was ever published. */
	if (probe != -EINVAL && probe != -EOPNOTSUPP && probe != -ENOENT) {
		snprintf(why, len, "the TSM request ioctl answers a probe with %s; is it ABI %s?",
			 probe < 0 ? strerror(-probe) : "success", abi);
		return TSM_HALF;
	}
	tsm_iommufd(t)->alive = true;
	if (device == TSM_ABSENT) {
		snprintf(why, len,
			 "this kernel has a TSM request ioctl, but the device has no TSM");
		return TSM_HALF;
	}
	return device;
}

static enum tsm_presence
vmm_look(struct steer_tsm *t, char *name, char *why, size_t whylen)
{
	enum tsm_presence device;

	if (&tsm_backend_sysfs == NULL) {
		snprintf(why, whylen, "this build cannot read the TSM's files in sysfs");
		return TSM_HALF;
	}
	device = tsm_backend_sysfs.look(t, name, why, whylen);
	if (tsm_iommufd(t)->profile == NULL || device == TSM_HALF)
		return device;
	return agree(t, device, tsm_iommufd_probe(t), why, whylen);
}

static struct tsm_result
vmm_connect(struct steer_tsm *t)
{
	if (&tsm_backend_sysfs == NULL)
		return tsm_iommufd_unsent(-EOPNOTSUPP);
	return tsm_backend_sysfs.connect(t);
}

static int
bind_check(struct steer_tsm *t)
{
	const struct tsm_iommufd *f = tsm_iommufd(t);
	int rc = tsm_iommufd_allowed_all(t);

	if (rc != 0)
		return rc;
	if (holds_any(f))
		return tsm_fail(t, -EBUSY, "bound already, or not all of it is destroyed");
	if (!f->alive)
		return tsm_fail(t, -EOPNOTSUPP, "this kernel has no TSM request ioctl");
	return 0;
}

static struct tsm_result
vmm_bind(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct tsm_result r = tsm_iommufd_unsent(bind_check(t));

	if (r.err != 0)
		return r;
	if (f->profile->payload_inferred && t->policy.arch == STEER_TSM_ARCH_CCA)
		tsm_log(t, LOG_WARNING,
			"ABI %s was published without payloads; CCA's of the later trees are sent",
			f->profile->name);
	f->touched = false;
	r.err = tsm_iommufd_build(t);
	r.not_sent = r.err != 0 && !f->touched;
	return r;
}

/* No published request asks for the state. */
static struct tsm_result
vmm_state(struct steer_tsm *t, enum tsm_tdi *state)
{
	*state = TSM_TDI_UNKNOWN;
	return (struct tsm_result){.err = -EOPNOTSUPP};
}

int
steer_tsm_vmm_ids(const struct steer_tsm *tsm, struct steer_tsm_vmm_ids *ids)
{
	const struct tsm_iommufd *f;

	if (tsm == NULL || ids == NULL || tsm->ops != &tsm_backend_iommufd || tsm->priv == NULL)
		return -EINVAL;
	f = tsm_iommufd(tsm);
	if (f->vdevice == 0)
		return -ENOENT;
	*ids = (struct steer_tsm_vmm_ids){
		.ioas = f->ioas,
		.parent = f->own_parent != 0 ? f->own_parent : tsm->vmm->hwpt_id,
		.viommu = f->viommu,
		.nested = f->nested,
		.vdevice = f->vdevice,
	};
	return 0;
}

const struct tsm_backend tsm_backend_iommufd = {
	.name = "iommufd",
	.role = STEER_TSM_ROLE_VMM,
	.can = TSM_CAN_ATTEST | TSM_CAN_NONCE,
	.nonce_max = 32,
	.open = vmm_open,
	.close = vmm_close,
	.look = vmm_look,
	.connect = vmm_connect,
	.bind = vmm_bind,
	.unbind = vmm_unbind,
	.lock = tsm_iommufd_lock,
	.unlock = tsm_iommufd_unlock,
	.regenerate = tsm_iommufd_regenerate,
	.object = tsm_iommufd_object,
	.digest = NULL,
	.validate = tsm_iommufd_validate,
	.run = tsm_iommufd_run,
	.dma_enable = tsm_iommufd_dma_enable,
	.dma_disable = tsm_iommufd_dma_disable,
	.state = vmm_state,
};
