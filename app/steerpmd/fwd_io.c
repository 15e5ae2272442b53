/* SPDX-License-Identifier: BSD-3-Clause */

/* The modes that leave packets as they are. */

#include "fwd.h"

const struct fwd_engine fwd_engine_io = {.rx = true, .tx = true};

const struct fwd_engine fwd_engine_rxonly = {.rx = true};
