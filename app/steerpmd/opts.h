/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Command line of dpdk-steerpmd: the part behind EAL's "--". Names that dpdk-testpmd has mean here
 * what they mean there.
 */

#ifndef OPTS_H
#define OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <steer_trace.h>

#include "sweep_axes.h"

#define PMD_NAME            "dpdk-steerpmd"
#define MBUF_HEADROOM       128 /* DPDK's, which this file does without */

#define TXPKT_MIN           60
#define TXPKT_MAX           1514
#define RING_MAX            32768
#define PLATFORM_MAX        31  /* characters, as the device takes them */
#define MBCACHE_MAX         512 /* DPDK's */
/* As the session wants it: none in a model session, whose figures then do not depend on it. */
#define MBCACHE_DEFAULT     UINT16_MAX

/* Assumed: about what a core walks in the time of a packet. */
#define NOISE_LINES_DEFAULT 16

#define TRAFFIC_MIN         60 /* bytes of a frame without FCS, as steer_trace.h has them */
#define TRAFFIC_MAX         9000
#define TRAFFIC_FLOWS       65536
#define TRAFFIC_ZIPF_MAX    5000

/** Exit codes; scripts rely on them. */
enum pmd_exit {
	PMD_EXIT_OK = 0,
	PMD_EXIT_FAILURE = 1,
	PMD_EXIT_USAGE = 2,
	PMD_EXIT_UNSUPPORTED = 3,
};

enum fwd_mode { FWD_IO, FWD_MAC, FWD_MACSWAP, FWD_RXONLY, FWD_TXONLY, FWD_MODES };

enum topology { TOPO_PAIRED, TOPO_CHAINED, TOPO_LOOP };

/** Which CPU a queue's tag shall name. */
enum steering {
	STEERING_OFF,   /**< none: tags cleared */
	STEERING_RIGHT, /**< the CPU of the lcore that polls */
	STEERING_WRONG, /**< another CPU: the negative control */
	STEERING_NO_ST, /**< TPH is on without tags: mode "No ST" of the capability */
	STEERING_AUTO,  /**< left to the port: follows the polling lcore */
};
#define STEERING_EXPERIMENT 4 /* those before AUTO can be rounds of an experiment */

/** Where numbers are to come from. */
enum source_choice {
	SOURCE_AUTO, /**< PMU, else timing on real devices, else model on the emulated one */
	SOURCE_ALL,  /**< each that there is, by itself */
	SOURCE_MODEL,
	SOURCE_PMU,
	SOURCE_TIMING,
};

enum touch_kind { TOUCH_NONE, TOUCH_HEADER, TOUCH_PAYLOAD, TOUCH_ALL, TOUCH_RW };

/** What the application reads (and writes) of each packet. */
struct touch {
	enum touch_kind kind;
	uint32_t payload; /**< bytes after the header, TOUCH_PAYLOAD */
};

/** Noisy neighbour: an lcore that walks through memory. */
struct noise_conf {
	uint32_t mib; /**< 0: none */
	unsigned int lcore;
};

struct opts {
	bool help;
	enum fwd_mode fwd_mode;
	enum topology topology;
	uint16_t nb_rxq, nb_txq;
	uint16_t nb_cores; /**< 0: as many as useful for an experiment, else 1 */
	uint16_t burst;
	uint16_t nb_rxd, nb_txd; /**< 0: the driver's default */
	uint16_t mbuf_size;
	uint32_t total_num_mbufs; /**< 0: computed */
	uint16_t txpkt_len;
	unsigned int stats_period;
	bool interactive, auto_start, tx_first, poll_busy;
	struct touch touch;
	bool touch_given;
	uint32_t work; /**< iterations on each packet */
	struct noise_conf noise;
	uint32_t noise_lines;           /**< that it loads for a packet of a model session */
	bool latency;                   /**< Rx timestamps, and how old packets are when touched */
	struct steer_trace_gen traffic; /**< all 0: as the device's wire has it */
	enum steering steer;
	unsigned int nb_modes; /**< of an experiment, 0 none */
	enum steering modes[STEERING_EXPERIMENT];
	enum source_choice source;
	bool source_given; /**< by the user: plain forwarding is watched too */
	unsigned int rounds;
	uint64_t round_packets;  /**< 0: as the source has use for */
	uint64_t warmup_packets; /**< the same, when not given */
	bool warmup_given;
	bool dry_run;
	bool invert_control; /**< test hook: right and wrong change places */
	uint32_t lockstep;   /**< packets per queue and window */
	uint16_t backlog;    /**< packets per queue that wait behind the window */
	uint16_t mbcache;    /**< of an lcore and pool, or MBCACHE_DEFAULT */
	bool lockstep_given;
	bool model_lcores; /**< an lcore is a core of the model, whatever CPU it shares */
	const char *platform, *rings;
	uint64_t seed;
	const char *json, *csv, *input_name;
	const char *out, *preset; /**< of a sweep */
	struct sweep_axes sweep;
	bool preset_axes; /**< they are the preset's: the first one named here replaces them */
};

/**
 * Parse argv[1..argc-1]; strings are kept, not copied.
 * @param err gets one line without newline when the result is not PMD_EXIT_OK.
 */
enum pmd_exit opts_parse(int argc, char **argv, struct opts *o, char *err, size_t len);
void opts_usage(FILE *out);

const char *fwd_mode_name(enum fwd_mode mode);
/** @return enum fwd_mode or -EINVAL. */
int fwd_mode_parse(const char *text);
const char *steering_name(enum steering s);
/** @return enum steering or -EINVAL. */
int steering_parse(const char *text);
/** @return enum source_choice or -EINVAL. */
int source_choice_parse(const char *text);
const char *source_choice_name(enum source_choice s);
/** @return 0 or -EINVAL. */
int touch_parse(const char *text, struct touch *touch);
/** MIB@LCORE. @return 0 or -EINVAL. */
int noise_parse(const char *text, struct noise_conf *noise);
/** "none", "payload:64", ... into buf; returns buf. */
const char *touch_name(const struct touch *touch, char *buf, size_t len);
/** Decimal or 0x number in [min, max]. @return 0 or -EINVAL. */
int number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif /* OPTS_H */
