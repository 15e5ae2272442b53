/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A file that appears whole: written beside its place, then renamed. What is no regular file (a
 * device, a pipe, a link) is written to in place.
 */

#ifndef OUT_FILE_H
#define OUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

struct out_file {
	FILE *f;
	const char *path;
	char temp[4096]; /**< empty: written in place */
};

/** @return 0 or negative errno; then there is nothing to close. */
int out_open(struct out_file *out, const char *path);
/** @param rc of the writing: not 0 leaves nothing behind. @return rc, or what failed. */
int out_close(struct out_file *out, int rc);

#endif /* OUT_FILE_H */
