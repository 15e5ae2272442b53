/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <steer_vfio.h>

#include "dialect.h"

static void
look(struct steer_tph *tph, const uint8_t *cfg, int feature)
{
	struct steer_tph_info *info = &tph->info;

	if (steer_pci_tph_decode(cfg, STEER_PCI_CFG_SIZE, &info->cap) != 0)
		memset(&info->cap, 0, sizeof(info->cap));
	if (steer_pci_msix_decode(cfg, STEER_PCI_CFG_SIZE, &tph->msix) != 0)
		memset(&tph->msix, 0, sizeof(tph->msix));
	if (steer_pci_exp_decode(cfg, STEER_PCI_CFG_SIZE, &tph->exp) != 0)
		memset(&tph->exp, 0, sizeof(tph->exp));
	tph->nb = info->cap.loc == STEER_PCI_TPH_LOC_MSIX ? tph->msix.entries : info->cap.entries;
	/* The size field may also count a table in MSI-X: the smaller of the two is safe. */
	if (info->cap.loc == STEER_PCI_TPH_LOC_MSIX && info->cap.entries != 0 &&
	    info->cap.entries < tph->nb)
		tph->nb = info->cap.entries;
	info->cap.entries = tph->nb;
	info->feature = feature >= 0 ? feature : steer_vfio_tph_feature(tph->dev);
	if (info->feature < 0)
		info->feature = -1;
}

static int
read_config(struct steer_vfio_dev *dev, uint8_t *cfg)
{
	struct steer_vfio_region region;
	int rc = steer_vfio_region_info(dev, STEER_VFIO_REGION_CONFIG, &region);

	if (rc != 0)
		return rc;
	/* A conventional function has 256 bytes; the rest stays 0, which decodes as no capability.
	 */
	memset(cfg, 0, STEER_PCI_CFG_SIZE);
	return steer_vfio_region_read(dev, STEER_VFIO_REGION_CONFIG, 0, cfg,
				      region.size < STEER_PCI_CFG_SIZE ? region.size
								       : STEER_PCI_CFG_SIZE);
}

static int
alloc_record(struct steer_tph *tph, const struct steer_tph_open_args *args)
{
	tph->root = strdup(args->root != NULL ? args->root : "");
	tph->cpus = malloc((tph->nb + 1u) * sizeof(*tph->cpus));
	tph->tags = calloc(tph->nb + 1u, sizeof(*tph->tags));
	if (tph->root == NULL || tph->cpus == NULL || tph->tags == NULL)
		return -ENOMEM;
	memset(tph->cpus, 0xff, tph->nb * sizeof(*tph->cpus)); /* STEER_TPH_CPU_NONE */
	return 0;
}

int
steer_tph_open(struct steer_vfio_dev *dev, const struct steer_tph_open_args *args,
	       struct steer_tph **out)
{
	uint8_t cfg[STEER_PCI_CFG_SIZE];
	struct steer_tph *tph = calloc(1, sizeof(*tph));
	int rc;

	if (tph == NULL)
		return -ENOMEM;
	tph->dev = dev;
	tph->feature_named = args->feature >= 0;
	rc = read_config(dev, cfg);
	if (rc != 0)
		goto fail;
	look(tph, cfg, args->feature);
	rc = alloc_record(tph, args);
	if (rc != 0)
		goto fail;
	tph_choose(tph, args);
	if (tph->dialect == NULL)
		tph_missing(tph);
	*out = tph;
	return 0;
fail:
	steer_tph_close(tph);
	return rc;
}

void
steer_tph_close(struct steer_tph *tph)
{
	if (tph == NULL)
		return;
	if (tph->info.mode != STEER_PCI_TPH_MODE_NS || tph->info.req != STEER_PCI_TPH_REQ_OFF)
		steer_tph_disable(tph);
	if (tph->dialect != NULL && tph->dialect->release != NULL)
		tph->dialect->release(tph);
	free(tph->cpus);
	free(tph->tags);
	free(tph->root);
	free(tph);
}

const struct steer_tph_info *
steer_tph_info(const struct steer_tph *tph)
{
	return &tph->info;
}

int
steer_tph_usable(const struct steer_tph *tph)
{
	return tph->dialect != NULL ? 0 : -ENOTSUP;
}

int
steer_tph_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	if (tph->dialect == NULL || !tph->can_get)
		return -ENOTSUP;
	if (cpu == STEER_TPH_CPU_NONE)
		return -EINVAL;
	return tph->dialect->cpu_tag(tph, cpu, tag);
}

int
steer_tph_restore(struct steer_tph *tph)
{
	int rc;

	if (tph->dialect == NULL || tph->info.mode == STEER_PCI_TPH_MODE_NS)
		return 0;
	rc = steer_tph_enable(tph, tph->info.mode);
	return rc != 0 ? rc : tph_record_program(tph);
}
