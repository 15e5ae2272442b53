/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What an application can ask about the confidential devices of the vfio bus.
 */

#ifndef BUS_VFIO_TSM_H
#define BUS_VFIO_TSM_H

#include <steer_tsm_verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What was verified of a device, as it stands. Kept for a device whose attach was refused, until it
 * is attached again. Thread-safe; does not ask the device.
 * @param name of the device as ethdev has it, "vfio:nic0"
 * @return 0, -ENODEV no device of that name was ever attached with tsm=prefer or tsm=require.
 */
int vfio_bus_tsm_verdict(const char *name, struct steer_tsm_verdict *verdict);
/**
 * Name of the index'th such device, in no order. Thread-safe; devices may come and go between
 * calls.
 * @param name buffer of 64 bytes
 * @return 0, -ENOENT there are not so many.
 */
int vfio_bus_tsm_name(unsigned int index, char *name);

#ifdef __cplusplus
}
#endif
#endif /* BUS_VFIO_TSM_H */
