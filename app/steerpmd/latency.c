/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_mbuf_dyn.h>

#include "hist.h"
#include "latency.h"
#include "ports.h"
#include "streams.h"

#define CLOCK_LOOKS  5
#define CLOCK_GAP_US 2000 /* between looks: a clock of another rate is away by then */

/** Of one stream: what its lcore counts, and where the main thread's mark is. */
struct latency_stream {
	int field; /**< of the timestamp in an mbuf */
	uint64_t flag;
	struct hist now;
	struct hist mark;
};

/* Is the port's clock our counter? Then it lies between two looks at ours, each time. */
static bool
clock_is_ours(uint16_t port)
{
	for (unsigned int i = 0; i < CLOCK_LOOKS; i++) {
		uint64_t before = rte_rdtsc_precise(), clock;

		if (rte_eth_read_clock(port, &clock) != 0 || clock < before ||
		    clock > rte_rdtsc_precise())
			return false;
		usleep(CLOCK_GAP_US);
	}
	return true;
}

uint64_t
latency_offloads(const struct app *app, uint16_t port, uint64_t offered)
{
	if (!app->opts.latency)
		return 0;
	if ((offered & RTE_ETH_RX_OFFLOAD_TIMESTAMP) == 0)
		complain("port %u (%s): --latency: the driver offers no Rx timestamps", port,
			 port_name(port));
	else if (!clock_is_ours(port))
		complain("port %u (%s): --latency: its clock is not this machine's counter", port,
			 port_name(port));
	else
		return RTE_ETH_RX_OFFLOAD_TIMESTAMP;
	return 0;
}

static int
stream_init(struct fwd_stream *fs)
{
	struct latency_stream *l;

	l = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP(sizeof(*l)));
	if (l == NULL)
		return -ENOMEM;
	memset(l, 0, sizeof(*l));
	fs->latency = l;
	return rte_mbuf_dyn_rx_timestamp_register(&l->field, &l->flag) == 0 ? 0 : -ENOMEM;
}

int
latency_init(struct app *app)
{
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		struct fwd_stream *fs = &app->streams[i];

		if (fs->engine->rx && fs->ring == NULL && app->ports[fs->rx_port].stamped &&
		    stream_init(fs) != 0)
			return -ENOMEM;
	}
	return 0;
}

void
latency_fini(struct app *app)
{
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		free(app->streams[i].latency);
		app->streams[i].latency = NULL;
	}
}

void
latency_burst(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	struct latency_stream *l = fs->latency;
	uint64_t at, now;

	for (uint16_t i = 0; i < n; i++) {
		if (fs->touch.kind != TOUCH_NONE)
			touch_burst(fs, &pkts[i], 1);
		if ((pkts[i]->ol_flags & l->flag) == 0)
			continue;
		at = *RTE_MBUF_DYNFIELD(pkts[i], l->field, const rte_mbuf_timestamp_t *);
		/* not before the touch has been done */
		now = rte_rdtsc_precise();
		hist_add(&l->now, now > at ? now - at : 0);
	}
}

void
latency_mark(struct app *app)
{
	for (unsigned int i = 0; i < app->nb_streams; i++)
		if (app->streams[i].latency != NULL)
			hist_copy(&app->streams[i].latency->mark, &app->streams[i].latency->now);
}

static void
latency_of(const struct hist *h, struct latency *out)
{
	double ns = 1e9 / (double)rte_get_tsc_hz();

	*out = (struct latency){
		.samples = hist_samples(h),
		.p50 = hist_quantile(h, 0.5) * ns,
		.p99 = hist_quantile(h, 0.99) * ns,
		.p999 = hist_quantile(h, 0.999) * ns,
	};
}

int
latency_get(const struct app *app, uint16_t port, struct latency *out)
{
	static struct hist sum;

	memset(&sum, 0, sizeof(sum));
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		if (fs->rx_port == port && fs->latency != NULL)
			hist_merge(&sum, &fs->latency->now, &fs->latency->mark);
	}
	latency_of(&sum, out);
	return out->samples != 0 ? 0 : -ENODATA;
}

static void
line_show(const char *name, const struct latency *l)
{
	printf("  %-8s %12" PRIu64 " %12.0f %12.0f %12.0f\n", name, l->samples, l->p50, l->p99,
	       l->p999);
}

static void
queue_show(const struct fwd_stream *fs)
{
	static struct hist h;
	struct latency l;
	char name[16];

	memset(&h, 0, sizeof(h));
	hist_merge(&h, &fs->latency->now, &fs->latency->mark);
	latency_of(&h, &l);
	snprintf(name, sizeof(name), "rxq %u", fs->rx_queue);
	line_show(name, &l);
}

static void
port_show(const struct app *app, uint16_t id)
{
	struct latency all;

	if (latency_get(app, id, &all) != 0) {
		printf("Port %u (%s): no packet with a timestamp%s\n", id, port_name(id),
		       !app->opts.latency        ? ": start with --latency"
		       : app->ports[id].model    ? ": a model session has none"
		       : !app->ports[id].stamped ? ": the port gives none"
						 : "");
		return;
	}
	printf("Port %u (%s): from the card's timestamp to the touch, ns, timed here\n", id,
	       port_name(id));
	printf("  %-8s %12s %12s %12s %12s\n", "queue", "samples", "p50", "p99", "p99.9");
	for (unsigned int i = 0; i < app->nb_streams; i++)
		if (app->streams[i].rx_port == id && app->streams[i].latency != NULL)
			queue_show(&app->streams[i]);
	line_show("all", &all);
}

void
latency_show(const struct app *app)
{
	FOREACH_PORT(app, p)
		port_show(app, p);
}
