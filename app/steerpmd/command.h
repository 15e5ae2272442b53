/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The commands behind the table, and what they share. Each takes the words of its <x>.
 */

#ifndef COMMAND_H
#define COMMAND_H

#include "app.h"

/** Number in [min, max], or told to the user. */
bool command_number(const char *text, uint64_t min, uint64_t max, uint64_t *v);
/** Number of a port that is there, or told. */
bool command_port(const struct app *app, const char *text, uint16_t *port);
/** Call fn for a port or for "all". */
void
command_each_port(struct app *app, const char *which, void (*fn)(struct app *app, uint16_t id));
/** True, or told that forwarding is in the way. */
bool command_not_forwarding(const struct app *app);

void do_show_stats(struct app *app, char **args);
void do_show_xstats(struct app *app, char **args);
void do_show_summary(struct app *app, char **args);
void do_show_info(struct app *app, char **args);
void do_clear_stats(struct app *app, char **args);
void do_clear_xstats(struct app *app, char **args);
void do_clear_fwd_stats(struct app *app, char **args);
void do_show_fwd(struct app *app, char **args);
void do_show_fwd_stats(struct app *app, char **args);
void do_show_steer(struct app *app, char **args);
void do_show_cache(struct app *app, char **args);
void do_show_tsm(struct app *app, char **args);
void do_experiment(struct app *app, char **args);
void do_show_experiment(struct app *app, char **args);
/** Free the last result, at the end. */
void experiment_forget(void);
void do_set_fwd(struct app *app, char **args);
void do_set_burst(struct app *app, char **args);
void do_set_txpkts(struct app *app, char **args);
void do_set_promisc(struct app *app, char **args);
void do_set_touch(struct app *app, char **args);
void do_set_steer(struct app *app, char **args);
void do_set_work(struct app *app, char **args);
void do_set_noise(struct app *app, char **args);
void do_set_source(struct app *app, char **args);
void do_show_latency(struct app *app, char **args);
void do_clear_latency(struct app *app, char **args);
void do_resteer(struct app *app, char **args);
void do_resteer_n(struct app *app, char **args);
void do_rxq_steer(struct app *app, char **args);
void do_txq_steer(struct app *app, char **args);
void do_rxq_lcore(struct app *app, char **args);
void do_port_start(struct app *app, char **args);
void do_port_stop(struct app *app, char **args);
void do_port_reset(struct app *app, char **args);
void do_port_attach(struct app *app, char **args);
void do_port_detach(struct app *app, char **args);
void do_config_rxq(struct app *app, char **args);
void do_config_txq(struct app *app, char **args);
void do_config_rxd(struct app *app, char **args);
void do_config_txd(struct app *app, char **args);

#endif /* COMMAND_H */
