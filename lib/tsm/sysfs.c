/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Role host: what the kernel's TSM core says of a device in sysfs. That an administrator of this
 * machine connected it is all that it proves; nothing here connects, and nothing here attests.
 *
 * The virtual machine monitor's way asks look() and connect(), too, on an object of its own: they
 * use none of what open() made unless the object is ours.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"

struct tsm_host {
	char dsm[TSM_ATTR_MAX]; /* that managed it when it was first seen connected */
};

/* Of a function and of the one that manages its security. */
struct link {
	char connect[TSM_ATTR_MAX];
	char authenticated[TSM_ATTR_MAX];
	char dsm[TSM_ATTR_MAX];
};

static int
host_open(struct steer_tsm *t)
{
	t->priv = calloc(1, sizeof(struct tsm_host));
	return t->priv == NULL ? -ENOMEM : 0;
}

static void
host_close(struct steer_tsm *t)
{
	free(t->priv);
	t->priv = NULL;
}

static struct tsm_host *
ours(struct steer_tsm *t)
{
	return t->ops == &tsm_backend_sysfs ? t->priv : NULL;
}

/* Its own file, or, for other functions than the first, that of the one that manages them. */
static int
connected_to(const struct steer_tsm *t, char *name, size_t len)
{
	char dsm[TSM_ATTR_MAX];
	int rc = tsm_attr_read(t, t->pci_addr, "tsm/connect", name, len);

	if (rc != -ENOENT || tsm_attr_read(t, t->pci_addr, "tsm/dsm", dsm, sizeof(dsm)) != 0)
		return rc;
	if (!tsm_attr_is_bdf(dsm))
		return -EILSEQ;
	return tsm_attr_read(t, dsm, "tsm/connect", name, len);
}

static enum tsm_presence
host_look(struct steer_tsm *t, char *name, char *why, size_t whylen)
{
	char text[TSM_ATTR_MAX];
	int rc;

	if (!tsm_attr_is_bdf(t->pci_addr)) {
		snprintf(why, whylen, "role host is for a PCI device of this kernel");
		return TSM_HALF;
	}
	rc = connected_to(t, text, sizeof(text));
	if (rc == 0) {
		snprintf(name, 32, "%.31s", text);
		return TSM_PRESENT;
	}
	if (rc != -ENOENT || tsm_attr_exists(t, t->pci_addr, "tsm")) {
		snprintf(why, whylen, "the device's folder tsm in sysfs is not whole: connect: %s",
			 strerror(-rc));
		return TSM_HALF;
	}
	return tsm_without_folder(t, why, whylen);
}

/* What an administrator would write, where the kernel offers something. */
static int
not_connected(struct steer_tsm *t)
{
	char name[TSM_ATTR_MAX] = "";

	if (strcmp(t->policy.tsm, "any") != 0)
		snprintf(name, sizeof(name), "%s", t->policy.tsm);
	else if (tsm_attr_tsm(t, 0, name, sizeof(name)) != 0)
		snprintf(name, sizeof(name), "tsmN");
	return tsm_fail(t, -ENOTCONN,
			"it is not connected to a TSM; an administrator may: echo %s > "
			"/sys/bus/pci/devices/%s/tsm/connect",
			name, t->pci_addr);
}

static int
link_read(struct steer_tsm *t, struct link *l)
{
	int rc = connected_to(t, l->connect, sizeof(l->connect));

	if (rc == 0 && l->connect[0] == '\0')
		return not_connected(t);
	if (rc == 0)
		rc = tsm_attr_read(t, t->pci_addr, "authenticated", l->authenticated,
				   sizeof(l->authenticated));
	if (rc == 0)
		rc = tsm_attr_read(t, t->pci_addr, "tsm/dsm", l->dsm, sizeof(l->dsm));
	if (rc != 0)
		return tsm_fail(t, -ENOTCONN,
				"what sysfs says of its TSM went away or is cut: %s; see whether "
				"somebody disconnects it",
				strerror(-rc));
	return 0;
}

/* The manager manages itself, and is connected to the same TSM. */
static int
check_dsm(struct steer_tsm *t, const struct link *l)
{
	struct tsm_host *h = ours(t);
	char connect[TSM_ATTR_MAX], self[TSM_ATTR_MAX];

	if (!tsm_attr_is_bdf(l->dsm) ||
	    tsm_attr_read(t, l->dsm, "tsm/connect", connect, sizeof(connect)) != 0 ||
	    tsm_attr_read(t, l->dsm, "tsm/dsm", self, sizeof(self)) != 0 ||
	    strcmp(self, l->dsm) != 0 || strcmp(connect, l->connect) != 0)
		return tsm_fail(t, -ENOTCONN,
				"its security is managed by '%s', which is not connected to %s; "
				"connect it again",
				l->dsm, l->connect);
	if (h == NULL)
		return 0;
	if (h->dsm[0] != '\0' && strcmp(h->dsm, l->dsm) != 0)
		return tsm_fail(t, -ENOTCONN,
				"its security is managed by %s and was by %s; attach it again",
				l->dsm, h->dsm);
	memcpy(h->dsm, l->dsm, sizeof(h->dsm));
	return 0;
}

static int
check_link(struct steer_tsm *t)
{
	struct link l;
	int rc = link_read(t, &l);

	if (rc != 0)
		return rc;
	if (strcmp(l.connect, l.authenticated) != 0)
		return tsm_fail(t, -ENOTCONN,
				"it is connected to %s and authenticated to '%s'; connect it again",
				l.connect, l.authenticated);
	return check_dsm(t, &l);
}

static struct tsm_result
host_connect(struct steer_tsm *t)
{
	return (struct tsm_result){.err = check_link(t)};
}

/* Told, not judged. */
static void
host_remark(struct steer_tsm *t)
{
	const struct tsm_host *h = ours(t);
	char bound[TSM_ATTR_MAX];
	int rc = tsm_attr_read(t, t->pci_addr, "tsm/bound", bound, sizeof(bound));

	tsm_check(t, "dsm", STEER_TSM_OK, "security managed by %s",
		  h == NULL || h->dsm[0] == '\0' ? "nobody" : h->dsm);
	if (rc == 0 && bound[0] != '\0')
		tsm_check(t, "bound", STEER_TSM_OK, "an interface is bound to a guest by %s",
			  bound);
	else
		tsm_check(t, "bound", STEER_TSM_OK, "no interface is bound to a guest");
}

const struct tsm_backend tsm_backend_sysfs = {
	.name = "sysfs",
	.role = STEER_TSM_ROLE_HOST,
	.open = host_open,
	.close = host_close,
	.look = host_look,
	.connect = host_connect,
	.remark = host_remark,
};
