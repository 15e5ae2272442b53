/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * File of a sweep, JSON lines: a head that says which sweep it is, then one result for each point.
 * A file that is there is continued, if it is of the same sweep.
 */

#ifndef SWEEP_FILE_H
#define SWEEP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct sweep_file {
	int fd;
	json_t *points;   /**< what is there: point as text -> true */
	size_t nb_points; /**< of them, when it was opened */
	double elapsed_s; /**< that those took */
	bool cut;         /**< a line cut in half was dropped */
};

/**
 * Open for appending, alone; a new file gets the head.
 * @param head with "fingerprint", which an existing file must have too.
 * @return 0, -EEXIST another sweep's file, -EINVAL no sweep file, -EBUSY another program writes it,
 *   or negative errno; why tells.
 */
int
sweep_file_open(struct sweep_file *f, const char *path, const json_t *head, char *why, size_t len);
void sweep_file_close(struct sweep_file *f);
bool sweep_file_has(const struct sweep_file *f, const json_t *point);
/** One line, on the disk when this returns. @return 0 or negative errno. */
int sweep_file_append(struct sweep_file *f, const json_t *object);
/** All results of a file, without the head. @return new reference (an array) or NULL. */
json_t *sweep_file_results(const char *path);
/** 64-bit FNV-1a of a JSON value with sorted keys, 16 hexadecimal digits. */
void sweep_fingerprint(const json_t *o, char out[17]);

#endif /* SWEEP_FILE_H */
