/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Inside lib/steer. Locks: the registry's mutex, then a port's; a port is looked up under the
 * first and handed over with the second held. Everything about a port but its words is under its
 * lock; "gone" is also read without it. The setter's locks (setter.c) come after a port's, that of
 * the topology is the last of all.
 */

#ifndef STEER_PRIV_H
#define STEER_PRIV_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/queue.h>

#include <rte_log.h>

#include <steer_tph.h>

#include "steer_driver.h"

extern int steer_logtype;
#define STEER_LOG(level, fmt, ...) rte_log(RTE_LOG_##level, steer_logtype, fmt "\n", ##__VA_ARGS__)

#define STEER_SCAN_US              2000u
#define STEER_CTRL_VECTOR          0u /* configuration interrupt, never with a tag */
#define STEER_FIRST_VECTOR         1u

struct steer_queue {
	enum steer_queue_mode mode;
	uint32_t bound; /* CPU in STEER_Q_BOUND */
	bool settled;   /* target was handled, well or not */
	uint32_t target;
	uint32_t objects; /* asked for; 0: all */
	uint32_t cpu;     /* in force */
	uint32_t tagged;  /* objects that have its tag */
	uint16_t tag;     /* as read back */
	uint16_t vector;
	uint64_t generation, resteers, errors;
	int last_error;
	char why[128];
};

struct steer_port;

/* One way of programming tags. All with the port locked and TPH usable. */
struct steer_way {
	enum steer_strategy id;
	enum steer_pci_tph_mode tph_mode;
	/* Allocate vectors; TPH may be off. */
	int (*enter)(struct steer_port *port);
	/* Vector at queue set-up; brings the queue's tag to cpu where that can be done by then. */
	uint16_t (*queue_vector)(struct steer_port *port, enum steer_dir dir, uint16_t q,
				 uint32_t cpu);
	/* Live: give the queue the tag of cpu (STEER_CPU_NONE: none). Fills why on failure. */
	int (*apply)(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu);
	/* TPH went on, entries and registers are empty: program what does not wait for queues. */
	int (*again)(struct steer_port *port); /* NULL: everything waits */
	/* Take the tags out of running queues' registers. @return the first refusal. NULL: none. */
	int (*clear)(struct steer_port *port);
	/* Before queues are set up: program what again() could not. NULL: nothing is left out. */
	void (*fill)(struct steer_port *port);
	/* Queues run and are to be steered next. NULL: nothing to learn from that. */
	void (*started)(struct steer_port *port);
};

struct steer_port {
	TAILQ_ENTRY(steer_port) next;
	pthread_mutex_t lock;
	struct steer_port_conf conf;
	char name[64];
	const struct steer_way *way;  /* NULL: nothing is steered */
	const struct steer_way *base; /* chosen at register; configure may leave it */
	char base_why[192];           /* of the choice at register */
	char why[192];                /* and of the configuration */
	bool gone;
	bool locked;   /* by a TSM: neither TPH control nor an ST entry is written */
	bool threaded; /* holds a reference on the scan thread */
	bool has_setter;
	bool started;
	bool user_off; /* steer_port_disable() */
	int lost;      /* why the tags could not be programmed again and TPH is off; 0: they are */
	int vectors_lost; /* why a reset left none; 0: they are there */
	bool retry;       /* what could not be programmed: once after each stop and configuration */
	bool rx_intr;
	bool pairwise; /* per-queue: Rx i and Tx i share vector 1+i */
	bool relayout; /* per-queue vectors are to be laid out at the next queue set-up */
	uint16_t nb[2];
	uint16_t nb_vectors; /* allocated */
	uint16_t nb_entries; /* of the ST table */
	uint32_t *entry_cpu; /* what each ST entry names */
	uint16_t *entry_tag;
	uint16_t nb_slots; /* palette: slot k is entry and vector k+1 */
	uint64_t st_writes;
	uint32_t outside; /* CPU of the last call that the process may not run on */
	struct steer_queue *queues[2];
	uint32_t *words[2];
};

extern const struct steer_way steer_way_per_queue;
extern const struct steer_way steer_way_palette;
extern const struct steer_way steer_way_ds_reg;
extern const struct steer_way steer_way_vector;

/* registry.c */
void steer_registry_add(struct steer_port *port);
void steer_registry_del(struct steer_port *port);
/* The port of that number, locked; NULL. */
struct steer_port *steer_registry_lock(uint16_t port_id);
/* The port with the smallest number above after, locked; NULL. */
struct steer_port *steer_registry_lock_next(int after);
unsigned int steer_registry_period_us(void);

/* thread.c: reference-counted */
void steer_thread_get(void);
void steer_thread_put(void);

/* lcore.c */
bool steer_lcore_is_eal(unsigned int lcore);
int steer_lcore_cpu_count(unsigned int lcore);
/* CPUs a palette needs, ascending. @return their number, at most max. */
uint16_t steer_lcore_cpus(uint32_t *cpus, uint16_t max);

/* CPUs that a call names, and those that it may name while it puts things right. */
struct steer_cpus {
	const uint32_t *want, *have; /* STEER_CPU_NONE counts for nothing */
	uint16_t nb_want, nb_have;
};
/* setter.c: reference-counted. @return 0 or negative errno (no thread). */
int steer_setter_get(void);
void steer_setter_put(void);
/* Make the setter, allowed on these CPUs, call fn; wait for it. Needs a reference.
 * outside: the first CPU of want that the process may not run on, or STEER_CPU_NONE. */
int
steer_setter_run(const struct steer_cpus *cpus, int (*fn)(void *arg), void *arg, uint32_t *outside);

/* set.c: lib/tph's calls that name CPUs, by the setter. */
/* Program ST entries, count the batch and read the tags back. */
int steer_port_st_set(struct steer_port *port, uint16_t index, uint16_t n, const uint32_t *cpus);
int steer_port_tph_restore(struct steer_port *port);
int steer_port_cpu_tag(struct steer_port *port, uint32_t cpu, uint16_t *tag);
/* In the mode of port->way. */
int steer_port_tph_enable(struct steer_port *port, enum steer_pci_tph_mode mode);
int steer_port_tph_disable(struct steer_port *port);
/* Tags that ST entries have, as the device shows them. -ENOTSUP: it does not. */
int steer_port_st_get(struct steer_port *port, uint16_t index, uint16_t n, uint16_t *tags);
/* In words why the last of these calls gave no tag for a CPU. */
void steer_port_refusal(const struct steer_port *port, uint32_t cpu, int rc, char *why, size_t len);

/* strategy.c */
int steer_strategy_choose(struct steer_port *port);
int steer_strategy_enter(struct steer_port *port, const struct steer_way *way);
/* A palette whose device does not take a live move goes on per queue. */
void steer_strategy_fall_back(struct steer_port *port, int error);
void steer_port_why(struct steer_port *port, const char *fmt, ...) __rte_format_printf(2, 3);

/* control.c */
/* TPH on and everything anew; off when that fails, and step says what failed. */
int steer_port_program(struct steer_port *port, const char **step);
/* What the device has is not known any more: turn it off, and count nothing as programmed. */
void steer_port_lose(struct steer_port *port, int error);
/* Another try after that, when one is due. Told when it fails. */
int steer_port_recover(struct steer_port *port);
/* One at once, besides the one that is due. */
int steer_port_recover_now(struct steer_port *port);

/* palette.c */
bool steer_palette_has(const struct steer_port *port, uint32_t cpu);

/* locked.c */
#define STEER_LOCKED "locked by the TSM: no tag can be written"
/* Tell it. @return -EBUSY. */
int steer_locked_refuse(const struct steer_port *port, const char *what);
/* May a queue be bound to this CPU as far as a lock is concerned? @return 0, -ERANGE and why. */
int steer_locked_check_cpu(const struct steer_port *port, uint32_t cpu, char *why, size_t len);

/* info.c */
void steer_port_info_fill(const struct steer_port *port, struct steer_port_info *info);

/* per_queue.c: the ST entry of the queue's vector names cpu, where the queue rules that vector. */
int steer_entry_apply(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu);

/* port.c */
/* At least so many. May empty the ST table, so before anything is programmed. */
int steer_port_vectors(struct steer_port *port, uint16_t n);
void steer_port_st_forget(struct steer_port *port);
bool steer_port_is_gone(const struct steer_port *port);
/* Started, steered, not turned off, tags not lost, not gone: queues may be touched. */
bool steer_port_live(const struct steer_port *port);
int steer_port_scan(struct steer_port *port);

/* objects.c */
/* What the device can tag of this direction. */
uint32_t steer_objects_have(const struct steer_port *port, enum steer_dir dir);
/* What it can tag at all; 0 when the port is not steered. */
uint32_t steer_objects_port(const struct steer_port *port);
bool steer_objects_apart(const struct steer_port *port);
/* Objects that a queue's next tag is for. */
uint32_t steer_objects_want(const struct steer_port *port, enum steer_dir dir, uint16_t q);
/* May a queue have these, and no others, tagged? Else why (128 bytes). */
int
steer_objects_check(const struct steer_port *port, enum steer_dir dir, uint32_t objects, char *why);

/* queue.c */
const char *steer_dir_name(enum steer_dir dir);
/* CPU the queue should be steered to; why (128 bytes) is filled when that is none. */
uint32_t steer_queue_want(const struct steer_port *port, enum steer_dir dir, uint16_t q, char *why);
/* Whom it is for from now on; in force with the next settling. */
void steer_queue_follow(struct steer_queue *queue, enum steer_queue_mode mode, uint32_t cpu,
			uint32_t objects);
/* The last attempt failed with rc. */
void steer_queue_failed(struct steer_port *port, enum steer_dir dir, uint16_t q, int rc);
/* What the device was seen to use for the queue from now on. */
void steer_queue_in_force(struct steer_port *port, enum steer_dir dir, uint16_t q, uint32_t cpu,
			  uint16_t tag);
/* Bring the queue's tag to what is wanted, if it is not. @return 1 steered, 0 nothing to do,
 * negative errno. */
int steer_queue_settle(struct steer_port *port, enum steer_dir dir, uint16_t q);
void steer_queue_reset(struct steer_port *port, enum steer_dir dir, uint16_t q);
void steer_queues_reset(struct steer_port *port);
void steer_queue_unsettle_all(struct steer_port *port);
void steer_queue_info_fill(const struct steer_port *port, enum steer_dir dir, uint16_t q,
			   struct steer_queue_info *info);

#endif /* STEER_PRIV_H */
