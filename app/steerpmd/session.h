/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * One source at work: ports, lcores and counters for the rounds of an experiment. What differs
 * between the model, which computes from packets delivered in lockstep, and the sources that watch
 * lcores forward, is behind one table of functions. Main thread only. Failures have been told to
 * the user in one line when a function returns negative errno.
 */

#ifndef SESSION_H
#define SESSION_H

#include "app.h"
#include "cpus.h"
#include "result.h"
#include "witness.h"

struct session;

struct session_ops {
	/** Ports are configured and stopped. Fill in what the result says of the port and source.
	 */
	int (*begin)(struct session *s);
	/** Streams are steered for the first time: what has to run before any round. */
	int (*first)(struct session *s);
	/**
	 * One round: warm packets that are not counted, then packets that are.
	 * @return 0, -EINTR signal, -ENODEV device gone, -ENODATA, -ETIMEDOUT no packets, -EIO
	 * void.
	 */
	int (*round)(struct session *s, uint64_t warm, uint64_t packets, struct round_result *out);
	/** After the rounds: what moving a tag costs. NULL in lockstep: no call takes time there.
	 */
	void (*cost)(struct session *s);
	/** Source's own words (JSON) into the result. */
	void (*describe)(struct session *s);
	/** Ports are configured and stopped again. Also after a begin that failed. */
	void (*end)(struct session *s);
	uint64_t round_packets, warmup_packets; /**< when the user did not say */
};

struct live;

struct session {
	struct app *app;
	const struct session_ops *ops;
	struct result *result;
	struct cpus cpus;
	uint16_t port;     /**< of the model */
	struct live *live; /**< of the others */
	struct steer_source *source;
	struct witness witness; /**< of the others */
};

/** Table of a source. */
const struct session_ops *session_ops_of(enum steer_source_id id);
extern const struct session_ops session_model, session_live;

/** Numbers of queues, lcores and tags into a round. */
void session_round_places(const struct session *s, struct round_result *round);
/** Buffers of all streams: so many packets pass until each was used once. */
uint64_t session_buffers(const struct app *app);

#endif /* SESSION_H */
