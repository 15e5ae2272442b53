/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rx and Tx callbacks of one port number, and the words that they write.
 *
 * ethdev keeps callbacks in lists of its own that outlive the port: a queue number that is no
 * longer configured cannot be unhooked (rte_eth_remove_rx_callback() refuses it), and the next port
 * of the same number finds the callback there. Such a one stays hooked here as well, and belongs to
 * the next port: that is why the words are by port number, and never freed.
 */

#include <errno.h>
#include <stdlib.h>

#include <ethdev_driver.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "plugin.h"

struct hook {
	struct hook *next;
	const struct rte_eth_rxtx_callback *cb;
};

struct plugin_hooks {
	/* Shared by all lcores, written when a queue moves only. */
	uint32_t words[2][RTE_MAX_QUEUES_PER_PORT];
	struct hook *hooked[2][RTE_MAX_QUEUES_PER_PORT];
	struct hook *retired; /* unhooked, but maybe still in use */
};

/* Burst path. */
static uint16_t
rx_polled(uint16_t port_id, uint16_t queue, struct rte_mbuf *pkts[], uint16_t n, uint16_t max,
	  void *word)
{
	RTE_SET_USED(port_id);
	RTE_SET_USED(queue);
	RTE_SET_USED(pkts);
	RTE_SET_USED(max);
	steer_queue_polled(word);
	return n;
}

/* Burst path. */
static uint16_t
tx_polled(uint16_t port_id, uint16_t queue, struct rte_mbuf *pkts[], uint16_t n, void *word)
{
	RTE_SET_USED(port_id);
	RTE_SET_USED(queue);
	RTE_SET_USED(pkts);
	steer_queue_polled(word);
	return n;
}

struct plugin_hooks *
plugin_hooks_new(void)
{
	struct plugin_hooks *h = calloc(1, sizeof(*h));

	if (h != NULL)
		plugin_hooks_forget(h);
	return h;
}

static int
add(struct plugin_hooks *h, uint16_t port_id, enum steer_dir dir, uint16_t q)
{
	struct hook *hook = malloc(sizeof(*hook));

	if (hook == NULL)
		return -ENOMEM;
	if (dir == STEER_RX)
		hook->cb = rte_eth_add_rx_callback(port_id, q, rx_polled, &h->words[dir][q]);
	else
		hook->cb = rte_eth_add_tx_callback(port_id, q, tx_polled, &h->words[dir][q]);
	if (hook->cb == NULL) {
		free(hook);
		return -rte_errno;
	}
	h->hooked[dir][q] = hook;
	return 0;
}

/* The device polls such a queue by itself. */
static bool
hairpin(uint16_t port_id, enum steer_dir dir, uint16_t q)
{
	const struct rte_eth_dev_data *data = rte_eth_devices[port_id].data;

	return (dir == STEER_RX ? data->rx_queue_state[q] : data->tx_queue_state[q]) ==
	       RTE_ETH_QUEUE_STATE_HAIRPIN;
}

int
plugin_hooks_add(struct plugin_hooks *h, uint16_t port_id, enum steer_dir dir, uint16_t n,
		 uint16_t *queue)
{
	int rc, first = 0;
	uint16_t q;

	for (q = 0; q < n; q++) {
		if (h->hooked[dir][q] != NULL || hairpin(port_id, dir, q))
			continue;
		rc = add(h, port_id, dir, q);
		if (rc == 0 || first != 0)
			continue;
		first = rc;
		*queue = q;
	}
	return first;
}

static int
unhook(const struct hook *hook, uint16_t port_id, int dir, uint16_t q)
{
	if (dir == STEER_RX)
		return rte_eth_remove_rx_callback(port_id, q, hook->cb);
	return rte_eth_remove_tx_callback(port_id, q, hook->cb);
}

void
plugin_hooks_remove(struct plugin_hooks *h, uint16_t port_id)
{
	struct hook *hook;
	uint16_t q;
	int dir;

	for (dir = STEER_RX; dir <= STEER_TX; dir++) {
		for (q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++) {
			hook = h->hooked[dir][q];
			if (hook == NULL || unhook(hook, port_id, dir, q) != 0)
				continue;
			h->hooked[dir][q] = NULL;
			hook->next = h->retired;
			h->retired = hook;
		}
	}
}

void
plugin_hooks_free(struct plugin_hooks *h)
{
	struct hook *hook;

	while ((hook = h->retired) != NULL) {
		h->retired = hook->next;
		/* As ethdev's documentation has it: it does not free what was removed. */
		rte_free((void *)(uintptr_t)hook->cb);
		free(hook);
	}
}

void
plugin_hooks_forget(struct plugin_hooks *h)
{
	uint16_t q;
	int dir;

	for (dir = STEER_RX; dir <= STEER_TX; dir++)
		for (q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++)
			__atomic_store_n(&h->words[dir][q], STEER_WORD_NONE, __ATOMIC_RELAXED);
}

bool
plugin_hooks_tell(const struct plugin_hooks *h, struct steer_port *port, enum steer_dir dir,
		  uint16_t n)
{
	bool changed = false;
	uint32_t lcore, *word;
	uint16_t q;

	for (q = 0; q < n; q++) {
		lcore = __atomic_load_n(&h->words[dir][q], __ATOMIC_RELAXED);
		word = steer_port_queue_word(port, dir, q);
		if (word == NULL)
			break;
		if (lcore == STEER_WORD_NONE || __atomic_load_n(word, __ATOMIC_RELAXED) == lcore)
			continue;
		__atomic_store_n(word, lcore, __ATOMIC_RELAXED);
		changed = true;
	}
	return changed;
}
