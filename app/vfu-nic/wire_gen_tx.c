/* SPDX-License-Identifier: BSD-3-Clause */

/* The sink's bursts: every byte is read, and every frame checked with --check. */

#include "tx.h"
#include "wire_gen.h"

/** Read every byte; the result is kept, so no compiler can leave the reading out. */
static __rte_always_inline uint64_t
sum_bytes(const uint8_t *p, uint32_t len)
{
	uint64_t a = 0, b = 0, w[4];

	for (; len >= 32; len -= 32, p += 32) {
		memcpy(w, p, 32);
		a += w[0] + w[1];
		b += w[2] + w[3];
	}
	for (; len >= 8; len -= 8, p += 8) {
		memcpy(w, p, 8);
		a += w[0];
	}
	for (; len > 0; len--)
		b += *p++;
	return a + b;
}

static void
sink_check(struct gen *g, struct gen_stream *s, const uint8_t *frame, uint32_t len)
{
	uint64_t seq, expect;
	uint32_t flow;

	switch (gen_check(&g->t.conf, frame, len, g->pattern, &flow, &seq)) {
	case GEN_FOREIGN: s->seen.foreign++; return;
	case GEN_DAMAGED: s->seen.damaged++; return;
	case GEN_GOOD: break;
	}
	expect = __atomic_load_n(&g->t.expect[flow], __ATOMIC_RELAXED);
	if (seq < expect) {
		s->seen.reordered++;
		return;
	}
	s->seen.good++;
	s->seen.lost += seq - expect;
	__atomic_store_n(&g->t.expect[flow], seq + 1, __ATOMIC_RELAXED);
}

uint16_t
gen_tx(struct wire *w, unsigned int pair, struct vq *q, uint16_t max)
{
	struct gen *g = (struct gen *)w;
	struct gen_stream *s = &g->streams[pair];
	struct tx_frame f[VQ_BURST];
	uint16_t n, i;

	n = tx_peek(q, f, RTE_MIN(max, VQ_BURST));
	for (i = 0; i < n; i++) {
		if (unlikely(!f[i].data) && tx_gather(q, q->next_avail, s->scratch, &f[i]) < 0)
			break;
		q->stats.sum += sum_bytes(f[i].data, f[i].len);
		if (unlikely(w->vio->opts->check_seq))
			sink_check(g, s, f[i].data, f[i].len);
		tx_done(q, &f[i]);
	}
	return q->broken ? 0 : i;
}
