/* SPDX-License-Identifier: BSD-3-Clause */

#include "rx.h"

/** Where writing stands inside the frame with its header in front. */
struct rx_cursor {
	struct vnet_hdr hdr;
	const uint8_t *frame;
	uint32_t done, total;
};

static uint32_t
fill(struct vq *q, const struct vq_chain *c, struct rx_cursor *at)
{
	uint32_t want = RTE_MIN(c->write_len, at->total - at->done), off = 0;

	if (at->done == 0) {
		uint32_t first = q->log ? q->log->n : 0;

		off = vq_chain_write(q, c, 0, &at->hdr, VNET_HDR_LEN);
		if (q->log)
			vq_log_header(q->log, first, off);
		at->done = off;
	}
	if (want > off)
		at->done +=
			vq_chain_write(q, c, off, at->frame + at->done - VNET_HDR_LEN, want - off);
	return want;
}

/** Bytes that the next n buffers hold, walked only so far as needed. */
static enum rx_result
count_buffers(struct vq *q, uint32_t total, uint16_t pending, uint16_t *need)
{
	uint16_t limit = q->mergeable ? pending : 1, n;
	struct vq_chain c;
	uint32_t room = 0;

	for (n = 0; n < limit && room < total; n++) {
		if (vq_chain_get(q, q->next_avail + n, &c) < 0)
			return RX_BROKEN;
		if (c.nr_read > 0 || (n == 0 && c.write_len < VNET_HDR_LEN)) {
			vq_break(q, "receive buffer readable or shorter than the header");
			return RX_BROKEN;
		}
		room += c.write_len;
	}
	*need = n;
	if (room >= total)
		return RX_DONE;
	return q->mergeable && !vq_is_full(q, pending) ? RX_WAIT : RX_DROPPED;
}

enum rx_result
rx_put_chain(struct vq *q, const uint8_t *frame, uint32_t len)
{
	struct rx_cursor at = {.frame = frame, .total = len + VNET_HDR_LEN};
	uint16_t pending = vq_pending(q), need, i, first = 0, used = q->next_used;
	struct vq_log *log = q->log;
	enum rx_result ret;
	struct vq_chain c;
	uint32_t part;

	if (pending == 0)
		return q->broken ? RX_BROKEN : RX_WAIT;
	/* The look ahead is no access of its own for the model. */
	q->log = NULL;
	ret = count_buffers(q, at.total, pending, &need);
	q->log = log;
	if (ret != RX_DONE) {
		q->stats.drops += ret == RX_DROPPED;
		return ret;
	}
	at.hdr.num_buffers = need;
	for (i = 0; i < need; i++) {
		/* Read anew: the driver may have changed them since they were counted. */
		if (vq_chain_get(q, q->next_avail + i, &c) < 0)
			goto broken;
		if (i == 0 && c.write_len < VNET_HDR_LEN)
			goto broken;
		part = fill(q, &c, &at);
		if (i == 0)
			first = c.id;
		vq_use(q, c.id, part);
	}
	if (at.done < at.total)
		goto broken;
	rx_stamp(q, first);
	q->next_avail += need;
	q->stats.packets++;
	q->stats.bytes += len;
	return RX_DONE;

broken:
	q->next_used = used;
	vq_break(q, q->why ? q->why : "descriptors changed while in use");
	return RX_BROKEN;
}
