/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio-pci with PCIe TPH: what the files of this module share.
 *
 * Locks, outer first: vfio's dev_set->lock, tph_dev.lock, memory_lock (taken
 * for reading around every access to the hardware, so that none meets a reset
 * through vfio). tph_dev.lock is never held over a reset: the PCI core calls
 * reset_done() from inside it.
 */
#ifndef VFIO_PCI_TPH_H
#define VFIO_PCI_TPH_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

/* TPH Requester Extended Capability; kernels before 6.13 lack half the names. */
#define TPH_CAP_ID		0x17
#define TPH_REG_CAP		0x4
#define  TPH_CAP_MODES		GENMASK(2, 0)	/* bit = 1 << mode */
#define  TPH_CAP_EXT		BIT(8)
#define  TPH_CAP_LOC		GENMASK(10, 9)
#define  TPH_CAP_SIZE		GENMASK(26, 16)
#define TPH_REG_CTRL		0x8
#define  TPH_CTRL_MODE		GENMASK(2, 0)
#define  TPH_CTRL_REQ		GENMASK(9, 8)
#define TPH_REG_ST		0xc
#define TPH_DEVCAP2_COMP	GENMASK(13, 12)
#define TPH_MSIX_ST		GENMASK(31, 16)

enum tph_mode { TPH_NS, TPH_IV, TPH_DS };
enum tph_req { TPH_REQ_OFF = 0, TPH_REQ_STD = 1, TPH_REQ_EXT = 3 };
enum tph_loc { TPH_LOC_NONE, TPH_LOC_CAP, TPH_LOC_MSIX };

/* One wish: the tag of @cpu at @index. @tag is worked out from the rest. */
struct tph_entry {
	u32 cpu;
	u16 index;
	u16 tag;
	bool persistent;
};

struct tph_dev {
	struct vfio_pci_core_device core;	/* first: the core's container_of() */
	struct mutex lock;		/* all below, but for work */
	struct work_struct work;	/* re-apply after a reset from elsewhere */
	u16 cap;			/* of the extended capability, 0: none */
	u32 capreg;
	enum tph_loc loc;
	u16 entries;			/* of the ST table, 0: none */
	struct tph_entry *store;	/* @entries; the user's wishes, kept while off */
	bool on;			/* the user's wish */
	bool live;			/* and the hardware has it */
	u8 mode;			/* while on */
	u8 req;				/* while on: the most the user wants */
	u8 req_live;			/* while live, of hw_own.c */
};

static inline struct tph_dev *to_tph(struct vfio_device *vdev)
{
	return container_of(vdev, struct tph_dev, core.vdev);
}

static inline bool tph_writes_table(const struct tph_dev *t)
{
	return t->live && t->mode != TPH_NS && t->entries;
}

/* main.c */
bool tph_allowed(const struct tph_dev *t);
extern ushort tph_feature;
extern bool ioctl_v8;
extern bool test_ignore_completer;

/* device.c */
extern const struct vfio_device_ops tph_device_ops;
void tph_device_setup(struct tph_dev *t);
int tph_hw_begin(struct tph_dev *t);
void tph_hw_end(struct tph_dev *t);
bool tph_memory_enabled(struct tph_dev *t);

/* cmdline.c */
bool tph_booted_notph(void);

/* ctrl.c */
int tph_ctrl_set(struct tph_dev *t, u32 mode, u32 req);
void tph_off(struct tph_dev *t);
void tph_quiesce(struct tph_dev *t);
void tph_reapply(struct tph_dev *t);
ssize_t tph_config_read(struct tph_dev *t, char __user *buf, size_t count, loff_t *ppos);
ssize_t tph_config_write(struct tph_dev *t, const char __user *buf, size_t count, loff_t *ppos);

/* st.c */
int tph_st_init(struct tph_dev *t);
int tph_cpu_check(u32 cpu);
void tph_st_free(struct tph_dev *t);
int tph_st_translate(struct tph_dev *t, struct tph_entry *e, size_t n);
int tph_st_set(struct tph_dev *t, struct tph_entry *e, size_t n);
int tph_st_load(struct tph_dev *t);

/* feature.c, ioctl_v8.c */
int tph_device_feature(struct vfio_device *vdev, u32 flags, void __user *arg, size_t argsz);
long tph_v8_ioctl(struct tph_dev *t, void __user *arg);

/*
 * hw_core.c with CONFIG_PCIE_TPH, else hw_own.c. Called with tph_dev.lock held
 * and, but for tph_hw_cpu_tag(), between tph_hw_begin() and tph_hw_end().
 */
int tph_hw_enable(struct tph_dev *t);
void tph_hw_disable(struct tph_dev *t);
void tph_hw_clean(struct tph_dev *t);
int tph_hw_write(struct tph_dev *t, const struct tph_entry *e, size_t n);
int tph_hw_cpu_tag(struct tph_dev *t, bool persistent, u32 cpu, u16 *tag);

/* msix.c, dsm.c: of hw_own.c */
int tph_msix_write(struct pci_dev *pdev, u16 index, u16 tag);
int tph_dsm_query(struct pci_dev *pdev, u32 cpu, u64 *info);

/* An entry of a table in MSI-X can be written while its vector has an interrupt. */
static inline bool tph_st_reachable(struct tph_dev *t, u16 index)
{
	struct pci_dev *pdev = t->core.pdev;

	return t->loc == TPH_LOC_CAP ||
	       (t->loc == TPH_LOC_MSIX && pdev->msix_enabled && pci_irq_vector(pdev, index) > 0);
}

#endif
