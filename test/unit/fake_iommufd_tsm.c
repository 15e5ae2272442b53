/* SPDX-License-Identifier: BSD-3-Clause */

/* The TSM's two commands, in each form that was proposed, and a TDISP device behind them. */

#include "fake_iommufd.h"

/* A request in the same words for all forms. */
enum what { INFO, READ, MEASURE, REPORT, VALIDATE, STATE, DMA_ON, DMA_OFF, NOTHING };

struct request {
	enum what what;
	uint32_t value; /* object or state */
	uint64_t offset, flags;
	const uint8_t *nonce;
	uint8_t *resp;
	uint32_t resp_len;
};

static uint64_t
u64(const uint8_t *p)
{
	return fi_u32(p) | (uint64_t)fi_u32(p + 4) << 32;
}

uint8_t
fi_object_byte(uint32_t object, uint32_t i)
{
	return (uint8_t)(object * 0x40 + i * 7 + 1);
}

/* Type 1 is bind, 2 unbind; that is TDISP's lock, and stop. */
int
fi_tsm_op(uint8_t *arg, size_t size)
{
	/* 40 bytes and more are IOAS_NOIOMMU_GET_PA on Linux 7.3. */
	if (size != 16)
		fi_wrong("%zu bytes for 0x95", size);
	if (fi.abi == FI_MAINLINE)
		return -EINVAL;
	if (fi.abi == FI_V7)
		return -ENOTTY;
	if (size != 16)
		return -EINVAL;
	if (fi_u32(arg + 8) != 0)
		return -EOPNOTSUPP;
	if (!fi_has_vdevice(fi_u32(arg + 12)))
		return -ENOENT;
	if (fi.no_kvm)
		return -ENODEV;
	if (fi_u32(arg + 4) == 1) {
		if (!fi.attached)
			fi_wrong("locked before it is attached");
		fi.bound = true;
		fi.state = 1;
		fi.nr_locks++;
		return 0;
	}
	if (fi_u32(arg + 4) != 2)
		return -EINVAL;
	fi.bound = false;
	fi.state = 0;
	return 0;
}

/* v5 of CCA: the type comes first. */
static int
decode5(const uint8_t *req, size_t len, uint32_t scope, struct request *r)
{
	static const struct {
		enum what what;
		size_t len;
		uint32_t scope;
	} types[] = {{NOTHING, 0, 0},  {INFO, 8, 0},      {READ, 16, 0}, {REPORT, 4, 0},
		     {MEASURE, 24, 0}, {VALIDATE, 32, 1}, {STATE, 8, 1}};
	uint32_t type = len < 4 ? 0 : fi_u32(req);

	if (type == 0 || type > 6 || len != types[type].len || scope != types[type].scope)
		return -EINVAL;
	r->what = types[type].what;
	r->value = len == 8 || len == 16 ? fi_u32(req + 4) : 0;
	r->offset = r->what == READ ? u64(req + 8) : 0;
	if (r->what == MEASURE) {
		if (fi_u32(req + 4) != 0)
			return -EINVAL;
		r->flags = u64(req + 8);
		r->nonce = (const uint8_t *)(uintptr_t)u64(req + 16);
	}
	if (r->what == VALIDATE && (fi_u32(req + 4) != 0 || u64(req + 8) >= u64(req + 16)))
		return -EINVAL;
	return 0;
}

static enum what
op_of(uint32_t op)
{
	static const enum what june[] = {NOTHING,  READ,  MEASURE, INFO,
					 VALIDATE, STATE, DMA_ON,  DMA_OFF};
	static const enum what six[] = {NOTHING, VALIDATE, STATE, DMA_ON, DMA_OFF};
	static const enum what seven[] = {NOTHING, VALIDATE, STATE,   DMA_ON,
					  DMA_OFF, READ,     MEASURE, INFO};

	if (fi.abi == FI_V5_JUNE)
		return op < 8 ? june[op] : NOTHING;
	if (fi.abi == FI_V6)
		return op < 5 ? six[op] : NOTHING;
	return op < 8 ? seven[op] : NOTHING;
}

static int
decode(const uint8_t *req, size_t len, struct request *r)
{
	static const size_t lens[] = {
		[INFO] = 4, [READ] = 16, [MEASURE] = 24, [VALIDATE] = 24, [STATE] = 4};

	if (r->what == NOTHING || r->what == DMA_ON || r->what == DMA_OFF || len != lens[r->what])
		return -EINVAL;
	if (r->what == VALIDATE)
		return u64(req) < u64(req + 8) ? 0 : -EINVAL;
	r->value = fi_u32(req);
	if (len > 4 && fi_u32(req + 4) != 0)
		return -EINVAL;
	r->offset = r->what == READ ? u64(req + 8) : 0;
	if (r->what != MEASURE)
		return 0;
	r->flags = u64(req + 8);
	r->nonce = (const uint8_t *)(uintptr_t)u64(req + 16);
	if (r->value == 3) {
		r->what = REPORT;
		return r->flags == 0 && r->nonce == NULL ? 0 : -EINVAL;
	}
	return r->value == 2 ? 0 : -EINVAL;
}

/*
 * SEV and TDX here: what tsm_iommufd_fixture.c makes up: 'X', operation, object or state, 0x5e. As
 * a real guest request it says itself what it is.
 */
static int
decode_opaque(const uint8_t *req, size_t len, struct request *r)
{
	static const uint8_t words[] = {[INFO] = 2,     [READ] = 0,  [MEASURE] = 1, [REPORT] = 1,
					[VALIDATE] = 3, [STATE] = 4, [DMA_ON] = 5,  [DMA_OFF] = 6};

	if (len < 4 || req[0] != 'X' || req[3] != 0x5e || r->what == NOTHING ||
	    req[1] != words[r->what])
		return -EINVAL;
	r->value = req[2];
	if (r->what == MEASURE && r->value == 3)
		r->what = REPORT;
	if (r->what == MEASURE)
		r->nonce = req + 4;
	return len == (r->what == MEASURE ? 36 : 4) ? 0 : -EINVAL;
}

static int
object_info(const struct request *r)
{
	uint32_t size = r->value < 4 ? fi.object_size[r->value] : 0;

	if (r->value > 3)
		return -EINVAL;
	if (r->resp_len < 4)
		return -EINVAL;
	memcpy(r->resp, &size, 4); /* tests run on little endian */
	return (int)(r->resp_len - 4);
}

/* Room for the whole object, which is copied to buffer + offset. */
static int
object_read(const struct request *r)
{
	uint32_t i, size = r->value < 4 ? fi.object_size[r->value] : 0;

	if (r->offset != 0) {
		fi_wrong("object read at %llu", (unsigned long long)r->offset);
		return -EINVAL;
	}
	if (size == 0 || r->resp_len < size)
		return -EINVAL;
	size -= fi.object_shrinks;
	for (i = 0; i < size; i++)
		r->resp[i] = fi.object[r->value] != NULL ? fi.object[r->value][i]
							 : fi_object_byte(r->value, i);
	return (int)(r->resp_len - size);
}

static int
set_state(uint32_t to)
{
	bool by_state = fi.abi == FI_V7;

	if (to == 2 && fi.state == 1) {
		fi.state = 2;
		fi.nr_runs++;
		return 0;
	}
	if (by_state && to == 1 && fi.state == 0) {
		if (!fi.attached)
			fi_wrong("locked before it is attached");
		fi.state = 1;
		fi.nr_locks++;
		return 0;
	}
	if (by_state && to == 0) {
		fi.state = 0;
		return 0;
	}
	return -EINVAL;
}

static int
dma(bool on)
{
	if (fi.arch != 2 || (on && fi.state != 2))
		return -EINVAL;
	fi.dma = on;
	return 0;
}

static int
act(const struct request *r)
{
	switch (r->what) {
	case INFO: return object_info(r);
	case READ: return object_read(r);
	case MEASURE:
		if (r->flags > 1 || r->nonce == NULL)
			return -EINVAL;
		memcpy(fi.nonce, r->nonce, sizeof(fi.nonce));
		if (fi.measure != NULL)
			fi.measure();
		return 0;
	case REPORT: return fi.state == 0 ? -EINVAL : 0;
	case VALIDATE: fi.nr_validated++; return fi.state == 0 ? -EINVAL : 0;
	case STATE: return set_state(r->value);
	case DMA_ON: return dma(true);
	case DMA_OFF: return dma(false);
	default: return -EINVAL;
	}
}

static int
perform(const uint8_t *req, size_t len, uint32_t scope, struct request *r)
{
	int rc = fi.arch != 1      ? decode_opaque(req, len, r)
		 : fi.abi == FI_V5 ? decode5(req, len, scope, r)
				   : decode(req, len, r);

	if (rc == 0)
		rc = act(r);
	/* An opaque response is a page of which 8 bytes are used. */
	if (rc == 0 && fi.arch != 1 && r->resp_len > 8)
		rc = (int)r->resp_len - 8;
	if (rc >= 0 && fi.odd_at != 0 && fi.requests == fi.odd_at && fi.residue != 0)
		rc = fi.residue;
	return rc;
}

static int
scope_form(uint8_t *arg, size_t size)
{
	struct request r = {.resp = (uint8_t *)(uintptr_t)u64(arg + 32),
			    .resp_len = fi_u32(arg + 16)};

	if (size < 40)
		return -EINVAL;
	if (size > 40 && u64(arg + 40) != 0)
		return -E2BIG;
	if (fi_u32(arg + 20) != 0)
		return -EOPNOTSUPP;
	if (fi_u32(arg + 8) > 3)
		return -EINVAL;
	if (!fi_has_vdevice(fi_u32(arg + 4)))
		return -ENOENT;
	if (!fi.bound)
		return -ENXIO;
	fi.requests++;
	if (fi_u32(arg + 8) > 1)
		return -EINVAL;
	return perform((const uint8_t *)(uintptr_t)u64(arg + 24), fi_u32(arg + 12), fi_u32(arg + 8),
		       &r);
}

static int
op_form(uint8_t *arg, size_t size)
{
	uint32_t arch = fi_u32(arg + 12);
	struct request r = {.resp = (uint8_t *)(uintptr_t)u64(arg + 32),
			    .resp_len = fi_u32(arg + 20)};

	r.what = op_of(fi_u32(arg + 8));
	if (size < 48 || arch < 1 || arch > 3 || r.what == NOTHING)
		return -EINVAL;
	if ((r.what == DMA_ON || r.what == DMA_OFF) && arch != 2) {
		fi_wrong("an operation of SEV for architecture %u", arch);
		return -EINVAL;
	}
	if (!fi_has_vdevice(fi_u32(arg + 4)))
		return -ENOENT;
	if (!fi.bound)
		return -ENXIO;
	if (arch != fi.arch)
		return -EINVAL;
	fi.requests++;
	memset(arg + 40, 0, 8);
	if (fi.odd_at != 0 && fi.requests == fi.odd_at)
		memcpy(arg + 40, &fi.tsm_code, 8);
	return perform((const uint8_t *)(uintptr_t)u64(arg + 24), fi_u32(arg + 16), 0, &r);
}

int
fi_tsm_req(uint8_t *arg, size_t size)
{
	if (fi.abi == FI_MAINLINE)
		return -ENOTTY;
	return fi.abi == FI_V5 ? scope_form(arg, size) : op_form(arg, size);
}
