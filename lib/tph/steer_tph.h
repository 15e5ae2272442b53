/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * TPH of one VFIO device: what it can do, turning it on, and steering tags by CPU.
 *
 * Each published kernel ABI is one dialect file behind one ops table; this header hides which is
 * in use and says it as data (steer_tph_info). A CPU is always a logical Linux CPU number. Calls
 * on one object must be serialised by the caller (lib/steer does); the caller may have to be
 * allowed to run on the CPU it names.
 */

#ifndef STEER_TPH_H
#define STEER_TPH_H

#include <stddef.h>
#include <stdint.h>

#include <steer_pci.h>

#ifdef __cplusplus
extern "C" {
#endif

struct steer_vfio_dev;
struct steer_tph;

/** CPU value that clears an entry. */
#define STEER_TPH_CPU_NONE  UINT32_MAX
/** Most entries one call may name. */
#define STEER_TPH_BATCH_MAX 2048u

enum steer_tph_dialect {
	STEER_TPH_DIALECT_NONE,             /**< no ABI found; when asked for: look for one */
	STEER_TPH_DIALECT_FEATURE,          /**< device feature TPH_ST, GET by CPU */
	STEER_TPH_DIALECT_FEATURE_BY_INDEX, /**< device feature TPH_ST, GET by index */
	STEER_TPH_DIALECT_IOCTL_V8,         /**< device ioctl 0x3b7a as posted in May 2026 */
	STEER_TPH_DIALECT_DIRECT,           /**< past the kernel; only when named */
};

/** "feature", ..., "none"; static. */
const char *steer_tph_dialect_name(enum steer_tph_dialect dialect);
/** A name as above, or "auto" (STEER_TPH_DIALECT_NONE). @return enum steer_tph_dialect, -EINVAL. */
int steer_tph_dialect_parse(const char *text);

/** How to look at a device. */
struct steer_tph_open_args {
	int feature;                    /**< index of TPH_ST, -1: the device's own word */
	enum steer_tph_dialect dialect; /**< NONE: look for one; DIRECT is never found so */
	const char *tags_file;          /**< DIRECT: lines "CPU TAG" */
	const char *root;               /**< in front of /sys, /proc and /boot; NULL: nothing */
};

enum steer_tph_have { STEER_TPH_HAVE_NO, STEER_TPH_HAVE_YES, STEER_TPH_HAVE_UNKNOWN };

/** One thing that steering needs, and whether it is there. */
struct steer_tph_finding {
	const char *what; /**< "TPH capability", "CONFIG_PCIE_TPH", ...; static */
	enum steer_tph_have have;
	char text[120]; /**< in words, one line */
};
#define STEER_TPH_FINDINGS_MAX 6u

/** What steer_tph_open() found. */
struct steer_tph_info {
	struct steer_pci_tph cap; /**< decoded capability; pos 0: the device has none. modes:
				   * without those that the kernel keeps back */
	enum steer_tph_dialect dialect;
	int feature;                  /**< index of TPH_ST, -1 none */
	enum steer_pci_tph_mode mode; /**< enabled mode, NS when off */
	enum steer_pci_tph_req req;   /**< requester enable as read back */
	char why[256];                /**< why steering is not possible; empty when it is */
	char note[384];               /**< what the user should know though it is; mostly empty */
	unsigned int nb_findings;     /**< 0 when steering is possible */
	struct steer_tph_finding findings[STEER_TPH_FINDINGS_MAX];
};

/**
 * Look at a device. Succeeds also when it cannot steer (info.why says why); no side effect.
 * @return 0, -ENOMEM, or what reading the configuration space failed with.
 */
int steer_tph_open(struct steer_vfio_dev *dev, const struct steer_tph_open_args *args,
		   struct steer_tph **tph);
/** Turn off if on, and free. NULL is allowed. */
void steer_tph_close(struct steer_tph *tph);
const struct steer_tph_info *steer_tph_info(const struct steer_tph *tph);
/** 0 when tags can be programmed, else -ENOTSUP (see info.why). */
int steer_tph_usable(const struct steer_tph *tph);
/** All findings in one line, "what: text; ...". @return its length without the cut. */
int steer_tph_findings_line(const struct steer_tph_info *info, char *buf, size_t len);

/**
 * Turn TPH on, by the dialect's own call or mode and requester enable (extended tags where the
 * device has them) into the control register; then read the register back: kernels drop the write
 * and report success.
 * @return 0, -ENOTSUP mode not offered, -EIO it did not stick, or the kernel's refusal.
 */
int steer_tph_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode);
/** Clear every entry (errors ignored), TPH off, read back. @return 0 or -EIO. */
int steer_tph_disable(struct steer_tph *tph);

/**
 * Program entries index..index+count-1 for these CPUs (STEER_TPH_CPU_NONE clears).
 * After a failure the state is read again, not assumed: entries that were lost are programmed
 * anew from our record, and TPH is enabled again if the kernel turned it off.
 * @return 0, -ENOTSUP, -EINVAL range, -ENXIO entry outside the table, -EIO read-back differs, or
 *   what the kernel refused with (-ENOENT, -EINVAL: no tag for that CPU).
 */
int steer_tph_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus);
/**
 * Tags in force for entries index..: from the ST table where that is readable (configuration
 * space, MSI-X table by read or mapping), else from the ABI's GET with the CPUs that were set.
 * @return 0, -ENOTSUP when this ABI gives no way to see them, or a transport error.
 */
int steer_tph_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags);
/** Tag of a CPU for device-specific mode. @return 0, -ENOTSUP, or the kernel's refusal. */
int steer_tph_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag);
/** After reset or SET_IRQS: enable again and program all entries from our record. */
int steer_tph_restore(struct steer_tph *tph);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TPH_H */
