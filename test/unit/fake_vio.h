/* SPDX-License-Identifier: BSD-3-Clause */

/** @file The fake virtio device of fake_vio.c, and a PCI function on it. */

#ifndef TEST_FAKE_VIO_H
#define TEST_FAKE_VIO_H

#include <nic_priv.h>

struct fake_vio_calls {
	unsigned int reset, gone, dma_changed;
};
extern struct fake_vio_calls fake_vio_calls;

#endif /* TEST_FAKE_VIO_H */
