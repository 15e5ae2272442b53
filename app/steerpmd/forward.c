/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>

#include <rte_errno.h>

#include <steer.h>
#include <steer_virtio.h>

#include "events.h"
#include "forward.h"
#include "lcores.h"
#include "ports.h"
#include "stats.h"
#include "steering.h"
#include "streams.h"
#include "watch.h"

/* Without end as far as anyone can wait, and far from the counter's wrap. */
#define CREDIT_ENDLESS (UINT64_MAX / 4)

static void
send_first(struct app *app, unsigned int bursts)
{
	for (unsigned int b = 0; b < bursts; b++)
		for (unsigned int i = 0; i < app->nb_streams; i++)
			if (app->streams[i].engine->rx && app->streams[i].engine->tx)
				fwd_send_first(&app->streams[i]);
}

static int
model_credit(const struct app *app)
{
	FOREACH_PORT(app, p) {
		const struct steer_trace_area *area = steer_virtio_model_area(p);
		int rc;

		if (!app->ports[p].model || area == NULL || area->remaining != 0)
			continue;
		rc = steer_virtio_model_credit(p, CREDIT_ENDLESS);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
forward_start(struct app *app, unsigned int first_bursts)
{
	int rc;

	if (app->forwarding) {
		complain("forwarding has been started already");
		return -EBUSY;
	}
	rc = streams_build(app);
	if (rc == 0)
		rc = steering_start(app);
	if (rc != 0)
		return rc;
	/* takes a second, in which nobody forwards: before anything is counted */
	watch_start(app);
	stats_base(app);
	streams_show(app);
	/* before the lcores, which have the Tx queues to themselves then */
	send_first(app, first_bursts);
	rc = lcores_launch(app);
	if (rc != 0)
		return rc;
	rc = model_credit(app);
	if (rc != 0) {
		complain("model: the device takes no credit: %s", rte_strerror(-rc));
		lcores_stop(app);
	}
	return rc;
}

void
forward_stop(struct app *app)
{
	if (!app->forwarding)
		return;
	printf("Telling cores to stop...\nWaiting for lcores to finish...\n");
	lcores_stop(app);
	watch_stop(app);
	stats_forward_show(app);
	printf("\nDone.\n");
}

unsigned int
forward_handle_removed(struct app *app)
{
	unsigned int n = 0;
	uint16_t p;

	while (events_removed_next(&p)) {
		if (!app->ports[p].used)
			continue;
		complain("port %u (%s): the device is gone, closing the port", p, port_name(p));
		lcores_drop_port(app, p);
		port_detach(app, p);
		n++;
	}
	return n;
}
