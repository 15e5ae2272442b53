/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "virtio.h"

/* Least lengths: of the capability itself, and of the structure it points to (4.1.4). */
static const struct {
	uint8_t cap_len;
	uint8_t align;
	uint32_t min;
} rules[VNET_CAP_TYPES] = {
	[VNET_CAP_COMMON] = {16, 4, VNET_COMMON_LEN},
	[VNET_CAP_NOTIFY] = {20, 2, 2},
	[VNET_CAP_ISR] = {16, 1, 1},
	[VNET_CAP_DEVICE] = {16, 4, offsetof(struct vnet_config, max_pairs)},
};

#define CAP_BAR_MAX 5

/** @return true when the capability at pos is usable and the first of its type. */
static bool
cap_take(const uint8_t *img, size_t len, int pos, struct vnet_caps *caps)
{
	struct vnet_cap *cap;
	uint8_t type;

	if ((size_t)pos + 16 > len)
		return false;
	type = img[pos + 3];
	if (type == 0 || type >= VNET_CAP_TYPES)
		return false;
	cap = &caps->cap[type];
	if (cap->len != 0 || img[pos + 2] < rules[type].cap_len ||
	    (size_t)pos + rules[type].cap_len > len || img[pos + 4] > CAP_BAR_MAX)
		return false;
	if (steer_pci_rd32(img, pos + 12) < rules[type].min ||
	    steer_pci_rd32(img, pos + 8) % rules[type].align != 0)
		return false;
	cap->bar = img[pos + 4];
	cap->off = steer_pci_rd32(img, pos + 8);
	cap->len = steer_pci_rd32(img, pos + 12);
	if (type == VNET_CAP_NOTIFY)
		cap->notify_mult = steer_pci_rd32(img, pos + 16);
	return true;
}

int
vnet_caps_decode(const uint8_t *img, size_t len, struct vnet_caps *caps, int *missing)
{
	int pos = 0, type;

	memset(caps, 0, sizeof(*caps));
	*missing = 0;
	while ((pos = steer_pci_find_cap(img, len, STEER_PCI_CAP_VNDR, pos)) > 0)
		cap_take(img, len, pos, caps);
	if (pos != -ENOENT)
		return pos;
	for (type = VNET_CAP_COMMON; type < VNET_CAP_TYPES; type++) {
		if (caps->cap[type].len == 0) {
			*missing = type;
			return -ENOENT;
		}
	}
	return 0;
}
