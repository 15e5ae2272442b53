/* SPDX-License-Identifier: BSD-3-Clause */

/* The interface report (PCIe 7.0, 11.3.11), little endian. */

#include <string.h>

#include "tdisp.h"

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)v);
	put16(p + 2, (uint16_t)(v >> 16));
}

static void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

static void
put_range(uint8_t *p, const struct tdisp_range *r, uint64_t offset)
{
	put64(p, r->start + offset);
	put32(p + 8, (uint32_t)(r->size / TDISP_PAGE));
	put16(p + 12, r->attr);
	put16(p + 14, r->bar);
}

uint32_t
tdisp_report(const struct tdisp_view *v, uint16_t flags, uint64_t offset, uint8_t *out, size_t room)
{
	const uint32_t end = TDISP_REPORT_RANGES + v->nb_ranges * TDISP_RANGE_LEN;
	const uint16_t fixed = (flags & TDISP_LOCK_NO_FW_UPDATE) ? TDISP_INFO_NO_FW_UPDATE : 0;
	uint32_t i;

	if (v->nb_ranges > TDISP_RANGES || v->specific_len > TDISP_SPECIFIC ||
	    room < end + 4 + v->specific_len)
		return 0;
	memset(out, 0, TDISP_REPORT_RANGES);
	put16(out + TDISP_REPORT_INFO, v->info | fixed);
	put16(out + TDISP_REPORT_MSIX, v->msix_control);
	put32(out + TDISP_REPORT_TPH, v->tph_control);
	put32(out + TDISP_REPORT_COUNT, v->nb_ranges);
	for (i = 0; i < v->nb_ranges; i++)
		put_range(out + TDISP_REPORT_RANGES + i * TDISP_RANGE_LEN, &v->ranges[i], offset);
	put32(out + end, v->specific_len);
	memcpy(out + end + 4, v->specific, v->specific_len);
	return end + 4 + v->specific_len;
}
