/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Ports: configure, start, stop, close, attach, detach. Every failure has been told to the user in
 * one line when a function returns negative errno.
 */

#ifndef PORTS_H
#define PORTS_H

#include "app.h"

#define FOREACH_PORT(app, p)                                                                       \
	for (uint16_t p = 0; p < RTE_MAX_ETHPORTS; p++)                                            \
		if ((app)->ports[p].used)

/** Configure a port and its queues; it is stopped then. */
int port_add(struct app *app, uint16_t id);
/** Anew, with the queues and rings of the options as they are now; the port is stopped. */
int port_reconfigure(struct app *app, uint16_t id);
/**
 * Give back the memory of a stopped port's queues and pools, as far as its driver lets them go:
 * what is set up next then lies where it would lie if nothing had been before. The port is bare
 * then.
 */
void port_release(struct app *app, uint16_t id);
int port_start(struct app *app, uint16_t id);
/** Promiscuous mode as port->promisc has it. @return 0 or the device's refusal. */
int port_promisc(const struct app *app, uint16_t id);
int port_stop(struct app *app, uint16_t id);
/** Function-level reset of a stopped port; its next start configures it again. */
int port_reset(struct app *app, uint16_t id);
/** Stop, end a model session, close, free the pools; also for a port whose device is gone. */
void port_close(struct app *app, uint16_t id);
/** Close the port and remove its device. */
int port_detach(struct app *app, uint16_t id);
/** Probe a device by its devargs and add its ports. */
int port_attach(struct app *app, const char *devargs);
unsigned int ports_count(const struct app *app);
/** "vfio:nic0", as EAL knows it; "?" when gone. */
const char *port_name(uint16_t id);

#endif /* PORTS_H */
