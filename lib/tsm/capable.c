/* SPDX-License-Identifier: BSD-3-Clause */

/* What a function's configuration space says about TSMs, where the kernel says nothing. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <steer_pci.h>

#include "attr.h"

#define DEVCAP_TEE  (1u << 30) /* PCIe 7.0, 7.5.3.3 */
#define EXT_CAP_IDE 0x0030     /* 7.9.26 */
#define CFG_LEGACY  256u       /* a process without CAP_SYS_ADMIN is given 64 bytes */

static ssize_t
config_read(const struct steer_tsm *t, const char *bdf, uint8_t *img, size_t len)
{
	char path[512];
	size_t at = 0;
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/config", t->root, bdf);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	while (at < len && (n = pread(fd, img + at, len - at, (off_t)at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		at += (size_t)n;
	}
	n = n < 0 ? -errno : (ssize_t)at;
	close(fd);
	return n;
}

int
tsm_capable(const struct steer_tsm *t, const char *bdf)
{
	uint8_t img[STEER_PCI_CFG_SIZE];
	struct steer_pci_exp exp;
	ssize_t len = config_read(t, bdf, img, sizeof(img));
	int rc;

	if (len < 0)
		return (int)len;
	if (len < (ssize_t)CFG_LEGACY)
		return -EACCES;
	if (steer_pci_rd16(img, 0) == 0xffff)
		return -ENODEV; /* nobody answers */
	rc = steer_pci_exp_decode(img, (size_t)len, &exp);
	if (rc == -ENOENT)
		return 0; /* conventional PCI */
	if (rc < 0)
		return rc;
	if (exp.devcap & DEVCAP_TEE)
		return 1;
	if (len < (ssize_t)STEER_PCI_CFG_SIZE)
		return -EACCES;
	rc = steer_pci_find_ext_cap(img, (size_t)len, EXT_CAP_IDE, 0);
	if (rc == -ENOENT)
		return 0;
	return rc < 0 ? rc : 1;
}

static const char *
unknown(int rc)
{
	switch (rc) {
	case -EACCES: return "only root may see whether the device is made for a TSM";
	case -ENODEV: return "the device is not there";
	case -EILSEQ: return "the device's capabilities make no list";
	default: return strerror(-rc);
	}
}

enum tsm_presence
tsm_without_folder(const struct steer_tsm *t, char *why, size_t whylen)
{
	int rc = tsm_capable(t, t->pci_addr);

	if (rc == 0) {
		snprintf(why, whylen, "the device has neither TEE-I/O nor IDE");
		return TSM_ABSENT;
	}
	snprintf(why, whylen, "%s",
		 rc > 0 ? "the device is made for a TSM, and the kernel has none for it; load its "
			  "driver"
			: unknown(rc));
	return TSM_HALF;
}
