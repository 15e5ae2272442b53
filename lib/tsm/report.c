/* SPDX-License-Identifier: BSD-3-Clause */

/* Device interface report of TDISP (PCIe 7.0, 11.3.11). */

#include <errno.h>

#include "parse.h"
#include "reader.h"
#include "tsm_proto.h"

#define INFO_KNOWN                                                                                 \
	(TDISP_INFO_NO_FW_UPDATE | TDISP_INFO_DMA_NO_PASID | TDISP_INFO_DMA_PASID |                \
	 TDISP_INFO_ATS | TDISP_INFO_PRS | TDISP_INFO_XT)
#define ATTRIBUTES_KNOWN                                                                           \
	(TDISP_RANGE_MSIX_TABLE | TDISP_RANGE_MSIX_PBA | TDISP_RANGE_NON_TEE |                     \
	 TDISP_RANGE_UPDATABLE)

struct tsm_range
tsm_report_range(const struct tsm_report *report, uint32_t i)
{
	struct tsm_rd r =
		tsm_rd_over(report->ranges + (size_t)i * TDISP_RANGE_LEN, TDISP_RANGE_LEN);
	struct tsm_range range;

	range.first = tsm_rd_u64(&r);
	range.pages = tsm_rd_u32(&r);
	range.attributes = tsm_rd_u16(&r);
	range.bar = tsm_rd_u16(&r);
	return range;
}

static int
reserved(const struct tsm_report *r, uint16_t zero, char *why, size_t whylen)
{
	uint32_t i;

	/* A bit that nobody has defined may mean anything: ranges that are not what they seem. */
	if (zero != 0 || (r->info & ~INFO_KNOWN))
		return tsm_why(why, whylen, -EPROTO, "reserved bits are set: info 0x%04x, 0x%04x",
			       r->info, zero);
	for (i = 0; i < r->nb; i++) {
		struct tsm_range range = tsm_report_range(r, i);

		if (range.attributes & ~ATTRIBUTES_KNOWN)
			return tsm_why(why, whylen, -EPROTO,
				       "range %u: reserved attribute bits are set: 0x%04x", i,
				       range.attributes);
	}
	return 0;
}

int
tsm_report_parse(const uint8_t *p, size_t len, struct tsm_report *report, char *why, size_t whylen)
{
	struct tsm_rd r = tsm_rd_over(p, len);
	uint16_t zero;

	*report = (struct tsm_report){0};
	report->info = tsm_rd_u16(&r);
	zero = tsm_rd_u16(&r);
	report->msix_control = tsm_rd_u16(&r);
	report->lnr_control = tsm_rd_u16(&r);
	report->tph_control = tsm_rd_u32(&r);
	report->nb = tsm_rd_u32(&r);
	if (r.bad)
		return tsm_why(why, whylen, -EPROTO, "cut off at %zu bytes", len);
	if (report->nb > r.left / TDISP_RANGE_LEN)
		return tsm_why(why, whylen, -EPROTO, "%u ranges do not fit in %zu bytes",
			       report->nb, len);
	report->ranges = tsm_rd_bytes(&r, (size_t)report->nb * TDISP_RANGE_LEN);
	report->specific_len = tsm_rd_u32(&r);
	tsm_rd_bytes(&r, report->specific_len);
	if (r.bad || r.left > 0)
		return tsm_why(why, whylen, -EPROTO, "it should end with %u device-specific bytes",
			       report->specific_len);
	return reserved(report, zero, why, whylen);
}
