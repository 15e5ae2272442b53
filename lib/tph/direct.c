/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Past the kernel, for a laboratory without the module and only when named: control register and a
 * table in the capability through the device's config file in sysfs, which is not filtered as
 * VFIO's region is; a table in the MSI-X table through the mapped BAR. Firmware cannot be asked
 * for tags, so an operator's file tells them.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <steer_vfio.h>

#include "dialect.h"
#include "tags_file.h"

#define MSIX_ST_SHIFT 16u
#define MSIX_KERNEL   0x0000ffffu /* mask bit and reserved bits: not ours */

struct tph_direct {
	int fd;
	enum steer_pci_tph_req best; /* requester enable that the way up allows */
	struct tph_tags tags;
};

static int
direct_cfg_read(struct steer_tph *tph, uint64_t off, void *buf, size_t len)
{
	ssize_t n;

	if (steer_vfio_is_gone(tph->dev))
		return -ENODEV;
	n = pread(tph->direct->fd, buf, len, (off_t)off);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int
direct_cfg_write(struct steer_tph *tph, uint64_t off, const void *buf, size_t len)
{
	ssize_t n;

	if (steer_vfio_is_gone(tph->dev))
		return -ENODEV;
	n = pwrite(tph->direct->fd, buf, len, (off_t)off);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int
direct_enable(struct steer_tph *tph, enum steer_pci_tph_mode mode)
{
	return tph_ctrl_enable(tph, mode, tph->direct->best);
}

static int
direct_cpu_tag(struct steer_tph *tph, uint32_t cpu, uint16_t *tag)
{
	uint16_t found = tph_tags_find(&tph->direct->tags, cpu);

	if (found == 0)
		return -ENOENT;
	if (found > UINT8_MAX && tph->info.req != STEER_PCI_TPH_REQ_EXT)
		return -ERANGE;
	*tag = found;
	return 0;
}

static int
write_cap_entry(struct steer_tph *tph, uint16_t entry, uint16_t tag)
{
	uint8_t b[2] = {tag & 0xff, tag >> 8};

	return direct_cfg_write(tph, tph->info.cap.pos + STEER_PCI_TPH_ST + 2u * entry, b,
				sizeof(b));
}

/* Entries are 32-bit words (PCIe base, 7.7.2); the lower half goes back as it came. */
static int
write_msix_entry(struct steer_tph *tph, uint16_t entry, uint16_t tag)
{
	volatile uint32_t *word;
	int rc = tph_msix_word(tph, entry, &word);

	if (rc == 0)
		*word = htole32((le32toh(*word) & MSIX_KERNEL) | (uint32_t)tag << MSIX_ST_SHIFT);
	return rc;
}

static int
write_entry(struct steer_tph *tph, uint16_t entry, uint16_t tag)
{
	return tph->info.cap.loc == STEER_PCI_TPH_LOC_MSIX ? write_msix_entry(tph, entry, tag)
							   : write_cap_entry(tph, entry, tag);
}

/* All tags are known before the first is written: a batch is all or nothing. Requests must not
 * carry half-written entries, so they are off meanwhile. */
static int
direct_set(struct steer_tph *tph, uint16_t index, uint16_t count, const uint32_t *cpus)
{
	const enum steer_pci_tph_mode mode = tph->info.mode;
	const enum steer_pci_tph_req req = tph->info.req;
	uint16_t tags[STEER_TPH_BATCH_MAX] = {0};
	uint16_t i;
	int rc = 0, on;

	for (i = 0; rc == 0 && i < count; i++)
		if (cpus[i] != STEER_TPH_CPU_NONE)
			rc = direct_cpu_tag(tph, cpus[i], &tags[i]);
	if (rc != 0)
		return rc;
	if (req != STEER_PCI_TPH_REQ_OFF)
		rc = tph_ctrl_write(tph, STEER_PCI_TPH_MODE_NS, STEER_PCI_TPH_REQ_OFF);
	for (i = 0; rc == 0 && i < count; i++)
		rc = write_entry(tph, index + i, tags[i]);
	if (req == STEER_PCI_TPH_REQ_OFF)
		return rc;
	on = tph_ctrl_write(tph, mode, req);
	return rc != 0 ? rc : on;
}

/* Tags in force are in the table or nowhere; the file only says what they should be. */
static int
direct_get(struct steer_tph *tph, uint16_t count, uint32_t *data)
{
	return -ENOTSUP;
}

static void
direct_release(struct steer_tph *tph)
{
	if (tph->direct == NULL)
		return;
	if (tph->direct->fd >= 0)
		close(tph->direct->fd);
	tph_tags_free(&tph->direct->tags);
	free(tph->direct);
	tph->direct = NULL;
}

const struct tph_dialect tph_dialect_direct = {
	.id = STEER_TPH_DIALECT_DIRECT,
	.enable = direct_enable,
	.set = direct_set,
	.get = direct_get,
	.cpu_tag = direct_cpu_tag,
	.cfg_read = direct_cfg_read,
	.cfg_write = direct_cfg_write,
	.release = direct_release,
};

static int
open_config(struct steer_tph *tph, char *why, size_t len)
{
	const char *bdf = steer_vfio_pci_addr(tph->dev);
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/config", tph->root, bdf);
	tph->direct->fd = open(path, O_RDWR | O_CLOEXEC);
	if (tph->direct->fd >= 0)
		return 0;
	snprintf(why, len, "direct: open %.100s for writing: %s; direct is for root", path,
		 strerror(errno));
	return -ENOTSUP;
}

/* 16-bit tags travel in a prefix that a root port without them refuses. */
static void
take_completer(struct steer_tph *tph, const char *tags_file)
{
	char text[120];
	enum tph_completer c = tph_root_port(tph, text, sizeof(text));

	tph->direct->best = tph->info.cap.extended && c == TPH_COMPLETER_EXT
				    ? STEER_PCI_TPH_REQ_EXT
				    : STEER_PCI_TPH_REQ_STD;
	snprintf(tph->info.note, sizeof(tph->info.note),
		 "direct goes round the kernel: it writes TPH control and ST table behind VFIO's "
		 "back, with tags of %.80s%s%s",
		 tags_file, c > TPH_COMPLETER_NONE ? "" : "; root port ",
		 c > TPH_COMPLETER_NONE ? "" : text);
}

int
tph_direct_find(struct steer_tph *tph, const char *tags_file, char *why, size_t len)
{
	char err[200];
	int rc = -ENOTSUP;

	if (steer_vfio_pci_addr(tph->dev) == NULL) {
		snprintf(why, len,
			 "direct is for a PCI function of this machine, not for a socket");
		return rc;
	}
	if (tags_file == NULL || tags_file[0] == '\0') {
		snprintf(why, len, "direct needs an operator's file of tags: give tph-tags=FILE");
		return rc;
	}
	tph->direct = calloc(1, sizeof(*tph->direct));
	if (tph->direct == NULL) {
		snprintf(why, len, "direct: out of memory");
		return -ENOMEM;
	}
	tph->direct->fd = -1;
	if (tph_tags_load(tags_file, &tph->direct->tags, err, sizeof(err)) != 0)
		snprintf(why, len, "direct: tph-tags: %s", err);
	else
		rc = open_config(tph, why, len);
	if (rc != 0) {
		direct_release(tph);
		return rc;
	}
	take_completer(tph, tags_file);
	tph->can_set = tph->nb > 0;
	tph->can_get = true;
	tph->dialect = &tph_dialect_direct;
	return 0;
}
