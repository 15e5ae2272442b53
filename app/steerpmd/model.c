/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include <steer.h>
#include <steer_virtio.h>

#include "events.h"
#include "lcores.h"
#include "model.h"
#include "ports.h"
#include "result.h"
#include "steering.h"
#include "traffic.h"

#define STALL_S 20 /* no window applied for so long: the other side hangs */

int
model_port(const struct app *app, uint16_t *port, char *why, size_t len)
{
	unsigned int n = 0;

	FOREACH_PORT(app, p) {
		if (steer_virtio_has_model(p) == 1) {
			*port = p;
			n++;
		}
	}
	if (n == 0) {
		snprintf(why, len, "no port has a cache model (vfu-nic has one)");
		return -ENOTSUP;
	}
	if (n > 1 || ports_count(app) > 1) {
		snprintf(why, len, "takes exactly one port, there are %u", ports_count(app));
		return -EINVAL;
	}
	return 0;
}

/* In lockstep a Tx ring that is full cannot be waited for: room comes only with the next window. */
static int
window_fits(const struct app *app, uint16_t id)
{
	const struct port *port = &app->ports[id];
	uint32_t window = app->opts.lockstep;

	if (window <= port->nb_rxd && 2 * window <= port->nb_txd)
		return 0;
	complain("--lockstep %u: needs --rxd %u and --txd %u or more (they are %u and %u)", window,
		 window, 2 * window, port->nb_rxd, port->nb_txd);
	return -EINVAL;
}

/* The model's cores are CPUs. */
static int
lcore_has_cpu(unsigned int id)
{
	if (steer_lcore_cpu(id) != STEER_CPU_NONE)
		return 0;
	complain("lcore %u may run on several CPUs: give it one (EAL's --lcores %u@CPU)", id, id);
	return -EINVAL;
}

static int
lcores_have_cpus(const struct app *app)
{
	int rc = 0;

	for (unsigned int i = 0; i < app->nb_lcores && rc == 0; i++)
		rc = lcore_has_cpu(lcores_id(app, i));
	return rc;
}

/* Every forwarding lcore is a core: a machine larger than this one. */
static void
lcores_as_cpus(const struct app *app, struct cpus *cpus)
{
	*cpus = (struct cpus){0};
	for (unsigned int i = 0; i < app->nb_lcores; i++)
		cpus_add(cpus, lcores_id(app, i));
}

/*
 * The lcore itself stays idle: its walk would fall into the windows by chance. The device walks
 * for it, and so the same in every run.
 */
static int
noise_apply(const struct app *app, struct cpus *cpus, struct steer_trace_conf *conf)
{
	const struct noise_conf *noise = &app->opts.noise;
	int rc = 0;

	if (noise->mib == 0)
		return 0;
	if (noise->mib > STEER_TRACE_NOISE_MAX_KIB / 1024) {
		complain("--noise %u@%u: in a model session up to %u MiB, more than any LLC has",
			 noise->mib, noise->lcore, STEER_TRACE_NOISE_MAX_KIB / 1024);
		return -EINVAL;
	}
	if (!app->opts.model_lcores)
		rc = lcore_has_cpu(noise->lcore);
	if (rc != 0)
		return rc;
	conf->noise_kib = noise->mib * 1024;
	conf->noise_lines = app->opts.noise_lines;
	conf->noise_cpu = app->opts.model_lcores ? noise->lcore : steer_lcore_cpu(noise->lcore);
	rc = cpus_add(cpus, conf->noise_cpu);
	if (rc != 0)
		complain("--noise %u@%u: CPU %u: the model takes %u CPUs below 65536", noise->mib,
			 noise->lcore, conf->noise_cpu, STEER_TRACE_MAX_CPUS);
	return rc;
}

int
model_begin(struct app *app, uint16_t port, const struct cpus *cpus)
{
	struct cpus lcores = *cpus;
	struct steer_trace_conf conf = {
		.seed = app->opts.seed, .window = app->opts.lockstep, .backlog = app->opts.backlog};
	int rc = lcores_have_cpus(app);

	if (app->opts.model_lcores)
		lcores_as_cpus(app, &lcores);
	if (rc == 0)
		rc = window_fits(app, port);
	if (rc == 0)
		rc = noise_apply(app, &lcores, &conf);
	if (rc == 0)
		rc = traffic_gen_apply(&app->opts, &conf.gen);
	if (rc != 0)
		return rc;
	conf.ncpus = lcores.n;
	snprintf(conf.platform, sizeof(conf.platform), "%s", app->opts.platform);
	snprintf(conf.rings, sizeof(conf.rings), "%s", app->opts.rings);
	memcpy(conf.cpus, lcores.cpu, lcores.n * sizeof(lcores.cpu[0]));
	rc = steer_virtio_model_begin(port, &conf);
	if (rc != 0) {
		complain("port %u: begin model session: %s", port,
			 rc == -ENOTSUP && traffic_given(&app->opts)
				 ? "the card's wire is no generator, and has the traffic that it "
				   "has: leave out --size, --mix, --flows and --zipf"
				 : rte_strerror(-rc));
		return rc;
	}
	app->ports[port].model = true;
	return 0;
}

int
model_lockstep(struct app *app)
{
	char why[STEER_SOURCE_WHY];
	struct cpus cpus;
	uint16_t port;
	int rc = model_port(app, &port, why, sizeof(why));

	if (rc != 0) {
		complain("--lockstep: %s", why);
		return rc;
	}
	rc = steering_cpus(&cpus);
	return rc != 0 ? rc : model_begin(app, port, &cpus);
}

void
model_end(struct app *app, uint16_t port)
{
	if (app->ports[port].used && app->ports[port].model)
		steer_virtio_model_end(port);
	app->ports[port].model = false;
}

static const struct steer_trace_queue *
queue_of(const struct steer_trace_area *area, uint16_t q)
{
	return (const struct steer_trace_queue *)((const char *)area + area->queue_off) + q;
}

void
model_snap(uint16_t port, uint16_t nb_queues, struct model_snap *snap)
{
	const struct steer_trace_area *area = steer_virtio_model_area(port);

	*snap = (struct model_snap){0};
	if (area == NULL)
		return;
	snap->bad_records = area->bad_records;
	snap->dma = area->dma;
	for (uint16_t q = 0; q < nb_queues; q++) {
		const struct steer_trace_queue *tq = queue_of(area, q);

		snap->queue[q].packets = tq->packets;
		snap->queue[q].dropped = tq->dropped;
		snap->queue[q].ctr = tq->ctr;
	}
}

int
model_diff(uint16_t nb_queues, const struct model_snap *before, const struct model_snap *after,
	   struct model_snap *diff)
{
	uint64_t dropped = 0;

	*diff = (struct model_snap){.bad_records = after->bad_records - before->bad_records};
	diff->dma = (struct steer_cache_dma_stats){
		.writes = after->dma.writes - before->dma.writes,
		.write_hits = after->dma.write_hits - before->dma.write_hits,
		.reads = after->dma.reads - before->dma.reads,
		.read_hits = after->dma.read_hits - before->dma.read_hits,
		.untracked = after->dma.untracked - before->dma.untracked,
	};
	for (uint16_t q = 0; q < nb_queues; q++) {
		const struct model_queue_snap *a = &after->queue[q], *b = &before->queue[q];
		struct model_queue_snap *d = &diff->queue[q];

		d->packets = a->packets - b->packets;
		d->dropped = a->dropped - b->dropped;
		dropped += d->dropped;
		for (unsigned int l = 0; l < STEER_CACHE_LEVELS; l++) {
			d->ctr.lines[l] = a->ctr.lines[l] - b->ctr.lines[l];
			d->ctr.first_touch[l] = a->ctr.first_touch[l] - b->ctr.first_touch[l];
		}
	}
	if (dropped == 0 && diff->bad_records == 0)
		return 0;
	complain("model: round is void: %" PRIu64
		 " records lost (take a smaller --lockstep), %" PRIu64 " refused by the device",
		 dropped, diff->bad_records);
	return -EIO;
}

static uint64_t
packets_sum(const struct steer_trace_area *area, uint16_t nb_queues)
{
	uint64_t n = 0;

	for (uint16_t q = 0; q < nb_queues; q++)
		n += queue_of(area, q)->packets;
	return n;
}

static int
wait_idle(const struct steer_trace_area *area)
{
	uint64_t windows = 0, since = rte_get_timer_cycles(), now;
	unsigned int events;

	while (__atomic_load_n(&area->state, __ATOMIC_ACQUIRE) != STEER_TRACE_IDLE) {
		events = events_wait(1, false);
		if (events & EVENT_QUIT)
			return -EINTR;
		if (events & EVENT_REMOVED)
			return -ENODEV;
		now = __atomic_load_n(&area->windows, __ATOMIC_ACQUIRE);
		if (now != windows) {
			windows = now;
			since = rte_get_timer_cycles();
		}
		if (rte_get_timer_cycles() - since > STALL_S * rte_get_timer_hz())
			return -ETIMEDOUT;
	}
	return 0;
}

int
model_run(uint16_t port, uint16_t nb_queues, uint64_t n)
{
	const struct steer_trace_area *area = steer_virtio_model_area(port);
	uint64_t before, got;
	int rc;

	if (area == NULL)
		return -ENODEV;
	before = packets_sum(area, nb_queues);
	rc = steer_virtio_model_credit(port, n);
	if (rc == 0)
		rc = wait_idle(area);
	got = packets_sum(area, nb_queues) - before;
	if (rc == 0 && got >= n)
		return 0;
	if (rc == 0) {
		complain("model: the wire has ended: %" PRIu64 " packets of %" PRIu64, got, n);
		return -ENODATA;
	}
	complain("model: port %u: %s after %" PRIu64 " packets of %" PRIu64, port,
		 rc == -EINTR       ? "interrupted"
		 : rc == -ENODEV    ? "the device is gone"
		 : rc == -ETIMEDOUT ? "no packet for a long time"
				    : rte_strerror(-rc),
		 got, n);
	return rc;
}

static void
port_show(const struct app *app, uint16_t port)
{
	static struct model_snap snap;
	struct steer_figures f;
	struct steer_platform p;
	char why[256], label[16];

	if (steer_platform_parse(app->opts.platform, &p, why, sizeof(why)) != 0)
		return;
	model_snap(port, app->ports[port].nb_rxq, &snap);
	printf("Port %u on %s, cache lines per packet by level, %s, since the start\n", port,
	       app->opts.platform, steer_source_label(STEER_SOURCE_MODEL));
	table_head(stdout, "queue");
	for (uint16_t q = 0; q < app->ports[port].nb_rxq; q++) {
		figures_of_counters(&p, &snap.queue[q].ctr, snap.queue[q].packets, &f);
		snprintf(label, sizeof(label), "q%u", q);
		table_figures(stdout, label, "", &f);
	}
}

bool
model_show_port(const struct app *app, uint16_t port)
{
	if (!app->ports[port].model)
		return false;
	port_show(app, port);
	return true;
}

void
model_show(const struct app *app)
{
	bool any = false;

	FOREACH_PORT(app, p)
		any |= model_show_port(app, p);
	if (!any)
		printf("No model session: start with --lockstep=N to have one\n");
}
