/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The plug-in: it follows the ports of a program that knows nothing of steering.
 *
 * One mutex (watch.c) is held by whoever looks at ports: the plug-in's thread, and the
 * application's threads in ethdev's events. What is said to be "locked" below is under it.
 */

#ifndef STEER_PLUGIN_H
#define STEER_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_log.h>

#include <steer_driver.h>

#define PLUGIN_NAME "steer"

extern int plugin_logtype;
#define PLUGIN_LOG(level, fmt, ...)                                                                \
	rte_log(RTE_LOG_##level, plugin_logtype, PLUGIN_NAME ": " fmt "\n", ##__VA_ARGS__)

/* args.c: pure */
struct plugin_args {
	bool port[RTE_MAX_ETHPORTS]; /* that are followed */
	unsigned int scan_us;
};
/* text as behind "steer,"; NULL and "" are the defaults. @return 0, -EINVAL or -ENOMEM with one
 * reason in err. */
int plugin_args_parse(const char *text, struct plugin_args *args, char *err, size_t len);

/* hooks.c: the callbacks of one port number, and the words that they write. Locked. */
struct plugin_hooks;
/* NULL: no memory. Never freed: a callback that ethdev would not give back may still run. */
struct plugin_hooks *plugin_hooks_new(void);
/* Hook up those of the queues 0..n-1 that are not. @return 0, or the negative errno of the first
 * that could not be, which is in *queue. */
int plugin_hooks_add(struct plugin_hooks *hooks, uint16_t port_id, enum steer_dir dir, uint16_t n,
		     uint16_t *queue);
/* Unhook what ethdev gives back; an lcore may be inside, so nothing is freed. */
void plugin_hooks_remove(struct plugin_hooks *hooks, uint16_t port_id);
/* Free what was unhooked: the port is closed, no lcore can be inside. */
void plugin_hooks_free(struct plugin_hooks *hooks);
/* Nobody has polled yet. */
void plugin_hooks_forget(struct plugin_hooks *hooks);
/* Pass on who polls the queues 0..n-1. @return whether that has changed. */
bool plugin_hooks_tell(const struct plugin_hooks *hooks, struct steer_port *port,
		       enum steer_dir dir, uint16_t n);

/* port.c: all locked. */
/* The port has come: to be followed from its start on. */
void plugin_port_new(uint16_t port_id);
/* Bring everything into accord with the state of the port. @return whether another lcore polls. */
bool plugin_port_look(uint16_t port_id, unsigned int scan_us);
/* Leave it, running or not. */
void plugin_port_leave(uint16_t port_id);
/* It is closed. */
void plugin_port_gone(uint16_t port_id);

/* events.c: ethdev's events, for the rest of the process's life. @return 0 or negative errno. */
int plugin_events_register(void);

/* watch.c */
/* @return 0; -EEXIST there is one already; or negative errno. */
int plugin_watch_start(const struct plugin_args *args);
void plugin_watch_stop(void);
/* From ethdev's events. */
void plugin_watch_new(uint16_t port_id);
void plugin_watch_gone(uint16_t port_id);

#endif /* STEER_PLUGIN_H */
