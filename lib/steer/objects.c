/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Which of a queue's DMA has its tag. With an ST table the tag belongs to the vector, and the
 * device puts it on all that the queue moves; only a register of the queue's own may tell objects
 * apart.
 */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

#define WHY_LEN sizeof(((struct steer_queue *)0)->why)

static const char *const object_names[] = {
	"rx-descriptor", "tx-descriptor", "rx-header", "tx-header", "rx-payload", "tx-payload",
};

const char *
steer_object_name(uint32_t object)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(object_names); i++)
		if (object == UINT32_C(1) << i)
			return object_names[i];
	return "unknown";
}

static uint32_t
of_dir(enum steer_dir dir)
{
	return dir == STEER_RX ? STEER_OBJ_RX : STEER_OBJ_TX;
}

uint32_t
steer_objects_have(const struct steer_port *port, enum steer_dir dir)
{
	return port->conf.objects & of_dir(dir);
}

uint32_t
steer_objects_port(const struct steer_port *port)
{
	return port->way == NULL ? 0 : port->conf.objects & STEER_OBJ_ALL;
}

bool
steer_objects_apart(const struct steer_port *port)
{
	return port->way == &steer_way_ds_reg && port->conf.objects_apart != 0;
}

uint32_t
steer_objects_want(const struct steer_port *port, enum steer_dir dir, uint16_t q)
{
	uint32_t have = steer_objects_have(port, dir), asked = port->queues[dir][q].objects;

	return asked != 0 ? asked & have : have;
}

int
steer_objects_check(const struct steer_port *port, enum steer_dir dir, uint32_t objects, char *why)
{
	uint32_t have = steer_objects_have(port, dir);

	if (objects & ~of_dir(dir)) {
		snprintf(why, WHY_LEN, "objects 0x%x are none of %s queues", objects,
			 steer_dir_name(dir));
		return -EINVAL;
	}
	if (have == 0) {
		snprintf(why, WHY_LEN, "the device tags nothing of %s queues", steer_dir_name(dir));
		return -ENOTSUP;
	}
	if (objects & ~have) {
		snprintf(why, WHY_LEN, "the device does not tag %s, only objects 0x%x",
			 steer_object_name(UINT32_C(1) << __builtin_ctz(objects & ~have)), have);
		return -ENOTSUP;
	}
	if (objects != 0 && objects != have && !steer_objects_apart(port)) {
		snprintf(why, WHY_LEN,
			 "objects 0x%x alone: the device cannot tell its objects 0x%x apart; ask "
			 "for "
			 "all",
			 objects, have);
		return -ENOTSUP;
	}
	return 0;
}
