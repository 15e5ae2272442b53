/* SPDX-License-Identifier: BSD-3-Clause */

/* Refusals from below, at random moments. */

#include <errno.h>

#include "steer_property.h"

static struct fake_fault *const faults[] = {
	&tph0.set,    &drv0.move,    &drv0.tag_set, &tph0.cpu_tag,
	&tph0.enable, &tph0.restore, &drv0.alloc,
};

/* What an operation calls most fails most. */
static struct fake_fault *
choose_fault(struct run *r, const struct op *op)
{
	struct fake_fault *likely = op->likely[property_roll(r, 3)];

	if (property_roll(r, 4) == 0)
		return faults[property_roll(r, RTE_DIM(faults))];
	if (likely != NULL && property_roll(r, 2) == 0)
		return likely;
	if (r->world->ds)
		return property_roll(r, 2) != 0 ? &drv0.tag_set : &tph0.cpu_tag;
	return r->strategy == STEER_STRATEGY_PALETTE ? &drv0.move : &tph0.set;
}

void
property_arm(struct run *r, const struct op *op)
{
	static const int errors[] = {EIO, EBUSY, EPERM, ENOMEM, ENOSPC, EAGAIN, ENOENT};
	struct fake_fault *f = choose_fault(r, op);

	r->hits = 0;
	r->persists = false;
	if (property_roll(r, 2) != 0)
		return;
	f->rc = -errors[property_roll(r, RTE_DIM(errors))];
	f->after = property_roll(r, 3) != 0   ? 0
		   : property_roll(r, 2) != 0 ? property_roll(r, 4)
					      : property_roll(r, 200);
	f->once = property_roll(r, 2) == 0;
	r->persists = !f->once;
}

unsigned int
property_hits(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < RTE_DIM(faults); i++)
		n += faults[i]->hits;
	return n;
}

void
property_disarm(struct run *r)
{
	unsigned int i;

	r->hits += property_hits();
	for (i = 0; i < RTE_DIM(faults); i++)
		*faults[i] = (struct fake_fault){0};
	if (r->hits > 0)
		r->m.doubt = true;
	else if (r->fresh && fx_pinfo().strategy != STEER_STRATEGY_NONE)
		r->m.doubt = false;
	r->fresh = false;
}
