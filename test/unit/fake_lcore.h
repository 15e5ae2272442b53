/* SPDX-License-Identifier: BSD-3-Clause */

/* The lcores and control threads of an EAL that was never started. */

#ifndef FAKE_LCORE_H
#define FAKE_LCORE_H

#include <sched.h>

#include <rte_lcore.h>

/* errno that starting a thread fails with */
extern int fx_thread_rc;
extern rte_cpuset_t fx_lcore_set[RTE_MAX_LCORE];

void fx_lcores_none(void);
/* An lcore of EAL on one CPU. */
void fx_lcore(unsigned int id, int cpu);

#endif /* FAKE_LCORE_H */
