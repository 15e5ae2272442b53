/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Telemetry of the PCI function. */

#ifndef VFU_NIC_TELEMETRY_H
#define VFU_NIC_TELEMETRY_H

struct nic;

/** Register the commands for this device; it lives as long as EAL's telemetry. */
void nic_telemetry(const struct nic *nic);

#endif /* VFU_NIC_TELEMETRY_H */
