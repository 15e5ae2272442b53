/* SPDX-License-Identifier: BSD-3-Clause */

/* Which sources watch plain forwarding. One that cannot is told once, and packets go on. */

#include <errno.h>
#include <stdlib.h>

#include "ports.h"
#include "source_make.h"
#include "watch.h"

#define DESCRIBE_SIZE (64 * 1024)

static void
refused(enum steer_source_id id, const char *why)
{
	fprintf(stderr, "source %s: refused: %s\n", steer_source_name(id), why);
}

static bool
model_session(const struct app *app)
{
	FOREACH_PORT(app, p) {
		if (app->ports[p].model)
			return true;
	}
	return false;
}

/* Why no source can watch lcores in this session; NULL: one can. */
static const char *
unwatchable(const struct app *app)
{
	if (model_session(app))
		return "a model session forwards in lockstep, and its lcores write the model's "
		       "trace meanwhile";
	return app->opts.fwd_mode == FWD_TXONLY ? "txonly receives nothing" : NULL;
}

/* The model's lines are shown wherever there is a session. */
static bool
try_model(const struct app *app)
{
	if (model_session(app))
		return true;
	refused(STEER_SOURCE_MODEL, "no model session: start with --lockstep=N to have one");
	return false;
}

static bool
try_live(struct app *app, enum steer_source_id id, struct watch *w)
{
	struct steer_source **source = &w->source[w->nb_sources].source;
	const char *what = unwatchable(app);
	char why[STEER_SOURCE_WHY] = "";

	if (what != NULL) {
		refused(id, what);
		return false;
	}
	if (source_try(app, id, source, why, sizeof(why)) != 0) {
		refused(id, why);
		return false;
	}
	what = source_emulated(app);
	if (what != NULL)
		fprintf(stderr, "source %s: the port %s\n", steer_source_name(id), what);
	w->nb_sources++;
	return true;
}

void
watch_sources_open(struct app *app, struct watch *w)
{
	enum source_choice choice = app->opts.source;
	bool any = false;

	for (unsigned int i = 0; i < STEER_SOURCE_IDS; i++) {
		enum steer_source_id id = source_order(i);

		if ((choice == SOURCE_AUTO && any) || !source_wanted(choice, id))
			continue;
		any |= id == STEER_SOURCE_MODEL ? try_model(app) : try_live(app, id, w);
	}
}

void
watch_source_describe(struct watch_source *s)
{
	char *text = malloc(DESCRIBE_SIZE);
	int n = text == NULL ? -ENOMEM : s->source->ops->describe(s->source, text, DESCRIBE_SIZE);

	if (n > 0)
		s->detail = json_loadb(text, (size_t)n, 0, NULL);
	free(text);
}

void
watch_source_fini(struct watch_source *s)
{
	if (s->source != NULL)
		s->source->ops->destroy(s->source);
	json_decref(s->detail);
	free(s->sum);
	free(s->cleared);
	free(s->shown);
	*s = (struct watch_source){.source = NULL};
}

void
watch_source_drop(struct watch *w, unsigned int source)
{
	watch_source_fini(&w->source[source]);
	w->nb_sources--;
	for (unsigned int i = source; i < w->nb_sources; i++)
		w->source[i] = w->source[i + 1];
	w->source[w->nb_sources] = (struct watch_source){.source = NULL};
}
