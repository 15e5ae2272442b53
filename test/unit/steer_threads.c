/* SPDX-License-Identifier: BSD-3-Clause */

/* lib/steer's threads: following queues, calling the kernel, and everybody at once. */

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "steer_fixture.h"

static void
thread_follows(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;
	int i;

	conf.scan_us = 1000;
	port = fx_up(&conf);
	fx_conf_run(port, 1, 1);
	fx_polled(port, STEER_RX, 0, 1);
	for (i = 0; i < 5000 && fx_qinfo(STEER_RX, 0).cpu != 5; i++)
		usleep(1000);
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, 5);
	steer_port_unregister(port);
}

/* Two CPUs that this test may use; false on a machine with one. */
static bool
two_cpus(int *first, int *second)
{
	cpu_set_t set;

	pthread_getaffinity_np(pthread_self(), sizeof(set), &set);
	for (*first = 0; !CPU_ISSET(*first, &set); (*first)++)
		continue;
	for (*second = *first + 1; *second < CPU_SETSIZE && !CPU_ISSET(*second, &set); (*second)++)
		continue;
	return *second < CPU_SETSIZE;
}

static void
pin(int cpu, cpu_set_t *saved)
{
	cpu_set_t one;

	pthread_getaffinity_np(pthread_self(), sizeof(*saved), saved);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(pthread_setaffinity_np(pthread_self(), sizeof(one), &one), 0);
}

/* The setter inherits one CPU, as EAL's control threads do; a call may run on the CPU it names, and
 * afterwards the thread is back where it was. The caller's CPUs are its own affair. */
static void
setter_may_run_on_the_cpu_it_names(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port;
	cpu_set_t saved, before, after;
	int first, second;

	if (!two_cpus(&first, &second))
		skip();
	pin(first, &saved);
	port = fx_up(&conf);
	pthread_getaffinity_np(pthread_self(), sizeof(before), &before);
	fx_conf_run(port, 1, 1);
	tph0.check_affinity = tph0.refuse_outside = true;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, (uint32_t)second, 0), 0);
	assert_true(tph0.had_affinity);
	assert_false(pthread_equal(tph0.by, pthread_self()));
	pthread_getaffinity_np(tph0.by, sizeof(after), &after);
	assert_true(CPU_EQUAL(&after, &before));
	pthread_getaffinity_np(pthread_self(), sizeof(after), &after);
	assert_true(CPU_EQUAL(&after, &before));
	/* What was there before may have to be programmed anew. */
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, (uint32_t)first, 0), 0);
	steer_port_unregister(port);
	pthread_setaffinity_np(pthread_self(), sizeof(saved), &saved);
}

/* No machine has this one, and the kernel drops it as it drops what a cgroup forbids. */
static void
cpu_that_the_process_may_not_use_is_the_reason(void **state)
{
	const uint32_t far = CPU_SETSIZE - 1;
	struct steer_port_conf conf = fx_world(STEER_MODE_PER_QUEUE);
	struct steer_port *port = fx_up(&conf);
	int first, second;

	fx_conf_run(port, 1, 1);
	tph0.refuse_outside = true;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, far, 0), -EPERM);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why,
			       "no tag for CPU 1023: this process may not "
			       "run there"));
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, strerror(EPERM)));
	assert_int_equal(fx_qinfo(STEER_RX, 0).cpu, STEER_CPU_NONE);
	/* A kernel that does not mind is not second-guessed. */
	tph0.refuse_outside = false;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, far, 0), 0);
	assert_string_equal(fx_qinfo(STEER_RX, 0).why, "");
	two_cpus(&first, &second);
	tph0.bad_cpu = (uint32_t)first;
	assert_int_equal(steer_queue_bind_cpu(PORT, STEER_RX, 0, tph0.bad_cpu, 0), -ENOENT);
	assert_non_null(strstr(fx_qinfo(STEER_RX, 0).why, "the kernel knows no tag"));
	steer_port_unregister(port);
}

static int
thread_count(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* The kernel lists a joined thread a little longer. */
static void
assert_threads(int want)
{
	int i;

	for (i = 0; i < 10000 && thread_count() != want; i++)
		usleep(1000);
	assert_int_equal(thread_count(), want);
}

static void
threads_end_with_the_last_port(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO), other;
	struct steer_port *a, *b;
	int before = thread_count(), i;

	for (i = 0; i < 20; i++) {
		a = fx_up(&conf);
		other = conf;
		other.port_id = PORT + 1;
		b = fx_up(&other);
		assert_threads(before + 2);
		steer_port_unregister(a);
		assert_threads(before + 2);
		steer_port_unregister(b);
		assert_threads(before);
	}
	/* A port that cannot be steered needs none, and one that is refused leaves none. */
	tph0.usable = -ENOTSUP;
	a = fx_up(&conf);
	assert_threads(before);
	steer_port_unregister(a);
	tph0.usable = 0;
	conf.mode = STEER_MODE_PALETTE;
	conf.max_vectors = 2;
	assert_int_equal(steer_port_register(&conf, &a), -ENOSPC);
	assert_threads(before);
}

static void
no_thread_no_steering(void **state)
{
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO);
	struct steer_port *port;

	fx_thread_rc = EAGAIN;
	port = fx_up(&conf);
	fx_thread_rc = 0;
	assert_int_equal(fx_pinfo().strategy, STEER_STRATEGY_NONE);
	assert_non_null(strstr(fx_pinfo().why, "no control thread that could set tags"));
	steer_port_unregister(port);
}

/* Applications, the scan thread and telemetry all at once, on two ports. */
static void *
hammer(void *arg)
{
	const uint16_t port = *(const uint16_t *)arg;
	struct steer_queue_info info;
	int i;

	for (i = 0; i < 500; i++) {
		steer_queue_bind_cpu(port, STEER_RX, (uint16_t)(i % 2), i % 3 ? 2 : 5, 0);
		steer_queue_info_get(port, STEER_RX, 0, &info);
		if (i % 50 == 0)
			steer_port_disable(port, 0);
		if (i % 50 == 10)
			steer_port_enable(port, 0);
		if (i % 7 == 0)
			steer_queue_auto(port, STEER_RX, 0, 0);
	}
	return NULL;
}

static void
everybody_at_once(void **state)
{
	static const uint16_t ids[] = {PORT, PORT + 1};
	struct steer_port_conf conf = fx_world(STEER_MODE_AUTO), other;
	struct steer_port *ports[2];
	pthread_t threads[4];
	int i;

	conf.scan_us = 100;
	other = conf;
	other.port_id = PORT + 1;
	tph1 = tph0;
	other.tph = (struct steer_tph *)&tph1;
	other.ctx = &drv1;
	ports[0] = fx_up(&conf);
	ports[1] = fx_up(&other);
	for (i = 0; i < 2; i++) {
		assert_int_equal(steer_port_configure(ports[i], 2, 2, 0), 0);
		steer_port_start(ports[i]);
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, (void *)&ids[i % 2]), 0);
	for (i = 0; i < 2000; i++)
		fx_polled(ports[i & 1], STEER_RX, 0, i & 2 ? 0 : 1);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	steer_port_unregister(ports[0]);
	steer_port_unregister(ports[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thread_follows),
		cmocka_unit_test(setter_may_run_on_the_cpu_it_names),
		cmocka_unit_test(cpu_that_the_process_may_not_use_is_the_reason),
		cmocka_unit_test(threads_end_with_the_last_port),
		cmocka_unit_test(no_thread_no_steering),
		cmocka_unit_test(everybody_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
