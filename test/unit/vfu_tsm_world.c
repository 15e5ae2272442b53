/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "vfu_tsm_world.h"

#define OP_READ  1u
#define OP_REGEN 2u
#define OP_INFO  3u
#define OP_SET   5u
#define OP_BIND  0x101u
#define OP_GET   0x103u
#define OP_DIG   0x104u

struct nic *
world_create(const struct nic_opts *opts)
{
	struct nic *nic;

	assert_int_equal(nic_create(opts, &nic), 0);
	assert_int_equal(vio_create(nic, &nic->vio), 0);
	nic_cfg_build(nic);
	nic->conn.tsm_key = true;
	nic->conn.max_xfer = VFU_DEF_MAX_DATA_XFER;
	return nic;
}

struct nic *
world_plain(enum nic_tsm_arch arch, enum nic_tsm_fault fault)
{
	const struct nic_opts opts = {
		.sock = "test",
		.pairs = 2,
		.vectors = 5,
		.tph = NIC_TPH_IV_CAP,
		.tph_entries = 5,
		.tph_open = true,
		.tph_feature = 0xfe00,
		.tsm = arch,
		.tsm_name = "tsm0",
		.tsm_ca = TSM_CA,
		.tsm_fault = fault,
		.tsm_feature = 0xfe01,
		.tee = true,
	};

	return world_create(&opts);
}

void
world_destroy(struct nic *nic)
{
	struct vio *vio = nic->vio;

	nic_destroy(nic);
	vio_destroy(vio);
}

int
ask(struct nic *nic, struct ask *a)
{
	const uint32_t n = a->req_len > a->room ? a->req_len : a->room, len = 8 + 32 + n;
	const uint32_t head[] = {
		len, VFU_FEATURE_GET | 0xfe01, a->op, nic->opts.tsm, a->req_len, a->room, 0, 0, 0,
		0};
	struct nic_msg m = {.data = calloc(1, len), .len = len, .out = calloc(1, len)};

	memcpy(m.data, head, sizeof(head));
	if (a->req_len > 0)
		memcpy(m.data + sizeof(head), a->req, a->req_len);
	a->err = nic_msg_feature(nic, &m);
	a->silent = (m.hdr.flags & VFU_F_NO_REPLY) != 0;
	if (a->err == 0) {
		assert_int_equal(m.out_len, len);
		assert_memory_equal(m.out, head, 24);
		memcpy(&a->residue, m.out + 24, 4);
		memcpy(&a->code, m.out + 32, 8);
		memcpy(a->rsp, m.out + 40, n);
	}
	free(m.data);
	free(m.out);
	return a->err;
}

int
ask_op(struct nic *nic, uint32_t op)
{
	struct ask a = {.op = op};

	return ask(nic, &a) < 0 ? a.err : (int)a.code;
}

int
ask_state(struct nic *nic, uint32_t state)
{
	struct ask a = {.op = OP_SET, .req = &state, .req_len = sizeof(state)};

	return ask(nic, &a) < 0 ? a.err : (int)a.code;
}

uint32_t
state_of(struct nic *nic)
{
	struct ask a = {.op = OP_GET, .room = 4};
	uint32_t state;

	assert_int_equal(ask(nic, &a), 0);
	assert_int_equal(a.code, 0);
	memcpy(&state, a.rsp, sizeof(state));
	return state;
}

int
regenerate(struct nic *nic, uint32_t object, const uint8_t *nonce)
{
	uint32_t req[12] = {object, nonce != NULL ? 32 : 0, 0, 0};
	struct ask a = {.op = OP_REGEN, .req = req, .req_len = nonce != NULL ? 48 : 16};

	if (nonce != NULL)
		memcpy(&req[4], nonce, 32);
	return ask(nic, &a) < 0 ? a.err : (int)a.code;
}

int64_t
size_of(struct nic *nic, uint32_t object)
{
	struct ask a = {.op = OP_INFO, .req = &object, .req_len = 4, .room = 4};
	uint32_t size;

	if (ask(nic, &a) < 0)
		return a.err;
	memcpy(&size, a.rsp, sizeof(size));
	return size;
}

int64_t
object_of(struct nic *nic, uint32_t object, uint8_t *out, uint32_t room)
{
	const uint64_t req[] = {object, 0};
	struct ask a = {.op = OP_READ, .req = req, .req_len = sizeof(req), .room = room};

	if (ask(nic, &a) < 0)
		return a.err;
	memcpy(out, a.rsp, room - a.residue);
	return room - a.residue;
}

int
digest_of(struct nic *nic, uint32_t object, uint8_t *digest)
{
	struct ask a = {.op = OP_DIG, .req = &object, .req_len = 4, .room = 48};

	if (ask(nic, &a) == 0)
		memcpy(digest, a.rsp, 48);
	return a.err;
}

void
cfg_write(struct nic *nic, uint32_t off, uint32_t value, size_t len)
{
	nic_cfg_write(nic, off, (const uint8_t *)&value, len);
}

int
set_irqs(struct nic *nic, uint32_t flags, uint32_t start, uint32_t count, bool fds)
{
	struct vfu_set_irqs s = {.argsz = sizeof(s),
				 .flags = flags,
				 .index = VFU_IRQ_MSIX,
				 .start = start,
				 .count = count};
	struct nic_msg m = {.data = (uint8_t *)&s, .len = sizeof(s)};
	uint32_t i;
	int rc;

	for (i = 0; fds && i < count; i++)
		m.fds[m.nfds++] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = nic_msg_set_irqs(nic, &m);
	nic_frame_close_fds(&m);
	return rc;
}

void
bring_to(struct nic *nic, uint32_t state)
{
	assert_int_equal(set_irqs(nic, VFU_IRQS_DATA_EVENTFD | VFU_IRQS_TRIGGER, 0, 5, true), 0);
	cfg_write(nic, CFG_CMD, 6, 2);
	cfg_write(nic, CFG_TPH_CTRL, 0x101, 4);
	assert_int_equal(ask_op(nic, OP_BIND), 0);
	if (state >= ST_LOCKED)
		assert_int_equal(ask_state(nic, ST_LOCKED), 0);
	if (state >= ST_RUN)
		assert_int_equal(ask_state(nic, ST_RUN), 0);
	if (state == ST_ERROR)
		nic_reset(nic);
	assert_int_equal(state_of(nic), state);
}
