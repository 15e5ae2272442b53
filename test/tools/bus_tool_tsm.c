/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <bus_vfio_tsm.h>

#include "bus_tool_tsm.h"

int
tool_vectors(struct steer_vfio_dev *vdev, uint32_t n)
{
	int fds[64] = {0}, rc;
	uint32_t i;

	if (n > RTE_DIM(fds))
		return -EINVAL;
	for (i = 0; i < n; i++)
		fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	rc = steer_vfio_irqs_set(vdev, STEER_VFIO_IRQ_MSIX, 0, n, fds);
	for (i = 0; i < n; i++)
		close(fds[i]);
	return rc;
}

int
tool_tsm_attach(struct vfio_bus_device *dev)
{
	struct steer_vfio_irq irq = {0};
	int rc = 0;

	if (vfio_bus_tsm_locks(dev))
		rc = steer_vfio_irq_info(dev->vdev, STEER_VFIO_IRQ_MSIX, &irq);
	if (rc == 0 && irq.count != 0)
		rc = tool_vectors(dev->vdev, irq.count);
	if (rc == 0)
		rc = vfio_bus_set_master(dev, true);
	if (rc == 0 && irq.count != 0 && steer_tph_usable(dev->tph) == 0)
		rc = steer_tph_enable(dev->tph, STEER_PCI_TPH_MODE_IV);
	return rc != 0 ? rc : vfio_bus_tsm_run(dev, (uint16_t)irq.count);
}

int
tool_tsm_show(const char *name)
{
	struct steer_tsm_verdict v;
	char *text;
	int rc = vfio_bus_tsm_verdict(name, &v);

	if (rc != 0)
		return rc;
	text = steer_tsm_verdict_json(&v);
	if (text == NULL)
		return -ENOMEM;
	/* JSON's own line ends would be taken for answers. */
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	printf("verdict %s\n", text);
	free(text);
	return 0;
}
