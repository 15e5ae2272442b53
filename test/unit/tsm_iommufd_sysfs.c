/* SPDX-License-Identifier: BSD-3-Clause */

/* Role vmm over the files of sysfs: who connects and disconnects a device is the host's
 * administrator. */

#include <time.h>

#include "tsm_evid.h"
#include "tsm_iommufd_fixture.h"
#include "tsm_tree.h"

#define DEV "/sys/bus/pci/devices/" TREE_BDF "/"

static struct evid w;
static struct steer_tsm *tsm;
static struct steer_tsm_unbound unbound;

time_t __wrap_time(time_t *t);

time_t
__wrap_time(time_t *t)
{
	if (t != NULL)
		*t = (time_t)EVID_NOW;
	return (time_t)EVID_NOW;
}

static void
measure(void)
{
	evid_measure(&w, fi.nonce);
	fi.object[2] = w.e.measurements.data;
	fi.object_size[2] = (uint32_t)w.e.measurements.len;
}

static void
evidence_put(void)
{
	const struct steer_tsm_bytes *const objects[] = {&w.e.vca, &w.e.chain, &w.e.measurements,
							 &w.e.report};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		fi.object[i] = objects[i]->data;
		fi.object_size[i] = (uint32_t)objects[i]->len;
	}
	fi.measure = measure;
}

static void
connected_to(const char *name)
{
	tree_put("/sys/class/tsm/tsm0/uevent", "");
	tree_put(DEV "tsm/connect", name);
	tree_put(DEV "tsm/dsm", TREE_BDF);
	tree_put(DEV "authenticated", name);
}

static void
opens(enum steer_tsm_mode mode)
{
	const struct ix_case *c = ix_case("v7-int");
	const struct steer_tsm_args args = {.name = "nic",
					    .pci_addr = TREE_BDF,
					    .policy = &w.p,
					    .vmm = &ix.vmm,
					    .root = tree_root};

	ix_init(c);
	evidence_put();
	w.p.mode = mode;
	w.p.role = STEER_TSM_ROLE_VMM;
	w.p.abi = c->abi;
	w.p.arch = c->arch;
	assert_int_equal(steer_tsm_open(&args, &unbound, &tsm), 0);
}

static enum steer_tsm_code
code(void)
{
	struct steer_tsm_verdict v;

	steer_tsm_verdict_get(tsm, &v);
	return v.code;
}

static int
setup(void **state)
{
	tree_begin();
	tree_config(1u << 30, 1, STEER_PCI_CFG_SIZE); /* TEE */
	evid_make(&w);
	return 0;
}

static int
teardown(void **state)
{
	steer_tsm_close(tsm);
	tsm = NULL;
	assert_null(fi_left());
	evid_free(&w);
	tree_end();
	return 0;
}

static void
a_connected_device_attaches_until_it_is_disconnected(void **state)
{
	struct steer_tsm_running running = {0};
	struct steer_tsm_bound bound;

	connected_to("tsm0");
	opens(STEER_TSM_REQUIRE);
	if (steer_tsm_attach_begin(unbound, &bound) != 0 ||
	    steer_tsm_attach_finish(bound, &w.d, &running) != 0)
		fail_msg("%s", steer_tsm_error(tsm));
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_int_equal(steer_tsm_watch(tsm), 0);
	connected_to("");
	assert_int_equal(steer_tsm_watch(tsm), -ENOLINK);
	assert_int_equal(code(), STEER_TSM_STATE_LOST);
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNKNOWN);
	assert_int_not_equal(steer_tsm_dma_allowed(running), 0);
}

static void
a_device_that_is_not_connected_is_refused(void **state)
{
	static const enum steer_tsm_mode modes[] = {STEER_TSM_PREFER, STEER_TSM_REQUIRE};
	struct steer_tsm_connected out;
	unsigned int i;

	connected_to("");
	for (i = 0; i < 2; i++) {
		opens(modes[i]);
		assert_int_equal(steer_tsm_connect(unbound, &out), -EACCES);
		assert_int_equal(code(), STEER_TSM_NOT_CONNECTED);
		steer_tsm_close(tsm);
		tsm = NULL;
		assert_int_equal(fi_count(0x3b91), 0);
	}
}

/* No TEE bit, no folder, and Linux 7.3: nothing of it at all. */
static void
a_plain_device_on_a_plain_kernel_is_absent(void **state)
{
	struct steer_tsm_connected out;

	tree_config(0, 1, STEER_PCI_CFG_SIZE);
	opens(STEER_TSM_PREFER);
	fi.abi = FI_MAINLINE;
	assert_int_equal(steer_tsm_connect(unbound, &out), 1);
	steer_tsm_close(tsm);
	tsm = NULL;
	opens(STEER_TSM_PREFER);
	assert_int_equal(steer_tsm_connect(unbound, &out), -EACCES);
	assert_int_equal(code(), STEER_TSM_UNSUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_connected_device_attaches_until_it_is_disconnected, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_that_is_not_connected_is_refused, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_plain_device_on_a_plain_kernel_is_absent, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
