/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bus without a network driver: an EAL program with a driver of its own that only holds the
 * device. Commands on standard input, one answer line each:
 *
 * - attach DEVARGS, detach NAME, list, probe-fails 0|1, quit
 * - grow MEGABYTES, shrink: take memory from EAL's heap, give all of it back
 * - extmem: register anonymous memory and map it for the device
 * - about the device probed last: vectors N, tph-on MODE, tph-off, tph-restore,
 *   tph-set INDEX CPU... (-1 clears), tph-get INDEX COUNT, tph-cpu CPU
 *
 * Events come as "gone NAME" and "removed NAME"; removal is left to the prompt or, after
 * "remove-in-callback", done in the event callback itself.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include <bus_vfio_driver.h>

static const struct vfio_bus_id ids[] = {{0x1af4, 0x1041}, {0}};
static const char *const devargs[] = {"tool-key", NULL};
static bool probe_fails, remove_in_callback;
static struct rte_device *device;
static struct steer_vfio_dev *vdev;
static struct steer_tph *tph;
static void *grown[16];
static unsigned int nb_grown;

static int
tool_probe(struct vfio_bus_driver *drv, struct vfio_bus_device *dev)
{
	int rc = probe_fails ? -EIO : vfio_bus_set_master(dev, true);

	device = &dev->device;
	vdev = dev->vdev;
	tph = dev->tph;
	if (rc == 0)
		printf("probed %s %04x:%04x args=%s tph=%d\n", dev->device.name, dev->id.vendor,
		       dev->id.device, dev->driver_args != NULL ? dev->driver_args : "",
		       steer_tph_usable(dev->tph));
	return rc;
}

static int
tool_remove(struct vfio_bus_device *dev)
{
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

/* The server keeps copies, so ours can go at once. */
static int
vectors(uint32_t n)
{
	int fds[64], rc;
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

/* Memory that no file is behind. @return what rte_dev_dma_map() answered. */
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
		rc = rc != 0 ? -rte_errno : 0;
		rte_extmem_unregister(p, len);
	}
	munmap(p, len);
	return rc;
}

static int
tph_set(char *arg)
{
	uint32_t cpus[STEER_TPH_BATCH_MAX];
	uint16_t index = (uint16_t)strtoul(arg, &arg, 0), n = 0;

	while (*arg != '\0' && n < RTE_DIM(cpus))
		cpus[n++] = (uint32_t)strtol(arg, &arg, 0);
	return steer_tph_set(tph, index, n, cpus);
}

static int
tph_get(char *arg)
{
	uint16_t tags[STEER_TPH_BATCH_MAX];
	uint16_t index = (uint16_t)strtoul(arg, &arg, 0), i;
	uint16_t n = (uint16_t)strtoul(arg, &arg, 0);
	int rc = steer_tph_get(tph, index, n, tags);

	for (i = 0; rc == 0 && i < n; i++)
		printf("tag %u\n", tags[i]);
	return rc;
}

static int
tph_cpu(const char *arg)
{
	uint16_t tag;
	int rc = steer_tph_cpu_tag(tph, (uint32_t)strtoul(arg, NULL, 0), &tag);

	if (rc == 0)
		printf("tag %u\n", tag);
	return rc;
}

static void
tph_command(const char *cmd, char *arg)
{
	int rc = -EINVAL;

	if (strcmp(cmd, "tph-on") == 0)
		rc = steer_tph_enable(tph, (enum steer_pci_tph_mode)atoi(arg));
	else if (strcmp(cmd, "tph-off") == 0)
		rc = steer_tph_disable(tph);
	else if (strcmp(cmd, "tph-restore") == 0)
		rc = steer_tph_restore(tph);
	else if (strcmp(cmd, "tph-set") == 0)
		rc = tph_set(arg);
	else if (strcmp(cmd, "tph-get") == 0)
		rc = tph_get(arg);
	else if (strcmp(cmd, "tph-cpu") == 0)
		rc = tph_cpu(arg);
	printf("dialect %s\n", steer_tph_dialect_name(steer_tph_info(tph)->dialect));
	printf("why %s\n", steer_tph_info(tph)->why);
	printf("%s %d\n", cmd, rc);
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
	} else if (strcmp(line, "remove-in-callback") == 0) {
		remove_in_callback = true;
		printf("remove-in-callback\n");
	} else if (strcmp(line, "grow") == 0) {
		printf("grow %d\n", grow(arg));
	} else if (strcmp(line, "shrink") == 0) {
		printf("shrink %d\n", shrink());
	} else if (strcmp(line, "extmem") == 0 && device != NULL) {
		printf("extmem %d\n", extmem());
	} else if (strcmp(line, "vectors") == 0 && tph != NULL) {
		printf("vectors %d\n", vectors((uint32_t)atoi(arg)));
	} else if (strncmp(line, "tph-", 4) == 0 && tph != NULL) {
		tph_command(line, arg);
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
