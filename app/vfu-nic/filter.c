/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include "vio.h"

void
vio_filter_reset(struct vio *vio)
{
	struct vio_filter *f = &vio->filter;

	memset(f, 0, sizeof(*f));
	/* Nothing is filtered until the driver says how. */
	f->promisc = true;
	memcpy(f->mac, vio->opts->mac, sizeof(f->mac));
}

static bool
in_table(const uint8_t (*table)[6], uint16_t n, const uint8_t *addr)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		if (memcmp(table[i], addr, 6) == 0)
			return true;
	}
	return false;
}

static bool
accept_vlan(const struct vio_filter *f, const uint8_t *frame, uint32_t len)
{
	uint16_t id;

	if (!f->vlan_on || len < 16 || frame[12] != 0x81 || frame[13] != 0x00)
		return true;
	id = (uint16_t)((frame[14] & 0x0f) << 8 | frame[15]);
	return f->vlan[id / 32] >> (id % 32) & 1;
}

bool
vio_filter_accept(const struct vio_filter *f, const uint8_t *frame, uint32_t len)
{
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (len < 14)
		return false;
	if (f->promisc)
		return true;
	if (!accept_vlan(f, frame, len))
		return false;
	if (!(frame[0] & 1))
		return f->uni_overflow || memcmp(frame, f->mac, 6) == 0 ||
		       in_table(f->uni, f->nr_uni, frame);
	return f->allmulti || f->multi_overflow || memcmp(frame, broadcast, 6) == 0 ||
	       in_table(f->multi, f->nr_multi, frame);
}
