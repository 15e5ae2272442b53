/* SPDX-License-Identifier: BSD-3-Clause */

/* The root port above a device, from sysfs: what it completes (PCIe base, 7.5.3.15, Device
 * Capabilities 2, bits 13:12). */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <steer_vfio.h>

#include "dialect.h"

#define RC_INTEGRATED 9u /* device/port type: root-complex integrated endpoint */
#define COMPLETER(x)  ((x) >> 12 & 3u)
#define CFG_STD_SIZE  256u
#define CFG_USER_SIZE 64u /* what sysfs shows to who is not root */
#define BDF_LEN       12u /* 0000:00:00.0 */

/* The function in front of which path is "…/pci0000:00/", cut behind it: the last of that kind, as
 * a domain of root ports may itself hang below a function (VMD). */
static const char *
cut_at_root_port(char *path)
{
	const char *port = NULL;
	char *s, *next, *end = NULL;

	for (s = strstr(path, "/pci"); s != NULL; s = strstr(s + 1, "/pci")) {
		next = strchr(s + 1, '/');
		if (next == NULL || strcspn(next + 1, "/") < BDF_LEN)
			continue;
		port = next + 1;
		end = next + 1 + strcspn(next + 1, "/");
	}
	if (port != NULL)
		*end = '\0';
	return port;
}

static int
read_cfg(const char *dir, uint8_t *cfg)
{
	char path[PATH_MAX + 8];
	ssize_t n;
	int fd, rc;

	snprintf(path, sizeof(path), "%s/config", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, cfg, CFG_STD_SIZE, 0);
	rc = n < 0 ? -errno : (int)n;
	close(fd);
	return rc;
}

static enum tph_completer
completer_of(const char *port, const uint8_t *cfg, size_t n, char *text, size_t len)
{
	struct steer_pci_exp exp;

	if (steer_pci_exp_decode(cfg, n, &exp) != 0) {
		snprintf(text, len, "%.20s has no PCI Express capability", port);
		return TPH_COMPLETER_UNKNOWN;
	}
	switch (COMPLETER(exp.devcap2)) {
	case TPH_COMPLETER_STD: snprintf(text, len, "%.20s completes 8-bit tags", port); break;
	case TPH_COMPLETER_EXT: snprintf(text, len, "%.20s completes 16-bit tags", port); break;
	default: snprintf(text, len, "%.20s is no TPH completer", port); return TPH_COMPLETER_NONE;
	}
	return (enum tph_completer)COMPLETER(exp.devcap2);
}

enum tph_completer
tph_root_port(const struct steer_tph *tph, char *text, size_t len)
{
	const char *bdf = steer_vfio_pci_addr(tph->dev), *port;
	char link[PATH_MAX], path[PATH_MAX];
	uint8_t cfg[CFG_STD_SIZE];
	int n;

	if (tph->exp.pos != 0 && tph->exp.type == RC_INTEGRATED) {
		snprintf(text, len, "none needed, the device is part of the root complex");
		return TPH_COMPLETER_EXT;
	}
	snprintf(link, sizeof(link), "%s/sys/bus/pci/devices/%s", tph->root, bdf);
	port = realpath(link, path) != NULL ? cut_at_root_port(path) : NULL;
	if (port == NULL || strcmp(port, bdf) == 0) {
		snprintf(text, len, "no root port above the device in sysfs");
		return TPH_COMPLETER_UNKNOWN;
	}
	n = read_cfg(path, cfg);
	if (n < 0)
		snprintf(text, len, "%.20s: configuration space could not be read: %s", port,
			 strerror(-n));
	else if ((unsigned int)n <= CFG_USER_SIZE)
		snprintf(text, len,
			 "%.20s could not be read: users see %d bytes of its configuration space, "
			 "root all",
			 port, n);
	else
		return completer_of(port, cfg, (size_t)n, text, len);
	return TPH_COMPLETER_UNKNOWN;
}
