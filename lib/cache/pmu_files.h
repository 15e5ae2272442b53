/* SPDX-License-Identifier: BSD-3-Clause */

/* Files of /proc and /sys below a root that a test can make up, and their small languages. */

#ifndef PMU_FILES_H
#define PMU_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PMU_DEVICES  "/sys/bus/event_source/devices"
#define PMU_PATH_MAX 512u
#define PMU_NAME_MAX 64u
#define PMU_RANGES   4u

/* A file as text, NUL at the end; what is longer is cut. @return bytes, or negative errno. */
ssize_t pmu_file_read(const char *root, const char *path, char *text, size_t len);
/* A decimal number. @return 0, or negative errno; -EPROTO: it is something else. */
int pmu_file_number(const char *root, const char *path, uint64_t *n);

/* Where a field of an event lies: "config:8-15,32-55". */
struct pmu_format {
	unsigned int word; /* config, config1, config2 */
	unsigned int nb;
	struct {
		uint8_t first, last;
	} range[PMU_RANGES];
};
/* @return 0 or -EPROTO. */
int pmu_format_parse(const char *text, struct pmu_format *f);
/* Lowest bits of value into the first range and so on. @return 0, or -ERANGE: does not fit. */
int pmu_format_put(const struct pmu_format *f, uint64_t value, uint64_t config[3]);

/* "0,28" or "0-3": CPUs, at most nb of them. @return how many, or -EPROTO. */
int pmu_cpus_parse(const char *text, unsigned int *cpus, unsigned int nb);

/* A folder of PMU_DEVICES with this name, or this name, "_" and a number. @return whether there is
 * a next one after *at, which begins at 0. */
bool pmu_find(const char *root, const char *name, unsigned int *at, char found[PMU_NAME_MAX]);
/* Is there a PMU of the CPU itself? */
bool pmu_has_cpu(const char *root);

#endif /* PMU_FILES_H */
