/* SPDX-License-Identifier: BSD-3-Clause */

/* lib/steer without EAL: a made-up TPH below, a made-up driver above, and lcores by table. */

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_lcore.h>

#include <steer_driver.h>
#include <steer_tph.h>

#define PORT    3
#define ENTRIES 64
#define QUEUES  8
#define NEVER   10000000u /* scan period of tests that scan by hand */

/* ---- lcores ---- */

static rte_cpuset_t lcore_set[RTE_MAX_LCORE];
static bool lcore_on[RTE_MAX_LCORE];

rte_cpuset_t
rte_lcore_cpuset(unsigned int lcore)
{
	return lcore_set[lcore];
}

enum rte_lcore_role_t
rte_eal_lcore_role(unsigned int lcore)
{
	return lcore_on[lcore] ? ROLE_RTE : ROLE_OFF;
}

static int thread_rc; /* errno that starting a thread fails with */

int
rte_ctrl_thread_create(pthread_t *thread, const char *name, const pthread_attr_t *attr,
		       void *(*fn)(void *), void *arg)
{
	return thread_rc != 0 ? -thread_rc : -pthread_create(thread, attr, fn, arg);
}

static void
lcore(unsigned int id, int cpu)
{
	lcore_on[id] = true;
	CPU_ZERO(&lcore_set[id]);
	CPU_SET(cpu, &lcore_set[id]);
}

/* ---- TPH ---- */

static struct fake_tph {
	struct steer_tph_info info;
	uint32_t cpus[ENTRIES];
	uint32_t bad_cpu;
	int usable, enable_rc;
	int sets, restores, enables, disables, calls;
	uint16_t last_index, last_count;
	bool check_affinity, had_affinity, refuse_outside;
	pthread_t by;
} t, t2;

static uint16_t
tag_of(uint32_t cpu)
{
	return cpu == STEER_CPU_NONE ? 0 : (uint16_t)(0x20 + 7 * cpu);
}

const struct steer_tph_info *
steer_tph_info(const struct steer_tph *tph)
{
	const struct fake_tph *f = (const struct fake_tph *)tph;

	return &f->info;
}

int
steer_tph_usable(const struct steer_tph *tph)
{
	const struct fake_tph *f = (const struct fake_tph *)tph;

	return f->usable;
}

int
steer_tph_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	struct fake_tph *f = (struct fake_tph *)tph;

	f->calls++;
	f->enables++;
	if (f->enable_rc != 0)
		return f->enable_rc;
	f->info.mode = mode;
	f->info.req = STEER_PCI_TPH_REQ_STD;
	return 0;
}

int
steer_tph_disable(struct steer_tph *tph)
{
	struct fake_tph *f = (struct fake_tph *)tph;

	f->calls++;
	f->disables++;
	f->info.mode = STEER_PCI_TPH_MODE_NS;
	f->info.req = STEER_PCI_TPH_REQ_OFF;
	memset(f->cpus, 0xff, sizeof(f->cpus));
	return 0;
}

int
steer_tph_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	cpu_set_t set;
	uint16_t i;

	f->calls++;
	f->sets++;
	f->last_index = index;
	f->last_count = count;
	assert_true(index + count <= f->info.cap.entries);
	assert_int_not_equal(f->info.req, STEER_PCI_TPH_REQ_OFF);
	if (f->check_affinity) {
		pthread_getaffinity_np(pthread_self(), sizeof(set), &set);
		f->had_affinity = CPU_ISSET(cpus[0], &set);
	}
	f->by = pthread_self();
	if (f->refuse_outside && pthread_getaffinity_np(pthread_self(), sizeof(set), &set) == 0)
		for (i = 0; i < count; i++)
			if (cpus[i] != STEER_CPU_NONE && !CPU_ISSET(cpus[i], &set))
				return -EPERM;
	for (i = 0; i < count; i++)
		if (cpus[i] == f->bad_cpu)
			return -ENOENT;
	memcpy(&f->cpus[index], cpus, count * sizeof(*cpus));
	return 0;
}

int
steer_tph_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags)
{
	struct fake_tph *f = (struct fake_tph *)tph;
	uint16_t i;

	f->calls++;
	for (i = 0; i < count; i++)
		tags[i] = tag_of(f->cpus[index + i]);
	return 0;
}

int
steer_tph_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	struct fake_tph *f = (struct fake_tph *)tph;

	f->calls++;
	*tag = tag_of(cpu);
	return cpu == f->bad_cpu ? -ENOENT : 0;
}

int
steer_tph_restore(struct steer_tph *tph)
{
	struct fake_tph *f = (struct fake_tph *)tph;

	f->calls++;
	f->restores++;
	return 0;
}

/* ---- driver ---- */

static struct fake_driver {
	uint16_t vectors;
	int allocs, moves, tag_writes, move_rc;
	uint16_t vector[2][QUEUES];
	uint16_t tag[2][QUEUES];
} d, d2;

static int
vectors_alloc(void *ctx, uint16_t n)
{
	struct fake_driver *f = ctx;

	f->allocs++;
	f->vectors = n;
	return 0;
}

static int
queue_vector_set(void *ctx, enum steer_dir dir, uint16_t q, uint16_t vector)
{
	struct fake_driver *f = ctx;

	f->moves++;
	if (f->move_rc != 0)
		return f->move_rc;
	f->vector[dir][q] = vector;
	return 0;
}

static int
queue_tag_set(void *ctx, enum steer_dir dir, uint16_t q, uint16_t tag)
{
	struct fake_driver *f = ctx;

	f->tag_writes++;
	f->tag[dir][q] = tag;
	return 0;
}

static const struct steer_port_ops ops = {vectors_alloc, queue_vector_set, queue_tag_set};
static const struct steer_port_ops ops_no_tag = {vectors_alloc, queue_vector_set, NULL};

static struct steer_port_conf
world(enum steer_mode mode)
{
	memset(&t, 0, sizeof(t));
	memset(t.cpus, 0xff, sizeof(t.cpus));
	memset(&d, 0, sizeof(d));
	memset(lcore_on, 0, sizeof(lcore_on));
	t.bad_cpu = 0xdead;
	t.info.dialect = STEER_TPH_DIALECT_FEATURE;
	t.info.cap.pos = 0x100;
	t.info.cap.modes = 1 << STEER_PCI_TPH_MODE_IV;
	t.info.cap.loc = STEER_PCI_TPH_LOC_CAP;
	t.info.cap.entries = ENTRIES;
	lcore(0, 2);
	lcore(1, 5);
	return (struct steer_port_conf){
		.port_id = PORT,
		.name = "vfio:t",
		.mode = mode,
		.scan_us = NEVER,
		.max_vectors = 64,
		.max_rxq = QUEUES,
		.max_txq = QUEUES,
		.tph = (struct steer_tph *)&t,
		.ops = &ops,
		.ctx = &d,
	};
}

static struct steer_port *
up(const struct steer_port_conf *conf)
{
	struct steer_port *port = NULL;

	assert_int_equal(steer_port_register(conf, &port), 0);
	return port;
}

static void
run(struct steer_port *port, uint16_t rxq, uint16_t txq)
{
	uint16_t q;

	for (q = 0; q < rxq; q++)
		d.vector[STEER_RX][q] = steer_port_queue_vector(port, STEER_RX, q);
	for (q = 0; q < txq; q++)
		d.vector[STEER_TX][q] = steer_port_queue_vector(port, STEER_TX, q);
	steer_port_start(port);
}

static void
conf_run(struct steer_port *port, uint16_t rxq, uint16_t txq)
{
	assert_int_equal(steer_port_configure(port, rxq, txq, 0), 0);
	run(port, rxq, txq);
}

static void
polled(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t by)
{
	__atomic_store_n(steer_port_queue_word(port, dir, q), by, __ATOMIC_RELAXED);
}

static struct steer_queue_info
qinfo(enum steer_dir dir, uint16_t q)
{
	struct steer_queue_info info;

	assert_int_equal(steer_queue_info_get(PORT, dir, q, &info), 0);
	return info;
}

static struct steer_port_info
pinfo(void)
{
	struct steer_port_info info;

	assert_int_equal(steer_port_info_get(PORT, &info), 0);
	return info;
}

/* ---- tests ---- */

static void
auto_takes_the_palette(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port = up(&conf);
	struct steer_port_info info = pinfo();

	assert_int_equal(info.strategy, STEER_STRATEGY_PALETTE);
	assert_string_equal(info.why, "");
	assert_string_equal(info.dialect, "feature");
	assert_int_equal(info.nb_slots, 2);
	assert_int_equal(info.enabled, 1);
	assert_int_equal(info.st_writes, 1);
	assert_int_equal(d.vectors, 3);
	assert_int_equal(t.cpus[0], STEER_CPU_NONE); /* the configuration interrupt */
	assert_int_equal(t.cpus[1], 2);
	assert_int_equal(t.cpus[2], 5);
	steer_port_unregister(port);
	assert_int_equal(t.info.req, STEER_PCI_TPH_REQ_OFF);
	assert_int_equal(steer_port_info_get(PORT, &info), -ENODEV);
}

static void
palette_moves_write_no_entries(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PALETTE);
	struct steer_port *port = up(&conf);
	struct steer_queue_info info;
	int i;

	conf_run(port, 2, 2);
	assert_int_equal(d.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_string_equal(qinfo(STEER_RX, 0).why, "not polled yet");
	polled(port, STEER_RX, 0, 0);
	polled(port, STEER_TX, 1, 1);
	assert_int_equal(steer_scan(), 2);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(d.vector[STEER_RX][0], 1);
	assert_int_equal(d.vector[STEER_TX][1], 2);
	info = qinfo(STEER_RX, 0);
	assert_int_equal(info.mode, STEER_Q_AUTO);
	assert_int_equal(info.lcore, 0);
	assert_int_equal(info.cpu, 2);
	assert_int_equal(info.tag, 0x20 + 14);
	assert_int_equal(info.vector, 1);
	assert_int_equal(info.generation, 1);
	assert_string_equal(info.why, "");
	for (i = 0; i < 10; i++) {
		polled(port, STEER_RX, 0, (i & 1) == 0);
		assert_int_equal(steer_scan(), 1);
	}
	assert_int_equal(qinfo(STEER_RX, 0).generation, 11);
	assert_int_equal(pinfo().st_writes, 1);
	assert_int_equal(t.sets, 1);
	/* Stop, start and configure anew: still the entries of attach. */
	steer_port_stop(port);
	run(port, 2, 2);
	assert_int_equal(d.vector[STEER_RX][0], 1);
	conf_run(port, 1, 1);
	assert_int_equal(t.sets, 1);
	steer_port_unregister(port);
}

static void
palette_that_does_not_fit(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PALETTE);
	struct steer_port *port = NULL;

	conf.max_vectors = 2;
	assert_int_equal(steer_port_register(&conf, &port), -ENOSPC);
	conf = world(STEER_MODE_AUTO);
	t.info.cap.entries = 2;
	port = up(&conf);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_PER_QUEUE);
	assert_non_null(strstr(pinfo().why, "no palette: 2 CPUs need 3"));
	steer_port_unregister(port);
}

static void
per_queue_rewrites_one_entry(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = up(&conf);
	int sets;

	conf_run(port, 2, 2);
	assert_int_equal(d.vectors, 5);
	assert_int_equal(d.vector[STEER_RX][0], 1);
	assert_int_equal(d.vector[STEER_TX][0], 2);
	assert_int_equal(d.vector[STEER_RX][1], 3);
	assert_int_equal(d.vector[STEER_TX][1], 4);
	polled(port, STEER_RX, 1, 0);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(t.cpus[3], 2);
	sets = t.sets;
	polled(port, STEER_RX, 1, 1);
	assert_int_equal(steer_scan(), 1);
	assert_int_equal(t.sets, sets + 1);
	assert_int_equal(t.last_index, 3);
	assert_int_equal(t.last_count, 1);
	assert_int_equal(t.cpus[3], 5);
	assert_int_equal(qinfo(STEER_RX, 1).tag, tag_of(5));
	assert_int_equal(d.moves, 0);
	steer_port_unregister(port);
}

static void
too_few_vectors_are_shared_by_pairs(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port;

	conf.max_vectors = 4;
	port = up(&conf);
	conf_run(port, 4, 2);
	assert_non_null(strstr(pinfo().why, "share a vector"));
	assert_int_equal(d.vector[STEER_RX][1], 2);
	assert_int_equal(d.vector[STEER_TX][1], 2);
	assert_int_equal(d.vector[STEER_RX][3], STEER_NO_VECTOR);
	polled(port, STEER_RX, 1, 0);
	polled(port, STEER_TX, 1, 1);
	polled(port, STEER_RX, 3, 0);
	steer_scan();
	assert_int_equal(t.cpus[2], 2); /* Rx rules */
	assert_int_equal(qinfo(STEER_TX, 1).cpu, 2);
	assert_non_null(strstr(qinfo(STEER_TX, 1).why, "shares vector 2 with rx queue 1"));
	assert_int_equal(qinfo(STEER_RX, 3).cpu, STEER_CPU_NONE);
	assert_int_equal(qinfo(STEER_RX, 3).last_error, -ENOSPC);
	polled(port, STEER_RX, 1, 1);
	steer_scan();
	assert_int_equal(qinfo(STEER_TX, 1).cpu, 5);
	assert_string_equal(qinfo(STEER_TX, 1).why, "");
	steer_port_unregister(port);
}

static void
unpinned_lcores_and_foreign_threads_get_no_tag(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;

	lcore(7, 3);
	CPU_SET(4, &lcore_set[7]);
	port = up(&conf);
	assert_int_equal(pinfo().nb_slots, 2);
	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(qinfo(STEER_RX, 0).cpu, 2);
	polled(port, STEER_RX, 0, 7);
	steer_scan();
	assert_int_equal(qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	assert_int_equal(qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(qinfo(STEER_RX, 0).lcore, 7);
	assert_int_equal(d.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, "lcore 7 may run on 2 CPUs"));
	polled(port, STEER_RX, 0, LCORE_ID_ANY);
	steer_scan();
	assert_int_equal(qinfo(STEER_RX, 0).lcore, STEER_LCORE_NONE);
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, "not an EAL thread"));
	assert_int_equal(steer_lcore_cpu(0), 2);
	assert_int_equal(steer_lcore_cpu(7), STEER_CPU_NONE);
	assert_int_equal(steer_lcore_cpu(9), STEER_CPU_NONE);
	assert_int_equal(steer_lcore_cpu(LCORE_ID_ANY), STEER_CPU_NONE);
	steer_port_unregister(port);
}

static void
refused_live_move_falls_back_to_per_queue(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PALETTE);
	struct steer_port *port = up(&conf);

	conf_run(port, 2, 0);
	polled(port, STEER_RX, 0, 0);
	polled(port, STEER_RX, 1, 0);
	steer_scan();
	d.move_rc = -EBUSY;
	polled(port, STEER_RX, 1, 1);
	steer_scan();
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_PER_QUEUE);
	assert_non_null(strstr(pinfo().why, "per-queue instead of palette"));
	/* Until the next start both queues have slot 0's vector: queue 0 keeps its tag. */
	assert_int_equal(qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(qinfo(STEER_RX, 1).cpu, 2);
	assert_non_null(strstr(qinfo(STEER_RX, 1).why, "shares vector 1 with rx queue 0"));
	steer_port_stop(port);
	run(port, 2, 0);
	assert_int_equal(d.vector[STEER_RX][0], 1);
	assert_int_equal(d.vector[STEER_RX][1], 3);
	assert_int_equal(d.vectors, 5);
	assert_int_equal(qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(qinfo(STEER_RX, 1).cpu, 5);
	assert_int_equal(t.cpus[3], 5);
	steer_port_unregister(port);
}

static void
rx_interrupts_exclude_the_palette(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PALETTE);
	struct steer_port *port = up(&conf);

	assert_int_equal(steer_port_configure(port, 2, 2, 1), -ENOTSUP);
	assert_int_equal(steer_port_configure(port, 2, 2, 0), 0);
	steer_port_unregister(port);

	conf = world(STEER_MODE_AUTO);
	port = up(&conf);
	assert_int_equal(steer_port_configure(port, 2, 2, 1), 0);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_PER_QUEUE);
	assert_non_null(strstr(pinfo().why, "Rx interrupts"));
	assert_int_equal(t.cpus[1], STEER_CPU_NONE); /* the palette is gone */
	run(port, 2, 2);
	assert_int_equal(d.vector[STEER_RX][1], 3);
	assert_int_equal(steer_port_configure(port, 2, 2, 0), 0);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_PALETTE);
	assert_string_equal(pinfo().why, "");
	assert_int_equal(t.cpus[1], 2);
	steer_port_unregister(port);
}

static void
ds_registers_hold_the_tag(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PALETTE);
	struct steer_port *port = NULL;

	t.info.cap.modes = 1 << STEER_PCI_TPH_MODE_DS;
	t.info.cap.loc = STEER_PCI_TPH_LOC_NONE;
	t.info.cap.entries = 0;
	port = up(&conf);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_DS_REG);
	assert_non_null(strstr(pinfo().why, "registers"));
	assert_int_equal(t.info.mode, STEER_PCI_TPH_MODE_DS);
	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(d.tag[STEER_RX][0], tag_of(5));
	assert_int_equal(qinfo(STEER_RX, 0).tag, tag_of(5));
	assert_int_equal(qinfo(STEER_RX, 0).vector, -1);
	t.bad_cpu = 2;
	polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(d.tag[STEER_RX][0], 0); /* not the tag of the other CPU */
	assert_int_equal(qinfo(STEER_RX, 0).last_error, -ENOENT);
	polled(port, STEER_RX, 0, 1);
	steer_scan();
	/* A restart empties the registers. */
	steer_port_stop(port);
	d.tag[STEER_RX][0] = 0;
	run(port, 1, 1);
	assert_int_equal(d.tag[STEER_RX][0], tag_of(5));
	steer_port_unregister(port);

	conf.ops = &ops_no_tag;
	assert_int_equal(steer_port_register(&conf, &port), -ENOTSUP);
}

static void
port_without_tph_says_so(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;

	t.usable = -ENOTSUP;
	t.info.dialect = STEER_TPH_DIALECT_NONE;
	strcpy(t.info.why, "no TPH capability");
	port = up(&conf);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_NONE);
	assert_string_equal(pinfo().why, "unsupported: no TPH capability");
	assert_int_equal(d.vectors, 1);
	conf_run(port, 2, 2);
	assert_int_equal(d.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 2), -ENOTSUP);
	assert_int_equal(steer_port_enable(PORT), -ENOTSUP);
	assert_int_equal(steer_port_configure(port, 2, 2, 1), 0);
	run(port, 2, 2);
	assert_int_equal(d.vectors, 3);
	assert_int_equal(d.vector[STEER_RX][1], 2);
	assert_int_equal(d.vector[STEER_TX][1], STEER_NO_VECTOR);
	assert_int_equal(t.calls, 0);
	steer_port_unregister(port);
	conf.mode = STEER_MODE_PER_QUEUE;
	assert_int_equal(steer_port_register(&conf, &port), -ENOTSUP);
	conf.mode = STEER_MODE_OFF;
	port = up(&conf);
	assert_string_equal(pinfo().why, "");
	steer_port_unregister(port);
}

static void
control_register_that_drops_writes(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;

	t.enable_rc = -EIO;
	port = up(&conf);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_NONE);
	assert_int_equal(strncmp(pinfo().why, "unsupported: ", 13), 0);
	assert_int_equal(t.sets, 0);
	steer_port_unregister(port);
}

static void
binding(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port = up(&conf);

	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_queue_bind_lcore(PORT, STEER_RX, 0, 1), 0);
	assert_int_equal(d.vector[STEER_RX][0], 2);
	assert_int_equal(qinfo(STEER_RX, 0).mode, STEER_Q_BOUND);
	assert_int_equal(steer_scan(), 0); /* polling elsewhere does not matter */
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 4), -ERANGE);
	assert_int_equal(d.vector[STEER_RX][0], STEER_NO_VECTOR);
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, "not in the palette"));
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5), 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, STEER_CPU_NONE), 0);
	assert_int_equal(qinfo(STEER_RX, 0).mode, STEER_Q_OFF);
	assert_int_equal(qinfo(STEER_RX, 0).tag, 0);
	assert_int_equal(steer_queue_auto(PORT, STEER_RX, 0), 0);
	assert_int_equal(qinfo(STEER_RX, 0).cpu, 2);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 1, 2), -EINVAL);
	assert_int_equal(steer_queue_bind_lcore(PORT, STEER_RX, 0, 9), -EINVAL);
	assert_int_equal(steer_queue_bind_cpu(PORT + 1, STEER_RX, 0, 2), -ENODEV);
	/* Bound while stopped: in force from the start. */
	steer_port_stop(port);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5), 0);
	run(port, 1, 1);
	assert_int_equal(d.vector[STEER_RX][0], 2);
	steer_port_unregister(port);
}

static void
turned_off_and_on(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port = up(&conf);

	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_port_disable(PORT), 0);
	assert_int_equal(t.cpus[1], STEER_CPU_NONE);
	assert_int_equal(pinfo().enabled, 0);
	assert_int_equal(qinfo(STEER_RX, 0).tag, 0);
	polled(port, STEER_RX, 0, 1);
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(steer_port_disable(PORT), 0);
	assert_int_equal(steer_port_enable(PORT), 0);
	assert_int_equal(t.cpus[1], 2);
	assert_int_equal(qinfo(STEER_RX, 0).cpu, 5);
	assert_int_equal(d.vector[STEER_RX][0], 2);
	assert_int_equal(steer_port_enable(PORT + 1), -ENODEV);
	steer_port_unregister(port);
}

static void
refused_cpu_is_said_once_and_leaves_no_tag(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = up(&conf);
	int sets;

	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 0);
	steer_scan();
	t.bad_cpu = 5;
	polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(t.cpus[1], STEER_CPU_NONE);
	assert_int_equal(qinfo(STEER_RX, 0).last_error, -ENOENT);
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, "no tag for CPU 5"));
	assert_int_equal(qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	sets = t.sets;
	steer_scan();
	assert_int_equal(t.sets, sets); /* not again every scan */
	steer_port_unregister(port);
}

static void
palette_slot_without_a_tag(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;

	t.bad_cpu = 5;
	port = up(&conf);
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_PALETTE);
	assert_non_null(strstr(pinfo().why, "CPU 5 has no steering tag"));
	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 1);
	polled(port, STEER_TX, 0, 0);
	steer_scan();
	assert_int_equal(qinfo(STEER_RX, 0).vector, -1);
	assert_int_equal(qinfo(STEER_RX, 0).last_error, -ERANGE);
	assert_int_equal(qinfo(STEER_TX, 0).cpu, 2);
	steer_port_unregister(port);
}

static void
stopped_and_gone_ports_are_left_alone(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port = up(&conf);
	int calls, moves;

	conf_run(port, 1, 1);
	steer_port_stop(port);
	polled(port, STEER_RX, 0, 1);
	moves = d.moves;
	assert_int_equal(steer_scan(), 0);
	assert_int_equal(d.moves, moves);
	run(port, 1, 1);
	steer_port_gone(port);
	calls = t.calls;
	moves = d.moves;
	polled(port, STEER_RX, 0, 0);
	steer_scan();
	assert_int_equal(steer_port_disable(PORT), -ENODEV);
	assert_int_equal(steer_port_configure(port, 1, 1, 0), -ENODEV);
	assert_int_equal(steer_port_reset_done(port), -ENODEV);
	assert_int_equal(steer_port_queue_vector(port, STEER_RX, 0), STEER_NO_VECTOR);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 5), 0);
	steer_port_unregister(port);
	assert_int_equal(t.calls, calls);
	assert_int_equal(d.moves, moves);
	steer_port_unregister(NULL);
}

static void
reset_brings_everything_back(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port = up(&conf);

	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 1);
	steer_scan();
	steer_port_stop(port);
	d.allocs = 0;
	assert_int_equal(steer_port_reset_done(port), 0);
	assert_int_equal(d.allocs, 1);
	assert_int_equal(d.vectors, 3);
	assert_int_equal(t.restores, 1);
	run(port, 1, 1);
	assert_int_equal(d.vector[STEER_RX][0], 2);
	steer_port_unregister(port);
}

static void
other_listeners_restore_a_table_in_the_msix_table(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = up(&conf);

	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(steer_port_irqs_done(port), 0);
	assert_int_equal(t.restores, 0);
	t.info.cap.loc = STEER_PCI_TPH_LOC_MSIX;
	assert_int_equal(steer_port_irqs_done(port), 0);
	assert_int_equal(t.restores, 1);
	steer_port_gone(port);
	assert_int_equal(steer_port_irqs_done(port), -ENODEV);
	assert_int_equal(t.restores, 1);
	steer_port_unregister(port);
}

static void
more_vectors_later_restore_the_tags(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = up(&conf);

	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 1);
	steer_scan();
	assert_int_equal(steer_port_configure(port, 4, 4, 0), 0);
	assert_int_equal(d.vectors, 9);
	assert_int_equal(t.restores, 1);
	assert_int_equal(steer_port_configure(port, QUEUES + 1, 1, 0), -EINVAL);
	steer_port_unregister(port);
}

static void
thread_follows(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;
	int i;

	conf.scan_us = 1000;
	port = up(&conf);
	conf_run(port, 1, 1);
	polled(port, STEER_RX, 0, 1);
	for (i = 0; i < 5000 && qinfo(STEER_RX, 0).cpu != 5; i++)
		usleep(1000);
	assert_int_equal(qinfo(STEER_RX, 0).cpu, 5);
	steer_port_unregister(port);
}

/* Two CPUs that this test may use; false on a machine with one. */
static bool
two_cpus(int *first, int *second)
{
	cpu_set_t set;

	pthread_getaffinity_np(pthread_self(), sizeof(set), &set);
	for (*first = 0; !CPU_ISSET(*first, &set); (*first)++)
		continue;
	for (*second = *first + 1; *second < CPU_SETSIZE && !CPU_ISSET(*second, &set); (*second)++)
		continue;
	return *second < CPU_SETSIZE;
}

static void
pin(int cpu, cpu_set_t *saved)
{
	cpu_set_t one;

	pthread_getaffinity_np(pthread_self(), sizeof(*saved), saved);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(pthread_setaffinity_np(pthread_self(), sizeof(one), &one), 0);
}

/* The setter inherits one CPU, as EAL's control threads do; a call may run on the CPU it names, and
 * afterwards the thread is back where it was. The caller's CPUs are its own affair. */
static void
setter_may_run_on_the_cpu_it_names(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port;
	cpu_set_t saved, before, after;
	int first, second;

	if (!two_cpus(&first, &second))
		skip();
	pin(first, &saved);
	port = up(&conf);
	pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
	conf_run(port, 1, 1);
	t.check_affinity = t.refuse_outside = true;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, (uint32_t)second), 0);
	assert_true(t.had_affinity);
	assert_false(pthread_equal(t.by, pthread_self()));
	pthread_getaffinity_np(t.by, sizeof(after), &after);
	assert_true(CPU_EQUAL(&after, &before));
	pthread_getaffinity_np(pthread_self(), sizeof(after), &after);
	assert_true(CPU_EQUAL(&after, &before));
	/* What was there before may have to be programmed anew. */
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, (uint32_t)first), 0);
	steer_port_unregister(port);
	pthread_setaffinity_np(pthread_self(), sizeof(saved), &saved);
}

/* No machine has this one, and the kernel drops it as it drops what a cgroup forbids. */
static void
cpu_that_the_process_may_not_use_is_the_reason(void **state)
{
	const uint32_t far = CPU_SETSIZE - 1;
	struct steer_port_conf conf = world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = up(&conf);
	int first, second;

	conf_run(port, 1, 1);
	t.refuse_outside = true;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, far), -EPERM);
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, "no tag for CPU 1023: this process may not "
						       "run there"));
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, strerror(EPERM)));
	assert_int_equal(qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	/* A kernel that does not mind is not second-guessed. */
	t.refuse_outside = false;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, far), 0);
	assert_string_equal(qinfo(STEER_RX, 0).why, "");
	two_cpus(&first, &second);
	t.bad_cpu = (uint32_t)first;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, t.bad_cpu), -ENOENT);
	assert_non_null(strstr(qinfo(STEER_RX, 0).why, "the kernel knows no tag"));
	steer_port_unregister(port);
}

static int
thread_count(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* The kernel lists a joined thread a little longer. */
static void
assert_threads(int want)
{
	int i;

	for (i = 0; i < 10000 && thread_count() != want; i++)
		usleep(1000);
	assert_int_equal(thread_count(), want);
}

static void
threads_end_with_the_last_port(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO), other;
	struct steer_port *a, *b;
	int before = thread_count(), i;

	for (i = 0; i < 20; i++) {
		a = up(&conf);
		other = conf;
		other.port_id = PORT + 1;
		b = up(&other);
		assert_threads(before + 2);
		steer_port_unregister(a);
		assert_threads(before + 2);
		steer_port_unregister(b);
		assert_threads(before);
	}
	/* A port that cannot be steered needs none, and one that is refused leaves none. */
	t.usable = -ENOTSUP;
	a = up(&conf);
	assert_threads(before);
	steer_port_unregister(a);
	t.usable = 0;
	conf.mode = STEER_MODE_PALETTE;
	conf.max_vectors = 2;
	assert_int_equal(steer_port_register(&conf, &a), -ENOSPC);
	assert_threads(before);
}

static void
no_thread_no_steering(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;

	thread_rc = EAGAIN;
	port = up(&conf);
	thread_rc = 0;
	assert_int_equal(pinfo().strategy, STEER_STRATEGY_NONE);
	assert_non_null(strstr(pinfo().why, "no control thread that could set tags"));
	steer_port_unregister(port);
}

/* Applications, the scan thread and telemetry all at once, on two ports. */
static void *
hammer(void *arg)
{
	const uint16_t port = *(const uint16_t *)arg;
	struct steer_queue_info info;
	int i;

	for (i = 0; i < 500; i++) {
		steer_queue_bind_cpu(port, STEER_RX, (uint16_t)(i % 2), i % 3 ? 2 : 5);
		steer_queue_info_get(port, STEER_RX, 0, &info);
		if (i % 50 == 0)
			steer_port_disable(port);
		if (i % 50 == 10)
			steer_port_enable(port);
		if (i % 7 == 0)
			steer_queue_auto(port, STEER_RX, 0);
	}
	return NULL;
}

static void
everybody_at_once(void **state)
{
	static const uint16_t ids[] = {PORT, PORT + 1};
	struct steer_port_conf conf = world(STEER_MODE_AUTO), other;
	struct steer_port *ports[2];
	pthread_t threads[4];
	int i;

	conf.scan_us = 100;
	other = conf;
	other.port_id = PORT + 1;
	t2 = t;
	other.tph = (struct steer_tph *)&t2;
	other.ctx = &d2;
	ports[0] = up(&conf);
	ports[1] = up(&other);
	for (i = 0; i < 2; i++) {
		assert_int_equal(steer_port_configure(ports[i], 2, 2, 0), 0);
		steer_port_start(ports[i]);
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, (void *)&ids[i % 2]), 0);
	for (i = 0; i < 2000; i++)
		polled(ports[i & 1], STEER_RX, 0, i & 2 ? 0 : 1);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	steer_port_unregister(ports[0]);
	steer_port_unregister(ports[1]);
}

static void
findings_and_dialect_are_shown(void **state)
{
	struct steer_port_conf conf = world(STEER_MODE_AUTO);
	struct steer_port *port;

	t.info.dialect = STEER_TPH_DIALECT_IOCTL_V8;
	port = up(&conf);
	assert_string_equal(pinfo().dialect, "ioctl-v8");
	assert_int_equal(pinfo().nb_findings, 0);
	steer_port_unregister(port);
	t.usable = -ENOTSUP;
	t.info.dialect = STEER_TPH_DIALECT_NONE;
	t.info.nb_findings = 2;
	t.info.findings[0] = (struct steer_tph_finding){.what = "_DSM", .text = "not visible"};
	t.info.findings[1] = (struct steer_tph_finding){.what = "dialect", .text = "none"};
	port = up(&conf);
	assert_string_equal(pinfo().dialect, "none");
	assert_int_equal(pinfo().nb_findings, 2);
	assert_string_equal(pinfo().findings[0], "_DSM: not visible");
	assert_string_equal(pinfo().findings[1], "dialect: none");
	steer_port_unregister(port);
}

static void
names(void **state)
{
	assert_int_equal(steer_mode_parse("auto"), STEER_MODE_AUTO);
	assert_int_equal(steer_mode_parse("per-queue"), STEER_MODE_PER_QUEUE);
	assert_int_equal(steer_mode_parse("palette"), STEER_MODE_PALETTE);
	assert_int_equal(steer_mode_parse("off"), STEER_MODE_OFF);
	assert_int_equal(steer_mode_parse("on"), -EINVAL);
	assert_int_equal(steer_mode_parse(NULL), -EINVAL);
	assert_string_equal(steer_strategy_name(STEER_STRATEGY_DS_REG), "ds-reg");
	assert_string_equal(steer_mode_name(STEER_MODE_PER_QUEUE), "per-queue");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auto_takes_the_palette),
		cmocka_unit_test(palette_moves_write_no_entries),
		cmocka_unit_test(palette_that_does_not_fit),
		cmocka_unit_test(per_queue_rewrites_one_entry),
		cmocka_unit_test(too_few_vectors_are_shared_by_pairs),
		cmocka_unit_test(unpinned_lcores_and_foreign_threads_get_no_tag),
		cmocka_unit_test(refused_live_move_falls_back_to_per_queue),
		cmocka_unit_test(rx_interrupts_exclude_the_palette),
		cmocka_unit_test(ds_registers_hold_the_tag),
		cmocka_unit_test(port_without_tph_says_so),
		cmocka_unit_test(control_register_that_drops_writes),
		cmocka_unit_test(binding),
		cmocka_unit_test(turned_off_and_on),
		cmocka_unit_test(refused_cpu_is_said_once_and_leaves_no_tag),
		cmocka_unit_test(palette_slot_without_a_tag),
		cmocka_unit_test(stopped_and_gone_ports_are_left_alone),
		cmocka_unit_test(reset_brings_everything_back),
		cmocka_unit_test(more_vectors_later_restore_the_tags),
		cmocka_unit_test(other_listeners_restore_a_table_in_the_msix_table),
		cmocka_unit_test(thread_follows),
		cmocka_unit_test(setter_may_run_on_the_cpu_it_names),
		cmocka_unit_test(cpu_that_the_process_may_not_use_is_the_reason),
		cmocka_unit_test(threads_end_with_the_last_port),
		cmocka_unit_test(no_thread_no_steering),
		cmocka_unit_test(everybody_at_once),
		cmocka_unit_test(findings_and_dialect_are_shown),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
