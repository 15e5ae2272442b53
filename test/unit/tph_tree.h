/* SPDX-License-Identifier: BSD-3-Clause */

/* A made-up /sys, /proc and /boot below a temporary folder, for tests of lib/tph. */

#ifndef TEST_TPH_TREE_H
#define TEST_TPH_TREE_H

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <zlib.h>

#include "fake_tph.h"

#define TREE_BDF  "0000:01:00.0"
#define TREE_PORT "0000:00:02.0"

static char tree_root[32];

static inline const char *
tree_path(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", tree_root, name);
	return path;
}

/* Folders and all, like mkdir -p of what is in front of the last slash. */
static inline void
tree_dirs(const char *name)
{
	char path[PATH_MAX], *s;

	snprintf(path, sizeof(path), "%s%s", tree_root, name);
	for (s = path + strlen(tree_root) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(path, 0755);
		*s = '/';
	}
}

static inline void
tree_write(const char *name, const void *data, size_t len)
{
	int fd;

	tree_dirs(name);
	fd = open(tree_path(name), O_CREAT | O_WRONLY | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

/* A root port with that completer field, of which sysfs shows so many bytes. */
static inline void
tree_root_port(uint32_t completer, size_t len)
{
	uint8_t cfg[256] = {0};

	cfg[6] = 0x10;
	cfg[0x34] = 0x40;
	cfg[0x40] = 0x10;
	cfg[0x42] = 0x42; /* version 2, root port */
	cfg[0x40 + 36 + 1] = (uint8_t)(completer << 4);
	tree_write("/sys/devices/pci0000:00/" TREE_PORT "/config", cfg, len);
}

/* The device as VFIO shows it, below that root port, linked where sysfs has all of them. */
static inline void
tree_device(void)
{
	tree_write("/sys/devices/pci0000:00/" TREE_PORT "/" TREE_BDF "/config", k.cfg,
		   sizeof(k.cfg));
	tree_dirs("/sys/bus/pci/devices/x");
	unlink(tree_path("/sys/bus/pci/devices/" TREE_BDF));
	assert_int_equal(symlink("../../../devices/pci0000:00/" TREE_PORT "/" TREE_BDF,
				 tree_path("/sys/bus/pci/devices/" TREE_BDF)),
			 0);
	k.pci_addr = TREE_BDF;
}

static inline void
tree_gz(const char *name, const char *text)
{
	gzFile f;

	tree_dirs(name);
	f = gzopen(tree_path(name), "w");
	assert_non_null(f);
	assert_int_equal(gzputs(f, text), strlen(text));
	gzclose(f);
}

static inline int
tree_setup(void **state)
{
	strcpy(tree_root, "tph-tree-XXXXXX");
	assert_non_null(mkdtemp(tree_root));
	return 0;
}

static inline int
tree_teardown(void **state)
{
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "rm -rf ./%s", tree_root);
	return system(cmd);
}

#endif /* TEST_TPH_TREE_H */
