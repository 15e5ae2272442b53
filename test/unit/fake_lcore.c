/* SPDX-License-Identifier: BSD-3-Clause */

/* lcores by table; threads are plain ones. */

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "fake_lcore.h"

rte_cpuset_t fx_lcore_set[RTE_MAX_LCORE];
static bool lcore_on[RTE_MAX_LCORE];

rte_cpuset_t
rte_lcore_cpuset(unsigned int lcore)
{
	return fx_lcore_set[lcore];
}

enum rte_lcore_role_t
rte_eal_lcore_role(unsigned int lcore)
{
	return lcore_on[lcore] ? ROLE_RTE : ROLE_OFF;
}

int fx_thread_rc;

int
rte_ctrl_thread_create(pthread_t *thread, const char *name, const pthread_attr_t *attr,
		       void *(*fn)(void *), void *arg)
{
	return fx_thread_rc != 0 ? -fx_thread_rc : -pthread_create(thread, attr, fn, arg);
}

void
fx_lcores_none(void)
{
	memset(lcore_on, 0, sizeof(lcore_on));
}

void
fx_lcore(unsigned int id, int cpu)
{
	lcore_on[id] = true;
	CPU_ZERO(&fx_lcore_set[id]);
	CPU_SET(cpu, &fx_lcore_set[id]);
}
