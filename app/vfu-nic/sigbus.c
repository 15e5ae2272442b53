/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * DMA memory comes from EAL's memfds, which nobody can seal any more: a client that shrinks one
 * makes our next access a SIGBUS. The handler puts zero pages over the mapping, so that the access
 * ends, and asks for the client's end. The table of files only changes while workers are paused,
 * so a worker's handler may read it.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "nic_priv.h"

static struct nic *guarded;

static void
on_sigbus(int sig, siginfo_t *info, void *ctx)
{
	const uint8_t *addr = info->si_addr;
	int saved = errno;
	uint32_t i;

	for (i = 0; i < guarded->dma.nfiles; i++) {
		const struct nic_dma_file *f = &guarded->dma.files[i];

		if (f->refs == 0 || addr < f->base || addr >= f->base + f->len)
			continue;
		if (mmap(f->base, f->len, PROT_READ | PROT_WRITE,
			 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			 0) == MAP_FAILED)
			break;
		nic_fault(guarded, "DMA memory shrank under use");
		errno = saved;
		return;
	}
	/* Not a client's memory: the access is repeated and ends the process as it should. */
	signal(sig, SIG_DFL);
	errno = saved;
}

int
nic_sigbus_guard(struct nic *nic)
{
	struct sigaction sa = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_NODEFER};

	guarded = nic;
	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL) < 0 ? -errno : 0;
}
