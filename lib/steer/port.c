/* SPDX-License-Identifier: BSD-3-Clause */

/* The driver's calls on a port, and what the ways of steering share. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steer_priv.h"

bool
steer_port_is_gone(const struct steer_port *port)
{
	return __atomic_load_n(&port->gone, __ATOMIC_ACQUIRE);
}

bool
steer_port_live(const struct steer_port *port)
{
	return port->started && port->way != NULL && !port->user_off && port->lost == 0 &&
	       !steer_port_is_gone(port);
}

static bool
any_programmed(const struct steer_port *port)
{
	uint16_t e;

	for (e = 0; e < port->nb_entries; e++)
		if (port->entry_cpu[e] != STEER_CPU_NONE)
			return true;
	return false;
}

void
steer_port_st_forget(struct steer_port *port)
{
	memset(port->entry_cpu, 0xff, port->nb_entries * sizeof(*port->entry_cpu));
	memset(port->entry_tag, 0, port->nb_entries * sizeof(*port->entry_tag));
}

/* Interrupt set-up empties an ST table that is in the MSI-X table. */
static int
restore_tags(struct steer_port *port)
{
	int rc;

	if (port->way == NULL || port->user_off || port->lost != 0)
		return 0;
	rc = steer_port_tph_restore(port);
	if (any_programmed(port))
		port->st_writes++;
	if (rc != 0)
		steer_port_lose(port, rc);
	return rc;
}

int
steer_port_vectors(struct steer_port *port, uint16_t n)
{
	int rc;

	if (n <= port->nb_vectors || port->conf.ops->queue_vector_get != NULL)
		return 0;
	if (n > port->conf.max_vectors)
		return -ENOSPC;
	rc = port->conf.ops->vectors_alloc(port->conf.ctx, n);
	if (rc != 0)
		return rc;
	port->nb_vectors = n;
	return 0;
}

int
steer_port_scan(struct steer_port *port)
{
	int steered = 0, dir;
	uint16_t q;

	for (dir = STEER_RX; dir <= STEER_TX; dir++)
		for (q = 0; q < port->nb[dir] && steer_port_live(port); q++)
			if (steer_queue_settle(port, (enum steer_dir)dir, q) > 0)
				steered++;
	return steered;
}

static int
alloc_dir(struct steer_port *port, enum steer_dir dir, uint16_t max)
{
	uint16_t q;

	port->queues[dir] = calloc(max + 1u, sizeof(*port->queues[dir]));
	port->words[dir] = calloc(max + 1u, sizeof(*port->words[dir]));
	if (port->queues[dir] == NULL || port->words[dir] == NULL)
		return -ENOMEM;
	for (q = 0; q < max; q++) {
		port->words[dir][q] = STEER_WORD_NONE;
		port->queues[dir][q].mode = STEER_Q_AUTO;
		port->queues[dir][q].cpu = STEER_CPU_NONE;
	}
	return 0;
}

static void
port_free(struct steer_port *port)
{
	int dir;

	for (dir = STEER_RX; dir <= STEER_TX; dir++) {
		free(port->queues[dir]);
		free(port->words[dir]);
	}
	if (port->has_setter)
		steer_setter_put();
	free(port->entry_cpu);
	free(port->entry_tag);
	pthread_mutex_destroy(&port->lock);
	free(port);
}

static struct steer_port *
port_alloc(const struct steer_port_conf *conf)
{
	struct steer_port *port = calloc(1, sizeof(*port));

	if (port == NULL)
		return NULL;
	pthread_mutex_init(&port->lock, NULL);
	port->conf = *conf;
	port->outside = STEER_CPU_NONE;
	if (port->conf.objects == 0)
		port->conf.objects = STEER_OBJ_ALL;
	if (port->conf.scan_us == 0)
		port->conf.scan_us = STEER_SCAN_US;
	snprintf(port->name, sizeof(port->name), "%s", conf->name);
	if (conf->tph != NULL)
		port->nb_entries = steer_tph_info(conf->tph)->cap.entries;
	port->entry_cpu = malloc((port->nb_entries + 1u) * sizeof(*port->entry_cpu));
	port->entry_tag = malloc((port->nb_entries + 1u) * sizeof(*port->entry_tag));
	if (port->entry_cpu == NULL || port->entry_tag == NULL ||
	    alloc_dir(port, STEER_RX, conf->max_rxq) != 0 ||
	    alloc_dir(port, STEER_TX, conf->max_txq) != 0) {
		port_free(port);
		return NULL;
	}
	steer_port_st_forget(port);
	steer_queues_reset(port);
	return port;
}

int
steer_port_register(const struct steer_port_conf *conf, struct steer_port **out)
{
	struct steer_port *port = port_alloc(conf);
	int rc;

	if (port == NULL)
		return -ENOMEM;
	/* The configuration interrupt is there however the port is steered. */
	rc = conf->max_vectors == 0 ? 0 : steer_port_vectors(port, 1);
	if (rc == 0)
		rc = steer_strategy_choose(port);
	else
		STEER_LOG(ERR, "%s: steer: cannot allocate the configuration interrupt: %s",
			  port->name, strerror(-rc));
	if (rc != 0) {
		port_free(port);
		return rc;
	}
	snprintf(port->base_why, sizeof(port->base_why), "%s", port->why);
	steer_registry_add(port);
	if (port->way != NULL) {
		port->threaded = true;
		steer_thread_get();
	}
	*out = port;
	return 0;
}

void
steer_port_unregister(struct steer_port *port)
{
	if (port == NULL)
		return;
	steer_registry_del(port);
	if (port->threaded)
		steer_thread_put();
	pthread_mutex_lock(&port->lock);
	if (steer_port_live(port) && port->way->clear != NULL)
		port->way->clear(port);
	if (port->way != NULL && !steer_port_is_gone(port))
		steer_port_tph_disable(port);
	pthread_mutex_unlock(&port->lock);
	port_free(port);
}

void
steer_port_gone(struct steer_port *port)
{
	__atomic_store_n(&port->gone, true, __ATOMIC_RELEASE);
	/* Whoever is inside a call on the device comes out with -ENODEV. */
	pthread_mutex_lock(&port->lock);
	port->started = false;
	pthread_mutex_unlock(&port->lock);
}

uint32_t *
steer_port_queue_word(struct steer_port *port, enum steer_dir dir, uint16_t queue)
{
	uint16_t max = dir == STEER_RX ? port->conf.max_rxq : port->conf.max_txq;

	return queue < max ? &port->words[dir][queue] : NULL;
}

void
steer_port_start(struct steer_port *port)
{
	pthread_mutex_lock(&port->lock);
	port->started = true;
	steer_port_recover(port);
	if (port->way != NULL && port->way->started != NULL)
		port->way->started(port);
	steer_port_scan(port);
	pthread_mutex_unlock(&port->lock);
}

void
steer_port_stop(struct steer_port *port)
{
	pthread_mutex_lock(&port->lock);
	port->started = false;
	port->retry = true;
	pthread_mutex_unlock(&port->lock);
}

static void
vectors_are_lost(struct steer_port *port, int error)
{
	port->vectors_lost = error;
	port->retry = true;
	if (port->way != NULL && !port->user_off)
		steer_port_lose(port, error);
}

int
steer_port_reset_done(struct steer_port *port)
{
	int rc = 0;

	pthread_mutex_lock(&port->lock);
	if (port->locked) {
		pthread_mutex_unlock(&port->lock);
		return steer_locked_refuse(port, "program the tags again");
	}
	steer_queues_reset(port);
	if (steer_port_is_gone(port))
		rc = -ENODEV;
	else if (port->nb_vectors > 0)
		rc = port->conf.ops->vectors_alloc(port->conf.ctx, port->nb_vectors);
	if (rc == 0 && restore_tags(port) != 0)
		rc = steer_port_recover_now(port);
	else if (rc != 0 && rc != -ENODEV)
		vectors_are_lost(port, rc);
	pthread_mutex_unlock(&port->lock);
	return rc;
}

int
steer_port_irqs_done(struct steer_port *port)
{
	int rc = 0;

	pthread_mutex_lock(&port->lock);
	if (steer_port_is_gone(port))
		rc = -ENODEV;
	else if (port->locked)
		rc = 0;
	else if (any_programmed(port) &&
		 steer_tph_info(port->conf.tph)->cap.loc == STEER_PCI_TPH_LOC_MSIX)
		rc = restore_tags(port);
	if (rc != 0)
		rc = steer_port_recover_now(port);
	pthread_mutex_unlock(&port->lock);
	return rc;
}
