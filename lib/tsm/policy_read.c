/* SPDX-License-Identifier: BSD-3-Clause */

/* Values of a policy file by their kind. */

#include <errno.h>
#include <string.h>

#include "policy.h"

/* Each key of an object by its row. */
int
policy_read_object(struct policy_reading *r, const char *where, const struct policy_key *keys,
		   size_t nb, const json_t *object)
{
	const char *name;
	json_t *value;
	size_t i;
	int rc;

	json_object_foreach((json_t *)object, name, value) {
		for (i = 0; i < nb && strcmp(name, keys[i].name) != 0; i++)
			;
		if (i == nb)
			return policy_bad(r, -EINVAL, where,
					  "unknown key '%.40s'; doc/tsm-policy.schema.json has all",
					  name);
		rc = keys[i].read(r, name, value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int
policy_read_bool(struct policy_reading *r, const char *key, const json_t *v, bool *out)
{
	if (!json_is_boolean(v))
		return policy_bad(r, -EINVAL, key, "not true or false");
	*out = json_is_true(v);
	return 0;
}

int
policy_read_number(struct policy_reading *r, const char *key, const json_t *v, uint32_t min,
		   uint32_t max, uint32_t *out)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < (json_int_t)min || n > (json_int_t)max)
		return policy_bad(r, -EINVAL, key, "not a whole number from %u to %u", min, max);
	*out = (uint32_t)n;
	return 0;
}

/* One of two words. */
int
policy_read_either(struct policy_reading *r, const char *key, const json_t *v, const char *no,
		   const char *yes, bool *out)
{
	const char *text = json_string_value(v);

	if (text == NULL || (strcmp(text, no) != 0 && strcmp(text, yes) != 0))
		return policy_bad(r, -EINVAL, key, "not \"%s\" or \"%s\"", no, yes);
	*out = strcmp(text, yes) == 0;
	return 0;
}
