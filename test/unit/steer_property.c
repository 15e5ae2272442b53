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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steer_fixture.h"
#include "steer_model.h"

#define SEEDS      3u
#define LONG_SEEDS 100u /* with STEER_LONG in the environment */
#define STEPS      1000u
#define NO_SCAN    (UINT32_MAX - 1) /* by the thread */
#define BAD_CPU    33u              /* lcore 4 has it, and the kernel has no tag for it */

/* A kind of port. */
struct world {
	const char *name;
	bool ds;
	enum steer_mode mode;
	uint16_t vectors;
	bool empties; /* the table is in the MSI-X table */
};

static const struct world worlds[] = {
	{"palette", .mode = STEER_MODE_PALETTE, .vectors = 257, .empties = true},
	{"per-queue", .mode = STEER_MODE_PER_QUEUE, .vectors = 257, .empties = true},
	{"pairs", .mode = STEER_MODE_PER_QUEUE, .vectors = 130},
	{"too few", .mode = STEER_MODE_PER_QUEUE, .vectors = 100},
	{"auto", .mode = STEER_MODE_AUTO, .vectors = 257},
	{"ds-reg", .ds = true, .mode = STEER_MODE_AUTO, .vectors = 1},
};

struct run {
	const struct world *world;
	unsigned int seed, step;
	const char *op;
	uint64_t state;
	struct model m;
	struct steer_port *port;
	bool ready;                    /* configured: may be started */
	bool persists;                 /* the refusal of this step does not pass */
	bool chosen;                   /* this step chose the strategy */
	bool fresh;                    /* this step programmed everything */
	unsigned int hits;             /* refusals of this step */
	unsigned int refused, certain; /* steps with a refusal; that ran, on, without doubt */
	enum steer_strategy strategy;
	struct steer_queue_info before[2][MODEL_QUEUES]; /* this step */
};

#define CHECK(r, true_, ...)                                                                       \
	do {                                                                                       \
		if (!(true_)) {                                                                    \
			fprintf(stderr, "%s, seed %u, step %u, %s: ", (r)->world->name, (r)->seed, \
				(r)->step, (r)->op);                                               \
			fprintf(stderr, __VA_ARGS__);                                              \
			fail_msg("%s", #true_);                                                    \
		}                                                                                  \
	} while (0)

static unsigned int
roll(struct run *r, unsigned int n)
{
	r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned int)(r->state >> 33) % n;
}

/* ---- refusals ---- */

static struct fake_fault *const faults[] = {
	&tph0.set,    &drv0.move,    &drv0.tag_set, &tph0.cpu_tag,
	&tph0.enable, &tph0.restore, &drv0.alloc,
};

struct op {
	const char *name;
	unsigned int weight;
	void (*run)(struct run *r);
	struct fake_fault *likely[3]; /* what it calls besides moving queues */
};

/* What an operation calls most fails most. */
static struct fake_fault *
choose_fault(struct run *r, const struct op *op)
{
	struct fake_fault *likely = op->likely[roll(r, 3)];

	if (roll(r, 4) == 0)
		return faults[roll(r, RTE_DIM(faults))];
	if (likely != NULL && roll(r, 2) == 0)
		return likely;
	if (r->world->ds)
		return roll(r, 2) != 0 ? &drv0.tag_set : &tph0.cpu_tag;
	return r->strategy == STEER_STRATEGY_PALETTE ? &drv0.move : &tph0.set;
}

static void
arm(struct run *r, const struct op *op)
{
	static const int errors[] = {EIO, EBUSY, EPERM, ENOMEM, ENOSPC, EAGAIN, ENOENT};
	struct fake_fault *f = choose_fault(r, op);

	r->hits = 0;
	r->persists = false;
	if (roll(r, 2) != 0)
		return;
	f->rc = -errors[roll(r, RTE_DIM(errors))];
	f->after = roll(r, 3) != 0 ? 0 : roll(r, 2) != 0 ? roll(r, 4) : roll(r, 200);
	f->once = roll(r, 2) == 0;
	r->persists = !f->once;
}

static unsigned int
hits_so_far(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < RTE_DIM(faults); i++)
		n += faults[i]->hits;
	return n;
}

static void
disarm(struct run *r)
{
	unsigned int i;

	r->hits += hits_so_far();
	for (i = 0; i < RTE_DIM(faults); i++)
		*faults[i] = (struct fake_fault){0};
	if (r->hits > 0)
		r->m.doubt = true;
	else if (r->fresh && fx_pinfo().strategy != STEER_STRATEGY_NONE)
		r->m.doubt = false;
	r->fresh = false;
}

/* ---- checks ---- */

/* What the device does with the DMA of a queue. */
static uint16_t
device_tag(const struct run *r, enum steer_dir dir, uint16_t q)
{
	uint16_t v = drv0.vector[dir][q];

	if (tph0.info.req == STEER_PCI_TPH_REQ_OFF)
		return 0;
	if (r->world->ds)
		return drv0.tag[dir][q];
	return v == STEER_NO_VECTOR || v >= tph0.info.cap.entries ? 0 : fx_tag_of(tph0.cpus[v]);
}

/* What the queue ought to have. */
static uint32_t
ought(const struct run *r, enum steer_dir dir, uint16_t q)
{
	const struct model *m = &r->m;
	uint32_t cpu = model_want(m, dir, q);

	if (!m->on || r->strategy == STEER_STRATEGY_NONE)
		return STEER_CPU_NONE;
	if (r->strategy == STEER_STRATEGY_PER_QUEUE)
		cpu = model_by_vector(m, (const uint16_t(*)[MODEL_QUEUES])drv0.vector, dir, q);
	if (r->strategy == STEER_STRATEGY_PALETTE && !model_in_palette(m, cpu))
		return STEER_CPU_NONE;
	return cpu == m->bad_cpu ? STEER_CPU_NONE : cpu;
}

static void
check_cpu(struct run *r, enum steer_dir dir, uint16_t q, const struct steer_queue_info *info)
{
	const struct steer_queue_info *before = &r->before[dir][q];
	uint32_t want = model_want(&r->m, dir, q), cpu = ought(r, dir, q);
	bool keeps = r->m.doubt && (info->cpu == before->cpu || (r->persists && r->hits > 0));

	CHECK(r, info->cpu == STEER_CPU_NONE || info->cpu == cpu || info->cpu == want || keeps,
	      "queue %d/%u: tag of CPU %d for %d\n", dir, q, (int)info->cpu, (int)cpu);
	CHECK(r, info->cpu == want || info->why[0] != '\0', "queue %d/%u: CPU %d, no reason\n", dir,
	      q, (int)info->cpu);
	CHECK(r, r->m.doubt || info->cpu == cpu, "queue %d/%u: CPU %d, ought to be %d: %s\n", dir,
	      q, (int)info->cpu, (int)cpu, info->why);
}

static void
check_counters(struct run *r, enum steer_dir dir, uint16_t q, const struct steer_queue_info *info)
{
	const struct steer_queue_info *before = &r->before[dir][q];

	CHECK(r, info->resteers >= before->resteers && info->errors >= before->errors,
	      "queue %d/%u\n", dir, q);
	CHECK(r, info->generation > before->generation || info->cpu == before->cpu,
	      "queue %d/%u: CPU %d to %d\n", dir, q, (int)before->cpu, (int)info->cpu);
	CHECK(r, info->generation - before->generation >= info->resteers - before->resteers,
	      "queue %d/%u\n", dir, q);
}

static void
check_queue(struct run *r, enum steer_dir dir, uint16_t q)
{
	struct steer_queue_info info = fx_qinfo(dir, q);
	uint16_t tag = device_tag(r, dir, q), vector;

	CHECK(r, info.tag == tag, "queue %d/%u: told 0x%x, is 0x%x\n", dir, q, info.tag, tag);
	CHECK(r, info.tag == fx_tag_of(info.cpu), "queue %d/%u: CPU %d, tag 0x%x\n", dir, q,
	      (int)info.cpu, info.tag);
	CHECK(r, info.mode == r->m.queues[dir][q].mode, "queue %d/%u: %d\n", dir, q, info.mode);
	check_cpu(r, dir, q, &info);
	check_counters(r, dir, q, &info);
	vector = model_vector(&r->m, dir, q, r->world->vectors);
	CHECK(r,
	      r->strategy != STEER_STRATEGY_PER_QUEUE || r->m.doubt ||
		      drv0.vector[dir][q] == vector,
	      "queue %d/%u: vector %d, not %d\n", dir, q, drv0.vector[dir][q], vector);
	r->before[dir][q] = info;
}

static void
check_all(struct run *r)
{
	struct steer_port_info info = fx_pinfo();
	bool on = tph0.info.req != STEER_PCI_TPH_REQ_OFF;
	uint16_t q;
	int d;

	CHECK(r, info.enabled == on, "told %d, is %d\n", info.enabled, on);
	CHECK(r, r->m.on || !on, "TPH is on\n");
	CHECK(r, r->m.doubt || !r->m.on || on, "TPH is off: %s\n", info.why);
	CHECK(r, info.strategy == r->strategy || r->m.doubt || r->chosen, "%s\n",
	      steer_strategy_name(info.strategy));
	r->strategy = info.strategy;
	r->chosen = false;
	for (d = STEER_RX; d <= STEER_TX && r->m.started; d++)
		for (q = 0; q < r->m.nb[d]; q++)
			check_queue(r, d, q);
}

/* ---- operations ---- */

static void
op_stop(struct run *r)
{
	steer_port_stop(r->port);
	r->m.started = false;
	/* A stopped device loses its registers; vectors stay as they were written. */
	memset(drv0.tag, 0, sizeof(drv0.tag));
}

static void
op_start(struct run *r)
{
	if (!r->ready || r->m.started)
		return;
	fx_run(r->port, r->m.nb[STEER_RX], r->m.nb[STEER_TX]);
	r->m.started = r->fresh = true;
}

static void
op_restart(struct run *r)
{
	op_stop(r);
	op_start(r);
}

static void
op_configure(struct run *r)
{
	static const uint16_t numbers[] = {1, 2, 7, 64, 65, 128};
	int rc;

	op_stop(r);
	r->m.nb[STEER_RX] = numbers[roll(r, RTE_DIM(numbers))];
	r->m.nb[STEER_TX] = numbers[roll(r, RTE_DIM(numbers))];
	model_nobody_polls(&r->m);
	rc = steer_port_configure(r->port, r->m.nb[STEER_RX], r->m.nb[STEER_TX], 0);
	r->ready = rc == 0;
	r->chosen = true;
	r->m.doubt |= !r->ready;
	r->hits += !r->ready;
	op_start(r);
}

static void
op_reset(struct run *r)
{
	bool started = r->m.started;
	int rc;

	op_stop(r);
	fx_reset_device();
	rc = steer_port_reset_done(r->port);
	r->m.doubt |= rc != 0;
	if (started)
		op_start(r);
}

static void
op_poll(struct run *r)
{
	unsigned int n;

	for (n = roll(r, 20) + 1; n > 0; n--) {
		enum steer_dir dir = roll(r, 2) != 0 ? STEER_TX : STEER_RX;
		uint16_t q = (uint16_t)roll(r, MODEL_QUEUES);
		uint32_t by = roll(r, MODEL_LCORES + 1);

		if (by == MODEL_LCORES)
			by = LCORE_ID_ANY;
		fx_polled(r->port, dir, q, by);
		r->m.queues[dir][q].poller = by;
	}
	steer_scan();
}

/* What changing a queue to what the model has now must return. */
static int
change_rc(const struct run *r, enum steer_dir dir, uint16_t q)
{
	uint32_t cpu = model_want(&r->m, dir, q);

	if (!r->m.started || !r->m.on || cpu == STEER_CPU_NONE)
		return 0;
	if (r->strategy == STEER_STRATEGY_PALETTE)
		return model_in_palette(&r->m, cpu) ? 0 : -ERANGE;
	if (r->strategy == STEER_STRATEGY_DS_REG)
		return cpu == BAD_CPU ? -ENOENT : 0;
	if (drv0.vector[dir][q] == STEER_NO_VECTOR)
		return -ENOSPC;
	/* Who shares the vector of another has no say. */
	if (cpu == BAD_CPU &&
	    model_rules(&r->m, (const uint16_t(*)[MODEL_QUEUES])drv0.vector, dir, q))
		return -ENOENT;
	return 0;
}

static int
change(struct run *r, enum steer_dir dir, uint16_t q, enum steer_queue_mode mode, uint32_t cpu)
{
	switch (mode) {
	case STEER_Q_AUTO: return steer_queue_auto(PORT, dir, q, 0);
	case STEER_Q_BOUND: return steer_queue_bind_cpu(PORT, dir, q, cpu, 0);
	default: return steer_queue_unbind(PORT, dir, q);
	}
}

static void
op_change(struct run *r)
{
	static const uint32_t cpus[] = {2, 5, 9, 12, BAD_CPU, 77};
	static const enum steer_queue_mode modes[] = {STEER_Q_AUTO, STEER_Q_BOUND, STEER_Q_BOUND,
						      STEER_Q_OFF};
	enum steer_dir dir = roll(r, 2) != 0 ? STEER_TX : STEER_RX;
	enum steer_queue_mode mode = modes[roll(r, RTE_DIM(modes))];
	uint32_t cpu = cpus[roll(r, RTE_DIM(cpus))];
	uint16_t q = (uint16_t)roll(r, r->m.nb[dir] + 1u);
	int rc = change(r, dir, q, mode, cpu), wanted;

	if (q >= r->m.nb[dir]) {
		CHECK(r, rc == -EINVAL, "no such queue, and %d\n", rc);
		return;
	}
	if (r->strategy == STEER_STRATEGY_NONE) {
		CHECK(r, rc == -ENOTSUP, "not steered, and %d\n", rc);
		return;
	}
	r->m.queues[dir][q].mode = mode;
	r->m.queues[dir][q].bound = cpu;
	wanted = change_rc(r, dir, q);
	CHECK(r, rc == wanted || r->m.doubt || hits_so_far() > 0,
	      "queue %d/%u to CPU %d: %d, not %d\n", dir, q, (int)model_want(&r->m, dir, q), rc,
	      wanted);
}

static void
op_disable(struct run *r)
{
	uint32_t flags = roll(r, 3) == 0 ? STEER_DISABLE_FORGET : 0;
	int rc = steer_port_disable(PORT, flags);

	if (r->strategy == STEER_STRATEGY_NONE) {
		CHECK(r, rc == -ENOTSUP, "not steered, and %d\n", rc);
		return;
	}
	CHECK(r, rc == 0, "%d\n", rc);
	r->m.on = false;
	if (flags & STEER_DISABLE_FORGET)
		model_all(&r->m, STEER_Q_AUTO);
}

static void
op_enable(struct run *r)
{
	uint32_t flags = roll(r, 4) == 0 ? STEER_ENABLE_UNBOUND : 0;
	int rc = steer_port_enable(PORT, flags);

	CHECK(r, rc == 0 || hits_so_far() > 0 || r->strategy == STEER_STRATEGY_NONE || r->m.doubt,
	      "%d\n", rc);
	if (rc != 0)
		return;
	r->m.on = true;
	if (flags & STEER_ENABLE_UNBOUND)
		model_all(&r->m, STEER_Q_OFF);
}

static const struct op ops[] = {
	{"change", 40, op_change},
	{"poll", 20, op_poll},
	{"stop", 3, op_stop},
	{"start", 6, op_start},
	{"restart", 6, op_restart},
	{"configure", 6, op_configure, {&drv0.alloc, &tph0.enable, &tph0.set}},
	{"reset", 6, op_reset, {&drv0.alloc, &tph0.restore, &tph0.restore}},
	{"disable", 5, op_disable, {&drv0.tag_set}},
	{"enable", 8, op_enable, {&tph0.enable, &tph0.set, &tph0.set}},
};

static const struct op *
choose(struct run *r)
{
	unsigned int total = 0, i, at;

	for (i = 0; i < RTE_DIM(ops); i++)
		total += ops[i].weight;
	at = roll(r, total);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return &ops[i];
}

static void
step(struct run *r)
{
	const struct op *op = choose(r);

	r->op = op->name;
	arm(r, op);
	op->run(r);
	disarm(r);
	steer_scan();
	check_all(r);
	r->refused += r->hits > 0;
	r->certain += r->m.started && r->m.on && !r->m.doubt;
}

static struct steer_port_conf
conf_of(const struct world *w)
{
	struct steer_port_conf conf = w->ds ? fx_ds_world(w->mode) : fx_world(w->mode);

	conf.scan_us = NO_SCAN;
	conf.max_vectors = w->vectors;
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
	place_lcores(&r->m);
	for (q = 0; q < MODEL_QUEUES; q++)
		r->before[STEER_RX][q] = r->before[STEER_TX][q] =
			(struct steer_queue_info){.cpu = STEER_CPU_NONE};
	r->port = fx_up(&conf);
	r->strategy = fx_pinfo().strategy;
	op_configure(r);
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
				disarm(&r);
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

#define T(f) cmocka_unit_test_teardown(f, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(palette), T(per_queue), T(pairs), T(too_few_vectors), T(automatic), T(registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
