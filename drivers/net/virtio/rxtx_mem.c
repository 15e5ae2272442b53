/* SPDX-License-Identifier: BSD-3-Clause */

/* Queues before the first and after the last burst: geometry, first fill, drain. */

#include <errno.h>
#include <string.h>

#include "ring_packed.h"
#include "rxtx.h"

void
vnet_rxq_set_pool(struct vnet_rxq *q, struct rte_mempool *mp)
{
	struct rte_mbuf m = {
		.data_off = RTE_PKTMBUF_HEADROOM, .nb_segs = 1, .port = q->port_id, .refcnt = 1};

	memcpy(&q->rearm, RTE_PTR_ADD(&m, offsetof(struct rte_mbuf, rearm_data)), sizeof(q->rearm));
	q->mp = mp;
	q->buf_len = rte_pktmbuf_data_room_size(mp) - RTE_PKTMBUF_HEADROOM + VNET_HDR_LEN;
	/* With buffers inside the mbufs the address needs no look at the mbuf, where IOVA is VA. */
	q->buf_off = 0;
	if (rte_eal_iova_mode() == RTE_IOVA_VA &&
	    !(rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF))
		q->buf_off = sizeof(struct rte_mbuf) + rte_pktmbuf_priv_size(mp) +
			     RTE_PKTMBUF_HEADROOM - VNET_HDR_LEN;
}

void
vnet_rxq_clear(struct vnet_rxq *q)
{
	uint16_t i;

	vnet_vq_clear(&q->vq);
	for (i = 0; i < q->vq.size; i++) {
		q->sw[i] = NULL;
		q->ids[i] = i;
	}
	/* Packed descriptors are written whole each time. */
	for (i = 0; !q->vq.packed && i < q->vq.size; i++) {
		q->vq.avail->ring[i] = i;
		q->vq.desc[i].len = q->buf_len;
		q->vq.desc[i].flags = VNET_DESC_WRITE;
	}
}

void
vnet_txq_clear(struct vnet_txq *q)
{
	uint16_t i;

	vnet_vq_clear(&q->vq);
	for (i = 0; i < q->vq.size; i++) {
		q->sw[i] = 0;
		q->ids[i] = i;
		q->next[i] = UINT16_MAX;
	}
	for (i = 0; !q->vq.packed && i < q->vq.size; i++)
		q->vq.avail->ring[i] = i;
	q->ids_get = 0;
	q->ids_put = q->vq.size;
	q->nfree = q->vq.size;
}

int
vnet_rxq_fill(struct vnet_rxq *q)
{
	struct vnet_vq *vq = &q->vq;
	struct rte_mbuf *m;
	uint16_t id;

	while (vnet_vq_inflight(vq) < vq->size) {
		if (rte_mempool_get(q->mp, (void **)&m) != 0)
			break;
		id = q->ids[vq->avail_idx & vq->mask];
		/* An empty ring has the ids in order: its position is the descriptor's number. */
		vq->desc[id].addr = rte_mbuf_data_iova_default(m) - VNET_HDR_LEN;
		q->sw[id] = m;
		vq->avail_idx++;
	}
	return vq->avail_idx == 0 ? -ENOMEM : 0;
}

static void
show_packed(struct vnet_rxq *q)
{
	struct vnet_vq *vq = &q->vq;
	uint16_t pos;

	rte_io_wmb();
	for (pos = vq->avail_idx; pos > 0; pos--)
		vnet_pk_store(vq, pos - 1,
			      vnet_pk_word(vq, pos - 1, q->buf_len, q->ids[(pos - 1) & vq->mask],
					   VNET_DESC_WRITE));
	vnet_pk_kick(vq);
}

void
vnet_rxq_show(struct vnet_rxq *q)
{
	if (q->vq.packed) {
		show_packed(q);
		return;
	}
	vnet_vq_publish(&q->vq);
	vnet_vq_kick(&q->vq);
}

void
vnet_rxq_drain(struct vnet_rxq *q)
{
	uint16_t i;

	for (i = 0; i < q->vq.size; i++) {
		if (q->sw[i] == NULL)
			continue;
		rte_mempool_put(q->mp, q->sw[i]);
		q->sw[i] = NULL;
	}
}

void
vnet_txq_drain(struct vnet_txq *q)
{
	uint16_t i;

	for (i = 0; i < q->vq.size; i++) {
		if (q->sw[i] == 0)
			continue;
		rte_pktmbuf_free((struct rte_mbuf *)(q->sw[i] & ~VNET_TX_CHAIN));
		q->sw[i] = 0;
	}
}
