/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the program has to say to its user when something cannot be done.
 */

#ifndef COMPLAIN_H
#define COMPLAIN_H

/** One line to stderr, prefixed by the program's name; no newline at its end. Main thread. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* COMPLAIN_H */
