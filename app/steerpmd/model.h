/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The source "model": a session with the cache model in the device process. Main thread only.
 * Failures have been told to the user in one line when a function returns negative errno.
 */

#ifndef MODEL_H
#define MODEL_H

#include "app.h"
#include "cpus.h"

/** Counters of all queues at one moment. */
struct model_snap {
	uint64_t bad_records;
	struct steer_cache_dma_stats dma; /**< of the device */
	struct model_queue_snap {
		uint64_t packets, dropped;
		struct steer_cache_counters ctr;
	} queue[PMD_MAX_QUEUES];
};

/** The one port with a model into *port; else why, not told. @return 0, -ENOTSUP none, -EINVAL
 * other ports too. */
int model_port(const struct app *app, uint16_t *port, char *why, size_t len);
/** Begin a session on a stopped port. */
int model_begin(struct app *app, uint16_t port, const struct cpus *cpus);
/** The same on the one port that can, with the CPUs of all lcores. */
int model_lockstep(struct app *app);
/** End it, on a stopped port; no session is no error. */
void model_end(struct app *app, uint16_t port);
void model_snap(uint16_t port, uint16_t nb_queues, struct model_snap *snap);
/** after - before; -EIO when the trace has gaps: the counters are void then. */
int model_diff(uint16_t nb_queues, const struct model_snap *before, const struct model_snap *after,
	       struct model_snap *diff);
/**
 * Let n packets through and wait until all is applied.
 * @return 0, -ENODATA the wire has ended before, -ETIMEDOUT, -EINTR signal, -ENODEV.
 */
int model_run(uint16_t port, uint16_t nb_queues, uint64_t n);
/** Lines per packet of a port since its session began. @return false: it has no session. */
bool model_show_port(const struct app *app, uint16_t port);
/** "show cache": the same for all ports. */
void model_show(const struct app *app);

#endif /* MODEL_H */
