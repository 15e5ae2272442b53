/* SPDX-License-Identifier: BSD-3-Clause */

/* A run of random operations on one port against a model; steer_property.c says what holds. */

#ifndef STEER_PROPERTY_H
#define STEER_PROPERTY_H

#include <stdio.h>

#include "steer_fixture.h"
#include "steer_model.h"

#define BAD_CPU 33u /* lcore 4 has it, and the kernel has no tag for it */

/* A kind of port. */
struct world {
	const char *name;
	bool ds;
	enum steer_mode mode;
	uint16_t vectors;
	bool empties; /* the table is in the MSI-X table */
	bool foreign; /* another driver's port: its vectors are as it likes */
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

/* Below n. */
unsigned int property_roll(struct run *r, unsigned int n);

struct op {
	const char *name;
	unsigned int weight;
	void (*run)(struct run *r);
	struct fake_fault *likely[3]; /* what it calls besides moving queues */
};
/* By weight. */
const struct op *property_op(struct run *r);
/* Configure, and start. */
void property_configure(struct run *r);
/* The vectors of a foreign port. */
extern const struct steer_port_ops property_foreign_ops;

/* Something may be refused from now on; property_hits() says how often it was. */
void property_arm(struct run *r, const struct op *op);
unsigned int property_hits(void);
/* Nothing is from now on. */
void property_disarm(struct run *r);

/* All that must hold after an operation. */
void property_check(struct run *r);

#endif /* STEER_PROPERTY_H */
