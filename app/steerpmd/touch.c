/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What an application does with a packet, without the application: real reads and writes, shown
 * to the cache model when there is one.
 */

#include <string.h>

#include "fwd.h"

/* One cache line; the headers of most packets end in it. */
#define HEADER_LEN STEER_CACHE_LINE

static uint64_t
read_bytes(const char *p, uint32_t len)
{
	uint64_t sum = 0, word = 0;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, p, len);
	return sum + word;
}

/* volatile: the value does not change, and the store must not vanish for it. */
static void
write_bytes(volatile char *p, uint32_t len)
{
	volatile uint64_t *word;

	for (; len > 0 && (uintptr_t)p % sizeof(*word) != 0; p++, len--)
		*p = *p;
	for (; len >= sizeof(*word); p += sizeof(*word), len -= sizeof(*word)) {
		word = (volatile uint64_t *)(uintptr_t)p;
		*word = *word;
	}
	for (; len > 0; p++, len--)
		*p = *p;
}

static void
touch_part(struct fwd_stream *fs, char *data, uint32_t len)
{
	fs->touched += read_bytes(data, len);
	fwd_trace(fs, data, len, STEER_CACHE_OP_LOAD);
	if (fs->touch.kind == TOUCH_RW) {
		write_bytes(data, len);
		fwd_trace(fs, data, len, STEER_CACHE_OP_STORE);
	}
}

static uint32_t
touch_len(const struct touch *touch)
{
	switch (touch->kind) {
	case TOUCH_HEADER: return HEADER_LEN;
	case TOUCH_PAYLOAD: return HEADER_LEN + touch->payload;
	default: return UINT32_MAX;
	}
}

static void
touch_packet(struct fwd_stream *fs, struct rte_mbuf *m, uint32_t want)
{
	for (; m != NULL && want > 0; m = m->next) {
		uint32_t len = RTE_MIN(want, m->data_len);

		/* where the data is and how long: the first line of the mbuf */
		fwd_trace(fs, m, STEER_CACHE_LINE, STEER_CACHE_OP_LOAD);
		touch_part(fs, rte_pktmbuf_mtod(m, char *), len);
		want -= len;
	}
}

void
touch_burst(struct fwd_stream *fs, struct rte_mbuf **pkts, uint16_t n)
{
	uint32_t want = touch_len(&fs->touch);

	for (uint16_t i = 0; i < n; i++)
		touch_packet(fs, pkts[i], want);
}
