/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * MSI-X: an eventfd per vector is what fires; the table in BAR2 is a place for the client to write
 * to (QEMU keeps its own and never does). The mask bits therefore do not gate anything here, and
 * the steering-tag half of vector control belongs to the kernel's part of the device (tph.c).
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nic_priv.h"

#define ENTRY_CTRL 12u

void
nic_irq_init(struct nic_irq *irq)
{
	uint32_t v;

	for (v = 0; v < NIC_MAX_VECTORS; v++)
		atomic_init(&irq->fd[v], -1);
}

/* Paused. */
static void
assign(struct nic_irq *irq, uint32_t vector, int fd)
{
	int old = atomic_exchange(&irq->fd[vector], fd);

	if (old >= 0)
		close(old);
}

void
nic_irq_clear(struct nic_irq *irq)
{
	uint32_t v;

	for (v = 0; v < NIC_MAX_VECTORS; v++)
		assign(irq, v, -1);
}

bool
nic_irq_any(const struct nic_irq *irq)
{
	uint32_t v;

	for (v = 0; v < NIC_MAX_VECTORS; v++)
		if (atomic_load_explicit(&irq->fd[v], memory_order_relaxed) >= 0)
			return true;
	return false;
}

void
nic_irq_fire(const struct nic *nic, uint16_t vector)
{
	int fd;

	if (vector >= nic->opts.vectors)
		return;
	fd = atomic_load_explicit(&nic->irq.fd[vector], memory_order_acquire);
	if (fd >= 0)
		nic_event_signal(&nic->events, fd);
}

void
nic_irq_table_reset(struct nic *nic)
{
	uint32_t v;

	memset(nic->irq.table, 0, sizeof(nic->irq.table));
	for (v = 0; v < nic->opts.vectors; v++)
		nic->irq.table[v][ENTRY_CTRL] = 1;
}

/* Byte of the table at this offset, NULL outside; the tag bytes are not kept in it. */
static uint8_t *
table_byte(struct nic *nic, uint64_t off, bool *is_st)
{
	uint64_t v = off / 16, b = off % 16;

	if (v >= nic->opts.vectors)
		return NULL;
	*is_st = b >= ENTRY_CTRL + 2;
	return &nic->irq.table[v][b];
}

void
nic_irq_bar_read(const struct nic *nic, uint64_t off, uint8_t *buf, size_t len)
{
	const bool st_here = nic->opts.tph == NIC_TPH_IV_MSIX;
	const uint8_t *p;
	bool is_st;
	size_t i;

	for (i = 0; i < len; i++) {
		p = table_byte((struct nic *)(uintptr_t)nic, off + i, &is_st);
		if (p == NULL)
			buf[i] = 0; /* the PBA: nothing is ever pending */
		else if (is_st)
			buf[i] = st_here ? nic_tph_st(nic, (off + i) / 16) >> 8 * ((off + i) & 1)
					 : 0;
		else
			buf[i] = *p;
	}
}

void
nic_irq_bar_write(struct nic *nic, uint64_t off, const uint8_t *buf, size_t len)
{
	uint8_t *p;
	bool is_st;
	size_t i;

	if (len > 0 && off < 16u * nic->opts.vectors)
		nic_tsm_on_msix(nic);
	for (i = 0; i < len; i++) {
		p = table_byte(nic, off + i, &is_st);
		if (p == NULL || is_st)
			continue;
		if ((off + i) % 16 < ENTRY_CTRL)
			*p = buf[i];
		else if ((off + i) % 16 == ENTRY_CTRL)
			*p = buf[i] & 1;
	}
}

int
nic_msg_irq_info(struct nic *nic, struct nic_msg *m)
{
	struct vfu_irq_info info;

	memcpy(&info, m->data, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= VFU_IRQ_MIN)
		return -EINVAL;
	info.argsz = sizeof(info);
	info.flags = 0;
	info.count = 0;
	if (info.index == VFU_IRQ_MSIX) {
		info.flags = VFU_IRQ_F_EVENTFD;
		info.count = nic->opts.vectors;
	}
	memcpy(m->out, &info, sizeof(info));
	m->out_len = sizeof(info);
	return 0;
}

static bool
is_eventfd(int fd)
{
	char path[32], name[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	if (n < 0)
		return false;
	name[n] = '\0';
	return strcmp(name, "anon_inode:[eventfd]") == 0;
}

static bool
one_bit(uint32_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

/* Lengths, bits and ranges of SET_IRQS; nothing has changed when this fails. */
static int
check(const struct nic *nic, const struct vfu_set_irqs *s, const struct nic_msg *m)
{
	const uint32_t data = s->flags & VFU_IRQS_DATA_MASK;
	const uint32_t have = m->len - (uint32_t)sizeof(*s);
	const uint32_t count = s->index == VFU_IRQ_MSIX ? nic->opts.vectors : 0;
	uint32_t i;

	if (s->argsz < sizeof(*s) || s->index >= VFU_IRQ_MIN ||
	    (s->flags & ~(VFU_IRQS_DATA_MASK | VFU_IRQS_ACTION_MASK)) != 0 || !one_bit(data) ||
	    !one_bit(s->flags & VFU_IRQS_ACTION_MASK))
		return -EINVAL;
	if (have != (data == VFU_IRQS_DATA_BOOL ? s->count : 0))
		return -EINVAL;
	if (data != VFU_IRQS_DATA_EVENTFD ? m->nfds != 0 : m->nfds != 0 && m->nfds != s->count)
		return -EINVAL;
	if (s->count == 0)
		return s->flags == (VFU_IRQS_DATA_NONE | VFU_IRQS_TRIGGER) && s->start == 0
			       ? 0
			       : -EINVAL;
	if (s->start >= count || s->count > count - s->start)
		return -EINVAL;
	if ((s->flags & VFU_IRQS_TRIGGER) == 0)
		return -EINVAL; /* MSI-X is not reported maskable */
	for (i = 0; i < m->nfds; i++)
		if (!is_eventfd(m->fds[i]))
			return -EBADF;
	return 0;
}

static void
set_eventfds(struct nic *nic, const struct vfu_set_irqs *s, struct nic_msg *m)
{
	const bool was_on = nic_irq_any(&nic->irq);
	uint32_t i;

	vio_pause(nic->vio);
	nic_tsm_on_msix(nic);
	for (i = 0; i < s->count; i++) {
		assign(&nic->irq, s->start + i, m->nfds == 0 ? -1 : m->fds[i]);
		if (m->nfds != 0)
			m->fds[i] = -1;
	}
	/* Enabling writes every vector control; a new handler masks and unmasks its own vector, and
	 * so brings back the word of that time. */
	if (was_on)
		nic_tph_msix_wipe(nic, s->start, s->count);
	else if (nic_irq_any(&nic->irq))
		nic_tph_msix_wipe(nic, 0, NIC_MAX_VECTORS);
	nic_cfg_msix_enable(nic, true);
	vio_resume(nic->vio);
}

static void
disable(struct nic *nic)
{
	vio_pause(nic->vio);
	nic_tsm_on_msix(nic);
	nic_irq_clear(&nic->irq);
	nic_cfg_msix_enable(nic, false);
	vio_resume(nic->vio);
}

int
nic_msg_set_irqs(struct nic *nic, struct nic_msg *m)
{
	struct vfu_set_irqs s;
	uint32_t i;
	int rc;

	memcpy(&s, m->data, sizeof(s));
	rc = check(nic, &s, m);
	if (rc < 0)
		return rc;
	if (s.count == 0) {
		if (s.index == VFU_IRQ_MSIX)
			disable(nic);
	} else if ((s.flags & VFU_IRQS_DATA_EVENTFD) != 0) {
		set_eventfds(nic, &s, m);
	} else {
		for (i = 0; i < s.count; i++)
			if ((s.flags & VFU_IRQS_DATA_NONE) != 0 || m->data[sizeof(s) + i] != 0)
				nic_irq_fire(nic, (uint16_t)(s.start + i));
	}
	return 0;
}
