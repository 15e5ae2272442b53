/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * State of the program. Everything here belongs to the main thread; lcores get streams through
 * lcores.h and nothing else.
 */

#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "complain.h"
#include "opts.h"

#define PMD_MAX_QUEUES 128

struct fwd_stream;
struct fwd_lcore;
struct noise;
struct watch;

struct port {
	bool used;    /**< configured, to be closed */
	bool started; /**< rte_eth_dev_start() done */
	bool bare;    /**< was reset: to be configured before it starts */
	bool model;   /**< in a model session */
	bool stamped; /**< configured with Rx timestamps on our clock */
	bool promisc; /**< as testpmd: see what is not addressed to the port too */
	uint16_t nb_rxq, nb_txq, nb_rxd, nb_txd;
	struct rte_ether_addr mac;
	struct rte_mempool *pools[PMD_MAX_QUEUES]; /**< one per queue */
	struct rte_eth_stats base; /**< at the start of forwarding, for the report at its end */
	struct rte_eth_stats last; /**< at the last show, for rates */
	uint64_t last_tsc;
};

struct app {
	struct opts opts;
	struct port ports[RTE_MAX_ETHPORTS];
	struct fwd_stream *streams;
	unsigned int nb_streams;
	struct fwd_lcore *lcores;
	unsigned int nb_lcores;
	bool plain_pools;    /**< no per-lcore caches: lockstep wants the plain order of the ring */
	struct noise *noise; /**< while it runs */
	struct watch *watch; /**< of plain forwarding, until its streams go */
	bool forwarding;
	bool quit; /**< prompt's quit */
};

#endif /* APP_H */
