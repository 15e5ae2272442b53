/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Evidence of a confidential device, and its checks. Pure: bytes in, verdict out; the same code
 * judges a live attach and a folder of stored evidence.
 *
 * Objects, as the TSM hands them out:
 * - VCA: GET_VERSION, VERSION, GET_CAPABILITIES, CAPABILITIES, NEGOTIATE_ALGORITHMS, ALGORITHMS of
 *   SPDM 1.2 (DSP0274), message behind message.
 * - chain: {length u16, reserved u16, SHA-384 of the root certificate, DER certificates root
 * first}.
 * - measurements: GET_MEASUREMENTS request behind which the MEASUREMENTS response follows, signed.
 * - report: TDISP DEVICE_INTERFACE_REPORT (PCIe 7.0, 11.3.11).
 */

#ifndef STEER_TSM_EVIDENCE_H
#define STEER_TSM_EVIDENCE_H

#include "steer_tsm.h"

#ifdef __cplusplus
extern "C" {
#endif

struct steer_tsm_bytes {
	uint8_t *data; /**< malloc'ed */
	size_t len;
};

/** Largest object (16 MiB, as the kernel's own limit). */
#define STEER_TSM_OBJECT_MAX (16u << 20)

struct steer_tsm_evidence {
	struct steer_tsm_bytes vca, chain, measurements, report;
	uint8_t nonce[STEER_TSM_NONCE_MAX]; /**< that we gave */
	uint16_t nonce_len;
	uint64_t time; /**< of collection, seconds since 1970 */
	/** SHA-384 of the report, chain and measurements as the TSM gave them over its own channel;
	 * outrank the bytes. */
	bool has_report_digest, has_chain_digest, has_measurements_digest;
	uint8_t report_digest[STEER_TSM_DIGEST];
	uint8_t chain_digest[STEER_TSM_DIGEST];
	uint8_t measurements_digest[STEER_TSM_DIGEST];
	char tsm[32]; /**< name of the TSM */
	bool simulated;
	enum steer_tsm_arch arch;
};

/** Free the objects and zero the rest. */
void steer_tsm_evidence_free(struct steer_tsm_evidence *e);

/**
 * Judge: every check is made that can be made, all are written down; v->code is the first failure.
 * summary, code, why, checks, time, nonce and tsm of v are written; the rest is left.
 * @param now seconds since 1970
 * @return 0 all hold, -EACCES one does not, -ENOMEM.
 */
int steer_tsm_judge(const struct steer_tsm_evidence *e, const struct steer_tsm_policy *p,
		    const struct steer_tsm_device *d, uint64_t now, struct steer_tsm_verdict *v);

/**
 * Demand what this evidence shows: its root, its measurements and no others, its TSM, its
 * architecture, NO_FW_UPDATE when the report has it, and none of the flags ATS, PRS and DMA with
 * PASID that it does not have. Nothing is verified: judge the evidence by the policy that comes
 * out.
 * @param p over what is there; unchanged on failure
 * @param err one line
 * @return 0, -EINVAL it cannot be parsed, -E2BIG more measurements than a policy lists, -ENOMEM.
 */
int steer_tsm_policy_from(const struct steer_tsm_evidence *e, struct steer_tsm_policy *p, char *err,
			  size_t errlen);

/**
 * Store below dir, one folder NAME-TIME of files vca.bin, chain.bin, measurements.bin, report.bin,
 * evidence.json (nonce, time, digests that the TSM gave, device, policy, verdict).
 * @return 0 or negative errno, one line in err.
 */
int steer_tsm_evidence_store(const char *dir, const char *name, const struct steer_tsm_evidence *e,
			     const struct steer_tsm_device *d, const struct steer_tsm_policy *p,
			     const struct steer_tsm_verdict *v, char *err, size_t errlen);
/** Read one such folder. p and d may be NULL. Of an object over STEER_TSM_OBJECT_MAX one byte more
 * than that is read: MALFORMED to the judge. @return 0, -ENOENT, -EINVAL, -EFBIG (evidence.json),
 * -ENOMEM. */
int steer_tsm_evidence_load(const char *folder, struct steer_tsm_evidence *e,
			    struct steer_tsm_device *d, struct steer_tsm_policy *p, char *err,
			    size_t errlen);

#ifdef __cplusplus
}
#endif
#endif /* STEER_TSM_EVIDENCE_H */
