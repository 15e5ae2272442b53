/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef BUS_TOOL_TSM_H
#define BUS_TOOL_TSM_H

#include <bus_vfio_driver.h>

/* As the driver of a card: vectors, bus mastering and TPH are there before a TSM locks them. */
int tool_tsm_attach(struct vfio_bus_device *dev);
/* The verdict on a device, as JSON in one line. @return 0 or -ENODEV. */
int tool_tsm_show(const char *name);
/* All vectors, whose eventfds are closed at once: the server keeps copies. */
int tool_vectors(struct steer_vfio_dev *vdev, uint32_t n);

#endif /* BUS_TOOL_TSM_H */
