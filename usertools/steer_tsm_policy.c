/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * steer-tsm-policy: read a policy (tsm-policy=) before a device meets it, or write one from what a
 * device that is trusted today shows.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "steer_tsm_policy.h"

#define EXIT_USAGE 2

struct options {
	enum steer_tsm_mode mode;
	bool json;
	struct source source;
	const char *command, *file;
};

static int
usage(FILE *to, int rc)
{
	fprintf(to,
		"usage: steer-tsm-policy check FILE [--mode prefer|require] [--json]\n"
		"       steer-tsm-policy make FILE --evidence FOLDER | --sock PATH\n"
		"check: say what a policy of a confidential device (tsm-policy=FILE) demands, and\n"
		"       whether any device can meet it.\n"
		"make:  write a policy that demands what a device shows which you trust today.\n"
		"  --mode MODE        as tsm=MODE; default require\n"
		"  --json             the whole policy as JSON (doc/tsm-policy.schema.json)\n"
		"  --evidence FOLDER  stored evidence (tsm-evidence=)\n"
		"  --sock PATH        a vfio-user device with a software TSM\n"
		"  --unit UNIT        of the report's addresses: bytes or pages\n"
		"  --now TIME         seconds since 1970, or \"collected\": when certificates are "
		"valid\n"
		"  --help             this text\n"
		"Exit status: 0 well, 1 it cannot be met or made, 2 usage.\n");
	return rc;
}

static int
mode_set(struct options *o, const char *text)
{
	int mode = steer_tsm_mode_parse(text);

	if (mode <= STEER_TSM_OFF) {
		fprintf(stderr, PROGRAM ": --mode %s: not prefer or require\n", text);
		return -1;
	}
	o->mode = (enum steer_tsm_mode)mode;
	return 0;
}

static int
unit_set(struct options *o, const char *text)
{
	o->source.pages = strcmp(text, "pages") == 0;
	o->source.pages_given = true;
	if (o->source.pages || strcmp(text, "bytes") == 0)
		return 0;
	fprintf(stderr, PROGRAM ": --unit %s: not bytes or pages\n", text);
	return -1;
}

static int
now_set(struct options *o, const char *text)
{
	char *end;

	o->source.collected = strcmp(text, "collected") == 0;
	if (o->source.collected)
		return 0;
	errno = 0;
	o->source.now = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    o->source.now <= INT64_MAX)
		return 0;
	fprintf(stderr, PROGRAM ": --now %s: not seconds since 1970 and not \"collected\"\n", text);
	return -1;
}

static int
option(struct options *o, int c)
{
	switch (c) {
	case 'm': return mode_set(o, optarg);
	case 'u': return unit_set(o, optarg);
	case 'n': return now_set(o, optarg);
	case 'j': o->json = true; return 0;
	case 'e': o->source.evidence = optarg; return 0;
	case 's': o->source.sock = optarg; return 0;
	case 'h': exit(usage(stdout, EXIT_SUCCESS));
	default: return usage(stderr, -1);
	}
}

static int
parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{"mode", required_argument, NULL, 'm'},     {"json", no_argument, NULL, 'j'},
		{"evidence", required_argument, NULL, 'e'}, {"sock", required_argument, NULL, 's'},
		{"unit", required_argument, NULL, 'u'},     {"now", required_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){.mode = STEER_TSM_REQUIRE, .source = {.now = (uint64_t)time(NULL)}};
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		if (option(o, c) < 0)
			return -1;
	if (argc - optind != 2)
		return usage(stderr, -1);
	o->command = argv[optind];
	o->file = argv[optind + 1];
	return 0;
}

static int
print_json(const struct steer_tsm_policy *p)
{
	char *text = steer_tsm_policy_text(p);
	int rc = text != NULL && puts(text) >= 0 && fflush(stdout) == 0 ? 0 : -1;

	free(text);
	return rc;
}

static int
check(const struct options *o)
{
	struct steer_tsm_policy p;
	char err[320];

	steer_tsm_policy_init(&p);
	if (steer_tsm_policy_load(o->file, &p, err, sizeof(err)) < 0) {
		fprintf(stderr, PROGRAM ": %s\n", err);
		return EXIT_FAILURE;
	}
	p.mode = o->mode;
	if (o->json && print_json(&p) < 0)
		return EXIT_FAILURE;
	if (!o->json)
		say_policy(&p);
	if (steer_tsm_policy_check(&p, err, sizeof(err)) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, PROGRAM ": %s: no device can meet this: %s\n", o->file, err);
	return EXIT_FAILURE;
}

static int
make(const struct options *o)
{
	if ((o->source.evidence == NULL) == (o->source.sock == NULL)) {
		fprintf(stderr, PROGRAM ": make: give one of --evidence and --sock\n");
		return EXIT_USAGE;
	}
	return make_policy(&o->source, o->file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct options o;

	if (parse(&o, argc, argv) < 0)
		return EXIT_USAGE;
	if (strcmp(o.command, "check") == 0)
		return check(&o);
	if (strcmp(o.command, "make") == 0)
		return make(&o);
	fprintf(stderr, PROGRAM ": %s: not check or make\n", o.command);
	return EXIT_USAGE;
}
