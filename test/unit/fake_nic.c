/* SPDX-License-Identifier: BSD-3-Clause */

#include "fake_nic.h"

#define BUF_SIZE 2048u

struct fake_nic fake;

void *
nic_dma_ptr(const struct nic *nic, uint32_t *hint, uint64_t iova, uint64_t len, uint32_t prot)
{
	if (iova < FAKE_IOVA || iova - FAKE_IOVA > fake.reach ||
	    len > fake.reach - (iova - FAKE_IOVA) || (prot & ~fake.prot))
		return NULL;
	return fake.mem + (iova - FAKE_IOVA);
}

uint64_t
nic_dma_model_addr(const struct nic *nic, uint32_t *hint, uint64_t iova)
{
	return nic_dma_ptr(nic, hint, iova, 1, NIC_DMA_READ) ? iova - FAKE_IOVA : UINT64_MAX;
}

void
nic_irq_fire(const struct nic *nic, uint16_t vector)
{
	if (vector < RTE_DIM(fake.irqs))
		fake.irqs[vector]++;
}

bool
nic_bus_master(const struct nic *nic)
{
	return true;
}

uint16_t
nic_tph_vector_tag(const struct nic *nic, uint16_t vector)
{
	return vector < RTE_DIM(fake.tags) ? fake.tags[vector] : 0;
}

bool
nic_tph_ds_on(const struct nic *nic)
{
	return fake.opts.tph == NIC_TPH_DS_REG;
}

int
nic_tag_cpu(const struct nic *nic, uint16_t tag)
{
	return tag < RTE_DIM(fake.tag_cpu) ? fake.tag_cpu[tag] : -1;
}

void
nic_fault(struct nic *nic, const char *why)
{
}

const struct nic_opts *
nic_options(const struct nic *nic)
{
	return &fake.opts;
}

void
fake_start(const char *wire, uint16_t pairs)
{
	fake.opts = (struct nic_opts){.pairs = pairs,
				      .vectors = 8,
				      .ring_size = 256,
				      .packed = true,
				      .mac = {2, 0, 0, 0, 0, 1},
				      .mtu = 1500,
				      .check_seq = true};
	snprintf(fake.opts.wire, sizeof(fake.opts.wire), "%s", wire);
	fake.mem = aligned_alloc(4096, FAKE_SIZE);
	fake.at = 4096;
	fake.reach = FAKE_SIZE;
	fake.prot = NIC_DMA_READ | NIC_DMA_WRITE;
	if (!fake.mem || vio_create((struct nic *)&fake, &fake.vio) < 0)
		abort();
	memset(fake.mem, 0, FAKE_SIZE);
	memset(fake.irqs, 0, sizeof(fake.irqs));
	memset(fake.tags, 0, sizeof(fake.tags));
	memset(fake.tag_cpu, -1, sizeof(fake.tag_cpu));
}

void
fake_stop(void)
{
	vio_destroy(fake.vio);
	free(fake.mem);
	fake.vio = NULL;
	fake.mem = NULL;
}

uint64_t
fake_alloc(uint32_t size)
{
	uint64_t iova = FAKE_IOVA + fake.at;

	fake.at += RTE_ALIGN_CEIL(size, 64u);
	if (fake.at > FAKE_SIZE)
		abort();
	return iova;
}

void *
fake_ptr(uint64_t iova)
{
	return fake.mem + (iova - FAKE_IOVA);
}

void
guest_write(uint64_t off, uint64_t value, size_t len)
{
	if (vio_bar_write(fake.vio, VIO_BAR, off, &value, len) < 0)
		abort();
}

uint64_t
guest_read(uint64_t off, size_t len)
{
	uint64_t value = 0;

	if (vio_bar_read(fake.vio, VIO_BAR, off, &value, len) < 0)
		abort();
	return value;
}

void
guest_accept(uint64_t features)
{
	guest_write(20, 0, 1);
	guest_write(20, VIO_S_ACK | VIO_S_DRIVER, 1);
	guest_write(8, 0, 4);
	guest_write(12, features & UINT32_MAX, 4);
	guest_write(8, 1, 4);
	guest_write(12, features >> 32, 4);
	guest_write(20, VIO_S_ACK | VIO_S_DRIVER | VIO_S_FEATURES_OK, 1);
}

void
guest_queue(struct guest_queue *g, uint16_t index, uint16_t n, uint16_t vector)
{
	uint64_t desc = fake_alloc(16u * n), avail = fake_alloc(6 + 2u * n);
	uint64_t used = fake_alloc(6 + 8u * n);

	*g = (struct guest_queue){.desc = fake_ptr(desc),
				  .avail = fake_ptr(avail),
				  .used = fake_ptr(used),
				  .buf = fake_alloc(n * BUF_SIZE),
				  .index = index,
				  .n = n};
	guest_write(22, index, 2);
	guest_write(24, n, 2);
	guest_write(26, vector, 2);
	guest_write(32, desc, 8);
	guest_write(40, avail, 8);
	guest_write(48, used, 8);
	guest_write(28, 1, 2);
}

void
guest_go(void)
{
	guest_write(20, VIO_S_ACK | VIO_S_DRIVER | VIO_S_FEATURES_OK | VIO_S_DRIVER_OK, 1);
}

void
guest_offer(struct guest_queue *g, uint16_t i)
{
	g->avail->ring[g->avail->idx & (g->n - 1)] = i;
	g->avail->idx++;
}

void
guest_fill(struct guest_queue *g)
{
	uint16_t i;

	for (i = 0; i < g->n; i++) {
		g->desc[i] = (struct vring_desc){guest_buf(g, i), BUF_SIZE, VRING_F_WRITE, 0};
		guest_offer(g, i);
	}
}

uint64_t
guest_buf(const struct guest_queue *g, uint16_t i)
{
	return g->buf + (uint64_t)i * BUF_SIZE;
}
