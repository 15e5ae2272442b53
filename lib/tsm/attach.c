/* SPDX-License-Identifier: BSD-3-Clause */

/* The steps in a row, for callers that do nothing between them. */

#include <string.h>

#include "steer_tsm.h"

int
steer_tsm_attach_begin(struct steer_tsm_unbound in, struct steer_tsm_bound *out)
{
	struct steer_tsm_connected connected;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = steer_tsm_connect(in, &connected);
	return rc == 0 ? steer_tsm_bind(connected, out) : rc;
}

int
steer_tsm_attach_finish(struct steer_tsm_bound in, const struct steer_tsm_device *device,
			struct steer_tsm_running *out)
{
	struct steer_tsm_verified verified;
	struct steer_tsm_locked locked;
	struct steer_tsm_armed armed;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = steer_tsm_arm(in, device, &armed);
	if (rc == 0)
		rc = steer_tsm_lock(armed, &locked);
	if (rc == 0)
		rc = steer_tsm_verify(locked, &verified);
	return rc == 0 ? steer_tsm_run(verified, out) : rc;
}
