/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The bus without a network driver: an EAL program with a driver of its own that only holds the
 * device. Commands on standard input, one answer line each:
 *   attach DEVARGS | detach NAME | list | probe-fails 0|1 | alloc BYTES | free | quit
 * Events come as "gone NAME" and "removed NAME"; removal is left to the prompt or, after
 * "remove-in-callback", done in the event callback itself.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include <bus_vfio_driver.h>

static const struct vfio_bus_id ids[] = {{0x1af4, 0x1041}, {0}};
static const char *const devargs[] = {"tool-key", NULL};
static bool probe_fails, remove_in_callback;
static void *memory;

static int
tool_probe(struct vfio_bus_driver *drv, struct vfio_bus_device *dev)
{
	int rc = probe_fails ? -EIO : vfio_bus_set_master(dev, true);

	if (rc == 0)
		printf("probed %s %04x:%04x args=%s tph=%d\n", dev->device.name, dev->id.vendor,
		       dev->id.device, dev->driver_args != NULL ? dev->driver_args : "",
		       steer_tph_usable(dev->tph));
	return rc;
}

static int
tool_remove(struct vfio_bus_device *dev)
{
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
	} else if (strcmp(line, "alloc") == 0) {
		memory = rte_malloc(NULL, strtoull(arg, NULL, 0), 0);
		printf("alloc %d\n", memory != NULL);
	} else if (strcmp(line, "free") == 0) {
		rte_free(memory);
		printf("free\n");
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
