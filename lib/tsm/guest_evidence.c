/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Evidence inside a guest, over netlink (genl.h). What the kernel calls measurements is judged as
 * the kernel gives it. A kernel that takes a nonce and gives old measurements all the same is found
 * out by the judge: the nonce in them is not ours.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

static enum tsm_genl_type
type_of(enum tsm_object o)
{
	switch (o) {
	case TSM_OBJECT_VCA: return TSM_GENL_VCA;
	case TSM_OBJECT_CHAIN: return TSM_GENL_CERT0;
	case TSM_OBJECT_MEASUREMENTS: return TSM_GENL_MEASUREMENTS;
	case TSM_OBJECT_REPORT: break;
	}
	return TSM_GENL_REPORT;
}

/* What the family's errors mean, where strerror() would mislead. */
static int
explain(struct steer_tsm *t, int rc)
{
	switch (rc) {
	case -ENXIO:
		return tsm_fail(t, -ENODATA,
				"the kernel has no evidence of the device; "
				"is it locked?");
	case -EPERM:
	case -EACCES: return tsm_fail(t, rc, "evidence is given to root only (CAP_NET_ADMIN)");
	case -EAGAIN:
		return tsm_fail(t, rc,
				"evidence is made anew again and again while it is read; "
				"find out by whom");
	default: return rc;
	}
}

static int
fetch(struct steer_tsm *t, const struct tsm_genl_ask *what, struct steer_tsm_bytes *out)
{
	struct tsm_guest *g = t->priv;
	struct tsm_genl_ask ask = *what;

	*out = (struct steer_tsm_bytes){0};
	if (g == NULL || g->genl.fd < 0)
		return -ENODEV;
	ask.dev = t->pci_addr;
	return explain(t, tsm_genl_read(&g->genl, &ask, out));
}

struct tsm_result
tsm_guest_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len)
{
	const struct tsm_genl_ask ask = {.type = type_of(o), .nonce = nonce, .nonce_len = len};
	struct steer_tsm_bytes old;
	struct tsm_result r = {0};

	if (nonce == NULL || len == 0) /* made when the device was locked */
		return (struct tsm_result){.err = -EOPNOTSUPP, .not_sent = true};
	r.err = fetch(t, &ask, &old);
	free(old.data);
	if (r.err == -EOPNOTSUPP) {
		t->can &= ~TSM_CAN_NONCE;
		tsm_fail(t, r.err,
			 "this kernel takes no nonce, so evidence may be an old one; use "
			 "a kernel that does");
	}
	return r;
}

struct tsm_result
tsm_guest_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out)
{
	const struct tsm_genl_ask ask = {.type = type_of(o)};
	struct tsm_result r = {.err = fetch(t, &ask, out)};

	if (r.err == 0 && out->len == 0)
		r.err = -ENODATA;
	return r;
}

struct tsm_result
tsm_guest_digest(struct steer_tsm *t, enum tsm_object o, uint8_t *digest)
{
	const struct tsm_genl_ask ask = {.type = type_of(o), .flags = TSM_GENL_FLAG_DIGEST};
	struct steer_tsm_bytes found;
	struct tsm_result r = {.err = fetch(t, &ask, &found)};

	if (r.err == 0 && found.len == 0)
		r.err = -ENODATA;
	else if (r.err == 0 && found.len != STEER_TSM_DIGEST) /* of another algorithm */
		r.err = -EPROTO;
	if (r.err == 0)
		memcpy(digest, found.data, STEER_TSM_DIGEST);
	free(found.data);
	return r;
}
