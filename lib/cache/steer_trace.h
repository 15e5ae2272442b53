/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The trace by which a driver and an application show their memory accesses to the cache model in
 * the device process, and the window protocol of lockstep mode.
 *
 * A device with a model has the VSEC of steer_pci.h. Its BAR holds two things:
 * - control registers (trapped, little-endian, 4-byte and longer accesses), struct
 * steer_trace_ctrl;
 * - the shared trace area (mapped): struct steer_trace_area, then one struct steer_trace_queue per
 *   queue pair, then the rings.
 *
 * Lockstep: the client writes conf, then cmd START; the device empties its model and delivers no
 * packet. cmd CREDIT adds conf.credit packets (all queues together). While there is credit the
 * device delivers a *window*: up to conf.window packets per queue, adding to queue.delivered. With
 * conf.backlog it has written that many more packets into the Rx ring by then; they wait there, and
 * the client takes no more than what is delivered.
 * A queue's lcore takes its packets, puts its accesses into the ring, then publishes head and
 * consumed (in this order, release). When every queue has consumed == delivered, the device
 * applies: the window's DMA writes in queue order, then the rings in queue order, then the Tx side
 * of each queue; then the next window. It drops nothing: a packet without a buffer waits. When
 * credit is used up or the wire has ended, remaining is 0 and state is STEER_TRACE_IDLE once all is
 * applied; counters are then final for that round. Addresses in the trace are the IOVAs of DMA
 * maps; the device turns them into (map, offset), so the model never sees a virtual address.
 *
 * Noisy neighbour: with conf.noise_kib a program that the client does not trace walks through so
 * much memory of its own on CPU conf.noise_cpu. After each window the device adds its loads,
 * conf.noise_lines for each packet of that window, to the model: whole lines, in an order that the
 * seed decides, each line once before any comes again. Where the walk stands is kept from window to
 * window and starts anew with START. They count for no queue.
 *
 * Rx timestamps, with or without a session: virtio 1.2 has none, so they lie beside the rings, in
 * the shared area. After cmd STAMPS_ON the device notes for each packet when it wrote it, at the id
 * of the packet's (first) buffer: the head descriptor of a split ring, the buffer id of a packed
 * one. It does so before the buffer is used, so a driver that sees the used buffer sees the stamp.
 * They stop with STAMPS_OFF, a reset of the function and the end of the connection.
 */

#ifndef STEER_TRACE_H
#define STEER_TRACE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "steer_cache.h"

#ifdef __cplusplus
extern "C" {
#define STEER_TRACE_ASSERT(e, m) static_assert(e, m)
#else
#define STEER_TRACE_ASSERT(e, m) _Static_assert(e, m)
#endif

#define STEER_TRACE_MAGIC           0x43525453u /* "STRC" */
#define STEER_TRACE_VERSION         4u
#define STEER_TRACE_MAX_CPUS        128u
/** Largest noise_kib: no LLC has so much, and the model tracks 4 GiB of lines in all. */
#define STEER_TRACE_NOISE_MAX_KIB   (1u << 20)
/** Largest noise_lines. */
#define STEER_TRACE_NOISE_MAX_LINES 1024u

enum steer_trace_cmd {
	STEER_TRACE_CMD_START = 1,
	STEER_TRACE_CMD_CREDIT = 2,
	STEER_TRACE_CMD_STOP = 3,
	STEER_TRACE_CMD_STAMPS_ON = 4,
	STEER_TRACE_CMD_STAMPS_OFF = 5
};
enum steer_trace_state { STEER_TRACE_OFF = 0, STEER_TRACE_IDLE = 1, STEER_TRACE_RUNNING = 2 };

#define STEER_TRACE_MIX_MAX 8u

/** What the device's generator makes; all zero: as the device's own command line says. */
struct steer_trace_gen {
	uint32_t len;        /**< bytes of each frame without FCS, 60..9000; 0 with a mix */
	uint32_t flows;      /**< different UDP flows, 1..65536 */
	uint32_t zipf_milli; /**< exponent of the flows' popularity in thousandths; 0 all alike */
	uint32_t nmix;       /**< entries of mix */
	struct {
		uint32_t len;    /**< as above */
		uint32_t weight; /**< share of the frames, relative to the other weights */
	} mix[STEER_TRACE_MIX_MAX];
};

/** Written by the client before a command. */
struct steer_trace_conf {
	char platform[32]; /**< as steer_platform_parse() takes it, NUL-terminated */
	uint64_t seed;
	uint64_t credit;                     /**< packets that cmd CREDIT adds */
	uint32_t window;                     /**< packets per queue and window, 1..1024 */
	uint32_t ncpus;                      /**< entries of cpus */
	uint16_t cpus[STEER_TRACE_MAX_CPUS]; /**< Linux CPU numbers, ascending; position = core of
						the model */
	char rings[16]; /**< steer_ring_shape of descriptors and completions in the model, "" or
			   "virtio": as they are; -ENOENT in status for an unknown name */
	struct steer_trace_gen gen; /**< -ENOTSUP in status where the wire is no generator */
	uint32_t backlog; /**< packets per queue that wait in the Rx ring behind the window, as far
			     as it has buffers: what an overloaded forwarder finds; 0: none */
	uint32_t noise_kib;   /**< memory of a noisy neighbour, up to STEER_TRACE_NOISE_MAX_KIB,
				 else -E2BIG in status; 0: there is none, and its words below mean
				 nothing */
	uint32_t noise_cpu;   /**< Linux CPU that it runs on; -ENOENT in status: not one of cpus */
	uint32_t noise_lines; /**< lines that it loads in the time of a packet,
				 1..STEER_TRACE_NOISE_MAX_LINES, else -EINVAL in status */
};

/** Control registers. */
struct steer_trace_ctrl {
	uint32_t magic;   /**< ro */
	uint32_t version; /**< ro */
	uint32_t cmd;     /**< wo: enum steer_trace_cmd */
	int32_t status;   /**< ro: 0, or negative errno of the last command */
	struct steer_trace_conf conf;
};
STEER_TRACE_ASSERT(offsetof(struct steer_trace_ctrl, conf) == 16, "conf at 16");
STEER_TRACE_ASSERT(offsetof(struct steer_trace_ctrl, conf.cpus) == 72, "cpus at 72");
STEER_TRACE_ASSERT(offsetof(struct steer_trace_ctrl, conf.rings) == 328, "rings at 328");
STEER_TRACE_ASSERT(offsetof(struct steer_trace_ctrl, conf.gen) == 344, "gen at 344");
STEER_TRACE_ASSERT(offsetof(struct steer_trace_ctrl, conf.backlog) == 424, "backlog at 424");
STEER_TRACE_ASSERT(offsetof(struct steer_trace_ctrl, conf.noise_kib) == 428, "noise at 428");
STEER_TRACE_ASSERT(sizeof(struct steer_trace_ctrl) == 440, "control block is 440 bytes");

/**
 * Offset in the control registers of the clock that stamps are taken from, 8 bytes, ro. It is the
 * counter of the machine that the device process runs on: TSC of x86, CNTVCT of Arm. A client for
 * which this is its own counter, too, need not come here for each look at it.
 */
#define STEER_TRACE_CLOCK_AT 4088u
STEER_TRACE_ASSERT(sizeof(struct steer_trace_ctrl) <= STEER_TRACE_CLOCK_AT, "clock is apart");

/** Head of the shared area; written by the device. */
struct steer_trace_area {
	uint32_t magic;
	uint32_t version;
	uint32_t nqueues;
	uint32_t ring_entries; /**< power of two */
	uint32_t queue_off;    /**< of struct steer_trace_queue [0], from the start of the area */
	uint32_t ring_off;     /**< of ring 0; rings follow each other */
	uint32_t state;        /**< enum steer_trace_state, release */
	uint32_t stamp_off;    /**< of struct steer_trace_stamps, multiple of 64; 0: no stamps */
	uint64_t remaining;    /**< credit left */
	uint64_t windows;      /**< windows applied since START */
	uint64_t bad_records;  /**< addresses outside every map, unknown CPUs or ops */
	struct steer_cache_dma_stats dma; /**< what the device did since START */
};

/**
 * Head of the Rx timestamps; written by the device. Behind it lie those of queue 0, then of
 * queue 1 and so on: 8 bytes each, ticks of the clock register, that of a buffer at
 * id % entries.
 */
struct steer_trace_stamps {
	uint32_t entries; /**< per queue, a power of two: as many as its ring can have */
	uint32_t pad[15];
};
STEER_TRACE_ASSERT(sizeof(struct steer_trace_stamps) == 64, "stamps on lines of their own");

/** One queue pair; the client's and the device's words on lines of their own. */
struct steer_trace_queue {
	uint64_t delivered; /**< device: packets put into the Rx queue since START (release) */
	uint64_t tail;      /**< device: records taken */
	uint64_t pad0[6];
	uint64_t consumed; /**< client: packets done with since START (release) */
	uint64_t head;     /**< client: records written (release) */
	uint64_t dropped; /**< client: records that found the ring full; not 0: counters are void */
	uint64_t pad1[5];
	uint64_t packets; /**< device: packets whose window has been applied */
	uint64_t pad2;
	struct steer_cache_counters ctr; /**< device: since START */
	uint64_t pad3[4];
};
STEER_TRACE_ASSERT(offsetof(struct steer_trace_queue, consumed) == 64, "client's line");
STEER_TRACE_ASSERT(sizeof(struct steer_trace_queue) == 256, "queue block is 256 bytes");

enum steer_trace_kind {
	STEER_TRACE_PLAIN = 0,
	STEER_TRACE_PKT_HEADER = 1, /**< what the ring's layout puts in front of a packet: not there
				       in the shape of rings that have none */
};

/** One access. */
struct steer_trace_rec {
	uint64_t iova;
	uint32_t len;
	uint16_t cpu; /**< Linux CPU number */
	uint8_t op;   /**< enum steer_cache_op */
	uint8_t kind; /**< enum steer_trace_kind */
};
STEER_TRACE_ASSERT(sizeof(struct steer_trace_rec) == 16, "record is 16 bytes");

/** Client's end of one ring. Private to the lcore that polls the queue. */
struct steer_trace_ring {
	struct steer_trace_rec *recs;
	struct steer_trace_queue *q;
	uint64_t head;
	uint64_t mask;
	uint16_t cpu;
};

/** Add one access; counted in q->dropped when the ring is full. @return the record, or NULL. */
static inline struct steer_trace_rec *
steer_trace_add(struct steer_trace_ring *r, const volatile void *addr, uint32_t len,
		enum steer_cache_op op, enum steer_trace_kind kind)
{
	struct steer_trace_rec *rec;

	if (r->head - __atomic_load_n(&r->q->tail, __ATOMIC_ACQUIRE) > r->mask) {
		r->q->dropped++;
		return NULL;
	}
	rec = &r->recs[r->head++ & r->mask];
	rec->iova = (uint64_t)(uintptr_t)addr;
	rec->len = len;
	rec->cpu = r->cpu;
	rec->op = (uint8_t)op;
	rec->kind = (uint8_t)kind;
	return rec;
}

/** Add one plain access. */
static inline void
steer_trace_put(struct steer_trace_ring *r, const volatile void *addr, uint32_t len,
		enum steer_cache_op op)
{
	steer_trace_add(r, addr, len, op, STEER_TRACE_PLAIN);
}

/** Make a record that is not published yet cover [addr, addr + len) as well. */
static inline void
steer_trace_widen(struct steer_trace_rec *rec, const volatile void *addr, uint32_t len)
{
	uint64_t from = (uint64_t)(uintptr_t)addr, to = from + len, end = rec->iova + rec->len;

	if (from < rec->iova)
		rec->iova = from;
	rec->len = (uint32_t)((to > end ? to : end) - rec->iova);
}

/** Publish the records and n more packets as done. */
static inline void
steer_trace_publish(struct steer_trace_ring *r, uint64_t n)
{
	__atomic_store_n(&r->q->head, r->head, __ATOMIC_RELEASE);
	__atomic_store_n(&r->q->consumed, r->q->consumed + n, __ATOMIC_RELEASE);
}

/** Packets that the device has delivered to this queue and the client has not consumed. */
static inline uint64_t
steer_trace_pending(const struct steer_trace_ring *r)
{
	return __atomic_load_n(&r->q->delivered, __ATOMIC_ACQUIRE) - r->q->consumed;
}

#ifdef __cplusplus
}
#endif
#endif /* STEER_TRACE_H */
