/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Role guest: a device of a confidential virtual machine, locked and accepted from inside it. Files
 * lock, unlock and accept of the function's tsm folder as they were posted in 2026-03; no released
 * kernel has them.
 *
 * The kernel locks and accepts only a function that no driver has, and a driver that opens it may
 * reset it, which ends what was accepted. So its reset methods are taken away from bind to unbind:
 * tags written before the lock (dialect direct) outlive the driver that wrote them. Whether that
 * was enough is asked after the open: state and report are read again before DMA is mapped.
 */

#include "guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
guest_open(struct steer_tsm *t)
{
	struct tsm_guest *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return -ENOMEM;
	g->genl.fd = -1;
	t->priv = g;
	return 0;
}

static void
guest_close(struct steer_tsm *t)
{
	struct tsm_guest *g = t->priv;

	if (g == NULL)
		return;
	tsm_genl_close(&g->genl);
	free(g);
	t->priv = NULL;
}

static struct tsm_result
unsent(int err)
{
	return (struct tsm_result){.err = err, .not_sent = true};
}

/* Nobody else's lock is ours. */
static struct tsm_result
guest_connect(struct steer_tsm *t)
{
	struct tsm_guest *g = t->priv;
	char lock[TSM_ATTR_MAX];
	int rc = tsm_attr_read(t, t->pci_addr, "tsm/lock", lock, sizeof(lock));

	if (rc == 0 && lock[0] != '\0')
		return unsent(tsm_fail(t, -EBUSY,
				       "it is locked by %s already, not by us; echo %s > "
				       "/sys/bus/pci/devices/%s/tsm/unlock",
				       lock, lock, t->pci_addr));
	if (rc == 0)
		rc = tsm_guest_find(t, g->tsm, sizeof(g->tsm));
	if (rc == 0 && g->genl.fd < 0)
		rc = tsm_genl_open(&g->genl, t->timeout_ms);
	return unsent(rc);
}

/* No driver, or words: the stock VFIO driver keeps the device that it opened. */
static int
detached(struct steer_tsm *t, const char *what)
{
	char driver[TSM_ATTR_MAX];

	tsm_attr_driver(t, t->pci_addr, driver, sizeof(driver));
	if (driver[0] == '\0')
		return 0;
	if (t->vdev != NULL)
		return tsm_fail(t, -EBUSY,
				"it is open through %s, and the kernel does not %s a device that a "
				"driver has; attach it with tsm=off, or use it in a program that "
				"locks it before it opens it",
				driver, what);
	return tsm_fail(t, -EBUSY,
			"driver %s has the device, which has to be without one to %s it; "
			"steer-bind unbind %s first",
			driver, what, t->pci_addr);
}

/* A function without this file has no reset method. */
static int
reset_off(struct steer_tsm *t)
{
	struct tsm_guest *g = t->priv;
	char now[TSM_ATTR_MAX];
	int rc = tsm_attr_read(t, t->pci_addr, "reset_method", g->reset, sizeof(g->reset));

	if (rc == -ENOENT || (rc == 0 && g->reset[0] == '\0'))
		return 0;
	if (rc == 0)
		rc = tsm_attr_write(t, t->pci_addr, "reset_method", "");
	if (rc != 0)
		return rc;
	g->reset_off = true;
	rc = tsm_attr_read(t, t->pci_addr, "reset_method", now, sizeof(now));
	return rc != 0 ? rc : now[0] == '\0' ? 0 : -EIO;
}

static int
reset_on(struct steer_tsm *t)
{
	struct tsm_guest *g = t->priv;
	int rc;

	if (!g->reset_off)
		return 0;
	g->reset_off = false;
	rc = tsm_attr_write(t, t->pci_addr, "reset_method", g->reset);
	if (rc != 0)
		tsm_fail(t, rc, "reset_method stays empty: %s; echo %s into it", strerror(-rc),
			 g->reset);
	return rc;
}

static struct tsm_result
guest_bind(struct steer_tsm *t)
{
	int rc = reset_off(t);

	if (rc == 0)
		return (struct tsm_result){0};
	reset_on(t);
	return unsent(tsm_fail(t, rc,
			       "reset_method cannot be emptied: %s; a driver that opens the device "
			       "would reset it",
			       strerror(-rc)));
}

static struct tsm_result
guest_unbind(struct steer_tsm *t)
{
	return (struct tsm_result){.err = reset_on(t)};
}

/* A file takes a word, and says the same, or another one, afterwards. */
static struct tsm_result
change(struct steer_tsm *t, const char *file, const char *word, const char *says, const char *want)
{
	struct tsm_result r = {.err = tsm_attr_write(t, t->pci_addr, file, word)};
	char now[TSM_ATTR_MAX];

	if (r.err == -EBUSY)
		tsm_fail(t, r.err,
			 "%s: busy: a driver took the device, or somebody locked it "
			 "before; unbind it, and attach it again",
			 file);
	if (r.err == 0)
		r.err = tsm_attr_read(t, t->pci_addr, says, now, sizeof(now));
	if (r.err == 0 && strcmp(now, want) != 0)
		r.err = tsm_fail(t, -EIO, "%s was written, and %s says '%s'; reset the device",
				 file, says, now);
	return r;
}

static struct tsm_result
guest_lock(struct steer_tsm *t)
{
	const struct tsm_guest *g = t->priv;
	int rc = detached(t, "lock");

	return rc != 0 ? unsent(rc) : change(t, "tsm/lock", g->tsm, "tsm/lock", g->tsm);
}

static struct tsm_result
guest_unlock(struct steer_tsm *t)
{
	const struct tsm_guest *g = t->priv;
	int rc = detached(t, "unlock");

	return rc != 0 ? unsent(rc) : change(t, "tsm/unlock", g->tsm, "tsm/lock", "");
}

static struct tsm_result
guest_run(struct steer_tsm *t)
{
	int rc = detached(t, "accept");

	return rc != 0 ? unsent(rc) : change(t, "tsm/accept", "1", "tsm/accept", "1");
}

/* The kernel's word: it does not show whether the interface went to ERROR. */
static struct tsm_result
guest_state(struct steer_tsm *t, enum tsm_tdi *state)
{
	const struct tsm_guest *g = t->priv;
	char lock[TSM_ATTR_MAX], accept[TSM_ATTR_MAX];
	struct tsm_result r = {0};

	*state = TSM_TDI_UNKNOWN;
	r.err = tsm_attr_read(t, t->pci_addr, "tsm/lock", lock, sizeof(lock));
	if (r.err == 0)
		r.err = tsm_attr_read(t, t->pci_addr, "tsm/accept", accept, sizeof(accept));
	if (r.err != 0)
		return r;
	if (strcmp(accept, "0") != 0 && strcmp(accept, "1") != 0)
		r.err = -EPROTO;
	else if (lock[0] == '\0')
		*state = accept[0] == '0' ? TSM_TDI_UNLOCKED : TSM_TDI_UNKNOWN;
	else if (strcmp(lock, g->tsm) == 0)
		*state = accept[0] == '1' ? TSM_TDI_RUN : TSM_TDI_LOCKED;
	return r;
}

const struct tsm_backend tsm_backend_guest = {
	.name = "guest",
	.role = STEER_TSM_ROLE_GUEST,
	.can = TSM_CAN_ATTEST | TSM_CAN_NONCE | TSM_CAN_STATE,
	.nonce_max = TSM_GENL_NONCE_MAX,
	.open = guest_open,
	.close = guest_close,
	.look = tsm_guest_look,
	.connect = guest_connect,
	.bind = guest_bind,
	.unbind = guest_unbind,
	.lock = guest_lock,
	.unlock = guest_unlock,
	.regenerate = tsm_guest_regenerate,
	.object = tsm_guest_object,
	.digest = tsm_guest_digest,
	.run = guest_run,
	.state = guest_state,
};
