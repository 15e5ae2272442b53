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

#ifdef __cplusplus
extern "C" {
#endif

#define STEER_CPU_NONE     UINT32_MAX
#define STEER_LCORE_NONE   UINT32_MAX
#define STEER_FINDINGS_MAX 6

enum steer_dir { STEER_RX = 0, STEER_TX = 1 };

/** Asked for by the devarg steer=. */
enum steer_mode { STEER_MODE_OFF, STEER_MODE_AUTO, STEER_MODE_PER_QUEUE, STEER_MODE_PALETTE };

/** In force on a port. */
enum steer_strategy {
	STEER_STRATEGY_NONE,      /**< nothing is steered */
	STEER_STRATEGY_PER_QUEUE, /**< ST entry i belongs to queue i's vector */
	STEER_STRATEGY_PALETTE,   /**< one slot per CPU; queues choose a slot by their vector */
	STEER_STRATEGY_DS_REG,    /**< device-specific mode: tag in the queue's own register */
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
	uint32_t lcore;      /**< that polled last; STEER_LCORE_NONE none yet */
	uint32_t cpu;        /**< the tag in force names this CPU; STEER_CPU_NONE no tag */
	uint16_t tag;        /**< as read back; 0 none */
	int16_t vector;      /**< MSI-X vector, -1 none */
	uint64_t generation; /**< counts changes of the tag */
	int last_error;      /**< negative errno of the last attempt, 0 fine */
	char why[128];       /**< in words, empty when fine */
};

/** @return 0, -ENODEV no steered port of that number. */
int steer_port_info_get(uint16_t port_id, struct steer_port_info *info);
/** Turn TPH on and steer queues again / clear every tag and turn it off. @return 0, -ENODEV,
 * -ENOTSUP, -EIO. */
int steer_port_enable(uint16_t port_id);
int steer_port_disable(uint16_t port_id);

/** Bind a queue's tag to the CPU of an lcore. @return 0, -ENODEV, -EINVAL queue or lcore, -ERANGE
 * CPU outside the palette, or the refusal. */
int
steer_queue_bind_lcore(uint16_t port_id, enum steer_dir dir, uint16_t queue, unsigned int lcore);
/** Bind to a CPU; STEER_CPU_NONE takes the tag away. */
int steer_queue_bind_cpu(uint16_t port_id, enum steer_dir dir, uint16_t queue, uint32_t cpu);
/** Follow the polling lcore from now on. */
int steer_queue_auto(uint16_t port_id, enum steer_dir dir, uint16_t queue);
int steer_queue_info_get(uint16_t port_id, enum steer_dir dir, uint16_t queue,
			 struct steer_queue_info *info);
/** Scan once now (what the thread does every scan period). @return queues that were steered anew.
 */
int steer_scan(void);

/** The one CPU of an lcore, or STEER_CPU_NONE (several CPUs, or not an enabled lcore). */
uint32_t steer_lcore_cpu(unsigned int lcore);
const char *steer_strategy_name(enum steer_strategy s);
const char *steer_mode_name(enum steer_mode m);
/** "auto", "per-queue", "palette", "off". @return enum steer_mode or -EINVAL. */
int steer_mode_parse(const char *text);

#ifdef __cplusplus
}
#endif
#endif /* STEER_H */
