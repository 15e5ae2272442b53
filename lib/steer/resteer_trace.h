/* SPDX-License-Identifier: BSD-3-Clause */

/* Trace points of lib/steer, for EAL's --trace=lib.steer.*; off, they cost one load and a branch on
 * the control plane, and nothing on a burst path. */

#ifndef RESTEER_TRACE_H
#define RESTEER_TRACE_H

#include <rte_trace_point.h>

/* clang-format off */
/* A queue's tag is another one from now on. CPUs: STEER_CPU_NONE for no tag. */
RTE_TRACE_POINT(
	steer_trace_resteer,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint8_t dir, uint16_t queue, uint32_t cpu_before,
			     uint32_t cpu, uint16_t tag, uint64_t generation),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u8(dir);
	rte_trace_point_emit_u16(queue);
	rte_trace_point_emit_u32(cpu_before);
	rte_trace_point_emit_u32(cpu);
	rte_trace_point_emit_u16(tag);
	rte_trace_point_emit_u64(generation);
)

/* A queue could not be given the tag of this CPU. */
RTE_TRACE_POINT(
	steer_trace_error,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint8_t dir, uint16_t queue, uint32_t cpu, int rc),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u8(dir);
	rte_trace_point_emit_u16(queue);
	rte_trace_point_emit_u32(cpu);
	rte_trace_point_emit_int(rc);
)
/* clang-format on */

#endif /* RESTEER_TRACE_H */
