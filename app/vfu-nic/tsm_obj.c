/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Evidence objects: made whole, kept until they are made anew or what they speak of is over. The
 * digest is what the TSM tells over its own channel; an honest one's is of the bytes it hands out.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tsm_priv.h"

#define TRUNCATED 40u

void
tsm_obj_void(struct nic_tsm *t, enum tsm_obj_id id)
{
	free(t->obj[id].data);
	t->obj[id] = (struct tsm_obj){0};
}

void
tsm_obj_void_all(struct nic_tsm *t)
{
	int i;

	for (i = 0; i < TSM_OBJS; i++)
		tsm_obj_void(t, (enum tsm_obj_id)i);
	t->measured = false;
}

/* Bytes, and the digest of what the TSM saw. */
static int
keep(struct nic_tsm *t, enum tsm_obj_id id, const uint8_t *data, uint32_t len, const uint8_t *seen,
     uint32_t seen_len)
{
	struct tsm_obj *o = &t->obj[id];

	o->data = malloc(len);
	if (o->data == NULL)
		return -ENOMEM;
	memcpy(o->data, data, len);
	o->len = o->said = len;
	if (spdm_digest(seen, seen_len, o->digest) < 0) {
		tsm_obj_void(t, id);
		return -EIO;
	}
	return 0;
}

static int
make_vca(struct nic_tsm *t)
{
	uint8_t vca[SPDM_VCA_LEN];
	const uint32_t len = spdm_vca(vca);

	return keep(t, TSM_OBJ_VCA, vca, len, vca, len);
}

static int
make_chain(struct nic_tsm *t)
{
	const bool other = tsm_fault(t) == NIC_TSM_OTHER_DEVICE;
	const struct spdm_id *played = tsm_played(t), *seen = other ? &t->device : played;
	const int rc = keep(t, TSM_OBJ_CHAIN, played->chain, played->chain_len, seen->chain,
			    seen->chain_len);

	if (rc == 0 && tsm_fault(t) == NIC_TSM_OVERSIZED_OBJECT)
		t->obj[TSM_OBJ_CHAIN].said = TSM_OBJ_SIZE_MAX + 1;
	return rc;
}

static int
make_report(struct nic_tsm *t)
{
	uint8_t bytes[TDISP_REPORT_MAX];
	uint32_t code = tsm_tdi_report(t);

	if (code != 0)
		return code == TDISP_E_STATE ? -ENODATA : -EIO;
	memcpy(bytes, t->report, t->report_len);
	if (tsm_fault(t) == NIC_TSM_STALE_REPORT)
		bytes[t->report_len - TSM_SPECIFIC_LEN]--; /* the lock before this one */
	return keep(t, TSM_OBJ_REPORT, bytes, t->report_len, t->report, t->report_len);
}

/* The nonce that is signed: the caller's, or one that it never gave. */
static int
choose_nonce(struct nic_tsm *t, const uint8_t *nonce, uint8_t *out)
{
	const bool replay = tsm_fault(t) == NIC_TSM_REPLAYED_NONCE;

	if (nonce != NULL && !replay) {
		memcpy(out, nonce, TSM_NONCE_LEN);
		return 0;
	}
	return getrandom(out, TSM_NONCE_LEN, 0) == (ssize_t)TSM_NONCE_LEN ? 0 : -EIO;
}

static int
make_measurements(struct nic_tsm *t, const uint8_t *nonce, bool raw)
{
	const enum nic_tsm_fault fault = tsm_fault(t);
	uint8_t use[TSM_NONCE_LEN], bytes[SPDM_MEAS_MAX], own[SPDM_MEAS_MAX], *seen = bytes;
	const struct spdm_ask ask = {
		.nonce = use,
		.raw = raw,
		.other_firmware = fault == NIC_TSM_MEASUREMENT_CHANGED,
		.without_vca = fault == NIC_TSM_WRONG_TRANSCRIPT,
	};
	int len, seen_len;

	if (choose_nonce(t, nonce, use) < 0)
		return -EIO;
	len = seen_len = spdm_measurements(tsm_played(t), &ask, bytes);
	if (len > 0 && fault == NIC_TSM_OTHER_DEVICE) {
		seen = own;
		seen_len = spdm_measurements(&t->device, &ask, own);
	}
	if (len < 0 || seen_len < 0)
		return -EIO;
	if (fault == NIC_TSM_TRUNCATED_OBJECT)
		len = seen_len = len - (int)TRUNCATED;
	t->measured = true;
	return keep(t, TSM_OBJ_MEASUREMENTS, bytes, (uint32_t)len, seen, (uint32_t)seen_len);
}

int
tsm_obj_make(struct nic_tsm *t, enum tsm_obj_id id, const uint8_t *nonce, bool raw)
{
	tsm_obj_void(t, id);
	switch (id) {
	case TSM_OBJ_VCA: return make_vca(t);
	case TSM_OBJ_CHAIN: return make_chain(t);
	case TSM_OBJ_MEASUREMENTS: return make_measurements(t, nonce, raw);
	case TSM_OBJ_REPORT: return make_report(t);
	default: return -ENOENT;
	}
}
