/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Steering of DPDK ports: keep every queue's tag equal to the CPU of the lcore that polls it.
 *
 * For applications. The CPU of an lcore is the single bit of rte_lcore_cpuset(); an lcore with
 * several CPUs, and threads outside EAL, get no tag and the queue's state says so. All calls are
 * control plane, thread-safe, and never to be made from a burst path.
 */

#ifndef STEER_H
#define STEER_H

#include <stdint.h>
#include <stdio.h>

#include "steer_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#define STEER_CPU_NONE     UINT32_MAX
#define STEER_LCORE_NONE   UINT32_MAX
#define STEER_FINDINGS_MAX 6

enum steer_dir { STEER_RX = 0, STEER_TX = 1 };

/**
 * What a device puts a queue's tag on: masks of these. Bit numbers as in the ethdev proposal of May
 * 2026. In a call, 0 means all that the device has for the queue's direction.
 */
enum steer_obj {
	STEER_OBJ_RX_DESC = 1 << 0, /**< descriptors and completions */
	STEER_OBJ_TX_DESC = 1 << 1,
	STEER_OBJ_RX_HEADER = 1 << 2, /**< packet headers, where the device splits them off */
	STEER_OBJ_TX_HEADER = 1 << 3,
	STEER_OBJ_RX_PAYLOAD = 1 << 4, /**< the rest of the packet, or all of it */
	STEER_OBJ_TX_PAYLOAD = 1 << 5,
};
#define STEER_OBJ_RX  (STEER_OBJ_RX_DESC | STEER_OBJ_RX_HEADER | STEER_OBJ_RX_PAYLOAD)
#define STEER_OBJ_TX  (STEER_OBJ_TX_DESC | STEER_OBJ_TX_HEADER | STEER_OBJ_TX_PAYLOAD)
#define STEER_OBJ_ALL (STEER_OBJ_RX | STEER_OBJ_TX)

/** Asked for by the devarg steer=. */
enum steer_mode { STEER_MODE_OFF, STEER_MODE_AUTO, STEER_MODE_PER_QUEUE, STEER_MODE_PALETTE };

/** In force on a port. */
enum steer_strategy {
	STEER_STRATEGY_NONE,      /**< nothing is steered */
	STEER_STRATEGY_PER_QUEUE, /**< ST entry i belongs to queue i's vector */
	STEER_STRATEGY_PALETTE,   /**< one slot per CPU; queues choose a slot by their vector */
	STEER_STRATEGY_DS_REG,    /**< device-specific mode: tag in the queue's own register */
	STEER_STRATEGY_VECTOR,    /**< ST entry of the vector that the port's driver chose */
};

struct steer_port_info {
	enum steer_mode mode;
	enum steer_strategy strategy;
	int enabled;         /**< TPH is on in the device, as read back */
	uint8_t table_loc;   /**< enum steer_pci_tph_loc */
	uint16_t table_size; /**< entries */
	uint8_t extended;    /**< 16-bit tags */
	uint16_t nb_rxq, nb_txq;
	uint16_t nb_slots;  /**< palette slots */
	uint64_t st_writes; /**< batches of ST entries written since attach */
	int locked;         /**< by a TSM: tags stay, queues move within the palette */
	uint32_t objects;   /**< enum steer_obj that the device tags; 0 when nothing is steered */
	int objects_apart;  /**< a queue can have some of its objects tagged; 0: all or none */
	char dialect[32];   /**< how the kernel is asked: steer_tph_dialect_name(), or "none" */
	char why[192];      /**< why not, or why this strategy; empty when all is as asked */
	unsigned int nb_findings; /**< what steering needs; 0 when the device can be steered */
	char findings[STEER_FINDINGS_MAX][160]; /**< "what: there or not, and how it is known" */
};

enum steer_queue_mode {
	STEER_Q_AUTO,  /**< follows the lcore that polls */
	STEER_Q_BOUND, /**< to a CPU named by the application */
	STEER_Q_OFF,   /**< no tag */
};

struct steer_queue_info {
	enum steer_queue_mode mode;
	uint32_t lcore;               /**< that polled last; STEER_LCORE_NONE none yet */
	uint32_t lcore_cpu;           /**< its CPU; STEER_CPU_NONE it has no one CPU */
	uint32_t cpu;                 /**< the tag in force names this CPU; STEER_CPU_NONE no tag */
	enum steer_relation relation; /**< of the two; STEER_REL_L2: right cluster, wrong core */
	uint16_t tag;                 /**< as read back; 0 none */
	uint32_t objects;             /**< enum steer_obj that have the tag; 0 none */
	int16_t vector;               /**< MSI-X vector, -1 none */
	uint64_t generation;          /**< counts changes of the tag, also to none */
	uint64_t resteers; /**< times it got the tag of a CPU since attach, the first among them */
	uint64_t errors;   /**< times that was refused since attach */
	int last_error;    /**< negative errno of the last attempt, 0 fine */
	char why[128];     /**< in words, empty when fine */
};

/** @return 0, -ENODEV no steered port of that number. */
int steer_port_info_get(uint16_t port_id, struct steer_port_info *info);

/** Flags of steer_port_enable(). */
enum steer_enable_flag {
	/** Every queue is unbound: it has no tag until it is bound or set to auto. */
	STEER_ENABLE_UNBOUND = 1 << 0,
	/**
	 * TPH on in "No ST" mode (PCIe Base Specification, TPH Requester Control Register): the
	 * device may mark its requests with processing hints, and no queue has a tag. Bindings are
	 * kept for the next steer_port_enable() without this flag, or are undone with
	 * STEER_ENABLE_UNBOUND beside it.
	 */
	STEER_ENABLE_NO_ST = 1 << 1,
};
/** Flags of steer_port_disable(). */
enum steer_disable_flag {
	/** Bindings are forgotten: when the port is enabled again every queue is automatic. */
	STEER_DISABLE_FORGET = 1 << 0,
};

/**
 * Turn TPH on and steer every queue as it was bound; a port that can be steered is on from attach.
 * On a port that is on, only the flags count.
 * @param flags
 *   0 or enum steer_enable_flag.
 * @return 0 (a queue without a tag says why), -ENODEV no steered port of that number, or the device
 *   is gone, -EINVAL unknown flag, -ENOTSUP it cannot be steered, or (STEER_ENABLE_NO_ST) the
 * device or the kernel's dialect has no such mode; -EBUSY locked by the TSM; -EIO TPH does not
 * stick, or the refusal of device or kernel. After an error TPH is off, and no tag is left.
 */
int steer_port_enable(uint16_t port_id, uint32_t flags);
/**
 * Clear every tag and turn TPH off. Queues can be bound meanwhile; that counts from the next
 * steer_port_enable() on. A port that is off is left alone.
 * @param flags
 *   0 or enum steer_disable_flag.
 * @return 0, -ENODEV, -EINVAL, -ENOTSUP, -EBUSY as steer_port_enable(); -EIO TPH does not go off:
 * another call tries again.
 */
int steer_port_disable(uint16_t port_id, uint32_t flags);

/**
 * Bind a queue's tag to a CPU, now and after every stop, configure and reset.
 * @param cpu
 *   Logical CPU of Linux; STEER_CPU_NONE as steer_queue_unbind().
 * @param objects
 *   enum steer_obj of the queue's direction that get the tag, the others get none; 0: all.
 * @return 0 (a port that is stopped or turned off: it counts from its next start on), -ENODEV no
 *   steered port of that number, -EINVAL no such queue, or an object that is not of its direction,
 *   -ENOTSUP the port cannot be steered, or not these objects alone; -ENXIO the CPU is offline;
 *   -ERANGE CPU outside the palette, or the refusal of device or kernel. After -EINVAL, -ENOTSUP
 *   and -ENXIO, and -ERANGE of a port that is locked by a TSM, the queue is steered as before. The
 * reason in words is in steer_queue_info_get().
 */
int steer_queue_bind_cpu(uint16_t port_id, enum steer_dir dir, uint16_t queue, uint32_t cpu,
			 uint32_t objects);
/** As steer_queue_bind_cpu(), to the one CPU of an lcore. @return also -EINVAL: the lcore has no
 * one CPU. */
int steer_queue_bind_lcore(uint16_t port_id, enum steer_dir dir, uint16_t queue, unsigned int lcore,
			   uint32_t objects);
/** Take a queue's tag away until it is bound again or set to auto. @return as
 * steer_queue_bind_cpu(). */
int steer_queue_unbind(uint16_t port_id, enum steer_dir dir, uint16_t queue);
/** Follow the polling lcore from now on. Objects and @return as steer_queue_bind_cpu(). */
int steer_queue_auto(uint16_t port_id, enum steer_dir dir, uint16_t queue, uint32_t objects);
/** @return 0, -ENODEV no steered port of that number, -EINVAL no such queue. */
int steer_queue_info_get(uint16_t port_id, enum steer_dir dir, uint16_t queue,
			 struct steer_queue_info *info);
/** Scan once now (what the thread does every scan period). @return queues that were steered anew.
 */
int steer_scan(void);

/** The one CPU of an lcore, or STEER_CPU_NONE (several CPUs, or not an enabled lcore). */
uint32_t steer_lcore_cpu(unsigned int lcore);
/** "rx-descriptor", ... of one bit; "unknown" for anything else. */
const char *steer_object_name(uint32_t object);
const char *steer_strategy_name(enum steer_strategy s);
/** "auto", "bound", "off". */
const char *steer_queue_mode_name(enum steer_queue_mode m);
const char *steer_mode_name(enum steer_mode m);
/** "auto", "per-queue", "palette", "off". @return enum steer_mode or -EINVAL. */
int steer_mode_parse(const char *text);

#ifdef __cplusplus
}
#endif
#endif /* STEER_H */
