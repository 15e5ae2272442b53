/* SPDX-License-Identifier: BSD-3-Clause */

#include "tsm_iommufd_fixture.h"

const struct ix_case ix_cases[] = {
	{"v5", FI_V5, STEER_TSM_ABI_V5, STEER_TSM_ARCH_CCA, true, false},
	{"v5-june", FI_V5_JUNE, STEER_TSM_ABI_V5_JUNE, STEER_TSM_ARCH_CCA, true, false},
	{"v5-june-sev", FI_V5_JUNE, STEER_TSM_ABI_V5_JUNE, STEER_TSM_ARCH_SEV, true, false},
	{"v6", FI_V6, STEER_TSM_ABI_V6, STEER_TSM_ARCH_CCA, false, true},
	{"v7-int", FI_V7, STEER_TSM_ABI_V7_INT, STEER_TSM_ARCH_CCA, true, false},
	{"v7-int-tdx", FI_V7, STEER_TSM_ABI_V7_INT, STEER_TSM_ARCH_TDX, true, false},
};
const unsigned int ix_nr_cases = sizeof(ix_cases) / sizeof(ix_cases[0]);

struct ix ix;
unsigned int ix_no_memory;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *
__wrap_calloc(size_t n, size_t size)
{
	if (ix_no_memory != 0 && --ix_no_memory == 0)
		return NULL;
	return __real_calloc(n, size);
}

/* 'X', operation, object or state, 0x5e; eight bytes come back for what gives nothing. */
static int
payload(void *arg, enum steer_tsm_op op, const void *in, size_t in_len, uint8_t *req, size_t room)
{
	const struct steer_tsm_vmm_in *i = in;

	assert_ptr_equal(arg, &ix);
	assert_int_equal(in_len, sizeof(*i));
	assert_true(room >= 4096);
	ix.payloads++;
	if (ix.payload_rc != 0)
		return ix.payload_rc;
	if (op == STEER_TSM_OP_REGEN_OBJECT && i->object == 2)
		assert_int_equal(i->nonce_len, 32);
	req[0] = 'X';
	req[1] = (uint8_t)op;
	req[2] = (uint8_t)(op == STEER_TSM_OP_SET_TDI_STATE ? i->tdi_state : i->object);
	req[3] = 0x5e;
	if (i->nonce_len == 0)
		return 4;
	memcpy(req + 4, i->nonce, i->nonce_len);
	return 4 + (int)i->nonce_len;
}

static int
response(void *arg, enum steer_tsm_op op, const uint8_t *resp, size_t len, void *out,
	 size_t *out_len)
{
	assert_ptr_equal(arg, &ix);
	if (ix.response_rc != 0)
		return ix.response_rc;
	if (out == NULL) {
		assert_int_equal(*out_len, 0);
		*out_len = ix.response_more;
		return len == 8 ? 0 : -EBADMSG;
	}
	if (len > *out_len)
		return -EBADMSG;
	memcpy(out, resp, len);
	*out_len = len + ix.response_more;
	return 0;
}

static void
init_vmm(const struct ix_case *c)
{
	ix.vmm = (struct steer_tsm_vmm){.kvm_fd = FI_KVM,
					.iommufd = FI_IOMMUFD,
					.device_fd = FI_DEVICE,
					.dev_id = FI_DEV_ID,
					.viommu_type = 3,
					.virt_id = 1 << 16 | 0x208,
					.arg = &ix};
	if (c->arch != STEER_TSM_ARCH_CCA) {
		ix.vmm.viommu_type = 0xa;
		ix.vmm.hwpt_id = FI_HWPT;
		ix.vmm.payload = payload;
		ix.vmm.response = response;
		return;
	}
	ix.vmm.ranges[0] = (struct steer_tsm_vmm_range){0, 0x1000000000, 0x1000004000, 0xfe000000};
	ix.vmm.ranges[1] = (struct steer_tsm_vmm_range){2, 0x1000004000, 0x1000005000, 0xfe800000};
	ix.vmm.nb_ranges = 2;
}

void
ix_init(const struct ix_case *c)
{
	memset(&ix, 0, sizeof(ix));
	ix_no_memory = 0;
	fi_setup(NULL);
	fi.abi = c->kernel;
	fi.arch = c->arch;
	init_vmm(c);
	snprintf(ix.t.name, sizeof(ix.t.name), "nic");
	snprintf(ix.t.pci_addr, sizeof(ix.t.pci_addr), "0000:01:00.0");
	ix.t.policy.abi = c->abi;
	ix.t.policy.arch = c->arch;
	ix.t.policy.unsafe_inferred_abi = c->unsafe;
	ix.t.vmm = &ix.vmm;
	ix.t.ops = &tsm_backend_iommufd;
	ix.t.can = tsm_backend_iommufd.can;
	ix.device.nb_bars = 2;
	ix.device.bars[0] = (struct steer_tsm_bar){0, 0x4000};
	ix.device.bars[1] = (struct steer_tsm_bar){2, 0x1000};
}

int
ix_open(void)
{
	return ix.t.ops->open(&ix.t);
}

static struct tsm_result
object(enum tsm_object o)
{
	struct steer_tsm_bytes b = {(uint8_t *)1, 1};
	struct tsm_result r = ix.t.ops->object(&ix.t, o, &b);
	uint32_t i;

	if (r.err != 0 || r.tsm_code != 0) {
		assert_null(b.data);
		assert_int_equal(b.len, 0);
		return r;
	}
	assert_int_equal(b.len, fi.object_size[o]);
	for (i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], fi_object_byte(o, i));
	free(b.data);
	return r;
}

static struct tsm_result
look(void)
{
	ix.presence = ix.t.ops->look(&ix.t, ix.name, ix.why, sizeof(ix.why));
	return (struct tsm_result){.err = ix.presence == TSM_PRESENT ? 0 : -ENODEV};
}

static struct tsm_result
regenerate(enum tsm_object o)
{
	uint8_t nonce[32];
	unsigned int i;

	for (i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(0xa0 + i);
	return o == TSM_OBJECT_MEASUREMENTS ? ix.t.ops->regenerate(&ix.t, o, nonce, sizeof(nonce))
					    : ix.t.ops->regenerate(&ix.t, o, NULL, 0);
}

struct tsm_result
ix_step(enum ix_step s)
{
	const struct tsm_backend *ops = ix.t.ops;

	switch (s) {
	case IX_LOOK: return look();
	case IX_CONNECT: return ops->connect(&ix.t);
	case IX_BIND: return ops->bind(&ix.t);
	case IX_LOCK: return ops->lock(&ix.t);
	case IX_MEASURE: return regenerate(TSM_OBJECT_MEASUREMENTS);
	case IX_REPORT: return regenerate(TSM_OBJECT_REPORT);
	case IX_VCA: return object(TSM_OBJECT_VCA);
	case IX_CHAIN: return object(TSM_OBJECT_CHAIN);
	case IX_MEASUREMENTS: return object(TSM_OBJECT_MEASUREMENTS);
	case IX_REPORT_READ: return object(TSM_OBJECT_REPORT);
	case IX_VALIDATE: return ops->validate(&ix.t, &ix.device);
	case IX_RUN: return ops->run(&ix.t);
	case IX_DMA_ON: return ops->dma_enable(&ix.t);
	case IX_DMA_OFF: return ops->dma_disable(&ix.t);
	case IX_UNLOCK: return ops->unlock(&ix.t);
	default: return ops->unbind(&ix.t);
	}
}

bool
ix_has(const struct ix_case *c, enum ix_step s)
{
	return c->evidence || s < IX_MEASURE || s > IX_REPORT_READ;
}

void
ix_good(enum ix_step first, enum ix_step last)
{
	int s;

	for (s = (int)first; s <= (int)last; s++) {
		struct tsm_result r;

		if (!(ix.t.can & TSM_CAN_ATTEST) && s >= IX_MEASURE && s <= IX_REPORT_READ)
			continue;
		r = ix_step((enum ix_step)s);
		if (r.err != 0 || r.residue != 0 || r.tsm_code != 0 || r.not_sent)
			fail_msg("step %d: errno %d, residue %u: %s", s, -r.err, r.residue,
				 ix.error);
	}
}

void
ix_close(void)
{
	const char *left;

	ix.t.ops->close(&ix.t);
	assert_null(ix.t.priv);
	left = fi_left();
	if (left != NULL)
		fail_msg("%s; log: %s", left, ix.log);
}

const struct ix_case *
ix_case(const char *name)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++)
		if (strcmp(ix_cases[i].name, name) == 0)
			return &ix_cases[i];
	fail_msg("no case %s", name);
	return NULL;
}
