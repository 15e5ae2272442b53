/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include <steer.h>

#include "ports.h"
#include "steering.h"

/* The port's words start with "unsupported: " where that is the state, as our lines do. */
static const char *
reason(const struct steer_port_info *info)
{
	static const char prefix[] = "unsupported: ";

	if (info->why[0] == '\0')
		return "turned off by steer=off";
	if (strncmp(info->why, prefix, strlen(prefix)) == 0)
		return info->why + strlen(prefix);
	return info->why;
}

const char *
steering_unsupported(uint16_t port)
{
	static struct steer_port_info info;

	if (steer_port_info_get(port, &info) != 0)
		return "not a port of the vfio bus";
	return info.strategy != STEER_STRATEGY_NONE ? NULL : reason(&info);
}

int
steering_cpus(struct cpus *cpus)
{
	unsigned int lcore;
	uint32_t cpu;

	*cpus = (struct cpus){0};
	RTE_LCORE_FOREACH(lcore) {
		cpu = steer_lcore_cpu(lcore);
		if (cpu != STEER_CPU_NONE && cpus_add(cpus, cpu) != 0) {
			complain("CPU %u: the model takes %u CPUs below 65536", cpu,
				 STEER_TRACE_MAX_CPUS);
			return -ENOSPC;
		}
	}
	return 0;
}

static int
queue_bind(uint16_t port, enum steer_dir dir, uint16_t queue, uint32_t cpu)
{
	struct steer_queue_info info;
	const char *name = dir == STEER_RX ? "rxq" : "txq";
	int rc;

	rc = steer_queue_bind_cpu(port, dir, queue, cpu, 0);
	if (rc == 0)
		rc = steer_queue_info_get(port, dir, queue, &info);
	if (rc != 0) {
		complain("port %u %s %u: cannot steer to CPU %d: %s", port, name, queue, (int)cpu,
			 rte_strerror(-rc));
		return rc;
	}
	if (info.cpu == cpu)
		return 0;
	complain("port %u %s %u: steered to CPU %d, read back CPU %d: %s", port, name, queue,
		 (int)cpu, (int)info.cpu, info.why);
	return -EIO;
}

static int
target_cpu(const struct fwd_stream *fs, enum steering s, const struct cpus *cpus, uint32_t *cpu)
{
	uint32_t own = steer_lcore_cpu(fs->lcore);

	*cpu = STEER_CPU_NONE;
	if (s == STEERING_OFF)
		return 0;
	if (own == STEER_CPU_NONE) {
		complain("lcore %u may run on several CPUs: give it one (EAL's --lcores %u@CPU)",
			 fs->lcore, fs->lcore);
		return -EINVAL;
	}
	if (s == STEERING_WRONG && cpus->n < 2) {
		complain("'wrong' needs lcores on at least 2 CPUs, all are on CPU %u", own);
		return -EINVAL;
	}
	*cpu = s == STEERING_RIGHT ? own : cpus_other(cpus, own);
	return 0;
}

int
steering_apply(const struct fwd_stream *fs, enum steering s, const struct cpus *cpus)
{
	uint32_t cpu;
	int rc;

	rc = target_cpu(fs, s, cpus, &cpu);
	if (rc == 0 && fs->engine->rx)
		rc = queue_bind(fs->rx_port, STEER_RX, fs->rx_queue, cpu);
	if (rc == 0 && fs->engine->tx)
		rc = queue_bind(fs->tx_port, STEER_TX, fs->tx_queue, cpu);
	return rc;
}

/* Queues, not streams: also those that no stream has now. */
static void
auto_all(const struct app *app)
{
	FOREACH_PORT(app, p) {
		for (uint16_t q = 0; q < app->ports[p].nb_rxq; q++)
			steer_queue_auto(p, STEER_RX, q, 0);
		for (uint16_t q = 0; q < app->ports[p].nb_txq; q++)
			steer_queue_auto(p, STEER_TX, q, 0);
	}
}

int
steering_set_all(const struct app *app, enum steering s)
{
	struct cpus cpus;
	int rc = steering_cpus(&cpus);

	if (s == STEERING_AUTO)
		auto_all(app);
	for (unsigned int i = 0; s != STEERING_AUTO && i < app->nb_streams && rc == 0; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		/* a stream without lcore is that of a port which is gone */
		if (fs->lcore != STEER_LCORE_NONE && steering_unsupported(fs->rx_port) == NULL &&
		    steering_unsupported(fs->tx_port) == NULL)
			rc = steering_apply(fs, s, &cpus);
	}
	return rc;
}

int
steering_start(const struct app *app)
{
	struct steer_port_info info;

	FOREACH_PORT(app, p) {
		bool vfio = steer_port_info_get(p, &info) == 0;

		if ((vfio || app->opts.steer != STEERING_AUTO) && steering_unsupported(p) != NULL)
			fprintf(stderr, "port %u: steer: unsupported: %s\n", p,
				steering_unsupported(p));
	}
	return app->opts.steer == STEERING_AUTO ? 0 : steering_set_all(app, app->opts.steer);
}

int
steering_moved(const struct app *app, const struct fwd_stream *fs)
{
	struct cpus cpus;
	int rc;

	if (app->opts.steer == STEERING_AUTO || steering_unsupported(fs->rx_port) != NULL ||
	    steering_unsupported(fs->tx_port) != NULL)
		return 0;
	rc = steering_cpus(&cpus);
	return rc != 0 ? rc : steering_apply(fs, app->opts.steer, &cpus);
}

static void
number_or_dash(char *buf, size_t len, uint32_t v)
{
	if (v == UINT32_MAX)
		snprintf(buf, len, "-");
	else
		snprintf(buf, len, "%" PRIu32, v);
}

static void
queue_show(uint16_t port, enum steer_dir dir, uint16_t queue)
{
	struct steer_queue_info info;
	char lcore[12], cpu[12], name[12];

	if (steer_queue_info_get(port, dir, queue, &info) != 0)
		return;
	snprintf(name, sizeof(name), "%s %u", dir == STEER_RX ? "rxq" : "txq", queue);
	number_or_dash(lcore, sizeof(lcore), info.lcore);
	number_or_dash(cpu, sizeof(cpu), info.cpu);
	printf("  %-8s %-6s %5s %5s  0x%04x %6d %10" PRIu64 "  %s\n", name,
	       steer_queue_mode_name(info.mode), lcore, cpu, info.tag, info.vector, info.generation,
	       info.why);
}

static void
port_show(const struct port *port, uint16_t id)
{
	struct steer_port_info info;

	if (steer_port_info_get(id, &info) != 0) {
		printf("Port %u (%s): steer: unsupported: not a port of the vfio bus\n", id,
		       port_name(id));
		return;
	}
	if (info.strategy == STEER_STRATEGY_NONE) {
		printf("Port %u (%s): steer: unsupported: %s\n", id, port_name(id), reason(&info));
		for (unsigned int f = 0; f < info.nb_findings; f++)
			printf("  %s\n", info.findings[f]);
		return;
	}
	printf("Port %u (%s): steer: %s%s%s\n", id, port_name(id),
	       steer_strategy_name(info.strategy), info.why[0] != '\0' ? ": " : "", info.why);
	printf("  asked: %s, TPH: %s, table: %u entries, tags: %s, slots: %u, ST writes: %" PRIu64
	       ", dialect: %s\n",
	       steer_mode_name(info.mode), info.enabled ? "on" : "off", info.table_size,
	       info.extended ? "16 bit" : "8 bit", info.nb_slots, info.st_writes, info.dialect);
	printf("  queue    mode   lcore   CPU     tag vector generation  why\n");
	for (uint16_t q = 0; q < port->nb_rxq; q++)
		queue_show(id, STEER_RX, q);
	for (uint16_t q = 0; q < port->nb_txq; q++)
		queue_show(id, STEER_TX, q);
}

void
steering_show(const struct app *app)
{
	FOREACH_PORT(app, p)
		port_show(&app->ports[p], p);
}
