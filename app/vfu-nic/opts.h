/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Command line of vfu-nic, the part after EAL's own. */

#ifndef VFU_NIC_OPTS_H
#define VFU_NIC_OPTS_H

#include <stdio.h>

#include "nic.h"

/**
 * Parse argv[1..]. argv[0] is taken for the name in messages.
 * @return 0, 1 help was asked for (and printed), -EINVAL (one line was printed to stderr).
 */
int nic_opts_parse(struct nic_opts *opts, int argc, char **argv);
void nic_opts_usage(FILE *f);

#endif /* VFU_NIC_OPTS_H */
