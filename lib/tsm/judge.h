/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the parts of the judge share. Each part makes checks and notes them; a part whose input
 * could not be parsed makes none, for that was noted as a failure already.
 */

#ifndef TSM_JUDGE_H
#define TSM_JUDGE_H

#include "crypto.h"
#include "parse.h"
#include "steer_tsm_evidence.h"

/* Each but measurement.N is made exactly once in a verdict of OK. */
enum judge_id {
	JUDGE_TSM,
	JUDGE_VCA,
	JUDGE_CHAIN,
	JUDGE_MEASUREMENTS,
	JUDGE_REPORT,
	JUDGE_ROOT,
	JUDGE_PATH,
	JUDGE_LEAF,
	JUDGE_SIGNATURE,
	JUDGE_NONCE,
	JUDGE_MEASUREMENT,
	JUDGE_CHAIN_DIGEST,
	JUDGE_MEASUREMENTS_DIGEST,
	JUDGE_REPORT_DIGEST,
	JUDGE_FLAGS,
	JUDGE_RANGES,
	JUDGE_MSIX,
	JUDGE_TPH,
	JUDGE_AGE,
	JUDGE_IDS,
};
/* One is left for what the state machine adds. */
#define JUDGE_MEASUREMENT_ROOM (STEER_TSM_CHECKS_MAX - 1 - (JUDGE_IDS - 1))
_Static_assert(JUDGE_IDS - 1 + 3 < STEER_TSM_CHECKS_MAX, "room for measurements");

struct judge {
	const struct steer_tsm_evidence *e;
	const struct steer_tsm_policy *p;
	const struct steer_tsm_device *d;
	struct steer_tsm_verdict *v;
	uint64_t now;
	bool no_memory;
	uint32_t passed; /* bit of each judge_id that was OK */
	bool has_vca, has_chain, has_measurements, has_report; /* parsed */
	struct tsm_vca vca;
	struct tsm_chain chain;
	struct tsm_measurements measurements;
	struct tsm_report report;
	struct tsm_certs certs;
};

/* Write a check down. input: bytes that were judged, NULL for none. */
void judge_note(struct judge *j, enum judge_id id, enum steer_tsm_code code, const void *input,
		size_t len, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The same under the name "measurement.N". */
void judge_note_measurement(struct judge *j, unsigned int index, enum steer_tsm_code code,
			    const void *input, size_t len, const char *text);
/* SHA-384; without memory: all zero, and the judgement ends with that. */
void judge_digest(struct judge *j, const void *p, size_t len, uint8_t digest[STEER_TSM_DIGEST]);

void judge_parse(struct judge *j);
void judge_chain(struct judge *j);
void judge_signature(struct judge *j);
void judge_measurements(struct judge *j);
void judge_report(struct judge *j);

#endif /* TSM_JUDGE_H */
