/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pause.h>

#include "vio.h"
#include "wire.h"
#include "worker.h"

#define IDLE_SPIN   64u  /* polls without work before the CPU is offered to others */
#define IDLE_YIELD  256u /* and before sleeping */
#define SLEEP_MIN   20000u
#define SLEEP_MAX   1000000u
#define PARK_SLEEP  50000u
#define CTRL_PERIOD 1000000u
#define LINK_EVERY  100u /* control periods */

static void
sleep_ns(uint32_t ns)
{
	struct timespec ts = {.tv_nsec = ns};

	nanosleep(&ts, NULL);
}

/** Sleep or wait with busy = 0; on return it is 1 and no pause is asked for. */
static void
worker_park(struct worker *w, uint32_t ns)
{
	struct vio *vio = w->vio;

	__atomic_store_n(&w->busy, 0, __ATOMIC_RELEASE);
	if (ns > 0)
		sleep_ns(ns);
	for (;;) {
		while (__atomic_load_n(&vio->pause, __ATOMIC_ACQUIRE) &&
		       !__atomic_load_n(&vio->stop, __ATOMIC_RELAXED))
			sleep_ns(PARK_SLEEP);
		/* Against a pauser that sees 0 at the same time: one of both sees the other. */
		__atomic_store_n(&w->busy, 1, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&vio->pause, __ATOMIC_SEQ_CST) ||
		    __atomic_load_n(&vio->stop, __ATOMIC_RELAXED))
			return;
		__atomic_store_n(&w->busy, 0, __ATOMIC_RELEASE);
	}
}

static void
worker_back_off(struct worker *w)
{
	unsigned int idle = ++w->idle, over;

	if (w->vio->opts->poll_busy || idle < IDLE_SPIN) {
		rte_pause();
		return;
	}
	if (idle < IDLE_YIELD) {
		sched_yield();
		return;
	}
	over = RTE_MIN((idle - IDLE_YIELD) / 8, 6u);
	worker_park(w, RTE_MIN(SLEEP_MIN << over, SLEEP_MAX));
}

static void
queue_done(struct vio *vio, struct vq *q)
{
	if (unlikely(q->broken))
		vio_needs_reset(vio, q);
	else
		vq_publish(q);
}

static bool
pair_poll(struct vio *vio, unsigned int pair)
{
	struct vq *rxq = vio_rxq(vio, pair), *txq = vio_txq(vio, pair);
	uint16_t n = 0;

	if (txq->live) {
		n = vio->wire->ops->tx(vio->wire, pair, txq, VQ_BURST);
		queue_done(vio, txq);
	}
	if (rxq->live) {
		n += vio->wire->ops->rx(vio->wire, pair, rxq, VQ_BURST);
		queue_done(vio, rxq);
	}
	return n > 0;
}

static bool
worker_poll(struct worker *w)
{
	struct vio *vio = w->vio;
	bool work = false;
	unsigned int pair;

	if (!nic_bus_master(vio->nic))
		return false;
	if (unlikely(model_on(vio)))
		return w->id == 0 && model_poll(vio);
	for (pair = w->id; pair < vio->pairs; pair += vio->nr_workers) {
		if (vio_pair_usable(vio, pair))
			work |= pair_poll(vio, pair);
	}
	return work;
}

static int
worker_main(void *arg)
{
	struct worker *w = arg;
	struct vio *vio = w->vio;

	/* Sleeps of some microseconds shall be that. */
	prctl(PR_SET_TIMERSLACK, 1000);
	worker_park(w, 0);
	while (!__atomic_load_n(&vio->stop, __ATOMIC_RELAXED)) {
		if (unlikely(__atomic_load_n(&vio->pause, __ATOMIC_ACQUIRE)))
			worker_park(w, 0);
		else if (worker_poll(w))
			w->idle = 0;
		else
			worker_back_off(w);
	}
	__atomic_store_n(&w->busy, 0, __ATOMIC_RELEASE);
	return 0;
}

static void *
worker_thread(void *arg)
{
	worker_main(arg);
	return NULL;
}

void
workers_wait_parked(struct vio *vio)
{
	unsigned int i, spins = 0;

	for (i = 0; i < vio->nr_workers; i++) {
		while (__atomic_load_n(&vio->workers[i].busy, __ATOMIC_SEQ_CST)) {
			if (++spins < 1000)
				sched_yield();
			else
				sleep_ns(PARK_SLEEP);
		}
	}
}

static int
worker_launch(struct worker *w)
{
	int ret;

	if (w->lcore == LCORE_ID_ANY)
		ret = -pthread_create(&w->thread, NULL, worker_thread, w);
	else
		ret = rte_eal_remote_launch(worker_main, w, w->lcore);
	w->launched = ret == 0;
	return ret;
}

int
workers_start(struct vio *vio)
{
	unsigned int lcore, n = RTE_MIN(rte_lcore_count() - 1, VIO_MAX_WORKERS), i = 0;
	size_t bytes;
	int ret;

	n = RTE_MAX(RTE_MIN(n, (unsigned int)vio->pairs), 1u);
	bytes = n * sizeof(struct worker);
	vio->workers = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_CACHE_LINE_ROUNDUP(bytes));
	if (!vio->workers)
		return -ENOMEM;
	memset(vio->workers, 0, bytes);
	for (i = 0; i < n; i++)
		vio->workers[i] = (struct worker){.vio = vio, .id = i, .lcore = LCORE_ID_ANY};
	i = 0;
	RTE_LCORE_FOREACH_WORKER(lcore) {
		if (i < n)
			vio->workers[i++].lcore = lcore;
	}
	vio->nr_workers = n;
	for (i = 0; i < n; i++) {
		ret = worker_launch(&vio->workers[i]);
		if (ret < 0) {
			fprintf(stderr, "vfu-nic: cannot start worker %u: %s\n", i, strerror(-ret));
			return ret;
		}
	}
	return 0;
}

void
workers_stop(struct vio *vio)
{
	unsigned int i;

	__atomic_store_n(&vio->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < vio->nr_workers; i++) {
		struct worker *w = &vio->workers[i];

		if (!w->launched)
			continue;
		if (w->lcore == LCORE_ID_ANY)
			pthread_join(w->thread, NULL);
		else
			rte_eal_wait_lcore(w->lcore);
		w->launched = false;
	}
	free(vio->workers);
	vio->workers = NULL;
	vio->nr_workers = 0;
}

void *
vio_ctrl_main(void *arg)
{
	struct vio *vio = arg;
	unsigned int tick = 0;
	uint32_t speed;
	bool up;

	while (__atomic_load_n(&vio->ctrl_run, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&vio->lock);
		vio_ctrl_poll(vio);
		if (tick++ % LINK_EVERY == 0) {
			vio->wire->ops->link(vio->wire, &up, &speed);
			vio_devcfg_link(vio, up, speed);
		}
		pthread_mutex_unlock(&vio->lock);
		sleep_ns(CTRL_PERIOD);
	}
	return NULL;
}
