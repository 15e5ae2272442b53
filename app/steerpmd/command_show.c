/* SPDX-License-Identifier: BSD-3-Clause */

/* show and clear */

#include <stdlib.h>

#include <bus_vfio_tsm.h>
#include <steer.h>

#include "command.h"
#include "model.h"
#include "stats.h"
#include "steering.h"
#include "streams.h"

void
do_show_stats(struct app *app, char **args)
{
	command_each_port(app, args[0], stats_port_show);
}

void
do_show_xstats(struct app *app, char **args)
{
	command_each_port(app, args[0], stats_port_xstats);
}

void
do_show_summary(struct app *app, char **args)
{
	stats_summary_head(app);
	command_each_port(app, args[0], stats_port_summary);
}

static void
info_one(struct app *app, uint16_t id)
{
	stats_port_info(app, id);
}

void
do_show_info(struct app *app, char **args)
{
	command_each_port(app, args[0], info_one);
}

void
do_clear_stats(struct app *app, char **args)
{
	command_each_port(app, args[0], stats_port_clear);
}

void
do_clear_xstats(struct app *app, char **args)
{
	command_each_port(app, args[0], stats_port_xstats_clear);
}

void
do_clear_fwd_stats(struct app *app, char **args)
{
	stats_base(app);
}

void
do_show_fwd(struct app *app, char **args)
{
	/* before the first start: what it would be */
	if (app->forwarding || streams_build(app) == 0)
		streams_show(app);
}

void
do_show_fwd_stats(struct app *app, char **args)
{
	stats_forward_show(app);
}

void
do_show_steer(struct app *app, char **args)
{
	steer_scan();
	steering_show(app);
}

void
do_show_cache(struct app *app, char **args)
{
	model_show(app);
}

static void
tsm_one(struct app *app, uint16_t id)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	struct steer_tsm_verdict v;
	char *text;

	if (rte_eth_dev_get_name_by_port(id, name) != 0)
		return;
	if (vfio_bus_tsm_verdict(name, &v) != 0) {
		printf("Port %u: %s: not asked (tsm=off)\n", id, name);
		return;
	}
	text = steer_tsm_verdict_text(&v);
	printf("Port %u: %s\n%s", id, name, text != NULL ? text : "out of memory\n");
	free(text);
}

void
do_show_tsm(struct app *app, char **args)
{
	command_each_port(app, args[0], tsm_one);
}
