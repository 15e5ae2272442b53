/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>

#include "result.h"

int
result_init(struct result *r, unsigned int nb_queues, unsigned int max_rounds)
{
	struct queue_result *queues;

	r->rounds = calloc(max_rounds, sizeof(*r->rounds));
	queues = calloc((size_t)max_rounds * nb_queues, sizeof(*queues));
	if (r->rounds == NULL || queues == NULL) {
		free(r->rounds);
		free(queues);
		r->rounds = NULL;
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < max_rounds; i++)
		r->rounds[i].queues = &queues[(size_t)i * nb_queues];
	r->nb_queues = nb_queues;
	r->max_rounds = max_rounds;
	r->nb_rounds = 0;
	return 0;
}

void
result_free(struct result *r)
{
	if (r->rounds != NULL)
		free(r->rounds[0].queues); /* one array for all rounds */
	free(r->rounds);
	json_decref(r->detail);
	json_decref(r->point);
	*r = (struct result){0};
}

bool
result_has_mode(const struct result *r, enum steering mode)
{
	for (unsigned int i = 0; i < r->opts.nb_modes; i++)
		if (r->opts.modes[i] == mode)
			return true;
	return false;
}

/* 0, 1, n-1, 2, n-2, ...: neighbours differ by another amount each time (E. J. Williams, 1949). */
static unsigned int
zigzag(unsigned int n, unsigned int i)
{
	unsigned int half = (i + 1) / 2;

	return i % 2 != 0 ? half : (n - half) % n;
}

/* Odd numbers of modes need the rows read backwards as well. */
unsigned int
order_mode(unsigned int n, unsigned int round, unsigned int i)
{
	unsigned int first = round % n;

	if (n % 2 == 0)
		return (first + zigzag(n, i)) % n;
	return round / n % 2 == 0 ? (first + i) % n : (first + n - i) % n;
}
