/* SPDX-License-Identifier: BSD-3-Clause */

/* Role guest: is there all that it needs, some of it, or nothing? */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

/* The one that the policy names, or the first that locks devices rather than connects them. */
int
tsm_guest_find(const struct steer_tsm *t, char *name, size_t len)
{
	const bool any = strcmp(t->policy.tsm, "any") == 0;
	char found[32], mode[TSM_ATTR_MAX];
	unsigned int i;

	name[0] = '\0';
	for (i = 0; tsm_attr_tsm(t, i, found, sizeof(found)) == 0; i++) {
		if (tsm_attr_of_tsm(t, found, "pci_mode", mode, sizeof(mode)) != 0 ||
		    strcmp(mode, "devsec") != 0)
			continue;
		if (name[0] == '\0' || (!any && strcmp(found, t->policy.tsm) == 0))
			snprintf(name, len, "%s", found);
	}
	return name[0] == '\0' ? -ENOENT : 0;
}

/* Netlink, only to see whether it is there. */
static int
family_there(const struct steer_tsm *t)
{
	const struct tsm_guest *g = t->priv;
	struct tsm_genl genl;
	int rc;

	if (g != NULL && g->genl.fd >= 0)
		return 0;
	rc = tsm_genl_open(&genl, t->timeout_ms != 0 ? t->timeout_ms : 1000);
	if (rc == 0)
		tsm_genl_close(&genl);
	return rc;
}

static enum tsm_presence
half(char *why, size_t whylen, const char *what)
{
	snprintf(why, whylen, "%s", what);
	return TSM_HALF;
}

static enum tsm_presence
whole(struct steer_tsm *t, char *name, char *why, size_t whylen)
{
	if (tsm_guest_find(t, name, 32) != 0)
		return half(why, whylen, "no TSM of this kernel locks devices (pci_mode devsec)");
	if (family_there(t) != 0)
		return half(why, whylen,
			    "the kernel gives no evidence: no netlink family " TSM_GENL_NAME
			    " of version 1");
	return TSM_PRESENT;
}

/* Asked while the role is still open, a device without these files is no guest's. */
enum tsm_presence
tsm_guest_look(struct steer_tsm *t, char *name, char *why, size_t whylen)
{
	static const char *const files[] = {"tsm/lock", "tsm/unlock", "tsm/accept"};
	unsigned int i, there = 0;

	if (!tsm_attr_is_bdf(t->pci_addr))
		return half(why, whylen, "role guest is for a PCI device of this kernel");
	for (i = 0; i < 3; i++)
		there += tsm_attr_exists(t, t->pci_addr, files[i]);
	if (there == 3)
		return whole(t, name, why, whylen);
	if (there > 0)
		return half(why, whylen, "of tsm/lock, tsm/unlock, tsm/accept not all are there");
	if (t->ops != NULL && tsm_attr_exists(t, t->pci_addr, "tsm"))
		return half(why, whylen,
			    "the kernel connects the device, but locks it not: this is "
			    "a host's");
	if (t->ops != NULL)
		return tsm_without_folder(t, why, whylen);
	snprintf(why, whylen, "no tsm/lock");
	return TSM_ABSENT;
}
