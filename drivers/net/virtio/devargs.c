/* SPDX-License-Identifier: BSD-3-Clause */

/* The driver's own devargs. */

#include <errno.h>
#include <string.h>

#include <rte_kvargs.h>

#include "virtio.h"

#define ARG_PACKED "packed"

const char *const vnet_devargs[] = {ARG_PACKED, NULL};

enum packed_arg { PACKED_AUTO, PACKED_ON, PACKED_OFF };

static int
packed_parse(const char *key, const char *value, void *out)
{
	static const char *const words[] = {
		[PACKED_AUTO] = "auto", [PACKED_ON] = "on", [PACKED_OFF] = "off"};
	unsigned int i;

	RTE_SET_USED(key);
	for (i = 0; i < RTE_DIM(words); i++) {
		if (value != NULL && strcmp(value, words[i]) == 0) {
			*(enum packed_arg *)out = (enum packed_arg)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int
packed_arg(const struct vnet_hw *hw, enum packed_arg *arg)
{
	struct rte_kvargs *kv;
	int ret;

	*arg = PACKED_AUTO;
	if (hw->bus->driver_args == NULL)
		return 0;
	kv = rte_kvargs_parse(hw->bus->driver_args, NULL);
	if (kv == NULL)
		return -EINVAL;
	ret = rte_kvargs_process(kv, ARG_PACKED, packed_parse, arg);
	rte_kvargs_free(kv);
	return ret < 0 ? -EINVAL : 0;
}

int
vnet_layout_choose(struct vnet_hw *hw)
{
	bool offered = vnet_offers(hw, VNET_F_RING_PACKED);
	enum packed_arg arg;

	if (packed_arg(hw, &arg) != 0) {
		VNET_LOG(ERR, hw, "devargs %s: packed= takes auto, on or off",
			 hw->bus->driver_args);
		return -EINVAL;
	}
	if (arg == PACKED_ON && !offered) {
		VNET_LOG(ERR, hw, "packed=on: the device offers no packed rings; leave it out");
		return -ENOTSUP;
	}
	hw->packed = offered && arg != PACKED_OFF;
	return 0;
}
