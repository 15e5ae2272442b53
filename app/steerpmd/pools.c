/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_mbuf.h>

#include "pools.h"

#define POOL_PREFIX "pmd_"
#define POOL_CACHE  256

_Static_assert(MBCACHE_MAX == RTE_MEMPOOL_CACHE_MAX_SIZE, "opts.h knows DPDK's limit");
_Static_assert(MBUF_HEADROOM == RTE_PKTMBUF_HEADROOM, "opts.h knows DPDK's headroom");

static unsigned int
pool_queues(const struct port *port)
{
	return RTE_MAX(port->nb_rxq, port->nb_txq);
}

/* Both rings full of this pool's mbufs, bursts in hand, and what the lcore's cache may hold. */
static uint32_t
pool_need(const struct app *app, const struct port *port)
{
	return port->nb_rxd + port->nb_txd + 2 * app->opts.burst + 64;
}

/*
 * An lcore's cache is a stack: what was freed last comes first. A model session goes by default
 * through all mbufs in their order, which shows the most that a ring can ask of a cache.
 */
static unsigned int
cache_size(const struct app *app)
{
	if (app->opts.mbcache != MBCACHE_DEFAULT)
		return app->opts.mbcache;
	return app->plain_pools ? 0 : POOL_CACHE;
}

static uint32_t
pool_size(const struct app *app, const struct port *port)
{
	uint32_t n = pool_need(app, port);

	if (app->opts.total_num_mbufs != 0)
		return app->opts.total_num_mbufs / pool_queues(port);
	return n + 2 * cache_size(app);
}

/* The pool knows no IOVA where objects may lie across pages. */
static void
mbuf_init(struct rte_mempool *mp, void *arg, void *obj, unsigned int i)
{
	struct rte_mbuf *m = obj;

	rte_pktmbuf_init(mp, arg, m, i);
	m->buf_iova = (uintptr_t)m->buf_addr;
}

/*
 * Mbufs side by side, as in huge pages. With pages of 4 KiB rte_pktmbuf_pool_create() puts one into
 * each: all packets then begin at the same place of a page, and the model would show a third of a
 * cache's sets in use. The device with the model takes our addresses, across pages too.
 */
static struct rte_mempool *
pool_of_model(const char *name, uint32_t n, unsigned int cache, uint16_t room, int socket)
{
	struct rte_pktmbuf_pool_private priv = {.mbuf_data_room_size = room};

	return rte_mempool_create(name, n, sizeof(struct rte_mbuf) + room, cache, sizeof(priv),
				  rte_pktmbuf_pool_init, &priv, mbuf_init, NULL, socket,
				  RTE_MEMPOOL_F_NO_IOVA_CONTIG);
}

static struct rte_mempool *
pool_get(const struct app *app, uint16_t id, uint16_t queue, uint32_t n)
{
	unsigned int cache = cache_size(app);
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *mp;

	snprintf(name, sizeof(name), POOL_PREFIX "%u_%u", id, queue);
	mp = rte_mempool_lookup(name);
	if (mp != NULL)
		return mp->size >= n ? mp : NULL;
	if (cache > n / 2)
		cache = 0;
	if (app->plain_pools && !rte_eal_has_hugepages() && rte_eal_iova_mode() == RTE_IOVA_VA)
		return pool_of_model(name, n, cache, app->opts.mbuf_size,
				     rte_eth_dev_socket_id(id));
	return rte_pktmbuf_pool_create(name, n, cache, 0, app->opts.mbuf_size,
				       rte_eth_dev_socket_id(id));
}

int
pools_get(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];
	uint32_t n = pool_size(app, port);

	if (n < (uint32_t)port->nb_rxd + app->opts.burst)
		return -EINVAL;
	for (uint16_t q = 0; q < pool_queues(port); q++) {
		port->pools[q] = pool_get(app, id, q, n);
		if (port->pools[q] == NULL)
			return -ENOMEM;
	}
	return 0;
}

void
pools_put(struct app *app, uint16_t id)
{
	struct port *port = &app->ports[id];

	for (uint16_t q = 0; q < pool_queues(port); q++) {
		if (port->pools[q] != NULL && rte_mempool_full(port->pools[q]))
			rte_mempool_free(port->pools[q]);
		port->pools[q] = NULL;
	}
}

void
pools_free_all(void)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	for (unsigned int p = 0; p < RTE_MAX_ETHPORTS; p++) {
		for (unsigned int q = 0; q < PMD_MAX_QUEUES; q++) {
			snprintf(name, sizeof(name), POOL_PREFIX "%u_%u", p, q);
			rte_mempool_free(rte_mempool_lookup(name));
		}
	}
}
