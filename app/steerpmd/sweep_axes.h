/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Axes of a sweep: option values that are taken in turns, and the points of their product.
 */

#ifndef SWEEP_AXES_H
#define SWEEP_AXES_H

#include <stdbool.h>
#include <stddef.h>

#define SWEEP_MAX_AXES   8
#define SWEEP_MAX_VALUES 64
#define SWEEP_MAX_POINTS 4096
#define SWEEP_VALUE_LEN  32

struct opts;

struct sweep_axis {
	const char *name; /**< "size", "ring", ...; static */
	unsigned int n;
	char values[SWEEP_MAX_VALUES][SWEEP_VALUE_LEN];
};

struct sweep_axes {
	unsigned int n; /**< 0: no sweep */
	struct sweep_axis axes[SWEEP_MAX_AXES];
};

/**
 * Add "NAME=VALUES": a comma list of values and ranges. A range A..B doubles from A for axes whose
 * values are powers of two by habit (ring, queues, burst, window, flows) and takes five values
 * spread evenly for the others; A..B:STEP goes by steps.
 * @return 0 or -EINVAL, and one line in err.
 */
int sweep_axes_add(struct sweep_axes *s, const char *text, char *err, size_t len);
/** Points of the product; more than SWEEP_MAX_POINTS is for the caller to refuse. */
unsigned long sweep_axes_points(const struct sweep_axes *s);
/** Index into axis a's values at a point; the last axis turns fastest. */
unsigned int sweep_axes_index(const struct sweep_axes *s, unsigned long point, unsigned int a);
/** Put a point's values into options. @return enum pmd_exit, and one line in err. */
int sweep_axes_apply(const struct sweep_axes *s, unsigned long point, struct opts *o, char *err,
		     size_t len);
/** "size=64 ring=256" of a point into buf; returns buf. */
const char *sweep_axes_text(const struct sweep_axes *s, unsigned long point, char *buf, size_t len);
/** Names of all axes that there are, for messages. */
const char *sweep_axes_known(void);

#endif /* SWEEP_AXES_H */
