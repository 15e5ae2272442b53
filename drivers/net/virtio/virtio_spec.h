/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Numbers and layouts of VIRTIO 1.2 that this driver uses: PCI transport (4.1), split rings (2.7),
 * packed rings (2.8), network device (5.1). Little-endian throughout.
 */

#ifndef VNET_SPEC_H
#define VNET_SPEC_H

#include <stddef.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_ether.h>

#if RTE_BYTE_ORDER != RTE_LITTLE_ENDIAN
#error "rings and registers are little-endian, and so must be the CPU"
#endif

#define VNET_PCI_VENDOR        0x1af4
#define VNET_PCI_DEVICE        0x1041

/* 4.1.4: vendor capabilities. */
#define VNET_CAP_COMMON        1
#define VNET_CAP_NOTIFY        2
#define VNET_CAP_ISR           3
#define VNET_CAP_DEVICE        4
#define VNET_CAP_TYPES         5 /* index 0 unused */

/* 4.1.4.3: common configuration, offsets. */
#define VNET_COMMON_DFSELECT   0
#define VNET_COMMON_DF         4
#define VNET_COMMON_GFSELECT   8
#define VNET_COMMON_GF         12
#define VNET_COMMON_MSIX       16
#define VNET_COMMON_NUMQ       18
#define VNET_COMMON_STATUS     20
#define VNET_COMMON_GENERATION 21
#define VNET_COMMON_Q_SELECT   22
#define VNET_COMMON_Q_SIZE     24
#define VNET_COMMON_Q_MSIX     26
#define VNET_COMMON_Q_ENABLE   28
#define VNET_COMMON_Q_NOFF     30
#define VNET_COMMON_Q_DESC     32
#define VNET_COMMON_Q_AVAIL    40
#define VNET_COMMON_Q_USED     48
#define VNET_COMMON_LEN        56

#define VNET_NO_VECTOR         0xffff

/* 2.1: device status. */
#define VNET_S_ACK             1
#define VNET_S_DRIVER          2
#define VNET_S_DRIVER_OK       4
#define VNET_S_FEATURES_OK     8
#define VNET_S_NEEDS_RESET     64
#define VNET_S_FAILED          128

/* 5.1.3 and 6: features. */
#define VNET_F(bit)            (UINT64_C(1) << (bit))
#define VNET_F_MTU             VNET_F(3)
#define VNET_F_MAC             VNET_F(5)
#define VNET_F_MRG_RXBUF       VNET_F(15)
#define VNET_F_STATUS          VNET_F(16)
#define VNET_F_CTRL_VQ         VNET_F(17)
#define VNET_F_CTRL_RX         VNET_F(18)
#define VNET_F_CTRL_VLAN       VNET_F(19)
#define VNET_F_MQ              VNET_F(22)
#define VNET_F_CTRL_MAC_ADDR   VNET_F(23)
#define VNET_F_VERSION_1       VNET_F(32)
#define VNET_F_ACCESS_PLATFORM VNET_F(33)
#define VNET_F_RING_PACKED     VNET_F(34)
#define VNET_F_IN_ORDER        VNET_F(35)
#define VNET_F_ORDER_PLATFORM  VNET_F(36)
#define VNET_F_RSS             VNET_F(60)
#define VNET_F_SPEED_DUPLEX    VNET_F(63)

/* 5.1.4: device configuration. */
struct vnet_config {
	uint8_t mac[RTE_ETHER_ADDR_LEN];
	uint16_t status;
	uint16_t max_pairs;
	uint16_t mtu;
	uint32_t speed; /* Mb/s */
	uint8_t duplex;
	uint8_t rss_max_key;
	uint16_t rss_max_table;
	uint32_t hash_types;
};
_Static_assert(sizeof(struct vnet_config) == 24, "device configuration is 24 bytes");
_Static_assert(offsetof(struct vnet_config, speed) == 12, "speed at 12");
_Static_assert(offsetof(struct vnet_config, rss_max_table) == 18, "table length at 18");

#define VNET_LINK_UP       1
#define VNET_DUPLEX_FULL   1
#define VNET_SPEED_UNKNOWN UINT32_MAX

/* 5.1.5.1.3: header before every packet. */
struct vnet_net_hdr {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers;
};
_Static_assert(sizeof(struct vnet_net_hdr) == 12, "header is 12 bytes with VERSION_1");
#define VNET_HDR_LEN            12u

/* 5.1.6.5: control queue. */
#define VNET_CTRL_RX            0
#define VNET_CTRL_RX_PROMISC    0
#define VNET_CTRL_RX_ALLMULTI   1
#define VNET_CTRL_MAC           1
#define VNET_CTRL_MAC_TABLE     0
#define VNET_CTRL_MAC_ADDR      1
#define VNET_CTRL_VLAN          2
#define VNET_CTRL_VLAN_ADD      0
#define VNET_CTRL_VLAN_DEL      1
#define VNET_CTRL_MQ            4
#define VNET_CTRL_MQ_PAIRS      0
#define VNET_CTRL_MQ_RSS        1
#define VNET_CTRL_OK            0

/* 5.1.6.4.3.1: hash types. */
#define VNET_HASH_IPV4          (1u << 0)
#define VNET_HASH_TCPV4         (1u << 1)
#define VNET_HASH_UDPV4         (1u << 2)
#define VNET_HASH_IPV6          (1u << 3)
#define VNET_HASH_TCPV6         (1u << 4)
#define VNET_HASH_UDPV6         (1u << 5)
#define VNET_HASH_IPV6_EX       (1u << 6)
#define VNET_HASH_TCPV6_EX      (1u << 7)
#define VNET_HASH_UDPV6_EX      (1u << 8)

/* 2.7: split rings. */
#define VNET_DESC_NEXT          1
#define VNET_DESC_WRITE         2
#define VNET_AVAIL_NO_INTERRUPT 1
#define VNET_USED_NO_NOTIFY     1
#define VNET_RING_MAX           32768u

struct vnet_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};
_Static_assert(sizeof(struct vnet_desc) == 16, "descriptor is 16 bytes");

struct vnet_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};

struct vnet_used_elem {
	uint32_t id;
	uint32_t len;
};

struct vnet_used {
	uint16_t flags;
	uint16_t idx;
	struct vnet_used_elem ring[];
};
_Static_assert(offsetof(struct vnet_used, ring) == 4, "used elements at 4");

/* 2.8: packed rings. Flags NEXT and WRITE are those of split rings. */
#define VNET_DESC_AVAIL    0x0080u
#define VNET_DESC_USED     0x8000u
#define VNET_EVENT_ENABLE  0
#define VNET_EVENT_DISABLE 1

struct vnet_pdesc {
	uint64_t addr;
	uint32_t len;
	uint16_t id;
	uint16_t flags;
};
_Static_assert(sizeof(struct vnet_pdesc) == 16, "packed descriptor is 16 bytes");
_Static_assert(offsetof(struct vnet_pdesc, len) == 8, "length, id and flags are one 8-byte word");

/* 2.8.14: event suppression structure. */
struct vnet_event {
	uint16_t off_wrap; /* with EVENT_IDX only */
	uint16_t flags;
};
_Static_assert(sizeof(struct vnet_event) == 4, "event suppression structure is 4 bytes");

#endif /* VNET_SPEC_H */
