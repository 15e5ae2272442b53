/* SPDX-License-Identifier: BSD-3-Clause */

/* Which way a port is steered, and why not another. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "steer_priv.h"

/* Once each: what is programmed again meets the same obstacles again. */
void
steer_port_why(struct steer_port *port, const char *fmt, ...)
{
	char text[sizeof(port->why)];
	size_t len = strlen(port->why);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (strstr(port->why, text) == NULL)
		snprintf(port->why + len, sizeof(port->why) - len, "%s%s", len > 0 ? "; " : "",
			 text);
}

static bool
has_mode(const struct steer_pci_tph *cap, enum steer_pci_tph_mode mode)
{
	return cap->modes & 1u << mode;
}

static bool
has_table(const struct steer_pci_tph *cap)
{
	return has_mode(cap, STEER_PCI_TPH_MODE_IV) && cap->loc != STEER_PCI_TPH_LOC_NONE;
}

/* 0 when the palette fits; else why not is added. */
static int
palette_fits(struct steer_port *port)
{
	uint32_t cpus[RTE_MAX_LCORE];
	unsigned int slots = steer_lcore_cpus(cpus, RTE_DIM(cpus));

	if (slots == 0) {
		steer_port_why(port, "no palette: no lcore is pinned to one CPU");
		return -ENOTSUP;
	}
	if (slots + 1 > port->conf.max_vectors || slots + 1 > port->nb_entries) {
		steer_port_why(
			port,
			"no palette: %u CPUs need %u vectors and ST entries, there are %u and %u",
			slots, slots + 1, port->conf.max_vectors, port->nb_entries);
		return -ENOSPC;
	}
	return 0;
}

static int
per_queue_fits(struct steer_port *port)
{
	if (port->conf.max_vectors >= 2 && port->nb_entries >= 2)
		return 0;
	steer_port_why(port, "per-queue needs 2 vectors and 2 ST entries, there are %u and %u",
		       port->conf.max_vectors, port->nb_entries);
	return -ENOSPC;
}

int
steer_strategy_enter(struct steer_port *port, const struct steer_way *way)
{
	const char *step = "allocate vectors";
	int rc;

	/* Another layout: an entry must not bring its new queue the tag of the one before. */
	if (port->way != NULL) {
		steer_port_tph_disable(port);
		steer_port_st_forget(port);
	}
	port->way = way;
	rc = way->enter(port);
	if (rc == 0 && !port->user_off)
		rc = steer_port_program(port, &step);
	if (rc == 0)
		return 0;
	steer_port_why(port, "%s: %s: %s", steer_strategy_name(way->id), step, strerror(-rc));
	steer_port_tph_disable(port);
	steer_port_st_forget(port);
	port->way = NULL;
	port->lost = 0;
	return rc;
}

static int
try_palette(struct steer_port *port)
{
	int rc = palette_fits(port);

	return rc != 0 ? rc : steer_strategy_enter(port, &steer_way_palette);
}

static int
try_per_queue(struct steer_port *port)
{
	int rc = per_queue_fits(port);

	return rc != 0 ? rc : steer_strategy_enter(port, &steer_way_per_queue);
}

static int
try_ds_reg(struct steer_port *port)
{
	if (port->conf.mode != STEER_MODE_AUTO)
		steer_port_why(port,
			       "device-specific mode: tags go into the queues' own registers");
	return steer_strategy_enter(port, &steer_way_ds_reg);
}

static bool
has_reason(const struct steer_port *port)
{
	return port->conf.why_not != NULL && port->conf.why_not[0] != '\0';
}

/* A port of another driver's: what its registers, or its vectors, let us do. */
static int
try_foreign(struct steer_port *port, const struct steer_pci_tph *cap)
{
	if (has_mode(cap, STEER_PCI_TPH_MODE_DS) && port->conf.ops->queue_tag_set != NULL)
		return try_ds_reg(port);
	if (has_table(cap))
		return steer_strategy_enter(port, &steer_way_vector);
	steer_port_why(port, "%s",
		       has_reason(port) ? port->conf.why_not
					: "tags go into registers of the device, and there is no "
					  "profile that knows them");
	return -ENOTSUP;
}

/* Tags are written before the lock and never again. */
static int
try_will_lock(struct steer_port *port, const struct steer_pci_tph *cap)
{
	if (!has_table(cap) || port->conf.ops->queue_vector_get != NULL)
		steer_port_why(port,
			       "a device that a TSM locks is steered by a palette in its ST table, "
			       "and that cannot be had here");
	else if (port->conf.mode == STEER_MODE_PER_QUEUE)
		steer_port_why(port,
			       "per-queue rewrites tags, and a TSM locks the device; palette does "
			       "not");
	else
		return try_palette(port);
	return -ENOTSUP;
}

static int
try_all(struct steer_port *port)
{
	const struct steer_pci_tph *cap = &steer_tph_info(port->conf.tph)->cap;
	int rc;

	if (port->conf.will_lock)
		return try_will_lock(port, cap);
	if (port->conf.ops->queue_vector_get != NULL)
		return try_foreign(port, cap);
	if (!has_table(cap) && has_mode(cap, STEER_PCI_TPH_MODE_DS) &&
	    port->conf.ops->queue_tag_set != NULL)
		return try_ds_reg(port);
	if (!has_table(cap)) {
		steer_port_why(port, "no ST table, and no tag registers known for this device");
		return -ENOTSUP;
	}
	switch (port->conf.mode) {
	case STEER_MODE_PALETTE: return try_palette(port);
	case STEER_MODE_PER_QUEUE: return try_per_queue(port);
	default: rc = try_palette(port); return rc == 0 ? 0 : try_per_queue(port);
	}
}

static void
mark_unsupported(struct steer_port *port)
{
	char reason[sizeof(port->why)];

	memcpy(reason, port->why, sizeof(reason));
	snprintf(port->why, sizeof(port->why), "unsupported: %.*s",
		 (int)(sizeof(port->why) - sizeof("unsupported: ")), reason);
}

static int
take_setter(struct steer_port *port)
{
	int rc = steer_setter_get();

	port->has_setter = rc == 0;
	if (rc != 0)
		steer_port_why(port, "no control thread that could set tags: %s", strerror(-rc));
	return rc;
}

int
steer_strategy_choose(struct steer_port *port)
{
	bool tried = false;
	int rc = -ENOTSUP;

	if (port->conf.mode == STEER_MODE_OFF)
		return 0;
	if (port->conf.tph == NULL)
		steer_port_why(port, "%s", has_reason(port) ? port->conf.why_not : "no TPH");
	else if (steer_tph_usable(port->conf.tph) != 0)
		steer_port_why(port, "%s", steer_tph_info(port->conf.tph)->why);
	else if (take_setter(port) == 0) {
		tried = true;
		rc = try_all(port);
	}
	port->base = port->way;
	if (rc == 0) {
		if (port->why[0] != '\0')
			STEER_LOG(NOTICE, "%s: steer: %s: %s", port->name,
				  steer_strategy_name(port->way->id), port->why);
		return 0;
	}
	if (port->conf.mode == STEER_MODE_AUTO && !(tried && port->conf.will_lock)) {
		mark_unsupported(port);
		STEER_LOG(NOTICE, "%s: steer: %s", port->name, port->why);
		return 0;
	}
	if (port->conf.will_lock)
		STEER_LOG(ERR,
			  "%s: steer: steer=%s cannot be had with tsm=: %s; use fewer lcores or "
			  "steer=off",
			  port->name, steer_mode_name(port->conf.mode), port->why);
	else
		STEER_LOG(ERR, "%s: steer: steer=%s cannot be had: %s; use steer=auto or steer=off",
			  port->name, steer_mode_name(port->conf.mode), port->why);
	return rc == -ENOSPC ? rc : -ENOTSUP;
}

void
steer_strategy_fall_back(struct steer_port *port, int error)
{
	port->way = &steer_way_per_queue;
	port->base = port->way;
	port->relayout = true;
	port->why[0] = '\0';
	steer_port_why(port,
		       "per-queue instead of palette: the device does not take a vector while the "
		       "queue runs (%s)",
		       strerror(-error));
	snprintf(port->base_why, sizeof(port->base_why), "%s", port->why);
	STEER_LOG(WARNING, "%s: steer: %s", port->name, port->why);
}
