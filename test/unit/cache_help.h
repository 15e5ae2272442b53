/* SPDX-License-Identifier: BSD-3-Clause */

/* For the tests of the cache model: one object, and the level that one access is served from. */

#ifndef CACHE_HELP_H
#define CACHE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <steer_cache.h>

#define LINE STEER_CACHE_LINE
#define A    0x10000u

static inline struct steer_cache *
make(const char *name, unsigned int cores)
{
	struct steer_cache *c = NULL;

	assert_non_null(steer_platform_find(name));
	assert_int_equal(steer_cache_create(steer_platform_find(name), cores, 1, &c), 0);
	return c;
}

/* Level that one access of one line is served from. */
static inline int
served(struct steer_cache *c, unsigned int core, uint64_t addr, enum steer_cache_op op)
{
	struct steer_cache_counters ctr = {0};
	int found = -1;

	steer_cache_access(c, core, addr, 1, op, &ctr);
	for (int l = 0; l < STEER_CACHE_LEVELS; l++)
		if (ctr.lines[l]) {
			assert_int_equal(found, -1);
			assert_int_equal(ctr.lines[l], 1);
			found = l;
		}
	return found;
}

static inline int
load(struct steer_cache *c, unsigned int core, uint64_t addr)
{
	return served(c, core, addr, STEER_CACHE_OP_LOAD);
}

static inline int
store(struct steer_cache *c, unsigned int core, uint64_t addr)
{
	return served(c, core, addr, STEER_CACHE_OP_STORE);
}

#endif /* CACHE_HELP_H */
