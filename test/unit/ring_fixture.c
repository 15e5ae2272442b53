/* SPDX-License-Identifier: BSD-3-Clause */

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_mbuf_dyn.h>

#include "ring_fixture.h"

struct rte_mempool *pool;
struct vnet_rxq *rxq;
struct vnet_txq *txq;
uint16_t bell;
unsigned int seed;
uint64_t stamps[256];

static unsigned int pool_size;
static uint32_t word;

static void *
ring_mem(size_t bytes)
{
	void *p = rte_zmalloc(NULL, bytes, RTE_CACHE_LINE_SIZE);

	assert_non_null(p);
	return p;
}

static void
rxq_new(const struct ring_sizes *s, bool packed)
{
	rxq = ring_mem(sizeof(*rxq));
	rxq->vq.packed = packed;
	vnet_vq_layout(&rxq->vq, ring_mem(vnet_vq_bytes(&rxq->vq, s->size, 0)), 0, s->size);
	rxq->sw = ring_mem(s->size * sizeof(rxq->sw[0]));
	rxq->ids = ring_mem(s->size * sizeof(rxq->ids[0]));
	rxq->steer_word = &word;
	rxq->thresh = s->thresh;
	rxq->port_id = 3;
	vnet_rxq_set_pool(rxq, pool);
}

static void
txq_new(const struct ring_sizes *s, bool packed)
{
	txq = ring_mem(sizeof(*txq));
	txq->vq.packed = packed;
	vnet_vq_layout(&txq->vq, ring_mem(vnet_vq_bytes(&txq->vq, s->size, 12)), 1, s->size);
	txq->sw = ring_mem(s->size * sizeof(txq->sw[0]));
	txq->ids = ring_mem(s->size * sizeof(txq->ids[0]));
	txq->next = ring_mem(s->size * sizeof(txq->next[0]));
	txq->steer_word = &word;
	txq->thresh = s->thresh;
}

void
ring_new(const struct ring_sizes *sizes, bool packed)
{
	pool_size = sizes->pool;
	pool = rte_pktmbuf_pool_create("p", pool_size, 0, 0, RTE_PKTMBUF_HEADROOM + ROOM,
				       SOCKET_ID_ANY);
	assert_non_null(pool);
	rxq_new(sizes, packed);
	txq_new(sizes, packed);
}

int
ring_teardown(void **state)
{
	vnet_rxq_drain(rxq);
	vnet_txq_drain(txq);
	assert_int_equal(rte_mempool_avail_count(pool), pool_size);
	rte_free(rxq->vq.desc);
	rte_free(rxq->sw);
	rte_free(rxq->ids);
	rte_free(rxq);
	rte_free(txq->vq.desc);
	rte_free(txq->sw);
	rte_free(txq->ids);
	rte_free(txq->next);
	rte_free(txq);
	rte_mempool_free(pool);
	return 0;
}

void
frame_check(const struct rte_mbuf *m, uint8_t seq, uint32_t len)
{
	uint32_t i, at = 0;

	assert_int_equal(m->pkt_len, len);
	assert_int_equal(m->port, 3);
	assert_int_equal(rte_mbuf_refcnt_read(m), 1);
	assert_int_equal(m->ol_flags, 0);
	for (; m != NULL; m = m->next)
		for (i = 0; i < m->data_len; i++, at++)
			assert_int_equal(*rte_pktmbuf_mtod_offset(m, const uint8_t *, i), seq);
	assert_int_equal(at, len);
}

struct rte_mbuf *
packet(uint8_t seq, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memset(rte_pktmbuf_append(m, len), seq, len);
	memset(rte_pktmbuf_mtod_offset(m, uint8_t *, -12), 0xa5, 12);
	return m;
}

void
stamps_on(void)
{
	rxq->stamps = stamps;
	assert_int_equal(rte_mbuf_dyn_rx_timestamp_register(&rxq->stamp_field, &rxq->stamp_flag),
			 0);
}

uint64_t
stamp_take(struct rte_mbuf *m)
{
	assert_int_equal(m->ol_flags, rxq->stamp_flag);
	m->ol_flags = 0;
	return *RTE_MBUF_DYNFIELD(m, rxq->stamp_field, rte_mbuf_timestamp_t *);
}

unsigned int
rnd(unsigned int n)
{
	return (unsigned int)rand_r(&seed) % n;
}

unsigned int
records_of(const volatile void *addr, uint32_t len, uint8_t op, const struct steer_trace_ring *t)
{
	unsigned int n = 0;
	uint64_t i;

	for (i = 0; i < t->head; i++)
		n += t->recs[i].iova == (uintptr_t)addr && t->recs[i].len == len &&
		     t->recs[i].op == op && t->recs[i].cpu == 5;
	return n;
}

int
ring_main(const char *name, const struct CMUnitTest *tests, size_t n)
{
	const char *const args[] = {
		name, "--no-huge", "--no-shconf", "--no-pci", "--no-telemetry",
		"-m", "64",        "--lcores",    "0@0",      "--log-level=lib.eal:error"};
	char *eal[RTE_DIM(args)], *copy[RTE_DIM(args)]; /* EAL shuffles its own */
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(args); i++)
		eal[i] = copy[i] = strdup(args[i]);
	if (rte_eal_init(RTE_DIM(args), eal) < 0) {
		fprintf(stderr, "EAL does not start\n");
		return 1;
	}
	ret = _cmocka_run_group_tests(name, tests, n, NULL, NULL);
	rte_eal_cleanup();
	for (i = 0; i < RTE_DIM(args); i++)
		free(copy[i]);
	return ret;
}
