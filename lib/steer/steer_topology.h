/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Which CPUs share a cache, as Linux tells it (/sys/devices/system/cpu).
 *
 * A tag names a CPU, and a device that uses it puts the bytes into a cache that this CPU may share
 * with others: a queue that is polled next door may be as well off. CPUs are logical CPU numbers of
 * Linux. Read anew when CPUs come or go. All calls are thread-safe; they open files, so never make
 * one from a burst path.
 */

#ifndef STEER_TOPOLOGY_H
#define STEER_TOPOLOGY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What CPUs can have in common. */
enum steer_share {
	STEER_SHARE_L1,   /**< first level data cache: the threads of one core */
	STEER_SHARE_L2,   /**< second level: a core, or a cluster of cores */
	STEER_SHARE_LLC,  /**< the last level there is, whatever its number */
	STEER_SHARE_NODE, /**< NUMA node; a kernel without NUMA has one */
};

/** How near one CPU is to another: the first of these that holds. */
enum steer_relation {
	STEER_REL_UNKNOWN, /**< one of them is none of this machine's */
	STEER_REL_OFFLINE, /**< one of them is offline */
	STEER_REL_SAME,    /**< they are one */
	STEER_REL_L1,      /**< hyper-threads of a core */
	STEER_REL_L2,      /**< right cluster, wrong core */
	STEER_REL_LLC,     /**< they meet in the last level only */
	STEER_REL_NODE,    /**< no shared cache is known, same NUMA node */
	STEER_REL_OTHER,   /**< another NUMA node */
};

struct steer_cpu_info {
	int online;             /**< 0: present, but offline */
	int node;               /**< NUMA node, -1 not known */
	unsigned int nb_levels; /**< level of the LLC; 0 when the kernel tells of no cache */
};

/** @return 0, -EINVAL info is NULL, -ENOENT no such CPU in this machine. */
int steer_cpu_info_get(uint32_t cpu, struct steer_cpu_info *info);

/**
 * CPUs, online, that have something in common with one, itself among them, in ascending order.
 * @param cpus
 *   The first max of them; NULL when max is 0.
 * @return how many there are, also when max is less; -EINVAL, -ENOENT no such CPU in this machine,
 *   or offline, -ENODATA the kernel does not tell.
 */
int steer_cpu_sharers(uint32_t cpu, enum steer_share what, uint32_t *cpus, unsigned int max);

/** The order of the two does not matter. */
enum steer_relation steer_cpu_relation(uint32_t a, uint32_t b);

/** "same CPU", "shares L2", ... */
const char *steer_relation_name(enum steer_relation relation);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TOPOLOGY_H */
