/* SPDX-License-Identifier: BSD-3-Clause */

/* Trees of /sys/devices/system/cpu, made up, and what lib/steer reads out of them. */

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <topology.h>

#include "steer_fixture.h"

static char root[64];

static int
unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static int
new_tree(void **state)
{
	snprintf(root, sizeof(root), "/tmp/steer-topology-XXXXXX");
	assert_non_null(mkdtemp(root));
	steer_topology_root(root);
	return 0;
}

static int
no_tree(void **state)
{
	steer_topology_root(NULL);
	return nftw(root, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* root/name holds text; folders above it are made. */
static void
put(const char *text, const char *fmt, ...)
{
	char path[PATH_MAX];
	size_t n = (size_t)snprintf(path, sizeof(path), "%s/", root);
	char *slash;
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(path) - n, fmt, ap);
	va_end(ap);
	for (slash = strchr(path + n, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	assert_int_equal(fclose(f), 0);
}

static void
put_cache(int cpu, int index, const char *level, const char *type, const char *shared)
{
	put(level, "cpu%d/cache/index%d/level", cpu, index);
	put(type, "cpu%d/cache/index%d/type", cpu, index);
	put(shared, "cpu%d/cache/index%d/shared_cpu_list", cpu, index);
}

/* The link to the CPU's node is what counts, not what is in it. */
static void
put_node(int cpu, int node)
{
	put("", "cpu%d/node%d/x", cpu, node);
}

/* 16 CPUs on 2 nodes: pairs of hyper-threads, 2 cores to a cluster's L2; node 0 has one LLC, node 1
 * has two. */
static void
put_server(void)
{
	char pair[32], quad[32];
	const char *llc;
	int cpu;

	put("0-15", "present");
	put("0-15", "online");
	for (cpu = 0; cpu < 16; cpu++) {
		snprintf(pair, sizeof(pair), "%d-%d", cpu & ~1, cpu | 1);
		snprintf(quad, sizeof(quad), "%d-%d", cpu & ~3, cpu | 3);
		llc = cpu < 8 ? "0-7" : quad;
		put_cache(cpu, 0, "1", "Data", pair);
		put_cache(cpu, 1, "1", "Instruction", "0-15"); /* of no interest */
		put_cache(cpu, 2, "2", "Unified", quad);
		put_cache(cpu, 3, "3", "Unified", llc);
		put_node(cpu, cpu / 8);
	}
}

static void
assert_sharers(uint32_t cpu, enum steer_share what, const uint32_t *want, int n)
{
	uint32_t cpus[32];
	int i;

	assert_int_equal(steer_cpu_sharers(cpu, what, cpus, RTE_DIM(cpus)), n);
	for (i = 0; i < n; i++)
		assert_int_equal(cpus[i], want[i]);
}

static void
nearest_that_holds(void **state)
{
	struct steer_cpu_info info;

	put_server();
	assert_int_equal(steer_cpu_relation(3, 3), STEER_REL_SAME);
	assert_int_equal(steer_cpu_relation(0, 1), STEER_REL_L1);
	assert_int_equal(steer_cpu_relation(0, 2), STEER_REL_L2);
	assert_int_equal(steer_cpu_relation(3, 0), STEER_REL_L2);
	assert_int_equal(steer_cpu_relation(0, 4), STEER_REL_LLC);
	assert_int_equal(steer_cpu_relation(8, 12), STEER_REL_NODE);
	assert_int_equal(steer_cpu_relation(0, 8), STEER_REL_OTHER);
	assert_int_equal(steer_cpu_relation(0, 16), STEER_REL_UNKNOWN);
	assert_int_equal(steer_cpu_relation(UINT32_MAX, 0), STEER_REL_UNKNOWN);
	assert_int_equal(steer_cpu_info_get(9, &info), 0);
	assert_int_equal(info.online, 1);
	assert_int_equal(info.node, 1);
	assert_int_equal(info.nb_levels, 3);
	assert_int_equal(steer_cpu_info_get(16, &info), -ENOENT);
	assert_int_equal(steer_cpu_info_get(0, NULL), -EINVAL);
}

static void
who_shares(void **state)
{
	static const uint32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7};
	static const uint32_t high[] = {8, 9, 10, 11, 12, 13, 14, 15};
	uint32_t two[2] = {99, 99};

	put_server();
	assert_sharers(3, STEER_SHARE_L1, &all[2], 2);
	assert_sharers(3, STEER_SHARE_L2, all, 4);
	assert_sharers(3, STEER_SHARE_LLC, all, 8);
	assert_sharers(13, STEER_SHARE_LLC, &high[4], 4);
	assert_sharers(13, STEER_SHARE_NODE, high, 8);
	/* No more than there is room for, but all are counted. */
	assert_int_equal(steer_cpu_sharers(3, STEER_SHARE_LLC, two, 1), 8);
	assert_int_equal(two[0], 0);
	assert_int_equal(two[1], 99);
	assert_int_equal(steer_cpu_sharers(3, STEER_SHARE_LLC, NULL, 0), 8);
	assert_int_equal(steer_cpu_sharers(3, STEER_SHARE_LLC, NULL, 1), -EINVAL);
	assert_int_equal(steer_cpu_sharers(3, (enum steer_share)4, two, 2), -EINVAL);
	assert_int_equal(steer_cpu_sharers(16, STEER_SHARE_L1, two, 2), -ENOENT);
}

/* Linux often numbers the second threads after all the first; a small machine's LLC is its L2. */
static void
threads_far_apart(void **state)
{
	static const uint32_t core1[] = {1, 3}, all[] = {0, 1, 2, 3};
	int cpu;

	put("0-3", "present");
	put("0-3", "online");
	for (cpu = 0; cpu < 4; cpu++) {
		put_cache(cpu, 0, "1", "Data", cpu % 2 == 0 ? "0,2" : "1,3");
		put_cache(cpu, 1, "2", "Unified", "0-3");
		put_node(cpu, 0);
	}
	assert_int_equal(steer_cpu_relation(1, 3), STEER_REL_L1);
	assert_int_equal(steer_cpu_relation(0, 1), STEER_REL_L2);
	assert_sharers(3, STEER_SHARE_L1, core1, 2);
	assert_sharers(3, STEER_SHARE_LLC, all, 4);
}

/* Virtual machines may describe no cache; threads of a core are known all the same. */
static void
without_caches(void **state)
{
	struct steer_cpu_info info;
	uint32_t cpus[4];
	int cpu;

	put("0-3", "present");
	put("0-3", "online");
	for (cpu = 0; cpu < 4; cpu++) {
		put(cpu < 2 ? "0-1" : "2-3", "cpu%d/topology/%s", cpu,
		    cpu < 2 ? "core_cpus_list" : "thread_siblings_list");
		put_node(cpu, 0);
	}
	assert_int_equal(steer_cpu_relation(0, 1), STEER_REL_L1);
	assert_int_equal(steer_cpu_relation(2, 3), STEER_REL_L1);
	assert_int_equal(steer_cpu_relation(1, 2), STEER_REL_NODE);
	assert_int_equal(steer_cpu_sharers(0, STEER_SHARE_L2, cpus, 4), -ENODATA);
	assert_int_equal(steer_cpu_sharers(0, STEER_SHARE_LLC, cpus, 4), -ENODATA);
	assert_int_equal(steer_cpu_sharers(0, STEER_SHARE_L1, cpus, 4), 2);
	assert_int_equal(steer_cpu_info_get(0, &info), 0);
	assert_int_equal(info.nb_levels, 0);
}

static void
without_numa(void **state)
{
	struct steer_cpu_info info;

	put("0-1", "present");
	put("0-1", "online");
	put_cache(0, 0, "1", "Data", "0");
	put_cache(1, 0, "1", "Data", "1");
	assert_int_equal(steer_cpu_relation(0, 1), STEER_REL_NODE);
	assert_int_equal(steer_cpu_info_get(0, &info), 0);
	assert_int_equal(info.node, -1);
}

static void
put_half_offline(void)
{
	put("0-3,8", "present");
	put("0-1,3,8", "online");
	put_cache(0, 0, "1", "Data", "0-1");
	put_cache(1, 0, "1", "Data", "0-1");
	put_cache(3, 0, "1", "Data", "3");
	put_cache(8, 0, "1", "Data", "8");
	put_node(2, 0);
}

static void
offline(void **state)
{
	struct steer_cpu_info info;
	uint32_t cpus[4];

	put_half_offline();
	assert_int_equal(steer_cpu_relation(0, 2), STEER_REL_OFFLINE);
	assert_int_equal(steer_cpu_relation(2, 2), STEER_REL_OFFLINE);
	assert_int_equal(steer_cpu_relation(0, 5), STEER_REL_UNKNOWN);
	assert_int_equal(steer_cpu_info_get(2, &info), 0);
	assert_int_equal(info.online, 0);
	assert_int_equal(steer_cpu_info_get(5, &info), -ENOENT);
	assert_int_equal(steer_cpu_sharers(2, STEER_SHARE_L1, cpus, 4), -ENOENT);
	assert_true(steer_cpu_is_offline(2));
	assert_false(steer_cpu_is_offline(3));
	assert_false(steer_cpu_is_offline(5));
}

/* CPUs come and go while the program runs. */
static void
hot_plug_is_noticed(void **state)
{
	put_half_offline();
	assert_int_equal(steer_cpu_relation(3, 2), STEER_REL_OFFLINE);
	put_cache(2, 0, "1", "Data", "2-3");
	put_cache(3, 0, "1", "Data", "2-3");
	put("0-3,8", "online");
	assert_int_equal(steer_cpu_relation(3, 2), STEER_REL_L1);
	put("0-2", "online");
	assert_int_equal(steer_cpu_relation(3, 2), STEER_REL_OFFLINE);
}

static void
nonsense_tells_nothing(void **state)
{
	static const char *const lists[] = {"", "x", "-1", "3-1", "0-", "99999999999999999999"};
	unsigned int i;

	assert_int_equal(steer_cpu_relation(0, 0), STEER_REL_UNKNOWN); /* an empty folder */
	put("0-1", "present");
	for (i = 0; i < RTE_DIM(lists); i++) {
		put(lists[i], "online");
		steer_topology_root(root);
		assert_int_equal(steer_cpu_relation(0, 1), STEER_REL_OFFLINE);
		put("0-1", "online");
		put_cache(0, 0, "1", "Data", lists[i]);
		put_cache(0, 1, lists[i], "Unified", "0-1");
		put_cache(1, 1, "2", "Unified", "0-1");
		steer_topology_root(root);
		assert_int_equal(steer_cpu_relation(0, 1), STEER_REL_NODE);
	}
	steer_topology_root("/nowhere");
	assert_int_equal(steer_cpu_relation(0, 0), STEER_REL_UNKNOWN);
	assert_false(steer_cpu_is_offline(0));
}

static void
names(void **state)
{
	assert_string_equal(steer_relation_name(STEER_REL_SAME), "same CPU");
	assert_string_equal(steer_relation_name(STEER_REL_L2), "shares L2");
	assert_string_equal(steer_relation_name(STEER_REL_OTHER), "other NUMA node");
	assert_string_equal(steer_relation_name((enum steer_relation)99), "unknown");
}

/* "Right cluster, wrong core", in the queue's own state. */
static void
queue_says_how_near(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);

	steer_topology_root(root);
	put_server();
	fx_conf_run(port, 1, 1);
	assert_int_equal(fx_qinfo(STEER_RX, 0).relation, STEER_REL_UNKNOWN);
	assert_int_equal(fx_qinfo(STEER_RX, 0).lcore_cpu, STEER_CPU_NONE);
	fx_polled(port, STEER_RX, 0, 0); /* on CPU 2 */
	steer_scan();
	assert_int_equal(fx_qinfo(STEER_RX, 0).lcore_cpu, 2);
	assert_int_equal(fx_qinfo(STEER_RX, 0).relation, STEER_REL_SAME);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 0, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).relation, STEER_REL_L2);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 9, 0), 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).relation, STEER_REL_OTHER);
	steer_port_unregister(port);
}

/* One that is offline is refused; one that goes offline later is told. */
static void
binding_to_an_offline_cpu(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);

	steer_topology_root(root);
	put_half_offline();
	fx_conf_run(port, 1, 1);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 3, 0), 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 2, 0), -ENXIO);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 3);
	assert_int_equal(fx_qinfo(STEER_RX, 0).last_error, -ENXIO);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "CPU 2 is offline"));
	/* A CPU that nobody has is the kernel's to judge. */
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 40, 0), 0);
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, 3, 0), 0);
	assert_string_equal(fx_qinfo(STEER_RX, 0).why, "");
	put("0-1,8", "online");
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 3);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "has gone offline"));
	fx_polled(port, STEER_RX, 0, 0);
	assert_int_equal(fx_qinfo(STEER_RX, 0).relation, STEER_REL_OFFLINE);
	steer_port_unregister(port);
}

#define T(f) cmocka_unit_test_setup_teardown(f, new_tree, no_tree)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nearest_that_holds),
		T(who_shares),
		T(threads_far_apart),
		T(without_caches),
		T(without_numa),
		T(offline),
		T(hot_plug_is_noticed),
		T(nonsense_tells_nothing),
		T(names),
		T(queue_says_how_near),
		T(binding_to_an_offline_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
