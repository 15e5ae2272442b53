/* SPDX-License-Identifier: BSD-3-Clause */

/* Signalling a client's eventfd: each call counts, and no state of the counter blocks it. */

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_vio.h"

#define FULL    (UINT64_MAX - 1) /* the highest that a write gives; one more would block */
#define THREADS 4
#define EACH    5000u
#define ROUNDS  500u
#define LIMIT   60u /* seconds: SIGALRM ends a program that hangs */

static struct nic_events events;

static int
setup(void **state)
{
	alarm(LIMIT);
	return nic_events_init(&events);
}

static int
teardown(void **state)
{
	nic_events_fini(&events);
	return 0;
}

static uint64_t
count(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void
full_counter(void **state)
{
	int fd = eventfd(0, 0), i; /* a write would block */
	const uint64_t full = FULL;

	assert_int_equal(write(fd, &full, sizeof(full)), sizeof(full));
	for (i = 0; i < 1000; i++)
		nic_event_signal(&events, fd);
	assert_true(count(fd) == UINT64_MAX);
	nic_event_signal(&events, fd);
	assert_int_equal(count(fd), 1);
	close(fd);
}

static void *
many(void *arg)
{
	uint32_t i;

	for (i = 0; i < EACH; i++)
		nic_event_signal(&events, *(const int *)arg);
	return NULL;
}

static void
none_is_lost(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK), i;
	pthread_t t[THREADS];

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, many, &fd), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(count(fd), THREADS * EACH);
	assert_int_equal(count(fd), 0);
	close(fd);
}

static void
other_files(void **state)
{
	int p[2];
	char c;

	assert_int_equal(pipe(p), 0);
	nic_event_signal(&events, p[1]); /* no eventfd: nothing happens */
	nic_event_signal(&events, 9999);
	close(p[1]);
	assert_int_equal(read(p[0], &c, 1), 0);
	close(p[0]);
}

/* Empties the counter and fills it at once: whoever looked before and writes now would block. */
static void *
fill(void *arg)
{
	const int fd = *(const int *)arg;
	const uint64_t full = FULL;

	count(fd);
	return write(fd, &full, sizeof(full)) == sizeof(full) ? NULL : arg;
}

static void
counter_that_fills_up_in_between(void **state)
{
	struct pollfd p = {.fd = eventfd(0, 0), .events = POLLIN};
	uint32_t round, i;
	pthread_t t;

	for (round = 0; round < ROUNDS; round++) {
		assert_int_equal(pthread_create(&t, NULL, fill, &p.fd), 0);
		for (i = 0; i < 200; i++)
			nic_event_signal(&events, p.fd);
		/* The filler itself may wait for room, or for something to read. */
		while (pthread_tryjoin_np(t, NULL) != 0) {
			if (poll(&p, 1, 1) == 1)
				count(p.fd);
			else
				nic_event_signal(&events, p.fd);
		}
		if (poll(&p, 1, 0) == 1)
			count(p.fd);
	}
	close(p.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_counter),
		cmocka_unit_test(none_is_lost),
		cmocka_unit_test(other_files),
		cmocka_unit_test(counter_that_fills_up_in_between),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
