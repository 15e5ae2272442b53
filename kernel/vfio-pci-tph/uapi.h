/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What user space hands in: the device feature TPH_ST as proposed in May 2026,
 * and the ioctl of version 8 of the proposal before it. Neither is merged, so
 * neither is in the kernel's headers.
 */
#ifndef VFIO_PCI_TPH_UAPI_H
#define VFIO_PCI_TPH_UAPI_H

#include <linux/ioctl.h>
#include <linux/stddef.h>
#include <linux/types.h>

#define TPH_CPU_CLEAR	0xffffffffU	/* in place of a CPU: no tag */
#define TPH_BATCH_MAX	2048

#define TPH_ST_PERSISTENT	0x1U	/* tph_st.flags: persistent memory */

/* Payload behind struct vfio_device_feature. */
struct tph_st {
	__u32 flags;
	__u16 index;
	__u16 count;
	__u32 data[];	/* SET: CPUs in. GET: CPUs in, tags out. */
};

#define TPH_V8_IOCTL	_IO(';', 122)

enum tph_v8_op {
	TPH_V8_GET_CAP,
	TPH_V8_ENABLE,
	TPH_V8_DISABLE,
	TPH_V8_GET_ST,
	TPH_V8_SET_ST,
};

#define TPH_V8_MODE_IV	0x1
#define TPH_V8_MODE_DS	0x2

struct tph_v8_head {
	__u32 argsz;
	__u32 op;
};

struct tph_v8_cap {
	__u8 supported_modes;
	__u8 reserved0;
	__u16 st_table_sz;
	__u32 reserved1;
};

struct tph_v8_ctrl {
	__u8 mode;
	__u8 reserved[7];
};

struct tph_v8_entry {
	__u32 cpu;
	__u8 mem_type;
	__u8 reserved0;
	__u16 index;
	__u16 st;
	__u16 reserved1;
};

struct tph_v8_st {
	__u32 count;
	__u32 reserved;
	struct tph_v8_entry entries[];
};

#endif
