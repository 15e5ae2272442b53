/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef STEER_TSM_POLICY_TOOL_H
#define STEER_TSM_POLICY_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include <steer_tsm_evidence.h>

#define PROGRAM "steer-tsm-policy"

/* In words: what is demanded, and what a reader should think about. */
void say_policy(const struct steer_tsm_policy *p);

struct source {
	const char *evidence; /* a folder */
	const char *sock;     /* or a device */
	bool pages;           /* unit of the report */
	bool pages_given;
	bool collected; /* certificates are looked at as of the time of the evidence */
	uint64_t now;   /* else as of this one, seconds since 1970 */
};

/* Evidence and what was programmed when it was collected. 0 or -1, told. */
int source_read(const struct source *s, struct steer_tsm_evidence *e, struct steer_tsm_device *d,
		struct steer_tsm_policy *p);
/* Evidence of a device behind a socket, into a folder below dir. 0 or -1, told. */
int live_collect(const char *sock, const char *dir);

/* A policy of what is shown. 0 or -1, told. */
int make_policy(const struct source *s, const char *file);

#endif /* STEER_TSM_POLICY_TOOL_H */
