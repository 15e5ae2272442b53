/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * One published kernel ABI for steering tags: how to find it without disturbing another one, and
 * its SET and GET. Nothing above this header knows a layout or a feature number.
 */

#ifndef STEER_TPH_DIALECT_H
#define STEER_TPH_DIALECT_H

#include <stdbool.h>

#include "steer_tph.h"

struct tph_dialect {
	enum steer_tph_dialect id;
	/* Is it there? Fills can_set and can_get. 0, -ENOTTY absent, or what the kernel refused
	 * with. */
	int (*probe)(struct steer_tph *tph);
	/* Program entries index.. for these CPUs. 0 or the kernel's refusal. */
	int (*set)(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus);
	/* data: CPU numbers in, tags out; right for GET by CPU and, when the same CPUs were set,
	 * for GET by index. */
	int (*get)(struct steer_tph *tph, uint16_t count, uint32_t *data);
	/* Tag of a CPU, whichever way GET works. */
	int (*cpu_tag)(struct steer_tph *tph, uint32_t cpu, uint16_t *tag);
};

/* How GET of the feature dialect was seen to work; told apart only by what SET answers. */
enum tph_get_kind { TPH_GET_UNKNOWN, TPH_GET_BY_CPU, TPH_GET_BY_INDEX };

struct steer_tph {
	struct steer_vfio_dev *dev;
	const struct tph_dialect *dialect; /* NULL: none */
	struct steer_tph_info info;
	struct steer_pci_msix msix; /* entries 0: none */
	bool feature_named;         /* index given by the user, not by the device */
	bool can_set;
	bool can_get;
	enum tph_get_kind get_kind;
	uint16_t nb;    /* entries of the table, 0 without one */
	uint32_t *cpus; /* the record: CPU programmed in each entry */
	uint16_t *tags; /* tag last read back there; 0 unknown or none */
};

extern const struct tph_dialect tph_dialect_feature;

/* tph_ctrl.c */
int tph_ctrl_read(struct steer_tph *tph, uint32_t *ctrl);
int tph_ctrl_write(struct steer_tph *tph, enum steer_pci_tph_mode mode, enum steer_pci_tph_req req);
/* Is the device as info says? If the kernel turned TPH off, turn it on again. */
int tph_ctrl_repair(struct steer_tph *tph);

/* readback.c: the ST table itself. 0, -ENOTSUP when it cannot be read. */
int tph_table_read(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags);

/* record.c: what was programmed, and bringing the device back to it. */
int tph_record_get(struct steer_tph *tph, uint16_t index, uint16_t count, uint16_t *tags);
void tph_record_repair(struct steer_tph *tph, uint16_t index, uint16_t count);
int tph_record_program(struct steer_tph *tph);

#endif /* STEER_TPH_DIALECT_H */
