/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <steer_virtio.h>

#include "latency.h"
#include "lcores.h"
#include "loss.h"
#include "ports.h"
#include "streams.h"
#include "watch.h"

struct port_list {
	unsigned int n;
	uint16_t id[RTE_MAX_ETHPORTS];
};

static uint16_t
peer_of(const struct port_list *l, unsigned int i, enum topology topology)
{
	unsigned int peer = i;

	if (topology == TOPO_PAIRED)
		peer = (i ^ 1) < l->n ? i ^ 1 : i;
	else if (topology == TOPO_CHAINED)
		peer = (i + 1) % l->n;
	return l->id[peer];
}

/* A queue that is only half there on the other side would have to be shared by two lcores. */
static uint16_t
nb_queues(const struct app *app)
{
	const struct fwd_engine *e = fwd_engine(app->opts.fwd_mode);

	if (!e->tx)
		return app->opts.nb_rxq;
	return e->rx ? RTE_MIN(app->opts.nb_rxq, app->opts.nb_txq) : app->opts.nb_txq;
}

static void
stream_fill(const struct app *app, struct fwd_stream *fs, uint16_t rx, uint16_t tx, uint16_t queue)
{
	const struct opts *o = &app->opts;

	*fs = (struct fwd_stream){
		.engine = fwd_engine(o->fwd_mode),
		.rx_port = rx,
		.rx_queue = queue,
		.tx_port = tx,
		.tx_queue = queue,
		.burst = o->burst,
		.pkt_len = o->txpkt_len,
		.touch = o->touch,
		.work = o->work,
		.pool = app->ports[rx].pools[queue],
		.src = app->ports[tx].mac,
		/* locally administered, last byte the port: testpmd's default peer */
		.dst.addr_bytes = {0x02, 0, 0, 0, 0, tx},
	};
	if (app->ports[rx].model)
		fs->ring = steer_virtio_model_ring(rx, queue);
}

int
streams_build(struct app *app)
{
	struct port_list l = {0};
	uint16_t nq = nb_queues(app);
	struct fwd_stream *fs;

	FOREACH_PORT(app, p)
		if (app->ports[p].started)
			l.id[l.n++] = p;
	streams_free(app);
	if (l.n == 0) {
		complain("no port is started: nothing to forward");
		return -ENODEV;
	}
	fs = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*fs) * l.n * nq);
	if (fs == NULL)
		return -ENOMEM;
	app->streams = fs;
	app->nb_streams = l.n * nq;
	for (unsigned int i = 0; i < l.n; i++) {
		for (uint16_t q = 0; q < nq; q++, fs++) {
			stream_fill(app, fs, l.id[i], peer_of(&l, i, app->opts.topology), q);
			/* both directions of a pair's queue on one lcore */
			fs->lcore = lcores_id(app, (i / 2 * nq + q) % app->nb_lcores);
		}
	}
	return latency_init(app);
}

void
streams_free(struct app *app)
{
	latency_fini(app);
	loss_fini(app);
	watch_fini(app);
	free(app->streams);
	app->streams = NULL;
	app->nb_streams = 0;
}

struct fwd_stream *
streams_find(const struct app *app, uint16_t port, uint16_t queue)
{
	for (unsigned int i = 0; i < app->nb_streams; i++)
		if (app->streams[i].rx_port == port && app->streams[i].rx_queue == queue)
			return &app->streams[i];
	return NULL;
}

static void
lcore_show(const struct app *app, unsigned int lcore)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < app->nb_streams; i++)
		n += app->streams[i].lcore == lcore;
	printf("Logical Core %u forwards packets on %u streams:\n", lcore, n);
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		if (fs->lcore == lcore)
			printf("  RX P=%u/Q=%u -> TX P=%u/Q=%u\n", fs->rx_port, fs->rx_queue,
			       fs->tx_port, fs->tx_queue);
	}
}

void
streams_show(const struct app *app)
{
	printf("%s packet forwarding - ports=%u - cores=%u - streams=%u\n",
	       fwd_mode_name(app->opts.fwd_mode), ports_count(app), app->nb_lcores,
	       app->nb_streams);
	for (unsigned int i = 0; i < app->nb_lcores; i++)
		lcore_show(app, lcores_id(app, i));
}
