/* SPDX-License-Identifier: BSD-3-Clause */

/* Recorded numbers: a file of test/data with numbers between blanks; a line that begins with '#' is
 * a comment. */

#ifndef UNIT_DATA_FILE_H
#define UNIT_DATA_FILE_H

#include <stddef.h>

/* @return how many of at most max; the test fails when there is none or a line has
 * something else. */
size_t data_file(const char *name, double *v, size_t max);

#endif /* UNIT_DATA_FILE_H */
