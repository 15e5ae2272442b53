/* SPDX-License-Identifier: BSD-3-Clause */

/* Control queue: one command at a time, in two descriptors; the wait for the ack is bounded. */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>

#include "ring_packed.h"
#include "virtio.h"

#define CTRL_RING    4
#define CTRL_POLL_US 20

/** What a command looks like in the extra bytes of the ring. */
struct ctrl_buf {
	uint8_t class;
	uint8_t cmd;
	uint8_t data[VNET_MSG_MAX];
	uint8_t ack;
};

static uint16_t
ctrl_index(const struct vnet_hw *hw)
{
	return vnet_has(hw, VNET_F_MQ | VNET_F_RSS) ? 2 * hw->max_pairs : 2;
}

/** Packed rings may have any size; ours are powers of two. */
static uint16_t
ctrl_size(uint16_t max)
{
	return (uint16_t)rte_align32prevpow2(RTE_MIN(max, CTRL_RING));
}

int
vnet_ctrl_start(struct vnet_hw *hw)
{
	struct vnet_ctrl *c = &hw->ctrl;
	uint16_t max;
	int ret;

	c->ready = false;
	if (!vnet_has(hw, VNET_F_CTRL_VQ))
		return 0;
	ret = vnet_vq_max(hw, ctrl_index(hw), &max);
	if (ret != 0 || max < 2) {
		VNET_LOG(ERR, hw, "control queue of %u entries: the device is broken", max);
		return ret != 0 ? ret : -EINVAL;
	}
	if (c->vq.mz == NULL) {
		ret = vnet_vq_alloc(hw, &c->vq, ctrl_index(hw), ctrl_size(max),
				    sizeof(struct ctrl_buf), SOCKET_ID_ANY);
		if (ret != 0)
			return ret;
	}
	c->vq.index = ctrl_index(hw);
	vnet_vq_clear(&c->vq);
	ret = vnet_vq_enable(hw, &c->vq, VNET_NO_VECTOR);
	if (ret != 0)
		return ret;
	c->ready = true;
	return 0;
}

void
vnet_ctrl_stop(struct vnet_hw *hw)
{
	hw->ctrl.ready = false;
}

void
vnet_ctrl_free(struct vnet_hw *hw)
{
	if (hw->ctrl.vq.mz != NULL)
		vnet_vq_free(&hw->ctrl.vq);
}

/** Readable first half, then the byte for the answer. */
static void
post_split(struct vnet_vq *vq, struct ctrl_buf *b, uint32_t len)
{
	vq->desc[0] = (struct vnet_desc){
		.addr = vnet_vq_iova(vq, b), .len = len, .flags = VNET_DESC_NEXT, .next = 1};
	vq->desc[1] = (struct vnet_desc){
		.addr = vnet_vq_iova(vq, &b->ack), .len = 1, .flags = VNET_DESC_WRITE};
	vq->avail->ring[vq->avail_idx++ & vq->mask] = 0;
	vnet_vq_publish(vq);
	vnet_vq_kick(vq);
}

static void
post_packed(struct vnet_vq *vq, struct ctrl_buf *b, uint32_t len)
{
	uint16_t head = vq->avail_idx, ack = head + 1;

	vq->pdesc[head & vq->mask].addr = vnet_vq_iova(vq, b);
	vq->pdesc[ack & vq->mask].addr = vnet_vq_iova(vq, &b->ack);
	rte_io_wmb();
	vnet_pk_store(vq, ack, vnet_pk_word(vq, ack, 1, 0, VNET_DESC_WRITE));
	rte_io_wmb();
	vnet_pk_store(vq, head, vnet_pk_word(vq, head, len, 0, VNET_DESC_NEXT));
	vq->avail_idx += 2;
	vnet_pk_kick(vq);
}

/** Put header and data, and a byte for the answer, before the device. */
static void
ctrl_post(struct vnet_vq *vq, uint8_t class, uint8_t cmd, const void *data, size_t len)
{
	uint32_t bytes = (uint32_t)(offsetof(struct ctrl_buf, data) + len);
	struct ctrl_buf *b = vq->extra;

	b->class = class;
	b->cmd = cmd;
	if (len != 0)
		memcpy(b->data, data, len);
	b->ack = UINT8_MAX;
	if (vq->packed)
		post_packed(vq, b, bytes);
	else
		post_split(vq, b, bytes);
}

/** @return 1 the command is done, 0 not yet, -EPROTO that is no answer to it. */
static int
ctrl_taken(struct vnet_vq *vq)
{
	uint64_t word;

	if (!vnet_vq_has_used(vq))
		return 0;
	if (!vq->packed) {
		if (vnet_vq_ready(vq) != 1 || vnet_vq_used(vq, vq->used_cons).id != 0)
			return -EPROTO;
		vq->used_cons++;
		return 1;
	}
	word = vnet_pk_load(vq, vq->used_cons);
	if (!vnet_pk_is_used(vq, vq->used_cons, word) || vnet_pk_id(word) != 0)
		return -EPROTO;
	rte_io_rmb();
	vq->used_cons += 2;
	return 1;
}

static int
ctrl_wait(struct vnet_hw *hw)
{
	struct vnet_vq *vq = &hw->ctrl.vq;
	const struct ctrl_buf *b = vq->extra;
	unsigned int us;
	int ret;

	for (us = 0; us < VNET_CTRL_WAIT_MS * 1000u; us += CTRL_POLL_US) {
		ret = ctrl_taken(vq);
		if (ret < 0)
			return ret;
		if (ret > 0)
			return __atomic_load_n(&b->ack, __ATOMIC_RELAXED) == VNET_CTRL_OK ? 0
											  : -EIO;
		if (vnet_is_gone(hw))
			return -ENODEV;
		rte_delay_us_sleep(CTRL_POLL_US);
	}
	return -ETIMEDOUT;
}

int
vnet_ctrl_send(struct vnet_hw *hw, uint8_t class, uint8_t cmd, const void *data, size_t len)
{
	struct vnet_ctrl *c = &hw->ctrl;
	int ret = -ENODEV;

	if (len > VNET_MSG_MAX)
		return -EINVAL;
	pthread_mutex_lock(&c->lock);
	if (vnet_ctrl_usable(hw)) {
		ctrl_post(&c->vq, class, cmd, data, len);
		ret = ctrl_wait(hw);
		/* Unanswered, the buffer stays with the device: no more commands until a reset. */
		if (ret == -ETIMEDOUT || ret == -EPROTO)
			c->ready = false;
	}
	pthread_mutex_unlock(&c->lock);
	if (ret != 0 && ret != -ENODEV)
		VNET_LOG(ERR, hw, "control command %u.%u: %s", class, cmd,
			 ret == -EIO ? "refused by the device" : rte_strerror(-ret));
	return ret;
}
