/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Files behind the DMA maps: one mapping per file, whatever the number of maps into it, and the
 * fd is dropped; many small maps would use up the fd table and the kernel's count of mappings.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "nic_priv.h"

/* Memory only: a read from a file elsewhere could block on a disk or on another process. */
static int
check_file(int fd, uint64_t end, bool write, struct stat *st, bool *rw)
{
	struct statfs fs;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || (flags & O_PATH) != 0 || fstat(fd, st) < 0 || fstatfs(fd, &fs) < 0)
		return -EBADF;
	if (!S_ISREG(st->st_mode) || (fs.f_type != TMPFS_MAGIC && fs.f_type != HUGETLBFS_MAGIC))
		return -EINVAL;
	if ((flags & O_ACCMODE) == O_WRONLY)
		return -EACCES;
	*rw = (flags & O_ACCMODE) == O_RDWR;
	if (write && !*rw)
		return -EACCES;
	return (uint64_t)st->st_size < end ? -EINVAL : 0;
}

static int
find(const struct nic_dma *dma, const struct stat *st, uint64_t end, bool write, uint32_t *rank)
{
	uint32_t i;

	for (i = 0; i < dma->nfiles; i++) {
		const struct nic_dma_file *f = &dma->files[i];

		if (f->refs == 0 || f->dev != st->st_dev || f->ino != st->st_ino)
			continue;
		*rank = f->rank;
		if (f->len >= end && (f->rw || !write))
			return (int)i;
	}
	return -ENOENT;
}

static int
free_slot(struct nic_dma *dma)
{
	uint32_t i;

	for (i = 0; i < dma->nfiles; i++)
		if (dma->files[i].refs == 0)
			return (int)i;
	if (dma->nfiles == NIC_DMA_FILES)
		return -ENOSPC;
	return (int)dma->nfiles++;
}

int
nic_dma_file_get(struct nic_dma *dma, int fd, uint64_t offset, uint64_t size, bool write)
{
	uint32_t rank = dma->ranks;
	struct nic_dma_file f = {.refs = 1};
	struct stat st;
	uint64_t blk;
	int rc, i;

	rc = check_file(fd, offset + size, write, &st, &f.rw);
	if (rc < 0)
		return rc;
	i = find(dma, &st, offset + size, write, &rank);
	if (i >= 0) {
		dma->files[i].refs++;
		return i;
	}
	/* The whole file: the next map into it finds this mapping. Huge pages map whole. */
	blk = st.st_blksize > 0 && (st.st_blksize & (st.st_blksize - 1)) == 0 ? st.st_blksize
									      : NIC_PAGE;
	f.len = ((uint64_t)st.st_size + blk - 1) & ~(blk - 1);
	if (f.len > NIC_DMA_SUM - dma->mapped)
		return -ENOSPC;
	i = free_slot(dma);
	if (i < 0)
		return i;
	f.base = mmap(NULL, f.len, f.rw ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	if (f.base == MAP_FAILED)
		return -errno;
	f.dev = st.st_dev;
	f.ino = st.st_ino;
	f.rank = rank;
	if (rank == dma->ranks)
		dma->ranks++;
	dma->mapped += f.len;
	dma->files[i] = f;
	return i;
}

void
nic_dma_file_put(struct nic_dma *dma, uint32_t idx)
{
	struct nic_dma_file *f = &dma->files[idx];

	if (--f->refs > 0)
		return;
	munmap(f->base, f->len);
	dma->mapped -= f->len;
	while (dma->nfiles > 0 && dma->files[dma->nfiles - 1].refs == 0)
		dma->nfiles--;
}
