/* SPDX-License-Identifier: BSD-3-Clause */

/* A source over a made-up machine, and rounds on it. */

#ifndef PMU_WORLD_H
#define PMU_WORLD_H

#include <stdint.h>
#include <string.h>

#include "pmu_recorded.h"
#include "pmu_texts.h"

struct world {
	struct fake_pmu f;
	struct steer_pmu_conf conf;
	struct steer_source *s;
	struct steer_source_thread *t;
	char *root;
	char why[STEER_SOURCE_WHY];
};

static inline void
world_begin(struct world *w, const char *cpuinfo, const struct fake_count *rec, size_t nb)
{
	memset(w, 0, sizeof(*w));
	w->root = fake_tree(cpuinfo, 1);
	w->f.rec = rec;
	w->f.nb_rec = (unsigned int)nb;
	w->conf =
		(struct steer_pmu_conf){.root = w->root, .perf = &fake_pmu_ops, .perf_ctx = &w->f};
}
#define WORLD_BEGIN(w, cpuinfo, rec) world_begin(w, cpuinfo, rec, PMU_N(rec))

static inline int
world_create(struct world *w)
{
	return steer_pmu_create(&w->conf, &w->s, w->why, sizeof(w->why));
}

static inline void
world_open(struct world *w, unsigned int slots)
{
	assert_int_equal(world_create(w), 0);
	assert_int_equal(w->s->ops->thread_open(w->s, slots, &w->t, w->why, sizeof(w->why)), 0);
}

static inline void
world_end(struct world *w)
{
	if (w->t != NULL)
		w->s->ops->thread_close(w->t);
	if (w->s != NULL)
		w->s->ops->destroy(w->s);
	fake_pmu_clean(&w->f);
	fake_tree_remove(w->root);
}

/* One window of a pass: packets forwarded, all for slot 0. */
static inline void
world_window(struct world *w, unsigned int pass, unsigned int packets)
{
	uint64_t by_slot[8] = {packets};

	w->s->ops->start(w->t, pass);
	fake_pmu_forward(&w->f, packets);
	w->s->ops->stop(w->t, pass, by_slot);
}

static inline void
world_round(struct world *w, unsigned int packets)
{
	assert_int_equal(w->s->ops->prepare(w->t, w->why, sizeof(w->why)), 0);
	for (unsigned int i = 0; i < w->s->ops->passes(w->s); i++)
		world_window(w, i, packets);
}

static inline int
world_read(struct world *w, int slot, struct steer_figures *f)
{
	memset(w->why, 0, sizeof(w->why));
	return w->s->ops->read(w->t, slot, f, w->why, sizeof(w->why));
}

#define assert_near(a, b) assert_true((a) > (b)-1e-9 && (a) < (b) + 1e-9)

#endif /* PMU_WORLD_H */
