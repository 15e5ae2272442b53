/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef FAKE_TEL_H
#define FAKE_TEL_H

#include <rte_telemetry.h>

/* Values that answers had, of all threads. */
unsigned int fake_tel_values(void);

#endif /* FAKE_TEL_H */
