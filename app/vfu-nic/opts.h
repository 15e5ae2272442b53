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

/** opts_tsm.c: those of the software TSM. */
enum nic_opt_tsm { O_TSM = 512, O_TSM_NAME, O_TSM_CA, O_TSM_ST, O_TSM_FAULT, O_TEE };
void nic_opts_tsm_usage(FILE *f);
/** @return 0, 1 something was printed instead, -EINVAL. */
int nic_opts_tsm(struct nic_opts *opts, enum nic_opt_tsm opt, const char *val);
int nic_opts_tsm_finish(struct nic_opts *opts);

#endif /* VFU_NIC_OPTS_H */
