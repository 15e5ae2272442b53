/* SPDX-License-Identifier: BSD-3-Clause */

#include <inttypes.h>
#include <stdio.h>

#include "nic_priv.h"

/* Counters, TPH control, and the ST entries that are not 0 as index:tag. */
static void
print_line(const struct nic *nic, const char *what)
{
	const struct nic_stats *s = &nic->stats;
	struct nic_tsm_show tsm;
	const char *sep = "";
	uint32_t i;

	printf("vfu-nic: %s %s: clients=%" PRIu64 " refused=%" PRIu64 " messages=%" PRIu64
	       " errors=%" PRIu64 " faults=%" PRIu64 " resets=%" PRIu64 " dma_maps=%u"
	       " st_writes=%" PRIu64 " tph_ctrl=0x%x st=",
	       nic->opts.sock, what, atomic_load(&s->clients), atomic_load(&s->refused),
	       atomic_load(&s->messages), atomic_load(&s->errors), atomic_load(&s->faults),
	       atomic_load(&s->resets), nic->dma.n, atomic_load(&nic->tph.st_writes),
	       atomic_load(&nic->tph.ctrl));
	for (i = 0; i < nic->tph.entries; i++) {
		if (nic->tph.st[i] == 0)
			continue;
		printf("%s%u:0x%x", sep, i, nic->tph.st[i]);
		sep = ",";
	}
	if (nic_tsm_show(nic, &tsm))
		printf(" tsm=%s tsm_maps_before_run=%" PRIu64, tsm.state, tsm.maps_before_run);
	printf("\n");
}

void
nic_report(const struct nic *nic, const char *what)
{
	vio_pause(nic->vio);
	print_line(nic, what);
	vio_report(nic->vio);
	fflush(stdout);
	vio_resume(nic->vio);
}
