/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The prompt: line editing, history and completion by librte_cmdline's reader; terminal or pipe.
 */

#ifndef PROMPT_H
#define PROMPT_H

#include "app.h"

/** Commands from standard input until quit, end of input or signal. */
enum pmd_exit prompt_run(struct app *app);

#endif /* PROMPT_H */
