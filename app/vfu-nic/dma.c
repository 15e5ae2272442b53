/* SPDX-License-Identifier: BSD-3-Clause */

/* The DMA table: maps sorted by IOVA. Rules: vfio-user, DMA_MAP and DMA_UNMAP. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

int
nic_dma_init(struct nic_dma *dma)
{
	dma->cap = 64;
	dma->maps = calloc(dma->cap, sizeof(*dma->maps));
	dma->owner = calloc(dma->cap, sizeof(*dma->owner));
	return dma->maps == NULL || dma->owner == NULL ? -ENOMEM : 0;
}

void
nic_dma_fini(struct nic_dma *dma)
{
	nic_dma_clear(dma);
	free(dma->maps);
	free(dma->owner);
}

/* First map whose last byte is not below the address; n when there is none. */
static uint32_t
find(const struct nic_dma *dma, uint64_t iova)
{
	uint32_t lo = 0, hi = dma->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (dma->maps[mid].iova + (dma->maps[mid].size - 1) < iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
grow(struct nic_dma *dma)
{
	uint32_t cap = dma->cap * 2;
	void *p;

	if (dma->n < dma->cap)
		return 0;
	if (dma->n >= NIC_DMA_MAPS)
		return -ENOSPC;
	p = realloc(dma->maps, cap * sizeof(*dma->maps));
	if (p == NULL)
		return -ENOMEM;
	dma->maps = p;
	p = realloc(dma->owner, cap * sizeof(*dma->owner));
	if (p == NULL)
		return -ENOMEM;
	dma->owner = p;
	dma->cap = cap;
	return 0;
}

static int
check(const struct nic_dma *dma, const struct vfu_dma_map *map, uint32_t *pos)
{
	uint64_t last = map->iova + (map->size - 1);

	if (map->size == 0 || last < map->iova || map->offset + map->size < map->offset)
		return -EINVAL;
	if (((map->iova | map->size | map->offset) & (NIC_PAGE - 1)) != 0)
		return -EINVAL;
	*pos = find(dma, map->iova);
	if (*pos < dma->n && dma->maps[*pos].iova <= last)
		return -EEXIST;
	return 0;
}

int
nic_dma_add(struct nic_dma *dma, const struct vfu_dma_map *map, int fd)
{
	struct nic_dma_map m = {.iova = map->iova, .size = map->size, .offset = map->offset};
	int rc, file = NIC_NO_FILE;
	uint32_t pos;

	rc = check(dma, map, &pos);
	if (rc == 0)
		rc = grow(dma);
	if (rc < 0)
		return rc;
	/* Without a file there is nothing to reach: no right, so that no lookup ever hits. */
	if (fd >= 0) {
		file = nic_dma_file_get(dma, fd, map->offset, map->size,
					(map->flags & VFU_DMA_F_WRITE) != 0);
		if (file < 0)
			return file;
		m.base = dma->files[file].base + map->offset;
		m.file = dma->files[file].rank;
		m.prot = map->flags & (VFU_DMA_F_READ | VFU_DMA_F_WRITE);
	}
	memmove(&dma->maps[pos + 1], &dma->maps[pos], (dma->n - pos) * sizeof(*dma->maps));
	memmove(&dma->owner[pos + 1], &dma->owner[pos], (dma->n - pos) * sizeof(*dma->owner));
	dma->maps[pos] = m;
	dma->owner[pos] = (uint16_t)file;
	dma->n++;
	return 0;
}

/* Behind a virtual IOMMU clients unmap large aligned ranges that were never mapped as such. */
int
nic_dma_del(struct nic_dma *dma, uint64_t iova, uint64_t last)
{
	uint32_t first = find(dma, iova), end = first, i;

	if (last < iova)
		return -EINVAL;
	while (end < dma->n && dma->maps[end].iova <= last) {
		const struct nic_dma_map *m = &dma->maps[end++];

		if (m->iova < iova || m->iova + (m->size - 1) > last)
			return -EINVAL;
	}
	for (i = first; i < end; i++)
		if (dma->owner[i] != NIC_NO_FILE)
			nic_dma_file_put(dma, dma->owner[i]);
	memmove(&dma->maps[first], &dma->maps[end], (dma->n - end) * sizeof(*dma->maps));
	memmove(&dma->owner[first], &dma->owner[end], (dma->n - end) * sizeof(*dma->owner));
	dma->n -= end - first;
	return (int)(end - first);
}

void
nic_dma_clear(struct nic_dma *dma)
{
	nic_dma_del(dma, 0, UINT64_MAX);
	dma->ranks = 0;
}

/* More than one map: neighbours that follow each other in our address space as well. */
static void *
span(const struct nic_dma *dma, uint32_t i, uint64_t iova, uint64_t len, uint32_t prot)
{
	const struct nic_dma_map *m = &dma->maps[i], *next;
	uint8_t *start = m->base + (iova - m->iova);
	uint64_t have = m->size - (iova - m->iova);

	while (have < len) {
		next = m + 1;
		if (++i >= dma->n || next->iova != m->iova + m->size ||
		    next->base != m->base + m->size || (next->prot & prot) != prot)
			return NULL;
		have += next->size;
		m = next;
	}
	return start;
}

static inline bool
hit(const struct nic_dma *dma, uint32_t i, uint64_t iova)
{
	return i < dma->n && iova - dma->maps[i].iova < dma->maps[i].size;
}

void *
nic_dma_ptr(const struct nic *nic, uint32_t *hint, uint64_t iova, uint64_t len, uint32_t prot)
{
	const struct nic_dma *dma = &nic->dma;
	const struct nic_dma_map *m;

	if (!hit(dma, *hint, iova)) {
		uint32_t i = find(dma, iova);

		if (!hit(dma, i, iova))
			return NULL;
		*hint = i;
	}
	m = &dma->maps[*hint];
	if ((m->prot & prot) != prot || m->base == NULL)
		return NULL;
	if (len <= m->size - (iova - m->iova))
		return m->base + (iova - m->iova);
	return span(dma, *hint, iova, len, prot);
}

uint64_t
nic_dma_model_addr(const struct nic *nic, uint32_t *hint, uint64_t iova)
{
	const struct nic_dma *dma = &nic->dma;
	const struct nic_dma_map *m;

	if (!hit(dma, *hint, iova)) {
		uint32_t i = find(dma, iova);

		if (!hit(dma, i, iova))
			return UINT64_MAX;
		*hint = i;
	}
	m = &dma->maps[*hint];
	if (m->base == NULL)
		return UINT64_MAX;
	return (uint64_t)m->file << 44 | (m->offset + (iova - m->iova));
}
