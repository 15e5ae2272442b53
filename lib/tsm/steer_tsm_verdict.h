/* SPDX-License-Identifier: BSD-3-Clause */

/** @file What was checked of a confidential device, and what came out. */

#ifndef STEER_TSM_VERDICT_H
#define STEER_TSM_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steer_tsm_policy.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of an attach, and of each check. */
enum steer_tsm_code {
	STEER_TSM_OK,
	STEER_TSM_UNSUPPORTED,
	STEER_TSM_NOT_CONNECTED,
	STEER_TSM_WRONG_TSM,
	STEER_TSM_EVIDENCE_MISSING,
	STEER_TSM_MALFORMED,
	STEER_TSM_CHAIN,
	STEER_TSM_SIGNATURE,
	STEER_TSM_STALE_NONCE,
	STEER_TSM_DIGEST_MISMATCH,
	STEER_TSM_REPORT_MISMATCH,
	STEER_TSM_TPH_MISMATCH,
	STEER_TSM_STATE_UNKNOWN,
	STEER_TSM_STATE_LOST,
	STEER_TSM_TIMEOUT,
};
/** "OK", "UNSUPPORTED", ...; "?" for anything else. */
const char *steer_tsm_code_name(enum steer_tsm_code c);

#define STEER_TSM_CHECKS_MAX 25u

/** One check, in the order it was made. */
struct steer_tsm_check {
	char name[32]; /**< "vca", "chain", "chain.root", "nonce", "signature",
			* "measurement.3", "report", "report.flags", "report.ranges",
			* "report.tph", "report.digest", "age" ... */
	enum steer_tsm_code result;
	uint8_t digest[STEER_TSM_DIGEST]; /**< SHA-384 of the bytes that were judged; zero: none */
	bool has_digest;
	bool live_only; /**< only the live session authenticates it: "recorded, not
			 * provable" offline */
	char text[160]; /**< in words */
};

/** The whole. One word at its head: */
enum steer_tsm_summary {
	STEER_TSM_NOT_ASKED,      /**< tsm=off */
	STEER_TSM_PLAIN,          /**< prefer, and there is no TSM */
	STEER_TSM_CONNECTED_ONLY, /**< "connected, not attested" (evidence=host-admin) */
	STEER_TSM_ATTESTED,
	STEER_TSM_REFUSED,
};
const char *steer_tsm_summary_name(enum steer_tsm_summary s);

struct steer_tsm_verdict {
	enum steer_tsm_summary summary;
	enum steer_tsm_code code; /**< the first that is not OK, else OK */
	enum steer_tsm_mode mode;
	enum steer_tsm_role role;
	enum steer_tsm_arch arch;
	uint8_t state;  /**< enum steer_tsm_state */
	bool simulated; /**< a software TSM: protects nothing */
	char tsm[32];   /**< its name, "" unknown */
	char why[256];  /**< one line */
	uint64_t time;  /**< of the evidence, seconds since 1970; 0 none */
	uint8_t nonce[STEER_TSM_NONCE_MAX];
	uint16_t nonce_len;
	/** The three result channels of the last request, apart from each other; tsm_code 0 proves
	 * nothing. */
	int last_errno;
	uint32_t last_residue;
	uint64_t last_tsm_code;
	struct steer_tsm_check checks[STEER_TSM_CHECKS_MAX];
	unsigned int nb_checks;
};

/** JSON object of a verdict, malloc'ed, as telemetry, `show tsm` and the evidence folder have it
 * (doc/tsm-verdict.schema.json). NULL without memory. */
char *steer_tsm_verdict_json(const struct steer_tsm_verdict *v);
/** Lines for a person, each with a newline, as fputs() prints them; malloc'ed. */
char *steer_tsm_verdict_text(const struct steer_tsm_verdict *v);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TSM_VERDICT_H */
