/* SPDX-License-Identifier: BSD-3-Clause */

/* Order statistics that the files of steer_stat.h share. */

#ifndef CACHE_STAT_H
#define CACHE_STAT_H

#include <stdbool.h>

#include "steer_stat.h"

void stat_sort(double *v, size_t n);
/* Linear between neighbours; v is sorted. NaN when n is 0. */
double stat_quantile(const double *v, size_t n, double p);
bool stat_finite(const double *v, size_t n);

#endif /* CACHE_STAT_H */
