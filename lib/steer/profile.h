/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Device profiles: network controllers whose queues have a register for their steering tag, as
 * their public datasheets describe it. Data, and one function per family that knows where the
 * register of a queue is. For our own code; not installed.
 *
 * No state and no locks: calls on one queue's register must be serialised by the caller, and the
 * registers be mapped. Nothing here is for a burst path.
 */

#ifndef STEER_PROFILE_H
#define STEER_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "steer.h"

#define STEER_PROFILE_OBJECTS 6

/** One kind of silicon. */
struct steer_profile {
	const char *name;   /**< "Intel I350" */
	const char *source; /**< datasheet and section */
	const char *no_tph; /**< why this silicon has no tags; NULL: it has, all below counts */
	uint16_t vendor;    /**< of PCI */
	const uint16_t *devices; /**< of PCI, ends with 0; functions, not virtual functions */
	uint8_t bar;             /**< that the registers are in */
	uint32_t span;           /**< bytes of the BAR up to the end of the last register */
	uint16_t nb_queues[2];   /**< by enum steer_dir */
	/** Bit of an object in the queue's register, by the bit number of enum steer_obj; 0: the
	 * device puts no tag on it. */
	uint32_t object_bits[STEER_PROFILE_OBJECTS];
	/** Bits that are to be 0 beside a tag, by enum steer_dir: hints of what the device reads,
	 * the older scheme, no-snoop. */
	uint32_t conflicts[2];
	uint8_t tag_shift;  /**< of the tag's 8 bits in the register */
	uint16_t tag_max;   /**< that the datasheet lets a driver write */
	uint16_t tag_field; /**< that the field could hold */
	/** Offset in the BAR of the register of a queue below nb_queues. */
	uint32_t (*reg)(enum steer_dir dir, uint16_t queue);
};

/** Profile of a PCI function, or NULL: silicon that we do not know. */
const struct steer_profile *steer_profile_find(uint16_t vendor, uint16_t device);
/** All profiles, one after the other; NULL behind the last. */
const struct steer_profile *steer_profile_nth(unsigned int n);
/** enum steer_obj that the device tags. */
uint32_t steer_profile_objects(const struct steer_profile *p);

/** The registers of one function. */
struct steer_profile_io {
	void *bar;  /**< as mapped */
	size_t len; /**< bytes that are mapped */
	int wide;   /**< tags up to tag_field are taken, not only up to tag_max */
};

/**
 * Give a queue's objects a tag, and the other objects of the queue none. The old tag is cleared
 * before, also when the new one is refused, and every write is read back.
 * @param tag
 *   0: none of the objects has one.
 * @param objects
 *   enum steer_obj of this direction; 0: all that the device tags.
 * @return 0, -ENOTSUP the silicon has no tags, -EINVAL an object that it does not tag, -ENXIO it
 *   has no such queue or its register is not mapped, -ERANGE the tag does not fit, -EIO a write did
 *   not stick.
 */
int steer_profile_set(const struct steer_profile *p, const struct steer_profile_io *io,
		      enum steer_dir dir, uint16_t queue, uint16_t tag, uint32_t objects);
/** The tag that some object of a queue has now, 0 none. @return 0, -ENOTSUP, -ENXIO. */
int steer_profile_get(const struct steer_profile *p, const struct steer_profile_io *io,
		      enum steer_dir dir, uint16_t queue, uint16_t *tag);

/* The families, each a table that ends with a name of NULL. */
extern const struct steer_profile steer_profiles_igb[];
extern const struct steer_profile steer_profiles_ixgbe[];

#endif /* STEER_PROFILE_H */
