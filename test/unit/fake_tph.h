/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A made-up device behind the steer_vfio_* seam, for tests of lib/tph: it plays the kernels that
 * were published and the ways in which they fail. Layouts are written by hand as byte offsets.
 */

#ifndef TEST_FAKE_TPH_H
#define TEST_FAKE_TPH_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steer_tph.h>
#include <steer_vfio.h>

#define CAP_POS   0x100u
#define MSIX_POS  0x40u
#define EXP_POS   0x50u
#define FEATURE   0xfe00u
#define ENTRIES   8u
#define VECTORS   16u
#define NO_CPU    0xffffffffu
#define ST_OFF    (CAP_POS + 12)
#define CTRL_OFF  (CAP_POS + 8)

#define IV_CAP    (0x00000203u | (ENTRIES - 1) << 16)
#define IV_CAP_16 (IV_CAP | 0x100u)
#define IV_MSIX   (0x00000403u | (ENTRIES - 1) << 16)
#define DS_ONLY   0x00000005u

enum fault { NONE, CLEAR_TO_ZERO, PARTIAL, TURN_OFF, LIE_ONCE };

/* Which layout answers the device ioctl. */
enum family { NO_IOCTL, FAMILY_B, FAMILY_C, FAMILY_V8 };

struct ioctl_log {
	uint8_t bytes[64];
	int rc;
};

struct fake_kernel {
	uint8_t cfg[4096];
	uint32_t vector_ctrl[VECTORS]; /* of the MSI-X table, also where it is mapped */
	uint32_t store[ENTRIES];       /* tags that SET stored, for GET by index */
	int by_index;
	int by_index_shy; /* GET of what was never set is refused */
	int no_set, no_get, no_probe, probe_when_on, absent;
	int drop_ctrl, drop_ext, hide_msix, mappable, told_feature, tph_switch;
	int get_fails;
	int small_tags; /* of 3 bits */
	void *bar0;     /* with device registers; NULL: cannot be mapped */
	size_t bar0_len;
	const char *pci_addr;
	uint32_t bad_cpu;
	enum fault fault;
	int sets, gets, ctrl_writes, gone;
	uint8_t last_set[256];
	size_t last_len;
	/* the ioctl */
	enum family family;
	int v8_modes, v8_table, v8_cap_rc, v8_drop_enable, v8_thinks_on;
	int fail_calls;
	uint32_t fail_one_in, seed; /* random refusals of so many SETs */
	struct ioctl_log log[64];
	int nb_log;
};
extern struct fake_kernel k;

uint16_t tag_of(uint32_t cpu);
uint16_t get16(uint32_t off);
void put16(uint32_t off, uint16_t v);
uint16_t entry(uint32_t i);
void set_entry(uint32_t i, uint16_t tag);
uint16_t ctrl(void);
/* A device of this raw TPH capability register; everything else as a good kernel by CPU has it. */
void device(uint32_t cap);

struct steer_tph *open_args(const struct steer_tph_open_args *args);
struct steer_tph *open_named(int feature);
struct steer_tph *open_dialect(enum steer_tph_dialect dialect);
/* auto, usable, and on in that mode */
struct steer_tph *open_on(enum steer_pci_tph_mode mode);
void why_has(struct steer_tph *tph, const char *part);

#endif /* TEST_FAKE_TPH_H */
