/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * 1,000 random operations on a port of 128 + 128 queues, some of them with a refusal from below at
 * some moment, against a model. After each one, in the device and in what lib/steer says of it:
 *  - the tag that lib/steer tells of is the one that the device uses;
 *  - a queue gets no tag of a CPU that nobody asked for it; when neither the new tag nor none is
 *    taken it may keep what it has;
 *  - a queue that ought to have a tag and has none says why;
 *  - with nothing refused since the last time that all was programmed, it has what it ought to.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "steer_property.h"

#define SEEDS      3u
#define LONG_SEEDS 100u /* with STEER_LONG in the environment */
#define STEPS      1000u
#define NO_SCAN    (UINT32_MAX - 1) /* by the thread */

static const struct world worlds[] = {
	{"palette", .mode = STEER_MODE_PALETTE, .vectors = 257, .empties = true},
	{"per-queue", .mode = STEER_MODE_PER_QUEUE, .vectors = 257, .empties = true},
	{"pairs", .mode = STEER_MODE_PER_QUEUE, .vectors = 130},
	{"too few", .mode = STEER_MODE_PER_QUEUE, .vectors = 100},
	{"auto", .mode = STEER_MODE_AUTO, .vectors = 257},
	{"ds-reg", .ds = true, .mode = STEER_MODE_AUTO, .vectors = 1},
	{"foreign", .foreign = true, .mode = STEER_MODE_AUTO, .vectors = 100},
};

unsigned int
property_roll(struct run *r, unsigned int n)
{
	r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(r->state >> 33) % n;
}

static void
step(struct run *r)
{
	const struct op *op = property_op(r);

	r->op = op->name;
	property_arm(r, op);
	op->run(r);
	property_disarm(r);
	steer_scan();
	property_check(r);
	r->refused += r->hits > 0;
	r->certain += r->m.started && r->m.on && !r->m.doubt;
}

static struct steer_port_conf
conf_of(const struct world *w)
{
	struct steer_port_conf conf = w->ds ? fx_ds_world(w->mode) : fx_world(w->mode);

	conf.scan_us = NO_SCAN;
	conf.max_vectors = w->foreign ? 0 : w->vectors;
	if (w->foreign)
		conf.ops = &property_foreign_ops;
	conf.max_rxq = conf.max_txq = MODEL_QUEUES;
	tph0.bad_cpu = BAD_CPU;
	drv0.empties = w->empties;
	memset(drv0.vector, 0xff, sizeof(drv0.vector));
	if (!w->ds) {
		tph0.info.cap.loc = STEER_PCI_TPH_LOC_MSIX;
		tph0.info.cap.entries = w->vectors;
	}
	return conf;
}

/* 5 lcores on CPUs of their own, one that may run on two. */
static void
place_lcores(struct model *m)
{
	static const uint32_t cpus[] = {2, 5, 9, 12, BAD_CPU};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cpus); i++) {
		fx_lcore(i, (int)cpus[i]);
		m->lcore_cpu[i] = cpus[i];
	}
	fx_lcore(5, 2);
	CPU_SET(5, &fx_lcore_set[5]);
}

static void
attach(struct run *r)
{
	struct steer_port_conf conf = conf_of(r->world);
	uint16_t q;

	model_new(&r->m);
	r->m.bad_cpu = BAD_CPU;
	r->m.entries = tph0.info.cap.entries;
	place_lcores(&r->m);
	for (q = 0; q < MODEL_QUEUES; q++)
		r->before[STEER_RX][q] = r->before[STEER_TX][q] =
			(struct steer_queue_info){.cpu = STEER_CPU_NONE};
	r->port = fx_up(&conf);
	r->strategy = fx_pinfo().strategy;
	property_configure(r);
}

static void
detach(struct run *r)
{
	steer_port_unregister(r->port);
	r->port = NULL;
	CHECK(r, tph0.info.req == STEER_PCI_TPH_REQ_OFF, "TPH is on\n");
}

/* By the end it has been everywhere: a run that never steered would prove nothing. */
static void
check_run(struct run *r)
{

	CHECK(r, r->refused > STEPS / 50 && r->certain > STEPS / 10,
	      "%u steps with a refusal, %u without doubt\n", r->refused, r->certain);
}

static struct run r;

static int
leave(void **state)
{
	steer_port_unregister(r.port);
	r.port = NULL;
	return 0;
}

static void
property(const struct world *w)
{
	unsigned int seed, seeds = getenv("STEER_LONG") != NULL ? LONG_SEEDS : SEEDS;

	for (seed = 1; seed <= seeds; seed++) {
		r = (struct run){.world = w,
				 .seed = seed,
				 .op = "attach",
				 .state = seed * 100u + (uint64_t)(w - worlds)};
		for (r.step = 0; r.step < STEPS; r.step++) {
			if (r.step % 100 == 0) {
				if (r.step > 0)
					detach(&r);
				attach(&r);
				property_disarm(&r);
			}
			step(&r);
		}
		check_run(&r);
		detach(&r);
	}
}

static void
palette(void **state)
{
	property(&worlds[0]);
}

static void
per_queue(void **state)
{
	property(&worlds[1]);
}

static void
pairs(void **state)
{
	property(&worlds[2]);
}

static void
too_few_vectors(void **state)
{
	property(&worlds[3]);
}

static void
automatic(void **state)
{
	property(&worlds[4]);
}

static void
registers(void **state)
{
	property(&worlds[5]);
}

static void
foreign(void **state)
{
	property(&worlds[6]);
}

#define T(f) cmocka_unit_test_teardown(f, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(palette),   T(per_queue), T(pairs),   T(too_few_vectors),
		T(automatic), T(registers), T(foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
