/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <divisor.h>

#include "noise.h"
#include "ports.h"

#define LOOK_EVERY 4096u /* lines between looks at whether to stop */

struct noise {
	uint64_t *mem;
	uint64_t lines, step;
	uint64_t done; /**< lines read and written */
	uint64_t began;
	int stop;
};

int
noise_check(const struct app *app)
{
	unsigned int lcore = app->opts.noise.lcore;

	if (app->opts.noise.mib == 0)
		return 0;
	if (!rte_lcore_is_enabled(lcore) || lcore == rte_get_main_lcore()) {
		complain("--noise: lcore %u is %s: EAL's -l or --lcores must name it", lcore,
			 lcore == rte_get_main_lcore() ? "the main lcore" : "not there");
		return -EINVAL;
	}
	return 0;
}

/* Every line is visited once before one is visited again, and neighbours are far apart in time. */
static uint64_t
step_choose(uint64_t lines)
{
	uint64_t step = (uint64_t)((double)lines * 0.618) | 1;

	while (steer_common_divisor(step, lines) != 1)
		step += 2;
	return step;
}

static int
noise_main(void *arg)
{
	const uint64_t words = RTE_CACHE_LINE_SIZE / sizeof(uint64_t);
	struct noise *n = arg;
	uint64_t at = 0;

	/* here, so that the memory is of this lcore's node */
	memset(n->mem, 1, n->lines * RTE_CACHE_LINE_SIZE);
	n->began = rte_rdtsc();
	while (!__atomic_load_n(&n->stop, __ATOMIC_RELAXED)) {
		for (unsigned int i = 0; i < LOOK_EVERY; i++) {
			volatile uint64_t *word = &n->mem[at * words];

			*word = *word + 1;
			at += n->step;
			at -= at >= n->lines ? n->lines : 0;
		}
		__atomic_store_n(&n->done, n->done + LOOK_EVERY, __ATOMIC_RELAXED);
	}
	return 0;
}

static void
noise_free(struct app *app)
{
	free(app->noise->mem);
	free(app->noise);
	app->noise = NULL;
}

static bool
modelled(const struct app *app)
{
	FOREACH_PORT(app, p) {
		if (app->ports[p].model)
			return true;
	}
	return false;
}

int
noise_start(struct app *app)
{
	const struct noise_conf *conf = &app->opts.noise;
	size_t bytes = (size_t)conf->mib << 20;
	int rc = -ENOMEM;

	if (conf->mib == 0 || app->noise != NULL || modelled(app))
		return 0;
	app->noise = calloc(1, sizeof(*app->noise));
	if (app->noise == NULL)
		return -ENOMEM;
	app->noise->lines = bytes / RTE_CACHE_LINE_SIZE;
	app->noise->step = step_choose(app->noise->lines);
	app->noise->mem = aligned_alloc(RTE_CACHE_LINE_SIZE, bytes);
	if (app->noise->mem != NULL)
		rc = rte_eal_remote_launch(noise_main, app->noise, conf->lcore);
	/* what comes now shall be measured beside its walk, not beside its first touches */
	while (rc == 0 && __atomic_load_n(&app->noise->done, __ATOMIC_RELAXED) == 0)
		usleep(100);
	if (rc == 0)
		return 0;
	complain("--noise %u@%u: %s", conf->mib, conf->lcore, rte_strerror(-rc));
	noise_free(app);
	return rc;
}

void
noise_stop(struct app *app)
{
	const struct noise_conf *conf = &app->opts.noise;
	struct noise *n = app->noise;
	double s;

	if (n == NULL)
		return;
	__atomic_store_n(&n->stop, 1, __ATOMIC_RELAXED);
	rte_eal_wait_lcore(conf->lcore);
	s = (double)(rte_rdtsc() - n->began) / (double)rte_get_tsc_hz();
	fprintf(stderr, "noise: %u MiB on lcore %u: %" PRIu64 " lines, %.1f million a second\n",
		conf->mib, conf->lcore, n->done, (double)n->done / s / 1e6);
	noise_free(app);
}
