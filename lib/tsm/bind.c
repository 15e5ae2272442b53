/* SPDX-License-Identifier: BSD-3-Clause */

/* Bind, and what has to be programmed before the lock. */

#include <errno.h>
#include <string.h>

#include "machine.h"

static int
do_bind(struct steer_tsm *t)
{
	int rc;

	if (t->ops->bind == NULL)
		return 0;
	t->m->done |= TSM_DONE_BIND;
	rc = tsm_changed(t, "bind", t->ops->bind(t));
	if (rc == -EAGAIN)
		t->m->done &= ~TSM_DONE_BIND;
	return rc == 0 ? 0 : -EACCES;
}

int
steer_tsm_bind(struct steer_tsm_connected in, struct steer_tsm_bound *out)
{
	struct steer_tsm *t = in.tsm;
	int rc;

	memset(out, 0, sizeof(*out));
	if (step_begin(t, in.gen, TOKEN_CONNECTED, "bind") < 0)
		return -EPERM;
	rc = do_bind(t);
	if (rc < 0) {
		if (!(t->m->done & TSM_DONE_BIND))
			tsm_state_set(t, STEER_TSM_UNBOUND);
		return step_failed(t, rc);
	}
	out->tsm = t;
	out->gen = step_done(t, TOKEN_BOUND, STEER_TSM_BOUND);
	return 0;
}

static const struct steer_tsm_bar *
bar_of(const struct steer_tsm_device *d, int bar)
{
	for (unsigned int i = 0; i < d->nb_bars; i++)
		if (d->bars[i].bar == bar)
			return &d->bars[i];
	return NULL;
}

static bool
inside(const struct steer_tsm_device *d, int bar, uint32_t offset, uint32_t size)
{
	const struct steer_tsm_bar *b = bar_of(d, bar);

	return b != NULL && size > 0 && (uint64_t)offset + size <= b->size;
}

static bool
bars_ok(const struct steer_tsm_device *d)
{
	if (d->nb_bars == 0 || d->nb_bars > 6)
		return false;
	for (unsigned int i = 0; i < d->nb_bars; i++)
		if (d->bars[i].bar > 5 || d->bars[i].size == 0 ||
		    bar_of(d, d->bars[i].bar) != &d->bars[i])
			return false;
	return true;
}

/* Message control, PCIe 7.2.2: bits 10:0 are the table's size less one. */
static bool
vectors_ok(const struct steer_tsm_device *d)
{
	if (d->msix_table_bar < 0)
		return d->msix_vectors == 0;
	return d->msix_vectors > 0 && d->msix_vectors <= (d->msix_control & 0x7ff) + 1 &&
	       inside(d, d->msix_table_bar, d->msix_table_offset, d->msix_table_size) &&
	       inside(d, d->msix_pba_bar, d->msix_pba_offset, d->msix_pba_size);
}

static int
do_arm(struct steer_tsm *t, const struct steer_tsm_device *d)
{
	if (!bars_ok(d))
		return tsm_fail(t, -EINVAL, "the BARs are not 1 to 6 different ones with a size");
	/* Where nothing is locked, vectors may come and go. */
	if (t->ops->lock != NULL && !vectors_ok(d))
		return tsm_fail(
			t, -EINVAL,
			"MSI-X: vectors have to be allocated (SET_IRQS), their table and PBA "
			"inside BARs, before the lock");
	t->m->device = *d;
	return 0;
}

int
steer_tsm_arm(struct steer_tsm_bound in, const struct steer_tsm_device *device,
	      struct steer_tsm_armed *out)
{
	struct steer_tsm *t = in.tsm;
	int rc;

	memset(out, 0, sizeof(*out));
	if (step_begin(t, in.gen, TOKEN_BOUND, "arm") < 0)
		return -EPERM;
	rc = do_arm(t, device);
	if (rc < 0) {
		tsm_undo_all(t);
		return step_failed(t, rc);
	}
	out->tsm = t;
	out->gen = step_done(t, TOKEN_ARMED, STEER_TSM_BOUND);
	return 0;
}
