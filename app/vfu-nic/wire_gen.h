/* SPDX-License-Identifier: BSD-3-Clause */

/* Inside the built-in generator and sink. */

#ifndef VFU_NIC_WIRE_GEN_H
#define VFU_NIC_WIRE_GEN_H

#include "gen.h"
#include "wire.h"

/** What the generator needs of one flow beside the heads. */
struct gen_flow {
	uint64_t seq; /* of the next frame */
};

/** One head per flow and distinct size. */
struct gen_tmpl {
	struct gen_head head;
	uint32_t sum;
	uint32_t pad[15];
};
_Static_assert(sizeof(struct gen_tmpl) == 128, "templates are two lines");

struct gen_seen {
	uint64_t good, lost, reordered, damaged, foreign;
};

/** One pair's share: the flows that belong to its receive queue, and its sink. */
struct gen_stream {
	uint32_t *flows; /* part of gen.order */
	uint32_t n, at;
	uint16_t size_at;
	uint64_t base_tsc, sent; /* for the rate */
	struct gen_seen seen;
	uint8_t *scratch;
} __rte_cache_aligned;

struct gen {
	struct wire wire;
	struct gen_conf conf;
	uint16_t kinds;                 /* distinct sizes */
	uint8_t kind_of[GEN_MAX_SIZES]; /* position in conf.sizes -> kind */
	uint16_t kind_size[GEN_MAX_SIZES];
	struct gen_flow *flows;
	struct gen_tmpl *tmpl; /* [flow * kinds + kind] */
	uint64_t *expect;      /* sink: next sequence number of a flow; atomic */
	uint32_t *order;
	uint16_t *pair_of;          /* flow -> pair, while sorting */
	struct gen_stream *streams; /* one per pair */
	uint32_t active;            /* streams with flows */
	uint64_t left;              /* frames still to send when conf.count; atomic */
	uint8_t mac[6];             /* that the templates carry */
	uint8_t pattern[GEN_MAX];
};

uint16_t gen_rx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max);
uint16_t gen_tx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max);

#endif /* VFU_NIC_WIRE_GEN_H */
