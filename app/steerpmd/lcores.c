/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <steer.h>

#include "lcore_loop.h"
#include "lcores.h"
#include "noise.h"
#include "watch.h"

int
lcores_init(struct app *app)
{
	unsigned int n = 0, workers = rte_lcore_count() - 1, id, noisy = LCORE_ID_ANY;

	if (noise_check(app) != 0)
		return -EINVAL;
	if (app->opts.noise.mib != 0) {
		noisy = app->opts.noise.lcore;
		workers--;
	}
	if (workers == 0) {
		complain("no lcore to forward: the main lcore has the prompt, EAL's -l or --lcores "
			 "must name another");
		return -EINVAL;
	}
	if (app->opts.nb_cores > workers) {
		complain("--nb-cores %u: EAL has %u lcores beside the main lcore%s",
			 app->opts.nb_cores, workers,
			 noisy != LCORE_ID_ANY ? " and the noisy one" : "");
		return -EINVAL;
	}
	if (app->opts.nb_cores != 0)
		workers = app->opts.nb_cores;
	else if (app->opts.nb_modes == 0)
		workers = 1;
	app->lcores = aligned_alloc(RTE_CACHE_LINE_SIZE, workers * sizeof(*app->lcores));
	if (app->lcores == NULL)
		return -ENOMEM;
	RTE_LCORE_FOREACH_WORKER(id) {
		if (n < workers && id != noisy)
			app->lcores[n++] = (struct fwd_lcore){.id = id,
							      .poll_busy = app->opts.poll_busy,
							      .is_core = app->opts.model_lcores};
	}
	app->nb_lcores = n;
	return 0;
}

void
lcores_free(struct app *app)
{
	free(app->lcores);
	app->lcores = NULL;
	app->nb_lcores = 0;
}

unsigned int
lcores_id(const struct app *app, unsigned int i)
{
	return app->lcores[i].id;
}

static struct fwd_lcore *
find(const struct app *app, unsigned int id)
{
	for (unsigned int i = 0; i < app->nb_lcores; i++)
		if (app->lcores[i].id == id)
			return &app->lcores[i];
	return NULL;
}

bool
lcores_spare(const struct app *app, unsigned int id)
{
	if (find(app, id) == NULL)
		return true;
	complain("lcore %u forwards", id);
	return false;
}

static struct stream_list *
list_build(const struct app *app, unsigned int lcore)
{
	struct stream_list *list;

	list = malloc(sizeof(*list) + app->nb_streams * sizeof(list->fs[0]));
	if (list == NULL)
		return NULL;
	*list = (struct stream_list){0};
	for (unsigned int i = 0; i < app->nb_streams; i++) {
		if (app->streams[i].lcore == lcore)
			list->fs[list->n++] = &app->streams[i];
	}
	return list;
}

/* Waits until the lcore has let the old list go. */
static void
list_put(const struct app *app, struct fwd_lcore *lc, struct stream_list *list)
{
	struct stream_list *old = lc->want;

	__atomic_store_n(&lc->want, list, __ATOMIC_RELEASE);
	while (app->forwarding && __atomic_load_n(&lc->have, __ATOMIC_ACQUIRE) != list)
		usleep(10);
	free(old);
}

static int
list_replace(const struct app *app, struct fwd_lcore *lc)
{
	struct stream_list *list = list_build(app, lc->id);

	if (list == NULL)
		return -ENOMEM;
	list_put(app, lc, list);
	return 0;
}

int
lcores_launch(struct app *app)
{
	int rc = 0;

	for (unsigned int i = 0; i < app->nb_lcores && rc == 0; i++) {
		app->lcores[i].stop = 0;
		app->lcores[i].watch = watch_part_of(app, i);
		rc = list_replace(app, &app->lcores[i]);
	}
	for (unsigned int i = 0; i < app->nb_lcores && rc == 0; i++)
		rc = rte_eal_remote_launch(app->lcores[i].watch != NULL ? lcore_main_watched
									: lcore_main,
					   &app->lcores[i], app->lcores[i].id);
	app->forwarding = true;
	if (rc != 0)
		complain("lcores: launch: %s", rte_strerror(-rc));
	else
		rc = noise_start(app);
	if (rc != 0)
		lcores_stop(app);
	return rc;
}

void
lcores_stop(struct app *app)
{
	if (!app->forwarding)
		return;
	for (unsigned int i = 0; i < app->nb_lcores; i++)
		__atomic_store_n(&app->lcores[i].stop, 1, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < app->nb_lcores; i++) {
		rte_eal_wait_lcore(app->lcores[i].id);
		free(app->lcores[i].want);
		app->lcores[i].want = NULL;
		app->lcores[i].have = NULL;
	}
	noise_stop(app);
	app->forwarding = false;
}

int
lcores_drop_port(struct app *app, uint16_t port)
{
	unsigned int left = 0;
	int rc = 0;

	for (unsigned int i = 0; i < app->nb_streams; i++) {
		struct fwd_stream *fs = &app->streams[i];

		if (fs->rx_port == port || fs->tx_port == port)
			fs->lcore = STEER_LCORE_NONE;
		left += fs->lcore != STEER_LCORE_NONE;
	}
	for (unsigned int i = 0; app->forwarding && i < app->nb_lcores && rc == 0; i++)
		rc = list_replace(app, &app->lcores[i]);
	if (left == 0 || rc != 0)
		lcores_stop(app);
	return rc;
}

int
lcores_move(struct app *app, struct fwd_stream *fs, unsigned int lcore)
{
	struct fwd_lcore *to = find(app, lcore), *from = find(app, fs->lcore);
	struct stream_list *less, *more;

	if (to == NULL || from == NULL)
		return -EINVAL;
	if (!app->forwarding || to == from) {
		fs->lcore = lcore;
		return 0;
	}
	fs->lcore = lcore;
	/* both first: a stream that has left one list must not fail to enter the other */
	less = list_build(app, from->id);
	more = list_build(app, to->id);
	if (less == NULL || more == NULL) {
		free(less);
		free(more);
		fs->lcore = from->id;
		return -ENOMEM;
	}
	list_put(app, from, less);
	list_put(app, to, more);
	return 0;
}
