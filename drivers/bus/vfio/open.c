/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * lib/vfio's reader thread inherits the CPUs of whoever opens the device, and the caller is an
 * lcore bound to its own. A control thread of EAL is bound to the CPUs that no lcore has.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

#include "bus_priv.h"

/* EAL's thread API changed with 23.11. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
typedef uint32_t thread_ret;

static int
control_thread_run(thread_ret (*fn)(void *), void *arg)
{
	rte_thread_t t;
	int rc = rte_thread_create_control(&t, "vfio-open", fn, arg);

	return rc != 0 ? -abs(rc) : -rte_thread_join(t, NULL);
}
#else
typedef void *thread_ret;

static int
control_thread_run(thread_ret (*fn)(void *), void *arg)
{
	pthread_t t;
	int rc = rte_ctrl_thread_create(&t, "vfio-open", NULL, fn, arg);

	return rc != 0 ? -abs(rc) : -pthread_join(t, NULL);
}
#endif

struct opening {
	struct steer_vfio_open_args args;
	struct steer_vfio_dev *vdev;
	char err[256];
	int rc;
};

static thread_ret
open_thread(void *arg)
{
	struct opening *o = arg;

	o->rc = steer_vfio_open(&o->args, &o->vdev, o->err, sizeof(o->err));
	return (thread_ret)0;
}

int
vfio_bus_vdev_open(struct vfio_bus_device *dev)
{
	struct opening o = {.args = {.name = dev->name, .sock = dev->sock}};
	int rc = control_thread_run(open_thread, &o);

	if (rc != 0)
		BUS_LOG(ERR, "%s: open: start a control thread: %s", dev->name, strerror(-rc));
	else if (o.rc != 0)
		BUS_LOG(ERR, "%s", o.err); /* names device, step, reason and cure */
	dev->vdev = rc == 0 && o.rc == 0 ? o.vdev : NULL;
	return rc != 0 ? rc : o.rc;
}
