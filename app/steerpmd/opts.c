/* SPDX-License-Identifier: BSD-3-Clause */

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "opts_priv.h"
#include "work.h"

#define DEFAULT_MBUF_SIZE (2048 + MBUF_HEADROOM) /* as testpmd */
#define DEFAULT_WINDOW    32

/** One option: how its argument is taken and where it goes. */
struct option_spec {
	const char *name;
	char letter; /* short form, 0 none */
	const char *arg;
	const char *help;
	enum { SET_FLAG, SET_U16, SET_U32, SET_U64, SET_TEXT, CALL } how;
	size_t offset;
	uint64_t min, max;
	int (*call)(struct opts *o, const char *text, char *err, size_t len);
};

int
opts_fail(char *err, size_t len, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, len, fmt, ap);
	va_end(ap);
	return code;
}

static int
set_warmup(struct opts *o, const char *text, char *err, size_t len)
{
	o->warmup_given = number_parse(text, 0, UINT32_MAX, &o->warmup_packets) == 0;
	if (!o->warmup_given)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--warmup-packets: '%s' is not a number in 0..%" PRIu32, text,
				 UINT32_MAX);
	return 0;
}

#define AT(field) offsetof(struct opts, field)

static const struct option_spec specs[] = {
	{"auto-start", 'a', NULL, "start forwarding at once (with -i)", SET_FLAG, AT(auto_start)},
	{"backlog", 0, "N",
	 "model session, packets per queue that wait in the Rx ring behind the window (0)", SET_U16,
	 AT(backlog), 0, RING_MAX},
	{"burst", 0, "N", "packets per burst, 1..512 (32)", SET_U16, AT(burst), 1, 512},
	{"csv", 0, "FILE", "write the raw rounds as CSV", SET_TEXT, AT(csv)},
	{"dry-run", 0, NULL, "tell what would be measured, and how, and leave", SET_FLAG,
	 AT(dry_run)},
	{"experiment", 0, "LIST", "rounds of these: off,right,wrong,no-st", CALL, 0, 0, 0,
	 opts_set_experiment},
	{"flows", 0, "N", "flows of the emulated card's generator (the card's)", SET_U32,
	 AT(traffic.flows), 1, TRAFFIC_FLOWS},
	{"forward-mode", 0, "MODE", "io, mac, macswap, rxonly or txonly (io)", CALL, 0, 0, 0,
	 opts_set_fwd},
	{"help", 'h', NULL, "this text", SET_FLAG, AT(help)},
	{"input-name", 0, "NAME", "what is on the wire, for the results: gen:64, pcap:NAME",
	 SET_TEXT, AT(input_name)},
	{"interactive", 'i', NULL, "prompt", SET_FLAG, AT(interactive)},
	{"json", 0, "FILE", "write the results as JSON ('-': stdout, instead of tables)", SET_TEXT,
	 AT(json)},
	{"latency", 0, NULL, "time from the card's timestamp to the touch", SET_FLAG, AT(latency)},
	{"lockstep", 0, "N", "model session, packets per queue and window, 1..1024 (32)", CALL, 0,
	 0, 0, opts_set_lockstep},
	{"mbuf-size", 0, "N", "bytes of an mbuf's data buffer (2176)", SET_U16, AT(mbuf_size), 256,
	 UINT16_MAX},
	{"mbcache", 0, "N", "mbufs that an lcore keeps for itself, 0..512 (256; model session: 0)",
	 SET_U16, AT(mbcache), 0, MBCACHE_MAX},
	{"mix", 0, "MIX",
	 "packet sizes of the emulated card's generator: imix or SIZE:WEIGHT/... (the card's)",
	 CALL, 0, 0, 0, opts_set_mix},
	{"model-cores", 0, "W",
	 "what a core of the model is: a cpu, or each lcore (without tags) (cpu)", CALL, 0, 0, 0,
	 opts_set_model_cores},
	{"nb-cores", 0, "N", "forwarding lcores (1; experiment: all)", SET_U16, AT(nb_cores), 1,
	 128},
	{"noise", 0, "MIB@LCORE", "an lcore that walks through so much memory", CALL, 0, 0, 0,
	 opts_set_noise},
	{"noise-lines", 0, "N",
	 "model session: lines that --noise loads in the time of a packet, 1..1024 (16)", SET_U32,
	 AT(noise_lines), 1, STEER_TRACE_NOISE_MAX_LINES},
	{"out", 0, "FILE", "JSON lines of a sweep; continued when it is there", SET_TEXT, AT(out)},
	{"platform", 0, "P", "platform of the cache model (zen5)", CALL, 0, 0, 0,
	 opts_set_platform},
	{"poll", 0, "HOW", "busy, or adaptive: idle lcores back off (adaptive)", CALL, 0, 0, 0,
	 opts_set_poll},
	{"port-topology", 0, "T", "paired, chained or loop (paired)", CALL, 0, 0, 0,
	 opts_set_topology},
	{"preset", 0, "NAME", "a published experiment: atc20", CALL, 0, 0, 0, opts_set_preset},
	{"rings", 0, "R", "shape of the rings in the model: virtio, mlx5, mlx5-cqe64 (virtio)",
	 CALL, 0, 0, 0, opts_set_rings},
	{"round-packets", 0, "N", "packets of a round, all queues (model 4096, else 262144)",
	 SET_U64, AT(round_packets), 1, UINT32_MAX},
	{"rounds", 0, "N", "rounds per mode (10)", SET_U32, AT(rounds), 1, 1000},
	{"rxd", 0, "N", "descriptors of an Rx ring (driver's)", SET_U16, AT(nb_rxd), 1, RING_MAX},
	{"rxq", 0, "N", "Rx queues per port (1)", SET_U16, AT(nb_rxq), 1, 128},
	{"seed", 0, "N", "seed of the model (1)", SET_U64, AT(seed), 0, UINT64_MAX},
	{"size", 0, "N",
	 "bytes of a packet of the emulated card's generator, 60..9000 (the card's)", SET_U32,
	 AT(traffic.len), TRAFFIC_MIN, TRAFFIC_MAX},
	{"source", 0, "S",
	 "of the numbers: auto, all, model, pmu, timing (experiment: auto; else none)", CALL, 0, 0,
	 0, opts_set_source},
	{"stats-period", 0, "S", "show statistics every S seconds (without -i)", SET_U32,
	 AT(stats_period), 1, 3600},
	{"steer", 0, "S", "auto, off, right or wrong (auto)", CALL, 0, 0, 0, opts_set_steer},
	{"sweep", 0, "AXES", "experiment over all of SIZE=A,B RING=C..D ..., into --out", CALL, 0,
	 0, 0, opts_set_sweep},
	{"test-invert-control", 0, NULL, "for tests: right and wrong change places", SET_FLAG,
	 AT(invert_control)},
	{"total-num-mbufs", 0, "N", "mbufs in all pools; there is one pool per queue (computed)",
	 SET_U32, AT(total_num_mbufs), 1, 1 << 24},
	{"touch", 0, "T",
	 "what is read of a packet: none, header, payload:N, all, rw (none; experiment: header)",
	 CALL, 0, 0, 0, opts_set_touch},
	{"tx-first", 0, NULL, "send a burst on every port first", SET_FLAG, AT(tx_first)},
	{"txd", 0, "N", "descriptors of a Tx ring (driver's)", SET_U16, AT(nb_txd), 1, RING_MAX},
	{"txpkts", 0, "N", "bytes of a packet that txonly makes, 60..1514 (64)", SET_U16,
	 AT(txpkt_len), TXPKT_MIN, TXPKT_MAX},
	{"txq", 0, "N", "Tx queues per port (1)", SET_U16, AT(nb_txq), 1, 128},
	{"warmup-packets", 0, "N", "packets before each round that are not counted (all buffers)",
	 CALL, 0, 0, 0, set_warmup},
	{"work", 0, "N", "arithmetic on each packet, iterations (0)", SET_U32, AT(work), 0,
	 WORK_MAX},
	{"zipf", 0, "S",
	 "popularity of the emulated card's flows: exponent 0..5 of its generator (the card's)",
	 CALL, 0, 0, 0, opts_set_zipf},
};
#define NSPECS (sizeof(specs) / sizeof(specs[0]))

static int
apply(const struct option_spec *s, struct opts *o, const char *text, char *err, size_t len)
{
	void *field = (char *)o + s->offset;
	uint64_t v;

	if (s->how == CALL)
		return s->call(o, text, err, len);
	if (s->how == SET_FLAG) {
		*(bool *)field = true;
		return 0;
	}
	if (s->how == SET_TEXT) {
		if (text[0] == '\0')
			return opts_fail(err, len, PMD_EXIT_USAGE, "--%s: empty", s->name);
		*(const char **)field = text;
		return 0;
	}
	if (number_parse(text, s->min, s->max, &v) != 0)
		return opts_fail(err, len, PMD_EXIT_USAGE,
				 "--%s: '%s' is not a number in %" PRIu64 "..%" PRIu64, s->name,
				 text, s->min, s->max);
	if (s->how == SET_U16)
		*(uint16_t *)field = v;
	else if (s->how == SET_U32)
		*(uint32_t *)field = v;
	else
		*(uint64_t *)field = v;
	return 0;
}

int
opts_set(struct opts *o, const char *name, const char *text, char *err, size_t len)
{
	for (unsigned int i = 0; i < NSPECS; i++)
		if (strcmp(specs[i].name, name) == 0)
			return apply(&specs[i], o, text, err, len);
	return opts_fail(err, len, PMD_EXIT_USAGE,
			 "--%s: unknown option (--help lists the options)", name);
}

/* What getopt wants to know. */
struct getopt_form {
	struct option longs[NSPECS + 1];
	char shorts[2 * NSPECS + 2];
};

static void
form_fill(struct getopt_form *form)
{
	int n = 0;

	*form = (struct getopt_form){0};
	form->shorts[n++] = ':';
	for (unsigned int i = 0; i < NSPECS; i++) {
		form->longs[i] = (struct option){.name = specs[i].name,
						 .has_arg = specs[i].arg != NULL,
						 .val = 256 + (int)i};
		if (specs[i].letter != 0)
			form->shorts[n++] = specs[i].letter;
	}
}

static const struct option_spec *
spec_of(int c)
{
	for (unsigned int i = 0; c < 256 && i < NSPECS; i++)
		if (specs[i].letter == c)
			return &specs[i];
	return c < 256 ? NULL : &specs[c - 256];
}

/* Presets first, wherever they stand: the rest counts more. */
static int
parse_pass(int argc, char **argv, bool presets, struct opts *o, char *err, size_t len)
{
	const struct option_spec *s;
	struct getopt_form form;
	int c, rc = 0;

	form_fill(&form);
	opterr = 0;
	optind = 0; /* glibc: start over, also after EAL's own use */
	while (rc == 0 && (c = getopt_long(argc, argv, form.shorts, form.longs, NULL)) != -1) {
		s = spec_of(c);
		if (s == NULL)
			return opts_fail(err, len, PMD_EXIT_USAGE,
					 "%s: %s (--help lists the options)", argv[optind - 1],
					 c == ':' ? "needs an argument" : "unknown option");
		if ((s->call == opts_set_preset) == presets)
			rc = apply(s, o, optarg, err, len);
	}
	return rc;
}

/* Axes of a sweep may stand as words of their own. */
static int
parse_words(int argc, char **argv, struct opts *o, char *err, size_t len)
{
	int rc = 0;

	for (; optind < argc && rc == 0; optind++) {
		if (o->sweep.n == 0 || strchr(argv[optind], '=') == NULL)
			return opts_fail(err, len, PMD_EXIT_USAGE,
					 "%s: not an option (--help lists them)", argv[optind]);
		rc = opts_set_sweep(o, argv[optind], err, len);
	}
	return rc;
}

enum pmd_exit
opts_parse(int argc, char **argv, struct opts *o, char *err, size_t len)
{
	int rc;

	*o = (struct opts){
		.nb_rxq = 1,
		.nb_txq = 1,
		.burst = 32,
		.mbuf_size = DEFAULT_MBUF_SIZE,
		.txpkt_len = 64,
		.steer = STEERING_AUTO,
		.rounds = 10,
		.lockstep = DEFAULT_WINDOW,
		.mbcache = MBCACHE_DEFAULT,
		.platform = "zen5",
		.rings = "virtio",
		.seed = 1,
		.input_name = "unnamed",
	};
	rc = parse_pass(argc, argv, true, o, err, len);
	o->preset_axes = o->sweep.n != 0;
	if (rc == 0)
		rc = parse_pass(argc, argv, false, o, err, len);
	if (rc == 0)
		rc = parse_words(argc, argv, o, err, len);
	return rc != 0 ? rc : opts_check(o, err, len);
}

void
opts_usage(FILE *out)
{
	char left[40];

	fprintf(out, "usage: " PMD_NAME " [EAL options] -- [options]\n");
	for (unsigned int i = 0; i < NSPECS; i++) {
		snprintf(left, sizeof(left), "--%s%s%s", specs[i].name,
			 specs[i].arg != NULL ? "=" : "", specs[i].arg != NULL ? specs[i].arg : "");
		if (specs[i].letter != 0)
			fprintf(out, "  -%c, %-22s %s\n", specs[i].letter, left, specs[i].help);
		else
			fprintf(out, "      %-22s %s\n", left, specs[i].help);
	}
	fprintf(out, "exit: 0 success, 1 failure, 2 bad usage, 3 unsupported\n");
}
