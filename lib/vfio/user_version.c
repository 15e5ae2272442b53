/* SPDX-License-Identifier: BSD-3-Clause */

/* VERSION: what each side can take, as JSON. */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"

/* Smaller transfers could not carry a 64-bit register. */
#define MIN_DATA_XFER 8

static int
key_range(const json_t *caps, const char *key, json_int_t min, json_int_t max, json_int_t *val,
	  char *why, size_t whylen)
{
	const json_t *v = json_object_get(caps, key);

	if (v == NULL)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max) {
		snprintf(why, whylen, "%s is not a number from %lld to %lld", key, (long long)min,
			 (long long)max);
		return -EPROTO;
	}
	*val = json_integer_value(v);
	return 0;
}

/* A server that knows the key but has no such feature may answer with a boolean. */
static int
key_index(const json_t *caps, const char *key, json_int_t *val, char *why, size_t whylen)
{
	if (json_is_boolean(json_object_get(caps, key)))
		return 0;
	return key_range(caps, key, 0, VFU_FEATURE_INDEX_MASK, val, why, whylen);
}

static int
caps_from_json(const json_t *json, struct user_caps *caps, char *why, size_t whylen)
{
	json_int_t fds = caps->max_msg_fds, xfer = caps->max_data_xfer, maps = caps->max_dma_maps;
	json_int_t pgsizes = (json_int_t)caps->pgsizes, tph = -ENOENT, tsm = -ENOENT;

	if (key_range(json, "max_msg_fds", 0, VFU_LIM_MSG_FDS, &fds, why, whylen) < 0 ||
	    key_range(json, "max_data_xfer_size", MIN_DATA_XFER, VFU_LIM_DATA_XFER, &xfer, why,
		      whylen) < 0 ||
	    key_range(json, "max_dma_maps", 1, VFU_DEF_MAX_DMA_MAPS, &maps, why, whylen) < 0 ||
	    key_range(json, "pgsizes", VFU_DEF_PGSIZE, INT64_MAX, &pgsizes, why, whylen) < 0)
		return -EPROTO;
	if (pgsizes & (VFU_DEF_PGSIZE - 1)) {
		snprintf(why, whylen, "pgsizes holds pages below 4096");
		return -EPROTO;
	}
	if (key_index(json, VFU_KEY_TPH_FEATURE, &tph, why, whylen) < 0 ||
	    key_index(json, VFU_KEY_TSM_FEATURE, &tsm, why, whylen) < 0)
		return -EPROTO;
	/* It says that there is a TSM, and not where: that is no absence. */
	if (json_is_true(json_object_get(json, VFU_KEY_TSM_FEATURE)))
		tsm = -EPROTO;
	/* 0 descriptors would make DMA maps impossible; the text's default is 1. */
	caps->max_msg_fds = fds > 0 ? (uint32_t)fds : VFU_DEF_MAX_MSG_FDS;
	caps->max_data_xfer = (uint32_t)xfer;
	caps->max_dma_maps = (uint32_t)maps;
	caps->pgsizes = (uint64_t)pgsizes;
	caps->tph_feature = (int)tph;
	caps->tsm_feature = (int)tsm;
	return 0;
}

static int
text_to_json(const char *text, size_t len, json_t **root, char *why, size_t whylen)
{
	json_error_t e;

	if (text[len - 1] != '\0') {
		snprintf(why, whylen, "the text does not end with a NUL");
		return -EPROTO;
	}
	*root = json_loadb(text, len - 1, JSON_REJECT_DUPLICATES, &e);
	if (*root == NULL) {
		snprintf(why, whylen, "JSON: %.60s", e.text);
		return -EPROTO;
	}
	return 0;
}

int
user_caps_parse(const char *text, size_t len, struct user_caps *caps, char *why, size_t whylen)
{
	const json_t *obj;
	json_t *root;
	int rc = 0;

	*caps = (struct user_caps){
		.max_msg_fds = VFU_DEF_MAX_MSG_FDS,
		.max_data_xfer = VFU_DEF_MAX_DATA_XFER,
		.max_dma_maps = VFU_DEF_MAX_DMA_MAPS,
		.pgsizes = VFU_DEF_PGSIZE,
		.tph_feature = -ENOENT,
		.tsm_feature = -ENOENT,
	};
	if (len == 0)
		return 0;
	if (text_to_json(text, len, &root, why, whylen) < 0)
		return -EPROTO;
	obj = json_object_get(root, "capabilities");
	if (!json_is_object(root) || (obj != NULL && !json_is_object(obj))) {
		snprintf(why, whylen, "capabilities is not an object");
		rc = -EPROTO;
	} else if (obj != NULL) {
		rc = caps_from_json(obj, caps, why, whylen);
	}
	json_decref(root);
	return rc;
}

static char *
own_text(bool ask_tsm)
{
	json_t *j =
		json_pack("{s:{s:i,s:i,s:b}}", "capabilities", "max_msg_fds", USER_MAX_MSG_FDS,
			  "max_data_xfer_size", (int)USER_MAX_DATA_XFER, VFU_KEY_TPH_FEATURE, 1);
	char *text = NULL;

	/* Own keys make other servers warn, so this one is shown to who was told that it may be
	 * there. */
	if (!ask_tsm || json_object_set_new(json_object_get(j, "capabilities"), VFU_KEY_TSM_FEATURE,
					    json_true()) == 0)
		text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	return text;
}

static int
version_exchange(struct user_dev *u, const char *text, char *reply, size_t *len)
{
	const struct vfu_version req = {.major = VFU_MAJOR, .minor = VFU_MINOR};
	struct vfu_version rsp = {0};
	struct user_call call = {
		.cmd = VFU_VERSION,
		.req = &req,
		.req_len = sizeof(req),
		.req_data = text,
		.req_data_len = strlen(text) + 1,
		.rsp = &rsp,
		.rsp_len = sizeof(rsp),
		.data = reply,
		.data_cap = *len,
	};
	int rc = user_exchange(u, &call);

	/* Hanging up at once is how a server refuses a second client or a foreign user. */
	if (rc == -ENODEV)
		return vfio_fail(&u->base, -ECONNREFUSED,
				 "open: VERSION: %s; does it serve another client, or refuse "
				 "this user?",
				 call.why);
	if (rc < 0)
		return user_fail(u, &call, rc, "open: VERSION");
	if (rsp.major != VFU_MAJOR || rsp.minor > VFU_MINOR)
		return vfio_fail(&u->base, -EPROTO,
				 "open: VERSION: the server speaks %u.%u, this side %u.%u; "
				 "use a server of that version",
				 rsp.major, rsp.minor, VFU_MAJOR, VFU_MINOR);
	*len = call.data_len;
	return 0;
}

int
user_negotiate(struct user_dev *u)
{
	char *text = own_text(u->ask_tsm);
	char reply[USER_VERSION_MAX];
	size_t len = sizeof(reply);
	char why[96];
	int rc;

	if (text == NULL)
		return vfio_fail(&u->base, -ENOMEM, "open: out of memory");
	rc = version_exchange(u, text, reply, &len);
	free(text);
	if (rc < 0)
		return rc;
	if (user_caps_parse(reply, len, &u->caps, why, sizeof(why)) < 0)
		return vfio_fail(&u->base, -EPROTO, "open: VERSION: %s", why);
	if (u->ask_tsm && u->caps.tsm_feature == -EPROTO)
		return vfio_fail(&u->base, -EPROTO,
				 "open: VERSION: " VFU_KEY_TSM_FEATURE
				 " is true, where the index of a feature is wanted");
	u->base.tph_feature = u->caps.tph_feature;
	if (u->ask_tsm)
		u->base.tsm_feature = u->caps.tsm_feature;
	u->base.feature_max = u->caps.max_data_xfer < USER_MAX_DATA_XFER ? u->caps.max_data_xfer
									 : USER_MAX_DATA_XFER;
	u->base.max_dma_maps = u->caps.max_dma_maps;
	u->base.page_size = u->caps.pgsizes & -u->caps.pgsizes;
	return 0;
}
