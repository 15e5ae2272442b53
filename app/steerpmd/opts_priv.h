/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Inside the command line's parser: options whose argument is more than a number or a word. Each
 * function takes the argument; @return 0 or enum pmd_exit, and one line in err.
 */

#ifndef OPTS_PRIV_H
#define OPTS_PRIV_H

#include "opts.h"

int opts_fail(char *err, size_t len, int code, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** As if --name=text stood on the command line. */
int opts_set(struct opts *o, const char *name, const char *text, char *err, size_t len);

int opts_set_fwd(struct opts *o, const char *text, char *err, size_t len);
int opts_set_topology(struct opts *o, const char *text, char *err, size_t len);
int opts_set_touch(struct opts *o, const char *text, char *err, size_t len);
int opts_set_steer(struct opts *o, const char *text, char *err, size_t len);
int opts_set_platform(struct opts *o, const char *text, char *err, size_t len);
int opts_set_rings(struct opts *o, const char *text, char *err, size_t len);
int opts_set_model_cores(struct opts *o, const char *text, char *err, size_t len);
int opts_set_poll(struct opts *o, const char *text, char *err, size_t len);
int opts_set_lockstep(struct opts *o, const char *text, char *err, size_t len);
int opts_set_noise(struct opts *o, const char *text, char *err, size_t len);
int opts_set_mix(struct opts *o, const char *text, char *err, size_t len);
int opts_set_zipf(struct opts *o, const char *text, char *err, size_t len);
int opts_set_experiment(struct opts *o, const char *text, char *err, size_t len);
int opts_set_source(struct opts *o, const char *text, char *err, size_t len);
int opts_set_sweep(struct opts *o, const char *text, char *err, size_t len);
int opts_set_preset(struct opts *o, const char *text, char *err, size_t len);

/** What contradicts what, and the defaults that depend on the rest. */
int opts_check(struct opts *o, char *err, size_t len);
/** The part of it that is about an experiment's rounds. */
int opts_check_experiment(struct opts *o, char *err, size_t len);

#endif /* OPTS_PRIV_H */
