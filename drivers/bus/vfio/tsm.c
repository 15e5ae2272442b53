/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A confidential device in the bus. What is mapped for DMA and when is decided here: nothing before
 * RUN, everything after it, nothing again before the way back begins. lib/tsm keeps the order of
 * what is asked of the device.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_tsm.h"

/* Levels of syslog(3), which EAL's are one above. */
static void
log_line(void *arg, int level, const char *line)
{
	RTE_SET_USED(arg);
	rte_log((uint32_t)level + 1, vfio_bus_logtype, "%s\n", line);
}

static int
policy_make(const struct vfio_bus_device *dev, struct steer_tsm_policy *policy)
{
	char err[320];
	int rc = 0;

	steer_tsm_policy_init(policy);
	policy->mode = dev->tsm_mode;
	if (dev->tsm_policy[0] == '\0')
		return 0;
	rc = steer_tsm_policy_load(dev->tsm_policy, policy, err, sizeof(err));
	if (rc == 0)
		rc = steer_tsm_policy_check(policy, err, sizeof(err));
	if (rc != 0)
		BUS_LOG(ERR, "%s: tsm-policy: %s", dev->name, err);
	return rc;
}

static int
machine_open(struct vfio_bus_tsm *t, const struct steer_tsm_policy *policy,
	     struct steer_tsm_unbound *out)
{
	const struct vfio_bus_device *dev = t->dev;
	const struct steer_tsm_args args = {
		.name = dev->name,
		.pci_addr = dev->sock[0] == '\0' ? dev->pci_addr : NULL,
		.vdev = dev->vdev,
		.policy = policy,
		.evidence_dir = dev->tsm_evidence[0] != '\0' ? dev->tsm_evidence : NULL,
		.log = log_line,
	};
	int rc = steer_tsm_open(&args, out, &t->machine);

	if (rc != 0)
		BUS_LOG(ERR, "%s: tsm: open: %s", dev->name, strerror(-rc));
	return rc;
}

static struct vfio_bus_tsm *
tsm_new(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->dev = dev;
	t->lost_fd = -1;
	snprintf(t->name, sizeof(t->name), "%s", dev->name);
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

/* A host's device is connected; the device itself holds nothing fast. */
static bool
is_locked_in_run(struct vfio_bus_tsm *t)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(t->machine, &v);
	return v.role != STEER_TSM_ROLE_HOST;
}

static int
begin(struct vfio_bus_tsm *t)
{
	struct steer_tsm_unbound unbound;
	struct steer_tsm_policy policy;
	int rc = policy_make(t->dev, &policy);

	if (rc == 0)
		rc = machine_open(t, &policy, &unbound);
	if (rc != 0)
		return rc;
	vfio_bus_tsm_publish(t);
	rc = steer_tsm_attach_begin(unbound, &t->bound);
	t->plain = rc > 0;
	if (t->plain)
		return vfio_bus_dma_start(t->dev);
	t->locks = rc == 0 && is_locked_in_run(t);
	if (rc != 0)
		BUS_LOG(ERR, "%s", steer_tsm_error(t->machine));
	return rc;
}

int
vfio_bus_tsm_begin(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = tsm_new(dev);

	if (t == NULL)
		return -ENOMEM;
	dev->tsm = t;
	return begin(t);
}

bool
vfio_bus_tsm_locks(const struct vfio_bus_device *dev)
{
	return dev->tsm != NULL && dev->tsm->locks;
}

bool
vfio_bus_tsm_done(const struct vfio_bus_device *dev)
{
	return dev->tsm == NULL || dev->tsm->plain || dev->tsm->run;
}

bool
vfio_bus_tsm_dma_allowed(const struct vfio_bus_device *dev)
{
	return dev->tsm == NULL || dev->tsm->plain || dev->dma_ready;
}

void
vfio_bus_tsm_external(struct vfio_bus_device *dev, int change)
{
	if (dev->tsm != NULL)
		__atomic_add_fetch(&dev->tsm->external, (unsigned int)change, __ATOMIC_RELAXED);
}

/* From BOUND, with everything programmed, to memory that the device may reach. */
static int
run(struct vfio_bus_tsm *t)
{
	struct steer_tsm_device use;
	int rc = vfio_bus_tsm_use(t->dev, t->vectors, &use);

	if (rc != 0) {
		BUS_LOG(ERR, "%s: tsm: read back what is programmed: %s", t->name,
			steer_vfio_error());
		return rc;
	}
	rc = steer_tsm_attach_finish(t->bound, &use, &t->running);
	if (rc == 0)
		rc = steer_tsm_dma_allowed(t->running);
	if (rc != 0) {
		BUS_LOG(ERR, "%s", steer_tsm_error(t->machine));
		return rc;
	}
	rc = vfio_bus_dma_start(t->dev);
	t->run = rc == 0;
	return rc;
}

int
vfio_bus_tsm_run(struct vfio_bus_device *dev, uint16_t vectors)
{
	struct vfio_bus_tsm *t = dev->tsm;

	if (t == NULL || t->plain)
		return 0;
	if (t->machine == NULL || t->run)
		return -EINVAL;
	t->vectors = vectors;
	return run(t);
}

static void
machine_close(struct vfio_bus_tsm *t)
{
	struct steer_tsm *machine = t->machine;

	steer_tsm_verdict_get(machine, &t->last);
	pthread_mutex_lock(&t->lock);
	t->machine = NULL;
	pthread_mutex_unlock(&t->lock);
	steer_tsm_close(machine);
}

void
vfio_bus_tsm_stop(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = dev->tsm;

	if (t == NULL || t->machine == NULL)
		return;
	vfio_bus_tsm_unwatch(dev);
	if (!t->plain)
		vfio_bus_dma_withdraw(dev);
	t->run = false;
	t->external = 0;
	machine_close(t);
}

void
vfio_bus_tsm_free(struct vfio_bus_device *dev)
{
	struct vfio_bus_tsm *t = dev->tsm;

	if (t == NULL)
		return;
	vfio_bus_tsm_stop(dev);
	vfio_bus_tsm_withdraw(t);
	pthread_mutex_destroy(&t->lock);
	free(t);
	dev->tsm = NULL;
}

static int
reset_device(struct vfio_bus_device *dev, int (*again)(void *arg), void *arg)
{
	int rc = steer_vfio_reset(dev->vdev);

	if (rc != 0)
		BUS_LOG(ERR, "%s", steer_vfio_error());
	return rc != 0 ? rc : again(arg);
}

static int
unlock(struct vfio_bus_tsm *t)
{
	int rc = vfio_bus_dma_withdraw(t->dev);

	t->run = false;
	if (rc != 0)
		return rc;
	rc = steer_tsm_unlock(t->machine, &t->bound);
	if (rc != 0)
		BUS_LOG(ERR, "%s", steer_tsm_error(t->machine));
	return rc;
}

int
vfio_bus_reset(struct vfio_bus_device *dev, int (*again)(void *arg), void *arg)
{
	struct vfio_bus_tsm *t = dev->tsm;
	int rc;

	if (t == NULL || t->plain)
		return reset_device(dev, again, arg);
	if (!t->run)
		return -ENODEV;
	/* Only the application knows how to map its memory again. */
	if (__atomic_load_n(&t->external, __ATOMIC_RELAXED) != 0) {
		BUS_LOG(ERR,
			"%s: reset: memory of the application's own is mapped; unmap it "
			"(rte_dev_dma_unmap) before, and map it again after it",
			dev->name);
		return -EBUSY;
	}
	vfio_bus_tsm_look_stop(t);
	rc = unlock(t);
	if (rc == 0)
		rc = reset_device(dev, again, arg);
	if (rc == 0)
		rc = run(t);
	if (rc == 0)
		rc = vfio_bus_tsm_look_start(t);
	if (rc == 0)
		return 0;
	vfio_bus_dma_withdraw(dev);
	t->run = false;
	vfio_bus_tsm_lost(t);
	return rc;
}
