/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One published kernel ABI for steering tags: how to find it without disturbing another one, and
 * its calls. Nothing above this header knows a layout or a feature number.
 */

#ifndef STEER_TPH_DIALECT_H
#define STEER_TPH_DIALECT_H

#include <stdbool.h>

#include "steer_tph.h"

struct tph_direct;

struct tph_dialect {
	enum steer_tph_dialect id;
	/* TPH on and off by calls of the ABI's own; NULL: by the control register. Both leave info
	 * as the register was read back. */
	int (*enable)(struct steer_tph *tph, enum steer_pci_tph_mode mode);
	int (*disable)(struct steer_tph *tph);
	/* Program entries index.. for these CPUs. 0 or the kernel's refusal. */
	int (*set)(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus);
	/* data: the CPUs that were set in entries 0..count-1 in, their tags out. */
	int (*get)(struct steer_tph *tph, uint16_t count, uint32_t *data);
	/* Tag of a CPU. */
	int (*cpu_tag)(struct steer_tph *tph, uint32_t cpu, uint16_t *tag);
	/* Configuration space by another way than VFIO's region; NULL: by the region. */
	int (*cfg_read)(struct steer_tph *tph, uint64_t off, void *buf, size_t len);
	int (*cfg_write)(struct steer_tph *tph, uint64_t off, const void *buf, size_t len);
	/* What the dialect holds; NULL: nothing. */
	void (*release)(struct steer_tph *tph);
};

struct steer_tph {
	struct steer_vfio_dev *dev;
	const struct tph_dialect *dialect; /* NULL: none */
	struct steer_tph_info info;
	struct steer_pci_msix msix; /* entries 0: none */
	struct steer_pci_exp exp;   /* pos 0: none */
	bool feature_named;         /* index given by the user, not by the device */
	bool can_set;
	bool can_get;
	bool unsure; /* GET by CPU was concluded from a refusal, and no SET has confirmed it yet */
	bool dirty;  /* an entry may hold a tag that the record does not know */
	uint16_t nb; /* entries of the table, 0 without one */
	uint32_t *cpus; /* the record: CPU programmed in each entry */
	uint16_t *tags; /* tag last read back there; 0 unknown or none */
	char *root;     /* of steer_tph_open_args; never NULL */
	struct tph_direct *direct;
};

extern const struct tph_dialect tph_dialect_feature;
extern const struct tph_dialect tph_dialect_feature_by_index;
extern const struct tph_dialect tph_dialect_ioctl_v8;
extern const struct tph_dialect tph_dialect_direct;

/* choose.c: fills dialect, or why. */
void tph_choose(struct steer_tph *tph, const struct steer_tph_open_args *args);

/*
 * Looking for a dialect: 0 and tph->dialect, or why not in words. What is looked for is want, or
 * any form (STEER_TPH_DIALECT_NONE). Only tph_ioctl_v8_find() tells -ENODEV of a gone device.
 */
int tph_feature_find(struct steer_tph *tph, enum steer_tph_dialect want, char *why, size_t len);
int tph_ioctl_v8_find(struct steer_tph *tph, char *why, size_t len);
int tph_direct_find(struct steer_tph *tph, const char *tags_file, char *why, size_t len);

/* feature.c: TPH_ST, in whichever form. */
int tph_feature_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus);
int tph_feature_get(struct steer_tph *tph, uint16_t count, uint32_t *data);
/* GET of entry 0 with this CPU in the buffer. -ENOENT: there is none. */
int tph_feature_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag);
/* GET of a CPU that cannot exist: only a kernel that looks at the index can answer. */
bool tph_feature_get_is_by_index(struct steer_tph *tph, uint16_t index);

/* tph_ctrl.c */
int tph_cfg_read(struct steer_tph *tph, uint64_t off, void *buf, size_t len);
int tph_cfg_write(struct steer_tph *tph, uint64_t off, const void *buf, size_t len);
/* Read the control register into info. */
int tph_ctrl_note(struct steer_tph *tph);
/* Into the register with it, and 0 when it reads back so. */
int tph_ctrl_write(struct steer_tph *tph, enum steer_pci_tph_mode mode, enum steer_pci_tph_req req);
/* The best requester enable up to req that sticks. */
int
tph_ctrl_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode, enum steer_pci_tph_req req);
/* Is the device as info says? If the kernel turned TPH off, turn it on again. */
int tph_ctrl_repair(struct steer_tph *tph);

/* readback.c: the ST table itself. 0, -ENOTSUP when it cannot be read. */
int tph_table_read(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags);
/* Vector control word of an entry in the mapped MSI-X table. 0, -ENOTSUP cannot be mapped. */
int tph_msix_word(struct steer_tph *tph, uint16_t index, volatile uint32_t **word);

/* record.c: what was programmed, and bringing the device back to it. */
int tph_record_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags);
void tph_record_repair(struct steer_tph *tph, uint16_t index, uint16_t count);
int tph_record_program(struct steer_tph *tph);

/* root_port.c: what completes the device's requests. */
enum tph_completer {
	TPH_COMPLETER_UNKNOWN = -1, /* text says why */
	TPH_COMPLETER_NONE = 0,
	TPH_COMPLETER_STD = 1,
	TPH_COMPLETER_EXT = 3,
};
/* DEVCAP2 bits 13:12 of the root port above; an integrated endpoint has none and needs none. */
enum tph_completer tph_root_port(const struct steer_tph *tph, char *text, size_t len);

/* missing.c */
void tph_missing(struct steer_tph *tph);

#endif /* STEER_TPH_DIALECT_H */
