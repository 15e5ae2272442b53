/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What an experiment would measure, and how: from the command line alone, no device is opened.
 */

#ifndef DRY_RUN_H
#define DRY_RUN_H

#include <stdio.h>

#include "opts.h"

void dry_run(const struct opts *o, FILE *out);

#endif /* DRY_RUN_H */
