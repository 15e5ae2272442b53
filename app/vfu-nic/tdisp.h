/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The device's end of TDISP (PCIe 7.0, 11.3): requests are bytes, and so are responses. Simulated:
 * there is no secured session around them. No threads; nothing of the PCI function is known here
 * but what tdisp_view says.
 */

#ifndef VFU_NIC_TDISP_H
#define VFU_NIC_TDISP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tsm_proto.h>

#define TDISP_FUNCTION 0x0100u /* requester id of the only interface: 01:00.0 */
#define TDISP_RANGES   16u
#define TDISP_SPECIFIC 32u
#define TDISP_REPORT_MAX                                                                           \
	(TDISP_REPORT_RANGES + TDISP_RANGES * TDISP_RANGE_LEN + 4u + TDISP_SPECIFIC)
#define TDISP_PORTION  64u /* of a report, at most, in one response */
#define TDISP_MSG_MAX  (TDISP_HDR_LEN + 4u + TDISP_PORTION)
#define TDISP_CAPS_LEN 28u
#define TDISP_FLAGS    (TDISP_LOCK_NO_FW_UPDATE | TDISP_LOCK_MSIX)

struct tdisp_range {
	uint64_t start, size; /* bytes, whole pages; start without the reporting offset */
	uint16_t attr;        /* TDISP_RANGE_* */
	uint16_t bar;
};

/** What the interface report tells of the device. */
struct tdisp_view {
	uint16_t info; /* TDISP_INFO_* without NO_FW_UPDATE, which the lock decides */
	uint16_t msix_control;
	uint32_t tph_control;
	uint32_t nb_ranges;
	struct tdisp_range ranges[TDISP_RANGES];
	uint32_t specific_len;
	uint8_t specific[TDISP_SPECIFIC];
};

struct tdisp {
	uint8_t state; /* enum tdisp_state */
	uint16_t flags;
	uint8_t nonce[TSM_NONCE_LEN];
	uint8_t report[TDISP_REPORT_MAX]; /* as of the last lock */
	uint32_t report_len;
	/** The device as it is now; called by LOCK. */
	void (*look)(void *arg, struct tdisp_view *view);
	/** The state has changed. */
	void (*moved)(void *arg, uint8_t from, uint8_t to, const char *why);
	void *arg;
};

/**
 * Answer a request.
 * @param rsp room for TDISP_MSG_MAX
 * @return bytes of the response; never 0: what is no request is answered with ERROR.
 */
size_t tdisp_respond(struct tdisp *t, const uint8_t *req, size_t len, uint8_t *rsp);
/** Something that is locked has changed: ERROR, when there is a lock. why is kept, not copied. */
void tdisp_changed(struct tdisp *t, const char *why);
/** Text of a state. */
const char *tdisp_state_name(uint8_t state);

/** tdisp_report.c: bytes of the report. @return length, 0 does not fit. */
uint32_t tdisp_report(const struct tdisp_view *v, uint16_t flags, uint64_t offset, uint8_t *out,
		      size_t room);

#endif /* VFU_NIC_TDISP_H */
