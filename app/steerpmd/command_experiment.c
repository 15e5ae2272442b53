/* SPDX-License-Identifier: BSD-3-Clause */

/* experiment, and show experiment */

#include <errno.h>

#include "command.h"
#include "experiment.h"
#include "model.h"
#include "opts_priv.h"
#include "ports.h"

static struct experiment_runs last; /* large */

/* Ports as before: running, and in a model session where the command line asked for one. */
static void
ports_again(struct app *app)
{
	int rc = 0;

	app->plain_pools = app->opts.lockstep_given;
	FOREACH_PORT(app, p)
		rc = rc != 0 ? rc : port_reconfigure(app, p);
	if (rc == 0 && app->opts.lockstep_given)
		rc = model_lockstep(app);
	FOREACH_PORT(app, p)
		rc = rc != 0 ? rc : port_start(app, p);
	if (rc != 0)
		complain("ports are stopped: 'port start all' tries again");
}

static int
ports_down(struct app *app)
{
	int rc = 0;

	FOREACH_PORT(app, p) {
		rc = rc != 0 ? rc : port_stop(app, p);
		model_end(app, p);
	}
	return rc;
}

static void
run(struct app *app, const char *modes)
{
	const struct opts saved = app->opts;
	char err[256];
	int rc;

	if (opts_set_experiment(&app->opts, modes, err, sizeof(err)) != 0 ||
	    opts_check_experiment(&app->opts, err, sizeof(err)) != 0) {
		complain("%s", err);
		app->opts = saved;
		return;
	}
	experiment_free(&last);
	rc = ports_down(app);
	if (rc == 0)
		rc = experiment_measure(app, &last);
	if (last.n != 0)
		experiment_report(&last, &app->opts);
	experiment_exit(0, last.results, last.n); /* tells of a control that failed */
	app->opts = saved;
	ports_again(app);
}

void
do_experiment(struct app *app, char **args)
{
	if (command_not_forwarding(app))
		run(app, args[0]);
}

void
do_show_experiment(struct app *app, char **args)
{
	if (last.n == 0)
		printf("No experiment yet: 'experiment off,right,wrong' runs one\n");
	for (unsigned int i = 0; i < last.n; i++)
		table_print(&last.results[i], stdout);
	if (last.n > 1)
		table_sources(last.results, last.n, stdout);
}

void
experiment_forget(void)
{
	experiment_free(&last);
}
