/* SPDX-License-Identifier: BSD-3-Clause */

/* Recorded numbers: a file of test/data with one number a line, '#' begins a comment. */

#ifndef UNIT_DATA_FILE_H
#define UNIT_DATA_FILE_H

#include <stddef.h>

/* @return how many of at most max; the test fails when there is none or a line is no number. */
size_t data_file(const char *name, double *v, size_t max);

#endif /* UNIT_DATA_FILE_H */
