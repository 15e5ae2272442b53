/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The device feature TPH_ST, as the kernels of the proposals would answer it. Two of them:
 * by-cpu: only while TPH is on; GET turns CPUs into tags in place and has no index.
 * by-index: SET is recorded also while TPH is off and without a table; GET tells the record.
 */

#include <errno.h>
#include <string.h>

#include "nic_priv.h"

/* Head and range of lengths. @return 0 or negative errno. */
static int
head(const struct nic *nic, const uint8_t *data, size_t len, struct vfu_tph_st *h)
{
	if (len < sizeof(*h))
		return -EINVAL;
	memcpy(h, data, sizeof(*h));
	if (h->count == 0 || h->count > VFU_TPH_ST_MAX)
		return -EINVAL;
	/* The map knows volatile memory only: firmware marks no tag valid for the other. */
	if (h->flags != 0)
		return -EINVAL;
	if (nic->opts.tph_get == NIC_TPH_GET_BY_CPU && !nic_tph_on(nic))
		return -EINVAL;
	return 0;
}

/* Bytes of the feature data with all entries. */
static size_t
full(const struct vfu_tph_st *h)
{
	return sizeof(*h) + 4u * h->count;
}

static uint32_t
word(const uint8_t *data, uint32_t i)
{
	return steer_pci_rd32(data, sizeof(struct vfu_tph_st) + 4u * i);
}

static int
set_one(struct nic *nic, uint16_t index, uint32_t cpu)
{
	uint16_t tag = 0;
	int rc = 0;

	if (cpu != VFU_TPH_CPU_CLEAR)
		rc = nic_tph_cpu_tag(nic, cpu, &tag);
	if (rc == 0 && nic->tph.entries != 0 && nic_tph_on(nic))
		rc = nic_tph_st_write(nic, index, tag);
	if (rc == 0)
		nic->tph.cpu[index] = cpu;
	return rc;
}

/* Entries [index, index+n) were written when the next one failed. */
static void
undo(struct nic *nic, const struct vfu_tph_st *h, uint16_t n, const uint32_t *cpu,
     const uint16_t *st)
{
	uint16_t i, end = h->index + n;

	if (nic->opts.tph_fault == NIC_FAULT_PARTIAL)
		return;
	if (nic->opts.tph_fault == NIC_FAULT_CLEAR_TO_ZERO) {
		for (i = h->index; i < h->index + h->count; i++)
			set_one(nic, i, VFU_TPH_CPU_CLEAR);
		return;
	}
	for (i = h->index; i < end; i++) {
		nic->tph.cpu[i] = cpu[i];
		if (nic_tph_on(nic) && nic->tph.entries != 0)
			nic_tph_st_write(nic, i, st[i]);
	}
}

static int
bounds(const struct nic *nic, const struct vfu_tph_st *h)
{
	if (nic->tph.entries == 0 && nic->opts.tph_get == NIC_TPH_GET_BY_CPU)
		return -EINVAL; /* this kernel programs tables, and there is none */
	if ((uint32_t)h->index + h->count > VFU_TPH_ST_MAX)
		return -EINVAL;
	return (uint32_t)h->index + h->count > nic->tph.store ? -ENXIO : 0;
}

int
nic_tph_feature_set(struct nic *nic, const uint8_t *data, size_t len)
{
	static uint32_t cpu[NIC_TPH_STORE];
	static uint16_t st[NIC_TPH_STORE];
	struct vfu_tph_st h;
	int rc = head(nic, data, len, &h);
	uint16_t i;

	if (rc == 0)
		rc = len == full(&h) ? bounds(nic, &h) : -EINVAL;
	if (rc < 0 || nic->opts.tph_fault == NIC_FAULT_SILENT_DROP)
		return rc;
	memcpy(cpu, nic->tph.cpu, sizeof(cpu));
	memcpy(st, nic->tph.st, sizeof(st));
	for (i = 0; i < h.count; i++) {
		rc = set_one(nic, h.index + i, word(data, i));
		if (rc < 0) {
			undo(nic, &h, i, cpu, st);
			return rc;
		}
	}
	return 0;
}

int
nic_tph_feature_get(struct nic *nic, const uint8_t *data, size_t len, size_t room, uint8_t *out)
{
	const bool by_cpu = nic->opts.tph_get == NIC_TPH_GET_BY_CPU;
	struct vfu_tph_st h;
	uint32_t i, cpu, value;
	uint16_t tag;
	int rc = head(nic, data, len, &h);

	if (rc < 0)
		return rc;
	/* By index nothing but the head goes in, and a caller need not send more. */
	if (room < full(&h) || (len != full(&h) && (by_cpu || len != sizeof(h))))
		return -EINVAL;
	if (!by_cpu && (rc = bounds(nic, &h)) < 0)
		return rc;
	for (i = 0; i < h.count; i++) {
		cpu = by_cpu ? word(data, i) : nic->tph.cpu[h.index + i];
		tag = 0;
		if (by_cpu || cpu != VFU_TPH_CPU_CLEAR)
			rc = nic_tph_cpu_tag(nic, cpu, &tag);
		if (rc < 0)
			return rc;
		value = tag;
		memcpy(out + sizeof(h) + 4 * i, &value, sizeof(value));
	}
	memcpy(out, &h, sizeof(h));
	return (int)full(&h);
}

/* Flags and length rules of VFIO_DEVICE_FEATURE. */
int
nic_msg_feature(struct nic *nic, struct nic_msg *m)
{
	const uint32_t ops = VFU_FEATURE_GET | VFU_FEATURE_SET | VFU_FEATURE_PROBE;
	struct vfu_device_feature f;
	const uint8_t *data = m->data + sizeof(f);
	const uint32_t len = m->len - (uint32_t)sizeof(f);
	uint32_t op;
	int rc;

	memcpy(&f, m->data, sizeof(f));
	op = f.flags & ops;
	if (f.argsz < sizeof(f) || (f.flags & ~(ops | VFU_FEATURE_INDEX_MASK)) != 0 || op == 0 ||
	    op == (VFU_FEATURE_GET | VFU_FEATURE_SET))
		return -EINVAL;
	if (nic->conn.tsm_key && nic_tsm_index(nic) == (f.flags & VFU_FEATURE_INDEX_MASK))
		return nic_tsm_feature(nic, m, op);
	if (nic->opts.tph == NIC_TPH_NONE ||
	    (f.flags & VFU_FEATURE_INDEX_MASK) != nic->opts.tph_feature)
		return -ENOTTY;
	memcpy(m->out, m->data, m->len);
	m->out_len = m->len;
	if ((op & VFU_FEATURE_PROBE) != 0)
		return 0;
	if (f.argsz < m->len)
		return -EINVAL;
	if (op == VFU_FEATURE_SET)
		return nic_tph_feature_set(nic, data, len);
	rc = nic_tph_feature_get(nic, data, len, f.argsz - sizeof(f), m->out + sizeof(f));
	if (rc < 0)
		return rc;
	f.argsz = (uint32_t)(sizeof(f) + (size_t)rc);
	memcpy(m->out, &f, sizeof(f));
	m->out_len = f.argsz;
	return 0;
}
