/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a port's queues ought to have, thought through once more and without lib/steer: nothing here
 * knows about its strategies' insides, its state or its locks.
 */

#ifndef STEER_MODEL_H
#define STEER_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include <steer.h>

#define MODEL_QUEUES 128
#define MODEL_LCORES 8

struct model_queue {
	enum steer_queue_mode mode;
	uint32_t bound;  /* in STEER_Q_BOUND */
	uint32_t poller; /* lcore, MODEL_NOBODY */
};

struct model {
	uint16_t nb[2];
	uint16_t entries; /* of the ST table */
	bool started, on;
	/* Something was refused since the last time that all was programmed without a refusal. */
	bool doubt;
	struct model_queue queues[2][MODEL_QUEUES];
	uint32_t lcore_cpu[MODEL_LCORES]; /* STEER_CPU_NONE: none, or several */
	uint32_t bad_cpu;                 /* the kernel knows no tag for it */
};
#define MODEL_NOBODY UINT32_MAX

/* Everything automatic, on, and polled by nobody. */
void model_new(struct model *m);
/* Every queue, also those beyond the configured ones. */
void model_all(struct model *m, enum steer_queue_mode mode);
void model_nobody_polls(struct model *m);
/* The CPU that a queue asks for; STEER_CPU_NONE none. */
uint32_t model_want(const struct model *m, enum steer_dir dir, uint16_t q);
/* Is it the CPU of one of the pinned lcores, with a tag? */
bool model_in_palette(const struct model *m, uint32_t cpu);
/* The vector of a queue after a start, per queue, when so many vectors can be had. */
uint16_t model_vector(const struct model *m, enum steer_dir dir, uint16_t q, unsigned int vectors);
/* Has the queue the say over its vector? vectors: as the device has them. */
bool model_rules(const struct model *m, const uint16_t vectors[2][MODEL_QUEUES], enum steer_dir dir,
		 uint16_t q);
/* The CPU that a queue gets from who has the say. */
uint32_t model_by_vector(const struct model *m, const uint16_t vectors[2][MODEL_QUEUES],
			 enum steer_dir dir, uint16_t q);

#endif /* STEER_MODEL_H */
