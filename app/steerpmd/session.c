/* SPDX-License-Identifier: BSD-3-Clause */

/* What all sessions have in common. */

#include <steer.h>

#include "lcores.h"
#include "session.h"
#include "streams.h"

const struct session_ops *
session_ops_of(enum steer_source_id id)
{
	return id == STEER_SOURCE_MODEL ? &session_model : &session_live;
}

static int
tag_of(const struct session *s, const struct fwd_stream *fs)
{
	struct steer_queue_info info;

	if (!s->result->steered ||
	    steer_queue_info_get(fs->rx_port, STEER_RX, fs->rx_queue, &info) != 0)
		return RESULT_NO_TAG;
	return info.tag;
}

void
session_round_places(const struct session *s, struct round_result *round)
{
	for (unsigned int q = 0; q < s->result->nb_queues; q++) {
		const struct fwd_stream *fs = &s->app->streams[q];
		struct queue_result *qr = &round->queues[q];

		qr->port = fs->rx_port;
		qr->rx_queue = fs->rx_queue;
		qr->lcore = fs->lcore;
		qr->cpu = steer_lcore_cpu(fs->lcore);
		qr->tag = tag_of(s, fs);
	}
}

uint64_t
session_buffers(const struct app *app)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < app->nb_streams; i++)
		n += app->streams[i].pool->size;
	return n;
}
