/* SPDX-License-Identifier: BSD-3-Clause */

#include "bus_priv.h"

bool
vfio_bus_dma_merge(struct steer_vfio_dma *run, const struct steer_vfio_dma *next)
{
	if (run->fd != next->fd || run->prot != next->prot || run->iova + run->size != next->iova ||
	    (uint8_t *)run->vaddr + run->size != (uint8_t *)next->vaddr)
		return false;
	/* By address alone, the files behind it do not matter. */
	if (run->fd >= 0 && run->offset + run->size != next->offset)
		return false;
	run->size += next->size;
	return true;
}
