/* SPDX-License-Identifier: BSD-3-Clause */

#include <rte_trace_point_register.h>

#include "resteer_trace.h"

RTE_TRACE_POINT_REGISTER(steer_trace_resteer, lib.steer.resteer)

RTE_TRACE_POINT_REGISTER(steer_trace_error, lib.steer.error)
