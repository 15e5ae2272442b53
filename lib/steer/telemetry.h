/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Answers of lib/steer on DPDK's telemetry socket. An answer has 16 KiB and an array 512 places, so
 * many queues are told by column, a part of them at a time.
 */

#ifndef TELEMETRY_H
#define TELEMETRY_H

#include <stdint.h>

#include <rte_telemetry.h>

/* Queues of a direction in one answer. */
#define TEL_QUEUES 64u

/* "N" or "N,FIRST"; first NULL: not that. @return 0, -EINVAL. */
int steer_tel_parse(const char *params, uint16_t *port_id, uint16_t *first);
/* A number that may be none (UINT32_MAX): -1 then. */
int steer_tel_number(uint32_t n);
/* An array to fill and to hand over; NULL: no memory. */
struct rte_tel_data *steer_tel_array(enum rte_tel_value_type type);
/* The array becomes part of the answer, which frees it; NULL is left out. */
void steer_tel_add(struct rte_tel_data *d, const char *name, struct rte_tel_data *array);

int steer_tel_list(const char *cmd, const char *params, struct rte_tel_data *d);
int steer_tel_port(const char *cmd, const char *params, struct rte_tel_data *d);
int steer_tel_tph(const char *cmd, const char *params, struct rte_tel_data *d);

#endif /* TELEMETRY_H */
