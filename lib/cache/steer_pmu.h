/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The PMU source: loads by the level that served them, counted by the core's own counters around
 * the forwarding loop, and system-wide witnesses of what the device did.
 *
 * A platform has more events than a core has counters, so they are spread over passes: one pinned
 * group of events each, counted in a window of its own. Counters are read from user space where
 * the kernel allows it, else by read(2), once before and once after a window. start() and stop()
 * also enable and disable the group of the pass by one ioctl(2), outside of the counted part.
 *
 * The unit is loads per packet. Figures are per thread; per queue only where the thread has one.
 */

#ifndef STEER_PMU_H
#define STEER_PMU_H

#include <stddef.h>
#include <stdint.h>

#include "steer_source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pmu_perf_ops; /* what stands for the kernel's perf; made up by tests */

/** Where and how to look. All zero is this machine. */
struct steer_pmu_conf {
	const char *root;                /**< folder that holds proc and sys; NULL: "" */
	const struct pmu_perf_ops *perf; /**< NULL: the kernel's */
	void *perf_ctx;                  /**< handed to perf's functions */
};

/** One of the rows that are not levels: prefetches, fill buffers, other sockets. */
struct steer_pmu_row {
	const char *name; /**< for the user; lives as long as the source */
	double per_packet;
};

/**
 * The source of this CPU's counters. Finds the event table by the CPU's identity, opens each set
 * of events once, and lets an L2-resident and a memory-resident loop run: when they are not
 * counted as such, there is no source. The calling thread does this in about 0.2 s.
 *
 * Its description (steer_source_ops.describe) fits in 8 KiB.
 *
 * @param conf NULL: all zero
 * @param why one line of reason on error; "no PMU here" is one of them
 * @return 0; -ENODEV no PMU, or none for this CPU; -ENOTSUP it counts wrongly (self-check);
 * -EACCES or -EPERM not permitted; -EAGAIN too noisy just now; -EBUSY the counters are taken;
 * -ENOMEM; or what the kernel said.
 */
int steer_pmu_create(const struct steer_pmu_conf *conf, struct steer_source **source, char *why,
		     size_t len);

/**
 * The rows beside the levels, of the round that was read last.
 * @param t thread of a PMU source
 * @return how many there are, of which at most n are written; a row that was not counted is left
 * out
 */
unsigned int
steer_pmu_rows(const struct steer_source_thread *t, struct steer_pmu_row *rows, unsigned int n);

/** What a witness counts: the whole system, in cache lines, since start. */
enum steer_pmu_witness_kind {
	STEER_PMU_WRITE_HIT,    /**< device writes that found their line in a cache */
	STEER_PMU_WRITE_MISS,   /**< device writes that did not */
	STEER_PMU_IO_WRITES,    /**< lines that devices wrote */
	STEER_PMU_DRAM_WRITES,  /**< lines that went to DRAM, whoever wrote them */
	STEER_PMU_STASH_SENT,   /**< stashes offered to a core */
	STEER_PMU_STASH_PULLED, /**< stashes that the core took */
	STEER_PMU_WITNESS_KINDS
};

/** Counts of one window. */
struct steer_pmu_witness_figures {
	uint32_t known; /**< bit (1 << kind): count[kind] holds */
	uint64_t count[STEER_PMU_WITNESS_KINDS];
};

struct steer_pmu_witness;

/**
 * The witnesses of this machine, found in /sys/bus/event_source/devices. System-wide, so they need
 * perf_event_paranoid 0 or less, or CAP_PERFMON. They see every device, not one queue. Belongs to
 * one thread at a time.
 *
 * @return 0; -ENOENT there are none for this CPU (no error: why says what is missing); -EACCES or
 * -EPERM not permitted; -EPROTO the kernel describes one in a form that is not known; -ENOMEM; or
 * what the kernel said.
 */
int steer_pmu_witness_open(const struct steer_pmu_conf *conf, struct steer_pmu_witness **w,
			   char *why, size_t len);
/** Begin to count from 0. @return 0 or what the kernel said. */
int steer_pmu_witness_start(struct steer_pmu_witness *w);
/** @return 0, or -EIO: a counter was shared with others meanwhile, its figure would be a guess. */
int steer_pmu_witness_stop(struct steer_pmu_witness *w, struct steer_pmu_witness_figures *f,
			   char *why, size_t len);
/** What is counted: JSON object text of at most len bytes. @return its length or -ENOSPC. */
int steer_pmu_witness_describe(const struct steer_pmu_witness *w, char *json, size_t len);
void steer_pmu_witness_close(struct steer_pmu_witness *w);

enum steer_pmu_verdict {
	STEER_PMU_AGREES,
	STEER_PMU_CONTRADICTS,
	STEER_PMU_CANNOT_TELL,
};

/**
 * Hold a claim, "this share of the device's writes hit a cache", against what was witnessed. Ten
 * percentage points apart is a contradiction; fewer than 1,000 writes tell nothing.
 * @param hits 0..1
 * @param why what was witnessed, one line
 */
enum steer_pmu_verdict steer_pmu_witness_judge(const struct steer_pmu_witness_figures *f,
					       double hits, char *why, size_t len);

#ifdef __cplusplus
}
#endif
#endif /* STEER_PMU_H */
