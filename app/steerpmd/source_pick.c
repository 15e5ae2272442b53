/* SPDX-License-Identifier: BSD-3-Clause */

/* Which sources there are for these ports on this machine. A source that cannot be had is never
 * replaced without a word. */

#include <errno.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>

#include <steer_virtio.h>

#include "model.h"
#include "ports.h"
#include "source_make.h"
#include "traffic.h"

/* In the order that auto asks them. */
static const enum steer_source_id all_sources[] = {STEER_SOURCE_PMU, STEER_SOURCE_TIMING,
						   STEER_SOURCE_MODEL};

const char *
source_emulated(const struct app *app)
{
	struct rte_eth_dev_info info;

	FOREACH_PORT(app, p) {
		if (steer_virtio_has_model(p) == 1)
			return "is emulated: its DMA is another program's copying";
		if (rte_eth_dev_info_get(p, &info) != 0 || info.device == NULL ||
		    strcmp(rte_bus_name(rte_dev_bus(info.device)), "vdev") == 0)
			return "is no device: nothing is written by DMA";
	}
	return NULL;
}

static int
check_model(const struct app *app, char *why, size_t len)
{
	uint16_t port;

	return model_port(app, &port, why, len);
}

enum steer_source_id
source_order(unsigned int i)
{
	return all_sources[i];
}

int
source_try(struct app *app, enum steer_source_id id, struct steer_source **source, char *why,
	   size_t len)
{
	const char *what = source_emulated(app);
	int rc;

	if (id == STEER_SOURCE_TIMING && app->opts.source == SOURCE_AUTO && what != NULL) {
		snprintf(why, len, "the port %s (--source=timing insists)", what);
		return -ENOTSUP;
	}
	rc = traffic_refused(&app->opts, why, len);
	return rc != 0 ? rc : source_make(id, source, why, len);
}

static int
check_live(struct app *app, enum steer_source_id id, char *why, size_t len)
{
	struct steer_source *s;
	int rc = source_try(app, id, &s, why, len);

	if (rc == 0)
		s->ops->destroy(s);
	return rc;
}

bool
source_wanted(enum source_choice choice, enum steer_source_id id)
{
	switch (choice) {
	case SOURCE_MODEL: return id == STEER_SOURCE_MODEL;
	case SOURCE_PMU: return id == STEER_SOURCE_PMU;
	case SOURCE_TIMING: return id == STEER_SOURCE_TIMING;
	default: return true;
	}
}

static void
try_one(struct app *app, enum steer_source_id id, struct source_picks *picks)
{
	char why[STEER_SOURCE_WHY] = "";
	int rc = id == STEER_SOURCE_MODEL ? check_model(app, why, sizeof(why))
					  : check_live(app, id, why, sizeof(why));

	if (rc == 0) {
		picks->id[picks->n++] = id;
		return;
	}
	picks->refused[picks->nb_refused].id = id;
	picks->refused[picks->nb_refused].rc = rc;
	snprintf(picks->refused[picks->nb_refused].why, STEER_SOURCE_WHY, "%s", why);
	picks->nb_refused++;
}

/* All reasons in one line. */
static int
none(const struct app *app, const struct source_picks *picks)
{
	const char *name = source_choice_name(app->opts.source);
	char line[800] = "";
	size_t n = 0;

	for (unsigned int i = 0; i < picks->nb_refused && n < sizeof(line); i++) {
		const char *source = steer_source_name(picks->refused[i].id);
		bool named = strcmp(source, name) == 0;

		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s%s%s", i == 0 ? "" : "; ",
				      named ? "" : source, named ? "" : ": ",
				      picks->refused[i].why);
	}
	complain("--source=%s: %s", name, line);
	return picks->refused[picks->nb_refused - 1].rc;
}

static void
tell(const struct app *app, const struct source_picks *picks)
{
	const char *what = source_emulated(app);

	for (unsigned int i = 0; i < picks->nb_refused; i++)
		fprintf(stderr, "source %s: refused: %s\n", steer_source_name(picks->refused[i].id),
			picks->refused[i].why);
	for (unsigned int i = 0; i < picks->n && what != NULL; i++)
		if (picks->id[i] != STEER_SOURCE_MODEL)
			fprintf(stderr, "source %s: the port %s\n", steer_source_name(picks->id[i]),
				what);
}

int
source_pick(struct app *app, struct source_picks *picks)
{
	enum source_choice choice = app->opts.source;

	*picks = (struct source_picks){0};
	for (unsigned int i = 0; i < sizeof(all_sources) / sizeof(all_sources[0]); i++) {
		if (choice == SOURCE_AUTO && picks->n != 0)
			break;
		if (source_wanted(choice, all_sources[i]))
			try_one(app, all_sources[i], picks);
	}
	if (picks->n == 0)
		return none(app, picks);
	tell(app, picks);
	return 0;
}

json_t *
source_refused_json(const struct source_picks *picks)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < picks->nb_refused; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "source",
						      steer_source_name(picks->refused[i].id),
						      "why", picks->refused[i].why));
	return list;
}
