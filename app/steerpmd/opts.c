/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include <steer_cache.h>
#include <steer_shape.h>

#include "opts.h"
#include "traffic.h"
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

static int
fail(char *err, size_t len, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, len, fmt, ap);
	va_end(ap);
	return code;
}

static int
set_fwd(struct opts *o, const char *text, char *err, size_t len)
{
	int mode = fwd_mode_parse(text);

	if (mode < 0)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--forward-mode: no mode '%s' (io, mac, macswap, rxonly, txonly)",
			    text);
	o->fwd_mode = mode;
	return 0;
}

static int
set_topology(struct opts *o, const char *text, char *err, size_t len)
{
	if (strcmp(text, "paired") == 0)
		o->topology = TOPO_PAIRED;
	else if (strcmp(text, "chained") == 0)
		o->topology = TOPO_CHAINED;
	else if (strcmp(text, "loop") == 0)
		o->topology = TOPO_LOOP;
	else
		return fail(err, len, PMD_EXIT_USAGE,
			    "--port-topology: '%s' is not paired, chained or loop", text);
	return 0;
}

static int
set_touch(struct opts *o, const char *text, char *err, size_t len)
{
	if (touch_parse(text, &o->touch) != 0)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--touch: '%s' is not none, header, payload:N, all or rw", text);
	o->touch_given = true;
	return 0;
}

static int
set_noise(struct opts *o, const char *text, char *err, size_t len)
{
	if (noise_parse(text, &o->noise) == 0)
		return 0;
	return fail(err, len, PMD_EXIT_USAGE, "--noise: '%s' is not MIB@LCORE (1..65536 MiB)",
		    text);
}

static int
set_mix(struct opts *o, const char *text, char *err, size_t len)
{
	if (traffic_mix_parse(text, &o->traffic) == 0)
		return 0;
	return fail(err, len, PMD_EXIT_USAGE,
		    "--mix: '%s' is not imix or up to %u of SIZE:WEIGHT joined by '/'", text,
		    STEER_TRACE_MIX_MAX);
}

static int
set_zipf(struct opts *o, const char *text, char *err, size_t len)
{
	if (traffic_zipf_parse(text, &o->traffic.zipf_milli) == 0)
		return 0;
	return fail(err, len, PMD_EXIT_USAGE, "--zipf: '%s' is not an exponent 0..5 such as 0.99",
		    text);
}

static int
set_steer(struct opts *o, const char *text, char *err, size_t len)
{
	int s = steering_parse(text);

	if (s < 0)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--steer: '%s' is not auto, off, right or wrong", text);
	o->steer = s;
	return 0;
}

static int
set_experiment(struct opts *o, const char *text, char *err, size_t len)
{
	char copy[64], *save = NULL;
	int s;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return fail(err, len, PMD_EXIT_USAGE, "--experiment: list too long");
	o->nb_modes = 0;
	for (char *w = strtok_r(copy, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		s = steering_parse(w);
		if (s < 0 || s >= STEERING_EXPERIMENT)
			return fail(err, len, PMD_EXIT_USAGE,
				    "--experiment: '%s' is not off, right or wrong", w);
		for (unsigned int i = 0; i < o->nb_modes; i++)
			if (o->modes[i] == (enum steering)s)
				return fail(err, len, PMD_EXIT_USAGE,
					    "--experiment: '%s' is there twice", w);
		o->modes[o->nb_modes++] = s;
	}
	if (o->nb_modes == 0)
		return fail(err, len, PMD_EXIT_USAGE, "--experiment: the list is empty");
	return 0;
}

static int
set_platform(struct opts *o, const char *text, char *err, size_t len)
{
	struct steer_platform p;
	char why[256];

	o->platform = text;
	if (strlen(text) > PLATFORM_MAX)
		return fail(err, len, PMD_EXIT_USAGE, "--platform: longer than %u characters",
			    PLATFORM_MAX);
	if (steer_platform_parse(text, &p, why, sizeof(why)) == 0)
		return 0;
	return fail(err, len, PMD_EXIT_USAGE, "--platform: %s", why);
}

static int
set_rings(struct opts *o, const char *text, char *err, size_t len)
{
	const struct steer_ring_shape *s = NULL;
	size_t n;

	if (text[0] != '\0' && steer_shape_find(text) != NULL) {
		o->rings = text;
		return 0;
	}
	snprintf(err, len, "--rings: no shape '%s', known:", text);
	while ((s = steer_shape_next(s)) != NULL) {
		n = strlen(err);
		snprintf(err + n, len - n, " %s", s->name);
	}
	return PMD_EXIT_USAGE;
}

/* A number must never stand under a label that it does not have: no silent replacement. */
static int
set_source(struct opts *o, const char *text, char *err, size_t len)
{
	if (strcmp(text, "model") == 0)
		return 0;
	if (strcmp(text, "pmu") == 0 || strcmp(text, "timing") == 0)
		return fail(err, len, PMD_EXIT_UNSUPPORTED,
			    "--source: %s: not available in this version (use --source=model)",
			    text);
	return fail(err, len, PMD_EXIT_USAGE, "--source: '%s' is not model, pmu or timing", text);
}

static int
set_poll(struct opts *o, const char *text, char *err, size_t len)
{
	o->poll_busy = strcmp(text, "busy") == 0;
	if (!o->poll_busy && strcmp(text, "adaptive") != 0)
		return fail(err, len, PMD_EXIT_USAGE, "--poll: '%s' is not busy or adaptive", text);
	return 0;
}

static int
set_lockstep(struct opts *o, const char *text, char *err, size_t len)
{
	uint64_t n;

	if (number_parse(text, 1, 1024, &n) != 0)
		return fail(err, len, PMD_EXIT_USAGE, "--lockstep: '%s' is not a number in 1..1024",
			    text);
	o->lockstep = n;
	o->lockstep_given = true;
	return 0;
}

static int
set_model_cores(struct opts *o, const char *text, char *err, size_t len)
{
	o->model_lcores = strcmp(text, "lcore") == 0;
	if (!o->model_lcores && strcmp(text, "cpu") != 0)
		return fail(err, len, PMD_EXIT_USAGE, "--model-cores: '%s' is not cpu or lcore",
			    text);
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
	{"experiment", 0, "LIST", "rounds of these: off,right,wrong", CALL, 0, 0, 0,
	 set_experiment},
	{"flows", 0, "N", "flows of the emulated card's generator (the card's)", SET_U32,
	 AT(traffic.flows), 1, TRAFFIC_FLOWS},
	{"forward-mode", 0, "MODE", "io, mac, macswap, rxonly or txonly (io)", CALL, 0, 0, 0,
	 set_fwd},
	{"help", 'h', NULL, "this text", SET_FLAG, AT(help)},
	{"input-name", 0, "NAME", "what is on the wire, for the results: gen:64, pcap:NAME",
	 SET_TEXT, AT(input_name)},
	{"interactive", 'i', NULL, "prompt", SET_FLAG, AT(interactive)},
	{"json", 0, "FILE", "write the results as JSON ('-': stdout, instead of tables)", SET_TEXT,
	 AT(json)},
	{"latency", 0, NULL, "time from the card's timestamp to the touch", SET_FLAG, AT(latency)},
	{"lockstep", 0, "N", "model session, packets per queue and window, 1..1024 (32)", CALL, 0,
	 0, 0, set_lockstep},
	{"mbuf-size", 0, "N", "bytes of an mbuf's data buffer (2176)", SET_U16, AT(mbuf_size), 256,
	 UINT16_MAX},
	{"mbcache", 0, "N", "mbufs that an lcore keeps for itself, 0..512 (256; model session: 0)",
	 SET_U16, AT(mbcache), 0, MBCACHE_MAX},
	{"mix", 0, "MIX", "sizes of its packets: imix or SIZE:WEIGHT/... (the card's)", CALL, 0, 0,
	 0, set_mix},
	{"model-cores", 0, "W",
	 "what a core of the model is: a cpu, or each lcore (without tags) (cpu)", CALL, 0, 0, 0,
	 set_model_cores},
	{"nb-cores", 0, "N", "forwarding lcores (1; experiment: all)", SET_U16, AT(nb_cores), 1,
	 128},
	{"noise", 0, "MIB@LCORE", "an lcore that walks through so much memory", CALL, 0, 0, 0,
	 set_noise},
	{"platform", 0, "P", "platform of the cache model (zen5)", CALL, 0, 0, 0, set_platform},
	{"poll", 0, "HOW", "busy, or adaptive: idle lcores back off (adaptive)", CALL, 0, 0, 0,
	 set_poll},
	{"port-topology", 0, "T", "paired, chained or loop (paired)", CALL, 0, 0, 0, set_topology},
	{"rings", 0, "R", "shape of the rings in the model: virtio, mlx5, mlx5-cqe64 (virtio)",
	 CALL, 0, 0, 0, set_rings},
	{"round-packets", 0, "N", "packets of a round, all queues (4096)", SET_U64,
	 AT(round_packets), 1, UINT32_MAX},
	{"rounds", 0, "N", "rounds per mode (3)", SET_U32, AT(rounds), 1, 1000},
	{"rxd", 0, "N", "descriptors of an Rx ring (driver's)", SET_U16, AT(nb_rxd), 1, RING_MAX},
	{"rxq", 0, "N", "Rx queues per port (1)", SET_U16, AT(nb_rxq), 1, 128},
	{"seed", 0, "N", "seed of the model (1)", SET_U64, AT(seed), 0, UINT64_MAX},
	{"size", 0, "N", "bytes of its packets, 60..9000 (the card's)", SET_U32, AT(traffic.len),
	 TRAFFIC_MIN, TRAFFIC_MAX},
	{"source", 0, "S", "of the numbers: model (model)", CALL, 0, 0, 0, set_source},
	{"stats-period", 0, "S", "show statistics every S seconds (without -i)", SET_U32,
	 AT(stats_period), 1, 3600},
	{"steer", 0, "S", "auto, off, right or wrong (auto)", CALL, 0, 0, 0, set_steer},
	{"total-num-mbufs", 0, "N", "mbufs in all pools; there is one pool per queue (computed)",
	 SET_U32, AT(total_num_mbufs), 1, 1 << 24},
	{"touch", 0, "T",
	 "what is read of a packet: none, header, payload:N, all, rw (none; experiment: header)",
	 CALL, 0, 0, 0, set_touch},
	{"tx-first", 0, NULL, "send a burst on every port first", SET_FLAG, AT(tx_first)},
	{"txd", 0, "N", "descriptors of a Tx ring (driver's)", SET_U16, AT(nb_txd), 1, RING_MAX},
	{"txpkts", 0, "N", "bytes of a packet that txonly makes, 60..1514 (64)", SET_U16,
	 AT(txpkt_len), TXPKT_MIN, TXPKT_MAX},
	{"txq", 0, "N", "Tx queues per port (1)", SET_U16, AT(nb_txq), 1, 128},
	{"warmup-packets", 0, "N", "packets before each round that are not counted (1024)", SET_U64,
	 AT(warmup_packets), 0, UINT32_MAX},
	{"work", 0, "N", "arithmetic on each packet, iterations (0)", SET_U32, AT(work), 0,
	 WORK_MAX},
	{"zipf", 0, "S", "popularity of its flows, exponent 0..5 (the card's)", CALL, 0, 0, 0,
	 set_zipf},
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
			return fail(err, len, PMD_EXIT_USAGE, "--%s: empty", s->name);
		*(const char **)field = text;
		return 0;
	}
	if (number_parse(text, s->min, s->max, &v) != 0)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--%s: '%s' is not a number in %" PRIu64 "..%" PRIu64, s->name, text,
			    s->min, s->max);
	if (s->how == SET_U16)
		*(uint16_t *)field = v;
	else if (s->how == SET_U32)
		*(uint32_t *)field = v;
	else
		*(uint64_t *)field = v;
	return 0;
}

static bool
untagged(const struct opts *o)
{
	if (o->nb_modes == 0)
		return o->steer == STEERING_OFF;
	return o->nb_modes == 1 && o->modes[0] == STEERING_OFF;
}

static int
check(struct opts *o, char *err, size_t len)
{
	if (o->txpkt_len > o->mbuf_size - MBUF_HEADROOM)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--txpkts %u: does not fit an mbuf of --mbuf-size %u (%u of them are "
			    "headroom)",
			    o->txpkt_len, o->mbuf_size, MBUF_HEADROOM);
	if (o->traffic.len != 0 && o->traffic.nmix != 0)
		return fail(err, len, PMD_EXIT_USAGE, "--size and --mix: give one of them");
	if (traffic_given(o) && !o->lockstep_given && o->nb_modes == 0)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--size, --mix, --flows, --zipf: only a model session can ask the "
			    "card for traffic (--lockstep or --experiment)");
	if (o->model_lcores && !untagged(o))
		return fail(err, len, PMD_EXIT_USAGE,
			    "--model-cores=lcore: tags name CPUs: only with --experiment=off or "
			    "--steer=off");
	if (o->nb_modes == 0)
		return 0;
	if (o->interactive)
		return fail(err, len, PMD_EXIT_USAGE, "--experiment does not go with -i");
	if (o->fwd_mode == FWD_TXONLY)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--experiment needs a forward mode that receives, not txonly");
	if (o->nb_rxq != o->nb_txq)
		return fail(err, len, PMD_EXIT_USAGE,
			    "--experiment needs as many Tx as Rx queues (--rxq %u --txq %u)",
			    o->nb_rxq, o->nb_txq);
	if (!o->touch_given)
		o->touch.kind = TOUCH_HEADER;
	return 0;
}

enum pmd_exit
opts_parse(int argc, char **argv, struct opts *o, char *err, size_t len)
{
	struct option longs[NSPECS + 1] = {0};
	char shorts[2 * NSPECS + 2] = ":";
	int c, rc, n = 1;

	*o = (struct opts){
		.nb_rxq = 1,
		.nb_txq = 1,
		.burst = 32,
		.mbuf_size = DEFAULT_MBUF_SIZE,
		.txpkt_len = 64,
		.steer = STEERING_AUTO,
		.rounds = 3,
		.round_packets = 4096,
		.warmup_packets = 1024,
		.lockstep = DEFAULT_WINDOW,
		.mbcache = MBCACHE_DEFAULT,
		.platform = "zen5",
		.rings = "virtio",
		.seed = 1,
		.input_name = "unnamed",
	};
	for (unsigned int i = 0; i < NSPECS; i++) {
		longs[i] = (struct option){.name = specs[i].name,
					   .has_arg = specs[i].arg != NULL,
					   .val = 256 + (int)i};
		if (specs[i].letter != 0)
			shorts[n++] = specs[i].letter;
	}
	shorts[n] = '\0';
	opterr = 0;
	optind = 0; /* glibc: start over, also after EAL's own use */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		for (unsigned int i = 0; c < 256 && i < NSPECS; i++)
			if (specs[i].letter == c)
				c = 256 + (int)i;
		if (c < 256)
			return fail(err, len, PMD_EXIT_USAGE, "%s: %s (--help lists the options)",
				    argv[optind - 1],
				    c == ':' ? "needs an argument" : "unknown option");
		rc = apply(&specs[c - 256], o, optarg, err, len);
		if (rc != 0)
			return rc;
	}
	if (optind < argc)
		return fail(err, len, PMD_EXIT_USAGE, "%s: not an option (--help lists them)",
			    argv[optind]);
	return check(o, err, len);
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
