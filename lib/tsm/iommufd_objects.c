/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What iommufd holds for a function of a confidential VM, in the order it takes: address space,
 * nesting parent, viommu, nested table, vdevice, attach; and back: detach, vdevice (the kernel
 * unbinds the TSM with it), nested table, viommu, parent, address space. The kernel has EBUSY for
 * any other order.
 */

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "iommufd.h"

#define CALL(t, request, arg) tsm_iommufd_call((t)->vmm->iommufd, (request), &(arg), sizeof(arg))

/* An object came of it, or not: then with a line. */
static int
made(struct steer_tsm *t, int rc, uint32_t id, uint32_t *to, const char *what)
{
	if (rc < 0)
		return tsm_fail(t, rc, "%s: the kernel says %s", what, strerror(-rc));
	if (id == 0)
		return tsm_fail(t, -EPROTO, "%s: the kernel gave no id", what);
	*to = id;
	return 0;
}

static int
make_ioas(struct steer_tsm *t)
{
	struct tsm_uapi_ioas_alloc a = {.size = sizeof(a)};
	struct tsm_uapi_option o = {.size = sizeof(o),
				    .option_id = TSM_UAPI_OPTION_HUGE_PAGES,
				    .op = TSM_UAPI_OPTION_SET};
	struct tsm_iommufd *f = tsm_iommufd(t);
	int rc = CALL(t, TSM_UAPI_IOAS_ALLOC, a);

	rc = made(t, rc, a.out_ioas_id, &f->ioas, "allocate an address space");
	if (rc != 0)
		return rc;
	/* A guest's memory goes from shared to private page by page. */
	o.object_id = f->ioas;
	rc = CALL(t, TSM_UAPI_OPTION, o);
	return rc < 0 ? tsm_fail(t, rc, "small pages in the address space: the kernel says %s",
				 strerror(-rc))
		      : 0;
}

static int
make_parent(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct tsm_uapi_hwpt_alloc a = {.size = sizeof(a),
					.flags = TSM_UAPI_HWPT_NEST_PARENT,
					.dev_id = t->vmm->dev_id,
					.data_type = TSM_UAPI_HWPT_DATA_NONE};
	int rc;

	if (t->vmm->hwpt_id != 0)
		return 0;
	rc = make_ioas(t);
	if (rc != 0)
		return rc;
	a.pt_id = f->ioas;
	rc = CALL(t, TSM_UAPI_HWPT_ALLOC, a);
	return made(t, rc, a.out_hwpt_id, &f->own_parent,
		    "allocate a nesting parent (does this IOMMU nest?)");
}

static uint32_t
parent(const struct steer_tsm *t)
{
	return t->vmm->hwpt_id != 0 ? t->vmm->hwpt_id : tsm_iommufd(t)->own_parent;
}

static int
make_viommu(struct steer_tsm *t)
{
	struct tsm_uapi_viommu_alloc a = {.size = sizeof(a),
					  .type = t->vmm->viommu_type,
					  .dev_id = t->vmm->dev_id,
					  .hwpt_id = parent(t)};
	int rc = CALL(t, TSM_UAPI_VIOMMU_ALLOC, a);

	return made(t, rc, a.out_viommu_id, &tsm_iommufd(t)->viommu,
		    "allocate a viommu (is viommu_type this IOMMU's?)");
}

/* Arm's stage 1 is the guest's, and bypassed until the guest says otherwise. Others have none here.
 */
static int
make_nested(struct steer_tsm *t)
{
	struct tsm_uapi_smmuv3 ste = {.ste = {TSM_UAPI_STE_BYPASS, 0}};
	struct tsm_uapi_hwpt_alloc a = {.size = sizeof(a),
					.dev_id = t->vmm->dev_id,
					.pt_id = tsm_iommufd(t)->viommu,
					.data_type = TSM_UAPI_HWPT_DATA_SMMUV3,
					.data_len = sizeof(ste),
					.data_uptr = (uintptr_t)&ste};
	int rc;

	if (t->policy.arch != STEER_TSM_ARCH_CCA)
		return 0;
	rc = CALL(t, TSM_UAPI_HWPT_ALLOC, a);
	return made(t, rc, a.out_hwpt_id, &tsm_iommufd(t)->nested, "allocate a nested page table");
}

static int
make_vdevice(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct tsm_uapi_vdevice_alloc a = {.size = sizeof(a),
					   .viommu_id = f->viommu,
					   .dev_id = t->vmm->dev_id,
					   .virt_id = t->vmm->virt_id};
	int rc;

	/* v7 binds here. */
	f->touched = !f->profile->lock_is_bind;
	rc = CALL(t, TSM_UAPI_VDEVICE_ALLOC, a);
	return made(t, rc, a.out_vdevice_id, &f->vdevice, "allocate a vdevice");
}

static int
attach(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct tsm_uapi_attach a = {.argsz = sizeof(a),
				    .pt_id = f->nested != 0 ? f->nested : parent(t)};
	int rc = tsm_iommufd_call(t->vmm->device_fd, TSM_UAPI_ATTACH, &a, sizeof(a));

	if (rc < 0)
		return tsm_fail(t, rc, "attach the device to its page table: the kernel says %s",
				strerror(-rc));
	f->attached = true;
	return 0;
}

int
tsm_iommufd_build(struct steer_tsm *t)
{
	static int (*const steps[])(struct steer_tsm *) = {make_parent, make_viommu, make_nested,
							   make_vdevice, attach};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(steps) / sizeof(steps[0]); i++)
		rc = steps[i](t);
	if (rc != 0)
		(void)tsm_iommufd_undo(t);
	return rc;
}

static int
detach(struct steer_tsm *t)
{
	struct tsm_uapi_detach d = {.argsz = sizeof(d)};
	struct tsm_iommufd *f = tsm_iommufd(t);
	int rc;

	if (!f->attached)
		return 0;
	rc = tsm_iommufd_call(t->vmm->device_fd, TSM_UAPI_DETACH, &d, sizeof(d));
	if (rc < 0) {
		tsm_log(t, LOG_WARNING, "detach: %s", strerror(-rc));
		return rc;
	}
	f->attached = false;
	return 0;
}

/* One that is gone already is no failure: a device that is closed too early takes its vdevice
 * along. */
static int
destroy(struct steer_tsm *t, uint32_t *id, const char *what)
{
	struct tsm_uapi_destroy d = {.size = sizeof(d), .id = *id};
	int rc;

	if (*id == 0)
		return 0;
	rc = CALL(t, TSM_UAPI_DESTROY, d);
	if (rc < 0 && rc != -ENOENT) {
		tsm_log(t, LOG_WARNING, "destroy %s %u: %s", what, *id, strerror(-rc));
		return rc;
	}
	*id = 0;
	return 0;
}

/* Once through, in order; what depends on one that stays is tried all the same. */
static int
pass(struct steer_tsm *t)
{
	struct tsm_iommufd *f = tsm_iommufd(t);
	struct {
		uint32_t *id;
		const char *what;
	} order[] = {{&f->vdevice, "vdevice"},
		     {&f->nested, "nested page table"},
		     {&f->viommu, "viommu"},
		     {&f->own_parent, "nesting parent"},
		     {&f->ioas, "address space"}};
	size_t i;
	int rc, first = detach(t);

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		rc = destroy(t, order[i].id, order[i].what);
		first = first != 0 ? first : rc;
	}
	return first;
}

/*
 * EBUSY may pass: another call may hold an object for a moment. A second time through changes
 * nothing that the first one has not; what is left then is told, and goes with the VMM's iommufd.
 */
int
tsm_iommufd_undo(struct steer_tsm *t)
{
	return pass(t) == 0 ? 0 : pass(t);
}
