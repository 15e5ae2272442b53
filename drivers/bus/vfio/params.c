/* SPDX-License-Identifier: BSD-3-Clause */

/* Device names and devargs. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_kvargs.h>
#include <rte_pci.h>

#include "bus_priv.h"

#define SCAN_US_MAX 10000000l

int
vfio_bus_name_parse(const char *name)
{
	size_t len = strlen(VFIO_BUS_PREFIX);

	return strncmp(name, VFIO_BUS_PREFIX, len) == 0 && name[len] != '\0' ? 0 : -EINVAL;
}

int
vfio_bus_name_pci(const char *name, char *addr, size_t len)
{
	struct rte_pci_addr a;

	if (vfio_bus_name_parse(name) != 0 ||
	    rte_pci_addr_parse(name + strlen(VFIO_BUS_PREFIX), &a) != 0)
		return -EINVAL;
	rte_pci_device_name(&a, addr, len);
	return 0;
}

bool
vfio_bus_name_same(const char *a, const char *b)
{
	char x[PCI_PRI_STR_SIZE], y[PCI_PRI_STR_SIZE];

	if (strcmp(a, b) == 0)
		return true;
	return vfio_bus_name_pci(a, x, sizeof(x)) == 0 && vfio_bus_name_pci(b, y, sizeof(y)) == 0 &&
	       strcmp(x, y) == 0;
}

struct parse_ctx {
	struct vfio_bus_params *p;
	unsigned int seen; /* bit per key */
	char *err;
	size_t errlen;
};

static int
number(const char *text, long min, long max, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 0);
	return errno != 0 || end == text || *end != '\0' || *out < min || *out > max ? -EINVAL : 0;
}

static int
set_path(struct parse_ctx *c, const char *key, const char *value, char *to, size_t len)
{
	if (strlen(value) >= len) {
		snprintf(c->err, c->errlen, "%s= is longer than %zu characters; use a shorter path",
			 key, len - 1);
		return -EINVAL;
	}
	memcpy(to, value, strlen(value) + 1);
	return 0;
}

static int
set_sock(struct parse_ctx *c, const char *value)
{
	return set_path(c, "sock", value, c->p->sock, sizeof(c->p->sock));
}

static int
set_transport(struct parse_ctx *c, const char *value)
{
	static const char *const names[] = {
		[STEER_VFIO_AUTO] = "auto",
		[STEER_VFIO_GROUP] = "group",
		[STEER_VFIO_CDEV] = "cdev",
		[STEER_VFIO_NOIOMMU] = "noiommu",
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(names) && strcmp(value, names[i]) != 0; i++)
		;
	if (i == RTE_DIM(names)) {
		snprintf(c->err, c->errlen, "transport=%.64s is none of auto, group, cdev, noiommu",
			 value);
		return -EINVAL;
	}
	c->p->transport = (enum steer_vfio_transport)i;
	c->p->transport_given = true;
	return 0;
}

static int
set_steer(struct parse_ctx *c, const char *value)
{
	int mode = steer_mode_parse(value);

	if (mode < 0) {
		snprintf(c->err, c->errlen, "steer=%.64s is none of auto, per-queue, palette, off",
			 value);
		return -EINVAL;
	}
	c->p->steer_mode = (enum steer_mode)mode;
	return 0;
}

static int
set_scan(struct parse_ctx *c, const char *value)
{
	long us;

	if (number(value, 1, SCAN_US_MAX, &us) != 0) {
		snprintf(c->err, c->errlen,
			 "steer-scan=%.64s is not a number of microseconds, 1 to %ld", value,
			 SCAN_US_MAX);
		return -EINVAL;
	}
	c->p->steer_scan_us = (unsigned int)us;
	return 0;
}

static int
set_feature(struct parse_ctx *c, const char *value)
{
	long index;

	if (number(value, 0, UINT16_MAX, &index) != 0) {
		snprintf(c->err, c->errlen, "tph-feature=%.64s is not a feature index, 0 to 65535",
			 value);
		return -EINVAL;
	}
	c->p->tph_feature = (int)index;
	return 0;
}

static int
set_dialect(struct parse_ctx *c, const char *value)
{
	int dialect = steer_tph_dialect_parse(value);

	if (dialect < 0) {
		snprintf(c->err, c->errlen,
			 "tph-dialect=%.64s is none of auto, feature, feature-by-index, ioctl-v8, "
			 "direct",
			 value);
		return -EINVAL;
	}
	c->p->tph_dialect = (enum steer_tph_dialect)dialect;
	return 0;
}

static int
set_tags(struct parse_ctx *c, const char *value)
{
	return set_path(c, "tph-tags", value, c->p->tph_tags, sizeof(c->p->tph_tags));
}

static int
set_tsm(struct parse_ctx *c, const char *value)
{
	int mode = steer_tsm_mode_parse(value);

	if (mode < 0) {
		snprintf(c->err, c->errlen, "tsm=%.64s is none of off, prefer, require", value);
		return -EINVAL;
	}
	c->p->tsm_mode = (enum steer_tsm_mode)mode;
	return 0;
}

static int
set_tsm_policy(struct parse_ctx *c, const char *value)
{
	return set_path(c, "tsm-policy", value, c->p->tsm_policy, sizeof(c->p->tsm_policy));
}

static int
set_tsm_evidence(struct parse_ctx *c, const char *value)
{
	return set_path(c, "tsm-evidence", value, c->p->tsm_evidence, sizeof(c->p->tsm_evidence));
}

static const struct {
	const char *key;
	int (*set)(struct parse_ctx *c, const char *value);
} bus_keys[] = {
	{"sock", set_sock},
	{"steer", set_steer},
	{"steer-scan", set_scan},
	{"tph-feature", set_feature},
	{"tph-dialect", set_dialect},
	{"tph-tags", set_tags},
	{"transport", set_transport},
	{"tsm", set_tsm},
	{"tsm-policy", set_tsm_policy},
	{"tsm-evidence", set_tsm_evidence},
};

static int
keep_for_driver(struct parse_ctx *c, const char *key, const char *value)
{
	const char *old = c->p->driver_args != NULL ? c->p->driver_args : "";
	char *args;

	if (asprintf(&args, "%s%s%s%s%s", old, old[0] != '\0' ? "," : "", key,
		     value != NULL ? "=" : "", value != NULL ? value : "") < 0) {
		snprintf(c->err, c->errlen, "out of memory");
		return -ENOMEM;
	}
	free(c->p->driver_args);
	c->p->driver_args = args;
	return 0;
}

/* What the layered syntax puts in front of each layer. */
static bool
is_layer_key(const char *key)
{
	return strcmp(key, "bus") == 0 || strcmp(key, "name") == 0 || strcmp(key, "driver") == 0;
}

static int
one_pair(struct parse_ctx *c, const char *key, const char *value)
{
	size_t i;

	if (is_layer_key(key))
		return 0;
	for (i = 0; i < RTE_DIM(bus_keys); i++)
		if (strcmp(key, bus_keys[i].key) == 0)
			break;
	if (i == RTE_DIM(bus_keys))
		return keep_for_driver(c, key, value);
	if (value == NULL || value[0] == '\0') {
		snprintf(c->err, c->errlen, "%s= has no value", key);
		return -EINVAL;
	}
	if (c->seen & 1u << i) {
		snprintf(c->err, c->errlen, "%s= is given twice", key);
		return -EINVAL;
	}
	c->seen |= 1u << i;
	return bus_keys[i].set(c, value);
}

static int
parse_list(struct parse_ctx *c, const char *args)
{
	struct rte_kvargs *kv;
	unsigned int i;
	int rc = 0;

	if (args == NULL || args[0] == '\0')
		return 0;
	kv = rte_kvargs_parse(args, NULL);
	if (kv == NULL) {
		snprintf(c->err, c->errlen, "\"%.100s\" is not a list of key=value", args);
		return -EINVAL;
	}
	for (i = 0; rc == 0 && i < kv->count; i++)
		rc = one_pair(c, kv->pairs[i].key, kv->pairs[i].value);
	rte_kvargs_free(kv);
	return rc;
}

/* A file of tags that nothing would read is a mistake. */
static int
check_tags(struct parse_ctx *c)
{
	const bool direct = c->p->tph_dialect == STEER_TPH_DIALECT_DIRECT;

	if (direct == (c->p->tph_tags[0] != '\0'))
		return 0;
	snprintf(
		c->err, c->errlen, "%s",
		direct ? "tph-dialect=direct needs tph-tags=FILE, lines of \"CPU TAG\""
		       : "tph-tags= is for tph-dialect=direct only; other dialects ask the kernel");
	return -EINVAL;
}

static int
check_transport(struct parse_ctx *c)
{
	if (!c->p->transport_given || c->p->sock[0] == '\0')
		return 0;
	snprintf(c->err, c->errlen,
		 "transport= is for devices of the kernel, sock= for others; give one of them");
	return -EINVAL;
}

/* What nobody would read is a mistake, and without an IOMMU nothing keeps a device out of memory.
 */
static int
check_tsm(struct parse_ctx *c)
{
	const bool asked = c->p->tsm_mode != STEER_TSM_OFF;
	const char *why = NULL;

	if (!asked && c->p->tsm_policy[0] != '\0')
		why = "tsm-policy= is for tsm=prefer or tsm=require; give one of them";
	else if (!asked && c->p->tsm_evidence[0] != '\0')
		why = "tsm-evidence= is for tsm=prefer or tsm=require; give one of them";
	else if (asked && c->p->transport == STEER_VFIO_NOIOMMU)
		why = "tsm= needs an IOMMU, which holds DMA back until the device is verified; "
		      "give "
		      "no transport=noiommu";
	if (why == NULL)
		return 0;
	snprintf(c->err, c->errlen, "%s", why);
	return -EINVAL;
}

int
vfio_bus_params_parse(const char *bus_layer, const char *args, struct vfio_bus_params *p, char *err,
		      size_t errlen)
{
	struct parse_ctx c = {.p = p, .err = err, .errlen = errlen};
	int rc;

	*p = (struct vfio_bus_params){.steer_mode = STEER_MODE_AUTO, .tph_feature = -1};
	rc = parse_list(&c, bus_layer);
	if (rc == 0)
		rc = parse_list(&c, args);
	if (rc == 0)
		rc = check_tags(&c);
	if (rc == 0)
		rc = check_transport(&c);
	if (rc == 0)
		rc = check_tsm(&c);
	if (rc != 0) {
		free(p->driver_args);
		p->driver_args = NULL;
	}
	return rc;
}

int
vfio_bus_args_unknown(const char *args, const char *const *known, char *buf, size_t len)
{
	struct rte_kvargs *kv = args != NULL ? rte_kvargs_parse(args, NULL) : NULL;
	const char *const *k;
	unsigned int i;
	int found = 0;

	for (i = 0; kv != NULL && i < kv->count && !found; i++) {
		for (k = known; k != NULL && *k != NULL; k++)
			if (strcmp(*k, kv->pairs[i].key) == 0)
				break;
		found = k == NULL || *k == NULL;
		if (found)
			snprintf(buf, len, "%s", kv->pairs[i].key);
	}
	rte_kvargs_free(kv);
	return found;
}
