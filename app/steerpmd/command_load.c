/* SPDX-License-Identifier: BSD-3-Clause */

/* What the prompt says about load and what is seen of it: work, noise, sources, latency and the
 * cost of moving queues. */

#include <string.h>

#include "command.h"
#include "latency.h"
#include "lcores.h"
#include "noise.h"
#include "resteer.h"
#include "work.h"

void
do_set_work(struct app *app, char **args)
{
	uint64_t n;

	if (command_not_forwarding(app) && command_number(args[0], 0, WORK_MAX, &n)) {
		app->opts.work = n;
		printf("Work per packet set to %u iterations\n", app->opts.work);
	}
}

void
do_set_noise(struct app *app, char **args)
{
	struct noise_conf noise = {0}, was = app->opts.noise;

	if (!command_not_forwarding(app))
		return;
	if (app->opts.lockstep_given) {
		complain("a model session has its neighbour from the start: give --noise on the "
			 "command line");
		return;
	}
	if (strcmp(args[0], "off") != 0 && noise_parse(args[0], &noise) != 0) {
		complain("'%s' is not off or MIB@LCORE", args[0]);
		return;
	}
	app->opts.noise = noise;
	if (noise_check(app) == 0 && lcores_spare(app, noise.mib != 0 ? noise.lcore : UINT32_MAX))
		return;
	app->opts.noise = was;
}

/* Experiments take it too; off leaves them the choice of their own. */
void
do_set_source(struct app *app, char **args)
{
	int s = strcmp(args[0], "off") == 0 ? SOURCE_AUTO : source_choice_parse(args[0]);

	if (!command_not_forwarding(app))
		return;
	if (s < 0) {
		complain("'%s' is not off, auto, all, model, pmu or timing", args[0]);
		return;
	}
	app->opts.source = s;
	app->opts.source_given = strcmp(args[0], "off") != 0;
}

void
do_show_latency(struct app *app, char **args)
{
	latency_show(app);
}

void
do_clear_latency(struct app *app, char **args)
{
	latency_mark(app);
}

static void
resteer_one(struct app *app, const char *which, unsigned int moves)
{
	struct resteer_cost cost;
	uint16_t port;

	if (command_port(app, which, &port) && resteer_moves(app, port, moves, &cost) == 0)
		resteer_show(port, &cost);
}

void
do_resteer(struct app *app, char **args)
{
	resteer_one(app, args[0], RESTEER_MOVES);
}

void
do_resteer_n(struct app *app, char **args)
{
	uint64_t n;

	if (command_number(args[1], 2, 4096, &n))
		resteer_one(app, args[0], n);
}
