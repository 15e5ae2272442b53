/* SPDX-License-Identifier: BSD-3-Clause */

/* System-wide counters, one for each event, PMU and CPU of its cpumask, by read(2). */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pmu.h"
#include "pmu_files.h"
#include "pmu_witness.h"

#define CPUS_MAX 64u /* of a cpumask: one per package or die */

struct counter {
	int fd;
	enum steer_pmu_witness_kind kind;
	uint64_t count, enabled, running; /* at start */
};

struct steer_pmu_witness {
	struct pmu_perf perf;
	char root[PMU_ROOT_MAX];
	const struct pmu_table *table;
	struct counter *counters;
	unsigned int nb;
	uint32_t events; /* bit per event of the table that is counted */
	uint32_t known;  /* kinds all of whose events that this machine has are counted */
	bool pmus;       /* one of the PMUs is there */
};

/* A format of a field of this PMU, out of its folder. */
static int
put_field(const char *root, const char *pmu, const struct pmu_field *field, uint64_t config[3])
{
	char path[PMU_PATH_MAX], text[128];
	struct pmu_format f;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/format/%s", pmu, field->name);
	if (pmu_file_read(root, path, text, sizeof(text)) < 0 || pmu_format_parse(text, &f) < 0)
		return -EPROTO;
	return pmu_format_put(&f, field->value, config) < 0 ? -EPROTO : 0;
}

static int
attr_of(const char *root, const char *pmu, const struct pmu_witness_event *ev,
	struct perf_event_attr *attr)
{
	uint64_t config[3] = {0}, type;
	char path[PMU_PATH_MAX];
	int rc = 0;

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/type", pmu);
	if (pmu_file_number(root, path, &type) < 0)
		return -EPROTO;
	for (unsigned int i = 0; i < PMU_FIELDS_MAX && ev->fields[i].name && rc == 0; i++)
		rc = put_field(root, pmu, &ev->fields[i], config);
	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = (uint32_t)type;
	attr->config = config[0];
	attr->config1 = config[1] | ev->config1;
	attr->config2 = config[2];
	attr->disabled = 1;
	attr->read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	return rc;
}

static int
cpus_of(const char *root, const char *pmu, unsigned int cpus[CPUS_MAX])
{
	char path[PMU_PATH_MAX], text[256];

	snprintf(path, sizeof(path), PMU_DEVICES "/%s/cpumask", pmu);
	if (pmu_file_read(root, path, text, sizeof(text)) < 0)
		return -EPROTO;
	return pmu_cpus_parse(text, cpus, CPUS_MAX);
}

static int
add_counter(struct steer_pmu_witness *w, const struct pmu_witness_event *ev, int fd)
{
	struct counter *c = realloc(w->counters, (w->nb + 1) * sizeof(*c));

	if (c == NULL)
		return -ENOMEM;
	w->counters = c;
	memset(&c[w->nb], 0, sizeof(*c));
	c[w->nb].fd = fd;
	c[w->nb++].kind = ev->kind;
	return 0;
}

/* @return 0, or negative errno with why. */
static int
open_on(struct steer_pmu_witness *w, const struct pmu_witness_event *ev, const char *pmu, char *why,
	size_t len)
{
	unsigned int cpus[CPUS_MAX];
	struct perf_event_attr attr;
	int rc = attr_of(w->root, pmu, ev, &attr);
	int n = rc < 0 ? rc : cpus_of(w->root, pmu, cpus);

	if (n < 0) {
		snprintf(why, len, "witness %s: sysfs describes %s in a form that is not known",
			 ev->name, pmu);
		return n;
	}
	for (int i = 0; i < n; i++) {
		int fd = w->perf.ops->open(w->perf.ctx, &attr, -1, (int)cpus[i], -1);

		if (fd < 0)
			return pmu_explain(&w->perf, fd, ev->name, why, len);
		if (add_counter(w, ev, fd) < 0) {
			w->perf.ops->close(w->perf.ctx, fd);
			snprintf(why, len, "no memory for the witnesses");
			return -ENOMEM;
		}
	}
	return 0;
}

/* Events that this machine's PMU has not are left out: home nodes are of one kind or the other. */
static bool
not_here(int rc)
{
	return rc == -EINVAL || rc == -ENOENT || rc == -EOPNOTSUPP;
}

static int
open_event(struct steer_pmu_witness *w, unsigned int i, char *why, size_t len)
{
	const struct pmu_witness_event *ev = &w->table->witness[i];
	char pmu[PMU_NAME_MAX];
	unsigned int at = 0;

	while (pmu_find(w->root, ev->pmu, &at, pmu)) {
		int rc = open_on(w, ev, pmu, why, len);

		w->pmus = true;
		if (rc < 0 && !not_here(rc))
			return rc;
		if (rc == 0) {
			w->events |= 1u << i;
			w->known |= 1u << ev->kind;
		}
	}
	return 0;
}

static int
open_all(struct steer_pmu_witness *w, char *why, size_t len)
{
	struct pmu_cpu cpu;
	int rc = pmu_identify(w->root, &cpu, why, len);

	if (rc < 0)
		return -ENOENT;
	w->table = pmu_table_find(&cpu);
	if (w->table == NULL || w->table->nb_witness == 0) {
		snprintf(why, len, "no witness: no system-wide events are known for this CPU");
		return -ENOENT;
	}
	for (unsigned int i = 0; i < w->table->nb_witness && rc == 0; i++)
		rc = open_event(w, i, why, len);
	if (rc < 0 || w->nb > 0)
		return rc;
	if (!w->pmus)
		snprintf(why, len, "no witness: %s has no %s", PMU_DEVICES,
			 w->table->witness[0].pmu);
	return -ENOENT;
}

int
steer_pmu_witness_open(const struct steer_pmu_conf *conf, struct steer_pmu_witness **out, char *why,
		       size_t len)
{
	struct steer_pmu_witness *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL) {
		snprintf(why, len, "no memory for the witnesses");
		return -ENOMEM;
	}
	rc = pmu_perf_init(&w->perf, w->root, conf, why, len);
	if (rc == 0)
		rc = open_all(w, why, len);
	if (rc == 0) {
		*out = w;
		return 0;
	}
	steer_pmu_witness_close(w);
	return rc;
}

void
steer_pmu_witness_close(struct steer_pmu_witness *w)
{
	if (w == NULL)
		return;
	for (unsigned int i = 0; i < w->nb; i++)
		w->perf.ops->close(w->perf.ctx, w->counters[i].fd);
	free(w->counters);
	free(w);
}

static int
read_counter(const struct steer_pmu_witness *w, const struct counter *c, uint64_t v[3])
{
	ssize_t n = w->perf.ops->read(w->perf.ctx, c->fd, v, 3 * sizeof(*v));

	if (n < 0)
		return (int)n;
	return n == 3 * sizeof(*v) ? 0 : -EIO;
}

int
steer_pmu_witness_start(struct steer_pmu_witness *w)
{
	for (unsigned int i = 0; i < w->nb; i++) {
		struct counter *c = &w->counters[i];
		int rc = w->perf.ops->control(w->perf.ctx, c->fd, PERF_EVENT_IOC_ENABLE);
		uint64_t v[3];

		if (rc == 0)
			rc = read_counter(w, c, v);
		if (rc < 0)
			return rc;
		c->count = v[0];
		c->enabled = v[1];
		c->running = v[2];
	}
	return 0;
}

int
steer_pmu_witness_stop(struct steer_pmu_witness *w, struct steer_pmu_witness_figures *f, char *why,
		       size_t len)
{
	int rc = 0;

	memset(f, 0, sizeof(*f));
	for (unsigned int i = 0; i < w->nb; i++) {
		const struct counter *c = &w->counters[i];
		uint64_t v[3] = {0}, off;
		int bad = read_counter(w, c, v);

		w->perf.ops->control(w->perf.ctx, c->fd, PERF_EVENT_IOC_DISABLE);
		off = (v[1] - c->enabled) - (v[2] - c->running);
		if (bad < 0 || off > (v[1] - c->enabled) / 1000)
			rc = -EIO;
		f->count[c->kind] += v[0] - c->count;
	}
	f->known = rc < 0 ? 0 : w->known;
	if (rc < 0)
		snprintf(why, len, "witness: its counters were shared with others in this window");
	return rc;
}

int
steer_pmu_witness_describe(const struct steer_pmu_witness *w, char *json, size_t len)
{
	json_t *a = json_array();
	size_t n;

	for (unsigned int i = 0; i < w->table->nb_witness; i++) {
		const struct pmu_witness_event *ev = &w->table->witness[i];
		json_t *o;

		if (!(w->events & 1u << i))
			continue;
		o = json_pack("{s:s, s:s, s:b}", "pmu", ev->pmu, "event", ev->name, "confirmed",
			      !ev->doubtful);
		json_array_append_new(a, o);
	}
	a = json_pack("{s:s, s:o}", "scope", "whole system", "events", a);
	n = json_dumpb(a, json, len, JSON_COMPACT);
	json_decref(a);
	if (n == 0 || n >= len)
		return -ENOSPC;
	json[n] = '\0';
	return (int)n;
}
