/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the device is plugged into. One table of functions per kind of wire, called per burst, never
 * per packet. rx and tx of one pair are called by one worker at a time.
 */

#ifndef VFU_NIC_WIRE_H
#define VFU_NIC_WIRE_H

#include <stdio.h>

#include "model.h"
#include "vio.h"

struct wire_ops {
	const char *prefix; /* of the --wire text */
	int (*open)(struct vio *vio, const char *args, struct wire **wire);
	void (*close)(struct wire *wire);
	/** Steering, active pairs or the MAC changed. Paused. */
	void (*resteer)(struct wire *wire);
	/** Begin from the first packet again, where the wire can. Paused. */
	void (*rewind)(struct wire *wire);
	/**
	 * Make what a session wants from the next packet on; all zero: what --wire says. Paused.
	 * NULL: packets come from elsewhere. @return 0, -EINVAL no such traffic, -ENOMEM.
	 */
	int (*traffic)(struct wire *wire, const struct steer_trace_gen *want);
	/** Fill up to max packets into a receive queue; the caller publishes. @return packets. */
	uint16_t (*rx)(struct wire *wire, unsigned int pair, struct vq *q, uint16_t max);
	/** Take up to max packets from a transmit queue; the caller publishes. @return packets. */
	uint16_t (*tx)(struct wire *wire, unsigned int pair, struct vq *q, uint16_t max);
	/** No packet will ever come again. */
	bool (*ended)(struct wire *wire);
	void (*link)(struct wire *wire, bool *up, uint32_t *speed);
	/** One line about what went through since open. Paused. */
	void (*report)(struct wire *wire, FILE *to);
};

/** First member of every wire. */
struct wire {
	const struct wire_ops *ops;
	struct vio *vio;
};

extern const struct wire_ops wire_gen_ops;
extern const struct wire_ops wire_ethdev_ops;

/** Open what --wire says; one line on stderr when that fails. */
int wire_open(struct vio *vio);
void wire_close(struct vio *vio);
void wire_resteer(struct vio *vio);
/** Traffic of a session, NULL: as without one. Paused. @return 0, -ENOTSUP not ours, -EINVAL. */
int wire_traffic(struct vio *vio, const struct steer_trace_gen *want);

#endif /* VFU_NIC_WIRE_H */
