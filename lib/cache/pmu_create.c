/* SPDX-License-Identifier: BSD-3-Clause */

/* From "which CPU is this" to a source that has passed its self-check, or the reason why not. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pmu.h"
#include "pmu_files.h"

#define CPUINFO_MAX 8192u /* the first CPU's part; what follows is cut */

int
pmu_identify(const char *root, struct pmu_cpu *cpu, char *why, size_t len)
{
	char text[CPUINFO_MAX];
	ssize_t n = pmu_file_read(root, "/proc/cpuinfo", text, sizeof(text));

	if (n > 0 && pmu_cpu_parse(text, (size_t)n, cpu) == 0)
		return 0;
	snprintf(why, len, "no PMU source: /proc/cpuinfo names no CPU of Intel, AMD or Arm");
	return -ENODEV;
}

static const char *
vendor_name(enum pmu_vendor v)
{
	return v == PMU_INTEL ? "Intel" : v == PMU_AMD ? "AMD" : "Arm";
}

static int
find_table(struct pmu_source *s, char *why, size_t len)
{
	int rc = pmu_identify(s->perf.root, &s->cpu, why, len);

	if (rc < 0)
		return rc;
	if (!pmu_has_cpu(s->perf.root)) {
		snprintf(why, len,
			 "no PMU on this machine: the kernel has no PMU of the CPU in %s%s",
			 PMU_DEVICES,
			 s->cpu.guest ? " (the hypervisor does not give its guests one)" : "");
		return -ENODEV;
	}
	s->table = pmu_table_find(&s->cpu);
	if (s->table != NULL)
		return 0;
	if (s->cpu.vendor == PMU_ARM)
		snprintf(why, len, "no PMU source: no event table for Arm part 0x%x", s->cpu.model);
	else
		snprintf(why, len, "no PMU source: no event table for %s family %u model %u",
			 vendor_name(s->cpu.vendor), s->cpu.family, s->cpu.model);
	return -ENODEV;
}

/* Sets beside the levels are dropped where the kernel has not their events. */
static int
probe_sets(struct pmu_source *s, char *why, size_t len)
{
	for (unsigned int i = 0; i < s->table->nb_sets; i++) {
		const struct pmu_event *ev[PMU_SET_MAX];
		unsigned int n = pmu_table_set(s->table, i, ev);
		struct pmu_set set;
		int rc = pmu_set_open(&set, &s->perf, ev, n, why, len);

		if (rc < 0 && i < s->table->level_sets)
			return rc;
		if (rc < 0) {
			s->left_out.pass = i + 1;
			snprintf(s->left_out.why, sizeof(s->left_out.why), "%s", why);
			break;
		}
		if (i == 0)
			s->user = set.user;
		pmu_set_close(&set);
		s->nb_sets = i + 1;
	}
	return 0;
}

static int
self_check(struct pmu_source *s, char *why, size_t len)
{
	struct steer_source_thread *t;
	int rc = s->base.ops->thread_open(&s->base, 1, &t, why, len);

	if (rc < 0)
		return rc;
	rc = pmu_check_run(s, (struct pmu_thread *)t, s->check, why, len);
	if (rc == -ENOTSUP && s->table->fallback.nb > 0) {
		s->reading = &s->table->fallback;
		rc = pmu_check_run(s, (struct pmu_thread *)t, s->check, why, len);
	}
	s->base.ops->thread_close(t);
	return rc;
}

int
pmu_perf_init(struct pmu_perf *perf, char root[PMU_ROOT_MAX], const struct steer_pmu_conf *conf,
	      char *why, size_t len)
{
	const char *given = conf != NULL && conf->root != NULL ? conf->root : "";

	if (snprintf(root, PMU_ROOT_MAX, "%s", given) >= (int)PMU_ROOT_MAX) {
		snprintf(why, len, "no PMU: the root's path is too long");
		return -ENAMETOOLONG;
	}
	perf->root = root;
	perf->ops = conf != NULL && conf->perf != NULL ? conf->perf : &pmu_perf_kernel;
	perf->ctx = conf != NULL ? conf->perf_ctx : NULL;
	return 0;
}

int
steer_pmu_create(const struct steer_pmu_conf *conf, struct steer_source **source, char *why,
		 size_t len)
{
	struct pmu_source *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		snprintf(why, len, "no memory for the PMU source");
		return -ENOMEM;
	}
	s->base.ops = &pmu_source_ops;
	rc = pmu_perf_init(&s->perf, s->root, conf, why, len);
	if (rc == 0)
		rc = find_table(s, why, len);
	if (rc == 0) {
		s->reading = &s->table->reading;
		rc = probe_sets(s, why, len);
	}
	if (rc == 0)
		rc = self_check(s, why, len);
	if (rc == 0) {
		*source = &s->base;
		return 0;
	}
	free(s);
	return rc;
}
