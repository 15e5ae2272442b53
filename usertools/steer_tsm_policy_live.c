/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Evidence of a device that nothing is known of yet: an attach whose policy trusts a root that
 * cannot be (all zero) is refused, and has collected the evidence before. No DMA is mapped, and the
 * device is unlocked and unbound again.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <steer_pci.h>
#include <steer_vfio.h>

#include "steer_tsm_policy.h"

#define BARS         6u
#define MSIX_CONTROL 2u
#define CFG          STEER_VFIO_REGION_CONFIG

static int
read_bars(struct steer_vfio_dev *dev, struct steer_tsm_device *d)
{
	struct steer_vfio_region r;

	for (unsigned int i = 0; i < BARS; i++) {
		int rc = steer_vfio_region_info(dev, STEER_VFIO_REGION_BAR(i), &r);

		if (rc < 0)
			return rc;
		if (r.size > 0)
			d->bars[d->nb_bars++] =
				(struct steer_tsm_bar){.bar = (uint8_t)i, .size = r.size};
	}
	return 0;
}

static void
note_msix(const uint8_t *cfg, const struct steer_pci_msix *m, struct steer_tsm_device *d)
{
	d->msix_control = steer_pci_rd16(cfg, m->pos + MSIX_CONTROL);
	d->msix_table_bar = (int8_t)m->table_bar;
	d->msix_table_offset = m->table_off;
	d->msix_table_size = m->entries * 16u;
	d->msix_pba_bar = (int8_t)m->pba_bar;
	d->msix_pba_offset = m->pba_off;
	d->msix_pba_size = (m->entries + 63u) / 64u * 8u;
}

/* One vector, as a driver would have before the lock. */
static int
allocate_vector(struct steer_vfio_dev *dev, struct steer_tsm_device *d)
{
	int fd = eventfd(0, EFD_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = steer_vfio_irqs_set(dev, STEER_VFIO_IRQ_MSIX, 0, 1, &fd);
	close(fd);
	d->msix_vectors = 1;
	return rc;
}

/* TPH control, PCIe 7.9.13.3: as it is, since nothing is programmed here. */
static uint32_t
tph_control(const uint8_t *cfg, size_t len)
{
	int pos = steer_pci_find_ext_cap(cfg, len, STEER_PCI_EXT_CAP_TPH, 0);

	return pos < 0 ? 0 : steer_pci_rd32(cfg, (uint32_t)pos + 8) & 0x307u;
}

static int
describe(struct steer_vfio_dev *dev, struct steer_tsm_device *d)
{
	uint8_t cfg[STEER_PCI_CFG_SIZE] = {0};
	struct steer_vfio_region r;
	struct steer_pci_msix m;
	bool msix;
	int rc = read_bars(dev, d);

	if (rc == 0)
		rc = steer_vfio_region_info(dev, CFG, &r);
	if (rc < 0)
		return rc;
	if (r.size > sizeof(cfg))
		r.size = sizeof(cfg);
	rc = steer_vfio_region_read(dev, CFG, 0, cfg, r.size);
	msix = rc == 0 && steer_pci_msix_decode(cfg, r.size, &m) == 0;
	if (msix) {
		rc = allocate_vector(dev, d);
		if (rc == 0)
			rc = steer_vfio_region_read(dev, CFG, 0, cfg, r.size);
		note_msix(cfg, &m, d);
	}
	d->tph_control = tph_control(cfg, r.size);
	return rc;
}

static int
attach(struct steer_vfio_dev *dev, const struct steer_tsm_device *d, const char *dir)
{
	struct steer_tsm_policy p;
	struct steer_tsm_args a = {
		.name = "device", .vdev = dev, .policy = &p, .evidence_dir = dir};
	struct steer_tsm_unbound unbound;
	struct steer_tsm_running running;
	struct steer_tsm_verdict v;
	struct steer_tsm_bound bound;
	struct steer_tsm *t;
	int rc;

	steer_tsm_policy_init(&p);
	p.mode = STEER_TSM_REQUIRE;
	p.role = STEER_TSM_ROLE_USER;
	p.abi = STEER_TSM_ABI_SIM;
	p.nb_roots = 1;
	p.others_allowed = true;
	rc = steer_tsm_open(&a, &unbound, &t);
	if (rc < 0)
		return rc;
	if (steer_tsm_attach_begin(unbound, &bound) == 0)
		steer_tsm_attach_finish(bound, d, &running);
	steer_tsm_verdict_get(t, &v);
	/* Evidence has a time: it was collected, whatever was thought of it. */
	if (v.time == 0)
		fprintf(stderr, PROGRAM ": %s\n", steer_tsm_error(t));
	steer_tsm_close(t);
	return v.time == 0 ? -EACCES : 0;
}

int
live_collect(const char *sock, const char *dir)
{
	const struct steer_vfio_open_args a = {
		.name = sock, .sock = sock, .private_space = 1, .tsm = 1};
	struct steer_tsm_device d = {.msix_table_bar = -1, .msix_pba_bar = -1};
	struct steer_vfio_dev *dev;
	char err[256] = "";
	int rc;

	if (steer_vfio_open(&a, &dev, err, sizeof(err)) < 0) {
		fprintf(stderr, PROGRAM ": %s\n", err);
		return -1;
	}
	rc = describe(dev, &d);
	if (rc < 0)
		fprintf(stderr, PROGRAM ": %s: %s\n", sock, steer_vfio_error());
	else
		rc = attach(dev, &d, dir);
	steer_vfio_close(dev);
	return rc < 0 ? -1 : 0;
}
