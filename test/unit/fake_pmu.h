/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A made-up kernel and processor for the PMU source: events count what a recording says, per 1,000
 * loads of a loop or 1,000 packets, while their group is enabled. And made-up /proc and /sys.
 */

#ifndef FAKE_PMU_H
#define FAKE_PMU_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "pmu.h"

/* Counts per 1,000, by what runs. An event that is not in the recording counts nothing. */
struct fake_count {
	uint64_t config, config1;
	uint32_t l2, memory, forward;
};

#define FAKE_FDS 256

struct fake_event {
	int open, leader, enabled;
	struct perf_event_attr attr;
	int cpu;
	uint64_t count, ns, running;
	struct perf_event_mmap_page *page;
};

struct fake_pmu {
	const struct fake_count *rec;
	unsigned int nb_rec;
	struct fake_event ev[FAKE_FDS];
	unsigned int opened, closed, maps, warmed;
	/* What goes wrong. */
	int open_err;        /* negative errno of open */
	uint64_t err_config; /* only for this config; 0: all */
	int control_err;     /* negative errno of switching on */
	int unreadable;      /* counters that user space cannot read */
	int short_read;      /* read(2) gives less than a group has */
	int no_user;         /* no reading from user space */
	int no_counters;     /* pinned groups go into error state */
	int lost_permille;   /* of the time that an event is off its counter */
	int moves;           /* the thread changes its CPU when asked again */
	int busy_seq;        /* the page is written while it is read, so often */
	int cpu;
};

extern const struct pmu_perf_ops fake_pmu_ops;

/* Forward so many packets: multiples of 1,000 give the recording's figures exactly. */
void fake_pmu_forward(struct fake_pmu *f, unsigned int packets);
/* Nothing is open and nothing mapped. */
void fake_pmu_clean(const struct fake_pmu *f);

/* A folder with proc and sys in it. */
char *fake_tree(const char *cpuinfo, int with_pmu);
void fake_tree_file(const char *root, const char *path, const char *text);
void fake_tree_remove(char *root);

#endif /* FAKE_PMU_H */
