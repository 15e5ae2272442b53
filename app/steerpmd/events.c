/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "events.h"

static int wake_fd = -1;
static volatile sig_atomic_t quit;
static int removed[RTE_MAX_ETHPORTS];

static void
wake(void)
{
	uint64_t one = 1;
	ssize_t n = write(wake_fd, &one, sizeof(one));

	(void)n; /* full means that a wake-up is under way already */
}

static void
on_signal(int sig)
{
	int saved = errno;

	quit = 1;
	wake();
	errno = saved;
}

/* EAL's interrupt thread: closing the port here would wait for this very thread. */
static int
on_removed(uint16_t port, enum rte_eth_event_type type, void *arg, void *ret)
{
	__atomic_store_n(&removed[port], 1, __ATOMIC_RELEASE);
	wake();
	return 0;
}

int
events_init(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		return -errno;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	return rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_INTR_RMV, on_removed, NULL);
}

void
events_fini(void)
{
	rte_eth_dev_callback_unregister(RTE_ETH_ALL, RTE_ETH_EVENT_INTR_RMV, on_removed, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	close(wake_fd);
	wake_fd = -1;
}

static bool
any_removed(void)
{
	for (unsigned int p = 0; p < RTE_MAX_ETHPORTS; p++)
		if (__atomic_load_n(&removed[p], __ATOMIC_ACQUIRE))
			return true;
	return false;
}

unsigned int
events_wait(int timeout_ms, bool input)
{
	struct pollfd fds[2] = {{.fd = wake_fd, .events = POLLIN},
				{.fd = STDIN_FILENO, .events = POLLIN}};
	unsigned int events = 0;
	uint64_t count;
	ssize_t n;

	/* a signal between these lines has written to wake_fd: poll returns at once */
	if (quit || any_removed())
		timeout_ms = 0;
	if (poll(fds, input ? 2 : 1, timeout_ms) > 0) {
		if (fds[0].revents != 0)
			n = read(wake_fd, &count, sizeof(count));
		if (input && fds[1].revents != 0)
			events |= EVENT_INPUT;
	}
	(void)n;
	if (quit)
		events |= EVENT_QUIT;
	if (any_removed())
		events |= EVENT_REMOVED;
	return events;
}

bool
events_removed_next(uint16_t *port)
{
	for (uint16_t p = 0; p < RTE_MAX_ETHPORTS; p++) {
		if (__atomic_exchange_n(&removed[p], 0, __ATOMIC_ACQ_REL)) {
			*port = p;
			return true;
		}
	}
	return false;
}
