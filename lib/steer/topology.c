/* SPDX-License-Identifier: BSD-3-Clause */

/* Questions about CPUs. The picture is taken again when the list of those online has changed. */

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "topology.h"

#define ROOT "/sys/devices/system/cpu"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* what follows; the last lock of all */
static char root[PATH_MAX] = ROOT;
static struct topology *picture;

static const char *const relation_names[] = {
	[STEER_REL_UNKNOWN] = "unknown",     [STEER_REL_OFFLINE] = "offline",
	[STEER_REL_SAME] = "same CPU",       [STEER_REL_L1] = "shares L1",
	[STEER_REL_L2] = "shares L2",        [STEER_REL_LLC] = "shares LLC",
	[STEER_REL_NODE] = "same NUMA node", [STEER_REL_OTHER] = "other NUMA node",
};

const char *
steer_relation_name(enum steer_relation relation)
{
	return (unsigned int)relation < RTE_DIM(relation_names) ? relation_names[relation]
								: "unknown";
}

void
steer_topology_root(const char *path)
{
	pthread_mutex_lock(&mutex);
	snprintf(root, sizeof(root), "%s", path != NULL ? path : ROOT);
	free(picture);
	picture = NULL;
	pthread_mutex_unlock(&mutex);
}

/* With the mutex held. NULL: this system does not tell. */
static const struct topology *
look(void)
{
	char online[TOPOLOGY_LIST_LEN];

	if (picture != NULL && (steer_topology_text(root, "online", online, sizeof(online)) != 0 ||
				strcmp(picture->online, online) != 0)) {
		free(picture);
		picture = NULL;
	}
	if (picture == NULL)
		picture = steer_topology_read(root);
	return picture;
}

static const struct topology_cpu *
find(const struct topology *t, uint32_t cpu)
{
	return t != NULL && cpu < t->nb && t->cpus[cpu].present ? &t->cpus[cpu] : NULL;
}

int
steer_cpu_info_get(uint32_t cpu, struct steer_cpu_info *info)
{
	const struct topology_cpu *c;

	if (info == NULL)
		return -EINVAL;
	pthread_mutex_lock(&mutex);
	c = find(look(), cpu);
	if (c != NULL)
		*info = (struct steer_cpu_info){
			.online = c->online,
			.node = c->node,
			.nb_levels = c->nb_levels,
		};
	pthread_mutex_unlock(&mutex);
	return c != NULL ? 0 : -ENOENT;
}

bool
steer_cpu_is_offline(uint32_t cpu)
{
	struct steer_cpu_info info;

	return steer_cpu_info_get(cpu, &info) == 0 && !info.online;
}

static bool
share(const struct topology_cpu *a, const struct topology_cpu *b, enum steer_share what)
{
	if (what == STEER_SHARE_NODE)
		return a->node == b->node;
	return a->group[what] != TOPOLOGY_NOBODY && a->group[what] == b->group[what];
}

static int
sharers(const struct topology *t, uint32_t cpu, enum steer_share what, uint32_t *cpus,
	unsigned int max)
{
	const struct topology_cpu *c = find(t, cpu), *o;
	unsigned int n = 0;
	uint32_t other;

	if (c == NULL || !c->online)
		return -ENOENT;
	if (!share(c, c, what))
		return -ENODATA;
	for (other = 0; other < t->nb; other++) {
		o = find(t, other);
		if (o == NULL || !o->online || !share(c, o, what))
			continue;
		if (n < max)
			cpus[n] = other;
		n++;
	}
	return (int)n;
}

int
steer_cpu_sharers(uint32_t cpu, enum steer_share what, uint32_t *cpus, unsigned int max)
{
	int rc;

	if ((unsigned int)what > STEER_SHARE_NODE || (cpus == NULL && max > 0))
		return -EINVAL;
	pthread_mutex_lock(&mutex);
	rc = sharers(look(), cpu, what, cpus, max);
	pthread_mutex_unlock(&mutex);
	return rc;
}

static enum steer_relation
relation(const struct topology_cpu *a, const struct topology_cpu *b)
{
	if (a == NULL || b == NULL)
		return STEER_REL_UNKNOWN;
	if (!a->online || !b->online)
		return STEER_REL_OFFLINE;
	if (a == b)
		return STEER_REL_SAME;
	if (share(a, b, STEER_SHARE_L1))
		return STEER_REL_L1;
	if (share(a, b, STEER_SHARE_L2))
		return STEER_REL_L2;
	if (share(a, b, STEER_SHARE_LLC))
		return STEER_REL_LLC;
	return share(a, b, STEER_SHARE_NODE) ? STEER_REL_NODE : STEER_REL_OTHER;
}

enum steer_relation
steer_cpu_relation(uint32_t a, uint32_t b)
{
	const struct topology *t;
	enum steer_relation r;

	pthread_mutex_lock(&mutex);
	t = look();
	r = relation(find(t, a), find(t, b));
	pthread_mutex_unlock(&mutex);
	return r;
}
