/* SPDX-License-Identifier: BSD-3-Clause */

/** @file A PCI function with a software TSM over the fake device, and a client of its envelope. */

#ifndef TEST_VFU_TSM_WORLD_H
#define TEST_VFU_TSM_WORLD_H

#include "fake_vio.h"

enum { T_CCA = 1, T_SEV, T_TDX };
enum { OBJ_VCA, OBJ_CHAIN, OBJ_MEASUREMENTS, OBJ_REPORT };
enum { ST_UNLOCKED, ST_LOCKED, ST_RUN, ST_ERROR };

/** One request of the envelope, and its answer. */
struct ask {
	uint32_t op;
	const void *req;
	uint32_t req_len;
	uint32_t room;
	/* What came back. */
	int err;
	uint32_t residue;
	uint64_t code;
	bool silent;
	uint8_t rsp[65536];
};

struct nic *world_create(const struct nic_opts *opts);
/** The usual one: 5 vectors, tsm0, keys of the build. */
struct nic *world_plain(enum nic_tsm_arch arch, enum nic_tsm_fault fault);
void world_destroy(struct nic *nic);

/** Send it; arch is the device's own. @return a->err. */
int ask(struct nic *nic, struct ask *a);
/** No payload, no response. @return errno, or tsm_code as a positive number. */
int ask_op(struct nic *nic, uint32_t op);
int ask_state(struct nic *nic, uint32_t state);
/** @return what GET_TDI_STATE says. */
uint32_t state_of(struct nic *nic);
int regenerate(struct nic *nic, uint32_t object, const uint8_t *nonce);
/** Size by OBJECT_INFO, or negative errno. */
int64_t size_of(struct nic *nic, uint32_t object);
/** Whole object into out. @return length or negative errno. */
int64_t object_of(struct nic *nic, uint32_t object, uint8_t *out, uint32_t room);
int digest_of(struct nic *nic, uint32_t object, uint8_t *digest);
/** From UNLOCKED to a state, with bus master and memory space on, vectors set and TPH on. */
void bring_to(struct nic *nic, uint32_t state);

void cfg_write(struct nic *nic, uint32_t off, uint32_t value, size_t len);
/** SET_IRQS of MSI-X with eventfds for [start, start+count), or with flags and no fd. */
int set_irqs(struct nic *nic, uint32_t flags, uint32_t start, uint32_t count, bool fds);

#endif /* TEST_VFU_TSM_WORLD_H */
