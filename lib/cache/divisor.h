/* SPDX-License-Identifier: BSD-3-Clause */

/* Greatest common divisor: the step that a counter moves in, and walks that visit every line. */

#ifndef STEER_DIVISOR_H
#define STEER_DIVISOR_H

#include <stdint.h>

/** @return the largest number that divides both; of 0 and n it is n. */
static inline uint64_t
steer_common_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

#endif /* STEER_DIVISOR_H */
