/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Constants and layouts of virtio 1.2 as the device side uses them: registers (4.1.4), split and
 * packed rings (2.7, 2.8), network device (5.1). Everything is little-endian.
 */

#ifndef VFU_NIC_VIRTIO_SPEC_H
#define VFU_NIC_VIRTIO_SPEC_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* Device status, 2.1. */
#define VIO_S_ACK          0x01u
#define VIO_S_DRIVER       0x02u
#define VIO_S_DRIVER_OK    0x04u
#define VIO_S_FEATURES_OK  0x08u
#define VIO_S_NEEDS_RESET  0x40u
#define VIO_S_FAILED       0x80u

/* Features, 5.1.3 and 6. */
#define VIO_F_MTU          3
#define VIO_F_MAC          5
#define VIO_F_MRG_RXBUF    15
#define VIO_F_STATUS       16
#define VIO_F_CTRL_VQ      17
#define VIO_F_CTRL_RX      18
#define VIO_F_CTRL_VLAN    19
#define VIO_F_MQ           22
#define VIO_F_CTRL_MAC     23
#define VIO_F_INDIRECT     28
#define VIO_F_VERSION_1    32
#define VIO_F_PLATFORM     33
#define VIO_F_RING_PACKED  34
#define VIO_F_IN_ORDER     35
#define VIO_F_RING_RESET   40
#define VIO_F_RSS          60
#define VIO_F_SPEED_DUPLEX 63
#define VIO_BIT(f)         (1ull << (f))

/* Interrupt status, 4.1.4.5. */
#define VIO_ISR_QUEUE      1u
#define VIO_ISR_CONFIG     2u

/* Split ring, 2.7. */
#define VRING_F_NEXT       1u
#define VRING_F_WRITE      2u
#define VRING_F_INDIRECT   4u
#define VRING_NO_INTERRUPT 1u
#define VRING_NO_NOTIFY    1u

struct vring_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};
static_assert(sizeof(struct vring_desc) == 16, "descriptor is 16 bytes");

struct vring_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};

struct vring_used_elem {
	uint32_t id;
	uint32_t len;
};
static_assert(sizeof(struct vring_used_elem) == 8, "used element is 8 bytes");

struct vring_used {
	uint16_t flags;
	uint16_t idx;
	struct vring_used_elem ring[];
};
static_assert(offsetof(struct vring_used, ring) == 4, "used elements start at 4");

/* Packed ring, 2.8: descriptors, one event suppression structure of each side. */
#define VRING_F_AVAIL       0x0080u
#define VRING_F_USED        0x8000u
#define VRING_EVENT_DISABLE 1u

struct vring_pdesc {
	uint64_t addr;
	uint32_t len;
	uint16_t id;
	uint16_t flags;
};
static_assert(sizeof(struct vring_pdesc) == 16, "packed descriptor is 16 bytes");
static_assert(offsetof(struct vring_pdesc, len) == 8, "length, id and flags are one word");

struct vring_event {
	uint16_t off_wrap;
	uint16_t flags;
};
static_assert(sizeof(struct vring_event) == 4, "event suppression structure is 4 bytes");

/* Network header with VERSION_1, 5.1.6. */
struct vnet_hdr {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers;
};
static_assert(sizeof(struct vnet_hdr) == 12, "network header is 12 bytes");
#define VNET_HDR_LEN 12u

/* Common configuration, 4.1.4.3. */
struct vio_common_regs {
	uint32_t device_feature_select;
	uint32_t device_feature;
	uint32_t driver_feature_select;
	uint32_t driver_feature;
	uint16_t config_msix_vector;
	uint16_t num_queues;
	uint8_t device_status;
	uint8_t config_generation;
	uint16_t queue_select;
	uint16_t queue_size;
	uint16_t queue_msix_vector;
	uint16_t queue_enable;
	uint16_t queue_notify_off;
	uint64_t queue_desc;
	uint64_t queue_driver;
	uint64_t queue_device;
	uint16_t queue_notify_data;
	uint16_t queue_reset;
	uint16_t admin_queue_index;
	uint16_t admin_queue_num;
};
static_assert(sizeof(struct vio_common_regs) == 64, "common configuration is 64 bytes");
static_assert(offsetof(struct vio_common_regs, queue_desc) == 32, "descriptor area at 32");
static_assert(offsetof(struct vio_common_regs, queue_reset) == 58, "queue_reset at 58");

/* Device configuration, 5.1.4. */
struct vio_net_config {
	uint8_t mac[6];
	uint16_t status;
	uint16_t max_virtqueue_pairs;
	uint16_t mtu;
	uint32_t speed;
	uint8_t duplex;
	uint8_t rss_max_key_size;
	uint16_t rss_max_indirection_table_length;
	uint32_t supported_hash_types;
};
static_assert(sizeof(struct vio_net_config) == 24, "device configuration is 24 bytes");
#define VIO_NET_S_LINK_UP 1u

/* Control queue, 5.1.6.5. */
enum vio_ctrl_class {
	VIO_CTRL_RX = 0,
	VIO_CTRL_MAC = 1,
	VIO_CTRL_VLAN = 2,
	VIO_CTRL_MQ = 4,
};
#define VIO_CTRL_RX_PROMISC  0
#define VIO_CTRL_RX_ALLMULTI 1
#define VIO_CTRL_MAC_TABLE   0
#define VIO_CTRL_MAC_ADDR    1
#define VIO_CTRL_VLAN_ADD    0
#define VIO_CTRL_VLAN_DEL    1
#define VIO_CTRL_MQ_PAIRS    0
#define VIO_CTRL_MQ_RSS      1
#define VIO_CTRL_ACK_OK      0
#define VIO_CTRL_ACK_ERR     1

/* Receive-side scaling, 5.1.6.4.3. */
#define VIO_HASH_IPV4        (1u << 0)
#define VIO_HASH_TCPV4       (1u << 1)
#define VIO_HASH_UDPV4       (1u << 2)
#define VIO_HASH_IPV6        (1u << 3)
#define VIO_HASH_TCPV6       (1u << 4)
#define VIO_HASH_UDPV6       (1u << 5)
#define VIO_HASH_ALL         0x3fu
#define VIO_RSS_KEY          40u
#define VIO_RSS_RETA         128u

#endif /* VFU_NIC_VIRTIO_SPEC_H */
