/* SPDX-License-Identifier: BSD-3-Clause */

/* The machines of platforms_*.c, in the order of steer_platform_next(). */

#ifndef CACHE_PLATFORMS_H
#define CACHE_PLATFORMS_H

#include "steer_cache.h"

extern const struct steer_platform platform_clx, platform_skl_6140, platform_icx, platform_spr;
extern const struct steer_platform platform_zen4, platform_zen5;
extern const struct steer_platform platform_neoverse_n1, platform_neoverse_v2;

#endif /* CACHE_PLATFORMS_H */
