/* SPDX-License-Identifier: BSD-3-Clause */

/* Events of system-wide PMUs, by the names that their folder in sysfs gives to fields. */

#ifndef PMU_WITNESS_H
#define PMU_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steer_pmu.h"

#define PMU_FIELDS_MAX 3u

struct pmu_field {
	const char *name;
	uint64_t value;
};

struct pmu_witness_event {
	const char *pmu; /* name, or name before "_" and a number */
	const char *name;
	enum steer_pmu_witness_kind kind; /* events of one kind are added up */
	struct pmu_field fields[PMU_FIELDS_MAX];
	uint64_t config1; /* set as it is */
	bool doubtful;    /* no public list has it in this form */
};

#define PMU_WITNESS_CHA  4u
#define PMU_WITNESS_SKX  2u
#define PMU_WITNESS_ZEN4 9u
#define PMU_WITNESS_ZEN5 9u
#define PMU_WITNESS_CMN  4u

extern const struct pmu_witness_event pmu_witness_cha[PMU_WITNESS_CHA];
extern const struct pmu_witness_event pmu_witness_skx[PMU_WITNESS_SKX];
extern const struct pmu_witness_event pmu_witness_zen4[PMU_WITNESS_ZEN4];
extern const struct pmu_witness_event pmu_witness_zen5[PMU_WITNESS_ZEN5];
extern const struct pmu_witness_event pmu_witness_cmn[PMU_WITNESS_CMN];

#endif /* PMU_WITNESS_H */
