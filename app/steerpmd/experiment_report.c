/* SPDX-License-Identifier: BSD-3-Clause */

/* Results of an experiment to where the user wants them, and what they mean for the exit status. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "experiment.h"

/* One object for a source that was named, {"schema":1,"runs":[...]} for all of them. */
static json_t *
runs_json(const struct experiment_runs *runs, const struct opts *o)
{
	json_t *list = json_array(), *one;

	for (unsigned int i = 0; i < runs->n; i++)
		json_array_append_new(list, result_json(&runs->results[i]));
	if (o->source == SOURCE_ALL)
		return json_pack("{s:i, s:i, s:o, s:o}", "schema", 1, "revision", RESULT_REVISION,
				 "runs", list, "refused", source_refused_json(&runs->picks));
	one = json_incref(json_array_get(list, 0));
	json_decref(list);
	if (o->source == SOURCE_AUTO)
		json_object_set_new(one, "refused", source_refused_json(&runs->picks));
	return one;
}

static int
told(int rc, const char *path)
{
	if (rc != 0)
		complain("%s: %s", path, rte_strerror(-rc));
	return rc;
}

static int
files_write(const struct experiment_runs *runs, const struct opts *o)
{
	json_t *o_json = runs_json(runs, o), *list = json_object_get(o_json, "runs");
	int rc = 0, rc_csv = 0;

	list = list != NULL ? json_incref(list) : json_pack("[O]", o_json);
	if (o->json != NULL)
		rc = told(json_write(o_json, o->json), o->json);
	if (o->csv != NULL)
		rc_csv = told(csv_write(list, o->csv), o->csv);
	json_decref(list);
	json_decref(o_json);
	return rc != 0 ? rc : rc_csv;
}

int
experiment_report(const struct experiment_runs *runs, const struct opts *o)
{
	bool tables = o->json == NULL || strcmp(o->json, "-") != 0;
	int rc = 0;

	for (unsigned int i = 0; i < runs->n && tables && rc == 0; i++)
		rc = table_print(&runs->results[i], stdout);
	if (tables && rc == 0 && runs->n > 1)
		rc = table_sources(runs->results, runs->n, stdout);
	return rc != 0 ? rc : files_write(runs, o);
}

/* Told. @return may these figures not be used? */
static bool
refuted(const struct result *r)
{
	struct witness_verdict w;
	struct control c;

	control_check(r, &c);
	if (c.verdict == CONTROL_INVALID)
		complain("experiment invalid (%s): the negative control failed: %s",
			 steer_source_name(r->source), c.why);
	witness_check(r, &w);
	if (w.state == WITNESS_CONTRADICTS)
		complain("experiment refused (%s): contradicted by the witness: %s",
			 steer_source_name(r->source), w.why);
	return c.verdict == CONTROL_INVALID || w.state == WITNESS_CONTRADICTS;
}

enum pmd_exit
experiment_exit(int rc, const struct result *results, unsigned int n)
{
	bool bad = false;

	for (unsigned int i = 0; i < n; i++)
		bad |= refuted(&results[i]);
	if (rc == -ENOTSUP)
		return PMD_EXIT_UNSUPPORTED;
	return rc == 0 && !bad ? PMD_EXIT_OK : PMD_EXIT_FAILURE;
}

enum pmd_exit
experiment_run(struct app *app)
{
	static struct experiment_runs runs; /* large */
	int rc = experiment_measure(app, &runs), written = 0;
	enum pmd_exit code;

	/* what was ended, by a signal or a failure, is written as far as it came */
	if (runs.n != 0)
		written = experiment_report(&runs, &app->opts);
	code = experiment_exit(rc != 0 ? rc : written, runs.results, runs.n);
	experiment_free(&runs);
	return code;
}
