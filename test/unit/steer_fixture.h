/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * lib/steer without EAL: a made-up TPH below, a made-up driver above, and lcores by table. What
 * all steer_*.c tests share.
 */

#ifndef STEER_FIXTURE_H
#define STEER_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <steer_driver.h>
#include <steer_tph.h>

#include "fake_lcore.h"

#define PORT        3
#define ENTRIES     64 /* of the ST table unless a test says otherwise */
#define MAX_ENTRIES 512
#define QUEUES      8 /* of each direction, unless a test says otherwise */
#define MAX_QUEUES  128
#define NEVER       10000000u /* scan period of tests that scan by hand */

/* A call that fails with rc (0: it does not), after so many that do not; for ever, or once. */
struct fake_fault {
	int rc;
	unsigned int after;
	bool once;
	unsigned int hits; /* times that it did */
};
int fx_fault(struct fake_fault *fault);

struct fake_tph {
	struct steer_tph_info info;
	uint32_t cpus[MAX_ENTRIES];   /* in the device */
	uint32_t record[MAX_ENTRIES]; /* what restoring writes */
	uint32_t bad_cpu;
	int usable;
	struct fake_fault enable, disable, set, get, restore, cpu_tag;
	int sets, restores, enables, disables, cpu_tags, calls;
	uint16_t last_index, last_count;
	bool check_affinity, had_affinity, refuse_outside;
	pthread_t by;
};
extern struct fake_tph tph0, tph1;

struct fake_driver {
	uint16_t vectors;
	int allocs, moves, tag_writes;
	struct fake_fault alloc, move, tag_set;
	bool empties; /* vectors and ST table are one: allocating clears it */
	uint16_t vector[2][MAX_QUEUES];
	uint16_t tag[2][MAX_QUEUES];
	uint32_t objects[2][MAX_QUEUES]; /* with the tag */
};
extern struct fake_driver drv0, drv1;

/* A driver without tag registers. */
extern const struct steer_port_ops fx_ops_no_tag;
uint16_t fx_tag_of(uint32_t cpu);
/* Everything as new: port PORT over tph0 and drv0, lcore 0 on CPU 2 and lcore 1 on CPU 5. */
struct steer_port_conf fx_world(enum steer_mode mode);
/* The same, but the device has tag registers and no ST table. */
struct steer_port_conf fx_ds_world(enum steer_mode mode);
struct steer_port *fx_up(const struct steer_port_conf *conf);
/* Queue set-up and start, as a driver does them. */
void fx_run(struct steer_port *port, uint16_t rxq, uint16_t txq);
void fx_conf_run(struct steer_port *port, uint16_t rxq, uint16_t txq);
/* A device reset: nothing is left in it. The port is stopped. */
void fx_reset_device(void);
void fx_polled(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t by);
struct steer_queue_info fx_qinfo(enum steer_dir dir, uint16_t q);
struct steer_port_info fx_pinfo(void);

#endif /* STEER_FIXTURE_H */
