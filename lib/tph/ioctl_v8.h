/* SPDX-License-Identifier: BSD-3-Clause */

/* Layouts of VFIO_DEVICE_PCI_TPH as posted for Linux in May 2026 (eighth version); not merged. */

#ifndef STEER_TPH_IOCTL_V8_H
#define STEER_TPH_IOCTL_V8_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define TPH_IOCTL      0x3b7aul /* _IO(';', 100 + 22) */
#define TPH_V8_GET_CAP 0u
#define TPH_V8_ENABLE  1u
#define TPH_V8_DISABLE 2u
#define TPH_V8_GET_ST  3u
#define TPH_V8_SET_ST  4u

#define TPH_V8_MODE_IV 0x1u
#define TPH_V8_MODE_DS 0x2u

struct tph_v8_head {
	uint32_t argsz;
	uint32_t op;
};
static_assert(sizeof(struct tph_v8_head) == 8, "head of 8 bytes");
static_assert(offsetof(struct tph_v8_head, op) == 4, "op at 4");

struct tph_v8_cap {
	struct tph_v8_head head;
	uint8_t supported_modes; /* TPH_V8_MODE_* */
	uint8_t reserved0;
	uint16_t st_table_sz; /* entries; 0 none, or in the MSI-X table */
	uint32_t reserved1;
};
static_assert(sizeof(struct tph_v8_cap) == 16, "cap of 16 bytes");
static_assert(offsetof(struct tph_v8_cap, supported_modes) == 8, "modes at 8");
static_assert(offsetof(struct tph_v8_cap, reserved0) == 9, "reserved at 9");
static_assert(offsetof(struct tph_v8_cap, st_table_sz) == 10, "size at 10");
static_assert(offsetof(struct tph_v8_cap, reserved1) == 12, "reserved at 12");

struct tph_v8_ctrl {
	struct tph_v8_head head;
	uint8_t mode; /* one of TPH_V8_MODE_*, not the mode code of PCI */
	uint8_t reserved[7];
};
static_assert(sizeof(struct tph_v8_ctrl) == 16, "ctrl of 16 bytes");
static_assert(offsetof(struct tph_v8_ctrl, mode) == 8, "mode at 8");
static_assert(offsetof(struct tph_v8_ctrl, reserved) == 9, "reserved at 9");

struct tph_v8_entry {
	uint32_t cpu;     /* 0xffffffff: clear (SET) */
	uint8_t mem_type; /* 0 volatile, 1 persistent */
	uint8_t reserved0;
	uint16_t index; /* of the table (SET) */
	uint16_t st;    /* tag (GET) */
	uint16_t reserved1;
};
static_assert(sizeof(struct tph_v8_entry) == 12, "entry of 12 bytes");
static_assert(offsetof(struct tph_v8_entry, cpu) == 0, "cpu at 0");
static_assert(offsetof(struct tph_v8_entry, mem_type) == 4, "mem_type at 4");
static_assert(offsetof(struct tph_v8_entry, reserved0) == 5, "reserved at 5");
static_assert(offsetof(struct tph_v8_entry, index) == 6, "index at 6");
static_assert(offsetof(struct tph_v8_entry, st) == 8, "st at 8");
static_assert(offsetof(struct tph_v8_entry, reserved1) == 10, "reserved at 10");

struct tph_v8_st {
	struct tph_v8_head head;
	uint32_t count; /* at most 2048 */
	uint32_t reserved;
	struct tph_v8_entry entries[];
};
static_assert(sizeof(struct tph_v8_st) == 16, "head of 16 bytes");
static_assert(offsetof(struct tph_v8_st, count) == 8, "count at 8");
static_assert(offsetof(struct tph_v8_st, reserved) == 12, "reserved at 12");
static_assert(offsetof(struct tph_v8_st, entries) == 16, "entries at 16");

/*
 * Two older layouts of the same ioctl number (June and October 2025), only to tell them apart
 * without changing anything: DISABLE of each, which turns off what is off.
 */
struct tph_b_probe {
	uint32_t argsz; /* 12 */
	uint32_t flags; /* bits 5:3: operation, 1 DISABLE */
	uint32_t count; /* 0 */
};
static_assert(sizeof(struct tph_b_probe) == 12, "12 bytes");
static_assert(offsetof(struct tph_b_probe, flags) == 4, "flags at 4");
static_assert(offsetof(struct tph_b_probe, count) == 8, "count at 8");
#define TPH_B_DISABLE (1u << 3)

struct tph_c_probe {
	uint32_t argsz; /* exactly 20 */
	uint32_t mode;
	uint32_t op; /* 1 DISABLE */
	uint32_t cpu_id;
	uint8_t mem_type;
	uint8_t reserved;
	uint16_t index;
};
static_assert(sizeof(struct tph_c_probe) == 20, "20 bytes");
static_assert(offsetof(struct tph_c_probe, mode) == 4, "mode at 4");
static_assert(offsetof(struct tph_c_probe, op) == 8, "op at 8");
static_assert(offsetof(struct tph_c_probe, cpu_id) == 12, "cpu_id at 12");
static_assert(offsetof(struct tph_c_probe, mem_type) == 16, "mem_type at 16");
static_assert(offsetof(struct tph_c_probe, index) == 18, "index at 18");
#define TPH_C_DISABLE 1u

#endif /* STEER_TPH_IOCTL_V8_H */
