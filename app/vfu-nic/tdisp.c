/* SPDX-License-Identifier: BSD-3-Clause */

/* States and messages of TDISP, PCIe 7.0, 11.2.1 and 11.3. */

#include <string.h>
#include <sys/random.h>

#include "tdisp.h"

#define DEV_ADDR_WIDTH 52u

/* A request that is whole: header checked, payload behind it. */
struct request {
	const uint8_t *data;
	size_t len;
};

static uint32_t
get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static void
put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static size_t
head(uint8_t *rsp, uint8_t code, size_t payload)
{
	memset(rsp, 0, TDISP_HDR_LEN + payload);
	rsp[0] = TDISP_VERSION_1_0;
	rsp[1] = code;
	put32(rsp + 4, TDISP_FUNCTION);
	return TDISP_HDR_LEN + payload;
}

static size_t
error(uint8_t *rsp, uint32_t code, uint32_t data)
{
	head(rsp, TDISP_ERROR, 8);
	put32(rsp + TDISP_HDR_LEN, code);
	put32(rsp + TDISP_HDR_LEN + 4, data);
	return TDISP_HDR_LEN + 8;
}

static void
move(struct tdisp *t, uint8_t to, const char *why)
{
	const uint8_t from = t->state;

	t->state = to;
	if (to != TDISP_LOCKED) /* it has served */
		memset(t->nonce, 0, sizeof(t->nonce));
	if (from != to && t->moved != NULL)
		t->moved(t->arg, from, to, why);
}

static size_t
get_version(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	(void)t, (void)r;
	head(rsp, TDISP_VERSION, 2);
	rsp[TDISP_HDR_LEN] = 1;
	rsp[TDISP_HDR_LEN + 1] = TDISP_VERSION_1_0;
	return TDISP_HDR_LEN + 2;
}

static size_t
get_capabilities(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	uint8_t *p = rsp + TDISP_HDR_LEN;

	(void)t, (void)r;
	head(rsp, TDISP_CAPABILITIES, TDISP_CAPS_LEN);
	p[4] = 0xfe; /* requests 0x81..0x87 */
	put16(p + 20, TDISP_FLAGS);
	p[25] = DEV_ADDR_WIDTH;
	p[26] = 1; /* requests in flight, of this interface and of all */
	p[27] = 1;
	return TDISP_HDR_LEN + TDISP_CAPS_LEN;
}

static size_t
lock(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	const uint16_t flags = get16(r->data);
	const uint64_t offset = get32(r->data + 4) | (uint64_t)get32(r->data + 8) << 32;
	struct tdisp_view view = {0};

	if (t->state != TDISP_UNLOCKED)
		return error(rsp, TDISP_E_STATE, 0);
	if ((flags & ~TDISP_FLAGS) != 0 || offset % TDISP_PAGE != 0)
		return error(rsp, TDISP_E_INVALID_REQUEST, 0);
	if (getrandom(t->nonce, sizeof(t->nonce), 0) != (ssize_t)sizeof(t->nonce))
		return error(rsp, TDISP_E_ENTROPY, 0);
	t->look(t->arg, &view);
	t->report_len = tdisp_report(&view, flags, offset, t->report, sizeof(t->report));
	if (t->report_len == 0)
		return error(rsp, TDISP_E_CONFIGURATION, 0);
	t->flags = flags;
	move(t, TDISP_LOCKED, "LOCK_INTERFACE_REQUEST");
	head(rsp, TDISP_LOCK_RSP, sizeof(t->nonce));
	memcpy(rsp + TDISP_HDR_LEN, t->nonce, sizeof(t->nonce));
	return TDISP_HDR_LEN + sizeof(t->nonce);
}

static size_t
get_report(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	const uint16_t offset = get16(r->data);
	uint32_t n = get16(r->data + 2), left;

	if (t->state != TDISP_LOCKED && t->state != TDISP_RUN)
		return error(rsp, TDISP_E_STATE, 0);
	if (offset >= t->report_len || n == 0)
		return error(rsp, TDISP_E_INVALID_REQUEST, 0);
	left = t->report_len - offset;
	n = n < left ? n : left;
	n = n < TDISP_PORTION ? n : TDISP_PORTION;
	head(rsp, TDISP_REPORT, 4 + n);
	put16(rsp + TDISP_HDR_LEN, (uint16_t)n);
	put16(rsp + TDISP_HDR_LEN + 2, (uint16_t)(left - n));
	memcpy(rsp + TDISP_HDR_LEN + 4, t->report + offset, n);
	return TDISP_HDR_LEN + 4 + n;
}

static size_t
get_state(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	(void)r;
	head(rsp, TDISP_STATE, 1);
	rsp[TDISP_HDR_LEN] = t->state;
	return TDISP_HDR_LEN + 1;
}

static size_t
start(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	if (t->state != TDISP_LOCKED)
		return error(rsp, TDISP_E_STATE, 0);
	if (memcmp(t->nonce, r->data, sizeof(t->nonce)) != 0)
		return error(rsp, TDISP_E_NONCE, 0);
	move(t, TDISP_RUN, "START_INTERFACE_REQUEST");
	return head(rsp, TDISP_START_RSP, 0);
}

static size_t
stop(struct tdisp *t, const struct request *r, uint8_t *rsp)
{
	(void)r;
	t->report_len = 0;
	move(t, TDISP_UNLOCKED, "STOP_INTERFACE_REQUEST");
	return head(rsp, TDISP_STOP_RSP, 0);
}

static const struct {
	size_t (*answer)(struct tdisp *t, const struct request *r, uint8_t *rsp);
	size_t payload;
} requests[] = {
	[TDISP_GET_VERSION & 0xf] = {get_version, 0},
	[TDISP_GET_CAPABILITIES & 0xf] = {get_capabilities, 4},
	[TDISP_LOCK & 0xf] = {lock, TDISP_LOCK_PARAM_LEN},
	[TDISP_GET_REPORT & 0xf] = {get_report, 4},
	[TDISP_GET_STATE & 0xf] = {get_state, 0},
	[TDISP_START & 0xf] = {start, TSM_NONCE_LEN},
	[TDISP_STOP & 0xf] = {stop, 0},
};

size_t
tdisp_respond(struct tdisp *t, const uint8_t *req, size_t len, uint8_t *rsp)
{
	struct request r;
	uint8_t code;

	if (len < TDISP_HDR_LEN)
		return error(rsp, TDISP_E_INVALID_REQUEST, 0);
	r = (struct request){req + TDISP_HDR_LEN, len - TDISP_HDR_LEN};
	code = req[1];
	if (req[0] != TDISP_VERSION_1_0)
		return error(rsp, TDISP_E_VERSION, TDISP_VERSION_1_0);
	if (get32(req + 4) != TDISP_FUNCTION)
		return error(rsp, TDISP_E_INTERFACE, 0);
	if (code < TDISP_GET_VERSION || code > TDISP_STOP)
		return error(rsp, TDISP_E_UNSUPPORTED, code);
	if (r.len != requests[code & 0xf].payload)
		return error(rsp, TDISP_E_INVALID_REQUEST, 0);
	return requests[code & 0xf].answer(t, &r, rsp);
}

void
tdisp_changed(struct tdisp *t, const char *why)
{
	if (t->state == TDISP_LOCKED || t->state == TDISP_RUN)
		move(t, TDISP_IN_ERROR, why);
}

const char *
tdisp_state_name(uint8_t state)
{
	static const char *const names[] = {"CONFIG_UNLOCKED", "CONFIG_LOCKED", "RUN", "ERROR"};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}
