/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Applications that move queues, telemetry that reads, bursts, the scan thread and a driver that
 * stops, starts, configures and resets, all at once, while another port comes and goes. Under
 * ThreadSanitizer this finds what has no lock; without, deadlocks and a wrong end.
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <steer_stash.h>
#include <telemetry.h>

#include "fake_tel.h"
#include "steer_fixture.h"

#define ROUNDS 200u /* that each of them does at least, while all others go on */
#define PAIRS  4u
#define OTHER  (PORT + 1) /* comes and goes */

static struct steer_port *port;
static struct steer_port_conf other_conf;
static void *move(void *arg);
static void *turn(void *arg);
static void *read_all(void *arg);
static void *burst(void *arg);
static void *come_and_go(void *arg);
static void *(*const runs[])(void *) = {move, move, turn, read_all, read_all, burst, come_and_go};
static unsigned int rounds[RTE_DIM(runs)];
static int done;

/* Counts the round of a thread. */
static bool
going(void *arg)
{
	__atomic_fetch_add(&rounds[(uintptr_t)arg], 1, __ATOMIC_RELAXED);
	return !__atomic_load_n(&done, __ATOMIC_RELAXED);
}

static bool
all_were_there(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(runs); i++)
		if (__atomic_load_n(&rounds[i], __ATOMIC_RELAXED) < ROUNDS)
			return false;
	return true;
}

static void *
move(void *arg)
{
	unsigned int i;

	for (i = (unsigned int)(uintptr_t)arg; going(arg); i++) {
		uint16_t id = i % 5 == 0 ? OTHER : PORT, q = (uint16_t)(i % PAIRS);
		enum steer_dir dir = i & 1 ? STEER_TX : STEER_RX;

		switch (i % 7) {
		case 0: steer_queue_auto(id, dir, q, 0); break;
		case 1: steer_queue_unbind(id, dir, q); break;
		case 2: steer_queue_bind_lcore(id, dir, q, i % 2, 0); break;
		default: steer_queue_bind_cpu(id, dir, q, i % 3 ? 2 : 5, 0);
		}
	}
	return NULL;
}

static void *
turn(void *arg)
{
	const struct steer_eth_cache_stash_config on = {.dev.type = STEER_ETH_CACHE_STASH_TYPE_TPH};
	const struct steer_eth_cache_stash_config queue = {.queue = {.lcore_id = 1}};
	unsigned int i;

	for (i = 0; going(arg); i++) {
		steer_port_disable(PORT, i & 1 ? STEER_DISABLE_FORGET : 0);
		steer_eth_cache_stash_set(PORT, STEER_ETH_CACHE_STASH_OP_QUEUE_ENABLE, &queue);
		steer_port_enable(PORT, 0);
		steer_eth_cache_stash_set(PORT, STEER_ETH_CACHE_STASH_OP_DEV_ENABLE, &on);
		steer_eth_cache_stash_set(PORT, STEER_ETH_CACHE_STASH_OP_QUEUE_ENABLE, &queue);
		steer_eth_cache_stash_set(PORT, STEER_ETH_CACHE_STASH_OP_QUEUE_DISABLE, &queue);
		steer_scan();
	}
	return NULL;
}

static void *
read_all(void *arg)
{
	struct steer_eth_cache_stash_capability capa;
	struct rte_tel_data *d = rte_tel_data_alloc();
	char id[8];

	snprintf(id, sizeof(id), "%u", PORT);
	while (going(arg)) {
		steer_tel_list("", NULL, d);
		steer_tel_port("", id, d);
		steer_tel_tph("", id, d);
		steer_eth_cache_stash_get(OTHER, &capa);
	}
	rte_tel_data_free(d);
	return NULL;
}

static void *
burst(void *arg)
{
	unsigned int i;

	for (i = 0; going(arg); i++)
		fx_polled(port, i & 1 ? STEER_TX : STEER_RX, (uint16_t)(i / 2 % PAIRS), i / 64 % 2);
	return NULL;
}

static void *
come_and_go(void *arg)
{
	struct steer_port *other;

	while (going(arg)) {
		if (steer_port_register(&other_conf, &other) != 0)
			break;
		steer_port_configure(other, PAIRS, PAIRS, 0);
		steer_port_start(other);
		steer_port_unregister(other);
	}
	return NULL;
}

static void
drive(unsigned int round)
{
	uint16_t q;

	steer_port_stop(port);
	switch (round % 4) {
	case 0: assert_int_equal(steer_port_reset_done(port), 0); break;
	case 1: assert_int_equal(steer_port_configure(port, PAIRS, PAIRS, 0), 0); break;
	case 2: assert_int_equal(steer_port_irqs_done(port), 0); break;
	}
	for (q = 0; q < PAIRS; q++) {
		steer_port_queue_vector(port, STEER_RX, q);
		steer_port_queue_vector(port, STEER_TX, q);
	}
	steer_port_start(port);
}

/* Nobody is left: what is said last holds. */
static void
assert_end(void)
{
	uint16_t q;

	assert_int_equal(steer_port_enable(PORT, 0), 0);
	steer_port_stop(port);
	fx_run(port, PAIRS, PAIRS);
	for (q = 0; q < PAIRS; q++) {
		assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, q, 2, 0), 0);
		assert_int_equal(steer_queue_bind_cpu(PORT, STEER_TX, q, 5, 0), 0);
		assert_int_equal(tph0.cpus[fx_qinfo(STEER_RX, q).vector], 2);
		assert_int_equal(tph0.cpus[fx_qinfo(STEER_TX, q).vector], 5);
	}
}

static void
race(enum steer_mode mode)
{
	struct steer_port_conf conf = fx_world(mode);
	pthread_t threads[RTE_DIM(runs)];
	unsigned int i;

	conf.scan_us = 100;
	tph0.info.cap.loc = STEER_PCI_TPH_LOC_MSIX;
	other_conf = conf;
	other_conf.port_id = OTHER;
	tph1 = tph0;
	other_conf.tph = (struct steer_tph *)&tph1;
	other_conf.ctx = &drv1;
	done = 0;
	memset(rounds, 0, sizeof(rounds));
	port = fx_up(&conf);
	fx_conf_run(port, PAIRS, PAIRS);
	for (i = 0; i < RTE_DIM(runs); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, runs[i], (void *)(uintptr_t)i),
				 0);
	for (i = 0; i < ROUNDS || !all_were_there(); i++)
		drive(i);
	__atomic_store_n(&done, 1, __ATOMIC_RELAXED);
	for (i = 0; i < RTE_DIM(runs); i++)
		pthread_join(threads[i], NULL);
	assert_end();
	assert_true(fake_tel_values() > 0);
	steer_port_unregister(port);
}

static void
palette(void **state)
{
	race(STEER_MODE_PALETTE);
}

static void
per_queue(void **state)
{
	race(STEER_MODE_PER_QUEUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(palette),
		cmocka_unit_test(per_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
