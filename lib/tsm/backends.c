/* SPDX-License-Identifier: BSD-3-Clause */

/* Which way to the TSM. A build may leave a back end out; its role is refused then, not replaced.
 */

#include <stddef.h>

#include "machine.h"

#pragma weak tsm_backend_guest
#pragma weak tsm_backend_iommufd
#pragma weak tsm_backend_sysfs
#pragma weak tsm_backend_user

static const struct tsm_backend *
of_role(enum steer_tsm_role role)
{
	switch (role) {
	case STEER_TSM_ROLE_HOST: return &tsm_backend_sysfs;
	case STEER_TSM_ROLE_VMM: return &tsm_backend_iommufd;
	case STEER_TSM_ROLE_GUEST: return &tsm_backend_guest;
	case STEER_TSM_ROLE_USER: return &tsm_backend_user;
	case STEER_TSM_ROLE_AUTO: break;
	}
	return NULL;
}

/*
 * The strongest that the caller and the kernel offer: a guest interface that is half there is a
 * guest's, or a hostile host would choose the weaker role by breaking it.
 */
static enum steer_tsm_role
strongest(struct steer_tsm *t)
{
	const struct tsm_backend *guest = of_role(STEER_TSM_ROLE_GUEST);
	char name[32] = "", why[64] = "";

	if (t->vmm != NULL)
		return STEER_TSM_ROLE_VMM;
	if (t->pci_addr[0] == '\0')
		return STEER_TSM_ROLE_USER;
	if (guest != NULL && guest->look(t, name, why, sizeof(why)) != TSM_ABSENT)
		return STEER_TSM_ROLE_GUEST;
	return STEER_TSM_ROLE_HOST;
}

const struct tsm_backend *
tsm_choose(struct steer_tsm *t)
{
	if (t->policy.role == STEER_TSM_ROLE_AUTO)
		t->policy.role = strongest(t);
	return of_role(t->policy.role);
}
