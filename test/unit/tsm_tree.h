/* SPDX-License-Identifier: BSD-3-Clause */

/* A made-up sysfs below a temporary folder: one PCI function, its TSM, and what a test changes. */

#ifndef TSM_TREE_H
#define TSM_TREE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <steer_pci.h>

#define TREE_BDF "0000:01:00.0"
#define TREE_DEV "/sys/bus/pci/devices/" TREE_BDF "/"

static char tree_root[64];

static inline const char *
tree_at(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s%s", tree_root, name);
	return path;
}

static inline void
tree_bytes(const char *name, const void *data, size_t len)
{
	char path[256], *s;
	FILE *f;

	snprintf(path, sizeof(path), "%s", tree_at(name));
	for (s = path + strlen(tree_root) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(path, 0755);
		*s = '/';
	}
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
}

/* As sysfs writes it: a line. */
static inline void
tree_put(const char *name, const char *line)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "%s\n", line);

	tree_bytes(name, text, (size_t)n);
}

static inline void
tree_run(const char *command, const char *name)
{
	char line[512];

	snprintf(line, sizeof(line), "%s '%s'", command, tree_at(name));
	assert_int_equal(system(line), 0);
}

/* A file or a folder. */
static inline void
tree_drop(const char *name)
{
	tree_run("rm -rf", name);
}

/* Express capability at 0x40 with these device capabilities; at 0x100 one extended capability. */
static inline void
tree_config(uint32_t devcap, uint16_t ext, size_t len)
{
	uint8_t img[STEER_PCI_CFG_SIZE] = {0x34, 0x12, 0x41, 0x10};

	img[6] = 0x10; /* status: there is a list */
	img[0x34] = 0x40;
	img[0x40] = STEER_PCI_CAP_EXP;
	img[0x42] = 2;
	for (unsigned int i = 0; i < 4; i++)
		img[0x44 + i] = (uint8_t)(devcap >> 8 * i);
	img[0x100] = (uint8_t)ext;
	img[0x101] = (uint8_t)(ext >> 8);
	img[0x102] = 1;
	tree_bytes(TREE_DEV "config", img, len);
}

static inline void
tree_begin(void)
{
	strcpy(tree_root, "/tmp/tsm-tree-XXXXXX");
	assert_non_null(mkdtemp(tree_root));
	tree_config(0, 1, STEER_PCI_CFG_SIZE);
}

static inline void
tree_end(void)
{
	tree_drop("");
}

#endif /* TSM_TREE_H */
