/* SPDX-License-Identifier: BSD-3-Clause */

/* Reading of /proc and /sys below a root: PMUs by name (sysfs-bus-event_source-devices in the
 * kernel's ABI documents). */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pmu_files.h"

ssize_t
pmu_file_read(const char *root, const char *path, char *text, size_t len)
{
	char full[PMU_PATH_MAX];
	size_t at = 0;
	ssize_t n;
	int fd;

	if (snprintf(full, sizeof(full), "%s%s", root, path) >= (int)sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (at < len - 1 && (n = read(fd, text + at, len - 1 - at)) > 0)
		at += (size_t)n;
	text[at] = '\0';
	close(fd);
	return (ssize_t)at;
}

int
pmu_file_number(const char *root, const char *path, uint64_t *n)
{
	char text[32], *end;
	ssize_t len = pmu_file_read(root, path, text, sizeof(text));

	if (len < 0)
		return (int)len;
	errno = 0;
	*n = strtoull(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || (*end != '\n' && *end != '\0'))
		return -EPROTO;
	return 0;
}

/* "", "_3" */
static bool
is_instance(const char *rest)
{
	if (*rest == '\0')
		return true;
	return rest[0] == '_' && rest[1] != '\0' &&
	       strspn(rest + 1, "0123456789") == strlen(rest + 1);
}

bool
pmu_find(const char *root, const char *name, unsigned int *at, char found[PMU_NAME_MAX])
{
	char full[PMU_PATH_MAX];
	struct dirent *e;
	unsigned int i = 0;
	bool is = false;
	DIR *d;

	if (snprintf(full, sizeof(full), "%s" PMU_DEVICES, root) >= (int)sizeof(full))
		return false;
	d = opendir(full);
	while (d != NULL && !is && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, name, strlen(name)) != 0 ||
		    !is_instance(e->d_name + strlen(name)) || strlen(e->d_name) >= PMU_NAME_MAX)
			continue;
		is = i++ == *at;
		if (is)
			strcpy(found, e->d_name);
	}
	if (d != NULL)
		closedir(d);
	*at += is;
	return is;
}

bool
pmu_has_cpu(const char *root)
{
	static const char *const names[] = {"cpu", "cpu_core", "armv8_pmuv3"};
	static const char *const arm[] = {"armv8_neoverse_n1", "armv8_neoverse_v1",
					  "armv8_neoverse_n2", "armv8_neoverse_v2"};
	char found[PMU_NAME_MAX];
	bool is = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !is; i++)
		is = pmu_find(root, names[i], &(unsigned int){0}, found);
	for (size_t i = 0; i < sizeof(arm) / sizeof(arm[0]) && !is; i++)
		is = pmu_find(root, arm[i], &(unsigned int){0}, found);
	return is;
}
