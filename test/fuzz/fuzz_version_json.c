/* SPDX-License-Identifier: BSD-3-Clause */

/* The bytes are the text of a server's VERSION reply. */

#include <errno.h>

#include "user.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct user_caps c;
	char why[96] = "";
	int rc = user_caps_parse((const char *)data, size, &c, why, sizeof(why));

	if (rc < 0) {
		must(rc == -EPROTO && why[0] != '\0');
		return 0;
	}
	must(c.max_msg_fds >= 1 && c.max_msg_fds <= VFU_LIM_MSG_FDS);
	must(c.max_data_xfer >= 8 && c.max_data_xfer <= VFU_LIM_DATA_XFER);
	must(c.max_dma_maps >= 1 && c.max_dma_maps <= VFU_DEF_MAX_DMA_MAPS);
	must(c.pgsizes >= 4096 && (c.pgsizes & 4095) == 0);
	must(c.tph_feature == -ENOENT || (c.tph_feature >= 0 && c.tph_feature <= 0xffff));
	return 0;
}
