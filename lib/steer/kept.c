/* SPDX-License-Identifier: BSD-3-Clause */

/* Whether the device still has the tags that it was seen to have. */

#include <errno.h>

#include "steer_priv.h"

/* A queue that has a tag; one is enough, since what takes tags away takes all. */
static const struct steer_queue *
tagged(const struct steer_port *port, enum steer_dir *dir, uint16_t *q)
{
	int d;

	for (d = STEER_RX; d <= STEER_TX; d++) {
		*dir = (enum steer_dir)d;
		for (*q = 0; *q < port->nb[d]; (*q)++)
			if (port->queues[d][*q].tag != 0)
				return &port->queues[d][*q];
	}
	return NULL;
}

static int
kept(struct steer_port *port)
{
	const struct steer_port_ops *ops = port->conf.ops;
	enum steer_dir dir;
	uint16_t q, now = 0;
	const struct steer_queue *queue = tagged(port, &dir, &q);
	int rc;

	if (queue == NULL)
		return 1;
	if (port->way != &steer_way_ds_reg)
		rc = steer_port_st_get(port, queue->vector, 1, &now);
	else if (ops->queue_tag_get != NULL)
		rc = ops->queue_tag_get(port->conf.ctx, dir, q, &now);
	else
		return 1;
	/* What cannot be read tells nothing. */
	return rc != 0 || now == queue->tag;
}

int
steer_port_tags_kept(struct steer_port *port)
{
	int rc = 1;

	pthread_mutex_lock(&port->lock);
	if (steer_port_is_gone(port))
		rc = -ENODEV;
	else if (steer_port_live(port))
		rc = kept(port);
	pthread_mutex_unlock(&port->lock);
	return rc;
}
