/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * steer-tsm-verify: judge a folder of stored evidence (tsm-evidence=) by the code that judges a
 * live device. What nothing but the live session authenticated is marked so: whoever can write the
 * folder can write that.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <steer_tsm_evidence.h>

#define EXIT_USAGE 2
#define MARK       "recorded, not provable: "

struct options {
	const char *folder, *policy;
	bool json;
	bool collected; /* now is when the evidence was collected */
	uint64_t now;
};

static int
usage(FILE *to, int rc)
{
	fprintf(to,
		"usage: steer-tsm-verify [options] FOLDER\n"
		"Judge stored evidence of a confidential device (tsm-evidence=DIR) again.\n"
		"  --policy FILE  judge by this policy, not by the one in the folder\n"
		"  --now TIME     as if it were this time (seconds since 1970), or \"collected\":\n"
		"                 the time that the folder gives\n"
		"  --json         the verdict as JSON (doc/tsm-verdict.schema.json)\n"
		"  --help         this text\n"
		"Exit status: 0 accepted, 1 refused, 2 usage, or a folder that cannot be read.\n");
	return rc;
}

static int
now_set(struct options *o, const char *text)
{
	char *end;

	o->collected = strcmp(text, "collected") == 0;
	if (o->collected)
		return 0;
	errno = 0;
	o->now = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && o->now <= INT64_MAX)
		return 0;
	fprintf(stderr,
		"steer-tsm-verify: --now %s: not seconds since 1970 and not \"collected\"\n", text);
	return -EINVAL;
}

static int
parse(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{"policy", required_argument, NULL, 'p'},
		{"now", required_argument, NULL, 'n'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){.now = (uint64_t)time(NULL)};
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'p': o->policy = optarg; break;
		case 'j': o->json = true; break;
		case 'h': exit(usage(stdout, EXIT_SUCCESS));
		case 'n':
			if (now_set(o, optarg) < 0)
				return -EINVAL;
			break;
		default: usage(stderr, 0); return -EINVAL;
		}
	}
	if (argc - optind != 1) {
		usage(stderr, 0);
		return -EINVAL;
	}
	o->folder = argv[optind];
	return 0;
}

/* The folder's mode stays: it is the caller's choice, not the file's. */
static int
other_policy(const char *path, struct steer_tsm_policy *p, char *err, size_t errlen)
{
	enum steer_tsm_mode mode = p->mode;
	int rc;

	steer_tsm_policy_init(p);
	rc = steer_tsm_policy_load(path, p, err, errlen);
	p->mode = mode;
	return rc;
}

static void
mark(struct steer_tsm_verdict *v)
{
	char text[sizeof(v->checks[0].text)];
	unsigned int i;

	for (i = 0; i < v->nb_checks; i++) {
		struct steer_tsm_check *c = &v->checks[i];

		if (!c->live_only)
			continue;
		snprintf(text, sizeof(text), MARK "%.*s", (int)(sizeof(text) - sizeof(MARK)),
			 c->text);
		memcpy(c->text, text, sizeof(text));
	}
}

static int
print(const struct steer_tsm_verdict *v, bool json)
{
	char *text = json ? steer_tsm_verdict_json(v) : steer_tsm_verdict_text(v);
	int rc = -ENOMEM;

	if (text != NULL)
		rc = printf("%s%s", text, json ? "\n" : "") < 0 || fflush(stdout) != 0 ? -EIO : 0;
	free(text);
	return rc;
}

static int
judge(const struct options *o, const struct steer_tsm_evidence *e, const struct steer_tsm_policy *p,
      const struct steer_tsm_device *d)
{
	struct steer_tsm_verdict v = {
		.mode = p->mode, .role = p->role, .arch = e->arch, .simulated = e->simulated};
	int rc = steer_tsm_judge(e, p, d, o->collected ? e->time : o->now, &v);

	if (rc == -ENOMEM) {
		fprintf(stderr, "steer-tsm-verify: %s: no memory\n", o->folder);
		return EXIT_USAGE;
	}
	mark(&v);
	if (print(&v, o->json) < 0)
		return EXIT_USAGE;
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	struct steer_tsm_evidence e = {0};
	struct steer_tsm_policy p;
	struct steer_tsm_device d;
	struct options o;
	char err[256] = "";
	int rc;

	if (parse(&o, argc, argv) < 0)
		return EXIT_USAGE;
	rc = steer_tsm_evidence_load(o.folder, &e, &d, &p, err, sizeof(err));
	if (rc == 0 && o.policy != NULL)
		rc = other_policy(o.policy, &p, err, sizeof(err));
	if (rc == 0) {
		rc = judge(&o, &e, &p, &d);
	} else {
		fprintf(stderr, "steer-tsm-verify: %s: %s\n", o.folder, err);
		rc = EXIT_USAGE;
	}
	steer_tsm_evidence_free(&e);
	return rc;
}
