/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "experiment.h"
#include "ports.h"
#include "sweep.h"
#include "sweep_file.h"

#define POINT_TEXT 256

struct sweep {
	struct app *app;
	struct opts base; /**< without a point's values */
	enum steer_source_id source;
	struct sweep_file file;
	unsigned long points, here; /**< all, and those that are in the file */
	double seconds;             /**< that those took */
};

static double
now_s(void)
{
	return (double)rte_get_timer_cycles() / (double)rte_get_timer_hz();
}

/* A ring of another size than the point says would be a lie in the file. */
static int
rings_exact(const struct app *app)
{
	FOREACH_PORT(app, p) {
		const struct port *port = &app->ports[p];

		if ((app->opts.nb_rxd == 0 || app->opts.nb_rxd == port->nb_rxd) &&
		    (app->opts.nb_txd == 0 || app->opts.nb_txd == port->nb_txd))
			continue;
		complain("port %u (%s): cannot have rings of %u and %u descriptors (vfu-nic: "
			 "--ring-size is the most)",
			 p, port_name(p), app->opts.nb_rxd, app->opts.nb_txd);
		return -EINVAL;
	}
	return 0;
}

static int
point_set_up(struct sweep *s, unsigned long point)
{
	struct app *app = s->app;
	char err[256];
	int rc = 0;

	app->opts = s->base;
	if (sweep_axes_apply(&s->base.sweep, point, &app->opts, err, sizeof(err)) != 0) {
		complain("%s", err);
		return -EINVAL;
	}
	FOREACH_PORT(app, p)
		port_release(app, p);
	FOREACH_PORT(app, p)
		rc = rc != 0 ? rc : port_reconfigure(app, p);
	return rc != 0 ? rc : rings_exact(app);
}

/* One line for all modes. */
static void
point_print(const struct result *r, const char *text)
{
	struct summary s;

	printf("%-32s", text);
	for (unsigned int i = 0; i < r->opts.nb_modes; i++) {
		if (summarize(r, r->opts.modes[i], -1, &s) != 0)
			continue;
		printf(" | %-5s", steering_name(r->opts.modes[i]));
		if (s.fig[FIG_NEAR].n != 0)
			printf(" %5.1f %%", 100 * s.fig[FIG_NEAR].median);
		if (s.fig[FIG_CYCLES].n != 0)
			printf(" %6.0f", s.fig[FIG_CYCLES].median);
		if (s.fig[FIG_WRITE_HITS].n != 0)
			printf(" writes %5.1f %%", 100 * s.fig[FIG_WRITE_HITS].median);
		if (s.fig[FIG_MPPS].n != 0)
			printf(" %7.3f", s.fig[FIG_MPPS].median);
	}
	printf("\n");
}

static void
progress(const struct sweep *s, const char *text, double seconds)
{
	double left = s->seconds / (double)s->here * (double)(s->points - s->here);

	fprintf(stderr, "sweep: %lu of %lu: %s: %.1f s; about %.0f s left\n", s->here, s->points,
		text, seconds, left);
}

static int
point_keep(struct sweep *s, struct result *r, unsigned long point, const char *text)
{
	json_t *o;
	int rc;

	r->point = sweep_point_json(&s->base.sweep, point);
	o = result_json(r);
	rc = o == NULL ? -ENOMEM : sweep_file_append(&s->file, o);
	json_decref(o);
	if (rc != 0) {
		complain("%s: %s", s->base.out, rte_strerror(-rc));
		return rc;
	}
	s->here++;
	s->seconds += r->elapsed_s;
	point_print(r, text);
	progress(s, text, r->elapsed_s);
	return 0;
}

static int
point_run(struct sweep *s, unsigned long point)
{
	static struct result r; /* large */
	double start = now_s();
	char text[POINT_TEXT];
	int rc;

	sweep_axes_text(&s->base.sweep, point, text, sizeof(text));
	rc = point_set_up(s, point);
	if (rc == 0)
		rc = experiment_by(s->app, s->source, &r);
	r.elapsed_s = now_s() - start;
	if (rc == 0)
		rc = point_keep(s, &r, point, text);
	else
		complain("sweep: stopped at %s; the same command goes on from there", text);
	result_free(&r);
	return rc;
}

static int
points_run(struct sweep *s)
{
	json_t *point;
	bool there;
	int rc = 0;

	for (unsigned long p = 0; p < s->points && rc == 0; p++) {
		point = sweep_point_json(&s->base.sweep, p);
		there = sweep_file_has(&s->file, point);
		json_decref(point);
		if (!there)
			rc = point_run(s, p);
	}
	s->app->opts = s->base;
	return rc;
}

static int
begin(struct sweep *s)
{
	const char *source = steer_source_name(s->source);
	json_t *head = sweep_head_json(&s->base, source);
	char why[512];
	int rc;

	if (head == NULL)
		return -ENOMEM;
	rc = sweep_file_open(&s->file, s->base.out, head, why, sizeof(why));
	json_decref(head);
	if (rc != 0) {
		complain("--out: %s", why);
		return rc;
	}
	s->here = s->file.nb_points;
	s->seconds = s->file.elapsed_s;
	printf("Sweep of %lu points, %s, into %s", s->points, steer_source_label(s->source),
	       s->base.out);
	if (s->here != 0)
		printf("; %lu of them are there already", s->here);
	printf("%s\n", s->file.cut ? "; a line that was cut in half is measured again" : "");
	return 0;
}

/* Points that have this verdict below this key. */
static unsigned int
points_with(const json_t *all, const char *key, const char *verdict)
{
	unsigned int n = 0;

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *o = json_object_get(json_array_get(all, i), key);
		const char *text = json_string_value(json_object_get(o, "verdict"));

		n += text != NULL && strcmp(text, verdict) == 0;
	}
	return n;
}

/* All that is in the file, also from before. */
static enum pmd_exit
finish(const struct sweep *s, int rc)
{
	json_t *all = sweep_file_results(s->base.out);
	unsigned int invalid = points_with(all, "control", "invalid");
	unsigned int refuted = points_with(all, "witness", "contradicts");
	int rc_csv = 0;

	if (s->base.csv != NULL)
		rc_csv = csv_write(all, s->base.csv);
	if (rc_csv != 0)
		complain("%s: %s", s->base.csv, rte_strerror(-rc_csv));
	json_decref(all);
	if (invalid != 0)
		complain("experiment invalid at %u points: the negative control failed ('control' "
			 "in %s)",
			 invalid, s->base.out);
	if (refuted != 0)
		complain("experiment refused at %u points: contradicted by the witness ('witness' "
			 "in %s)",
			 refuted, s->base.out);
	if (rc == -ENOTSUP)
		return PMD_EXIT_UNSUPPORTED;
	return rc == 0 && rc_csv == 0 && invalid + refuted == 0 ? PMD_EXIT_OK : PMD_EXIT_FAILURE;
}

enum pmd_exit
sweep_run(struct app *app)
{
	static struct sweep s; /* large */
	struct source_picks picks;
	double start = now_s();
	int rc = source_pick(app, &picks);

	s = (struct sweep){
		.app = app, .base = app->opts, .points = sweep_axes_points(&app->opts.sweep)};
	if (rc != 0)
		return rc == -ENOTSUP ? PMD_EXIT_UNSUPPORTED : PMD_EXIT_FAILURE;
	s.source = picks.id[0];
	rc = begin(&s);
	if (rc != 0)
		return PMD_EXIT_FAILURE;
	rc = points_run(&s);
	sweep_file_close(&s.file);
	if (rc == 0)
		printf("Sweep done in %.1f s: %lu points in %s\n", now_s() - start, s.here,
		       s.base.out);
	return finish(&s, rc);
}
