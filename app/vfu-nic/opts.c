/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"

enum {
	O_SOCK = 256,
	O_QUEUES,
	O_WIRE,
	O_TPH,
	O_TPH_LOG,
	O_ENTRIES,
	O_TAGS,
	O_GET,
	O_FAULT,
	O_FEATURE,
	O_TABLE,
	O_SWAP,
	O_POLL,
	O_VECTORS,
	O_RING,
	O_MAC,
	O_MTU,
	O_NO_MRG,
	O_NO_RSS,
	O_NO_CTRL,
	O_PACKED,
	O_CHECK,
	O_HELP
};

static const struct option long_opts[] = {
	{"sock", required_argument, NULL, O_SOCK},
	{"queues", required_argument, NULL, O_QUEUES},
	{"wire", required_argument, NULL, O_WIRE},
	{"tph", required_argument, NULL, O_TPH},
	{"tph-log", no_argument, NULL, O_TPH_LOG},
	{"tph-entries", required_argument, NULL, O_ENTRIES},
	{"tph-tags", required_argument, NULL, O_TAGS},
	{"tph-get", required_argument, NULL, O_GET},
	{"tph-fault", required_argument, NULL, O_FAULT},
	{"tph-feature", required_argument, NULL, O_FEATURE},
	{"tph-table", required_argument, NULL, O_TABLE},
	{"test-swap-tags", required_argument, NULL, O_SWAP},
	{"poll", required_argument, NULL, O_POLL},
	{"vectors", required_argument, NULL, O_VECTORS},
	{"ring-size", required_argument, NULL, O_RING},
	{"mac", required_argument, NULL, O_MAC},
	{"mtu", required_argument, NULL, O_MTU},
	{"no-mrg-rxbuf", no_argument, NULL, O_NO_MRG},
	{"no-rss", no_argument, NULL, O_NO_RSS},
	{"no-ctrl-vq", no_argument, NULL, O_NO_CTRL},
	{"packed", no_argument, NULL, O_PACKED},
	{"check", no_argument, NULL, O_CHECK},
	{"tsm", required_argument, NULL, O_TSM},
	{"tsm-name", required_argument, NULL, O_TSM_NAME},
	{"tsm-ca", required_argument, NULL, O_TSM_CA},
	{"tsm-st-write", required_argument, NULL, O_TSM_ST},
	{"tsm-fault", required_argument, NULL, O_TSM_FAULT},
	{"tee", no_argument, NULL, O_TEE},
	{"help", no_argument, NULL, O_HELP},
	{NULL, 0, NULL, 0},
};

void
nic_opts_usage(FILE *f)
{
	fputs("usage: vfu-nic [EAL options] -- --sock PATH --wire WIRE [options]\n"
	      "  --sock PATH            socket to serve (created, mode 0600)\n"
	      "  --wire WIRE            gen[,size=64|imix][,flows=N] or a DPDK device: "
	      "net_pcap0,...\n"
	      "  --queues N             queue pairs, 1..128 (default 1)\n"
	      "  --vectors N            MSI-X vectors, 1..257 (default 2 * queues + 1)\n"
	      "  --ring-size N          descriptors per ring, power of two, 8..4096 (default 256)\n"
	      "  --mac XX:XX:XX:XX:XX:XX\n"
	      "  --mtu N                68..9216 (default 1500)\n"
	      "  --no-mrg-rxbuf --no-rss --no-ctrl-vq   features not to offer\n"
	      "  --packed               offer packed rings\n"
	      "  --tph MODE             iv-cap (default), iv-msix, ds-reg, none\n"
	      "  --tph-entries N        of the ST table (default: one per vector, 64 at most for\n"
	      "                         iv-cap)\n"
	      "  --tph-log              print each change of the control register and ST table\n"
	      "  --tph-tags KIND        standard (8 bits, default), extended (16 bits)\n"
	      "  --tph-get KIND         by-cpu (default), by-index: what GET of TPH_ST answers\n"
	      "  --tph-fault KIND       clear-to-zero, partial, silent-drop: kernels that do so\n"
	      "  --tph-feature N        index of the device feature TPH_ST, 14..65535 (default "
	      "65024)\n"
	      "  --tph-table KIND       closed (default), open: the ST table of iv-cap takes "
	      "writes\n"
	      "  --test-swap-tags A,B   these tags change places on the way to the cache\n"
	      "  --poll KIND            adaptive (default), busy\n"
	      "  --check                verify the generator's sequence numbers that come back\n",
	      f);
	nic_opts_tsm_usage(f);
	fputs("  --help\n", f);
}

static int
bad(const char *opt, const char *val, const char *allowed)
{
	fprintf(stderr, "vfu-nic: --%s: '%s' is wrong: give %s\n", opt, val, allowed);
	return -EINVAL;
}

/* One unsigned number, decimal or 0x, up to the stop character. */
static int
number(const char *s, char stop, unsigned long *v, const char **end)
{
	char *e;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	*v = strtoul(s, &e, 0);
	if (errno != 0 || *e != stop)
		return -EINVAL;
	if (end != NULL)
		*end = e;
	return 0;
}

static int
range(const char *opt, const char *val, unsigned long lo, unsigned long hi, uint16_t *out)
{
	char allowed[64];
	unsigned long v;

	if (number(val, '\0', &v, NULL) == 0 && v >= lo && v <= hi) {
		*out = (uint16_t)v;
		return 0;
	}
	snprintf(allowed, sizeof(allowed), "a number %lu..%lu", lo, hi);
	return bad(opt, val, allowed);
}

static int
word(const char *opt, const char *val, const char *const *words, const char *allowed)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(val, words[i]) == 0)
			return i;
	return bad(opt, val, allowed);
}

static int
text(const char *opt, const char *val, char *out, size_t size)
{
	char allowed[48];

	if (val[0] != '\0' && strlen(val) < size) {
		strcpy(out, val);
		return 0;
	}
	snprintf(allowed, sizeof(allowed), "1..%zu characters", size - 1);
	return bad(opt, val, allowed);
}

static int
ring_size(const char *val, uint16_t *out)
{
	unsigned long v;

	if (number(val, '\0', &v, NULL) < 0 || v < 8 || v > 4096 || (v & (v - 1)) != 0)
		return bad("ring-size", val, "a power of two 8..4096");
	*out = (uint16_t)v;
	return 0;
}

static int
mac(const char *val, uint8_t *out)
{
	unsigned int b[6], i;
	int n = 0;

	if (strlen(val) != 17 || strspn(val, "0123456789abcdefABCDEF:") != 17 ||
	    sscanf(val, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &n) != 6 ||
	    n != 17 || (b[0] & 1) != 0)
		return bad("mac", val, "a unicast address like 02:00:00:00:00:01");
	for (i = 0; i < 6; i++)
		out[i] = (uint8_t)b[i];
	return 0;
}

static int
swap(struct nic_opts *o, const char *val)
{
	unsigned long a, b;
	const char *comma;

	if (number(val, ',', &a, &comma) < 0 || number(comma + 1, '\0', &b, NULL) < 0 || a == 0 ||
	    b == 0 || a > UINT16_MAX || b > UINT16_MAX || a == b)
		return bad("test-swap-tags", val, "two different tags A,B of 1..65535");
	o->tph_swap = true;
	o->swap_a = (uint16_t)a;
	o->swap_b = (uint16_t)b;
	return 0;
}

static int
tph_option(struct nic_opts *o, int opt, const char *val)
{
	static const char *const modes[] = {"none", "iv-cap", "iv-msix", "ds-reg", NULL};
	static const char *const tags[] = {"standard", "extended", NULL};
	static const char *const gets[] = {"by-cpu", "by-index", NULL};
	static const char *const faults[] = {"none", "clear-to-zero", "partial", "silent-drop",
					     NULL};
	static const char *const tables[] = {"closed", "open", NULL};
	int v;

	switch (opt) {
	case O_TPH:
		v = word("tph", val, modes, "iv-cap, iv-msix, ds-reg or none");
		o->tph = (enum nic_tph)v;
		return v < 0 ? v : 0;
	case O_TAGS:
		v = word("tph-tags", val, tags, "standard or extended");
		o->tph_extended = v == 1;
		return v < 0 ? v : 0;
	case O_GET:
		v = word("tph-get", val, gets, "by-cpu or by-index");
		o->tph_get = (enum nic_tph_get)v;
		return v < 0 ? v : 0;
	case O_FAULT:
		v = word("tph-fault", val, faults, "clear-to-zero, partial, silent-drop or none");
		o->tph_fault = (enum nic_tph_fault)v;
		return v < 0 ? v : 0;
	case O_TABLE:
		v = word("tph-table", val, tables, "closed or open");
		o->tph_open = v == 1;
		return v < 0 ? v : 0;
	case O_ENTRIES: return range("tph-entries", val, 1, NIC_MAX_VECTORS, &o->tph_entries);
	case O_FEATURE: return range("tph-feature", val, 14, UINT16_MAX, &o->tph_feature);
	default: return swap(o, val);
	}
}

static int
option(struct nic_opts *o, int opt, const char *val)
{
	static const char *const polls[] = {"adaptive", "busy", NULL};
	int v;

	switch (opt) {
	case O_SOCK: return text("sock", val, o->sock, sizeof(o->sock));
	case O_WIRE: return text("wire", val, o->wire, sizeof(o->wire));
	case O_QUEUES: return range("queues", val, 1, NIC_MAX_PAIRS, &o->pairs);
	case O_VECTORS: return range("vectors", val, 1, NIC_MAX_VECTORS, &o->vectors);
	case O_RING: return ring_size(val, &o->ring_size);
	case O_MAC: return mac(val, o->mac);
	case O_TPH_LOG: o->tph_log = true; return 0;
	case O_MTU: return range("mtu", val, 68, 9216, &o->mtu);
	case O_POLL:
		v = word("poll", val, polls, "adaptive or busy");
		o->poll_busy = v == 1;
		return v < 0 ? v : 0;
	case O_NO_MRG: o->no_mrg = true; return 0;
	case O_NO_RSS: o->no_rss = true; return 0;
	case O_NO_CTRL: o->no_ctrl = true; return 0;
	case O_PACKED: o->packed = true; return 0;
	case O_CHECK: o->check_seq = true; return 0;
	default:
		return opt >= O_TSM ? nic_opts_tsm(o, (enum nic_opt_tsm)opt, val)
				    : tph_option(o, opt, val);
	}
}

/* What depends on more than one option, and the defaults that do. */
static int
finish(struct nic_opts *o)
{
	uint16_t most;
	char val[8], allowed[48];

	if (o->sock[0] == '\0' || o->wire[0] == '\0') {
		fprintf(stderr, "vfu-nic: --%s is missing: see --help\n",
			o->sock[0] == '\0' ? "sock" : "wire");
		return -EINVAL;
	}
	if (o->vectors == 0)
		o->vectors = (uint16_t)(2 * o->pairs + 1);
	most = o->vectors;
	if (o->tph == NIC_TPH_IV_CAP)
		most = 64;
	if (o->tph_entries > most && o->tph != NIC_TPH_NONE && o->tph != NIC_TPH_DS_REG) {
		snprintf(val, sizeof(val), "%u", o->tph_entries);
		snprintf(allowed, sizeof(allowed), "1..%u with this --tph and --vectors", most);
		return bad("tph-entries", val, allowed);
	}
	if (o->tph_entries == 0)
		o->tph_entries = o->vectors < most ? o->vectors : most;
	return nic_opts_tsm_finish(o);
}

int
nic_opts_parse(struct nic_opts *o, int argc, char **argv)
{
	int opt, rc;

	*o = (struct nic_opts){
		.pairs = 1,
		.ring_size = 256,
		.mac = {0x02, 0x53, 0x54, 0x00, 0x00, 0x01},
		.mtu = 1500,
		.tph = NIC_TPH_IV_CAP,
		.tph_feature = 0xfe00,
	};
	optind = 0;
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":", long_opts, NULL)) != -1) {
		if (opt == O_HELP) {
			nic_opts_usage(stdout);
			return 1;
		}
		if (opt == '?' || opt == ':') {
			fprintf(stderr, "vfu-nic: %s: %s: see --help\n", argv[optind - 1],
				opt == ':' ? "a value is missing" : "no such option");
			return -EINVAL;
		}
		rc = option(o, opt, optarg);
		if (rc != 0)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "vfu-nic: '%s': no such argument: see --help\n", argv[optind]);
		return -EINVAL;
	}
	return finish(o);
}
