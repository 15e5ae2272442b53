/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The timing source inside. What is asked of the machine goes through struct timing_machine, so
 * that tests put recorded ticks in its place; what is learned from ticks is pure arithmetic over
 * histograms (timing_learn.c).
 */

#ifndef CACHE_TIMING_H
#define CACHE_TIMING_H

#include <stdbool.h>

#include "steer_tally.h"
#include "steer_timing.h"

#define TIMING_BATCH  64u  /* lines that are brought into a state at once, one per page */
#define TIMING_RECALL 0.95 /* a level below this is merged */
#define TIMING_STEP   5.0  /* ns: an L2 hit takes about so long; coarser counters see no levels */
#define TIMING_WARM   4u   /* batches of each state before the first that counts */
#define TIMING_TRIES  3u   /* calibrations before the machine counts as noisy */
#define TIMING_LAST   (STEER_TIMING_BUCKETS - 1) /* bucket of the interrupted */

/* What a calibration can prepare, from near to far: in L1; in L2; thrown out of L2, to wherever;
 * in memory. */
enum timing_state { TIMING_L1, TIMING_L2, TIMING_OUT, TIMING_FAR, TIMING_STATES };

/* What ticks are told to be. Between L2 and memory: the LLC, or another core's cache. */
enum timing_class { CLASS_L1, CLASS_L2, CLASS_BETWEEN, CLASS_FAR, TIMING_CLASSES };

struct timing_histogram {
	uint32_t ticks[STEER_TIMING_BUCKETS];
};

/* Half of the loads of each state to learn from, the other half to test. */
struct timing_samples {
	struct timing_histogram train[TIMING_STATES], test[TIMING_STATES];
};

struct timing_calibration {
	bool valid;
	int cpu;
	uint32_t median[TIMING_STATES];               /* ticks, of the training half */
	uint32_t cut[TIMING_CLASSES - 1];             /* first ticks of the next class */
	uint8_t group[TIMING_CLASSES];                /* nearest class of those merged with it */
	uint32_t told[TIMING_STATES][TIMING_CLASSES]; /* test loads of a state, told as class */
	uint32_t interrupted;                         /* test loads that were left out */
	double recall[TIMING_STATES];                 /* after merging */
};

struct timing_pages;

struct timing_machine {
	const char *counter;
	bool cycles; /* its ticks are what others call cycles: a TSC */
	/* 0, or -ENOTSUP and why. */
	int (*usable)(char *why, size_t len);
	uint64_t (*hz)(void);
	uint32_t (*step)(void); /* ticks between two values that the counter can have */
	uint64_t (*now)(void);
	int (*cpu)(void); /* where the caller runs, without a system call; -1 not known */
	struct timing_pages *(*pages)(void);
	void (*pages_free)(struct timing_pages *pages);
	/* Bring TIMING_BATCH lines into the state, time one load of each. */
	void (*batch)(struct timing_pages *pages, enum timing_state state, uint32_t *ticks);
};

struct timing_source;

/* What describe tells of a thread; outlives it. */
struct timing_record {
	struct timing_record *next;
	bool open;
	uint32_t calibrations;         /* that were valid */
	uint32_t refused;              /* rounds that had none */
	uint64_t samples, interrupted; /* of closed windows */
	struct timing_calibration last;
};

struct timing_thread {
	struct steer_timing_thread hot;
	struct timing_source *source;
	struct timing_pages *pages;
	struct timing_samples *work;
	struct timing_record *record;
	struct timing_calibration cal;
	bool moved; /* from the CPU of the calibration */
	uint64_t begun, elapsed;
	uint64_t *packets; /* by slot */
};

struct timing_source {
	struct steer_source base;
	const struct timing_machine *machine;
	uint32_t every, samples;
	uint64_t hz;
	uint32_t step;
	struct timing_calibration start;
	struct timing_record *records; /* under the lock of timing_source.c */
};

/* timing_machine.c */
extern const struct timing_machine timing_this_machine;

/* timing_learn.c: cuts, groups and recalls from samples. @return 0, or -EAGAIN and why. */
int timing_learn(const struct timing_samples *samples, struct timing_calibration *cal, char *why,
		 size_t len);
enum timing_class timing_class_of(const struct timing_calibration *cal, uint32_t ticks);
/* Ticks below which a part p of the histogram is, those interrupted left out. */
uint32_t timing_quantile(const struct timing_histogram *h, double p);
/* timing_merge.c: merge what recall demands. @return number of groups left. */
unsigned int timing_merge(struct timing_calibration *cal);

/* timing_calibrate.c: up to TIMING_TRIES times. @return 0, or -EAGAIN and why. */
int timing_calibrate(const struct timing_source *s, struct timing_pages *pages,
		     struct timing_samples *work, struct timing_calibration *cal, char *why,
		     size_t len);

/* timing_figures.c: of n slots from the first, in the last window. */
void timing_tally(const struct timing_thread *t, unsigned int first, unsigned int n,
		  struct steer_tally *tally);

/* timing_thread.c */
int timing_thread_open(struct steer_source *s, unsigned int slots, struct steer_source_thread **t,
		       char *why, size_t len);
void timing_thread_close(struct steer_source_thread *t);
int timing_prepare(struct steer_source_thread *t, char *why, size_t len);
void timing_reset(struct steer_source_thread *t);
void timing_start(struct steer_source_thread *t, unsigned int pass);
void timing_stop(struct steer_source_thread *t, unsigned int pass, const uint64_t *packets);
int timing_read(struct steer_source_thread *t, int slot, struct steer_figures *f, char *why,
		size_t len);
int timing_thread_tally(struct steer_source_thread *t, int slot, struct steer_tally *sum, char *why,
			size_t len);

/* timing_source.c */
int timing_create(const struct timing_machine *m, const struct steer_timing_conf *conf,
		  struct steer_source **source, char *why, size_t len);
struct timing_record *timing_record_open(struct timing_source *s, int cpu);
void timing_record_close(struct timing_source *s, struct timing_record *r);

/* timing_describe.c */
int timing_describe(const struct steer_source *s, char *json, size_t len);

#endif /* CACHE_TIMING_H */
