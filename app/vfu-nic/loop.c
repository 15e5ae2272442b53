/* SPDX-License-Identifier: BSD-3-Clause */

/* The control thread: one epoll over signals, the listening socket, the client and faults. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nic_priv.h"

/* Messages of one client between two looks at the other fds. */
#define BUDGET 64

static int
watch(struct nic *nic, int fd, enum nic_event what)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = what};

	return epoll_ctl(nic->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

void
nic_fault(struct nic *nic, const char *why)
{
	const uint64_t one = 1;
	const char *none = NULL;

	if (atomic_compare_exchange_strong(&nic->fault, &none, why) &&
	    write(nic->fault_fd, &one, sizeof(one)) < 0)
		return;
}

int
nic_attach(struct nic *nic)
{
	struct nic_conn *c = &nic->conn;

	c->versioned = false;
	c->tph_key = false;
	c->tsm_key = false;
	c->max_fds = VFU_DEF_MAX_MSG_FDS;
	c->max_xfer = VFU_DEF_MAX_DATA_XFER;
	nic_frame_reset(c);
	atomic_fetch_add(&nic->stats.clients, 1);
	return watch(nic, c->fd, NIC_EV_CLIENT);
}

void
nic_drop(struct nic *nic, const char *why)
{
	uint64_t count;

	if (nic->conn.fd < 0)
		return;
	if (why != NULL)
		nic_log(nic, "client dropped: %s", why);
	close(nic->conn.fd);
	nic->conn.fd = -1;
	nic_frame_reset(&nic->conn);
	nic_client_gone(nic);
	/* No worker touches what the client left: a fault seen now is an old one. */
	atomic_store(&nic->fault, NULL);
	if (read(nic->fault_fd, &count, sizeof(count)) < 0)
		return;
}

int
nic_serve(struct nic *nic)
{
	int rc, i;

	for (i = 0; i < BUDGET; i++) {
		rc = nic_frame_recv(&nic->conn);
		if (rc == 0)
			return 0;
		if (rc == 1)
			rc = nic_dispatch(nic);
		/* What a message did to shared memory counts before the next one is looked at. */
		if (rc == 0 && atomic_load(&nic->fault) != NULL)
			return 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void
on_client(struct nic *nic)
{
	int rc;

	if (nic->conn.fd < 0)
		return;
	rc = nic_serve(nic);
	if (rc < 0)
		nic_drop(nic, rc == -ECONNRESET || rc == -EPIPE ? NULL : "protocol error");
}

static void
on_fault(struct nic *nic)
{
	const char *why = atomic_load(&nic->fault);

	if (why == NULL)
		return;
	atomic_fetch_add(&nic->stats.faults, 1);
	nic_drop(nic, why);
}

static void
on_signal(struct nic *nic)
{
	struct signalfd_siginfo si;

	while (read(nic->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGUSR1)
			nic_report(nic, "counters");
		else
			nic->stop = true;
	}
}

static void
on_listen(struct nic *nic)
{
	struct pollfd old = {.fd = nic->conn.fd};
	int rc;

	/* The next client may be seen before the end of the last one: look, and let it go first. */
	if (old.fd >= 0 && poll(&old, 1, 0) == 1 && (old.revents & (POLLHUP | POLLERR)) != 0)
		nic_drop(nic, NULL);
	if (nic_accept(nic) == 0)
		return;
	rc = nic_attach(nic);
	if (rc < 0)
		nic_drop(nic, strerror(-rc));
}

static void
on_event(struct nic *nic, uint32_t what)
{
	switch (what) {
	case NIC_EV_SIGNAL: on_signal(nic); break;
	case NIC_EV_LISTEN: on_listen(nic); break;
	case NIC_EV_CLIENT: on_client(nic); break;
	default: on_fault(nic); break;
	}
}

int
nic_loop(struct nic *nic)
{
	struct epoll_event ev[8];
	int i, n, rc;

	rc = watch(nic, nic->signal_fd, NIC_EV_SIGNAL);
	if (rc == 0)
		rc = watch(nic, nic->listen_fd, NIC_EV_LISTEN);
	if (rc == 0)
		rc = watch(nic, nic->fault_fd, NIC_EV_FAULT);
	while (rc == 0 && !nic->stop) {
		n = epoll_wait(nic->epoll_fd, ev, 8, -1);
		if (n < 0 && errno != EINTR)
			rc = -errno;
		for (i = 0; i < n; i++)
			on_event(nic, ev[i].data.u32);
	}
	nic_report(nic, "done"); /* with the table as the client has it */
	nic_drop(nic, NULL);
	return rc;
}
