/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside the PMU source: event tables as data, the perf layer behind a table of functions, sets of
 * events as pinned groups.
 */

#ifndef PMU_H
#define PMU_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "steer_pmu.h"

#define PMU_SET_MAX    6u  /* events of a set, cycles among them */
#define PMU_SETS_MAX   5u  /* sets of a table */
#define PMU_EVENTS_MAX 24u /* events of a table */
#define PMU_ROOT_MAX   256u

#define PMU_N(a)       (sizeof(a) / sizeof((a)[0]))

struct pmu_witness_event;

enum pmu_vendor { PMU_INTEL = 1, PMU_AMD, PMU_ARM };

/* What /proc/cpuinfo says of the first CPU. */
struct pmu_cpu {
	enum pmu_vendor vendor;
	uint32_t family;   /* x86 */
	uint32_t model;    /* x86: with the extended part, as the kernel prints it; Arm: part */
	uint32_t stepping; /* x86 */
	bool guest;        /* flag "hypervisor" */
};

/* Models that a table is for; family is of no meaning on Arm. */
struct pmu_ident {
	enum pmu_vendor vendor;
	uint32_t family, first, last;
};

/* A set of one event code with its unit mask; event 0 of a table is cycles, in every set. */
struct pmu_event {
	const char *name;
	uint64_t config;
	uint64_t config1; /* off-core response, else 0 */
	uint32_t type;    /* perf's; PERF_TYPE_RAW in all tables */
	uint8_t set;      /* index of the set it is counted in */
	uint8_t counters; /* mask of the general counters that can count it; 0 any */
	bool doubtful;    /* no public list has this code for this CPU */
};

/* A figure: sums and differences of events, "A + B - C"; the same text is printed. */
struct pmu_row {
	const char *name; /* NULL for a level */
	int level;        /* enum steer_cache_level, -1 for a row beside them */
	const char *formula;
};

/* One way to make levels out of a table's events. */
struct pmu_reading {
	const struct pmu_row *rows;
	unsigned int nb;
	uint32_t merged;  /* as in steer_figures */
	const char *note; /* why it is so coarse; NULL */
};

/* A kind of CPU. */
struct pmu_table {
	const char *name, *desc;
	const char *counts; /* what a figure of a level counts here */
	const char *source; /* of the codes */
	const struct pmu_ident *idents;
	unsigned int nb_idents;
	const struct pmu_event *events;
	unsigned int nb_events;
	unsigned int counters;      /* general counters that a thread can rely on */
	unsigned int nb_sets;       /* all */
	unsigned int level_sets;    /* the first ones; the rest is beside the levels and may lack */
	struct pmu_reading reading; /* what is tried first */
	struct pmu_reading fallback; /* what is tried when the self-check refuses; nb 0: none */
	const struct pmu_witness_event *witness;
	unsigned int nb_witness;
};

extern const struct pmu_table pmu_intel[], pmu_amd[], pmu_arm[];
extern const unsigned int pmu_nb_intel, pmu_nb_amd, pmu_nb_arm;

/* Iterate: NULL gives the first, NULL at the end. */
const struct pmu_table *pmu_table_next(const struct pmu_table *t);
const struct pmu_table *pmu_table_find(const struct pmu_cpu *cpu);
/* Events of a set, cycles first. @return how many */
unsigned int
pmu_table_set(const struct pmu_table *t, unsigned int set, const struct pmu_event *ev[PMU_SET_MAX]);

/* @return 0, or -ENOENT: no identity in it. */
int pmu_cpu_parse(const char *text, size_t len, struct pmu_cpu *cpu);

/* What the loops of the self-check are to be: nothing but loads of one level. */
enum pmu_loop { PMU_LOOP_L2, PMU_LOOP_MEMORY };
struct pmu_chase;

/* Everything that is asked of the kernel and of the processor. Negative errno on error. */
struct pmu_perf_ops {
	int (*open)(void *ctx, struct perf_event_attr *attr, pid_t pid, int cpu, int group);
	void (*close)(void *ctx, int fd);
	int (*control)(void *ctx, int fd,
		       unsigned long request); /* PERF_EVENT_IOC_*, of a leader */
	ssize_t (*read)(void *ctx, int fd, void *buf, size_t len);
	struct perf_event_mmap_page *(*map)(void *ctx, int fd); /* NULL: not here */
	void (*unmap)(void *ctx, struct perf_event_mmap_page *page);
	uint64_t (*counter)(void *ctx, uint32_t index); /* perf's index, from 1 */
	bool (*readable)(uint32_t index);               /* that counter() can read */
	int (*cpu)(void *ctx);                          /* the thread is on */
	void (*warm)(void *ctx, struct pmu_chase *chase, enum pmu_loop loop);
	unsigned int (*run)(void *ctx, struct pmu_chase *chase, enum pmu_loop loop); /* loads */
};
extern const struct pmu_perf_ops pmu_perf_kernel;

struct pmu_perf {
	const struct pmu_perf_ops *ops;
	void *ctx;
	const char *root;
};

/* Why the counts of a window are not to be used. */
enum pmu_void {
	PMU_VALID,
	PMU_NO_WINDOW,   /* start or stop was not called */
	PMU_NOT_COUNTED, /* pinned group in error state */
	PMU_MULTIPLEXED, /* not on the counters all the time */
	PMU_MIGRATED,    /* the thread changed its CPU */
	PMU_UNREADABLE,  /* read(2) failed */
};

struct pmu_snapshot {
	uint64_t count[PMU_SET_MAX];
	uint64_t enabled, running; /* ns */
};

/* A pinned group, opened by the thread that it counts. */
struct pmu_set {
	const struct pmu_perf *perf;
	unsigned int nb;
	int fd[PMU_SET_MAX];
	struct perf_event_mmap_page *page[PMU_SET_MAX];
	bool user; /* read from user space */
	int cpu;   /* at start */
	struct pmu_snapshot begin;
	uint64_t delta[PMU_SET_MAX]; /* since reset */
	uint64_t packets;
	enum pmu_void state;
};

/* @return 0 or what the kernel said, with why. */
int pmu_set_open(struct pmu_set *s, const struct pmu_perf *perf, const struct pmu_event *const *ev,
		 unsigned int nb, char *why, size_t len);
void pmu_set_close(struct pmu_set *s);
void pmu_set_reset(struct pmu_set *s);
void pmu_set_start(struct pmu_set *s);
void pmu_set_stop(struct pmu_set *s, uint64_t packets);
/* The set must be enabled. */
enum pmu_void pmu_set_snapshot(const struct pmu_set *s, struct pmu_snapshot *snap);
/* One line for each state. */
const char *pmu_void_why(enum pmu_void state);

/* One thread's sets, and what the last read gave. */
struct pmu_thread {
	struct steer_source_thread base;
	struct pmu_set set[PMU_SETS_MAX];
	unsigned int slots;
	bool checked;       /* the loops have run here and were counted rightly */
	uint32_t row_known; /* bit per row of the reading */
	double row[32];
};

struct pmu_source {
	struct steer_source base;
	const struct pmu_table *table;
	const struct pmu_reading *reading;
	struct pmu_perf perf;
	struct pmu_cpu cpu;
	char root[PMU_ROOT_MAX];
	unsigned int nb_sets; /* that are counted */
	bool user;            /* counters are read from user space */
	struct {
		unsigned int pass; /* from 1, of the table */
		char why[STEER_SOURCE_WHY];
	} left_out;                    /* the first set that is not counted; pass 0: none */
	struct steer_figures check[2]; /* what the loops gave, by enum pmu_loop */
};

/* Events per packet of all sets that were counted; NAN for the others. */
void pmu_rates(const struct pmu_table *t, const struct pmu_set *sets, unsigned int nb_sets,
	       double rate[PMU_EVENTS_MAX]);
/* @return 0; -EINVAL a name that no event has; -ENODATA an event that was not counted. */
int pmu_formula(const struct pmu_table *t, const char *formula, const double rate[PMU_EVENTS_MAX],
		double *value);
/* Levels and rows of a thread. @return 0, -EIO or -ENODATA with why. */
int pmu_figures(const struct pmu_source *s, struct pmu_thread *t, struct steer_figures *f,
		char *why, size_t len);

/* Both loops on this thread; f by enum pmu_loop. @return 0, -ENOTSUP counted wrongly, -EBUSY no
 * counters, -EAGAIN no undisturbed window, -ENOMEM; with why. */
int pmu_check_run(struct pmu_source *s, struct pmu_thread *t, struct steer_figures f[2], char *why,
		  size_t len);
/* @return 0, or -ENOTSUP: these loops were not counted as what they are. */
int pmu_check_judge(const struct steer_figures *l2, const struct steer_figures *memory, char *why,
		    size_t len);
/* One circle through all nodes, in random order; a node begins with the address of the next.
 * @return 0 or -ENOMEM. */
int pmu_chase_link(char *base, unsigned int nodes, size_t stride);
struct pmu_chase *pmu_chase_create(void); /* NULL: no memory */
void pmu_chase_destroy(struct pmu_chase *c);
void pmu_chase_warm(struct pmu_chase *c, enum pmu_loop loop);
unsigned int pmu_chase_run(struct pmu_chase *c, enum pmu_loop loop);

/* What stands behind an errno of perf_event_open, for the user; returns err. */
int pmu_explain(const struct pmu_perf *perf, int err, const char *what, char *why, size_t len);
extern const struct steer_source_ops pmu_source_ops;
/* What a conf says, its root copied. @return 0 or -ENAMETOOLONG with why. */
int pmu_perf_init(struct pmu_perf *perf, char root[PMU_ROOT_MAX], const struct steer_pmu_conf *conf,
		  char *why, size_t len);
/* The CPU below this root. @return 0 or -ENODEV with why. */
int pmu_identify(const char *root, struct pmu_cpu *cpu, char *why, size_t len);
int pmu_describe(const struct pmu_source *s, char *json, size_t len);

#endif /* PMU_H */
