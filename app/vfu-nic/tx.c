/* SPDX-License-Identifier: BSD-3-Clause */

#include "tx.h"

int
tx_gather(struct vq *q, uint16_t pos, uint8_t *scratch, struct tx_frame *f)
{
	struct vq_chain c;
	uint32_t n, first;

	if (vq_chain_get(q, pos, &c) < 0)
		return -1;
	if (c.nr_write > 0 || c.read_len < VNET_HDR_LEN)
		return vq_break(q, "transmit buffer writable or shorter than the header");
	/* The header asks for nothing that was offered, but it is read, as a device does. */
	first = q->log ? q->log->n : 0;
	n = vq_chain_read(q, &c, 0, scratch, TX_SCRATCH);
	if (q->log)
		vq_log_header(q->log, first, VNET_HDR_LEN);
	f->data = scratch + VNET_HDR_LEN;
	f->len = n - VNET_HDR_LEN;
	f->id = c.id;
	return 0;
}
