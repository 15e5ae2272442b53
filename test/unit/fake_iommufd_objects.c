/* SPDX-License-Identifier: BSD-3-Clause */

/* Objects of iommufd: each holds those it stands on, which the kernel then does not destroy. */

#include "fake_iommufd.h"

enum kind { NONE, IOAS, PARENT, NESTED, VIOMMU, VDEVICE };

static struct object {
	enum kind kind;
	uint32_t on[2]; /* ids */
	unsigned int users;
	bool small_pages;
} objects[256];
static uint32_t next_id;

void
fi_objects_reset(void)
{
	memset(objects, 0, sizeof(objects));
	next_id = 0x11;
	objects[FI_HWPT].kind = PARENT; /* not counted: it is the VMM's */
}

static bool
is(uint32_t id, enum kind kind)
{
	return id < 256 && objects[id].kind == kind;
}

bool
fi_has_vdevice(uint32_t id)
{
	return is(id, VDEVICE);
}

static void
out(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static int
make(enum kind kind, uint32_t on, uint8_t *out_id)
{
	uint32_t id = next_id++;

	if (fi.no_id_at != 0 && --fi.no_id_at == 0)
		return 0;
	assert_in_range(id, 1, 255);
	objects[id] = (struct object){.kind = kind, .on = {on}};
	objects[on].users++;
	fi.nr_objects++;
	out(out_id, id);
	return 0;
}

static int
option(const uint8_t *arg)
{
	uint32_t id = fi_u32(arg + 12);

	/* Small pages of an address space: option 1, SET 0, value 0; before anything uses it. */
	if (!is(id, IOAS))
		return -ENOENT;
	if (fi_u32(arg + 4) != 1 || fi_u32(arg + 8) != 0 || fi_u32(arg + 16) != 0 ||
	    fi_u32(arg + 20) != 0)
		return -EOPNOTSUPP;
	if (objects[id].users > 0)
		return -EBUSY;
	objects[id].small_pages = true;
	return 0;
}

static int
hwpt(uint8_t *arg)
{
	uint32_t flags = fi_u32(arg + 4), on = fi_u32(arg + 12), type = fi_u32(arg + 24);

	if (fi_u32(arg + 8) != FI_DEV_ID)
		return -ENOENT;
	if (fi_u32(arg + 20) != 0 || fi_u32(arg + 40) != 0 || fi_u32(arg + 44) != 0)
		return -EOPNOTSUPP;
	if (is(on, IOAS)) {
		if (flags != 1 || type != 0 || fi_u32(arg + 28) != 0)
			return -EINVAL;
		if (!objects[on].small_pages)
			fi_wrong("page table over an address space with huge pages");
		return make(PARENT, on, arg + 16);
	}
	if (is(on, VIOMMU))
		return flags != 0 || type != 2 || fi_u32(arg + 28) != 16
			       ? -EINVAL
			       : make(NESTED, on, arg + 16);
	return -ENOENT;
}

static int
viommu(uint8_t *arg)
{
	if (fi_u32(arg + 12) != FI_DEV_ID || !is(fi_u32(arg + 16), PARENT))
		return -ENOENT;
	if (fi_u32(arg + 4) != 0 || fi_u32(arg + 28) != 0 || fi_u32(arg + 8) == 0)
		return -EOPNOTSUPP;
	return make(VIOMMU, fi_u32(arg + 16), arg + 20);
}

static int
vdevice(uint8_t *arg)
{
	if (fi_u32(arg + 8) != FI_DEV_ID || !is(fi_u32(arg + 4), VIOMMU))
		return -ENOENT;
	if (fi.abi == FI_V7 && fi.no_kvm)
		return -ENODEV;
	make(VDEVICE, fi_u32(arg + 4), arg + 12);
	fi.bound = fi.abi == FI_V7 && fi_u32(arg + 12) != 0;
	return 0;
}

static int
destroy(const uint8_t *arg)
{
	uint32_t id = fi_u32(arg + 4);
	struct object *o = &objects[id & 255];

	if (id > 255 || o->kind == NONE)
		return -ENOENT;
	if (id == FI_HWPT)
		fi_wrong("the VMM's own page table is destroyed");
	if (o->users > 0)
		return -EBUSY;
	/* As vdevice teardown of the postings: the TSM is unbound with it, from any state. */
	if (o->kind == VDEVICE) {
		fi.bound = false;
		fi.state = 0;
		fi.dma = false;
	}
	objects[o->on[0]].users--;
	o->kind = NONE;
	fi.nr_objects--;
	return 0;
}

static int
attach(const uint8_t *arg)
{
	uint32_t id = fi_u32(arg + 8);

	if (fi_u32(arg + 4) != 0)
		return -EINVAL;
	if (!is(id, PARENT) && !is(id, NESTED))
		return -ENOENT;
	if (fi.arch == 1 && !is(id, NESTED))
		fi_wrong("CCA device attached to the guest's memory itself");
	fi.attached = true;
	fi.attached_to = id;
	objects[id].users++;
	return 0;
}

static int
detach(const uint8_t *arg)
{
	if (fi_u32(arg + 4) != 0)
		return -EINVAL;
	if (!fi.attached)
		return 0;
	if (fi.state != 0 && !fi.failed)
		fi_wrong("detached in TDISP state %u", fi.state);
	fi.attached = false;
	objects[fi.attached_to].users--;
	return 0;
}

int
fi_objects(int fd, unsigned int nr, uint8_t *arg)
{
	static const uint8_t sizes[256] = {[0x80] = 8,  [0x81] = 12, [0x87] = 24, [0x89] = 48,
					   [0x90] = 40, [0x91] = 24, [0x77] = 12, [0x78] = 8};
	bool device = nr == 0x77 || nr == 0x78;

	if (sizes[nr] == 0 || device != (fd == FI_DEVICE))
		return -ENOTTY;
	if (fi_u32(arg) != sizes[nr])
		return -EINVAL;
	switch (nr) {
	case 0x80: return destroy(arg);
	case 0x81: return fi_u32(arg + 4) != 0 ? -EOPNOTSUPP : make(IOAS, 0, arg + 8);
	case 0x87: return option(arg);
	case 0x89: return hwpt(arg);
	case 0x90: return viommu(arg);
	case 0x91: return vdevice(arg);
	case 0x77: return attach(arg);
	default: return detach(arg);
	}
}
