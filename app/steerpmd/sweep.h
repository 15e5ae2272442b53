/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * An experiment at every point of a sweep. Main thread only.
 */

#ifndef SWEEP_H
#define SWEEP_H

#include <jansson.h>

#include "app.h"

/** Ports are configured and stopped, and are so again at the end. */
enum pmd_exit sweep_run(struct app *app);

/** {"size":64,"ring":256} of a point. @return new reference. */
json_t *sweep_point_json(const struct sweep_axes *s, unsigned long point);
/** Head of the sweep's file. @return new reference, NULL without memory. */
json_t *sweep_head_json(const struct opts *o, const char *source);

#endif /* SWEEP_H */
