/* SPDX-License-Identifier: BSD-3-Clause */

/* A machine whose loads take the ticks that were recorded elsewhere, for the timing source. */

#ifndef UNIT_TIMING_FIXTURE_H
#define UNIT_TIMING_FIXTURE_H

#include "timing.h"

#define FAKE_MAX 8192u

struct fake_machine {
	struct timing_machine ops;
	uint32_t ticks[TIMING_STATES][FAKE_MAX]; /* of loads, in the order of recording */
	unsigned int n[TIMING_STATES], at[TIMING_STATES];
	uint64_t now;              /* moves by 100 with each reading */
	unsigned int batches;      /* since the last reset */
	unsigned int disturb;      /* every so many batches one is interrupted; 0 never */
	unsigned int disturb_from; /* from this batch on all are interrupted; 0 never */
	uint64_t hz;
	uint32_t step;
	int cpu;
	const char *unusable;     /* reason, or NULL */
	unsigned int no_pages_at; /* which call for pages fails, from 1; 0 none */
	int pages;                /* calls for pages less those back */
	unsigned int pages_calls;
};

/* The one that the functions in its ops speak of. */
extern struct fake_machine fake_machine;

/* 2.3 GHz, step 2, CPU 3, ticks of a file of test/data/timing. */
void fake_machine_reset(const char *file);
/* Each load as a counter with this step has it. */
void fake_machine_coarsen(uint32_t step);
/* Histograms as a calibration collects them from the machine. */
void fake_machine_samples(struct timing_samples *s);

#endif /* UNIT_TIMING_FIXTURE_H */
