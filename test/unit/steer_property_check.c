/* SPDX-License-Identifier: BSD-3-Clause */

/* What the device does, what lib/steer says of it, and what ought to be. */

#include <errno.h>

#include "steer_property.h"

/* What the device does with the DMA of a queue. */
static uint16_t
device_tag(const struct run *r, enum steer_dir dir, uint16_t q)
{
	uint16_t v = drv0.vector[dir][q];

	if (tph0.info.req == STEER_PCI_TPH_REQ_OFF)
		return 0;
	if (r->world->ds)
		return drv0.tag[dir][q];
	return v == STEER_NO_VECTOR || v >= tph0.info.cap.entries ? 0 : fx_tag_of(tph0.cpus[v]);
}

/* What the queue ought to have. */
static uint32_t
ought(const struct run *r, enum steer_dir dir, uint16_t q)
{
	const struct model *m = &r->m;
	uint32_t cpu = model_want(m, dir, q);

	if (!m->on || r->strategy == STEER_STRATEGY_NONE)
		return STEER_CPU_NONE;
	if (r->strategy == STEER_STRATEGY_PER_QUEUE || r->strategy == STEER_STRATEGY_VECTOR)
		cpu = model_by_vector(m, (const uint16_t(*)[MODEL_QUEUES])drv0.vector, dir, q);
	if (r->strategy == STEER_STRATEGY_PALETTE && !model_in_palette(m, cpu))
		return STEER_CPU_NONE;
	return cpu == m->bad_cpu ? STEER_CPU_NONE : cpu;
}

static void
check_cpu(struct run *r, enum steer_dir dir, uint16_t q, const struct steer_queue_info *info)
{
	const struct steer_queue_info *before = &r->before[dir][q];
	uint32_t want = model_want(&r->m, dir, q), cpu = ought(r, dir, q);
	bool keeps = r->m.doubt && (info->cpu == before->cpu || (r->persists && r->hits > 0));

	CHECK(r, info->cpu == STEER_CPU_NONE || info->cpu == cpu || info->cpu == want || keeps,
	      "queue %d/%u: tag of CPU %d for %d\n", dir, q, (int)info->cpu, (int)cpu);
	CHECK(r, info->cpu == want || info->why[0] != '\0', "queue %d/%u: CPU %d, no reason\n", dir,
	      q, (int)info->cpu);
	CHECK(r, r->m.doubt || info->cpu == cpu, "queue %d/%u: CPU %d, ought to be %d: %s\n", dir,
	      q, (int)info->cpu, (int)cpu, info->why);
}

static void
check_counters(struct run *r, enum steer_dir dir, uint16_t q, const struct steer_queue_info *info)
{
	const struct steer_queue_info *before = &r->before[dir][q];

	CHECK(r, info->resteers >= before->resteers && info->errors >= before->errors,
	      "queue %d/%u\n", dir, q);
	CHECK(r, info->generation > before->generation || info->cpu == before->cpu,
	      "queue %d/%u: CPU %d to %d\n", dir, q, (int)before->cpu, (int)info->cpu);
	CHECK(r, info->generation - before->generation >= info->resteers - before->resteers,
	      "queue %d/%u\n", dir, q);
}

static void
check_queue(struct run *r, enum steer_dir dir, uint16_t q)
{
	struct steer_queue_info info = fx_qinfo(dir, q);
	uint16_t tag = device_tag(r, dir, q), vector;

	CHECK(r, info.tag == tag, "queue %d/%u: told 0x%x, is 0x%x\n", dir, q, info.tag, tag);
	CHECK(r, info.tag == fx_tag_of(info.cpu), "queue %d/%u: CPU %d, tag 0x%x\n", dir, q,
	      (int)info.cpu, info.tag);
	CHECK(r, info.mode == r->m.queues[dir][q].mode, "queue %d/%u: %d\n", dir, q, info.mode);
	check_cpu(r, dir, q, &info);
	check_counters(r, dir, q, &info);
	vector = model_vector(&r->m, dir, q, r->world->vectors);
	CHECK(r,
	      r->strategy != STEER_STRATEGY_PER_QUEUE || r->m.doubt ||
		      drv0.vector[dir][q] == vector,
	      "queue %d/%u: vector %d, not %d\n", dir, q, drv0.vector[dir][q], vector);
	r->before[dir][q] = info;
}

void
property_check(struct run *r)
{
	struct steer_port_info info = fx_pinfo();
	bool on = tph0.info.req != STEER_PCI_TPH_REQ_OFF;
	uint16_t q;
	int d;

	CHECK(r, info.enabled == on, "told %d, is %d\n", info.enabled, on);
	CHECK(r, r->m.on || !on, "TPH is on\n");
	CHECK(r, r->m.doubt || !r->m.on || on, "TPH is off: %s\n", info.why);
	CHECK(r, info.strategy == r->strategy || r->m.doubt || r->chosen, "%s\n",
	      steer_strategy_name(info.strategy));
	r->strategy = info.strategy;
	r->chosen = false;
	for (d = STEER_RX; d <= STEER_TX && r->m.started; d++)
		for (q = 0; q < r->m.nb[d]; q++)
			check_queue(r, d, q);
}
