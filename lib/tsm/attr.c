/* SPDX-License-Identifier: BSD-3-Clause */

#include "attr.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_LEN 512u

static const char *
function_path(const struct steer_tsm *t, const char *bdf, const char *file, char *path)
{
	snprintf(path, PATH_LEN, "%s/sys/bus/pci/devices/%s/%s", t->root, bdf, file);
	return path;
}

bool
tsm_attr_is_bdf(const char *text)
{
	static const char form[] = "xxxx:xx:xx.x";
	size_t i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return text[i] == '\0';
}

/* An attribute is given whole by one read, and a signal may come before it. */
static ssize_t
read_all(int fd, char *text, size_t len)
{
	ssize_t n;

	do
		n = read(fd, text, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int
first_line(char *text, size_t n, size_t len)
{
	char *end;

	text[n < len ? n : len - 1] = '\0';
	end = strchr(text, '\n');
	if (end == NULL && n >= len)
		return -EOVERFLOW;
	if (end == NULL)
		end = text + n;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return 0;
}

static int
read_path(const char *path, char *text, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read_all(fd, text, len);
	close(fd);
	return n < 0 ? (int)n : first_line(text, (size_t)n, len);
}

int
tsm_attr_read(const struct steer_tsm *t, const char *bdf, const char *file, char *text, size_t len)
{
	char path[PATH_LEN];

	return read_path(function_path(t, bdf, file, path), text, len);
}

int
tsm_attr_write(const struct steer_tsm *t, const char *bdf, const char *file, const char *text)
{
	char path[PATH_LEN], line[TSM_ATTR_MAX + 2];
	int n = snprintf(line, sizeof(line), "%s\n", text);
	ssize_t done;
	int fd, rc;

	if (n >= (int)sizeof(line))
		return -EOVERFLOW;
	fd = open(function_path(t, bdf, file, path), O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Not tried again after a signal: the kernel may have begun. */
	done = write(fd, line, (size_t)n);
	rc = done < 0 ? -errno : done == n ? 0 : -EIO;
	close(fd);
	return rc;
}

bool
tsm_attr_exists(const struct steer_tsm *t, const char *bdf, const char *file)
{
	char path[PATH_LEN];

	return access(function_path(t, bdf, file, path), F_OK) == 0;
}

void
tsm_attr_driver(const struct steer_tsm *t, const char *bdf, char *name, size_t len)
{
	char path[PATH_LEN], target[PATH_LEN];
	ssize_t n = readlink(function_path(t, bdf, "driver", path), target, sizeof(target) - 1);
	const char *last;

	name[0] = '\0';
	if (n <= 0)
		return;
	target[n] = '\0';
	last = strrchr(target, '/');
	snprintf(name, len, "%s", last == NULL ? target : last + 1);
}

int
tsm_attr_of_tsm(const struct steer_tsm *t, const char *tsm, const char *file, char *text,
		size_t len)
{
	char path[PATH_LEN];

	if (strchr(tsm, '/') != NULL)
		return -EINVAL;
	snprintf(path, sizeof(path), "%s/sys/class/tsm/%s/%s", t->root, tsm, file);
	return read_path(path, text, len);
}

int
tsm_attr_tsm(const struct steer_tsm *t, unsigned int n, char *name, size_t len)
{
	char path[PATH_LEN];
	const struct dirent *d;
	DIR *dir;

	name[0] = '\0';
	snprintf(path, sizeof(path), "%s/sys/class/tsm", t->root);
	dir = opendir(path);
	if (dir == NULL)
		return -errno;
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.' && n-- == 0)
			break;
	if (d != NULL)
		snprintf(name, len, "%s", d->d_name);
	closedir(dir);
	return d == NULL ? -ENOENT : 0;
}
