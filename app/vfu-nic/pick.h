/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Draws from a finite distribution in constant time: the alias method (A. J. Walker, 1977; the
 * table as M. D. Vose builds it, 1991). Integers in and out, so that every machine draws the same.
 */

#ifndef VFU_NIC_PICK_H
#define VFU_NIC_PICK_H

#include <stdint.h>

/** Highest weight of one outcome; the sum of up to 65536 of them stays exact in a double. */
#define PICK_MAX_WEIGHT UINT32_MAX

/** Half of each column of the table: the outcome of its own number, and the one that fills up. */
struct pick_slot {
	uint32_t keep; /* of 2^32 */
	uint32_t other;
};

/**
 * Table of n outcomes. weights and stack are scratch of n entries each; weights come in as 0 to
 * PICK_MAX_WEIGHT, not all of them 0, and are used up.
 */
void pick_fill(struct pick_slot *slots, uint64_t *weights, uint32_t *stack, uint32_t n);

/** Outcome of 64 random bits, 0..n-1. */
static inline uint32_t
pick_draw(const struct pick_slot *slots, uint32_t n, uint64_t bits)
{
	uint32_t i = (uint32_t)((bits >> 32) * n >> 32);

	return (uint32_t)bits < slots[i].keep ? i : slots[i].other;
}

/** Spread the bits of a counter or a seed; neighbours have nothing in common afterwards. */
static inline uint64_t
pick_mix(uint64_t h)
{
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
	h = (h ^ h >> 27) * 0x94d049bb133111ebull;
	return h ^ h >> 31;
}

/** Next 64 random bits of a state; any state is a good one. */
static inline uint64_t
pick_bits(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15ull;
	return pick_mix(*state);
}

#endif /* VFU_NIC_PICK_H */
