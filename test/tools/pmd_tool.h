/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef PMD_TOOL_H
#define PMD_TOOL_H

#include <stdint.h>

#define QUEUES 2

/* One pool a queue: which buffers a queue gets must not depend on the other's timing. */
extern struct rte_mempool *pools[QUEUES];

/* The reason on a line. @return 1 */
int fail(const char *why);
/* Configure port 0. @return 0 or negative errno. */
int port_up(uint16_t queues, int rx_intr);

/* pmd_tool_dma.c; @return exit status */
/* Send from an address that the device has no map for. */
int run_outside(uint64_t iova);
/* Send from memory, which the device reaches; and again, when EAL has given it back. */
int run_freed(void);

/* pmd_tool_stamps.c: receive so many packets with timestamps; a line of what was wrong per queue.
 */
int run_stamps(uint64_t want, int scatter);

#endif /* PMD_TOOL_H */
