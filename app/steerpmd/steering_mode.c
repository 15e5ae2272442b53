/* SPDX-License-Identifier: BSD-3-Clause */

/* Modes of an experiment as states of ports and queues. */

#include <errno.h>

#include <rte_errno.h>

#include <steer.h>

#include "ports.h"
#include "steering.h"

static int
told(int rc, uint16_t port, const char *what)
{
	if (rc == -ENOTSUP)
		complain("port %u: %s: the device or its kernel cannot have TPH on without tags",
			 port, what);
	else if (rc != 0)
		complain("port %u: %s: %s", port, what, rte_strerror(-rc));
	return rc;
}

static int
ports_enable(const struct app *app, uint32_t flags)
{
	const char *what = flags != 0 ? "no-st" : "turn tags on";
	int rc = 0;

	FOREACH_PORT(app, p)
		rc = rc != 0 ? rc : told(steer_port_enable(p, flags), p, what);
	return rc;
}

static bool
has_no_st(const struct opts *o)
{
	for (unsigned int i = 0; i < o->nb_modes; i++)
		if (o->modes[i] == STEERING_NO_ST)
			return true;
	return false;
}

/* Tried, because only the device and its kernel know. */
int
steering_check_modes(const struct app *app, const struct opts *o, bool steered)
{
	int rc;

	if (!has_no_st(o))
		return 0;
	if (!steered) {
		complain("no-st: needs ports that can be steered");
		return -ENOTSUP;
	}
	rc = ports_enable(app, STEER_ENABLE_NO_ST);
	/* also after a refusal: the port is off then */
	if (rc == 0)
		return ports_enable(app, 0);
	ports_enable(app, 0);
	return rc;
}

/* Test hook: an experiment whose right is wrong must be found out by its control. */
static enum steering
inverted(enum steering mode)
{
	if (mode == STEERING_RIGHT)
		return STEERING_WRONG;
	return mode == STEERING_WRONG ? STEERING_RIGHT : mode;
}

int
steering_mode(const struct app *app, enum steering mode, const struct cpus *cpus)
{
	enum steering now = app->opts.invert_control ? inverted(mode) : mode;
	int rc;

	if (now == STEERING_NO_ST)
		return ports_enable(app, STEER_ENABLE_NO_ST);
	rc = has_no_st(&app->opts) ? ports_enable(app, 0) : 0;
	for (unsigned int i = 0; i < app->nb_streams && rc == 0; i++)
		rc = steering_apply(&app->streams[i], now, cpus);
	return rc;
}
