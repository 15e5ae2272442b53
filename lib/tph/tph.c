/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steer_vfio.h>

#include "dialect.h"

static const struct tph_dialect *const dialects[] = {&tph_dialect_feature};

/* The kernel may answer PROBE only while TPH is on (published form E of the ABI), so ask again with
 * it on, and leave the control register as it was. */
static int
probe_enabled(struct steer_tph *tph, const struct tph_dialect *d)
{
	enum steer_pci_tph_mode mode = tph->info.cap.modes & 1u << STEER_PCI_TPH_MODE_IV
					       ? STEER_PCI_TPH_MODE_IV
					       : STEER_PCI_TPH_MODE_DS;
	int rc;

	if (steer_tph_enable(tph, mode) != 0)
		return -EIO;
	rc = d->probe(tph);
	tph_ctrl_write(tph, STEER_PCI_TPH_MODE_NS, STEER_PCI_TPH_REQ_OFF);
	return rc;
}

static void
find_dialect(struct steer_tph *tph)
{
	struct steer_tph_info *info = &tph->info;
	size_t i;
	int rc = -ENOTTY;

	for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
		rc = dialects[i]->probe(tph);
		if (rc != 0 && rc != -ENODEV)
			rc = probe_enabled(tph, dialects[i]);
		if (rc != 0)
			continue;
		tph->dialect = dialects[i];
		info->dialect = dialects[i]->id;
		return;
	}
	if (rc == -EIO)
		snprintf(
			info->why, sizeof(info->why),
			"no TPH_ST feature %d, and writes to the TPH control register do not stick "
			"(a kernel without TPH for user space)",
			info->feature);
	else
		snprintf(info->why, sizeof(info->why),
			 "device feature %d is not TPH_ST (%s); give its index by tph-feature=",
			 info->feature, strerror(-rc));
}

/* Why no dialect is worth a look, or NULL. */
static const char *
capability_why(const struct steer_pci_tph *cap)
{
	bool iv = cap->modes & 1u << STEER_PCI_TPH_MODE_IV;
	bool ds = cap->modes & 1u << STEER_PCI_TPH_MODE_DS;

	if (cap->pos == 0)
		return "no TPH capability";
	if (!iv && !ds)
		return "the TPH capability offers no mode with steering tags";
	if (!ds && cap->entries == 0)
		return "the TPH capability has no steering-tag table";
	return NULL;
}

static void
look(struct steer_tph *tph, const uint8_t *cfg, int feature)
{
	struct steer_tph_info *info = &tph->info;
	const char *why;

	if (steer_pci_tph_decode(cfg, STEER_PCI_CFG_SIZE, &info->cap) != 0)
		memset(&info->cap, 0, sizeof(info->cap));
	if (steer_pci_msix_decode(cfg, STEER_PCI_CFG_SIZE, &tph->msix) != 0)
		memset(&tph->msix, 0, sizeof(tph->msix));
	tph->nb = info->cap.loc == STEER_PCI_TPH_LOC_MSIX ? tph->msix.entries : info->cap.entries;
	/* The size field may also count a table in MSI-X: the smaller of the two is safe. */
	if (info->cap.loc == STEER_PCI_TPH_LOC_MSIX && info->cap.entries != 0 &&
	    info->cap.entries < tph->nb)
		tph->nb = info->cap.entries;
	info->cap.entries = tph->nb;
	why = capability_why(&info->cap);
	info->feature = feature >= 0 ? feature : steer_vfio_tph_feature(tph->dev);
	if (why == NULL && info->feature < 0) {
		info->feature = -1;
		why = "the device tells no index of the TPH_ST feature; give it by tph-feature=";
	}
	if (why != NULL)
		snprintf(info->why, sizeof(info->why), "%s", why);
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
alloc_record(struct steer_tph *tph)
{
	tph->cpus = malloc((tph->nb + 1u) * sizeof(*tph->cpus));
	tph->tags = calloc(tph->nb + 1u, sizeof(*tph->tags));
	if (tph->cpus == NULL || tph->tags == NULL)
		return -ENOMEM;
	memset(tph->cpus, 0xff, tph->nb * sizeof(*tph->cpus)); /* STEER_TPH_CPU_NONE */
	return 0;
}

int
steer_tph_open(struct steer_vfio_dev *dev, int feature, struct steer_tph **out)
{
	uint8_t cfg[STEER_PCI_CFG_SIZE];
	struct steer_tph *tph = calloc(1, sizeof(*tph));
	int rc;

	if (tph == NULL)
		return -ENOMEM;
	tph->dev = dev;
	tph->info.feature = -1;
	tph->feature_named = feature >= 0;
	rc = read_config(dev, cfg);
	if (rc != 0)
		goto fail;
	look(tph, cfg, feature);
	rc = alloc_record(tph);
	if (rc != 0)
		goto fail;
	if (tph->info.why[0] == '\0')
		find_dialect(tph);
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
	if (tph->info.mode != STEER_PCI_TPH_MODE_NS)
		steer_tph_disable(tph);
	free(tph->cpus);
	free(tph->tags);
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
