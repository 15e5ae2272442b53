/* SPDX-License-Identifier: BSD-3-Clause */

/* TPH of a port on and off: by the application, and after its tags were lost. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "steer_priv.h"

static int
vectors_again(struct steer_port *port)
{
	int rc;

	if (port->vectors_lost == 0)
		return 0;
	rc = port->conf.ops->vectors_alloc(port->conf.ctx, port->nb_vectors);
	port->vectors_lost = rc;
	return rc;
}

int
steer_port_program(struct steer_port *port, const char **step)
{
	int rc;

	*step = "allocate vectors";
	rc = vectors_again(port);
	if (rc != 0)
		return rc;
	*step = "clear tag registers";
	if (port->started && port->way->clear != NULL)
		rc = port->way->clear(port);
	if (rc != 0)
		return rc;
	*step = "TPH does not go on";
	rc = steer_port_tph_enable(port, port->way->tph_mode);
	if (rc == 0) {
		*step = "program tags";
		rc = port->way->again != NULL ? port->way->again(port) : 0;
	}
	if (rc != 0) {
		/* Never half: a port with some of its tags would look steered. */
		steer_port_tph_disable(port);
		steer_port_st_forget(port);
		return rc;
	}
	port->lost = 0;
	steer_queue_unsettle_all(port);
	return 0;
}

static void
no_tags(struct steer_port *port)
{
	uint16_t q;
	int dir;

	for (dir = STEER_RX; dir <= STEER_TX; dir++)
		for (q = 0; q < port->nb[dir]; q++)
			steer_queue_in_force(port, (enum steer_dir)dir, q, STEER_CPU_NONE, 0);
}

void
steer_port_lose(struct steer_port *port, int error)
{
	no_tags(port);
	steer_port_tph_disable(port);
	steer_port_st_forget(port);
	port->lost = error;
	port->retry = true;
	STEER_LOG(WARNING, "%s: steer: program the tags again: %s; TPH is turned off to start anew",
		  port->name, strerror(-error));
}

static int
try_again(struct steer_port *port)
{
	const char *step = "allocate vectors";
	bool off = port->way == NULL || port->user_off;
	int rc = 0;

	if (off)
		rc = vectors_again(port);
	else if (port->lost != 0)
		rc = steer_port_program(port, &step);
	else if (port->way->fill != NULL)
		port->way->fill(port);
	if (rc != 0)
		STEER_LOG(WARNING, "%s: steer: %s: %s; the next start of the port tries again",
			  port->name, step, strerror(-rc));
	return rc;
}

int
steer_port_recover(struct steer_port *port)
{
	if (steer_port_is_gone(port))
		return -ENODEV;
	/* A device that refuses is not asked again for each queue, one that is locked not at all.
	 */
	if (!port->retry || port->locked)
		return port->lost != 0 ? port->lost : port->vectors_lost;
	port->retry = false;
	return try_again(port);
}

int
steer_port_recover_now(struct steer_port *port)
{
	return steer_port_is_gone(port) ? -ENODEV : try_again(port);
}

static void
unbind_all(struct steer_port *port, enum steer_queue_mode mode)
{
	uint16_t max[2] = {port->conf.max_rxq, port->conf.max_txq}, q;
	int dir;

	for (dir = STEER_RX; dir <= STEER_TX; dir++)
		for (q = 0; q < max[dir]; q++)
			steer_queue_follow(&port->queues[dir][q], mode, STEER_CPU_NONE, 0);
}

static int
turn_on(struct steer_port *port, uint32_t flags)
{
	bool off = port->user_off || port->lost != 0;
	const char *step = "";
	int rc = 0;

	/* a mode must not change while TPH is on */
	if (port->user_off && steer_tph_info(port->conf.tph)->req != STEER_PCI_TPH_REQ_OFF)
		steer_port_tph_disable(port);
	rc = off ? steer_port_program(port, &step) : 0;

	if (rc != 0) {
		STEER_LOG(ERR, "%s: steer: cannot turn steering on: %s: %s; it is off", port->name,
			  step, strerror(-rc));
		return rc;
	}
	port->user_off = false;
	if (flags & STEER_ENABLE_UNBOUND)
		unbind_all(port, STEER_Q_OFF);
	steer_port_scan(port);
	return 0;
}

static int
turn_off(struct steer_port *port, uint32_t flags)
{
	int rc;

	if (flags & STEER_DISABLE_FORGET)
		unbind_all(port, STEER_Q_AUTO);
	if (port->user_off && steer_tph_info(port->conf.tph)->req == STEER_PCI_TPH_REQ_OFF)
		return 0;
	/* One that keeps its tag has no use for it now, and is asked again before TPH goes on. */
	if (port->way->clear != NULL && steer_port_live(port))
		port->way->clear(port);
	no_tags(port);
	port->user_off = true;
	port->lost = 0;
	rc = steer_port_tph_disable(port);
	steer_port_st_forget(port);
	if (rc != 0)
		STEER_LOG(ERR, "%s: steer: TPH does not go off: %s; no queue has a tag", port->name,
			  strerror(-rc));
	return rc;
}

/* The port is off as far as queues are concerned; only its requests may carry hints. */
static int
turn_no_st(struct steer_port *port, uint32_t flags)
{
	int rc = turn_off(port, 0);

	if (flags & STEER_ENABLE_UNBOUND)
		unbind_all(port, STEER_Q_OFF);
	if (rc == 0)
		rc = steer_port_tph_enable(port, STEER_PCI_TPH_MODE_NS);
	if (rc == 0)
		return 0;
	steer_port_tph_disable(port);
	STEER_LOG(ERR, "%s: steer: cannot turn TPH on without tags: %s; it is off", port->name,
		  strerror(-rc));
	return rc;
}

/* Flags of a port that is on change no tag in the device. */
static bool
touches_tph(const struct steer_port *port, int (*how)(struct steer_port *port, uint32_t flags))
{
	return how != turn_on || port->user_off || port->lost != 0;
}

static int
turn(uint16_t port_id, int (*how)(struct steer_port *port, uint32_t flags), uint32_t flags,
     uint32_t known)
{
	struct steer_port *port = steer_registry_lock(port_id);
	int rc;

	if (port == NULL)
		return -ENODEV;
	if (flags & ~known)
		rc = -EINVAL;
	else if (steer_port_is_gone(port))
		rc = -ENODEV;
	else if (port->way == NULL)
		rc = -ENOTSUP;
	else if (port->locked && touches_tph(port, how))
		rc = steer_locked_refuse(port, "turn TPH on or off");
	else
		rc = how(port, flags);
	pthread_mutex_unlock(&port->lock);
	return rc;
}

int
steer_port_enable(uint16_t port_id, uint32_t flags)
{
	return turn(port_id, flags & STEER_ENABLE_NO_ST ? turn_no_st : turn_on, flags,
		    STEER_ENABLE_UNBOUND | STEER_ENABLE_NO_ST);
}

int
steer_port_disable(uint16_t port_id, uint32_t flags)
{
	return turn(port_id, turn_off, flags, STEER_DISABLE_FORGET);
}
