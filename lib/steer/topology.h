/* SPDX-License-Identifier: BSD-3-Clause */

/* A picture of the machine's CPUs, and the files it is taken from. */

#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steer_topology.h"

#define TOPOLOGY_LIST_LEN 4096 /* a page: what a file of sysfs has at most */
#define TOPOLOGY_MAX_CPUS 65536u
#define TOPOLOGY_NOBODY   UINT32_MAX

struct topology_cpu {
	bool present, online;
	int node;
	unsigned int nb_levels;
	/* L1, L2, LLC: the first of the CPUs that share it stands for all. */
	uint32_t group[3];
};

struct topology {
	char online[TOPOLOGY_LIST_LEN]; /* as it was when the picture was taken */
	uint32_t nb;
	struct topology_cpu cpus[];
};

/* The folder that takes the place of /sys/devices/system/cpu; NULL: that one. For tests. */
void steer_topology_root(const char *root);
/* Is this CPU there, but offline? */
bool steer_cpu_is_offline(uint32_t cpu);

/* A file of one line, without its end. @return 0 or negative errno. */
int steer_topology_text(const char *root, const char *name, char *buf, size_t len);
/* Next CPUs of a list as "0-3,8": first..last, and text moves on. False at its end, or nonsense. */
bool steer_topology_range(const char **text, uint32_t *first, uint32_t *last);
/* The picture, to be freed; NULL: no memory, or no CPUs in that folder. */
struct topology *steer_topology_read(const char *root);

#endif /* TOPOLOGY_H */
