/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The software TSM of --tsm, for the PCI function: simulated, it protects nothing. Without --tsm
 * every hook does nothing. Control thread only; what workers see is nic->dma_shut.
 */

#ifndef VFU_NIC_TSM_H
#define VFU_NIC_TSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nic;
struct nic_msg;

/**
 * Read keys and certificates, and shut DMA: there is none before RUN. Says on stderr what is wrong.
 * @return 0 (also without --tsm), or negative errno.
 */
int nic_tsm_create(struct nic *nic);
void nic_tsm_destroy(struct nic *nic);

/** Feature index of the envelope; 0 without --tsm. */
uint16_t nic_tsm_index(const struct nic *nic);
/** The envelope (lib/tsm/tsm_proto.h) in DEVICE_FEATURE. op: VFU_FEATURE_*. @return 0 or negative
 * errno. */
int nic_tsm_feature(struct nic *nic, struct nic_msg *m, uint32_t op);

/* Hooks: what a client did that TDISP has an opinion about. */
/** Configuration space is about to be written. */
void nic_tsm_on_cfg(struct nic *nic, uint32_t off, const uint8_t *buf, size_t len);
/** FLR or DEVICE_RESET. */
void nic_tsm_on_reset(struct nic *nic);
/** The MSI-X table was written, by the client or by the kernel in front of it (SET_IRQS). */
void nic_tsm_on_msix(struct nic *nic);
/** An entry of the ST table is about to be written. */
void nic_tsm_on_st(struct nic *nic);
/** DMA_MAP arrived. */
void nic_tsm_on_dma_map(struct nic *nic);
/** Back to power-on: unbound, unlocked. */
void nic_tsm_on_client_gone(struct nic *nic);

/** What telemetry shows; any thread. */
struct nic_tsm_show {
	const char *arch, *name, *state, *why, *fault;
	bool bound;
	uint64_t transitions, locks, requests, maps_before_run, errors;
};
/** @return whether there is a TSM. */
bool nic_tsm_show(const struct nic *nic, struct nic_tsm_show *s);

#endif /* VFU_NIC_TSM_H */
