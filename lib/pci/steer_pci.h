/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Decoding of a PCI configuration-space image: capability walk, MSI-X, PCI Express, TPH Requester,
 * and the vendor-specific capability by which vfu-nic shows its model registers.
 *
 * The image is data from a device and is not trusted: walks are bounded (48 standard, 480 extended
 * steps), never leave the image and never visit an offset twice. Pure functions, thread-safe.
 */

#ifndef STEER_PCI_H
#define STEER_PCI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STEER_PCI_CFG_SIZE           4096u

#define STEER_PCI_CAP_VNDR           0x09
#define STEER_PCI_CAP_EXP            0x10
#define STEER_PCI_CAP_MSIX           0x11
#define STEER_PCI_EXT_CAP_VSEC       0x000b
#define STEER_PCI_EXT_CAP_TPH        0x0017

/** TPH Requester capability, register offsets and fields (PCIe base, 7.9.13). */
#define STEER_PCI_TPH_CAP            4
#define STEER_PCI_TPH_CTRL           8
#define STEER_PCI_TPH_ST             12
#define STEER_PCI_TPH_CAP_NS         0x00000001u
#define STEER_PCI_TPH_CAP_IV         0x00000002u
#define STEER_PCI_TPH_CAP_DS         0x00000004u
#define STEER_PCI_TPH_CAP_EXT        0x00000100u
#define STEER_PCI_TPH_LOC_MASK       0x00000600u
#define STEER_PCI_TPH_LOC_SHIFT      9
#define STEER_PCI_TPH_SIZE_MASK      0x07ff0000u
#define STEER_PCI_TPH_SIZE_SHIFT     16
#define STEER_PCI_TPH_CTRL_MODE_MASK 0x00000007u
#define STEER_PCI_TPH_CTRL_REQ_MASK  0x00000300u
#define STEER_PCI_TPH_CTRL_REQ_SHIFT 8

enum steer_pci_tph_mode {
	STEER_PCI_TPH_MODE_NS = 0,
	STEER_PCI_TPH_MODE_IV = 1,
	STEER_PCI_TPH_MODE_DS = 2
};
enum steer_pci_tph_req {
	STEER_PCI_TPH_REQ_OFF = 0,
	STEER_PCI_TPH_REQ_STD = 1,
	STEER_PCI_TPH_REQ_EXT = 3
};
enum steer_pci_tph_loc {
	STEER_PCI_TPH_LOC_NONE = 0,
	STEER_PCI_TPH_LOC_CAP = 1,
	STEER_PCI_TPH_LOC_MSIX = 2
};

struct steer_pci_msix {
	uint16_t pos;     /**< of the capability */
	uint16_t entries; /**< 1..2048 */
	uint8_t table_bar;
	uint8_t pba_bar;
	uint32_t table_off;
	uint32_t pba_off;
};

struct steer_pci_exp {
	uint16_t pos;
	uint8_t version;
	uint8_t type;     /**< device/port type: 0 endpoint, 9 root-complex integrated endpoint */
	uint32_t devcap;  /**< bit 28 FLR, bit 30 TEE-I/O */
	uint32_t devcap2; /**< bits 13:12 TPH completer; 0 for version 1 */
};

struct steer_pci_tph {
	uint16_t pos;
	uint16_t entries; /**< of the ST table: size field + 1; 0 when there is no table */
	uint8_t loc;      /**< enum steer_pci_tph_loc */
	uint8_t modes;    /**< bit n: mode n supported */
	uint8_t extended; /**< 16-bit tags */
	uint32_t cap;     /**< raw capability register */
};

/** Own VSEC (extended capability 0x000b, VSEC id STEER_PCI_VSEC_ID): where the model registers are.
 */
#define STEER_PCI_VSEC_ID  0x5354
#define STEER_PCI_VSEC_REV 1
#define STEER_PCI_VSEC_LEN 32
struct steer_pci_vsec {
	uint16_t pos;
	uint8_t bar;       /**< +8, bits 2:0 */
	uint32_t ctrl_off; /**< +12: model control registers (steer_trace.h) */
	uint32_t st_off;   /**< +16: one u32 steering-tag register per virtqueue; 0 entries: none */
	uint32_t st_count; /**< +20 */
	uint32_t trace_off; /**< +24: shared trace area */
	uint32_t trace_len; /**< +28: 0: no model in this device */
};

/**
 * Find a standard capability.
 * @param start 0, or the offset of an earlier hit to find the next one after it
 * @return its offset (64..252), -ENOENT none, -EILSEQ broken list.
 */
int steer_pci_find_cap(const uint8_t *img, size_t len, uint8_t id, int start);
/** Same for extended capabilities. @return offset (256..4092), -ENOENT, -EILSEQ. */
int steer_pci_find_ext_cap(const uint8_t *img, size_t len, uint16_t id, int start);

/** Decoders. @return 0, -ENOENT capability absent, -EILSEQ broken list or cut capability. */
int steer_pci_msix_decode(const uint8_t *img, size_t len, struct steer_pci_msix *out);
int steer_pci_exp_decode(const uint8_t *img, size_t len, struct steer_pci_exp *out);
int steer_pci_tph_decode(const uint8_t *img, size_t len, struct steer_pci_tph *out);
int steer_pci_vsec_decode(const uint8_t *img, size_t len, struct steer_pci_vsec *out);

/** Little-endian loads from an image; the caller has checked the bounds. */
static inline uint16_t
steer_pci_rd16(const uint8_t *img, size_t off)
{
	return (uint16_t)(img[off] | img[off + 1] << 8);
}

static inline uint32_t
steer_pci_rd32(const uint8_t *img, size_t off)
{
	return steer_pci_rd16(img, off) | (uint32_t)steer_pci_rd16(img, off + 2) << 16;
}

#ifdef __cplusplus
}
#endif
#endif /* STEER_PCI_H */
