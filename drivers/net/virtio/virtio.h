/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * One virtio-net port of the vfio bus: its state, and what the files of this driver offer each
 * other. Names start with vnet_, so that this driver and DPDK's own virtio live in one process.
 */

#ifndef VNET_H
#define VNET_H

#include <pthread.h>
#include <stdbool.h>

#include <ethdev_driver.h>
#include <rte_log.h>

#include <bus_vfio_driver.h>
#include <steer_driver.h>

#include "rxtx.h"
#include "steer_virtio.h"

#define VNET_MAX_PAIRS     128
#define VNET_MAX_MACS      64
#define VNET_MAX_MC        64
#define VNET_MAX_RETA      512
#define VNET_MAX_KEY       255
#define VNET_MAX_VECTORS   2048
#define VNET_MIN_RING      32
#define VNET_DEF_RING      256
#define VNET_DEF_THRESH    32
#define VNET_MAX_FRAME     9728 /* when the device names no MTU */
#define VNET_FRAME_EXTRA   (RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN)

/** Waits for the device, milliseconds. */
#define VNET_RESET_WAIT_MS 3000
#define VNET_CTRL_WAIT_MS  2000

extern int vnet_logtype;
/** One line that names the device. */
#define VNET_LOG(level, hw, fmt, ...)                                                              \
	rte_log(RTE_LOG_##level, vnet_logtype, "net_vfio_virtio: %s: " fmt "\n", (hw)->bus->name,  \
		##__VA_ARGS__)

/** Where one structure of the device is. */
struct vnet_cap {
	uint8_t bar;
	uint32_t off, len;
	uint32_t notify_mult; /* notify only */
};

struct vnet_caps {
	struct vnet_cap cap[VNET_CAP_TYPES];
};

struct vnet_rss {
	uint64_t hf;                  /* RTE_ETH_RSS_* in force */
	uint16_t reta[VNET_MAX_RETA]; /* Rx queue of each entry */
	uint8_t key[VNET_MAX_KEY];
	bool reta_set; /* by the user: kept over a re-configure that allows it */
};

/** Control queue with one command in flight (5.1.6.5). */
struct vnet_ctrl {
	struct vnet_vq vq;
	pthread_mutex_t lock;
	bool ready;
};

struct vnet_model {
	struct steer_pci_vsec vsec; /* pos 0: none */
	struct steer_trace_area *area;
	struct steer_trace_ring *rings;
	uint32_t nqueues;
};

/** Rx timestamps of the device (steer_trace.h). */
struct vnet_stamps {
	bool offered; /* on a clock that is this machine's counter */
	bool on;
	int field; /* offset in an mbuf */
	uint64_t flag;
};

struct vnet_rx_intr {
	int fd;
	uint16_t vector; /* 0: none yet */
};

struct vnet_intr {
	int config_fd;           /* vector 0 */
	int spare_fd;            /* every vector that nobody listens to */
	int *own_fd;             /* of vector 1+i, on a device that a TSM locks; else NULL */
	struct vnet_rx_intr *rx; /* one per Rx queue while started with Rx interrupts */
	uint16_t nb_rx;          /* entries of rx */
	bool lsc_on;             /* callback registered */
};

struct vnet_hw {
	struct vfio_bus_device *bus;
	struct steer_vfio_dev *vdev;
	uint16_t port_id;
	bool started;
	bool gone;
	bool packed; /* ring layout, from probe on */

	struct vnet_caps caps;
	volatile uint8_t *notify_base;
	pthread_mutex_t lock; /* register sequences: select, then access */
	uint64_t offered, features;
	uint16_t max_pairs;
	uint16_t ring_max; /* of virtqueue 0 */
	uint16_t max_mtu;
	uint16_t reta_size;
	uint8_t key_size;
	uint32_t hash_types; /* that the device supports */

	struct rte_ether_addr mc[VNET_MAX_MC];
	uint32_t nb_mc;
	struct vnet_rss rss;
	struct vnet_ctrl ctrl;

	struct steer_port *port;
	uint16_t nb_vectors, max_vectors;
	uint16_t tags[2 * VNET_MAX_PAIRS]; /* device-specific mode: written again after a reset */
	struct vnet_intr intr;
	struct vnet_model model;
	struct vnet_stamps stamps;
};

static inline struct vnet_hw *
vnet_hw(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

static inline bool
vnet_has(const struct vnet_hw *hw, uint64_t feature)
{
	return (hw->features & feature) != 0;
}

static inline bool
vnet_offers(const struct vnet_hw *hw, uint64_t feature)
{
	return (hw->offered & feature) != 0;
}

/** Will a TSM lock the device, or has it: no SET_IRQS, bus mastering or tag any more? */
static inline bool
vnet_is_locked(const struct vnet_hw *hw)
{
	return vfio_bus_tsm_locks(hw->bus);
}

static inline bool
vnet_is_gone(const struct vnet_hw *hw)
{
	return __atomic_load_n(&hw->gone, __ATOMIC_RELAXED);
}

/** Virtqueue of a queue (5.1.2). */
static inline uint16_t
vnet_vq_index(enum steer_dir dir, uint16_t queue)
{
	return (uint16_t)(2 * queue + (dir == STEER_TX));
}

/** May commands be sent now? */
static inline bool
vnet_ctrl_usable(const struct vnet_hw *hw)
{
	return hw->ctrl.ready && !vnet_is_gone(hw);
}

/* caps.c */
/** First usable capability of each type in a configuration-space image. @return 0, -ENOENT (missing
 * says which type), -EILSEQ broken list. */
int vnet_caps_decode(const uint8_t *img, size_t len, struct vnet_caps *caps, int *missing);

/* regs.c: accesses of one sequence; the first error stays in err and stops the rest. */
struct vnet_regs {
	struct vnet_hw *hw;
	int err;
};
uint8_t vnet_rd8(struct vnet_regs *r, uint32_t off);
uint16_t vnet_rd16(struct vnet_regs *r, uint32_t off);
uint32_t vnet_rd32(struct vnet_regs *r, uint32_t off);
void vnet_wr8(struct vnet_regs *r, uint32_t off, uint8_t v);
void vnet_wr16(struct vnet_regs *r, uint32_t off, uint16_t v);
/* Not answered for: read it back. */
void vnet_post16(struct vnet_regs *r, uint32_t off, uint16_t v);
void vnet_wr32(struct vnet_regs *r, uint32_t off, uint32_t v);
void vnet_wr64(struct vnet_regs *r, uint32_t off, uint64_t v);
/** Structures within their BARs, doorbells mapped. Logs. */
int vnet_regs_map(struct vnet_hw *hw);
/** Device configuration, consistent over a change of generation. Absent fields are 0. */
int vnet_config_read(struct vnet_hw *hw, struct vnet_config *cfg);

/* device.c: the device's life cycle (3.1). */
int vnet_reset(struct vnet_hw *hw);
int vnet_features_read(struct vnet_hw *hw);
int vnet_features_negotiate(struct vnet_hw *hw, uint64_t want);
int vnet_driver_ok(struct vnet_hw *hw);
int vnet_config_vector(struct vnet_hw *hw, uint16_t vector);
int vnet_vq_max(struct vnet_hw *hw, uint16_t index, uint16_t *size);
int vnet_vq_enable(struct vnet_hw *hw, struct vnet_vq *vq, uint16_t vector);
int vnet_vq_vector(struct vnet_hw *hw, uint16_t index, uint16_t vector);

/* vq_mem.c */
int vnet_vq_alloc(struct vnet_hw *hw, struct vnet_vq *vq, uint16_t index, uint16_t size,
		  size_t extra, int socket);
void vnet_vq_free(struct vnet_vq *vq);

/* ctrl_msg.c: command bytes, without class and command. @return length. */
size_t vnet_msg_mac_table(uint8_t *buf, const struct rte_ether_addr *uc, uint32_t nb_uc,
			  const struct rte_ether_addr *mc, uint32_t nb_mc);
size_t vnet_msg_rss(uint8_t *buf, const struct vnet_rss *rss, uint32_t types, uint16_t reta_size,
		    uint16_t tx_queues, uint8_t key_len);
/** Longest of all messages: RSS with the longest table and key. */
#define VNET_MSG_MAX (11u + 2 * VNET_MAX_RETA + VNET_MAX_KEY)
_Static_assert(8 + RTE_ETHER_ADDR_LEN * (VNET_MAX_MACS + VNET_MAX_MC) <= VNET_MSG_MAX,
	       "MAC tables fit as well");

/* ctrl.c */
int vnet_ctrl_start(struct vnet_hw *hw);
void vnet_ctrl_stop(struct vnet_hw *hw);
void vnet_ctrl_free(struct vnet_hw *hw);
/** Send a command and wait for its ack. @return 0, -EIO refused, -ETIMEDOUT, -ENODEV, -ENOTSUP. */
int vnet_ctrl_send(struct vnet_hw *hw, uint8_t class, uint8_t cmd, const void *data, size_t len);

/* filter.c */
int vnet_promisc_on(struct rte_eth_dev *dev);
int vnet_promisc_off(struct rte_eth_dev *dev);
int vnet_allmulti_on(struct rte_eth_dev *dev);
int vnet_allmulti_off(struct rte_eth_dev *dev);
int vnet_mac_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr);
int
vnet_mac_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index, uint32_t vmdq);
void vnet_mac_remove(struct rte_eth_dev *dev, uint32_t index);
int vnet_mc_list(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t n);
int vnet_vlan_filter(struct rte_eth_dev *dev, uint16_t vlan, int on);
int vnet_vlan_offload(struct rte_eth_dev *dev, int mask);
int vnet_vlan_replay(struct rte_eth_dev *dev);

/* rss.c */
uint64_t vnet_rss_offers(const struct vnet_hw *hw);
void vnet_rss_init(struct vnet_hw *hw);
int vnet_rss_configure(struct rte_eth_dev *dev);
/** Does the configuration of this port need the RSS command? */
bool vnet_rss_wanted(const struct rte_eth_dev *dev);
int vnet_rss_start(struct rte_eth_dev *dev);
int vnet_rss_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int vnet_rss_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int vnet_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size);
int vnet_reta_get(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size);

/* intr.c */
int vnet_intr_init(struct vnet_hw *hw);
void vnet_intr_fini(struct vnet_hw *hw);
/** Vectors 0..n-1 at least; all that there are at once when a TSM is going to lock the device. */
int vnet_vectors_alloc(struct vnet_hw *hw, uint16_t n);
int vnet_lsc_register(struct rte_eth_dev *dev);
void vnet_lsc_unregister(struct rte_eth_dev *dev);
/** Vector of an Rx or Tx queue: lib/steer's, or an own one for Rx interrupts. */
uint16_t vnet_queue_vector(struct rte_eth_dev *dev, enum steer_dir dir, uint16_t queue);
int vnet_rx_intr_start(struct rte_eth_dev *dev);
void vnet_rx_intr_stop(struct rte_eth_dev *dev);
int vnet_rx_intr_on(struct rte_eth_dev *dev, uint16_t queue);
int vnet_rx_intr_off(struct rte_eth_dev *dev, uint16_t queue);
int vnet_link_update(struct rte_eth_dev *dev, int wait);

/* devargs.c */
extern const char *const vnet_devargs[];
/** Choose the ring layout from packed= and what the device offers. Logs. @return 0, -EINVAL,
 * -ENOTSUP packed rings wanted and not offered. */
int vnet_layout_choose(struct vnet_hw *hw);

/* steer.c */
int vnet_steer_register(struct vnet_hw *hw);
int vnet_tags_replay(struct vnet_hw *hw);

/* model.c */
void vnet_model_init(struct vnet_hw *hw);
void vnet_model_fini(struct vnet_hw *hw);
struct steer_trace_ring *vnet_model_ring(struct vnet_hw *hw, uint16_t queue);
/** Access to the control registers of the model. */
int vnet_model_read(struct vnet_hw *hw, size_t off, void *buf, size_t len);
/** @return 0, -ENOTSUP or -ENOENT refused as such, -EINVAL refused otherwise (logged). */
int vnet_model_cmd(struct vnet_hw *hw, uint32_t cmd);
/** The shared area, mapped and checked. @return 0, -EPROTO, or what mapping said. */
int vnet_model_map(struct vnet_hw *hw, struct steer_trace_area **area);

/* stamps.c */
/** What the device has; never fails, for it may have none. */
void vnet_stamps_init(struct vnet_hw *hw);
/** Reserve the field of mbufs when the configuration asks for timestamps. Logs. */
int vnet_stamps_configure(struct rte_eth_dev *dev);
/** Have the device stamp, and the queues see it, when the configuration asks. Logs. */
int vnet_stamps_start(struct rte_eth_dev *dev);
void vnet_stamps_stop(struct rte_eth_dev *dev);
/** Clock of the stamps (rte_eth_read_clock()). @return 0, -ENOTSUP. */
int vnet_read_clock(struct rte_eth_dev *dev, uint64_t *clock);

/* stats.c */
int vnet_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats);
int vnet_stats_reset(struct rte_eth_dev *dev);
int vnet_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int vnet_xstats_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n);
/** Log, once each, the queues that a violation has stopped. */
void vnet_report_stopped(struct rte_eth_dev *dev);

/* info.c */
int vnet_info(struct rte_eth_dev *dev, struct rte_eth_dev_info *info);
void vnet_rxq_info(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_rxq_info *info);
void vnet_txq_info(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_txq_info *info);
int vnet_rx_mode(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode);
int vnet_tx_mode(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode);
const uint32_t *vnet_ptypes(struct rte_eth_dev *dev);

/* queue_setup.c */
int vnet_rxq_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc, unsigned int socket,
		   const struct rte_eth_rxconf *conf, struct rte_mempool *mp);
void vnet_rxq_release(struct rte_eth_dev *dev, uint16_t queue);
int vnet_txq_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc, unsigned int socket,
		   const struct rte_eth_txconf *conf);
void vnet_txq_release(struct rte_eth_dev *dev, uint16_t queue);
int vnet_tx_done(void *txq, uint32_t max);

/* ethdev_start.c */
int vnet_configure(struct rte_eth_dev *dev);
int vnet_start(struct rte_eth_dev *dev);
int vnet_stop(struct rte_eth_dev *dev);
int vnet_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);
/** Does a frame of this MTU need more than one buffer on some Rx queue? */
bool vnet_needs_scatter(const struct rte_eth_dev *dev, uint16_t mtu);

/* ethdev.c */
extern const struct eth_dev_ops vnet_ops;

/** The port, when it is one of this driver, else NULL. */
struct rte_eth_dev *vnet_port(uint16_t port_id);

#endif /* VNET_H */
