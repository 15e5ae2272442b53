/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Role host, over the real state machine and a made-up sysfs: what is absent, what is half there,
 * what an administrator did, and what he undoes while the device is attached.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "attr.h"
#include "tsm_attr_fail.h"
#include "tsm_tree.h"

#define TEE    (1u << 30)
#define IDE    0x30
#define OTHER  "/sys/bus/pci/devices/0000:01:00.1/"
#define OTHER2 "/sys/bus/pci/devices/0000:02:00.0/"

static struct steer_tsm *tsm;
static struct steer_tsm_unbound unbound;
static struct steer_tsm_running running;
static struct steer_tsm_policy policy;
static struct steer_tsm_verdict verdict;
static char logged[2048];

static void
logger(void *arg, int level, const char *line)
{
	snprintf(logged, sizeof(logged), "%s", line);
}

static int
setup(void **state)
{
	tree_begin();
	steer_tsm_policy_init(&policy);
	policy.mode = STEER_TSM_REQUIRE;
	policy.role = STEER_TSM_ROLE_HOST;
	policy.host_admin = true;
	attr_reads = attr_fail_read = 0;
	logged[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	steer_tsm_close(tsm);
	tsm = NULL;
	tree_end();
	return 0;
}

static void
opens(void)
{
	const struct steer_tsm_args args = {.name = "nic0",
					    .pci_addr = TREE_BDF,
					    .policy = &policy,
					    .root = tree_root,
					    .log = logger};

	steer_tsm_close(tsm);
	assert_int_equal(steer_tsm_open(&args, &unbound, &tsm), 0);
}

/* As far as it goes. @return of the step that ended it. */
static int
attach(void)
{
	/* MSI-X without vectors: nothing is locked here, so they may come later. */
	static const struct steer_tsm_device device = {.bars = {{0, 4096}},
						       .nb_bars = 1,
						       .msix_table_bar = 0,
						       .msix_table_size = 64,
						       .msix_pba_bar = 0,
						       .msix_pba_offset = 64,
						       .msix_pba_size = 8};
	struct steer_tsm_bound bound;
	int rc;

	opens();
	rc = steer_tsm_attach_begin(unbound, &bound);
	if (rc == 0)
		rc = steer_tsm_attach_finish(bound, &device, &running);
	if (rc == 0)
		rc = steer_tsm_dma_allowed(running);
	steer_tsm_verdict_get(tsm, &verdict);
	return rc;
}

static void
refused(enum steer_tsm_code code, const char *words)
{
	assert_int_equal(attach(), -EACCES);
	assert_int_equal(verdict.summary, STEER_TSM_REFUSED);
	assert_string_equal(steer_tsm_code_name(verdict.code), steer_tsm_code_name(code));
	if (strstr(steer_tsm_error(tsm), words) == NULL)
		fail_msg("'%s' is not in '%s'", words, steer_tsm_error(tsm));
}

/* In both modes: half there is never absence. */
static void
refused_always(enum steer_tsm_code code, const char *words)
{
	policy.mode = STEER_TSM_PREFER;
	refused(code, words);
	policy.mode = STEER_TSM_REQUIRE;
	refused(code, words);
}

/* A function 0 that an administrator connected. */
static void
connected(void)
{
	tree_config(TEE, 1, STEER_PCI_CFG_SIZE);
	tree_put(TREE_DEV "tsm/connect", "tsm0");
	tree_put(TREE_DEV "tsm/dsm", TREE_BDF);
	tree_put(TREE_DEV "tsm/bound", "");
	tree_put(TREE_DEV "authenticated", "tsm0");
	tree_put("/sys/class/tsm/tsm0/uevent", "");
}

static void
runs(void)
{
	assert_int_equal(attach(), 0);
	assert_int_equal(verdict.summary, STEER_TSM_CONNECTED_ONLY);
	assert_int_equal(verdict.code, STEER_TSM_OK);
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_RUN);
}

/* The words of a check that was made. */
static const char *
check(const char *name)
{
	for (unsigned int i = 0; i < verdict.nb_checks; i++)
		if (strcmp(verdict.checks[i].name, name) == 0)
			return verdict.checks[i].text;
	fail_msg("no check %s", name);
	return "";
}

static void
nothing_there(void **state)
{
	policy.mode = STEER_TSM_PREFER;
	assert_int_equal(attach(), 1);
	assert_int_equal(verdict.summary, STEER_TSM_PLAIN);
	assert_non_null(strstr(logged, "neither TEE-I/O nor IDE"));
	assert_non_null(strstr(logged, "does not protect"));
	policy.mode = STEER_TSM_REQUIRE;
	refused(STEER_TSM_UNSUPPORTED, "neither TEE-I/O nor IDE");
}

static void
conventional_pci(void **state)
{
	static const uint8_t img[256] = {0x34, 0x12};

	tree_bytes(TREE_DEV "config", img, sizeof(img));
	policy.mode = STEER_TSM_PREFER;
	assert_int_equal(attach(), 1);
}

static void
made_for_one_that_is_not_there(void **state)
{
	tree_config(TEE, 1, STEER_PCI_CFG_SIZE);
	refused_always(STEER_TSM_UNSUPPORTED, "made for a TSM");
	tree_config(TEE, 1, 256); /* enough to see it */
	refused_always(STEER_TSM_UNSUPPORTED, "made for a TSM");
	tree_config(0, IDE, STEER_PCI_CFG_SIZE);
	refused_always(STEER_TSM_UNSUPPORTED, "made for a TSM");
}

/* What cannot be seen is not absent. */
static void
unreadable(void **state)
{
	static const uint8_t ones[STEER_PCI_CFG_SIZE] = {[0 ... 4095] = 0xff};

	tree_config(0, 1, 64);
	refused_always(STEER_TSM_UNSUPPORTED, "only root");
	tree_config(0, 1, 256);
	refused_always(STEER_TSM_UNSUPPORTED, "only root");
	tree_bytes(TREE_DEV "config", ones, sizeof(ones));
	refused_always(STEER_TSM_UNSUPPORTED, "is not there");
	tree_drop(TREE_DEV "config");
	refused_always(STEER_TSM_UNSUPPORTED, "is not there");
	tree_drop(TREE_DEV);
	refused_always(STEER_TSM_UNSUPPORTED, "is not there");
}

static void
a_capability_list_without_end(void **state)
{
	uint8_t img[STEER_PCI_CFG_SIZE] = {0x34, 0x12, [6] = 0x10, [0x34] = 0x41};

	img[0x40] = 0x05;
	img[0x41] = 0x40;
	tree_bytes(TREE_DEV "config", img, sizeof(img));
	refused_always(STEER_TSM_UNSUPPORTED, "make no list");
}

static void
a_folder_that_is_not_whole(void **state)
{
	tree_put(TREE_DEV "tsm/bound", "");
	refused_always(STEER_TSM_UNSUPPORTED, "not whole");
	tree_put(TREE_DEV "tsm/dsm", "../../../../etc");
	refused_always(STEER_TSM_UNSUPPORTED, "not whole");
}

static void
no_kernel_device(void **state)
{
	struct steer_tsm_args args = {.name = "nic0", .policy = &policy, .root = tree_root};
	struct steer_tsm_bound bound;

	assert_int_equal(steer_tsm_open(&args, &unbound, &tsm), 0);
	assert_int_equal(steer_tsm_attach_begin(unbound, &bound), -EACCES);
	assert_non_null(strstr(steer_tsm_error(tsm), "PCI device of this kernel"));
}

static void
not_connected(void **state)
{
	char now[8];

	connected();
	tree_put(TREE_DEV "tsm/connect", "");
	tree_put(TREE_DEV "authenticated", "");
	refused_always(STEER_TSM_NOT_CONNECTED,
		       "echo tsm0 > /sys/bus/pci/devices/" TREE_BDF "/tsm/connect");
	strcpy(policy.tsm, "tsm3");
	refused_always(STEER_TSM_NOT_CONNECTED, "echo tsm3 >");
	strcpy(policy.tsm, "any");
	tree_drop("/sys/class/tsm");
	refused_always(STEER_TSM_NOT_CONNECTED, "echo tsmN >");
	/* nobody connected it on the way */
	assert_int_equal(tsm_attr_read(tsm, TREE_BDF, "tsm/connect", now, sizeof(now)), 0);
	assert_string_equal(now, "");
}

static void
connected_is_no_evidence(void **state)
{
	connected();
	policy.host_admin = false;
	refused(STEER_TSM_EVIDENCE_MISSING, "no attestation");
	policy.mode = STEER_TSM_PREFER;
	runs();
}

static void
connected_and_told_so(void **state)
{
	connected();
	runs();
	assert_string_equal(verdict.tsm, "tsm0");
	assert_int_equal(verdict.nb_checks, 3);
	check("connected");
	assert_non_null(strstr(check("dsm"), TREE_BDF));
	assert_non_null(strstr(check("bound"), "no interface"));
	tree_put(TREE_DEV "tsm/bound", "tsm0");
	runs();
	assert_non_null(strstr(check("bound"), "by tsm0"));
	tree_drop(TREE_DEV "tsm/bound"); /* without TEE-I/O: IDE only */
	runs();
	assert_non_null(strstr(check("bound"), "no interface"));
}

static void
another_tsm(void **state)
{
	connected();
	strcpy(policy.tsm, "tsm1");
	refused_always(STEER_TSM_WRONG_TSM, "tsm1");
}

static void
files_that_disagree(void **state)
{
	connected();
	tree_put(TREE_DEV "authenticated", "tsm1");
	refused_always(STEER_TSM_NOT_CONNECTED, "authenticated to 'tsm1'");
	tree_put(TREE_DEV "authenticated", "");
	refused_always(STEER_TSM_NOT_CONNECTED, "authenticated to ''");
	tree_drop(TREE_DEV "authenticated");
	refused_always(STEER_TSM_NOT_CONNECTED, "went away");
	connected();
	tree_drop(TREE_DEV "tsm/dsm");
	refused_always(STEER_TSM_NOT_CONNECTED, "went away");
}

static void
managers(void **state)
{
	connected();
	tree_put(TREE_DEV "tsm/dsm", "../../../../../etc");
	refused_always(STEER_TSM_NOT_CONNECTED, "managed by '../");
	tree_put(TREE_DEV "tsm/dsm", "0000:02:00.0"); /* there is none */
	refused_always(STEER_TSM_NOT_CONNECTED, "managed by '0000:02:00.0'");
	tree_put(OTHER2 "tsm/connect", "tsm1"); /* of another TSM */
	tree_put(OTHER2 "tsm/dsm", "0000:02:00.0");
	refused_always(STEER_TSM_NOT_CONNECTED, "not connected to tsm0");
	tree_put(OTHER2 "tsm/connect", "tsm0");
	tree_put(OTHER2 "tsm/dsm", TREE_BDF); /* managed itself */
	refused_always(STEER_TSM_NOT_CONNECTED, "managed by");
	tree_put(OTHER2 "tsm/dsm", "0000:02:00.0"); /* a switch's port, say */
	runs();
}

/* A function that is not the first has no file connect: its manager's is asked. */
static void
other_functions(void **state)
{
	connected();
	tree_put(OTHER "tsm/connect", "tsm0");
	tree_put(OTHER "tsm/dsm", "0000:01:00.1");
	tree_drop(TREE_DEV "tsm/connect");
	tree_put(TREE_DEV "tsm/dsm", "0000:01:00.1");
	runs();
	assert_non_null(strstr(check("dsm"), "0000:01:00.1"));
	tree_put(OTHER "tsm/connect", "");
	assert_int_equal(steer_tsm_watch(tsm), -ENOLINK);
}

static void
lost(void)
{
	assert_int_equal(steer_tsm_watch(tsm), -ENOLINK);
	steer_tsm_verdict_get(tsm, &verdict);
	assert_int_equal(verdict.summary, STEER_TSM_REFUSED);
	assert_int_equal(verdict.code, STEER_TSM_STATE_LOST);
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNKNOWN);
	assert_int_equal(steer_tsm_dma_allowed(running), -EPERM);
	connected(); /* what comes back is not believed */
	assert_int_equal(steer_tsm_watch(tsm), -ENOLINK);
}

static void
lost_while_attached(void **state)
{
	connected();
	runs();
	assert_int_equal(steer_tsm_watch(tsm), 0);
	tree_put(TREE_DEV "tsm/connect", "");
	tree_put(TREE_DEV "authenticated", "");
	lost();
	runs();
	tree_drop(TREE_DEV "tsm");
	tree_drop(TREE_DEV "authenticated");
	lost();
	runs();
	tree_drop(TREE_DEV);
	lost();
	runs();
	tree_put(TREE_DEV "tsm/connect", "tsm1"); /* and connected again, to another */
	tree_put(TREE_DEV "authenticated", "tsm1");
	lost();
	runs();
	tree_put(OTHER2 "tsm/connect", "tsm0");
	tree_put(OTHER2 "tsm/dsm", "0000:02:00.0");
	tree_put(TREE_DEV "tsm/dsm", "0000:02:00.0"); /* another manager */
	lost();
}

/* prefer never demanded it: a warning, once. */
static void
lost_under_prefer(void **state)
{
	connected();
	policy.mode = STEER_TSM_PREFER;
	policy.host_admin = false;
	runs();
	tree_drop(TREE_DEV "tsm");
	assert_int_equal(steer_tsm_watch(tsm), 1);
	assert_non_null(strstr(logged, "goes on plain"));
	assert_int_equal(steer_tsm_watch(tsm), 0);
	steer_tsm_verdict_get(tsm, &verdict);
	assert_int_equal(verdict.summary, STEER_TSM_PLAIN);
	assert_int_equal(verdict.code, STEER_TSM_STATE_LOST);
}

/* A file goes, or cannot be read, at each read of the way: it never ends in RUN by that. */
static void
each_read_fails(void **state)
{
	static const int errors[] = {-ENOENT, -ENODEV, -EACCES, -EINTR, -EOVERFLOW};
	unsigned int all;

	connected();
	tree_drop(TREE_DEV "tsm/bound");
	runs();
	all = attr_reads;
	assert_true(all > 8);
	for (unsigned int e = 0; e < 5; e++)
		for (unsigned int n = 1; n <= all; n++) {
			attr_reads = 0;
			attr_fail_read = n;
			attr_fail_rc = errors[e];
			if (attach() == 0) /* only what is told, not judged */
				assert_non_null(strstr(check("bound"), "no interface"));
			else
				assert_int_equal(verdict.summary, STEER_TSM_REFUSED);
			attr_fail_read = 0;
		}
}

/* The monitor's way asks the same of an object that has nothing of ours. */
static void
asked_by_another_way(void **state)
{
	struct steer_tsm *t;
	char name[32] = "", why[128] = "";

	connected();
	opens();
	t = tsm;
	t->ops->close(t);
	t->ops = NULL;
	t->priv = (void *)1;
	assert_int_equal(tsm_backend_sysfs.look(t, name, why, sizeof(why)), TSM_PRESENT);
	assert_string_equal(name, "tsm0");
	assert_int_equal(tsm_backend_sysfs.connect(t).err, 0);
	tree_put(TREE_DEV "tsm/connect", "");
	assert_int_equal(tsm_backend_sysfs.connect(t).err, -ENOTCONN);
}

static void
long_lines(void **state)
{
	connected();
	tree_put(TREE_DEV "tsm/connect", "tsm0-and-a-name-that-is-longer-than-any-that-the-kernel-"
					 "ever-gave-to-a-tsm-of-its-own");
	refused_always(STEER_TSM_UNSUPPORTED, "not whole");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_there),
		T(conventional_pci),
		T(made_for_one_that_is_not_there),
		T(unreadable),
		T(a_capability_list_without_end),
		T(a_folder_that_is_not_whole),
		T(no_kernel_device),
		T(not_connected),
		T(connected_is_no_evidence),
		T(connected_and_told_so),
		T(another_tsm),
		T(files_that_disagree),
		T(managers),
		T(other_functions),
		T(lost_while_attached),
		T(lost_under_prefer),
		T(each_read_fails),
		T(asked_by_another_way),
		T(long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
