/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A control thread of EAL (bound to the CPUs that no lcore has), whatever this DPDK calls it.
 * For our own code; not installed.
 */

#ifndef STEER_CTRL_THREAD_H
#define STEER_CTRL_THREAD_H

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

#define STEER_CTRL_THREAD_DONE ((steer_ctrl_ret_t)0)

/* EAL's thread API changed with 23.11. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
typedef uint32_t steer_ctrl_ret_t;
typedef rte_thread_t steer_ctrl_thread_t;

/** @return 0 or negative errno. */
static inline int
steer_ctrl_thread_start(steer_ctrl_thread_t *t, const char *name, steer_ctrl_ret_t (*fn)(void *),
			void *arg)
{
	return -abs(rte_thread_create_control(t, name, fn, arg));
}

static inline int
steer_ctrl_thread_join(steer_ctrl_thread_t t)
{
	return -abs(rte_thread_join(t, NULL));
}
#else
typedef void *steer_ctrl_ret_t;
typedef pthread_t steer_ctrl_thread_t;

/** @return 0 or negative errno. */
static inline int
steer_ctrl_thread_start(steer_ctrl_thread_t *t, const char *name, steer_ctrl_ret_t (*fn)(void *),
			void *arg)
{
	return -abs(rte_ctrl_thread_create(t, name, NULL, fn, arg));
}

static inline int
steer_ctrl_thread_join(steer_ctrl_thread_t t)
{
	return -pthread_join(t, NULL);
}
#endif

#endif /* STEER_CTRL_THREAD_H */
