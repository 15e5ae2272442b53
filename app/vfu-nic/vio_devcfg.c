/* SPDX-License-Identifier: BSD-3-Clause */

#include <string.h>

#include "vio.h"

#define SPEED_UNKNOWN  UINT32_MAX
#define DUPLEX_FULL    1
#define DUPLEX_UNKNOWN 0xff

void
vio_devcfg_init(struct vio *vio)
{
	struct vio_net_config *cfg = &vio->cfg;

	memset(cfg, 0, sizeof(*cfg));
	memcpy(cfg->mac, vio->opts->mac, sizeof(cfg->mac));
	cfg->max_virtqueue_pairs = vio->pairs;
	cfg->mtu = vio->opts->mtu;
	cfg->speed = SPEED_UNKNOWN;
	cfg->duplex = DUPLEX_UNKNOWN;
	if (vio->offered & VIO_BIT(VIO_F_RSS)) {
		cfg->rss_max_key_size = VIO_RSS_KEY;
		cfg->rss_max_indirection_table_length = VIO_RSS_RETA;
		cfg->supported_hash_types = VIO_HASH_ALL;
	}
}

void
vio_config_changed(struct vio *vio)
{
	__atomic_or_fetch(&vio->isr, VIO_ISR_CONFIG, __ATOMIC_RELAXED);
	nic_irq_fire(vio->nic, __atomic_load_n(&vio->config_vector, __ATOMIC_RELAXED));
}

void
vio_devcfg_link(struct vio *vio, bool up, uint32_t speed)
{
	uint16_t status = up ? VIO_NET_S_LINK_UP : 0;

	if (vio->cfg.status == status && vio->cfg.speed == speed)
		return;
	vio->cfg.status = status;
	vio->cfg.speed = speed;
	vio->cfg.duplex = speed == SPEED_UNKNOWN ? DUPLEX_UNKNOWN : DUPLEX_FULL;
	vio->generation++;
	if (vio->status & VIO_S_DRIVER_OK)
		vio_config_changed(vio);
}
