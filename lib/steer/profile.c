/* SPDX-License-Identifier: BSD-3-Clause */

/* Writing a tag register: what is the same for every family. */

#include <errno.h>

#include <rte_common.h>
#include <rte_io.h>

#include "profile.h"

static const struct steer_profile *const families[] = {steer_profiles_igb, steer_profiles_ixgbe};

const struct steer_profile *
steer_profile_nth(unsigned int n)
{
	const struct steer_profile *p;
	unsigned int f;

	for (f = 0; f < RTE_DIM(families); f++)
		for (p = families[f]; p->name != NULL; p++)
			if (n-- == 0)
				return p;
	return NULL;
}

const struct steer_profile *
steer_profile_find(uint16_t vendor, uint16_t device)
{
	const struct steer_profile *p;
	const uint16_t *id;
	unsigned int n;

	for (n = 0; (p = steer_profile_nth(n)) != NULL; n++)
		for (id = p->devices; p->vendor == vendor && *id != 0; id++)
			if (*id == device)
				return p;
	return NULL;
}

/* Bits of these objects; of 0, and so of all that there is, when no bit is asked for. */
static uint32_t
bits_of(const struct steer_profile *p, uint32_t objects)
{
	uint32_t bits = 0;
	unsigned int i;

	for (i = 0; i < RTE_DIM(p->object_bits); i++)
		if (objects & UINT32_C(1) << i)
			bits |= p->object_bits[i];
	return bits;
}

static uint32_t
of_dir(enum steer_dir dir)
{
	return dir == STEER_RX ? STEER_OBJ_RX : STEER_OBJ_TX;
}

uint32_t
steer_profile_objects(const struct steer_profile *p)
{
	uint32_t objects = 0;
	unsigned int i;

	for (i = 0; i < RTE_DIM(p->object_bits); i++)
		if (p->object_bits[i] != 0)
			objects |= UINT32_C(1) << i;
	return objects;
}

static int
reg_of(const struct steer_profile *p, const struct steer_profile_io *io, enum steer_dir dir,
       uint16_t queue, volatile uint32_t **reg)
{
	uint32_t off;

	if (p->no_tph != NULL)
		return -ENOTSUP;
	if (queue >= p->nb_queues[dir])
		return -ENXIO;
	off = p->reg(dir, queue);
	if (io->len < sizeof(**reg) || off > io->len - sizeof(**reg))
		return -ENXIO;
	*reg = (volatile uint32_t *)((uintptr_t)io->bar + off);
	return 0;
}

/* The write is posted: reading it back also sees to it that it has arrived. */
static int
write_back(volatile uint32_t *reg, uint32_t value)
{
	rte_write32(value, reg);
	return rte_read32(reg) == value ? 0 : -EIO;
}

int
steer_profile_set(const struct steer_profile *p, const struct steer_profile_io *io,
		  enum steer_dir dir, uint16_t queue, uint16_t tag, uint32_t objects)
{
	uint32_t have = steer_profile_objects(p) & of_dir(dir), clear;
	volatile uint32_t *reg = NULL;
	int rc = reg_of(p, io, dir, queue, &reg);

	if (rc == 0 && (objects & ~have))
		rc = -EINVAL;
	if (rc != 0)
		return rc;
	clear = bits_of(p, have) | p->conflicts[dir] | (uint32_t)p->tag_field << p->tag_shift;
	clear = rte_read32(reg) & ~clear;
	rc = write_back(reg, clear);
	if (rc != 0 || tag == 0)
		return rc;
	if (tag > (io->wide ? p->tag_field : p->tag_max))
		return -ERANGE;
	if (objects == 0)
		objects = have;
	return write_back(reg, clear | bits_of(p, objects) | (uint32_t)tag << p->tag_shift);
}

int
steer_profile_get(const struct steer_profile *p, const struct steer_profile_io *io,
		  enum steer_dir dir, uint16_t queue, uint16_t *tag)
{
	volatile uint32_t *reg = NULL;
	int rc = reg_of(p, io, dir, queue, &reg);
	uint32_t value;

	if (rc != 0)
		return rc;
	value = rte_read32(reg);
	*tag = value & bits_of(p, of_dir(dir)) ? value >> p->tag_shift & p->tag_field : 0;
	return 0;
}
