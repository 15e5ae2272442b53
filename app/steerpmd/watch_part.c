/* SPDX-License-Identifier: BSD-3-Clause */

/* An lcore's part of what watches it: its memory, and the sources' parts in it. */

#include <errno.h>
#include <stdlib.h>

#include "watch.h"

#define PREPARE_TRIES 5 /* a machine that is too noisy just now may be quiet a moment later */

static int
thread_init(struct watch_thread *w, struct steer_source *source, unsigned int rows)
{
	*w = (struct watch_thread){.source = source,
				   .passes = source->ops->passes(source),
				   .rc = -EBUSY,
				   .why = "the lcore does something else"};
	w->sum = calloc(rows, sizeof(*w->sum));
	w->copy = calloc(rows, sizeof(*w->copy));
	return w->sum == NULL || w->copy == NULL ? -ENOMEM : 0;
}

static void
thread_close(struct watch_thread *w)
{
	if (w->t != NULL)
		w->source->ops->thread_close(w->t);
	w->t = NULL;
}

static void
thread_fini(struct watch_thread *w)
{
	thread_close(w);
	free(w->sum);
	free(w->copy);
	*w = (struct watch_thread){.rc = 0};
}

int
watch_part_init(struct watch_part *p, struct steer_source *const *sources, unsigned int n,
		struct fwd_stream *streams, unsigned int nb_streams)
{
	int rc = 0;

	*p = (struct watch_part){.streams = streams, .nb_streams = nb_streams};
	p->packets = calloc(nb_streams, sizeof(*p->packets));
	if (p->packets == NULL)
		return -ENOMEM;
	for (; p->nb_sources < n && rc == 0; p->nb_sources++) {
		struct watch_thread *w = &p->source[p->nb_sources];

		rc = thread_init(w, sources[p->nb_sources], nb_streams + 1);
		p->nb_windows += w->passes;
	}
	return rc;
}

void
watch_part_fini(struct watch_part *p)
{
	for (unsigned int i = 0; i < p->nb_sources; i++)
		thread_fini(&p->source[i]);
	free(p->packets);
	*p = (struct watch_part){.nb_sources = 0};
}

void
watch_part_drop(struct watch_part *p, unsigned int source)
{
	p->nb_windows -= p->source[source].passes;
	thread_fini(&p->source[source]);
	p->nb_sources--;
	for (unsigned int i = source; i < p->nb_sources; i++)
		p->source[i] = p->source[i + 1];
	p->source[p->nb_sources] = (struct watch_thread){.rc = 0};
}

static void
thread_open(struct watch_thread *w, unsigned int slots)
{
	const struct steer_source_ops *ops = w->source->ops;

	w->rc = ops->thread_open(w->source, slots, &w->t, w->why, sizeof(w->why));
	if (w->rc != 0) {
		w->t = NULL;
		return;
	}
	for (unsigned int tries = 0; tries < PREPARE_TRIES; tries++) {
		w->rc = ops->prepare(w->t, w->why, sizeof(w->why));
		if (w->rc != -EAGAIN)
			break;
	}
	if (w->rc != 0)
		thread_close(w);
}

int
watch_part_open(void *part)
{
	struct watch_part *p = part;

	for (unsigned int i = 0; i < p->nb_sources; i++)
		thread_open(&p->source[i], p->nb_streams);
	return 0;
}

int
watch_part_close(void *part)
{
	struct watch_part *p = part;

	for (unsigned int i = 0; i < p->nb_sources; i++)
		thread_close(&p->source[i]);
	return 0;
}
