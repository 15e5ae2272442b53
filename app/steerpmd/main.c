/* SPDX-License-Identifier: BSD-3-Clause */

/* dpdk-steerpmd: forwards like testpmd, steers, and shows what steering brings. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_devargs.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include "command.h"
#include "dry_run.h"
#include "events.h"
#include "experiment.h"
#include "forward.h"
#include "lcores.h"
#include "model.h"
#include "pools.h"
#include "ports.h"
#include "prompt.h"
#include "stats.h"
#include "streams.h"
#include "sweep.h"

static void
usage_hook(const char *program)
{
	opts_usage(stdout);
}

static bool
devices_were_named(void)
{
	return rte_devargs_next(NULL, NULL) != NULL;
}

static int
ports_init(struct app *app)
{
	uint16_t id;
	int rc = 0;

	/* lockstep wants the plain order of the ring: an lcore's cache is a stack */
	app->plain_pools = app->opts.nb_modes != 0 || app->opts.lockstep_given;

	RTE_ETH_FOREACH_DEV(id) {
		rc = port_add(app, id);
		if (rc != 0)
			return rc;
	}
	if (ports_count(app) == 0 && !app->opts.interactive) {
		complain(devices_were_named()
				 ? "no port: none of the named devices can be used, see above"
				 : "no port: name a device with EAL's -a (vfio:NAME,sock=PATH) or "
				   "--vdev");
		return -ENODEV;
	}
	if (app->opts.nb_modes != 0)
		return 0; /* the experiment starts its port itself */
	if (app->opts.lockstep_given)
		rc = model_lockstep(app);
	FOREACH_PORT(app, p)
		rc = rc != 0 ? rc : port_start(app, p);
	return rc;
}

/* As testpmd without a prompt: until a key, the end of input, or a signal. */
static enum pmd_exit
run_plain(struct app *app)
{
	unsigned int period = app->opts.stats_period, events;
	char c;

	if (forward_start(app, app->opts.tx_first) != 0)
		return PMD_EXIT_FAILURE;
	if (period == 0)
		printf("Press enter to exit\n");
	fflush(stdout);
	for (;;) {
		events = events_wait(period != 0 ? (int)period * 1000 : -1, period == 0);
		if (events & EVENT_QUIT)
			return PMD_EXIT_OK;
		if ((events & EVENT_REMOVED) && forward_handle_removed(app) != 0)
			return PMD_EXIT_FAILURE;
		/* an input that fails is at its end, and would be ready for ever */
		if ((events & EVENT_INPUT) &&
		    (read(STDIN_FILENO, &c, 1) >= 0 || (errno != EINTR && errno != EAGAIN)))
			return PMD_EXIT_OK;
		if (events == 0)
			stats_period_show(app);
	}
}

static enum pmd_exit
run_interactive(struct app *app)
{
	printf("Interactive-mode selected\n");
	if (app->opts.auto_start && ports_count(app) != 0 &&
	    forward_start(app, app->opts.tx_first) != 0)
		return PMD_EXIT_FAILURE;
	return prompt_run(app);
}

static enum pmd_exit
run(struct app *app)
{
	enum pmd_exit code = PMD_EXIT_FAILURE;
	int rc;

	rc = lcores_init(app);
	if (rc != 0)
		return rc == -EINVAL ? PMD_EXIT_USAGE : PMD_EXIT_FAILURE;
	rc = ports_init(app);
	if (rc == -ENOTSUP)
		code = PMD_EXIT_UNSUPPORTED;
	else if (rc == 0 && app->opts.sweep.n != 0)
		code = sweep_run(app);
	else if (rc == 0 && app->opts.nb_modes != 0)
		code = experiment_run(app);
	else if (rc == 0 && app->opts.interactive)
		code = run_interactive(app);
	else if (rc == 0)
		code = run_plain(app);
	experiment_forget();
	forward_stop(app);
	FOREACH_PORT(app, p)
		port_close(app, p);
	streams_free(app);
	pools_free_all();
	lcores_free(app);
	return code;
}

/* Index of EAL's "--"; argc when there is none. */
static int
eal_args(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	return i;
}

int
main(int argc, char **argv)
{
	static struct app app;
	int neal = eal_args(argc, argv), code;
	char err[256], *none[] = {argv[0], NULL};
	bool own = neal < argc;

	/* in order with stderr where both go to one file */
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* before EAL, which takes time and leaves files */
	if (own)
		argv[neal] = argv[0];
	code = opts_parse(own ? argc - neal : 1, own ? argv + neal : none, &app.opts, err,
			  sizeof(err));
	if (code != 0) {
		complain("%s", err);
		return code;
	}
	if (app.opts.help) {
		opts_usage(stdout);
		return PMD_EXIT_OK;
	}
	if (app.opts.dry_run) {
		dry_run(&app.opts, stdout);
		return PMD_EXIT_OK;
	}
	rte_set_application_usage_hook(usage_hook);
	if (rte_eal_init(neal, argv) < 0) {
		complain("EAL does not start: %s", rte_strerror(rte_errno));
		return PMD_EXIT_FAILURE;
	}
	code = PMD_EXIT_FAILURE;
	if (events_init() == 0)
		code = run(&app);
	else
		complain("cannot wait for events: %s", strerror(errno));
	events_fini();
	rte_eal_cleanup();
	return code;
}
