/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Files of sysfs, below the root of an object. A device or its tsm folder may go at any time: that
 * is an errno like any other (-ENOENT, -ENODEV), and each caller says what it means.
 */

#ifndef TSM_ATTR_H
#define TSM_ATTR_H

#include "tsm_backend.h"

#define TSM_ATTR_MAX 64u

/* "0000:01:00.0": what comes from a file may not lead a path elsewhere. */
bool tsm_attr_is_bdf(const char *text);
/**
 * The first line of a function's attribute, without blanks at its end.
 * @return 0, -EOVERFLOW it is longer than len - 1, or negative errno.
 */
int
tsm_attr_read(const struct steer_tsm *t, const char *bdf, const char *file, char *text, size_t len);
/** One write(2) of the text and a newline. @return 0 or negative errno: the kernel's answer. */
int tsm_attr_write(const struct steer_tsm *t, const char *bdf, const char *file, const char *text);
bool tsm_attr_exists(const struct steer_tsm *t, const char *bdf, const char *file);
/** Driver that a function is bound to; "" none. */
void tsm_attr_driver(const struct steer_tsm *t, const char *bdf, char *name, size_t len);
/** Attribute of a TSM in its class. @return as tsm_attr_read(). */
int tsm_attr_of_tsm(const struct steer_tsm *t, const char *tsm, const char *file, char *text,
		    size_t len);
/**
 * The n-th TSM of this kernel, in no order.
 * @return 0, -ENOENT there are no more, or negative errno.
 */
int tsm_attr_tsm(const struct steer_tsm *t, unsigned int n, char *name, size_t len);

/**
 * Does a function say that it is made for a TSM: TEE-I/O in its device capabilities (bit 30), or an
 * IDE capability (PCIe 7.0, 7.5.3.3 and 7.9.26)?
 * @return 1 yes, 0 no, -EACCES its configuration space is not readable to its end, -ENODEV it is
 *   gone, -EILSEQ its capabilities make no list, or negative errno.
 */
int tsm_capable(const struct steer_tsm *t, const char *bdf);
/**
 * What a device is whose TSM folder is not there: absent, or half there, and why. A device whose
 * capabilities cannot be read may be anything.
 */
enum tsm_presence tsm_without_folder(const struct steer_tsm *t, char *why, size_t whylen);

#endif /* TSM_ATTR_H */
