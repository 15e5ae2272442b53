/* SPDX-License-Identifier: BSD-3-Clause */

/* bus-tool's commands about TPH: tph-on, tph-off, tph-restore, tph-set, tph-get, tph-cpu. */

#ifndef BUS_TOOL_TPH_H
#define BUS_TOOL_TPH_H

#include <steer_tph.h>

/* Run it, and print its answer lines. */
void tool_tph_command(struct steer_tph *tph, const char *cmd, char *arg);

#endif /* BUS_TOOL_TPH_H */
