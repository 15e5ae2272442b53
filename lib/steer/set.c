/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The calls of lib/tph that name CPUs, made by the setter. All with the port's lock held. What a
 * TSM has locked is not written, whoever asks.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "steer_priv.h"

struct set_call {
	struct steer_tph *tph;
	uint16_t index, count;
	const uint32_t *cpus;
	uint16_t *tags; /* as read back */
	int get;        /* what reading them back said */
};

static int
call_set(void *arg)
{
	struct set_call *c = arg;
	int rc = steer_tph_set(c->tph, c->index, c->count, c->cpus);

	c->get = steer_tph_get(c->tph, c->index, c->count, c->tags);
	return rc;
}

/* What was in the entries may be programmed anew after a refusal. */
int
steer_port_st_set(struct steer_port *port, uint16_t index, uint16_t n, const uint32_t *cpus)
{
	struct set_call call = {
		.tph = port->conf.tph,
		.index = index,
		.count = n,
		.cpus = cpus,
		.tags = &port->entry_tag[index],
	};
	const struct steer_cpus named = {
		.want = cpus,
		.nb_want = n,
		.have = &port->entry_cpu[index],
		.nb_have = n,
	};
	uint16_t i;
	int rc;

	if (port->locked)
		return -EBUSY;
	rc = steer_setter_run(&named, call_set, &call, &port->outside);
	port->st_writes++;
	if (rc == 0)
		memcpy(&port->entry_cpu[index], cpus, n * sizeof(*cpus));
	for (i = 0; i < n; i++) {
		if (call.get != 0)
			call.tags[i] = 0;
		else if (call.tags[i] == 0)
			port->entry_cpu[index + i] = STEER_CPU_NONE;
	}
	return rc;
}

static int
call_restore(void *arg)
{
	return steer_tph_restore(arg);
}

int
steer_port_tph_restore(struct steer_port *port)
{
	const struct steer_cpus named = {.want = port->entry_cpu, .nb_want = port->nb_entries};

	if (port->locked)
		return -EBUSY;
	return steer_setter_run(&named, call_restore, port->conf.tph, &port->outside);
}

struct get_call {
	struct steer_tph *tph;
	uint16_t index, count;
	uint16_t *tags;
};

static int
call_get(void *arg)
{
	const struct get_call *c = arg;

	return steer_tph_get(c->tph, c->index, c->count, c->tags);
}

/* Where the table cannot be seen, the kernel is asked with the CPUs that were set. */
int
steer_port_st_get(struct steer_port *port, uint16_t index, uint16_t n, uint16_t *tags)
{
	struct get_call call = {.tph = port->conf.tph, .index = index, .count = n, .tags = tags};
	const struct steer_cpus named = {.have = &port->entry_cpu[index], .nb_have = n};
	uint32_t outside;

	return steer_setter_run(&named, call_get, &call, &outside);
}

struct tag_call {
	struct steer_tph *tph;
	uint32_t cpu;
	uint16_t *tag;
};

static int
call_cpu_tag(void *arg)
{
	struct tag_call *c = arg;

	return steer_tph_cpu_tag(c->tph, c->cpu, c->tag);
}

int
steer_port_cpu_tag(struct steer_port *port, uint32_t cpu, uint16_t *tag)
{
	struct tag_call call = {.tph = port->conf.tph, .cpu = cpu, .tag = tag};
	const struct steer_cpus named = {.want = &cpu, .nb_want = 1};

	return steer_setter_run(&named, call_cpu_tag, &call, &port->outside);
}

struct enable_call {
	struct steer_tph *tph;
	enum steer_pci_tph_mode mode;
};

static int
call_enable(void *arg)
{
	struct enable_call *c = arg;

	return steer_tph_enable(c->tph, c->mode);
}

/* A kernel that stores tags writes them to the device when TPH goes on. */
int
steer_port_tph_enable(struct steer_port *port, enum steer_pci_tph_mode mode)
{
	struct enable_call call = {.tph = port->conf.tph, .mode = mode};
	const struct steer_cpus named = {.want = port->entry_cpu, .nb_want = port->nb_entries};

	if (port->locked)
		return -EBUSY;
	return steer_setter_run(&named, call_enable, &call, &port->outside);
}

static int
call_disable(void *arg)
{
	return steer_tph_disable(arg);
}

int
steer_port_tph_disable(struct steer_port *port)
{
	const struct steer_cpus nobody = {.nb_want = 0};

	if (port->locked)
		return -EBUSY;
	return steer_setter_run(&nobody, call_disable, port->conf.tph, &port->outside);
}

void
steer_port_refusal(const struct steer_port *port, uint32_t cpu, int rc, char *why, size_t len)
{
	if (cpu == STEER_CPU_NONE)
		snprintf(why, len, "the tag cannot be taken away: %s", strerror(-rc));
	else if (port->outside == cpu)
		snprintf(
			why, len,
			"no tag for CPU %u: this process may not run there (cgroup's cpuset, or no "
			"such CPU): %s",
			cpu, strerror(-rc));
	else if (rc == -ENOENT || rc == -EINVAL)
		snprintf(why, len, "the kernel knows no tag for CPU %u", cpu);
	else
		snprintf(why, len, "no tag for CPU %u: %s", cpu, strerror(-rc));
}
