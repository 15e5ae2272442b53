/* SPDX-License-Identifier: BSD-3-Clause */

/* Role guest: what its files share. */

#ifndef TSM_GUEST_H
#define TSM_GUEST_H

#include "attr.h"
#include "genl.h"

struct tsm_guest {
	struct tsm_genl genl; /* fd -1: not open */
	char tsm[32];         /* that the device is to be locked with */
	char reset[TSM_ATTR_MAX];
	bool reset_off; /* reset is what reset_method was */
};

/* guest_look.c */
/* A TSM that locks. @return 0, -ENOENT. */
int tsm_guest_find(const struct steer_tsm *t, char *name, size_t len);
enum tsm_presence tsm_guest_look(struct steer_tsm *t, char *name, char *why, size_t whylen);

/* guest_evidence.c */
struct tsm_result
tsm_guest_regenerate(struct steer_tsm *t, enum tsm_object o, const uint8_t *nonce, size_t len);
struct tsm_result
tsm_guest_object(struct steer_tsm *t, enum tsm_object o, struct steer_tsm_bytes *out);
struct tsm_result tsm_guest_digest(struct steer_tsm *t, enum tsm_object o, uint8_t *digest);

#endif /* TSM_GUEST_H */
