/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * --tsm-fault: an attacker or a broken device. Each fault makes one thing wrong and leaves the rest
 * as an honest device has it, so that it is caught by the check that is meant to catch it.
 */

#include <errno.h>
#include <string.h>

#include "tsm_fault.h"
#include "tsm_priv.h"

#define ERROR_AFTER_MS 1000u /* of RUN */

static const struct {
	const char *name, *what;
} faults[NIC_TSM_FAULTS] = {
	[NIC_TSM_HONEST] = {"none", "an honest device (default)"},
	[NIC_TSM_REPLAYED_NONCE] = {"replayed-nonce", "measurements, signed, over an older nonce"},
	[NIC_TSM_WRONG_TRANSCRIPT] = {"wrong-transcript",
				      "the signature is over a transcript without its VCA"},
	[NIC_TSM_SWAPPED_CERTIFICATE] = {"swapped-certificate",
					 "the chain ends in another device's leaf"},
	[NIC_TSM_KEY_NOT_IN_CHAIN] = {"key-not-in-chain",
				      "measurements are signed by a key of no certificate"},
	[NIC_TSM_EXPIRED_CHAIN] = {"expired-chain", "the leaf was valid in 2020"},
	[NIC_TSM_SELF_SIGNED_CHAIN] = {"self-signed-chain",
				       "the chain is one leaf, its own issuer"},
	[NIC_TSM_MEASUREMENT_CHANGED] = {"measurement-changed", "block 2 is another firmware's"},
	[NIC_TSM_TRUNCATED_OBJECT] = {"truncated-object", "measurements lack their last 40 bytes"},
	[NIC_TSM_OVERSIZED_OBJECT] = {"oversized-object", "a chain of 16 MiB and a byte"},
	[NIC_TSM_REPORT_OMITS_BAR] = {"report-omits-bar", "no range of BAR 0"},
	[NIC_TSM_REPORT_FOREIGN_RANGE] = {"report-foreign-range", "a range of BAR 5, that is none"},
	[NIC_TSM_STALE_REPORT] = {"stale-report",
				  "the report of another lock; its digest is of this one"},
	[NIC_TSM_TPH_DIFFERS] = {"tph-differs", "TPH control in the report is not the device's"},
	[NIC_TSM_WRONG_TSM] = {"wrong-tsm", "the TSM has another name than --tsm-name"},
	[NIC_TSM_OTHER_DEVICE] = {"other-device",
				  "genuine chain and measurements, of a second device"},
	[NIC_TSM_STATE_LIE] = {"state-lie", "LOCK says success, and nothing is locked"},
	[NIC_TSM_UNLOCK_BEFORE_RUN] = {"unlock-before-run", "unlocked after evidence was read"},
	[NIC_TSM_ERROR_IN_RUN] = {"error-in-run",
				  "ERROR when the state is asked for, a second after RUN"},
	[NIC_TSM_ERROR_AFTER_COMMIT] = {"error-after-commit", "LOCK locks, and says EFAULT"},
	[NIC_TSM_CODE_NONZERO] = {"tsm-code-nonzero", "LOCK: no errno, tsm_code 1, not locked"},
	[NIC_TSM_HALF_PRESENT] = {"half-present", "VERSION tells the envelope; it is ENOTTY"},
	[NIC_TSM_HANG] = {"hang", "LOCK is never answered"},
};

const char *
nic_tsm_fault_name(enum nic_tsm_fault fault)
{
	return fault < NIC_TSM_FAULTS ? faults[fault].name : "?";
}

int
nic_tsm_fault_parse(const char *name)
{
	int i;

	for (i = 0; i < NIC_TSM_FAULTS; i++)
		if (strcmp(name, faults[i].name) == 0)
			return i;
	return -EINVAL;
}

void
nic_tsm_fault_list(FILE *f)
{
	int i;

	for (i = 0; i < NIC_TSM_FAULTS; i++)
		fprintf(f, "%-22s %s\n", faults[i].name, faults[i].what);
}

void
tsm_fault_identity(enum nic_tsm_fault fault, const char **key, const char *const **certs)
{
	static const char *const own[] = {"root", "intermediate", "device", NULL};
	static const char *const second[] = {"root", "intermediate", "device2", NULL};
	static const char *const expired[] = {"root", "intermediate", "expired", NULL};
	static const char *const self[] = {"self", NULL};

	*key = "device";
	*certs = own;
	switch (fault) {
	case NIC_TSM_SWAPPED_CERTIFICATE: *certs = second; break;
	case NIC_TSM_KEY_NOT_IN_CHAIN: *key = "foreign"; break;
	case NIC_TSM_EXPIRED_CHAIN: *certs = expired; break;
	case NIC_TSM_SELF_SIGNED_CHAIN:
		*key = "self";
		*certs = self;
		break;
	case NIC_TSM_OTHER_DEVICE:
		*key = "device2";
		*certs = second;
		break;
	default: break;
	}
}

void
tsm_fault_after_evidence(struct nic_tsm *t)
{
	if (tsm_fault(t) == NIC_TSM_UNLOCK_BEFORE_RUN && t->measured)
		tsm_tdi_stop(t);
}

void
tsm_fault_in_run(struct nic_tsm *t)
{
	if (tsm_fault(t) != NIC_TSM_ERROR_IN_RUN || t->tdi.state != TDISP_RUN)
		return;
	if (tsm_now_ms() - t->run_ms >= ERROR_AFTER_MS)
		tdisp_changed(&t->tdi, "fault error-in-run");
}
