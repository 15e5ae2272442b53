/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bus without a network driver: an EAL program with a driver of its own that only holds the
 * device. Commands on standard input, one answer line each:
 *
 * - attach DEVARGS, detach NAME, list, probe-fails 0|1, quit
 * - tsm-unknown 0|1: be a driver that does not know of a TSM; tsm NAME: verdict, as JSON
 * - grow MEGABYTES, shrink: take memory from EAL's heap, give all of it back
 * - extmem: register anonymous memory, map it for the device and unmap it
 * - pinned: kilobytes that the kernel holds in place for devices
 * - about the device probed last: vectors N, reset, tph-on MODE, tph-off, tph-restore,
 *   tph-set INDEX CPU... (-1 clears), tph-get INDEX COUNT, tph-cpu CPU
 *
 * Events come as "gone NAME" and "removed NAME"; removal is left to the prompt or, after
 * "remove-in-callback", done in the event callback itself.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include <bus_vfio_driver.h>

#include "bus_tool_tph.h"
#include "bus_tool_tsm.h"

static const struct vfio_bus_id ids[] = {{0x1af4, 0x1041}, {0}};
static const char *const devargs[] = {"tool-key", NULL};
static bool probe_fails, tsm_unknown, remove_in_callback;
static struct rte_device *device;
static struct steer_vfio_dev *vdev;
static struct steer_tph *tph;
static void *grown[16];
static unsigned int nb_grown;

static int
tool_probe(struct vfio_bus_driver *drv, struct vfio_bus_device *dev)
{
	int rc = probe_fails ? -EIO : tsm_unknown ? 0 : tool_tsm_attach(dev);

	device = &dev->device;
	vdev = dev->vdev;
	tph = dev->tph;
	if (rc == 0)
		printf("probed %s %04x:%04x args=%s tph=%d\n", dev->device.name, dev->id.vendor,
		       dev->id.device, dev->driver_args != NULL ? dev->driver_args : "",
		       steer_tph_usable(dev->tph));
	else
		tph = NULL;
	return rc;
}

static int
tool_remove(struct vfio_bus_device *dev)
{
	vfio_bus_tsm_stop(dev);
	tph = NULL;
	device = NULL;
	printf("released %s\n", dev->device.name);
	return 0;
}

static void
tool_gone(struct vfio_bus_device *dev)
{
	printf("gone %s\n", dev->device.name);
}

static struct vfio_bus_driver tool_driver = {
	.id_table = ids,
	.devargs = devargs,
	.probe = tool_probe,
	.remove = tool_remove,
	.gone = tool_gone,
};
VFIO_BUS_REGISTER_DRIVER(bus_tool, tool_driver)

static int
by_name(const struct rte_device *dev, const void *name)
{
	return strcmp(rte_dev_name(dev), name);
}

static struct rte_device *
find(const char *name)
{
	struct rte_bus *bus = rte_bus_find_by_name("vfio");

	return bus != NULL ? bus->find_device(NULL, by_name, name) : NULL;
}

static void
on_event(const char *name, enum rte_dev_event_type type, void *arg)
{
	int rc = 0;

	if (type != RTE_DEV_EVENT_REMOVE)
		return;
	if (remove_in_callback)
		rc = rte_dev_remove(find(name));
	printf("removed %s %d\n", name, rc);
}

static int
detach(const char *name)
{
	struct rte_device *dev = find(name);

	return dev != NULL ? rte_dev_remove(dev) : -ENODEV;
}

static void
list(void)
{
	struct rte_dev_iterator it;
	struct rte_device *dev;
	int n = 0;

	RTE_DEV_FOREACH(dev, "bus=vfio", &it)
	{
		if (!rte_dev_is_probed(dev))
			continue;
		printf("device %s\n", rte_dev_name(dev));
		n++;
	}
	printf("list %d\n", n);
}

static int
grow(const char *megabytes)
{
	size_t len = strtoul(megabytes, NULL, 0) << 20;
	void *p = nb_grown < RTE_DIM(grown) ? rte_malloc(NULL, len, 0) : NULL;

	if (p == NULL)
		return -ENOMEM;
	memset(p, 0x5a, len);
	grown[nb_grown++] = p;
	return 0;
}

static int
shrink(void)
{
	while (nb_grown > 0)
		rte_free(grown[--nb_grown]);
	return 0;
}

/* By type 1, and by an iommufd. @return kilobytes or negative errno. */
static long
pinned(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	long n, sum = 0;
	char line[128];

	if (f == NULL)
		return -errno;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmLck: %ld", &n) == 1 || sscanf(line, "VmPin: %ld", &n) == 1)
			sum += n;
	fclose(f);
	return sum;
}

/* Memory that no file is behind. @return what map or unmap answered. */
static int
extmem(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), len = 16 * page;
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int rc = -ENOMEM;

	if (p == MAP_FAILED)
		return rc;
	if (rte_extmem_register(p, len, NULL, 0, page) == 0) {
		rc = rte_dev_dma_map(device, p, (uintptr_t)p, len);
		if (rc == 0)
			rc = rte_dev_dma_unmap(device, p, (uintptr_t)p, len);
		rc = rc != 0 ? -rte_errno : 0;
		rte_extmem_unregister(p, len);
	}
	munmap(p, len);
	return rc;
}

static void
command(char *line)
{
	char *arg = strchr(line, ' ');

	if (arg != NULL)
		*arg++ = '\0';
	else
		arg = line + strlen(line);
	if (strcmp(line, "attach") == 0) {
		printf("attach %d\n", rte_dev_probe(arg));
	} else if (strcmp(line, "detach") == 0) {
		printf("detach %d\n", detach(arg));
	} else if (strcmp(line, "list") == 0) {
		list();
	} else if (strcmp(line, "probe-fails") == 0) {
		probe_fails = atoi(arg);
		printf("probe-fails %d\n", probe_fails);
	} else if (strcmp(line, "tsm") == 0) {
		printf("tsm %d\n", tool_tsm_show(arg));
	} else if (strcmp(line, "tsm-unknown") == 0) {
		tsm_unknown = atoi(arg);
		printf("tsm-unknown %d\n", tsm_unknown);
	} else if (strcmp(line, "remove-in-callback") == 0) {
		remove_in_callback = true;
		printf("remove-in-callback\n");
	} else if (strcmp(line, "grow") == 0) {
		printf("grow %d\n", grow(arg));
	} else if (strcmp(line, "shrink") == 0) {
		printf("shrink %d\n", shrink());
	} else if (strcmp(line, "extmem") == 0 && device != NULL) {
		printf("extmem %d\n", extmem());
	} else if (strcmp(line, "pinned") == 0) {
		printf("pinned %ld\n", pinned());
	} else if (strcmp(line, "reset") == 0 && tph != NULL) {
		printf("reset %d\n", steer_vfio_reset(vdev));
	} else if (strcmp(line, "vectors") == 0 && tph != NULL) {
		printf("vectors %d\n", tool_vectors(vdev, (uint32_t)atoi(arg)));
	} else if (strncmp(line, "tph-", 4) == 0 && tph != NULL) {
		tool_tph_command(tph, line, arg);
	} else {
		printf("unknown %s\n", line);
	}
}

int
main(int argc, char **argv)
{
	char line[512];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (rte_eal_init(argc, argv) < 0) {
		printf("eal %s\n", rte_strerror(rte_errno));
		return 1;
	}
	rte_dev_event_callback_register(NULL, on_event, NULL);
	printf("tool ready\n");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "quit") == 0)
			break;
		command(line);
	}
	rte_dev_event_callback_unregister(NULL, on_event, NULL);
	return rte_eal_cleanup() == 0 ? 0 : 1;
}
