/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The driver's side of lib/steer: a PMD registers its port and gives each queue a word that its
 * burst functions keep equal to the polling lcore.
 */

#ifndef STEER_DRIVER_H
#define STEER_DRIVER_H

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_lcore.h>

#include "steer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct steer_tph;
struct steer_port;

#define STEER_NO_VECTOR 0xffff
/** A queue's word that no lcore has written yet; LCORE_ID_ANY is what a thread outside EAL stores.
 */
#define STEER_WORD_NONE (UINT32_MAX - 1)

/** What a PMD does for lib/steer. All are called with the port's lock held, never on a burst path.
 */
struct steer_port_ops {
	/**
	 * Allocate MSI-X vectors 0..n-1 by SET_IRQS. May be called again with a larger n.
	 * @return 0 or negative errno (-ENOSPC: the device has fewer).
	 */
	int (*vectors_alloc)(void *ctx, uint16_t n);
	/**
	 * Give a queue its vector (STEER_NO_VECTOR: none), live or before it is enabled; read back.
	 * @return 0, -EBUSY not accepted while the queue runs, -EIO read-back differs.
	 */
	int (*queue_vector_set)(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t vector);
	/**
	 * Device-specific mode: write the queue's tag register, read back. Nothing of the tag
	 * before may remain in it. Called for each queue after every start. NULL: no such register.
	 * @param tag
	 *   0: none, and none of the objects is marked.
	 * @param objects
	 *   enum steer_obj of this direction that get the tag, never none of them; the others get
	 *   none. All that the configuration names unless objects_apart is set there.
	 * @return 0, -ENXIO no register for this queue, -ERANGE the tag is wider than the register,
	 *   -EIO read-back differs.
	 */
	int (*queue_tag_set)(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t tag,
			     uint32_t objects);
	/**
	 * The vectors are not ours: the one that a queue has now, STEER_NO_VECTOR for none. Then
	 * vectors_alloc and queue_vector_set are never called, and an ST table is used by what the
	 * queues have; asked at each steer_port_start(). NULL: vectors are given by lib/steer.
	 */
	uint16_t (*queue_vector_get)(void *ctx, enum steer_dir dir, uint16_t queue);
	/**
	 * Device-specific mode: the tag in the queue's register, 0 for none. NULL: cannot be read.
	 * @return 0 or negative errno.
	 */
	int (*queue_tag_get)(void *ctx, enum steer_dir dir, uint16_t queue, uint16_t *tag);
};

struct steer_port_conf {
	uint16_t port_id;
	const char *name;          /**< for messages */
	enum steer_mode mode;      /**< devarg steer= */
	unsigned int scan_us;      /**< devarg steer-scan=; 0: 2000 */
	uint16_t max_vectors;      /**< MSI-X table size of the device */
	uint16_t max_rxq, max_txq; /**< queues the device has */
	uint32_t objects;          /**< enum steer_obj that the device tags; 0: all of them */
	int objects_apart;         /**< queue_tag_set() can leave some of them out */
	int will_lock;             /**< a TSM is going to lock the device: palette, or no tags */
	struct steer_tph *tph;     /**< outlives the registration; NULL: no TPH */
	const char *why_not;       /**< why there is no TPH, or why its registers are out of reach,
				    * in words; NULL: not known; copied */
	const struct steer_port_ops *ops;
	void *ctx;
};

/**
 * At probe. Chooses the strategy, allocates vectors, enables TPH, writes the palette. A port that
 * cannot be steered is registered too, and steer_port_info_get() says why. With will_lock a port
 * that can be steered, but not by a palette, is refused also when mode is auto.
 * @return 0; -ENOTSUP/-ENOSPC when mode is per-queue or palette and that cannot be had (one line is
 *   logged); -ENOMEM.
 */
int steer_port_register(const struct steer_port_conf *conf, struct steer_port **port);
/** At close: clears tags, turns TPH off, waits until the thread has let go. NULL is allowed. */
void steer_port_unregister(struct steer_port *port);
/** The device is gone: never touch it again through ops or tph. Then unregister as usual. */
void steer_port_gone(struct steer_port *port);

/**
 * At configure: how many queues there are now, and whether Rx interrupts are wanted. Palette and
 * Rx interrupts on one port are refused (-ENOTSUP) when the palette was asked for by name; auto
 * falls back to per-queue.
 */
int steer_port_configure(struct steer_port *port, uint16_t nb_rxq, uint16_t nb_txq, int rx_intr);
/**
 * A TSM locks the device next: from here on nothing writes its TPH control or an ST entry. Queues
 * move by queue_vector_set() alone. steer_port_enable() and steer_port_disable() are refused, and a
 * queue cannot be bound to a CPU that has no palette slot.
 * @return 0, -ENODEV gone, -ENOTSUP the port is steered by another way than a palette.
 */
int steer_port_lock(struct steer_port *port);
/** The device is unlocked, or is going to be: before steer_port_reset_done() and
 * steer_port_unregister(). NULL is allowed. */
void steer_port_unlock(struct steer_port *port);
/** At queue set-up, before it is enabled: the vector to write; STEER_NO_VECTOR for none. */
uint16_t steer_port_queue_vector(struct steer_port *port, enum steer_dir dir, uint16_t queue);
/** At start, after the queues are enabled: the thread may steer them. */
void steer_port_start(struct steer_port *port);
/** At stop: on return nothing touches the queues until start. */
void steer_port_stop(struct steer_port *port);
/**
 * After a device reset: vectors, TPH, palette and per-queue tags again.
 * @return 0, -ENODEV gone, -EBUSY locked, or the refusal: then no queue has a tag, TPH is off, and
 *   the next start or configuration of the port tries again.
 */
int steer_port_reset_done(struct steer_port *port);
/**
 * After a SET_IRQS of the driver's own, outside of vectors_alloc: it may have emptied entries of an
 * ST table that is in the MSI-X table. Writes again what was there; a port without a table of that
 * kind is left alone. Not from ops.
 * @return 0, -ENODEV gone, or the refusal as for steer_port_reset_done().
 */
int steer_port_irqs_done(struct steer_port *port);

/**
 * Does the device still have what was programmed? Others may have reset it, or emptied an ST table
 * that is in the MSI-X table. Looks at one queue that has a tag. Control plane; reads the device.
 * @return 1 yes, or nothing is programmed, or it cannot be seen; 0 no: steer_port_reset_done() is
 *   next; -ENODEV it is gone.
 */
int steer_port_tags_kept(struct steer_port *port);

/** Word of a queue for the burst path; valid from register to unregister. */
uint32_t *steer_port_queue_word(struct steer_port *port, enum steer_dir dir, uint16_t queue);

/**
 * Burst path: one load and one compare, a store only when another lcore polls.
 * Threads outside EAL store LCORE_ID_ANY, which the scan shows as "not an EAL thread".
 */
static __rte_always_inline void
steer_queue_polled(uint32_t *word)
{
	uint32_t lcore = rte_lcore_id();

	if (unlikely(__atomic_load_n(word, __ATOMIC_RELAXED) != lcore))
		__atomic_store_n(word, lcore, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif
#endif /* STEER_DRIVER_H */
