/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A client of the window protocol of steer_trace.h on two queue pairs, whose cores are CPUs 4
 * and 7, on top of fake_nic.h.
 */

#ifndef TEST_LOCKSTEP_FIXTURE_H
#define TEST_LOCKSTEP_FIXTURE_H

#include "fake_nic.h"
#include "model_priv.h"

#define PAIRS  2
#define RING   64
#define WINDOW 8

extern struct guest_queue rx[PAIRS], tx[PAIRS];
extern struct steer_trace_ring rings[PAIRS];
extern struct steer_trace_gen traffic; /* of sessions, when they shall have their own */

/** @return status of the command. */
int command(uint32_t cmd);
void conf_write(struct steer_trace_conf *conf);
struct steer_trace_conf conf_of(uint64_t credit);
struct steer_trace_area *area(void);
/** A device with this wire, its session started and its queues filled; no credit yet. */
void session(const char *wire, uint64_t credit);
/** Take what is there: load each frame's first line, send it back when asked, give the buffer.
 * @return packets. */
uint32_t consume(uint32_t pair, bool send);

#endif /* TEST_LOCKSTEP_FIXTURE_H */
