/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Work of an application on each packet, in iterations: arithmetic in registers that touches no
 * memory, so that it takes time from the queue without changing what the caches hold.
 */

#ifndef WORK_H
#define WORK_H

#include <stdint.h>

#define WORK_MAX 1000000u

/**
 * n iterations, each of them waiting for the one before: a multiplication and two more operations,
 * about five cycles on the CPUs of these years.
 * @return what came out; keep it, or the compiler leaves the work out.
 */
static inline uint64_t
work_do(uint64_t x, uint32_t n)
{
	for (; n > 0; n--) {
		x ^= x >> 29;
		x = x * 0xd1342543de82ef95ull + 1;
	}
	return x;
}

#endif /* WORK_H */
