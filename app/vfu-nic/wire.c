/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <string.h>

#include "wire.h"

static const struct wire_ops *const kinds[] = {&wire_gen_ops, &wire_ethdev_ops};

int
wire_open(struct vio *vio)
{
	const char *text = vio->opts->wire;
	size_t i;

	for (i = 0; i < RTE_DIM(kinds); i++) {
		if (strncmp(text, kinds[i]->prefix, strlen(kinds[i]->prefix)) == 0)
			return kinds[i]->open(vio, text, &vio->wire);
	}
	fprintf(stderr, "vfu-nic: wire \"%s\": unknown kind; use gen,... or net_...,...\n", text);
	return -EINVAL;
}

void
wire_close(struct vio *vio)
{
	if (!vio->wire)
		return;
	vio->wire->ops->close(vio->wire);
	vio->wire = NULL;
}

void
wire_resteer(struct vio *vio)
{
	if (vio->wire && vio->wire->ops->resteer)
		vio->wire->ops->resteer(vio->wire);
}

int
wire_traffic(struct vio *vio, const struct steer_trace_gen *want)
{
	static const struct steer_trace_gen none;

	if (!want)
		want = &none;
	if (vio->wire->ops->traffic)
		return vio->wire->ops->traffic(vio->wire, want);
	return memcmp(want, &none, sizeof(none)) == 0 ? 0 : -ENOTSUP;
}
