/* SPDX-License-Identifier: BSD-3-Clause */

/* Platforms and shapes by name. */

#include <errno.h>
#include <string.h>

#include <steer_shape.h>

#include "cache_help.h"

static void
every_platform_can_be_created(void **state)
{
	unsigned int n = 0;

	for (const struct steer_platform *p = NULL; (p = steer_platform_next(p)) != NULL; n++) {
		assert_ptr_equal(steer_platform_find(p->name), p);
		steer_cache_destroy(make(p->name, 64));
	}
	assert_true(n >= 8);
}

static void
xeon_gold_6140_has_its_size(void **state)
{
	/* 18 slices of 1.375 MB; two of eleven ways are 4.5 MB. */
	const struct steer_platform *p = steer_platform_find("skl-6140");

	assert_int_equal(p->llc.size * p->llc_slices, 18u * 1408 << 10);
	assert_int_equal(p->llc.size * p->llc_slices / p->llc.ways * p->io_ways, 4608u << 10);
}

static void
parts_can_be_changed(void **state)
{
	const struct steer_platform *base = steer_platform_find("skl-6140");
	struct steer_platform p;
	char why[256];

	assert_int_equal(steer_platform_parse("skl-6140", &p, why, sizeof(why)), 0);
	assert_memory_equal(&p, base, sizeof(p));
	assert_int_equal(steer_platform_parse("skl-6140:io_ways=4", &p, why, sizeof(why)), 0);
	assert_int_equal(p.io_ways, 4);
	p.io_ways = base->io_ways;
	assert_memory_equal(&p, base, sizeof(p));
	assert_int_equal(
		steer_platform_parse("zen5:tag_ways=2,declined=100,slices=1", &p, why, sizeof(why)),
		0);
	assert_int_equal(p.l2_tag_ways, 2);
	assert_int_equal(p.tag_declined, 100);
	assert_int_equal(p.llc_slices, 1);
	assert_int_equal(steer_platform_parse("spr:tags=1,shared=0", &p, why, sizeof(why)), 0);
	assert_int_equal(p.tags_to_l2, 1);
	assert_int_equal(p.shared_ways, 0);
}

static void
wrong_parts_are_refused(void **state)
{
	static const char *const wrong[] = {
		"zen5:",           "zen5:io_ways",       "zen5:io_ways=",
		"zen5:io_ways=17", "zen5:tag_ways=-1",   "zen5:tags=2",
		"zen5:slices=0",   "zen5:declined=1001", "zen5:colour=1",
		"zen5:io_ways=2,", "zen5:io_ways=2 ",    "zen5:tags=18446744073709551617",
	};
	struct steer_platform p;
	char why[256];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why[0] = '\0';
		assert_int_equal(steer_platform_parse(wrong[i], &p, why, sizeof(why)), -EINVAL);
		assert_non_null(strstr(why, "platform 'zen5'"));
		assert_null(strchr(why, '\n'));
	}
	assert_int_equal(steer_platform_parse("pdp11:io_ways=2", &p, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "no platform 'pdp11', known: clx"));
	assert_non_null(strstr(why, "neoverse-v2"));
	/* A short buffer is filled, not overrun. */
	assert_int_equal(steer_platform_parse("pdp11", &p, why, 8), -ENOENT);
	assert_int_equal(strlen(why), 7);
}

static void
shapes_by_name(void **state)
{
	unsigned int n = 0;

	for (const struct steer_ring_shape *s = NULL; (s = steer_shape_next(s)) != NULL; n++) {
		assert_ptr_equal(steer_shape_find(s->name), s);
		assert_true(s->rx_share > 0 && s->tx_share > 0);
		assert_true(strlen(s->name) < 16); /* conf.rings */
	}
	assert_true(n >= 2);
	assert_ptr_equal(steer_shape_find(""), steer_shape_find("virtio"));
	assert_int_equal(steer_shape_find("virtio")->as_is, 1);
	assert_null(steer_shape_find("i8086"));
	assert_null(steer_shape_find(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_platform_can_be_created),
		cmocka_unit_test(xeon_gold_6140_has_its_size),
		cmocka_unit_test(parts_can_be_changed),
		cmocka_unit_test(wrong_parts_are_refused),
		cmocka_unit_test(shapes_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
