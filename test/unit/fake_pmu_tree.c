/* SPDX-License-Identifier: BSD-3-Clause */

#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_pmu.h"

void
fake_tree_file(const char *root, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *s = full + strlen(root) + 1; (s = strchr(s, '/')) != NULL; s++) {
		*s = '\0';
		mkdir(full, 0755);
		*s = '/';
	}
	file = fopen(full, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

char *
fake_tree(const char *cpuinfo, int with_pmu)
{
	char *root = strdup("/tmp/steer-pmu-XXXXXX");

	assert_non_null(root);
	assert_non_null(mkdtemp(root));
	fake_tree_file(root, "/proc/cpuinfo", cpuinfo);
	fake_tree_file(root, "/proc/sys/kernel/perf_event_paranoid", "2\n");
	fake_tree_file(root, "/sys/bus/event_source/devices/software/type", "1\n");
	if (with_pmu)
		fake_tree_file(root, "/sys/bus/event_source/devices/cpu/type", "4\n");
	return root;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void
fake_tree_remove(char *root)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(root);
}
