/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What traffic the emulated card's generator shall make in a model session: --size, --mix, --flows
 * and --zipf. Any other wire has the traffic that it has.
 */

#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>

#include <steer_trace.h>

struct opts;

/** "imix", or SIZE:WEIGHT joined by '/'. @return 0, -EINVAL. */
int traffic_mix_parse(const char *text, struct steer_trace_gen *gen);
/** Exponent, 0 to 5 with at most three decimals, into thousandths. @return 0, -EINVAL. */
int traffic_zipf_parse(const char *text, uint32_t *milli);
/** Text for traffic_mix_parse(), "" without a mix; returns buf. */
const char *traffic_mix_name(const struct steer_trace_gen *gen, char *buf, size_t len);
/** Has the user asked for any? */
bool traffic_given(const struct opts *o);
/** Can a live source not do as asked? @return 0, -ENOTSUP and why not. */
int traffic_refused(const struct opts *o, char *why, size_t len);
/** Into a session's configuration. @return 0, -EINVAL a size and a mix at once. */
int traffic_gen_apply(const struct opts *o, struct steer_trace_gen *gen);

#endif /* TRAFFIC_H */
