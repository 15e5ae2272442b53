/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Cache model: platforms as data, and a set-associative multi-core hierarchy (L1D, L2, LLC with
 * I/O ways, memory) into which DMA writes are injected with or without a target core.
 *
 * Every number that comes out is *modelled* and must be labelled so. Deterministic: the same
 * platform, seed and sequence of calls give the same counters on any machine. An object belongs
 * to one thread at a time.
 */

#ifndef STEER_CACHE_H
#define STEER_CACHE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STEER_CACHE_LINE      64u
#define STEER_CACHE_MAX_CORES 128u
#define STEER_CACHE_PER_MILLE 1000u

/** Where an access was served from, seen by the core that made it. */
enum steer_cache_level {
	STEER_CACHE_L1,    /**< own L1D */
	STEER_CACHE_L2,    /**< own L2 */
	STEER_CACHE_OTHER, /**< another core's L1 or L2 */
	STEER_CACHE_LLC,
	STEER_CACHE_MEMORY,
	STEER_CACHE_LEVELS
};

enum steer_cache_op {
	STEER_CACHE_OP_LOAD = 0,
	STEER_CACHE_OP_STORE = 1,
	STEER_CACHE_OP_PREFETCH = 2
};

/** Figures of one cache. */
struct steer_cache_geom {
	uint32_t size; /**< bytes (LLC: per slice) */
	uint16_t ways;
};

enum steer_cache_inclusion {
	STEER_CACHE_NON_INCLUSIVE, /**< memory fills go to L2; L2 victims may go to the LLC */
	STEER_CACHE_VICTIM,        /**< LLC holds only L2 victims (Zen) */
	STEER_CACHE_INCLUSIVE,
};

/** Where a DMA write without a usable tag goes. */
enum steer_cache_dma_default {
	STEER_CACHE_DMA_LLC,    /**< allocates in the I/O ways (DDIO) */
	STEER_CACHE_DMA_MEMORY, /**< invalidates copies, goes to memory */
};

/** A machine as data. Every figure has its source in a comment beside it (platforms.c). */
struct steer_platform {
	const char *name; /**< "clx", "zen5", "neoverse-v2" */
	const char *desc;
	struct steer_cache_geom l1, l2, llc;
	uint16_t llc_slices;
	uint16_t io_ways;     /**< LLC ways that DMA may allocate in, the first ones; 0: all */
	uint16_t shared_ways; /**< non-inclusive LLC: ways, the last ones, into which a line that
				 DMA wrote moves when a core reads it, and where it stays while L2
				 has it too; 0: it leaves the LLC like any other */
	enum steer_cache_inclusion inclusion;
	enum steer_cache_dma_default dma_default;
	int tags_to_l2; /**< 1: a tagged DMA write is placed in the target core's L2; 0: tags are
			   ignored */
	uint16_t l2_tag_ways;  /**< L2 ways such writes may use, the first ones; 0: all */
	uint16_t tag_declined; /**< of 1000 lines that carry a tag, how many the target declines;
				  they go where lines without a tag go */
	uint32_t latency[STEER_CACHE_LEVELS]; /**< core cycles, load to use */
	uint32_t freq_mhz;                    /**< that the latencies are given at */
};

/** Counters of one queue or core. */
struct steer_cache_counters {
	uint64_t lines[STEER_CACHE_LEVELS]; /**< loads and stores by level, one per line touched */
	uint64_t first_touch[STEER_CACHE_LEVELS]; /**< of these: first CPU touch of a DMA-written
						     line */
};

/** What the device did, in lines. */
struct steer_cache_dma_stats {
	uint64_t writes;
	uint64_t write_hits; /**< of these: the line was in any cache */
	uint64_t reads;
	uint64_t read_hits; /**< of these: the line was in any cache */
	uint64_t untracked; /**< written lines beyond 4 GiB of memory: their first touch is not
			       counted */
	uint64_t tagged;    /**< written lines that were offered to a core's L2 */
	uint64_t declined;  /**< of these: not taken */
};

struct steer_cache;

/** By its bare name. @return platform, or NULL. */
const struct steer_platform *steer_platform_find(const char *name);
/**
 * A platform with parts of it changed: "name" or "name:key=value[,key=value]". Keys: io_ways,
 * shared (the shared_ways), tag_ways, declined (of 1000), tags (0 or 1), slices.
 * @param out keeps the platform's own name.
 * @param why gets one line without newline when the result is not 0: which names or keys there are.
 * @return 0, -ENOENT no such platform, -EINVAL key or value.
 */
int steer_platform_parse(const char *text, struct steer_platform *out, char *why, size_t len);
/** Iterate: NULL gives the first, NULL at the end. */
const struct steer_platform *steer_platform_next(const struct steer_platform *p);
/** Estimated cycles of these accesses, as if each waited for its level (no overlap). */
double
steer_platform_cycles(const struct steer_platform *p, const uint64_t lines[STEER_CACHE_LEVELS]);
/** "l1", "l2", "other_core", "llc", "memory". */
const char *steer_cache_level_name(enum steer_cache_level level);

/**
 * All memory is taken here; later calls do not allocate. The platform is copied: a caller may pass
 * one of its own. All cores share one LLC.
 *
 * @return 0, -EINVAL cores (1..STEER_CACHE_MAX_CORES) or geometry, -ENOMEM.
 */
int steer_cache_create(const struct steer_platform *p, unsigned int cores, uint64_t seed,
		       struct steer_cache **cache);
void steer_cache_destroy(struct steer_cache *cache);
/** Empty all caches, start the random sequence anew. */
void steer_cache_reset(struct steer_cache *cache);
/**
 * CPU access to [addr, addr+len): every line once. Prefetches move lines and are not counted, but
 * they are a first touch: the level is remembered and counted when the line is then touched.
 * A core out of range does nothing. ctr may be NULL.
 */
void steer_cache_access(struct steer_cache *cache, unsigned int core, uint64_t addr, uint32_t len,
			enum steer_cache_op op, struct steer_cache_counters *ctr);
/**
 * Device write; target is a core, or -1 (or no core of this object) for no tag. Lines written in
 * part go the way of whole lines. Every other copy becomes invalid.
 */
void steer_cache_dma_write(struct steer_cache *cache, uint64_t addr, uint32_t len, int target);
/** Device read: does not allocate. */
void steer_cache_dma_read(struct steer_cache *cache, uint64_t addr, uint32_t len);
/** Device's counters since creation or reset. */
void steer_cache_dma_stats(const struct steer_cache *cache, struct steer_cache_dma_stats *stats);

#ifdef __cplusplus
}
#endif
#endif /* STEER_CACHE_H */
