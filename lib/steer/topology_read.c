/* SPDX-License-Identifier: BSD-3-Clause */

/* Reading /sys/devices/system/cpu: Documentation/ABI/testing/sysfs-devices-system-cpu of Linux. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "topology.h"

#define MAX_INDEXES 16u /* cache folders of a CPU */
#define MAX_LEVEL   9u

int
steer_topology_text(const char *root, const char *name, char *buf, size_t len)
{
	char path[PATH_MAX];
	ssize_t n;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", root, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, buf, len - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

bool
steer_topology_range(const char **text, uint32_t *first, uint32_t *last)
{
	char *end;
	unsigned long v = strtoul(*text, &end, 10);

	if (end == *text || v >= TOPOLOGY_MAX_CPUS)
		return false;
	*first = *last = (uint32_t)v;
	if (*end == '-') {
		*text = end + 1;
		v = strtoul(*text, &end, 10);
		if (end == *text || v < *first || v >= TOPOLOGY_MAX_CPUS)
			return false;
		*last = (uint32_t)v;
	}
	*text = *end == ',' ? end + 1 : end;
	return true;
}

/* The first CPU of a list file stands for the group. */
static uint32_t
group_of(const char *root, const char *name)
{
	char text[TOPOLOGY_LIST_LEN];
	const char *at = text;
	uint32_t first, last;

	if (steer_topology_text(root, name, text, sizeof(text)) != 0 ||
	    !steer_topology_range(&at, &first, &last))
		return TOPOLOGY_NOBODY;
	return first;
}

/* 0: none, or nonsense. */
static unsigned int
level_of(const char *text)
{
	char *end;
	unsigned long level = strtoul(text, &end, 10);

	return end != text && *end == '\0' && level <= MAX_LEVEL ? (unsigned int)level : 0;
}

static void
read_cache(const char *root, uint32_t cpu, unsigned int index, struct topology_cpu *c)
{
	char name[80], text[32];
	unsigned int level;
	uint32_t group;

	snprintf(name, sizeof(name), "cpu%u/cache/index%u/type", cpu, index);
	if (steer_topology_text(root, name, text, sizeof(text)) != 0 ||
	    strcmp(text, "Instruction") == 0)
		return;
	snprintf(name, sizeof(name), "cpu%u/cache/index%u/level", cpu, index);
	if (steer_topology_text(root, name, text, sizeof(text)) != 0)
		return;
	level = level_of(text);
	snprintf(name, sizeof(name), "cpu%u/cache/index%u/shared_cpu_list", cpu, index);
	group = group_of(root, name);
	if (level == 0 || group == TOPOLOGY_NOBODY)
		return;
	if (level <= 2)
		c->group[level == 1 ? STEER_SHARE_L1 : STEER_SHARE_L2] = group;
	if (level > c->nb_levels) {
		c->nb_levels = level;
		c->group[STEER_SHARE_LLC] = group;
	}
}

/* Threads of a core share its first level, also where no cache is described. */
static void
read_threads(const char *root, uint32_t cpu, struct topology_cpu *c)
{
	char name[80];

	if (c->group[STEER_SHARE_L1] != TOPOLOGY_NOBODY)
		return;
	snprintf(name, sizeof(name), "cpu%u/topology/core_cpus_list", cpu);
	c->group[STEER_SHARE_L1] = group_of(root, name);
	if (c->group[STEER_SHARE_L1] != TOPOLOGY_NOBODY)
		return;
	snprintf(name, sizeof(name), "cpu%u/topology/thread_siblings_list", cpu);
	c->group[STEER_SHARE_L1] = group_of(root, name);
}

/* A CPU's folder has a link to that of its node. */
static int
read_node(const char *root, uint32_t cpu)
{
	char path[PATH_MAX];
	struct dirent *e;
	int node = -1;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/cpu%u", root, cpu);
	dir = opendir(path);
	if (dir == NULL)
		return -1;
	while (node < 0 && (e = readdir(dir)) != NULL)
		if (sscanf(e->d_name, "node%d", &node) != 1)
			node = -1;
	closedir(dir);
	return node;
}

static void
read_cpu(const char *root, uint32_t cpu, struct topology_cpu *c)
{
	unsigned int i;

	c->node = read_node(root, cpu);
	for (i = 0; i < MAX_INDEXES && c->online; i++)
		read_cache(root, cpu, i, c);
	if (c->online)
		read_threads(root, cpu, c);
}

static uint32_t
highest(const char *text)
{
	uint32_t first, last = 0, top = 0;

	while (steer_topology_range(&text, &first, &last))
		top = RTE_MAX(top, last + 1);
	return top;
}

static void
mark(struct topology *t, const char *text, bool online)
{
	uint32_t first, last, cpu;

	while (steer_topology_range(&text, &first, &last)) {
		for (cpu = first; cpu <= last && cpu < t->nb; cpu++) {
			t->cpus[cpu].present = true;
			t->cpus[cpu].online |= online;
		}
	}
}

struct topology *
steer_topology_read(const char *root)
{
	char present[TOPOLOGY_LIST_LEN], online[TOPOLOGY_LIST_LEN];
	struct topology *t;
	uint32_t nb, cpu;

	if (steer_topology_text(root, "online", online, sizeof(online)) != 0)
		return NULL;
	if (steer_topology_text(root, "present", present, sizeof(present)) != 0)
		present[0] = '\0';
	nb = RTE_MAX(highest(present), highest(online));
	t = nb == 0 ? NULL : calloc(1, sizeof(*t) + nb * sizeof(t->cpus[0]));
	if (t == NULL)
		return NULL;
	t->nb = nb;
	memcpy(t->online, online, sizeof(online));
	mark(t, present, false);
	mark(t, online, true);
	for (cpu = 0; cpu < nb; cpu++) {
		memset(t->cpus[cpu].group, 0xff, sizeof(t->cpus[cpu].group));
		if (t->cpus[cpu].present)
			read_cpu(root, cpu, &t->cpus[cpu]);
	}
	return t;
}
