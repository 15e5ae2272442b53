/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Results of an experiment: counters of every round and queue, medians over rounds, and their
 * three forms: table, JSON and CSV.
 */

#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include <steer_cache.h>

#include "opts.h"

#define RESULT_NO_TAG (-1) /* the device cannot be steered */

struct queue_result {
	uint16_t queue;
	unsigned int lcore;
	uint32_t cpu; /**< of the lcore */
	int tag;      /**< of the Rx queue as read back, 0 none, RESULT_NO_TAG */
	uint64_t packets;
	struct steer_cache_counters ctr;
};

struct round_result {
	enum steering mode;
	unsigned int round; /**< from 0 */
	uint64_t packets;
	struct queue_result *queues; /**< result.nb_queues */
};

struct result {
	const struct steer_platform *platform;
	const char *input, *rings;
	unsigned int nb_queues;
	unsigned int nb_modes;
	enum steering modes[STEERING_EXPERIMENT];
	unsigned int nb_rounds, max_rounds; /**< all modes together */
	struct round_result *rounds;
};

/** Room for max_rounds rounds. @return 0 or -ENOMEM. */
int result_init(struct result *r, unsigned int nb_queues, unsigned int max_rounds);
void result_free(struct result *r);

/** Figures of a queue or of a round; not valid where nothing was counted. */
struct figures {
	bool valid;                             /**< lines and cycles: there were packets */
	bool touch_valid;                       /**< first_touch: there were first touches */
	double lines[STEER_CACHE_LEVELS];       /**< per packet */
	double first_touch[STEER_CACHE_LEVELS]; /**< shares, 0..1 */
	double cycles;                          /**< per packet */
};

void figures_of(const struct steer_platform *p, const struct steer_cache_counters *ctr,
		uint64_t packets, struct figures *f);
/** Over all queues of a round. */
void figures_of_round(const struct result *r, const struct round_result *round, struct figures *f);

/** Median of n values, sorts them; 0 for none. */
double median(double *values, unsigned int n);

struct span {
	double min, max;
};

/** Over the rounds of one mode. */
struct summary {
	unsigned int rounds; /**< that counted */
	uint64_t packets;
	struct figures median;
	double l2_or_better; /**< first touches in own L1 or L2 */
	struct span cycles_span, near_span;
	struct span lines_span[STEER_CACHE_LEVELS];
};

/** @return 0, -ENOMEM. */
int summarize(const struct result *r, enum steering mode, struct summary *s);
/** The same for one queue. */
int
summarize_queue(const struct result *r, enum steering mode, unsigned int queue, struct summary *s);

/** i-th mode (0..n-1) of a round: every mode equally often in every place and after every other. */
unsigned int order_mode(unsigned int n, unsigned int round, unsigned int i);

/** @return new reference, NULL without memory. */
json_t *result_json(const struct result *r);
/** "-": stdout. Appears whole or not at all. @return 0 or negative errno. */
int result_write_json(const struct result *r, const char *path);
int result_write_csv(const struct result *r, const char *path);
/** The tables of the terminal. @return 0 or -ENOMEM. */
int table_print(const struct result *r, FILE *out);
/** Head and one line of such a table; label up to 16 characters. */
void table_head(FILE *out, const char *label);
void table_line(FILE *out, const char *label, const char *where, const struct summary *s);

#endif /* RESULT_H */
