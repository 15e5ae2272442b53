/* SPDX-License-Identifier: BSD-3-Clause */

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sysfs.h"

void
sysfs_owner(const char *path, char *text, size_t len)
{
	char user[SYSFS_NAME_MAX], group[SYSFS_NAME_MAX], buf[1024];
	struct passwd pw, *p = NULL;
	struct group gr, *g = NULL;
	struct stat st;

	if (stat(path, &st) != 0) {
		snprintf(text, len, "unknown");
		return;
	}
	snprintf(user, sizeof(user), "%u", st.st_uid);
	snprintf(group, sizeof(group), "%u", st.st_gid);
	if (getpwuid_r(st.st_uid, &pw, buf, sizeof(buf), &p) == 0 && p != NULL)
		snprintf(user, sizeof(user), "%s", p->pw_name);
	if (getgrgid_r(st.st_gid, &gr, buf, sizeof(buf), &g) == 0 && g != NULL)
		snprintf(group, sizeof(group), "%s", g->gr_name);
	snprintf(text, len, "%s:%s, mode %04o", user, group, st.st_mode & 07777u);
}
