/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Evidence folders of a made-up device for tests: tsm-evidence DIR CASE... stores one folder per
 * case below DIR, named by it. Keys are made in memory; the clock is at EVID_NOW.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsm_evid.h"

struct tsm_case {
	const char *name;
	void (*make)(struct evid *w);
};

static void
honest(struct evid *w)
{
	evid_vouch(w);
}

static void
unvouched(struct evid *w)
{
}

static void
replayed_nonce(struct evid *w)
{
	const uint8_t old[32] = {7};

	evid_measure(w, old);
	evid_vouch(w);
}

static void
signature(struct evid *w)
{
	w->e.measurements.data[w->e.measurements.len - 50] ^= 1;
	evid_vouch(w);
}

static void
swapped_certificate(struct evid *w)
{
	EVP_PKEY *key = w->key[2];

	EVP_PKEY_up_ref(key);
	evid_recertify(w, 2, NULL);
	evid_sign(w, key);
	EVP_PKEY_free(key);
	evid_vouch(w);
}

static void
expired(struct evid *w)
{
	struct evid_cert c = evid_certs[1];

	c.to = -1;
	evid_recertify(w, 1, &c);
	evid_vouch(w);
}

static void
foreign_root(struct evid *w)
{
	w->p.roots[0][0] ^= 1;
	evid_vouch(w);
}

static void
measurement(struct evid *w)
{
	w->p.measurements[0].digest[0] ^= 1;
	evid_vouch(w);
}

static void
other_device(struct evid *w)
{
	evid_vouch(w);
	evid_recertify(w, 2, NULL);
}

static void
truncated(struct evid *w)
{
	w->e.measurements.len /= 2;
	evid_vouch(w);
}

static void
missing(struct evid *w)
{
	evid_vouch(w);
	w->e.report.len = 0;
}

static void
report_bar(struct evid *w)
{
	w->d.bars[w->d.nb_bars++] = (struct steer_tsm_bar){.bar = 5, .size = 4096};
	evid_vouch(w);
}

static void
stale_report(struct evid *w)
{
	evid_vouch(w);
	w->e.report.data[86] ^= 1;
}

static void
tph(struct evid *w)
{
	w->e.report.data[8] = 0;
	evid_vouch(w);
}

static void
wrong_tsm(struct evid *w)
{
	evid_vouch(w);
	strcpy(w->p.tsm, "tsm7");
}

static void
no_roots(struct evid *w)
{
	evid_vouch(w);
	w->p.nb_roots = 0;
}

static const struct tsm_case cases[] = {
	{"honest", honest},
	{"unvouched", unvouched},
	{"replayed-nonce", replayed_nonce},
	{"signature", signature},
	{"swapped-certificate", swapped_certificate},
	{"expired", expired},
	{"foreign-root", foreign_root},
	{"measurement", measurement},
	{"other-device", other_device},
	{"truncated", truncated},
	{"missing", missing},
	{"report-bar", report_bar},
	{"stale-report", stale_report},
	{"tph", tph},
	{"wrong-tsm", wrong_tsm},
	{"no-roots", no_roots},
};

static int
store(const char *dir, const struct tsm_case *c)
{
	struct evid w;
	char err[256] = "";
	int rc;

	evid_make(&w);
	c->make(&w);
	w.v.mode = w.p.mode;
	w.v.arch = w.e.arch;
	w.v.simulated = w.e.simulated;
	evid_judge(&w);
	rc = steer_tsm_evidence_store(dir, c->name, &w.e, &w.d, &w.p, &w.v, err, sizeof(err));
	printf("%s %s\n", c->name, rc == 0 ? steer_tsm_code_name(w.v.code) : err);
	evid_free(&w);
	return rc;
}

int
main(int argc, char **argv)
{
	size_t n = sizeof(cases) / sizeof(cases[0]), i;

	for (int a = 2; a < argc; a++) {
		for (i = 0; i < n && strcmp(argv[a], cases[i].name) != 0; i++)
			;
		if (i == n || store(argv[1], &cases[i]) < 0)
			return EXIT_FAILURE;
	}
	for (i = 0; argc == 2 && i < n; i++)
		if (store(argv[1], &cases[i]) < 0)
			return EXIT_FAILURE;
	return argc < 2 ? EXIT_FAILURE : EXIT_SUCCESS;
}
