/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef BUS_VFIO_PRIV_H
#define BUS_VFIO_PRIV_H

#include <rte_log.h>

#include "bus_vfio_driver.h"

#define VFIO_BUS_NAME   "vfio"
#define VFIO_BUS_PREFIX "vfio:"

extern int vfio_bus_logtype;
#define BUS_LOG(level, fmt, ...) rte_log(RTE_LOG_##level, vfio_bus_logtype, fmt "\n", ##__VA_ARGS__)

RTE_TAILQ_HEAD(vfio_bus_device_list, vfio_bus_device);

/* What the devargs of one device say. */
struct vfio_bus_params {
	char sock[sizeof(((struct vfio_bus_device *)0)->sock)];
	enum steer_vfio_transport transport;
	bool transport_given;
	enum steer_mode steer_mode;
	unsigned int steer_scan_us;
	int tph_feature;
	enum steer_tph_dialect tph_dialect;
	char tph_tags[sizeof(((struct vfio_bus_device *)0)->tph_tags)];
	enum steer_tsm_mode tsm_mode;
	char tsm_policy[sizeof(((struct vfio_bus_device *)0)->tsm_policy)];
	char tsm_evidence[sizeof(((struct vfio_bus_device *)0)->tsm_evidence)];
	char *driver_args; /* malloc'ed, NULL when there are none */
};

/* params.c: pure functions */
/* 0 when the name is for this bus: the prefix and something behind it. */
int vfio_bus_name_parse(const char *name);
/* The PCI address in a name, in full ("0000:01:00.0"), or -EINVAL: it is none. */
int vfio_bus_name_pci(const char *name, char *addr, size_t len);
/* Do two names stand for one device? */
bool vfio_bus_name_same(const char *a, const char *b);
/* args as behind "vfio:NAME,"; in the syntax bus=...,name=.../driver=... the two layers are apart.
 * Either may be NULL. @return 0, -EINVAL or -ENOMEM with one reason in err. */
int vfio_bus_params_parse(const char *bus_layer, const char *args, struct vfio_bus_params *p,
			  char *err, size_t errlen);
/* The first key of args that is not in the list, in buf; 0 when all are known. */
int vfio_bus_args_unknown(const char *args, const char *const *known, char *buf, size_t len);

/* drivers.c */
struct vfio_bus_driver *vfio_bus_driver_find(const struct vfio_bus_id *id);

/* merge.c: pure function. Grow run by next when they are neighbours everywhere. */
bool vfio_bus_dma_merge(struct steer_vfio_dma *run, const struct steer_vfio_dma *next);

/* dma.c */
int vfio_bus_dma_start(struct vfio_bus_device *dev);
void vfio_bus_dma_stop(struct vfio_bus_device *dev);
/* Stop, and leave nothing mapped. @return 0, or the refusal, which is logged. */
int vfio_bus_dma_withdraw(struct vfio_bus_device *dev);
int vfio_bus_dma_map(struct rte_device *dev, void *addr, uint64_t iova, size_t len);
int vfio_bus_dma_unmap(struct rte_device *dev, void *addr, uint64_t iova, size_t len);

/* tph.c: dev->tph and 0, or the error, which is logged; says what steering misses. */
int vfio_bus_tph_open(struct vfio_bus_device *dev);

/* gone.c */
int vfio_bus_gone_watch(struct vfio_bus_device *dev);
void vfio_bus_gone_unwatch(struct vfio_bus_device *dev);

/* tsm.c; what fails is logged */
/* Look for the TSM and go as far as a driver need not have programmed anything. Maps DMA when the
 * policy is content without a TSM. @return 0, -EACCES refused, or another error. */
int vfio_bus_tsm_begin(struct vfio_bus_device *dev);
/* Is everything done that tsm= asked for? */
bool vfio_bus_tsm_done(const struct vfio_bus_device *dev);
/* DMA may be mapped as far as a TSM is concerned. */
bool vfio_bus_tsm_dma_allowed(const struct vfio_bus_device *dev);
/* The application has mapped memory of its own, or unmapped it (-1). */
void vfio_bus_tsm_external(struct vfio_bus_device *dev, int change);
void vfio_bus_tsm_free(struct vfio_bus_device *dev);

/* tsm_watch.c: tell the driver and the application when the device leaves RUN. Nothing to do
 * without a TSM. */
int vfio_bus_tsm_watch(struct vfio_bus_device *dev);
void vfio_bus_tsm_unwatch(struct vfio_bus_device *dev);

struct steer_tsm_device;
/* tsm_use.c: what a driver has programmed, as it is read back. @return 0 or negative errno. */
int
vfio_bus_tsm_use(const struct vfio_bus_device *dev, uint16_t vectors, struct steer_tsm_device *use);

/* open.c: dev->vdev and 0, or NULL and the error, which is logged */
int vfio_bus_vdev_open(struct vfio_bus_device *dev);

/* settings.c: what the devargs say, taken over; and whether this process can serve it. Errors are
 * logged. */
int vfio_bus_settings_take(struct vfio_bus_device *dev);
int vfio_bus_settings_check(const struct vfio_bus_device *dev);
/* Does the device ask for transport=noiommu? */
bool vfio_bus_settings_noiommu(const struct vfio_bus_device *dev);

/* device.c */
int vfio_bus_device_probe(struct vfio_bus_device *dev);
int vfio_bus_device_remove(struct vfio_bus_device *dev);
void vfio_bus_device_free(struct vfio_bus_device *dev);

#endif /* BUS_VFIO_PRIV_H */
