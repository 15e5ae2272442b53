/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * vfu-nic inside: the seam between the PCI function (socket, messages, configuration space, DMA
 * table, interrupts, TPH) and the virtio-net device in it (registers, rings, wires, model).
 *
 * Threads: the *control* thread owns the socket and every message; *workers* (EAL lcores) move
 * packets. The control thread changes anything that workers read only between vio_pause() and
 * vio_resume(); workers never call into the control side but through the functions marked [worker].
 */

#ifndef VFU_NIC_H
#define VFU_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <steer_pci.h>

#define NIC_MAX_PAIRS   128u
#define NIC_MAX_QUEUES  (2 * NIC_MAX_PAIRS + 1) /* and the control queue */
#define NIC_MAX_VECTORS 257u
#define NIC_NO_VECTOR   0xffffu
#define NIC_DMA_READ    1u /* the device may read */
#define NIC_DMA_WRITE   2u

enum nic_tph { NIC_TPH_NONE, NIC_TPH_IV_CAP, NIC_TPH_IV_MSIX, NIC_TPH_DS_REG };
enum nic_tph_get { NIC_TPH_GET_BY_CPU, NIC_TPH_GET_BY_INDEX };
enum nic_tph_fault {
	NIC_FAULT_NONE,
	NIC_FAULT_CLEAR_TO_ZERO,
	NIC_FAULT_PARTIAL,
	NIC_FAULT_SILENT_DROP
};

enum nic_tsm_arch { NIC_TSM_OFF, NIC_TSM_CCA, NIC_TSM_SEV, NIC_TSM_TDX };
/* What --tsm-fault plays (tsm_fault.c has the names). */
enum nic_tsm_fault {
	NIC_TSM_HONEST,
	NIC_TSM_REPLAYED_NONCE,
	NIC_TSM_WRONG_TRANSCRIPT,
	NIC_TSM_SWAPPED_CERTIFICATE,
	NIC_TSM_KEY_NOT_IN_CHAIN,
	NIC_TSM_EXPIRED_CHAIN,
	NIC_TSM_SELF_SIGNED_CHAIN,
	NIC_TSM_MEASUREMENT_CHANGED,
	NIC_TSM_TRUNCATED_OBJECT,
	NIC_TSM_OVERSIZED_OBJECT,
	NIC_TSM_REPORT_OMITS_BAR,
	NIC_TSM_REPORT_FOREIGN_RANGE,
	NIC_TSM_STALE_REPORT,
	NIC_TSM_TPH_DIFFERS,
	NIC_TSM_WRONG_TSM,
	NIC_TSM_OTHER_DEVICE,
	NIC_TSM_STATE_LIE,
	NIC_TSM_UNLOCK_BEFORE_RUN,
	NIC_TSM_ERROR_IN_RUN,
	NIC_TSM_ERROR_AFTER_COMMIT,
	NIC_TSM_CODE_NONZERO,
	NIC_TSM_HALF_PRESENT,
	NIC_TSM_HANG,
	NIC_TSM_FAULTS
};

/** Command line, checked (opts.c). */
struct nic_opts {
	char sock[108];
	uint16_t pairs;     /* --queues, 1..128 */
	uint16_t vectors;   /* --vectors, default 2 * pairs + 1 */
	uint16_t ring_size; /* --ring-size, power of two, default 256, up to 4096 */
	uint8_t mac[6];     /* --mac */
	uint16_t mtu;       /* --mtu, default 1500 */
	bool no_mrg, no_rss,
		no_ctrl;          /* --no-mrg-rxbuf, --no-rss, --no-ctrl-vq: features not offered */
	bool packed;              /* --packed: packed rings are offered */
	enum nic_tph tph;         /* --tph=iv-cap|iv-msix|ds-reg|none, default iv-cap */
	uint16_t tph_entries;     /* --tph-entries, default min(vectors, 64 in the capability) */
	bool tph_extended;        /* --tph-tags=standard|extended */
	bool tph_open;            /* the ST table of the capability takes writes of the client */
	enum nic_tph_get tph_get; /* --tph-get=by-cpu|by-index */
	enum nic_tph_fault tph_fault; /* --tph-fault= */
	uint16_t tph_feature;         /* --tph-feature, index of TPH_ST, default 0xfe00 */
	bool tph_swap; /* --test-swap-tags=A,B: tags A and B change places on the way to the cache
			*/
	uint16_t swap_a, swap_b;
	char wire[512];        /* --wire gen,...|net_...,args */
	bool tph_log;          /* --tph-log */
	bool poll_busy;        /* --poll busy|adaptive */
	bool check_seq;        /* --check: sink verifies generator sequence numbers coming back */
	enum nic_tsm_arch tsm; /* --tsm=cca|sev|tdx: there is a software TSM */
	char tsm_name[32];     /* --tsm-name, default tsm0 */
	char tsm_ca[256];      /* --tsm-ca, "": tsm-ca beside the program */
	bool tsm_st_ignore;    /* --tsm-st-write=error|ignore */
	enum nic_tsm_fault tsm_fault; /* --tsm-fault=NAME[@LOCK] */
	uint16_t tsm_fault_from;      /* the lock that it begins with, 1 the first */
	uint16_t tsm_feature;         /* index of the envelope, 0xfe01 */
	bool tee;                     /* --tee, --tsm: device capabilities say TEE-I/O */
};

/** One DMA map; immutable while it is in the table. */
struct nic_dma_map {
	uint64_t iova;
	uint64_t size;
	uint8_t *base;   /* where iova is mapped here */
	uint32_t prot;   /* NIC_DMA_* */
	uint32_t file;   /* rank of the file among those of this client, in order of arrival */
	uint64_t offset; /* of iova in that file */
};

struct nic;
struct vio;

/* ---- PCI function: for the virtio side ---- */

/**
 * [worker] Address of [iova, iova+len) when one map (or neighbours that are contiguous here too)
 * covers it with that right, else NULL. *hint is the caller's cache, start with 0; it is void after
 * a pause.
 */
void *
nic_dma_ptr(const struct nic *nic, uint32_t *hint, uint64_t iova, uint64_t len, uint32_t prot);
/** [worker] (file rank, offset) of an IOVA for the model: rank << 44 | offset. UINT64_MAX outside
 * every map. */
uint64_t nic_dma_model_addr(const struct nic *nic, uint32_t *hint, uint64_t iova);
/** [worker] Fire a vector's eventfd, if any; never blocks. */
void nic_irq_fire(const struct nic *nic, uint16_t vector);
/** [worker] Bus mastering is on (COMMAND bit 2). */
bool nic_bus_master(const struct nic *nic);
/** [worker] Tag that DMA belonging to this vector carries now; 0 none (TPH off, not IV mode, no
 * entry). */
uint16_t nic_tph_vector_tag(const struct nic *nic, uint16_t vector);
/** [worker] TPH is enabled in device-specific mode. */
bool nic_tph_ds_on(const struct nic *nic);
/** [worker] CPU that the cache takes this tag for (after --test-swap-tags); -1 unknown tag. */
int nic_tag_cpu(const struct nic *nic, uint16_t tag);
/** [worker] The client broke something (ring, shrunk file): drop it soon, from the control thread.
 */
void nic_fault(struct nic *nic, const char *why);
const struct nic_opts *nic_options(const struct nic *nic);

/* ---- virtio device: for the PCI function ---- */

/** BAR layout, fixed: what the virtio capabilities and region info say. */
#define VIO_BAR         0u /* virtio structures */
#define VIO_BAR_SIZE    0x4000u
#define VIO_COMMON_OFF  0x0000u
#define VIO_COMMON_LEN  64u
#define VIO_ISR_OFF     0x1000u
#define VIO_DEVCFG_OFF  0x2000u
#define VIO_DEVCFG_LEN  24u
#define VIO_NOTIFY_OFF  0x3000u /* mapped page; offset = queue * VIO_NOTIFY_MULT */
#define VIO_NOTIFY_LEN  0x1000u
#define VIO_NOTIFY_MULT 4u
#define MSIX_BAR        2u /* table at 0, PBA at 0x2000, owned by the PCI function */
#define MSIX_BAR_SIZE   0x4000u
#define MSIX_PBA_OFF    0x2000u
#define MODEL_BAR       4u /* control at 0, tag registers at 0x1000, trace area from 0x2000 */
#define MODEL_CTRL_OFF  0x0000u
#define MODEL_ST_OFF    0x1000u
#define MODEL_TRACE_OFF 0x2000u

/** Mappable part of a BAR, backed by a sealed (F_SEAL_SHRINK) memfd. An offset in the memfd is the
 * offset in the BAR (region info has one offset for the whole region, and it is 0 here), so the
 * memfd is at least offset + size long; what is in front of the area stays a hole. */
struct vio_area {
	uint64_t offset; /* in the BAR */
	uint64_t size;
	int fd;
};

int vio_create(struct nic *nic, struct vio **vio);
void vio_destroy(struct vio *vio);
/** Size of MODEL_BAR (power of two) and the length of its trace area. */
uint64_t vio_model_bar_size(const struct vio *vio);
uint32_t vio_trace_len(const struct vio *vio);
/** Mappable areas of VIO_BAR and MODEL_BAR. @return number, 0 or 1. */
int vio_bar_area(const struct vio *vio, unsigned int bar, struct vio_area *area);
/** Trapped access to VIO_BAR or MODEL_BAR, any size and alignment. Control thread, not paused.
 * @return 0 or negative errno. */
int vio_bar_read(struct vio *vio, unsigned int bar, uint64_t off, void *buf, size_t len);
int vio_bar_write(struct vio *vio, unsigned int bar, uint64_t off, const void *buf, size_t len);
/** Stop every worker between two packets / let them go on. Nests. */
void vio_pause(struct vio *vio);
void vio_resume(struct vio *vio);
/** Function reset (FLR, DEVICE_RESET): virtio state to power-on. Paused. */
void vio_reset(struct vio *vio);
/** Client gone: reset, end the model session. Paused. */
void vio_client_gone(struct vio *vio);
/** One line about what went over the wire since the start, on stdout. Paused. */
void vio_report(const struct vio *vio);
/** DMA maps changed (hints are void; queues whose rings are no longer covered stop). Paused. */
void vio_dma_changed(struct vio *vio);
/** Start workers on the EAL worker lcores (or on one thread of our own when there is none). */
int vio_start(struct vio *vio);
void vio_stop(struct vio *vio);

#endif /* VFU_NIC_H */
