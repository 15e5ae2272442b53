/* SPDX-License-Identifier: BSD-3-Clause */

/* Rx timestamps: each packet's lies between a look at the clock before it came and one after. */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>

#include "pmd_tool.h"

#define BURST 32

struct seen {
	uint64_t packets, missing, backwards, early, late;
	uint64_t last;
};

static int field;
static uint64_t flag;

static int
stamped_up(uint64_t offloads, uint16_t mtu)
{
	struct rte_eth_conf conf = {.rxmode = {.offloads = offloads, .mtu = mtu}};
	uint16_t i;
	int ret;

	ret = rte_eth_dev_configure(0, QUEUES, QUEUES, &conf);
	for (i = 0; i < QUEUES && ret == 0; i++) {
		ret = rte_eth_rx_queue_setup(0, i, 128, SOCKET_ID_ANY, NULL, pools[i]);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(0, i, 128, SOCKET_ID_ANY, NULL);
	}
	return ret == 0 ? rte_eth_dev_start(0) : ret;
}

static void
look(struct seen *s, const struct rte_mbuf *m, uint64_t start, uint64_t now)
{
	uint64_t at = *RTE_MBUF_DYNFIELD(m, field, const rte_mbuf_timestamp_t *);

	s->packets++;
	if ((m->ol_flags & flag) == 0) {
		s->missing++;
		return;
	}
	s->backwards += at < s->last;
	s->early += at < start;
	s->late += at > now;
	s->last = at;
}

static uint16_t
poll_stamped(struct seen *s, uint16_t queue, uint64_t start)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t n = rte_eth_rx_burst(0, queue, pkts, BURST), i;
	uint64_t now = 0;

	if (n == 0)
		return 0;
	rte_eth_read_clock(0, &now);
	for (i = 0; i < n; i++)
		look(s, pkts[i], start, now);
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

int
run_stamps(uint64_t want, int scatter)
{
	uint64_t offloads = RTE_ETH_RX_OFFLOAD_TIMESTAMP, start = 0, spins = 0;
	struct seen seen[QUEUES] = {0};
	uint16_t q;
	int clock;

	if (rte_mbuf_dyn_rx_timestamp_register(&field, &flag) != 0)
		return fail("no field for timestamps");
	if (scatter)
		offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	clock = rte_eth_read_clock(0, &start);
	if (stamped_up(offloads, 1500) != 0)
		return fail("port does not start with timestamps");
	while (seen[0].packets + seen[1].packets < want && spins++ < UINT64_C(200000000))
		/* the device may need this CPU */
		if (poll_stamped(&seen[0], 0, start) + poll_stamped(&seen[1], 1, start) == 0)
			sched_yield();
	for (q = 0; q < QUEUES; q++)
		printf("queue %u packets %" PRIu64 " missing %" PRIu64 " backwards %" PRIu64
		       " early %" PRIu64 " late %" PRIu64 "\n",
		       q, seen[q].packets, seen[q].missing, seen[q].backwards, seen[q].early,
		       seen[q].late);
	printf("ok stamps clock %d\n", clock);
	return rte_eth_dev_stop(0);
}
