/* SPDX-License-Identifier: BSD-3-Clause */

/* Inside the built-in generator and sink. */

#ifndef VFU_NIC_WIRE_GEN_H
#define VFU_NIC_WIRE_GEN_H

#include "gen.h"
#include "pick.h"
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
	uint32_t *flows; /* part of gen_tables.order */
	uint32_t n, at;
	uint16_t size_at;
	struct pick_slot *popular; /* of flows, part of gen_tables.slots; NULL: in turn */
	uint64_t random;           /* state of what is drawn */
	uint64_t base_tsc, sent;   /* for the rate */
	double rate;               /* packets a second of this stream */
	uint64_t share;            /* of the busiest stream's packets, of 2^32 */
	uint64_t owed;             /* session: packets due, in 2^32nds */
	struct gen_seen seen;
	uint8_t *scratch;
} __rte_cache_aligned;

/** What depends on sizes and flows; made anew when a session wants others. */
struct gen_tables {
	struct gen_conf conf;
	uint16_t kinds;                 /* distinct sizes */
	uint8_t kind_of[GEN_MAX_SIZES]; /* position in conf.sizes -> kind */
	uint16_t kind_size[GEN_MAX_SIZES];
	struct pick_slot mix[GEN_MAX_SIZES]; /* of positions in conf.sizes */
	struct gen_flow *flows;
	struct gen_tmpl *tmpl; /* [flow * kinds + kind] */
	uint64_t *expect;      /* sink: next sequence number of a flow; atomic */
	uint32_t *order;
	uint16_t *pair_of; /* flow -> pair, while sorting */
	/* with zipf: */
	uint64_t *popularity; /* of a flow, the first has PICK_MAX_WEIGHT */
	struct pick_slot *slots;
	uint64_t *weights; /* scratch of pick_fill() */
	uint32_t *stack;
};

struct gen {
	struct wire wire;
	struct gen_conf asked;         /* on the command line */
	struct steer_trace_gen wanted; /* by a session; all 0: what is asked */
	struct gen_tables t;
	struct gen_stream *streams; /* one per pair */
	uint32_t active;            /* streams with flows */
	uint64_t left;              /* frames still to send when conf.count; atomic */
	uint8_t mac[6];             /* that the templates carry */
	uint8_t pattern[GEN_MAX];
};

/** Tables for t->conf. @return 0, -ENOMEM; fini is due in any case. (wire_gen_flows.c) */
int gen_tables_init(struct gen_tables *t);
void gen_tables_fini(struct gen_tables *t);
/** The heads of all frames, with the device's MAC. Paused. */
void gen_templates(struct gen *g);
/** Flows to the queues they hash to: no frame needs a hash afterwards. Paused. */
void gen_resteer(struct wire *w);

uint16_t gen_rx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max);
uint16_t gen_tx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max);

#endif /* VFU_NIC_WIRE_GEN_H */
