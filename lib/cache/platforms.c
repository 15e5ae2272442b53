/* SPDX-License-Identifier: BSD-3-Clause */

/* Machines by name, and by name with parts of them changed. */

#include "platforms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct steer_platform *const all[] = {
	&platform_clx,  &platform_skl_6140, &platform_icx,         &platform_spr,
	&platform_zen4, &platform_zen5,     &platform_neoverse_n1, &platform_neoverse_v2,
};

#define N_PLATFORMS (sizeof(all) / sizeof(all[0]))

const struct steer_platform *
steer_platform_next(const struct steer_platform *p)
{
	size_t i = 0;

	if (p == NULL)
		return all[0];
	while (i < N_PLATFORMS && all[i] != p)
		i++;
	return i + 1 < N_PLATFORMS ? all[i + 1] : NULL;
}

static const struct steer_platform *
find(const char *name, size_t len)
{
	for (size_t i = 0; i < N_PLATFORMS; i++)
		if (strlen(all[i]->name) == len && memcmp(all[i]->name, name, len) == 0)
			return all[i];
	return NULL;
}

const struct steer_platform *
steer_platform_find(const char *name)
{
	return name ? find(name, strlen(name)) : NULL;
}

static int
no_platform(const char *name, size_t name_len, char *why, size_t len)
{
	size_t n = (size_t)snprintf(why, len, "no platform '%.*s', known:", (int)name_len, name);

	for (size_t i = 0; i < N_PLATFORMS && n < len; i++)
		n += (size_t)snprintf(why + n, len - n, " %s", all[i]->name);
	return -ENOENT;
}

/* Part of a platform that a number may change. */
struct key {
	const char *name;
	size_t offset; /* of an uint16_t, but for tags */
	unsigned long max;
};

static int
key_set(struct steer_platform *p, const char *key, size_t key_len, unsigned long value)
{
	const struct key keys[] = {
		{"io_ways", offsetof(struct steer_platform, io_ways), p->llc.ways},
		{"shared", offsetof(struct steer_platform, shared_ways), p->llc.ways},
		{"tag_ways", offsetof(struct steer_platform, l2_tag_ways), p->l2.ways},
		{"declined", offsetof(struct steer_platform, tag_declined), STEER_CACHE_PER_MILLE},
		{"slices", offsetof(struct steer_platform, llc_slices), 256},
	};

	if (key_len == strlen("tags") && memcmp(key, "tags", key_len) == 0) {
		p->tags_to_l2 = value == 1;
		return value <= 1 ? 0 : -EINVAL;
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		uint16_t v = (uint16_t)value;

		if (strlen(keys[i].name) != key_len || memcmp(keys[i].name, key, key_len) != 0)
			continue;
		if (value > keys[i].max)
			return -EINVAL;
		memcpy((char *)p + keys[i].offset, &v, sizeof(v));
		return 0;
	}
	return -EINVAL;
}

/* One key=value. @return what follows it, or NULL. */
static const char *
change(struct steer_platform *p, const char *text)
{
	const char *eq = strchr(text, '=');
	unsigned long value;
	char *end;

	if (eq == NULL || eq[1] < '0' || eq[1] > '9')
		return NULL;
	value = strtoul(eq + 1, &end, 10);
	if (*end != ',' && *end != '\0')
		return NULL;
	return key_set(p, text, (size_t)(eq - text), value) == 0 ? end : NULL;
}

int
steer_platform_parse(const char *text, struct steer_platform *out, char *why, size_t len)
{
	size_t name_len = strcspn(text, ":");
	const struct steer_platform *base = find(text, name_len);
	const char *at = text + name_len;

	if (base == NULL)
		return no_platform(text, name_len, why, len);
	*out = *base;
	while (*at != '\0') {
		const char *item = at + 1;

		at = change(out, item);
		if (at != NULL && out->llc_slices != 0)
			continue;
		snprintf(why, len,
			 "platform '%s': '%s' is not io_ways, shared, tag_ways, slices, "
			 "declined (of 1000) or tags (0 or 1) with a number that fits",
			 base->name, item);
		return -EINVAL;
	}
	return 0;
}
