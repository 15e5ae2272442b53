/* SPDX-License-Identifier: BSD-3-Clause */

/* Life of the PCI function: creation, reset, a client's end. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "nic_priv.h"

void
nic_log(const struct nic *nic, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(stderr, "vfu-nic: %s: %s\n", nic->opts.sock, line);
}

int
nic_create(const struct nic_opts *opts, struct nic **out)
{
	struct nic *nic = calloc(1, sizeof(*nic));
	int rc;

	if (nic == NULL)
		return -ENOMEM;
	nic->opts = *opts;
	nic->conn.fd = nic->listen_fd = nic->signal_fd = -1;
	nic->fault_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nic->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	rc = nic_events_init(&nic->events);
	nic_irq_init(&nic->irq);
	nic_irq_table_reset(nic);
	nic->conn.in = malloc(NIC_MSG_MAX);
	nic->conn.out = malloc(NIC_MSG_MAX + sizeof(struct vfu_hdr));
	if (rc == 0 && (nic->fault_fd < 0 || nic->epoll_fd < 0))
		rc = -EMFILE;
	if (rc == 0 && (nic->conn.in == NULL || nic->conn.out == NULL))
		rc = -ENOMEM;
	if (rc == 0)
		rc = nic_dma_init(&nic->dma);
	if (rc == 0)
		rc = nic_tsm_create(nic);
	if (rc < 0) {
		nic_destroy(nic);
		return rc;
	}
	nic_tph_init(nic);
	*out = nic;
	return 0;
}

void
nic_destroy(struct nic *nic)
{
	if (nic == NULL)
		return;
	nic_unlisten(nic);
	nic_tsm_destroy(nic);
	nic_io_close(nic);
	nic_irq_clear(&nic->irq);
	nic_dma_fini(&nic->dma);
	nic_events_fini(&nic->events);
	if (nic->fault_fd >= 0)
		close(nic->fault_fd);
	if (nic->epoll_fd >= 0)
		close(nic->epoll_fd);
	free(nic->conn.in);
	free(nic->conn.out);
	free(nic);
}

const struct nic_opts *
nic_options(const struct nic *nic)
{
	return &nic->opts;
}

bool
nic_bus_master(const struct nic *nic)
{
	return atomic_load_explicit(&nic->cfg.bus_master, memory_order_relaxed) &&
	       !atomic_load_explicit(&nic->dma_shut, memory_order_relaxed);
}

/* Maps and interrupt fds stay (they are the client's), registers go to power-on. Paused. */
static void
power_on(struct nic *nic)
{
	nic_irq_table_reset(nic);
	nic_tph_reset(nic);
	nic_cfg_reset(nic);
}

void
nic_reset(struct nic *nic)
{
	atomic_fetch_add(&nic->stats.resets, 1);
	vio_pause(nic->vio);
	nic_tsm_on_reset(nic);
	vio_reset(nic->vio);
	power_on(nic);
	vio_resume(nic->vio);
}

void
nic_client_gone(struct nic *nic)
{
	vio_pause(nic->vio);
	vio_client_gone(nic->vio);
	nic_dma_clear(&nic->dma);
	vio_dma_changed(nic->vio);
	nic_irq_clear(&nic->irq);
	nic_io_close(nic);
	nic_tsm_on_client_gone(nic);
	power_on(nic);
	vio_resume(nic->vio);
}
