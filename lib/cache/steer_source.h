/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Sources of cache-hit figures, one interface: what counted (a PMU), what was timed, and what was
 * computed by the cache model have the same form, and each carries the name of where it came from.
 *
 * Life of a source: created and checked by the main thread; each forwarding thread opens its own
 * part; before a round every thread prepares (calibrates), then for each pass there is a window
 * between start and stop, in which the thread forwards; after the passes the figures are read.
 * A source that counts more events than a core has counters needs several passes a round.
 *
 * Only one thread uses a steer_source_thread. Start and stop do not allocate, lock or log, and read
 * counters from user space where they may; everything between them is the caller's own code. The
 * PMU switches the counters of the pass on and off by a system call, which is not counted.
 */

#ifndef STEER_SOURCE_H
#define STEER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steer_cache.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a number comes from. Numbers of two sources are never mixed. */
enum steer_source_id {
	STEER_SOURCE_PMU,
	STEER_SOURCE_TIMING,
	STEER_SOURCE_MODEL,
	STEER_SOURCE_IDS
};

/** What the figures of levels count, per packet. */
enum steer_source_unit {
	STEER_UNIT_LINES,   /**< cache lines touched (model) */
	STEER_UNIT_LOADS,   /**< load instructions retired (pmu): several may hit one line */
	STEER_UNIT_SAMPLES, /**< first touches that were timed (timing): shares only */
};

#define STEER_SOURCE_WHY 256 /**< room for one line of reason */

/** Figures of one queue or thread over one round. A level without its bit in known is not known. */
struct steer_figures {
	enum steer_source_id source;
	enum steer_source_unit unit;
	uint64_t packets;     /**< that the figures are about */
	uint32_t known;       /**< bit (1 << level): per_packet[level] holds */
	uint32_t touch_known; /**< same for first_touch */
	double per_packet[STEER_CACHE_LEVELS];
	double first_touch[STEER_CACHE_LEVELS]; /**< shares, 0..1 */
	bool cycles_known;
	double cycles; /**< per packet: counted (pmu), elapsed TSC (timing) or estimated (model) */
	uint32_t merged; /**< bits of neighbouring levels that the source cannot tell apart: their
			    sum is in the nearest of them, the others are not known; 0 none */
};

struct steer_source;
struct steer_source_thread;
struct steer_tally;

/** What a source has to offer. Reasons (why) are one line without newline, for the user. */
struct steer_source_ops {
	enum steer_source_id id;
	/** Windows that one round takes, at least 1. */
	unsigned int (*passes)(const struct steer_source *s);
	/**
	 * The calling thread's part, for up to slots queues. @return 0, -ENOMEM, or what the kernel
	 * said (then why tells).
	 */
	int (*thread_open)(struct steer_source *s, unsigned int slots,
			   struct steer_source_thread **t, char *why, size_t len);
	void (*thread_close)(struct steer_source_thread *t);
	/**
	 * Before each round, on the thread: calibrate, self-check. @return 0, -EAGAIN the machine
	 * was too noisy just now, -ENOTSUP it never will do.
	 */
	int (*prepare)(struct steer_source_thread *t, char *why, size_t len);
	/** Begin another round with what the last prepare found; takes no time. */
	void (*reset)(struct steer_source_thread *t);
	void (*start)(struct steer_source_thread *t, unsigned int pass);
	/** packets: forwarded in this window, by slot. */
	void (*stop)(struct steer_source_thread *t, unsigned int pass, const uint64_t *packets);
	/**
	 * Figures of one slot (a queue), or of the whole thread (slot -1), over the passes of the
	 * round. @return 0, -ENODATA this source cannot tell queues of one thread apart, -EIO a
	 * window is void (multiplexed, migrated); why tells.
	 */
	int (*read)(struct steer_source_thread *t, int slot, struct steer_figures *f, char *why,
		    size_t len);
	/** The sums that read would make figures of (steer_tally.h), however few; same errors. Does
	 * not allocate, lock or log, nor call the kernel. */
	int (*tally)(struct steer_source_thread *t, int slot, struct steer_tally *sum, char *why,
		     size_t len);
	/** Adds what a reader needs to judge the figures: events, formulas, confusion matrix; JSON
	 * object text of at most len bytes. @return its length, or negative errno. */
	int (*describe)(const struct steer_source *s, char *json, size_t len);
	void (*destroy)(struct steer_source *s);
};

/** First member of every source's own struct, as of every thread's. */
struct steer_source {
	const struct steer_source_ops *ops;
};
struct steer_source_thread {
	struct steer_source *source;
};

/**
 * Make figures of several rounds, threads or queues comparable: levels that are merged in one of
 * them become merged in all (see merged; a group is a level that is known and the merged, unknown
 * ones that follow it). Do it before medians and sums, over everything that a table has.
 * Figures without shares (touch_known is 0) are left as they are.
 */
void steer_figures_align(struct steer_figures *f, size_t n);

/** @return "pmu", "timing" or "model". */
const char *steer_source_name(enum steer_source_id id);
/** The words that stand in every title: "measured by PMU", "measured by timing probe",
 * "modelled". */
const char *steer_source_label(enum steer_source_id id);
/** @return "lines", "loads" or "samples". */
const char *steer_source_unit_name(enum steer_source_unit unit);
/** @return enum steer_source_id, or -EINVAL. */
int steer_source_parse(const char *name);

#ifdef __cplusplus
}
#endif
#endif /* STEER_SOURCE_H */
