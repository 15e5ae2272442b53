/* SPDX-License-Identifier: BSD-3-Clause */

/* The TSM as a TDISP requester: it writes requests and reads responses, byte by byte. */

#include <string.h>

#include "tsm_priv.h"

/* Added to the addresses of the report, so that it does not tell the host's own. */
#define REPORTING_OFFSET 0x400000000000ull

static uint32_t
get32(const uint8_t *p)
{
	return steer_pci_rd32(p, 0);
}

/* One request. @return 0 and the response's payload, or the error code of TDISP. */
static uint32_t
exchange(struct nic_tsm *t, uint8_t code, const void *payload, uint32_t len, uint8_t *rsp,
	 uint32_t *rsp_len)
{
	uint8_t req[TDISP_HDR_LEN + TSM_NONCE_LEN] = {TDISP_VERSION_1_0, code};
	const uint32_t function = TDISP_FUNCTION;
	uint32_t refused;
	size_t n;

	memcpy(req + 4, &function, sizeof(function));
	if (len > 0)
		memcpy(req + TDISP_HDR_LEN, payload, len);
	n = tdisp_respond(&t->tdi, req, TDISP_HDR_LEN + len, rsp);
	if (n >= TDISP_HDR_LEN + 8 && rsp[1] == TDISP_ERROR) {
		refused = get32(rsp + TDISP_HDR_LEN);
		return refused != 0 ? refused : TDISP_E_UNSPECIFIED;
	}
	if (n < TDISP_HDR_LEN || rsp[1] != (code & 0x7f))
		return TDISP_E_UNSPECIFIED;
	if (rsp_len != NULL)
		*rsp_len = (uint32_t)(n - TDISP_HDR_LEN);
	return 0;
}

uint32_t
tsm_tdi_hello(struct nic_tsm *t)
{
	const uint32_t caps = 0;
	uint8_t rsp[TDISP_MSG_MAX];
	uint32_t len = 0, code = exchange(t, TDISP_GET_VERSION, NULL, 0, rsp, &len);

	if (code != 0)
		return code;
	if (len < 2 || memchr(rsp + TDISP_HDR_LEN + 1, TDISP_VERSION_1_0, len - 1) == NULL)
		return TDISP_E_VERSION;
	return exchange(t, TDISP_GET_CAPABILITIES, &caps, sizeof(caps), rsp, NULL);
}

uint32_t
tsm_tdi_lock(struct nic_tsm *t)
{
	const uint64_t offset = REPORTING_OFFSET;
	uint8_t param[TDISP_LOCK_PARAM_LEN] = {TDISP_LOCK_NO_FW_UPDATE | TDISP_LOCK_MSIX};
	uint8_t rsp[TDISP_MSG_MAX];
	uint32_t code;

	memcpy(param + 4, &offset, sizeof(offset));
	code = exchange(t, TDISP_LOCK, param, sizeof(param), rsp, NULL);
	if (code == 0)
		memcpy(t->start_nonce, rsp + TDISP_HDR_LEN, sizeof(t->start_nonce));
	return code;
}

uint32_t
tsm_tdi_run(struct nic_tsm *t)
{
	uint8_t rsp[TDISP_MSG_MAX];
	const uint32_t code =
		exchange(t, TDISP_START, t->start_nonce, sizeof(t->start_nonce), rsp, NULL);

	if (code == 0)
		t->run_ms = tsm_now_ms();
	return code;
}

uint32_t
tsm_tdi_stop(struct nic_tsm *t)
{
	uint8_t rsp[TDISP_MSG_MAX];

	return exchange(t, TDISP_STOP, NULL, 0, rsp, NULL);
}

uint32_t
tsm_tdi_state(struct nic_tsm *t, uint8_t *state)
{
	uint8_t rsp[TDISP_MSG_MAX];
	const uint32_t code = exchange(t, TDISP_GET_STATE, NULL, 0, rsp, NULL);

	*state = rsp[TDISP_HDR_LEN];
	return code;
}

uint32_t
tsm_tdi_report(struct nic_tsm *t)
{
	uint8_t rsp[TDISP_MSG_MAX];
	uint32_t code, len = 0, at = 0;
	uint16_t ask[2], got[2];

	t->report_len = 0;
	do {
		ask[0] = (uint16_t)at;
		ask[1] = (uint16_t)(TDISP_REPORT_MAX - at);
		code = exchange(t, TDISP_GET_REPORT, ask, sizeof(ask), rsp, &len);
		if (code != 0)
			return code;
		memcpy(got, rsp + TDISP_HDR_LEN, sizeof(got));
		if (got[0] == 0 || len != 4u + got[0] || at + got[0] + got[1] > TDISP_REPORT_MAX)
			return TDISP_E_UNSPECIFIED;
		memcpy(t->report + at, rsp + TDISP_HDR_LEN + 4, got[0]);
		at += got[0];
	} while (got[1] > 0);
	t->report_len = at;
	return 0;
}
