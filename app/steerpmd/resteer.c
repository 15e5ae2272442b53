/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include <steer.h>
#include <steer_stat.h>

#include "loss.h"
#include "ports.h"
#include "resteer.h"
#include "steering.h"
#include "streams.h"

#define MAX_MOVES   4096
#define LOOK_US     100
#define PAUSE_LOOKS 100  /* between moves: for a burst, when packets come at all */
#define LAST_LOOKS  5000 /* after the last: for what would show a gap */

struct moving {
	struct app *app;
	uint16_t port;
	struct cpus cpus;
	struct steer_queue_info before[PMD_MAX_QUEUES];
	double us[MAX_MOVES];
};

static uint64_t
received(const struct app *app, uint16_t port)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < app->nb_streams; i++)
		if (app->streams[i].rx_port == port)
			n += __atomic_load_n(&app->streams[i].rx_packets, __ATOMIC_RELAXED);
	return n;
}

/* Until so many more packets have come, or for so many looks: traffic may have ended. */
static void
let_pass(const struct moving *m, uint64_t packets, unsigned int looks)
{
	uint64_t from = received(m->app, m->port);

	while (looks-- > 0 && received(m->app, m->port) - from < packets)
		usleep(LOOK_US);
}

static int
check(struct moving *m)
{
	if (steering_unsupported(m->port) != NULL) {
		complain("port %u: steer: unsupported: %s", m->port, steering_unsupported(m->port));
		return -ENOTSUP;
	}
	if (!m->app->forwarding || steering_cpus(&m->cpus) != 0 || m->cpus.n < 2) {
		complain("port %u: moving a queue needs forwarding, and lcores on at least 2 CPUs",
			 m->port);
		return -EINVAL;
	}
	return 0;
}

static int
move(struct moving *m, unsigned int i)
{
	uint16_t nq = m->app->ports[m->port].nb_rxq, queue = i % nq;
	const struct fwd_stream *fs = streams_find(m->app, m->port, queue);
	uint32_t cpu = fs != NULL ? steer_lcore_cpu(fs->lcore) : STEER_CPU_NONE;
	uint64_t tsc;
	int rc;

	if (cpu == STEER_CPU_NONE)
		cpu = m->cpus.cpu[0];
	/* away in one turn of the queues, back in the next */
	if (i / nq % 2 == 0)
		cpu = cpus_other(&m->cpus, cpu);
	tsc = rte_rdtsc_precise();
	rc = steer_queue_bind_cpu(m->port, STEER_RX, queue, cpu, 0);
	m->us[i] = (double)(rte_rdtsc_precise() - tsc) * 1e6 / (double)rte_get_tsc_hz();
	if (rc != 0)
		complain("port %u rxq %u: steer to CPU %u: %s", m->port, queue, cpu,
			 rte_strerror(-rc));
	return rc;
}

static void
put_back(struct moving *m)
{
	for (uint16_t q = 0; q < m->app->ports[m->port].nb_rxq; q++) {
		const struct steer_queue_info *was = &m->before[q];

		if (was->mode == STEER_Q_AUTO)
			steer_queue_auto(m->port, STEER_RX, q, 0);
		else
			steer_queue_bind_cpu(m->port, STEER_RX, q,
					     was->mode == STEER_Q_BOUND ? was->cpu : STEER_CPU_NONE,
					     0);
	}
}

static uint64_t
port_lost(uint16_t port)
{
	struct rte_eth_stats s = {0};

	rte_eth_stats_get(port, &s);
	return s.imissed + s.ierrors + s.rx_nombuf;
}

static int
moves_make(struct moving *m, unsigned int n, struct resteer_cost *out)
{
	const struct port *port = &m->app->ports[m->port];
	uint64_t counted = port_lost(m->port);
	struct loss_count loss;
	int rc = 0;

	let_pass(m, m->app->opts.burst, PAUSE_LOOKS);
	for (unsigned int i = 0; i < n && rc == 0; i++) {
		rc = move(m, i);
		if (i + 1 < n)
			let_pass(m, m->app->opts.burst, PAUSE_LOOKS);
	}
	/* What was in the rings has come, and a frame of each flow after it. */
	let_pass(m, 2ull * port->nb_rxd * port->nb_rxq, LAST_LOOKS);
	loss = loss_read(m->app, m->port);
	out->by_number = loss.seen != 0;
	out->packets_lost = out->by_number ? loss.lost : port_lost(m->port) - counted;
	return rc;
}

int
resteer_moves(struct app *app, uint16_t port, unsigned int moves, struct resteer_cost *out)
{
	static struct moving m; /* large */
	struct steer_port_info info;
	int rc;

	m = (struct moving){.app = app, .port = port};
	*out = (struct resteer_cost){.moves = RTE_MIN(moves, (unsigned int)MAX_MOVES)};
	rc = check(&m);
	for (uint16_t q = 0; q < app->ports[port].nb_rxq && rc == 0; q++)
		rc = steer_queue_info_get(port, STEER_RX, q, &m.before[q]);
	if (rc == 0)
		rc = steer_port_info_get(port, &info);
	if (rc == 0)
		rc = loss_begin(app, port);
	if (rc != 0)
		return rc;
	out->strategy = steer_strategy_name(info.strategy);
	rc = moves_make(&m, out->moves, out);
	loss_end(app, port);
	put_back(&m);
	for (unsigned int i = 0; i < out->moves; i++)
		out->max_us = RTE_MAX(out->max_us, m.us[i]);
	out->median_us = steer_stat_median(m.us, out->moves);
	return rc;
}

int
resteer_cost(struct app *app, uint16_t port, struct resteer_cost *out)
{
	return resteer_moves(app, port, RESTEER_MOVES, out);
}

void
resteer_show(uint16_t port, const struct resteer_cost *c)
{
	printf("Port %u (%s): %u moves, %s: median %.1f us, longest %.1f us, %" PRIu64
	       " packets lost (%s)\n",
	       port, port_name(port), c->moves, c->strategy, c->median_us, c->max_us,
	       c->packets_lost,
	       c->by_number ? "by the generator's numbers" : "as the port counts them");
}
