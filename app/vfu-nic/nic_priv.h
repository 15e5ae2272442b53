/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The PCI function inside: everything between the socket and the virtio device. Control thread
 * only, but for the words marked [worker], which workers read without a lock.
 */

#ifndef VFU_NIC_PRIV_H
#define VFU_NIC_PRIV_H

#include <stdatomic.h>
#include <sys/types.h>

#include <user_proto.h>

#include "nic.h"
#include "tsm.h"

#define NIC_MSG_FDS     ((uint32_t)VFU_LIM_MSG_FDS)
#define NIC_DATA_XFER   VFU_DEF_MAX_DATA_XFER
#define NIC_MSG_MAX     (16u + 16u + NIC_DATA_XFER)
#define NIC_PAGE        4096u
#define NIC_DMA_MAPS    16384u
#define NIC_DMA_FILES   16384u
#define NIC_DMA_SUM     (1ull << 42) /* address space that one client may make us map */
#define NIC_TAGS        65536u
#define NIC_TPH_STORE   VFU_TPH_ST_MAX

/** Offsets in configuration space (cfg_caps.c builds it). */
#define CFG_CMD         0x04u
#define CFG_BAR0        0x10u
#define CFG_EXP         0x40u
#define CFG_MSIX        0x7cu
#define CFG_VIO_COMMON  0x88u
#define CFG_VIO_ISR     0x98u
#define CFG_VIO_DEVCFG  0xa8u
#define CFG_VIO_NOTIFY  0xb8u
#define CFG_VIO_PCICFG  0xccu
#define CFG_VSEC        0x100u
#define CFG_TPH         0x140u
#define CFG_EXP_DEVCAP  (CFG_EXP + 4u)
#define CFG_EXP_DEVCTL  (CFG_EXP + 8u)
#define CFG_MSIX_CTRL   (CFG_MSIX + 2u)
#define CFG_TPH_CTRL    (CFG_TPH + STEER_PCI_TPH_CTRL)
#define CFG_TPH_ST      (CFG_TPH + STEER_PCI_TPH_ST)
#define CFG_TPH_ENTRIES 64u /* as many as the capability may hold */
#define CFG_PCICFG_DATA (CFG_VIO_PCICFG + 16u)

/** Configuration space: value, bits a write changes, bits a written 1 clears. */
struct nic_cfg {
	uint8_t val[STEER_PCI_CFG_SIZE];
	uint8_t mask[STEER_PCI_CFG_SIZE];
	uint8_t w1c[STEER_PCI_CFG_SIZE];
	uint8_t init[STEER_PCI_CFG_SIZE]; /* power-on */
	_Atomic bool bus_master;          /* [worker] */
};

/** One mapping of a file; the fd is dropped, the maps into it are counted. */
struct nic_dma_file {
	uint64_t dev, ino;
	uint8_t *base;
	uint64_t len;
	uint32_t refs;
	uint32_t rank;
	bool rw;
};

struct nic_dma {
	struct nic_dma_map *maps; /* [worker] sorted by iova, no overlap */
	uint16_t *owner;          /* file index of each map, NIC_NO_FILE without one */
	uint32_t n, cap;
	struct nic_dma_file files[NIC_DMA_FILES];
	uint32_t nfiles; /* used prefix of files[]; refs 0 is a free slot */
	uint32_t ranks;  /* files seen from this client */
	uint64_t mapped; /* bytes */
};
#define NIC_NO_FILE 0xffffu

struct nic_irq {
	_Atomic int fd[NIC_MAX_VECTORS]; /* [worker] -1: none */
	uint8_t table[NIC_MAX_VECTORS][16];
};

/** How eventfds are signalled (event.c). */
struct nic_events {
	unsigned long ctx; /* of AIO, 0: none */
	int file;          /* that the operations read */
};

/** TPH: the device's registers, and the kernel's record of CPUs in front of them. */
struct nic_tphs {
	uint32_t cpu[NIC_TPH_STORE];            /* what SET named, VFU_TPH_CPU_CLEAR: none */
	uint16_t st[NIC_TPH_STORE];             /* ST table as the device has it */
	_Atomic uint16_t vtag[NIC_MAX_VECTORS]; /* [worker] tag in force by vector */
	_Atomic bool ds_on;                     /* [worker] */
	uint16_t entries;                       /* of the ST table, 0: none */
	uint16_t store;                         /* entries that SET and GET may name */
	_Atomic uint32_t ctrl;
	_Atomic uint64_t st_writes;   /* entries written into the device's table */
	int16_t cpu_of_tag[NIC_TAGS]; /* [worker] constant after creation */
};

/** A message in arrival, and what the server says to it. */
struct nic_msg {
	struct vfu_hdr hdr;
	uint8_t *data; /* payload */
	uint32_t len;
	int fds[NIC_MSG_FDS]; /* a handler that keeps one sets its place to -1 */
	uint32_t nfds;
	uint8_t *out; /* reply payload, room for NIC_DATA_XFER + 16 */
	uint32_t out_len;
	int out_fds[NIC_MSG_FDS]; /* lent, not closed */
	uint32_t out_nfds;
	bool fatal; /* close the connection after the reply */
};

struct nic_conn {
	int fd; /* -1: no client */
	bool versioned;
	bool tph_key;      /* client asked for VFU_KEY_TPH_FEATURE */
	bool tsm_key;      /* and for VFU_KEY_TSM_FEATURE */
	uint32_t max_fds;  /* it can receive in one message */
	uint32_t max_xfer; /* of one transfer */
	uint8_t *in, *out;
	uint32_t have; /* bytes of the current message */
	struct nic_msg msg;
};

/** What the control thread's epoll tells. */
enum nic_event { NIC_EV_SIGNAL, NIC_EV_LISTEN, NIC_EV_CLIENT, NIC_EV_FAULT };

struct nic_stats {
	_Atomic uint64_t clients, refused, messages, errors, faults, resets;
};

struct nic {
	struct nic_opts opts;
	struct vio *vio;
	struct nic_cfg cfg;
	struct nic_dma dma;
	struct nic_irq irq;
	struct nic_events events;
	struct nic_tphs tph;
	struct nic_conn conn;
	struct nic_stats stats;
	struct nic_tsm *tsm;   /* NULL without --tsm */
	_Atomic bool dma_shut; /* [worker] the TSM lets no DMA pass */
	int listen_fd, fault_fd, signal_fd, epoll_fd;
	dev_t sock_dev; /* what we bound: only that is unlinked */
	ino_t sock_ino;
	_Atomic(const char *) fault; /* [worker] why, NULL: none */
	int io_fd[NIC_MSG_FDS];      /* ioeventfds of the notify page */
	uint32_t nio;
	bool stop;
};

/* nic.c: life of the function */
int nic_create(const struct nic_opts *opts, struct nic **nic);
void nic_destroy(struct nic *nic);
/** FLR and DEVICE_RESET. */
void nic_reset(struct nic *nic);
/** Power-on state: maps, interrupts, registers. */
void nic_client_gone(struct nic *nic);
void nic_log(const struct nic *nic, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* sock.c */
int nic_listen(struct nic *nic);
void nic_unlisten(struct nic *nic);
/** Take a waiting connection; a second client is closed at once. @return 1 a new client, 0. */
int nic_accept(struct nic *nic);

/* frame.c */
/**
 * Take what the socket has. @return 1 a whole message is in conn.msg, 0 not yet, negative: the
 * stream has ended or is not to be trusted, drop the client.
 */
int nic_frame_recv(struct nic_conn *c);
/** Send the reply of conn.msg (error header when err is not 0). @return 0 or negative: drop. */
int nic_frame_reply(struct nic *nic, int err);
/** Close the fds that came with a message and were not kept. */
void nic_frame_close_fds(struct nic_msg *m);
/** Forget the message, its fds too. */
void nic_frame_reset(struct nic_conn *c);

/* dispatch.c. @return 0, negative: drop the client. */
int nic_dispatch(struct nic *nic);

/* loop.c */
/** Serve what is readable now. @return negative when the client is to be dropped. */
int nic_serve(struct nic *nic);
int nic_attach(struct nic *nic);
void nic_drop(struct nic *nic, const char *why);
int nic_loop(struct nic *nic);

/* Handlers: 0 or negative errno. */
int nic_msg_version(struct nic *nic, struct nic_msg *m);
int nic_msg_dma_map(struct nic *nic, struct nic_msg *m);
int nic_msg_dma_unmap(struct nic *nic, struct nic_msg *m);
int nic_msg_device_info(struct nic *nic, struct nic_msg *m);
int nic_msg_region_info(struct nic *nic, struct nic_msg *m);
int nic_msg_io_fds(struct nic *nic, struct nic_msg *m);
int nic_msg_irq_info(struct nic *nic, struct nic_msg *m);
int nic_msg_set_irqs(struct nic *nic, struct nic_msg *m);
int nic_msg_region_read(struct nic *nic, struct nic_msg *m);
int nic_msg_region_write(struct nic *nic, struct nic_msg *m);
int nic_msg_reset(struct nic *nic, struct nic_msg *m);
int nic_msg_feature(struct nic *nic, struct nic_msg *m);

/* io_fds.c */
void nic_io_close(struct nic *nic);

/* dma.c. Workers are paused while the table changes. */
/** @return 0 or -ENOMEM; fini is due in any case. */
int nic_dma_init(struct nic_dma *dma);
void nic_dma_fini(struct nic_dma *dma);
/** Add a map; fd -1: known, but the device cannot reach it. The fd is not kept. */
int nic_dma_add(struct nic_dma *dma, const struct vfu_dma_map *map, int fd);
/** Remove the maps inside [iova, last]. @return number removed, -EINVAL one would be cut. */
int nic_dma_del(struct nic_dma *dma, uint64_t iova, uint64_t last);
void nic_dma_clear(struct nic_dma *dma);

/* dma_file.c */
/** Index of a mapping of that file that covers [offset, offset+size); a reference more. */
int nic_dma_file_get(struct nic_dma *dma, int fd, uint64_t offset, uint64_t size, bool write);
void nic_dma_file_put(struct nic_dma *dma, uint32_t idx);

/* sigbus.c: client memory that shrank turns into zero pages and a fault of that client. */
int nic_sigbus_guard(struct nic *nic);

/* event.c */
/** @return 0, or negative errno: EAGAIN fs.aio-max-nr is used up; fini is due in any case. */
int nic_events_init(struct nic_events *e);
void nic_events_fini(struct nic_events *e);
/** Add 1 to an eventfd that a client may hold: never blocks, any thread. [worker] */
void nic_event_signal(const struct nic_events *e, int fd);

/* irq.c */
void nic_irq_init(struct nic_irq *irq);
void nic_irq_clear(struct nic_irq *irq);
bool nic_irq_any(const struct nic_irq *irq);
/** Power-on content of the MSI-X table. */
void nic_irq_table_reset(struct nic *nic);
/** Access to MSIX_BAR. */
void nic_irq_bar_read(const struct nic *nic, uint64_t off, uint8_t *buf, size_t len);
void nic_irq_bar_write(struct nic *nic, uint64_t off, const uint8_t *buf, size_t len);

/* cfg.c, cfg_caps.c */
void nic_cfg_build(struct nic *nic);
void nic_cfg_reset(struct nic *nic);
/** Message control bit 15 says what SET_IRQS did. */
void nic_cfg_msix_enable(struct nic *nic, bool on);
/** Bytewise access with the write masks alone, no side effect. */
void nic_cfg_store(struct nic_cfg *cfg, uint32_t off, const uint8_t *buf, size_t len);
void nic_cfg_read(struct nic *nic, uint32_t off, uint8_t *buf, size_t len);
void nic_cfg_write(struct nic *nic, uint32_t off, const uint8_t *buf, size_t len);

/* region.c: bounds are checked. @return 0 or negative errno. */
uint64_t nic_region_size(const struct nic *nic, uint32_t index);
int nic_bar_read(struct nic *nic, uint32_t bar, uint64_t off, uint8_t *buf, size_t len);
int nic_bar_write(struct nic *nic, uint32_t bar, uint64_t off, const uint8_t *buf, size_t len);

/* tph.c */
void nic_tph_init(struct nic *nic);
/** The part of it that the options of TPH decide: an empty table of its size. */
void nic_tph_table(struct nic *nic);
void nic_tph_reset(struct nic *nic);
/** The control register was written: keep what the device can do. @return what it reads now. */
uint32_t nic_tph_ctrl(struct nic *nic, uint32_t value);
/** Tag of a CPU under the tags now in use. @return 0, -EINVAL no such CPU. */
int nic_tph_cpu_tag(const struct nic *nic, uint32_t cpu, uint16_t *tag);
/** One entry of the device's ST table. @return 0, -ENXIO the vector has no interrupt. */
int nic_tph_st_write(struct nic *nic, uint16_t index, uint16_t tag);
/** ST entry as the register space shows it. */
uint16_t nic_tph_st(const struct nic *nic, uint16_t index);
bool nic_tph_on(const struct nic *nic);
/** Interrupt set-up in a kernel writes these vector controls, and tags there are lost. */
void nic_tph_msix_wipe(struct nic *nic, uint32_t first, uint32_t count);

/* tph_feature.c: TPH_ST as a kernel would answer it. */
int nic_tph_feature_set(struct nic *nic, const uint8_t *data, size_t len);
/** room: bytes that the caller takes. @return bytes written to out, or negative errno. */
int
nic_tph_feature_get(struct nic *nic, const uint8_t *data, size_t len, size_t room, uint8_t *out);

/* report.c: a line of the function and one of the wire; each counts from the start. */
void nic_report(const struct nic *nic, const char *what);

#endif /* VFU_NIC_PRIV_H */
