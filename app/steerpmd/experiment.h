/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The experiment: interleaved rounds of off, right and wrong on one port with a cache model.
 */

#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "app.h"

/** Ports are configured and stopped; they are stopped again at the end. Writes all results. */
enum pmd_exit experiment_run(struct app *app);

#endif /* EXPERIMENT_H */
