/* SPDX-License-Identifier: BSD-3-Clause */

/* Ports of other drivers: lib/tph and lib/steer are real, the kernel and the driver are made up. */

#ifndef STOCK_FIXTURE_H
#define STOCK_FIXTURE_H

#include "fake_tph.h"

#include <steer_driver.h>
#include <steer_stock.h>

#include "fake_ethdev.h"
#include "fake_lcore.h"

#define STOCK_NEVER 10000000u
/* As the datasheet of the I210 has it (9.5.3.2): device-specific mode, and a table in the
 * capability all the same. */
#define DS_TABLE    0x00070205u
/* Registers of the I350, as words of its BAR. */
#define RXCTL       (0xc014 / 4)
#define TXCTL       (0xe014 / 4)
#define QUEUE       (0x40 / 4)

extern struct steer_port *st_port;

/* A device of this raw TPH capability register and PCI id; lcore 0 on CPU 2, lcore 1 on CPU 5. */
void st_world(uint32_t cap, uint16_t vendor, uint16_t dev);
/* Every look at the port also looks at the device. */
int st_attach(uint32_t flags);
struct steer_port_info st_pinfo(void);
struct steer_queue_info st_qinfo(enum steer_dir dir, uint16_t q);
void st_polled(enum steer_dir dir, uint16_t q, uint32_t lcore);
/* One line that has this part. */
void st_has(const char *text, const char *part);
/* Three Rx queues on vectors 1 to 3 and two Tx queues; Rx 0 and Tx 0 polled by lcore 0, Rx 1 by
 * lcore 1. */
void st_vectors_up(uint32_t cap);
/* An I350 with two queue pairs; Rx 0 polled by lcore 0, Rx 1 and Tx 1 by lcore 1. Tags have 3 bits
 * unless flags say otherwise. */
void st_registers_up(uint32_t flags);

/* Attached, the port is not steered for this reason, and nothing was written to the device. */
void st_unsteerable(const char *why);

#define STOCK_TEST(f) cmocka_unit_test_teardown(f, fe_teardown)

#endif /* STOCK_FIXTURE_H */
