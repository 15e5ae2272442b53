/* SPDX-License-Identifier: BSD-3-Clause */

/* An attach of role vmm in steps, over the kernel of fake_iommufd.h, without the state machine. */

#ifndef TSM_IOMMUFD_FIXTURE_H
#define TSM_IOMMUFD_FIXTURE_H

#include <stdlib.h>

#include "fake_iommufd.h"

#include "steer_tsm_vmm.h"
#include "tsm_backend.h"

enum ix_step {
	IX_LOOK,
	IX_CONNECT,
	IX_BIND,
	IX_LOCK,
	IX_MEASURE,
	IX_REPORT,
	IX_VCA, /* the objects in their order */
	IX_CHAIN,
	IX_MEASUREMENTS,
	IX_REPORT_READ,
	IX_VALIDATE,
	IX_RUN,
	IX_DMA_ON,
	IX_DMA_OFF,
	IX_UNLOCK,
	IX_UNBIND,
	IX_STEPS,
};

struct ix_case {
	const char *name; /* of the golden file */
	enum fi_abi kernel;
	enum steer_tsm_abi abi;
	enum steer_tsm_arch arch;
	bool evidence;
	bool unsafe;
};
extern const struct ix_case ix_cases[];
extern const unsigned int ix_nr_cases;

struct ix {
	struct steer_tsm t;
	struct steer_tsm_vmm vmm;
	struct steer_tsm_device device;
	enum tsm_presence presence; /* of the last look */
	char name[32], why[200];
	char error[400]; /* last tsm_fail */
	char log[2000];
	unsigned int payloads;       /* calls of the VMM's */
	int payload_rc, response_rc; /* instead of what it gives */
	size_t response_more;        /* than there is room for */
};
extern struct ix ix;

/* fake_tsm_sysfs.c: facts of sysfs; a test puts back what it changes. */
extern enum tsm_presence ix_sysfs;
extern int ix_connect_rc;
/* calloc: the n-th from now fails; 0 none. */
extern unsigned int ix_no_memory;

void ix_init(const struct ix_case *c);
int ix_open(void);
/* The step; objects are compared and freed. */
struct tsm_result ix_step(enum ix_step s);
/* Steps from first to last, each of which must come out well. */
void ix_good(enum ix_step first, enum ix_step last);
/* Close, and nothing may be left. */
void ix_close(void);
/* A role without such a step goes past it. */
bool ix_has(const struct ix_case *c, enum ix_step s);
const struct ix_case *ix_case(const char *name);

#endif /* TSM_IOMMUFD_FIXTURE_H */
