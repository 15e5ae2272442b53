/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>

#include "loss.h"

/* The generator's frame: flow, magic and number of the frame in its flow, big-endian. */
#define OFF_FLOW  42
#define OFF_MAGIC 46
#define OFF_SEQ   48
#define LEN_MIN   60
#define MAGIC     0x5347
#define FLOWS     65536u
#define NOT_YET   UINT64_MAX

struct loss {
	uint32_t epoch; /**< lcore: that the numbers are of */
	struct loss_count count;
	uint64_t next[FLOWS]; /**< number that a flow's next frame has */
};

static bool
frame_number(const struct rte_mbuf *m, uint32_t *flow, uint64_t *seq)
{
	const char *data = rte_pktmbuf_mtod(m, const char *);
	uint16_t magic;

	if (m->data_len < LEN_MIN)
		return false;
	memcpy(&magic, data + OFF_MAGIC, sizeof(magic));
	memcpy(flow, data + OFF_FLOW, sizeof(*flow));
	memcpy(seq, data + OFF_SEQ, sizeof(*seq));
	*flow = rte_be_to_cpu_32(*flow);
	*seq = rte_be_to_cpu_64(*seq);
	return magic == RTE_BE16(MAGIC) && *flow < FLOWS;
}

static void
frame_count(struct loss *l, uint32_t flow, uint64_t seq)
{
	uint64_t want = l->next[flow];

	if (want != NOT_YET && seq > want)
		__atomic_store_n(&l->count.lost, l->count.lost + seq - want, __ATOMIC_RELAXED);
	l->next[flow] = seq + 1;
	__atomic_store_n(&l->count.seen, l->count.seen + 1, __ATOMIC_RELAXED);
}

/* A new look begins: done here, where nobody else touches the numbers. */
static void
start_over(struct loss *l, uint32_t epoch)
{
	memset(l->next, 0xff, sizeof(l->next)); /* NOT_YET */
	__atomic_store_n(&l->count.seen, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&l->count.lost, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&l->epoch, epoch, __ATOMIC_RELEASE);
}

void
loss_burst(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	uint32_t epoch = __atomic_load_n(&fs->loss_epoch, __ATOMIC_ACQUIRE), flow;
	struct loss *l = fs->loss;
	uint64_t seq;

	if (epoch == 0)
		return;
	if (l->epoch != epoch)
		start_over(l, epoch);
	for (uint16_t i = 0; i < n; i++)
		if (frame_number(pkts[i], &flow, &seq))
			frame_count(l, flow, seq);
}

int
loss_begin(struct app *app, uint16_t port)
{
	static uint32_t epoch;

	if (++epoch == 0)
		epoch = 1;
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		struct fwd_stream *fs = &app->streams[i];

		if (fs->rx_port != port || !fs->engine->rx)
			continue;
		if (fs->loss == NULL)
			fs->loss = calloc(1, sizeof(*fs->loss));
		if (fs->loss == NULL)
			return -ENOMEM;
		__atomic_store_n(&fs->loss_epoch, epoch, __ATOMIC_RELEASE);
	}
	return 0;
}

struct loss_count
loss_read(const struct app *app, uint16_t port)
{
	struct loss_count sum = {0};

	for (unsigned int i = 0; i < app->nb_streams; i++) {
		const struct fwd_stream *fs = &app->streams[i];

		/* one that has received nothing yet still has the numbers of an earlier look */
		if (fs->rx_port != port || fs->loss == NULL ||
		    __atomic_load_n(&fs->loss->epoch, __ATOMIC_ACQUIRE) != fs->loss_epoch)
			continue;
		sum.seen += __atomic_load_n(&fs->loss->count.seen, __ATOMIC_RELAXED);
		sum.lost += __atomic_load_n(&fs->loss->count.lost, __ATOMIC_RELAXED);
	}
	return sum;
}

void
loss_end(struct app *app, uint16_t port)
{
	for (unsigned int i = 0; i < app->nb_streams; i++)
		if (app->streams[i].rx_port == port)
			__atomic_store_n(&app->streams[i].loss_epoch, 0, __ATOMIC_RELEASE);
}

void
loss_fini(struct app *app)
{
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		free(app->streams[i].loss);
		app->streams[i].loss = NULL;
	}
}
