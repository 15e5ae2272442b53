/* SPDX-License-Identifier: BSD-3-Clause */

#include "pick.h"

/** Sorted by whether they fill a column: from the front those that do not, from the back the rest.
 */
struct halves {
	uint32_t *stack, n, poor, rich;
};

static void
put(struct halves *h, const uint64_t *weights, uint64_t full, uint32_t i)
{
	if (weights[i] < full)
		h->stack[h->poor++] = i;
	else
		h->stack[h->n - ++h->rich] = i;
}

void
pick_fill(struct pick_slot *slots, uint64_t *weights, uint32_t *stack, uint32_t n)
{
	struct halves h = {.stack = stack, .n = n};
	uint64_t full = 0; /* a column; weights are in n-ths of it */
	uint32_t i, poor, rich;

	for (i = 0; i < n; i++) {
		full += weights[i];
		slots[i] = (struct pick_slot){.keep = UINT32_MAX, .other = i};
	}
	for (i = 0; i < n; i++)
		weights[i] *= n;
	for (i = 0; i < n; i++)
		put(&h, weights, full, i);
	while (h.poor > 0 && h.rich > 0) {
		poor = h.stack[--h.poor];
		rich = h.stack[n - h.rich--];
		slots[poor].keep = (uint32_t)((double)weights[poor] / (double)full * 4294967296.0);
		slots[poor].other = rich;
		weights[rich] -= full - weights[poor];
		put(&h, weights, full, rich);
	}
}
