/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A port whose device a TEE Security Manager has locked (TDISP, PCIe 7.0 chapter 11). Whether a
 * write of an ST entry then breaks the lock depends on the device, and one of TPH control always
 * does. So nothing is written: a queue moves by its vector, which is the device's own register.
 */

#include <errno.h>
#include <stdio.h>

#include "steer_priv.h"

int
steer_port_lock(struct steer_port *port)
{
	int rc = 0;

	pthread_mutex_lock(&port->lock);
	if (steer_port_is_gone(port))
		rc = -ENODEV;
	else if (port->way != NULL && port->way != &steer_way_palette)
		rc = -ENOTSUP;
	else
		port->locked = true;
	pthread_mutex_unlock(&port->lock);
	return rc;
}

void
steer_port_unlock(struct steer_port *port)
{
	if (port == NULL)
		return;
	pthread_mutex_lock(&port->lock);
	port->locked = false;
	pthread_mutex_unlock(&port->lock);
}

int
steer_locked_refuse(const struct steer_port *port, const char *what)
{
	STEER_LOG(WARNING,
		  "%s: steer: %s: " STEER_LOCKED "; attach the device without tsm= for that",
		  port->name, what);
	return -EBUSY;
}

int
steer_locked_check_cpu(const struct steer_port *port, uint32_t cpu, char *why, size_t len)
{
	if (!port->locked || cpu == STEER_CPU_NONE || steer_palette_has(port, cpu))
		return 0;
	snprintf(why, len,
		 "CPU %u is not in the palette of %u slots, and the port is " STEER_LOCKED, cpu,
		 port->nb_slots);
	return -ERANGE;
}
