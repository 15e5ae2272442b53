/* SPDX-License-Identifier: BSD-3-Clause */

/* A made-up driver, and the life of a port. */

#include <errno.h>
#include <string.h>

#include "steer_fixture.h"

struct fake_driver drv0, drv1;

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
queue_tag_set(void *ctx, enum steer_dir dir, uint16_t q, uint16_t tag, uint32_t objects)
{
	struct fake_driver *f = ctx;

	f->tag_writes++;
	f->tag[dir][q] = tag;
	f->objects[dir][q] = objects;
	return 0;
}

static const struct steer_port_ops ops = {vectors_alloc, queue_vector_set, queue_tag_set};
const struct steer_port_ops fx_ops_no_tag = {vectors_alloc, queue_vector_set, NULL};

struct steer_port_conf
fx_world(enum steer_mode mode)
{
	memset(&tph0, 0, sizeof(tph0));
	memset(tph0.cpus, 0xff, sizeof(tph0.cpus));
	memset(&drv0, 0, sizeof(drv0));
	fx_lcores_none();
	tph0.bad_cpu = 0xdead;
	tph0.info.dialect = STEER_TPH_DIALECT_FEATURE;
	tph0.info.cap.pos = 0x100;
	tph0.info.cap.modes = 1 << STEER_PCI_TPH_MODE_IV;
	tph0.info.cap.loc = STEER_PCI_TPH_LOC_CAP;
	tph0.info.cap.entries = ENTRIES;
	fx_lcore(0, 2);
	fx_lcore(1, 5);
	return (struct steer_port_conf){
		.port_id = PORT,
		.name = "vfio:t",
		.mode = mode,
		.scan_us = NEVER,
		.max_vectors = 64,
		.max_rxq = QUEUES,
		.max_txq = QUEUES,
		.tph = (struct steer_tph *)&tph0,
		.ops = &ops,
		.ctx = &drv0,
	};
}

struct steer_port_conf
fx_ds_world(enum steer_mode mode)
{
	struct steer_port_conf conf = fx_world(mode);

	tph0.info.cap.modes = 1 << STEER_PCI_TPH_MODE_DS;
	tph0.info.cap.loc = STEER_PCI_TPH_LOC_NONE;
	tph0.info.cap.entries = 0;
	return conf;
}

struct steer_port *
fx_up(const struct steer_port_conf *conf)
{
	struct steer_port *port = NULL;

	assert_int_equal(steer_port_register(conf, &port), 0);
	return port;
}

void
fx_run(struct steer_port *port, uint16_t rxq, uint16_t txq)
{
	uint16_t q;

	for (q = 0; q < rxq; q++)
		drv0.vector[STEER_RX][q] = steer_port_queue_vector(port, STEER_RX, q);
	for (q = 0; q < txq; q++)
		drv0.vector[STEER_TX][q] = steer_port_queue_vector(port, STEER_TX, q);
	steer_port_start(port);
}

void
fx_conf_run(struct steer_port *port, uint16_t rxq, uint16_t txq)
{
	assert_int_equal(steer_port_configure(port, rxq, txq, 0), 0);
	fx_run(port, rxq, txq);
}

void
fx_polled(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t by)
{
	__atomic_store_n(steer_port_queue_word(port, dir, q), by, __ATOMIC_RELAXED);
}

struct steer_queue_info
fx_qinfo(enum steer_dir dir, uint16_t q)
{
	struct steer_queue_info info;

	assert_int_equal(steer_queue_info_get(PORT, dir, q, &info), 0);
	return info;
}

struct steer_port_info
fx_pinfo(void)
{
	struct steer_port_info info;

	assert_int_equal(steer_port_info_get(PORT, &info), 0);
	return info;
}
