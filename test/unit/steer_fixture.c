/* SPDX-License-Identifier: BSD-3-Clause */

/* A made-up driver, and the life of a port. */

#include <errno.h>
#include <string.h>

#include <topology.h>

#include "steer_fixture.h"

struct fake_driver drv0, drv1;

static int
vectors_alloc(void *ctx, uint16_t n)
{
	struct fake_driver *f = ctx;
	int rc;

	f->allocs++;
	rc = fx_fault(&f->alloc);
	if (rc != 0)
		return rc;
	f->vectors = n;
	if (f->empties)
		memset(tph0.cpus, 0xff, sizeof(tph0.cpus));
	return 0;
}

static int
queue_vector_set(void *ctx, enum steer_dir dir, uint16_t q, uint16_t vector)
{
	struct fake_driver *f = ctx;
	int rc;

	f->moves++;
	rc = fx_fault(&f->move);
	if (rc != 0)
		return rc;
	f->vector[dir][q] = vector;
	return 0;
}

static int
queue_tag_set(void *ctx, enum steer_dir dir, uint16_t q, uint16_t tag, uint32_t objects)
{
	struct fake_driver *f = ctx;
	int rc;

	f->tag_writes++;
	rc = fx_fault(&f->tag_set);
	if (rc != 0)
		return rc;
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
	memset(tph0.record, 0xff, sizeof(tph0.record));
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
	steer_topology_root("/nowhere"); /* not the CPUs of this machine */
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
fx_reset_device(void)
{
	tph0.info.req = STEER_PCI_TPH_REQ_OFF;
	memset(tph0.cpus, 0xff, sizeof(tph0.cpus));
	drv0.vectors = 0;
	memset(drv0.vector, 0xff, sizeof(drv0.vector));
	memset(drv0.tag, 0, sizeof(drv0.tag));
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
