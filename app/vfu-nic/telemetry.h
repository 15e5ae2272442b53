/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Telemetry of the PCI function. */

#ifndef VFU_NIC_TELEMETRY_H
#define VFU_NIC_TELEMETRY_H

struct nic;

/** Answer for this device, until stop. */
void nic_telemetry_start(const struct nic *nic);
/** The device is about to go. */
void nic_telemetry_stop(void);

#endif /* VFU_NIC_TELEMETRY_H */
