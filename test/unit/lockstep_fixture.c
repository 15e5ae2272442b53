/* SPDX-License-Identifier: BSD-3-Clause */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep_fixture.h"

struct guest_queue rx[PAIRS], tx[PAIRS];
struct steer_trace_ring rings[PAIRS];
struct steer_trace_gen traffic;

int
command(uint32_t cmd)
{
	struct steer_trace_ctrl c;

	assert_int_equal(vio_bar_write(fake.vio, MODEL_BAR, 8, &cmd, 4), 0);
	assert_int_equal(vio_bar_read(fake.vio, MODEL_BAR, 0, &c, sizeof(c)), 0);
	assert_int_equal(c.magic, STEER_TRACE_MAGIC);
	return c.status;
}

void
conf_write(struct steer_trace_conf *conf)
{
	assert_int_equal(vio_bar_write(fake.vio, MODEL_BAR, 16, conf, sizeof(*conf)), 0);
}

struct steer_trace_conf
conf_of(uint64_t credit)
{
	return (struct steer_trace_conf){.platform = "zen5",
					 .seed = 3,
					 .credit = credit,
					 .window = WINDOW,
					 .ncpus = 2,
					 .cpus = {4, 7},
					 .gen = traffic};
}

struct steer_trace_area *
area(void)
{
	return fake.vio->model->area;
}

void
session(const char *wire, uint64_t credit)
{
	struct steer_trace_conf conf = conf_of(credit);
	uint32_t i;

	fake_start(wire, PAIRS);
	conf_write(&conf);
	assert_int_equal(command(STEER_TRACE_CMD_START), 0);
	guest_accept(VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_MRG_RXBUF) | VIO_BIT(VIO_F_CTRL_VQ) |
		     VIO_BIT(VIO_F_MQ));
	for (i = 0; i < PAIRS; i++) {
		guest_queue(&rx[i], 2 * i, RING, 1 + i);
		guest_queue(&tx[i], 2 * i + 1, RING, 3 + i);
		guest_fill(&rx[i]);
		rings[i] = (struct steer_trace_ring){
			.recs = (struct steer_trace_rec *)(uintptr_t)model_ring(fake.vio->model, i),
			.q = model_queue(fake.vio->model, i),
			.mask = area()->ring_entries - 1,
			.cpu = i == 0 ? 4 : 7};
	}
	guest_go();
	/* What MQ_VQ_PAIRS_SET does. */
	fake.vio->rss.pairs = PAIRS;
	wire_resteer(fake.vio);
}

uint32_t
consume(uint32_t pair, bool send)
{
	struct guest_queue *g = &rx[pair];
	uint32_t n = 0, id, len;

	for (; g->seen != g->used->idx; g->seen++, n++) {
		id = g->used->ring[g->seen & (RING - 1)].id;
		len = g->used->ring[g->seen & (RING - 1)].len;
		assert_in_range(id, 0, RING - 1);
		steer_trace_put(&rings[pair], (void *)(uintptr_t)guest_buf(g, (uint16_t)id), 64,
				STEER_CACHE_OP_LOAD);
		if (send) {
			tx[pair].desc[id] =
				(struct vring_desc){guest_buf(g, (uint16_t)id), len, 0, 0};
			guest_offer(&tx[pair], (uint16_t)id);
		}
		guest_offer(g, (uint16_t)id);
	}
	steer_trace_publish(&rings[pair], n);
	return n;
}
