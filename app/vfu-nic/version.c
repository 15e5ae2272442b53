/* SPDX-License-Identifier: BSD-3-Clause */

/* VERSION: the first message, and the JSON in it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "nic_priv.h"

#define JSON_MAX_LEN   4096u
#define JSON_MAX_DEPTH 8u

/* The parser recurses: bound the nesting before it sees the text. */
static bool
too_deep(const char *s, size_t len)
{
	unsigned int depth = 0;
	bool quoted = false;
	size_t i;

	for (i = 0; i < len; i++) {
		if (quoted && s[i] == '\\')
			i++;
		else if (s[i] == '"')
			quoted = !quoted;
		else if (!quoted && (s[i] == '{' || s[i] == '['))
			depth++;
		else if (!quoted && (s[i] == '}' || s[i] == ']') && depth > 0)
			depth--;
		if (depth > JSON_MAX_DEPTH)
			return true;
	}
	return false;
}

static int
take_number(const json_t *caps, const char *key, json_int_t lo, json_int_t hi, uint32_t *out)
{
	const json_t *v = json_object_get(caps, key);

	if (v == NULL)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < lo)
		return -EINVAL;
	*out = (uint32_t)(json_integer_value(v) > hi ? hi : json_integer_value(v));
	return 0;
}

static int
take_caps(struct nic_conn *c, const json_t *root)
{
	const json_t *caps = json_object_get(root, "capabilities");
	int rc;

	if (!json_is_object(root) || (caps != NULL && !json_is_object(caps)))
		return -EINVAL;
	if (caps == NULL)
		return 0;
	rc = take_number(caps, "max_msg_fds", 0, NIC_MSG_FDS, &c->max_fds);
	if (rc == 0)
		rc = take_number(caps, "max_data_xfer_size", 1, NIC_DATA_XFER, &c->max_xfer);
	if (c->max_fds == 0)
		c->max_fds = 1;
	c->tph_key = json_is_true(json_object_get(caps, VFU_KEY_TPH_FEATURE));
	c->tsm_key = json_is_true(json_object_get(caps, VFU_KEY_TSM_FEATURE));
	return rc;
}

static int
parse(struct nic_conn *c, const char *text, size_t len)
{
	json_error_t err;
	json_t *root;
	int rc;

	if (len == 0)
		return 0;
	if (len > JSON_MAX_LEN || memchr(text, '\0', len) != text + len - 1 ||
	    too_deep(text, len - 1))
		return -EINVAL;
	root = json_loadb(text, len - 1, JSON_REJECT_DUPLICATES, &err);
	if (root == NULL)
		return -EINVAL;
	rc = take_caps(c, root);
	json_decref(root);
	return rc;
}

/* By hand and short: clients refuse a reply that is longer than their request, QEMU's is 214. */
static uint32_t
answer(const struct nic *nic, char *out, size_t size)
{
	char tph[32] = "", tsm[32] = "";

	if (nic->conn.tph_key && nic->opts.tph != NIC_TPH_NONE)
		snprintf(tph, sizeof(tph), ",\"" VFU_KEY_TPH_FEATURE "\":%u",
			 nic->opts.tph_feature);
	if (nic->conn.tsm_key && nic_tsm_index(nic) != 0)
		snprintf(tsm, sizeof(tsm), ",\"" VFU_KEY_TSM_FEATURE "\":%u", nic_tsm_index(nic));
	return 1 + (uint32_t)snprintf(out, size,
				      "{\"capabilities\":{\"max_msg_fds\":%u,"
				      "\"max_data_xfer_size\":%u,\"max_dma_maps\":%u,"
				      "\"pgsizes\":%u%s%s}}",
				      NIC_MSG_FDS, NIC_DATA_XFER, NIC_DMA_MAPS, NIC_PAGE, tph, tsm);
}

int
nic_msg_version(struct nic *nic, struct nic_msg *m)
{
	const struct vfu_version reply = {.major = VFU_MAJOR, .minor = VFU_MINOR};
	struct vfu_version v;
	int rc;

	m->fatal = true;
	if (nic->conn.versioned)
		return -EINVAL;
	memcpy(&v, m->data, sizeof(v));
	if (v.major != VFU_MAJOR)
		return -EINVAL;
	rc = parse(&nic->conn, (const char *)m->data + sizeof(v), m->len - sizeof(v));
	if (rc < 0)
		return rc;
	m->fatal = false;
	nic->conn.versioned = true;
	memcpy(m->out, &reply, sizeof(reply));
	m->out_len = sizeof(reply) + answer(nic, (char *)m->out + sizeof(reply), 256);
	return 0;
}
