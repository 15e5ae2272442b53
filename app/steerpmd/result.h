/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Results of an experiment: the figures of every round and queue as their source gave them, and
 * what is made of them: medians and quartiles over rounds, intervals of differences, verdicts; and
 * their forms: table, JSON and CSV. Main thread only.
 */

#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include <steer_source.h>
#include <steer_stat.h>

#include "opts.h"
#include "witness.h"

#define RESULT_NO_TAG   (-1) /* the device cannot be steered, or has no tag in this mode */
#define RESULT_REVISION 2

struct queue_result {
	uint16_t port;
	uint16_t rx_queue;
	unsigned int lcore;
	uint32_t cpu; /**< of the lcore */
	int tag;      /**< of the Rx queue as read back, 0 none, RESULT_NO_TAG */
	struct steer_figures fig;
};

/** Time from the NIC's timestamp to the touch. */
struct latency_figures {
	uint64_t samples;      /**< 0: the device gives no timestamps, nothing is known */
	double p50, p99, p999; /**< ns */
};

struct round_result {
	enum steering mode;
	unsigned int round;               /**< from 0 */
	struct steer_figures fig;         /**< of all queues together */
	double mpps;                      /**< 0: not known, as in lockstep */
	struct latency_figures lat;       /**< of all queues together */
	struct steer_cache_dma_stats dma; /**< of the model's device; no writes: not known */
	struct witness_figures witness;   /**< of the whole machine meanwhile */
	struct queue_result *queues;      /**< result.nb_queues */
};

/** What changing the tags of running queues costs. */
struct resteer_figures {
	uint64_t moves; /**< 0: not measured */
	double median_us, max_us;
	uint64_t packets_lost;
};

struct result {
	struct opts opts;            /**< as they were, with defaults filled in */
	enum steer_source_id source; /**< of every number in it */
	enum steer_source_unit unit;
	struct steer_platform machine;         /**< of the model */
	const struct steer_platform *platform; /**< that one; NULL for other sources */
	bool steered;                          /**< the device takes tags */
	bool complete;                         /**< all rounds were run */
	unsigned int nb_cores;                 /**< lcores that forwarded */
	uint16_t nb_rxd, nb_txd;               /**< as the device has them */
	unsigned int nb_queues;
	unsigned int nb_rounds, max_rounds; /**< all modes together */
	struct round_result *rounds;
	struct resteer_figures resteer;
	char witness_why[STEER_SOURCE_WHY]; /**< no witness, or not of all rounds; or "" */
	json_t *detail;                     /**< from the source, owned; NULL none */
	json_t *point;                      /**< of a sweep, owned; NULL none */
	double elapsed_s;
};

/** Room for max_rounds rounds. @return 0 or -ENOMEM. */
int result_init(struct result *r, unsigned int nb_queues, unsigned int max_rounds);
void result_free(struct result *r);
/** Was this mode part of the experiment? */
bool result_has_mode(const struct result *r, enum steering mode);
/** i-th mode (0..n-1) of a round: every mode equally often in every place and after every other. */
unsigned int order_mode(unsigned int n, unsigned int round, unsigned int i);

/** One number of a round or queue. */
enum figure {
	FIG_LINES,                                  /**< + level */
	FIG_TOUCH = FIG_LINES + STEER_CACHE_LEVELS, /**< + level */
	FIG_NEAR = FIG_TOUCH + STEER_CACHE_LEVELS,  /**< first touches in own L1 or L2, 0..1 */
	FIG_CYCLES,
	FIG_MPPS,
	FIG_WRITE_HITS, /**< device writes that found their line in a cache, 0..1 */
	FIG_P50,
	FIG_P99,
	FIG_P999,
	FIG_WITNESS, /**< + kind of enum steer_pmu_witness_kind or witness_share */
	FIGURES = FIG_WITNESS + WITNESS_FIGURES
};

/** Those that a source gives. @return false: this one is not known. */
bool figure_of(const struct steer_figures *f, enum figure fig, double *v);
/**
 * One figure of all rounds of a mode where it is known, in the order of measurement.
 * @param queue of the rounds, or -1: all of them together.
 * @param values room for nb_rounds.
 */
size_t result_series(const struct result *r, enum steering mode, int queue, enum figure fig,
		     double *values);
/** Sums that the model counts, as figures. */
void figures_of_counters(const struct steer_platform *p, const struct steer_cache_counters *ctr,
			 uint64_t packets, struct steer_figures *f);
/** Several threads or queues as one: means weighted by packets of what all of them know. */
void figures_merge(const struct steer_figures *parts, unsigned int n, struct steer_figures *f);

/** Levels that are one with the level before, as bits. */
uint32_t figures_joined(const struct steer_figures *f);
/** Sum them up in the first of each group, the others are not known then. */
void figures_join(struct steer_figures *f, uint32_t joined);
/** Levels that are joined in any round or queue. */
uint32_t result_joined(const struct result *r);
/** Join them in all. */
void result_join(struct result *r);

/** Over rounds; nothing holds where n is 0. */
struct spread {
	size_t n;
	double median, min, max, q1, q3;
};

/** Over the rounds of one mode. */
struct summary {
	unsigned int rounds; /**< that counted */
	uint64_t packets, latency_samples;
	struct spread fig[FIGURES];
	enum steer_stat_verdict stability; /**< of the cycles per packet, or what there is */
	char why[STEER_STAT_WHY];
};

/** @param queue or -1. @return 0, -ENOMEM. */
int summarize(const struct result *r, enum steering mode, int queue, struct summary *s);

/** Difference of the medians of two modes, with its 95 % interval. */
struct comparison {
	enum steering a, b;
	enum figure fig;
	struct steer_stat_interval iv; /**< a - b */
};
#define COMPARISONS_MAX 15

/** @return how many there are: pairs of modes that both have at least two rounds. */
unsigned int compare_modes(const struct result *r, struct comparison out[COMPARISONS_MAX]);
/**
 * Is a better or worse than b, by more than chance and by at least a hundredth?
 * @return "gain", "loss", the same with a question mark where the rounds of a mode are unstable, or
 * "": neither.
 */
const char *comparison_word(const struct result *r, const struct comparison *c);

enum control_verdict { CONTROL_ABSENT, CONTROL_VALID, CONTROL_INVALID };

/** What the negative control says about the gain of "right". */
struct control {
	enum control_verdict verdict;
	char why[192];
};
void control_check(const struct result *r, struct control *c);
const char *control_name(enum control_verdict verdict);
enum witness_state { WITNESS_ABSENT, WITNESS_CANNOT_TELL, WITNESS_AGREES, WITNESS_CONTRADICTS };

/** What the system's counters say about the figures. */
struct witness_verdict {
	enum witness_state state;
	char why[STEER_SOURCE_WHY + 16];
};
void witness_check(const struct result *r, struct witness_verdict *v);
const char *witness_state_name(enum witness_state state);
/** Counts per packet and shares by their names; null without. @return new reference. */
json_t *witness_round_json(const struct witness_figures *f);
/** Medians of the same. */
json_t *witness_summary_json(const struct summary *s);
/** Verdict and reason. */
json_t *witness_json(const struct result *r);
/** "cycles_per_packet", "l2_or_better", ... */
const char *figure_name(enum figure fig);

/** @return new reference, NULL without memory. */
json_t *result_json(const struct result *r);
/** Groups of levels that the source cannot tell apart: [["l1","l2"]]. */
json_t *merged_json(uint32_t joined);
/** All of the configuration that may change a number. @return new reference or NULL. */
json_t *config_json(const struct result *r);
json_t *machine_json(void);
json_t *tool_json(void);
/** Now, as RFC 3339 has it, UTC. */
json_t *time_json(void);
/** "-": stdout. Appears whole or not at all. @return 0 or negative errno. */
int json_write(const json_t *o, const char *path);
/** Raw rounds of result objects, an array, for a spreadsheet. @return 0 or negative errno. */
int csv_write(const json_t *objects, const char *path);

/** The tables of the terminal. @return 0 or -ENOMEM. */
int table_print(const struct result *r, FILE *out);
/** Below it: what the source says of itself, and what was witnessed. */
void table_detail(const struct result *r, FILE *out);
void table_witness(const struct summary *s, enum steering mode, FILE *out);
void table_witness_verdict(const struct result *r, FILE *out);
/** The same experiment by several sources, side by side. */
int table_sources(const struct result *r, unsigned int n, FILE *out);
/** What the columns of levels hold, in words for a title. */
const char *table_what(enum steer_source_unit unit);
/** A line for each group of joined levels. */
void table_merged(uint32_t joined, FILE *out);
/** Figures of a queue or thread as such a line. */
void table_figures(FILE *out, const char *label, const char *where, const struct steer_figures *f);
/** The same where the source has none, not even how many packets there were. */
void table_unknown(FILE *out, const char *label, const char *where);
/** Head and one line of such a table; label up to 16 characters. */
void table_head(FILE *out, const char *label);
void table_line(FILE *out, const char *label, const char *where, const struct summary *s,
		enum steer_source_unit unit);

#endif /* RESULT_H */
