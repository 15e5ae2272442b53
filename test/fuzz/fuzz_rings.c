/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Rings and registers from hostile bytes. The input is a header, then an image that is laid over
 * the driver's memory, where rings, descriptors and buffers all lie. Whatever is there, the device
 * must stay inside the mapped memory, and must work again after a reset.
 */

#include <errno.h>
#include <stdint.h>

#include <sanitizer/asan_interface.h>

#include "fake_nic.h"
#include "model_priv.h"

#define RING    16
#define RINGS   1024u /* apart: desc 0, avail 256, used 512 */
#define BUFS    8192u
#define GUARDED 65536u /* memory that is poisoned beyond the reach */
#define IMAGE   4096u

static struct guest_queue rx, tx, ctrl;
static struct steer_trace_conf model_conf = {
	.platform = "zen5", .seed = 1, .credit = 64, .window = 8, .ncpus = 1, .cpus = {1}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_steer_cache_create(const struct steer_platform *p, unsigned int cores, uint64_t seed,
			      struct steer_cache **cache);
void __wrap_steer_cache_destroy(struct steer_cache *cache);
int __real_steer_cache_create(const struct steer_platform *p, unsigned int cores, uint64_t seed,
			      struct steer_cache **cache);

/* A cache is megabytes of tags: sessions get the same one again, warm. Other platforms than the
 * first, and other numbers of cores, are refused. */
int
__wrap_steer_cache_create(const struct steer_platform *p, unsigned int cores, uint64_t seed,
			  struct steer_cache **cache)
{
	static struct steer_cache *kept;
	static const struct steer_platform *platform;

	if (!kept) {
		if (__real_steer_cache_create(p, 1, seed, &kept) < 0)
			abort();
		platform = p;
	}
	*cache = kept;
	return p == platform && cores == 1 ? 0 : -ENOMEM;
}

void
__wrap_steer_cache_destroy(struct steer_cache *cache)
{
}

static void
command(uint32_t cmd)
{
	vio_bar_write(fake.vio, MODEL_BAR, 8, &cmd, sizeof(cmd));
}

static void
model_start(bool drawn)
{
	struct steer_trace_conf conf = model_conf;

	if (drawn)
		conf.gen = (struct steer_trace_gen){
			.flows = 3, .zipf_milli = 900, .nmix = 2, .mix = {{64, 3}, {1500, 1}}};
	vio_bar_write(fake.vio, MODEL_BAR, 16, &conf, sizeof(conf));
	command(STEER_TRACE_CMD_START);
	command(STEER_TRACE_CMD_CREDIT);
}

/** What a worker does with one queue. */
static void
work(struct vq *q, uint16_t (*op)(struct wire *, unsigned int, struct vq *, uint16_t))
{
	if (!q->live)
		return;
	op(fake.vio->wire, 0, q, VQ_BURST);
	if (!q->broken)
		vq_publish(q);
}

static void
poll_all(bool model)
{
	const struct wire_ops *ops = fake.vio->wire->ops;
	const uint64_t block = MODEL_TRACE_OFF + fake.vio->model->queue_off;
	struct steer_trace_queue tq;
	int i;

	for (i = 0; i < 3; i++) {
		vio_ctrl_poll(fake.vio);
		if (!model) {
			work(vio_txq(fake.vio, 0), ops->tx);
			work(vio_rxq(fake.vio, 0), ops->rx);
			continue;
		}
		model_poll(fake.vio);
		vio_bar_read(fake.vio, MODEL_BAR, block, &tq, sizeof(tq));
		tq.consumed = tq.delivered;
		tq.head += fake.mem[IMAGE - 1];
		vio_bar_write(fake.vio, MODEL_BAR, block + 64, &tq.consumed, 16);
		model_poll(fake.vio);
	}
}

/** Registers as the input says: offset, value, length. */
static void
registers(const uint8_t *p, size_t n)
{
	uint64_t value;
	size_t i;

	for (i = 0; i + 4 <= n; i += 4) {
		value = (uint64_t)p[i + 1] | (uint64_t)p[i + 2] << 8;
		vio_bar_write(fake.vio, VIO_BAR, p[i] & 63, &value, 1 + p[i + 3] % 8);
	}
}

static void
queue_at(struct guest_queue *g, uint16_t index)
{
	uint64_t base = FAKE_IOVA + (uint64_t)index * RINGS;

	*g = (struct guest_queue){.desc = fake_ptr(base),
				  .avail = fake_ptr(base + 256),
				  .used = fake_ptr(base + 512),
				  .buf = FAKE_IOVA + BUFS,
				  .index = index,
				  .n = RING};
	guest_write(22, index, 2);
	guest_write(24, RING, 2);
	guest_write(26, index, 2);
	guest_write(32, base, 8);
	guest_write(40, base + 256, 8);
	guest_write(48, base + 512, 8);
	guest_write(28, 1, 2);
}

static void
queues(uint64_t features)
{
	guest_accept(features);
	queue_at(&rx, 0);
	queue_at(&tx, 1);
	queue_at(&ctrl, 2);
}

/** What is not mapped must not even be looked at. */
static void
reach(uint64_t bytes, uint32_t prot)
{
	fake.reach = bytes;
	fake.prot = prot;
	ASAN_UNPOISON_MEMORY_REGION(fake.mem, GUARDED);
	if (bytes < GUARDED)
		ASAN_POISON_MEMORY_REGION(fake.mem + bytes, GUARDED - bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t features = VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_CTRL_VQ) |
			    VIO_BIT(VIO_F_CTRL_RX) | VIO_BIT(VIO_F_MQ);
	uint64_t packed;
	size_t regs;

	if (size < 4)
		return 0;
	if (!fake.vio)
		fake_start("gen,size=imix,flows=4", 1);
	if (data[0] & 1)
		features |= VIO_BIT(VIO_F_MRG_RXBUF);
	if (data[0] & 2)
		features |= VIO_BIT(VIO_F_INDIRECT);
	packed = data[0] & 32 ? VIO_BIT(VIO_F_RING_PACKED) : 0;
	regs = RTE_MIN((size_t)data[1] % 32 * 4, size - 4);
	reach(FAKE_SIZE, NIC_DMA_READ | NIC_DMA_WRITE);
	queues(features | packed);
	if (data[0] & 4)
		model_start(data[0] & 128);
	/* An id may be any number, and stamps are written by id. */
	if (data[0] & 64)
		command(STEER_TRACE_CMD_STAMPS_ON);
	memcpy(fake.mem, data + 4 + regs, RTE_MIN(size - 4 - regs, IMAGE));
	/* A short reach makes buffers end at the edge of what is mapped. */
	reach(data[0] & 8 ? 4096u + 64u * data[2] : FAKE_SIZE,
	      data[0] & 16 ? NIC_DMA_READ : NIC_DMA_READ | NIC_DMA_WRITE);
	guest_go();
	poll_all(data[0] & 4);
	registers(data + 4, regs);
	poll_all(data[0] & 4);
	vio_pause(fake.vio);
	vio_client_gone(fake.vio);
	vio_resume(fake.vio);
	reach(FAKE_SIZE, NIC_DMA_READ | NIC_DMA_WRITE);
	memset(fake.mem, 0, BUFS);
	queues(features);
	guest_go();
	guest_fill(&rx);
	work(vio_rxq(fake.vio, 0), fake.vio->wire->ops->rx);
	if (rx.used->idx == 0)
		abort();
	guest_write(20, 0, 1);
	return 0;
}
