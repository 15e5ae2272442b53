/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out_file.h"

int
out_open(struct out_file *out, const char *path)
{
	struct stat st;
	bool in_place;

	*out = (struct out_file){.path = path};
	if (snprintf(out->temp, sizeof(out->temp), "%s.%d", path, (int)getpid()) >=
	    (int)sizeof(out->temp))
		return -ENAMETOOLONG;
	in_place = lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
	if (in_place)
		out->temp[0] = '\0';
	out->f = fopen(in_place ? path : out->temp, "we");
	return out->f == NULL ? -errno : 0;
}

int
out_close(struct out_file *out, int rc)
{
	if (rc == 0 && ferror(out->f))
		rc = -EIO;
	if (fclose(out->f) != 0 && rc == 0)
		rc = -errno;
	if (out->temp[0] == '\0')
		return rc;
	if (rc == 0 && rename(out->temp, out->path) != 0)
		rc = -errno;
	if (rc != 0)
		unlink(out->temp);
	return rc;
}
