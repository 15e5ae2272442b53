/* SPDX-License-Identifier: BSD-3-Clause */

/* What stands behind --vdev=steer: pure functions. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_kvargs.h>

#include "plugin.h"

#define SCAN_US     2000
#define SCAN_US_MAX 10000000L

struct parse {
	struct plugin_args *args;
	char *err;
	size_t len;
};

/* Digits only, up to what may follow. */
static int
number(const char *text, const char **end, long max, long *n)
{
	char *after;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*n = strtol(text, &after, 10);
	*end = after;
	return errno != 0 || *n > max ? -EINVAL : 0;
}

static int
list(const char *value, bool *port)
{
	long n;

	for (;; value++) {
		if (number(value, &value, RTE_MAX_ETHPORTS - 1, &n) != 0)
			return -EINVAL;
		port[n] = true;
		if (*value == '\0')
			return 0;
		if (*value != ':')
			return -EINVAL;
	}
}

static int
set_ports(struct parse *p, const char *value)
{
	if (strcmp(value, "all") == 0)
		return 0;
	memset(p->args->port, 0, sizeof(p->args->port));
	if (list(value, p->args->port) == 0)
		return 0;
	snprintf(p->err, p->len,
		 "ports=%.64s is neither all nor port numbers, 0 to %d, with : between", value,
		 RTE_MAX_ETHPORTS - 1);
	return -EINVAL;
}

static int
set_scan(struct parse *p, const char *value)
{
	const char *end;
	long us;

	if (number(value, &end, SCAN_US_MAX, &us) == 0 && us > 0 && *end == '\0') {
		p->args->scan_us = (unsigned int)us;
		return 0;
	}
	snprintf(p->err, p->len, "scan=%.64s is not a number of microseconds, 1 to %ld", value,
		 SCAN_US_MAX);
	return -EINVAL;
}

static const struct {
	const char *key;
	int (*set)(struct parse *p, const char *value);
} keys[] = {{"ports", set_ports}, {"scan", set_scan}};

static int
set_pair(const char *key, const char *value, void *arg)
{
	struct parse *p = arg;
	unsigned int k;

	for (k = 0; k < RTE_DIM(keys); k++)
		if (strcmp(key, keys[k].key) == 0)
			return keys[k].set(p, value != NULL ? value : "");
	snprintf(p->err, p->len, "%.64s= is not known; ports= and scan= are", key);
	return -EINVAL;
}

static int
set_all(const struct rte_kvargs *kv, struct parse *p)
{
	unsigned int k;

	for (k = 0; k < RTE_DIM(keys); k++) {
		if (rte_kvargs_count(kv, keys[k].key) > 1) {
			snprintf(p->err, p->len, "%s= is given twice", keys[k].key);
			return -EINVAL;
		}
	}
	return rte_kvargs_process(kv, NULL, set_pair, p) == 0 ? 0 : -EINVAL;
}

int
plugin_args_parse(const char *text, struct plugin_args *args, char *err, size_t len)
{
	struct parse p = {.args = args, .err = err, .len = len};
	struct rte_kvargs *kv;
	int rc;

	*args = (struct plugin_args){.scan_us = SCAN_US};
	memset(args->port, true, sizeof(args->port));
	if (text == NULL || text[0] == '\0')
		return 0;
	snprintf(err, len, "%.64s is not KEY=VALUE with commas between", text);
	kv = rte_kvargs_parse(text, NULL);
	if (kv == NULL)
		return -EINVAL;
	rc = set_all(kv, &p);
	rte_kvargs_free(kv);
	return rc;
}
