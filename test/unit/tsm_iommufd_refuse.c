/* SPDX-License-Identifier: BSD-3-Clause */

/* What role vmm does not send, and what it does not believe. */

#include "tsm_iommufd_fixture.h"

#include "iommufd.h"

static void
start(const char *name)
{
	ix_init(ix_case(name));
	assert_int_equal(ix_open(), 0);
}

static void
told(const char *part)
{
	if (strstr(ix.error, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, ix.error);
	assert_null(strchr(ix.error, '\n'));
}

/* Refused here: the kernel heard nothing more than calls. */
static void
unsent(struct tsm_result r, int err, unsigned int calls, const char *part)
{
	assert_int_equal(r.err, err);
	assert_true(r.not_sent);
	assert_int_equal(fi.nr_calls, calls);
	told(part);
}

static void
without_a_profile_nothing_is_sent(void **state)
{
	static const enum steer_tsm_abi none[] = {STEER_TSM_ABI_NONE, STEER_TSM_ABI_SIM};
	static const enum fi_abi kernels[] = {FI_MAINLINE, FI_V5, FI_V5_JUNE, FI_V6, FI_V7};
	static const enum tsm_presence facts[] = {TSM_ABSENT, TSM_HALF, TSM_PRESENT};
	unsigned int i, k, p;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 5; k++)
			for (p = 0; p < 3; p++) {
				ix_init(ix_case("v5"));
				fi.abi = kernels[k];
				ix.t.policy.abi = none[i];
				ix.t.policy.unsafe_inferred_abi = true;
				ix_sysfs = facts[p];
				assert_int_equal(ix_open(), 0);
				assert_false(ix.t.can & (TSM_CAN_ATTEST | TSM_CAN_NONCE));
				ix_step(IX_LOOK);
				assert_int_equal(ix.presence, facts[p]);
				assert_int_equal(ix_step(IX_CONNECT).err, 0);
				unsent(ix_step(IX_BIND), -EOPNOTSUPP, 0,
				       "no request of a kernel proposal");
				ix_sysfs = TSM_PRESENT;
				ix_close();
				assert_int_equal(fi.nr_calls, 0);
			}
}

static void
inferred_numbers_are_not_sent(void **state)
{
	start("v6");
	assert_false(ix.t.can & (TSM_CAN_ATTEST | TSM_CAN_NONCE));
	ix_good(IX_LOOK, IX_CONNECT);
	ix.t.policy.unsafe_inferred_abi = false;
	unsent(ix_step(IX_BIND), -EOPNOTSUPP, 1, "only inferred");
	ix.t.policy.unsafe_inferred_abi = true;
	ix_good(IX_BIND, IX_RUN);
	ix_close();

	/* SEV's numbers of v7-int, too. */
	ix_init(ix_case("v7-int-tdx"));
	ix.t.policy.arch = STEER_TSM_ARCH_SEV;
	fi.arch = STEER_TSM_ARCH_SEV;
	assert_int_equal(ix_open(), 0);
	ix_good(IX_LOOK, IX_CONNECT);
	unsent(ix_step(IX_BIND), -EOPNOTSUPP, 1, "SEV_ENABLE_DMA");
	ix.t.policy.unsafe_inferred_abi = true;
	ix_good(IX_BIND, IX_DMA_ON);
	assert_true(fi.dma);
	assert_int_equal(fi_u32(fi.calls[fi.nr_calls - 1].arg + 8), 3);
	ix_good(IX_DMA_OFF, IX_UNBIND);
	ix_close();
}

/* One by one, too: an operation that bind did not look at. */
static void
each_operation_is_looked_at(void **state)
{
	const struct steer_tsm_vmm_in in = {0};
	unsigned int op;

	start("v6");
	ix_good(IX_LOOK, IX_LOCK);
	for (op = 0; op < TSM_IOMMUFD_OPS; op++) {
		unsigned int calls = fi.nr_calls;

		ix.t.policy.unsafe_inferred_abi = false;
		assert_true(tsm_iommufd_op(&ix.t, (enum steer_tsm_op)op, &in, NULL, NULL).not_sent);
		assert_int_equal(fi.nr_calls, calls);
	}
	ix_close();
}

static void
v6_has_no_evidence(void **state)
{
	enum ix_step s;

	start("v6");
	ix_good(IX_LOOK, IX_LOCK);
	for (s = IX_MEASURE; s <= IX_REPORT_READ; s++)
		unsent(ix_step(s), -ENODATA, 9, "no evidence objects");
	ix_close();
}

static void
operations_of_sev_stay_with_sev(void **state)
{
	static const char *const names[] = {"v5", "v5-june", "v6", "v7-int", "v7-int-tdx"};
	static const enum steer_tsm_op ops[] = {STEER_TSM_OP_ENABLE_DMA, STEER_TSM_OP_DISABLE_DMA};
	const struct steer_tsm_vmm_in in = {0};
	unsigned int i, k, calls;

	for (i = 0; i < 5; i++) {
		start(names[i]);
		ix.t.policy.unsafe_inferred_abi = true;
		ix_good(IX_LOOK, IX_RUN);
		calls = fi.nr_calls;
		for (k = 0; k < 2; k++) {
			unsent(tsm_iommufd_op(&ix.t, ops[k], &in, NULL, NULL), -EINVAL, calls,
			       "is no operation of");
			unsent(tsm_iommufd_request(&ix.t, ops[k], "x", 1, NULL, 0), -EINVAL, calls,
			       "is no operation of");
		}
		/* For them there is nothing to do. */
		assert_int_equal(ix_step(IX_DMA_ON).err, 0);
		assert_int_equal(ix_step(IX_DMA_OFF).err, 0);
		assert_int_equal(fi.nr_calls, calls);
		ix_close();
	}

	/* v5 has no such operation at all. */
	ix_init(ix_case("v5-june-sev"));
	ix.t.policy.abi = STEER_TSM_ABI_V5;
	fi.abi = FI_V5;
	assert_int_equal(ix_open(), 0);
	ix_good(IX_LOOK, IX_CONNECT);
	unsent(ix_step(IX_BIND), -EOPNOTSUPP, 1, "has no operation SEV_ENABLE_DMA");
	ix_close();
}

static void
payloads_are_the_vmms(void **state)
{
	static const char *const names[] = {"v5-june-sev", "v7-int-tdx"};
	unsigned int i, calls;

	for (i = 0; i < 2; i++) {
		start(names[i]);
		ix_good(IX_LOOK, IX_CONNECT);
		ix.vmm.response = NULL;
		unsent(ix_step(IX_BIND), -EOPNOTSUPP, 1, "not public");
		ix.vmm.payload = NULL;
		unsent(ix_step(IX_BIND), -EOPNOTSUPP, 1, "not public");
		assert_int_equal(ix.payloads, 0);
		ix_close();

		start(names[i]);
		ix_good(IX_LOOK, IX_REPORT);
		calls = fi.nr_calls;
		ix.payload_rc = -ENOKEY;
		unsent(ix_step(IX_RUN), -ENOKEY, calls, "gives no payload");
		ix.payload_rc = 4097;
		unsent(ix_step(IX_RUN), -EPROTO, calls, "gives no payload");
		ix.payload_rc = 0;
		ix_good(IX_UNLOCK, IX_UNLOCK);
		ix_close();
	}
}

static void
responses_are_the_vmms(void **state)
{
	struct tsm_result r;

	start("v5-june-sev");
	ix_good(IX_LOOK, IX_REPORT);
	ix.response_rc = -EBADMSG;
	r = ix_step(IX_RUN);
	assert_int_equal(r.err, -EBADMSG);
	assert_false(r.not_sent);
	told("refuses the response");
	assert_int_equal(ix_step(IX_VCA).err, -EBADMSG);
	ix.response_rc = 0;
	ix.response_more = 1;
	assert_int_equal(ix_step(IX_VCA).err, -EPROTO);
	assert_int_equal(ix_step(IX_MEASURE).err, -EPROTO);
	ix.response_more = 0;
	ix_close();
}

/* Sizes come first: of the 40 bytes that Linux 7.3 takes at 0x95 none is ever sent. */
static void
only_exact_sizes_are_sent(void **state)
{
	static const struct {
		unsigned long request;
		uint32_t said, size;
	} bad[] = {
		{0x3b95, 40, 40}, {0x3b95, 48, 48}, {0x3b95, 24, 24}, {0x3b95, 8, 8},
		{0x3b95, 40, 16}, {0x3b95, 16, 40}, {0x3b95, 16, 48}, {0x3b96, 16, 16},
		{0x3b96, 40, 48}, {0x3b96, 48, 40}, {0x3b96, 44, 44}, {0x3b96, 56, 56},
		{0x3b91, 32, 32}, {0x3b90, 24, 24}, {0x3b80, 12, 12}, {0x3b94, 16, 16},
		{0x3b93, 24, 24}, {0x3b7a, 16, 16}, {0x3b97, 48, 48}, {0x3b85, 40, 40},
	};
	union {
		uint8_t bytes[64];
		uint32_t size;
	} arg;
	unsigned int i;

	ix_init(ix_case("v5"));
	fi.abi = FI_MAINLINE;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.size = bad[i].said;
		assert_int_equal(tsm_iommufd_call(FI_IOMMUFD, bad[i].request, &arg, bad[i].size),
				 -EMSGSIZE);
	}
	assert_int_equal(fi.nr_calls, 0);
	memset(&arg, 0, sizeof(arg));
	arg.size = 16;
	assert_int_equal(tsm_iommufd_call(FI_IOMMUFD, 0x3b95, &arg, 16), -EINVAL);
	assert_int_equal(fi.nr_calls, 1);
	assert_string_equal(fi.wrong, "");
}

/* On Linux 7.3 there is nothing at 0x96: then nothing is sent to 0x95, whatever the policy says. */
static void
linux_7_3_hears_the_probe_alone(void **state)
{
	static const uint8_t zero[36];
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		ix_init(&ix_cases[i]);
		fi.abi = FI_MAINLINE;
		assert_int_equal(ix_open(), 0);
		ix_step(IX_LOOK);
		assert_int_equal(ix.presence, TSM_HALF);
		assert_non_null(strstr(ix.why, "no TSM request ioctl"));
		unsent(ix_step(IX_BIND), -EOPNOTSUPP, 1, "no TSM request ioctl");
		unsent(ix_step(IX_LOCK), -ENXIO, 1, "bind first");
		ix_close();
		assert_int_equal(fi.nr_calls, 1);
		assert_int_equal(fi.calls[0].request, 0x3b96);
		assert_int_equal(fi.calls[0].size, ix_cases[i].kernel == FI_V5 ? 40 : 48);
		assert_memory_equal(fi.calls[0].arg + 4, zero, 36);
	}
}

static void
look_puts_two_facts_together(void **state)
{
	static const int says[] = {ENOTTY, EINVAL, EOPNOTSUPP, ENOENT, EIO,
				   EBADF,  EFAULT, EPERM,      0};
	static const enum tsm_presence facts[] = {TSM_ABSENT, TSM_HALF, TSM_PRESENT};
	static const enum tsm_presence want[][3] = {
		{TSM_ABSENT, TSM_HALF, TSM_HALF},  {TSM_HALF, TSM_HALF, TSM_PRESENT},
		{TSM_HALF, TSM_HALF, TSM_PRESENT}, {TSM_HALF, TSM_HALF, TSM_PRESENT},
		{TSM_HALF, TSM_HALF, TSM_HALF},    {TSM_HALF, TSM_HALF, TSM_HALF},
		{TSM_HALF, TSM_HALF, TSM_HALF},    {TSM_HALF, TSM_HALF, TSM_HALF},
		{TSM_HALF, TSM_HALF, TSM_HALF},
	};
	unsigned int i, k;

	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		for (k = 0; k < 3; k++) {
			start("v7-int");
			ix_sysfs = facts[k];
			fi.fail_at = 1;
			fi.fail_errno = says[i];
			ix_step(IX_LOOK);
			if (ix.presence != want[i][k])
				fail_msg("probe %s, sysfs %d: %d", strerror(says[i]), facts[k],
					 ix.presence);
			assert_string_equal(ix.name, "tsm0");
			assert_string_not_equal(ix.why, "");
			ix_sysfs = TSM_PRESENT;
			ix_close();
		}
}

/* 48 bytes with zeros at their end would be a request of the form of 40. */
static void
a_shorter_request_is_seen_by_the_probe(void **state)
{
	static const char *const names[] = {"v5-june", "v5-june-sev", "v6", "v7-int", "v7-int-tdx"};
	unsigned int i;

	for (i = 0; i < 5; i++) {
		start(names[i]);
		fi.abi = FI_V5;
		ix_step(IX_LOOK);
		assert_int_equal(ix.presence, TSM_HALF);
		assert_non_null(strstr(ix.why, "older and shorter"));
		assert_true(ix_step(IX_BIND).not_sent);
		ix_close();
		assert_int_equal(fi.nr_calls, 1);
	}
}

static void
sysfs_says_whether_it_is_connected(void **state)
{
	start("v5");
	ix_connect_rc = -ENOTCONN;
	assert_int_equal(ix_step(IX_CONNECT).err, -ENOTCONN);
	ix_connect_rc = 0;
	assert_int_equal(fi.nr_calls, 0);
	ix_close();
}

/* A kernel with another of the interfaces: some step fails, and all of it goes back. */
static void
another_kernel_than_the_policy_says(void **state)
{
	static const enum fi_abi kernels[] = {FI_MAINLINE, FI_V5, FI_V5_JUNE, FI_V6, FI_V7};
	unsigned int i, k;
	int s;

	for (i = 0; i < ix_nr_cases; i++)
		for (k = 0; k < 5; k++) {
			struct tsm_result r = {0};

			if (kernels[k] == ix_cases[i].kernel)
				continue;
			ix_init(&ix_cases[i]);
			fi.abi = kernels[k];
			assert_int_equal(ix_open(), 0);
			for (s = IX_LOOK; s <= IX_RUN && r.err == 0; s++)
				if (ix_has(&ix_cases[i], (enum ix_step)s))
					r = ix_step((enum ix_step)s);
			if (r.err == 0)
				fail_msg("%s attaches on kernel %d", ix_cases[i].name, kernels[k]);
			assert_int_equal(fi.nr_runs, 0);
			ix_close();
		}
}

static void
the_vmm_must_give_its_part(void **state)
{
	static const struct {
		size_t at;
		const char *text;
	} fds[] = {{offsetof(struct steer_tsm_vmm, kvm_fd), "kvm_fd"},
		   {offsetof(struct steer_tsm_vmm, iommufd), "iommufd"},
		   {offsetof(struct steer_tsm_vmm, device_fd), "device_fd"}};
	static const int bad = -1;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		ix_init(ix_case("v5"));
		memcpy((uint8_t *)&ix.vmm + fds[i].at, &bad, sizeof(bad));
		assert_int_equal(ix_open(), -EINVAL);
		told(fds[i].text);
	}
	ix_init(ix_case("v5"));
	ix.vmm.dev_id = 0;
	assert_int_equal(ix_open(), -EINVAL);
	ix_init(ix_case("v5"));
	ix.vmm.viommu_type = 0;
	assert_int_equal(ix_open(), -EINVAL);
	told("viommu_type");
	ix_init(ix_case("v5"));
	ix.vmm.nb_ranges = 17;
	assert_int_equal(ix_open(), -EINVAL);
	ix_init(ix_case("v5"));
	ix.t.pci_addr[0] = '\0';
	assert_int_equal(ix_open(), -EINVAL);
	told("PCI address");
	ix_init(ix_case("v5"));
	ix.t.vmm = NULL;
	assert_int_equal(ix_open(), -EINVAL);
	ix_init(ix_case("v5"));
	ix.t.policy.arch = STEER_TSM_ARCH_ANY;
	assert_int_equal(ix_open(), -EINVAL);
	told("arch");
	assert_null(ix.t.priv);
	ix.t.ops->close(&ix.t);
	assert_int_equal(fi.nr_calls, 0);
}

static void
a_device_without_a_vm_is_told(void **state)
{
	start("v5");
	fi.no_kvm = true;
	ix_good(IX_LOOK, IX_BIND);
	assert_int_equal(ix_step(IX_LOCK).err, -ENODEV);
	told("KVM VFIO device");
	ix_close();

	start("v7-int");
	fi.no_kvm = true;
	ix_good(IX_LOOK, IX_CONNECT);
	assert_int_equal(ix_step(IX_BIND).err, -ENODEV);
	ix_close();
}

static void
there_is_no_state_to_ask_for(void **state)
{
	enum tsm_tdi is = TSM_TDI_RUN;

	start("v5");
	assert_false(tsm_backend_iommufd.can & TSM_CAN_STATE);
	assert_int_equal(ix.t.ops->state(&ix.t, &is).err, -EOPNOTSUPP);
	assert_int_equal(is, TSM_TDI_UNKNOWN);
	assert_int_equal(fi.nr_calls, 0);
	ix_close();
}

static void
no_step_goes_before_bind(void **state)
{
	static const enum ix_step steps[] = {IX_LOCK,     IX_MEASURE, IX_REPORT, IX_VCA,
					     IX_VALIDATE, IX_RUN,     IX_UNLOCK};
	unsigned int i, k;

	for (k = 0; k < ix_nr_cases; k++) {
		ix_init(&ix_cases[k]);
		assert_int_equal(ix_open(), 0);
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			if (ix_has(&ix_cases[k], steps[i]))
				unsent(ix_step(steps[i]), -ENXIO, 0, "bind first");
		ix_close();
	}
}

static void
ranges_are_within_their_bars(void **state)
{
	static const struct steer_tsm_vmm_range bad[] = {
		{0, 0x1000000001, 0x1000004000, 0xfe000000}, /* not whole pages */
		{0, 0x1000000000, 0x1000003fff, 0xfe000000},
		{0, 0x1000000000, 0x1000004000, 0xfe000800},
		{0, 0x1000000000, 0x1000000000, 0xfe000000}, /* empty */
		{0, 0x1000004000, 0x1000000000, 0xfe000000},
		{0, 0x1000000000, 0x1000005000, 0xfe000000}, /* larger than the BAR */
		{1, 0x1000000000, 0x1000001000, 0xfe000000}, /* no such BAR */
		{6, 0x1000000000, 0x1000001000, 0xfe000000},
		{0, 0x1000000000, 0x1000004000, UINT64_MAX & ~UINT64_C(4095)}, /* wraps */
		{0, 0x1000002000, 0x1000005000, 0xfe000000}, /* overlaps the other */
	};
	unsigned int i, calls;

	start("v7-int");
	ix_good(IX_LOOK, IX_LOCK);
	calls = fi.nr_calls;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ix.vmm.ranges[0] = bad[i];
		unsent(ix_step(IX_VALIDATE), -EINVAL, calls, "MMIO range");
	}
	/* None: the VMM validates as the guest asks. */
	ix.vmm.nb_ranges = 0;
	assert_int_equal(ix_step(IX_VALIDATE).err, 0);
	assert_int_equal(fi.nr_calls, calls);
	ix_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_profile_nothing_is_sent),
		cmocka_unit_test(inferred_numbers_are_not_sent),
		cmocka_unit_test(each_operation_is_looked_at),
		cmocka_unit_test(v6_has_no_evidence),
		cmocka_unit_test(operations_of_sev_stay_with_sev),
		cmocka_unit_test(payloads_are_the_vmms),
		cmocka_unit_test(responses_are_the_vmms),
		cmocka_unit_test(only_exact_sizes_are_sent),
		cmocka_unit_test(linux_7_3_hears_the_probe_alone),
		cmocka_unit_test(look_puts_two_facts_together),
		cmocka_unit_test(a_shorter_request_is_seen_by_the_probe),
		cmocka_unit_test(sysfs_says_whether_it_is_connected),
		cmocka_unit_test(another_kernel_than_the_policy_says),
		cmocka_unit_test(the_vmm_must_give_its_part),
		cmocka_unit_test(a_device_without_a_vm_is_told),
		cmocka_unit_test(there_is_no_state_to_ask_for),
		cmocka_unit_test(no_step_goes_before_bind),
		cmocka_unit_test(ranges_are_within_their_bars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
