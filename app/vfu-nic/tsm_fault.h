/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Names of --tsm-fault. */

#ifndef VFU_NIC_TSM_FAULT_H
#define VFU_NIC_TSM_FAULT_H

#include <stdio.h>

#include "nic.h"

const char *nic_tsm_fault_name(enum nic_tsm_fault fault);
/** @return the fault, or -EINVAL. */
int nic_tsm_fault_parse(const char *name);
/** One line each: name, and what it plays. */
void nic_tsm_fault_list(FILE *f);

#endif /* VFU_NIC_TSM_FAULT_H */
