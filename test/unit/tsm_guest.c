/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Role guest, over the real state machine, a made-up sysfs whose files lock, unlock and accept do
 * as the kernel's were posted to do, and a made-up netlink family. The judge is a fake: what
 * evidence is worth is another test's.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fake_genl.h"
#include "fake_tsm.h"
#include "guest.h"
#include "tsm_attr_fail.h"
#include "tsm_tree.h"

struct fake_tsm fake_tsm; /* fake_judge.c's header has it */

static struct steer_tsm *tsm;
static struct steer_tsm_unbound unbound;
static struct steer_tsm_running running;
static struct steer_tsm_policy policy;
static struct steer_tsm_verdict verdict;
static char log_text[4096];

static struct steer_vfio_dev *open_dev; /* when the object was made */
static void (*between)(void);           /* bind and lock */

/* What the kernel does with a write, and what goes wrong. */
static char writes[512]; /* "file=text " each; "!" behind the one that failed */
static unsigned int nb_writes, fail_write;
static int write_rc;
static bool committed; /* the failing write was done all the same */
static bool deaf;      /* writes succeed and change nothing */

int __wrap_tsm_attr_write(const struct steer_tsm *t, const char *bdf, const char *file,
			  const char *text);

static void
kernel_does(const char *file, const char *text)
{
	if (strcmp(file, "tsm/lock") == 0)
		tree_put(TREE_DEV "tsm/lock", text);
	else if (strcmp(file, "tsm/accept") == 0)
		tree_put(TREE_DEV "tsm/accept", text);
	else if (strcmp(file, "reset_method") == 0)
		tree_put(TREE_DEV "reset_method", text);
	if (strcmp(file, "tsm/unlock") != 0)
		return;
	tree_put(TREE_DEV "tsm/lock", "");
	tree_put(TREE_DEV "tsm/accept", "0");
}

int
__wrap_tsm_attr_write(const struct steer_tsm *t, const char *bdf, const char *file,
		      const char *text)
{
	bool fails = ++nb_writes == fail_write;
	size_t used = strlen(writes);

	assert_string_equal(bdf, TREE_BDF);
	snprintf(writes + used, sizeof(writes) - used, "%s=%s%s ", file, text, fails ? "!" : "");
	if (!deaf && (!fails || committed))
		kernel_does(file, text);
	return fails ? write_rc : 0;
}

static void
logger(void *arg, int level, const char *line)
{
	size_t used = strlen(log_text);

	snprintf(log_text + used, sizeof(log_text) - used, "%s\n", line);
}

static void
world(void)
{
	tree_config(1u << 30, 1, STEER_PCI_CFG_SIZE);
	tree_put(TREE_DEV "tsm/lock", "");
	tree_put(TREE_DEV "tsm/unlock", "");
	tree_put(TREE_DEV "tsm/accept", "0");
	tree_put(TREE_DEV "reset_method", "flr bus");
	tree_put("/sys/class/tsm/tsm0/pci_mode", "devsec");
	fake_genl_reset();
	writes[0] = log_text[0] = '\0';
	nb_writes = fail_write = 0;
	committed = deaf = false;
}

static int
setup(void **state)
{
	tree_begin();
	world();
	memset(&fake_judge, 0, sizeof(fake_judge));
	steer_tsm_policy_init(&policy);
	policy.mode = STEER_TSM_REQUIRE;
	policy.role = STEER_TSM_ROLE_GUEST;
	policy.nb_roots = 1;
	open_dev = NULL;
	between = NULL;
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

/* From open to RUN; what comes after the device was opened is apart. */
static int
attach(void)
{
	static const struct steer_tsm_device device = {
		.bars = {{0, 4096}}, .nb_bars = 1, .msix_table_bar = -1, .msix_pba_bar = -1};
	const struct steer_tsm_args args = {.name = "nic0",
					    .pci_addr = TREE_BDF,
					    .vdev = open_dev,
					    .policy = &policy,
					    .root = tree_root,
					    .log = logger};
	struct steer_tsm_bound bound;
	int rc;

	steer_tsm_close(tsm);
	assert_int_equal(steer_tsm_open(&args, &unbound, &tsm), 0);
	writes[0] = '\0';
	nb_writes = 0;
	rc = steer_tsm_attach_begin(unbound, &bound);
	if (rc == 0 && between != NULL)
		between();
	if (rc == 0)
		rc = steer_tsm_attach_finish(bound, &device, &running);
	steer_tsm_verdict_get(tsm, &verdict);
	return rc;
}

static void
said(const char *words)
{
	if (strstr(steer_tsm_error(tsm), words) == NULL)
		fail_msg("'%s' is not in '%s'", words, steer_tsm_error(tsm));
}

static void
is(enum steer_tsm_code code)
{
	steer_tsm_verdict_get(tsm, &verdict);
	assert_int_equal(verdict.summary, STEER_TSM_REFUSED);
	assert_string_equal(steer_tsm_code_name(verdict.code), steer_tsm_code_name(code));
}

static void
refused(enum steer_tsm_code code, const char *words)
{
	assert_int_equal(attach(), -EACCES);
	is(code);
	said(words);
}

static void
refused_always(enum steer_tsm_code code, const char *words)
{
	policy.mode = STEER_TSM_PREFER;
	refused(code, words);
	policy.mode = STEER_TSM_REQUIRE;
	refused(code, words);
}

static void
reset_method_is(const char *want)
{
	char now[TSM_ATTR_MAX];

	assert_int_equal(tsm_attr_read(tsm, TREE_BDF, "reset_method", now, sizeof(now)), 0);
	assert_string_equal(now, want);
}

static void
driver(const char *name)
{
	char target[64];

	unlink(tree_at(TREE_DEV "driver"));
	if (name == NULL)
		return;
	snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", name);
	assert_int_equal(symlink(target, tree_at(TREE_DEV "driver")), 0);
}

static void
opens_and_closes(void)
{
	driver("vfio-pci");
	reset_method_is("");
	driver(NULL);
}

#define WAY      "reset_method= tsm/lock=tsm0 tsm/accept=1 "
#define WAY_BACK "tsm/unlock=tsm0 reset_method=flr bus "

static void
there_and_back(void **state)
{
	assert_int_equal(attach(), 0);
	assert_string_equal(writes, WAY);
	assert_int_equal(verdict.summary, STEER_TSM_ATTESTED);
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_RUN);
	reset_method_is(""); /* or the driver that opens it now would reset it */
	assert_int_equal(fake_genl.nonces, 1);
	assert_int_equal(fake_judge.seen.nonce_len, 32);
	driver("vfio-pci");
	assert_int_equal(steer_tsm_dma_allowed(running), 0);
	assert_int_equal(steer_tsm_watch(tsm), 0);
	driver(NULL);
	writes[0] = '\0';
	steer_tsm_close(tsm);
	tsm = NULL;
	assert_string_equal(writes, WAY_BACK);
	assert_string_equal(log_text, "");
}

static void
objects_are_those_of_their_types(void **state)
{
	struct steer_tsm_bytes b;
	static const uint8_t types[] = {8, 0, 9, 10}; /* VCA, slot 0, measurements, report */

	assert_int_equal(attach(), 0);
	for (enum tsm_object o = TSM_OBJECT_VCA; o <= TSM_OBJECT_REPORT; o++) {
		assert_int_equal(tsm_backend_guest.object(tsm, o, &b).err, 0);
		assert_int_equal(b.len, 100);
		assert_int_equal(b.data[99], types[o]);
		free(b.data);
	}
}

static void
no_reset_method(void **state)
{
	tree_drop(TREE_DEV "reset_method");
	assert_int_equal(attach(), 0);
	assert_string_equal(writes, "tsm/lock=tsm0 tsm/accept=1 ");
	tree_put(TREE_DEV "reset_method", "");
	tree_put(TREE_DEV "tsm/lock", "");
	tree_put(TREE_DEV "tsm/accept", "0");
	steer_tsm_close(tsm);
	tsm = NULL;
}

static void
a_nonce_of_256_bytes(void **state)
{
	policy.nonce_len = 256;
	assert_int_equal(attach(), 0);
	assert_int_equal(fake_judge.seen.nonce_len, 256);
}

/* The role is guest's when any of its files is there, and host's when none is. */
static void
role_auto(void **state)
{
	policy.role = STEER_TSM_ROLE_AUTO;
	assert_int_equal(attach(), 0);
	assert_int_equal(verdict.role, STEER_TSM_ROLE_GUEST);
	steer_tsm_close(tsm);
	tsm = NULL;
	tree_drop(TREE_DEV "tsm/accept"); /* as a hostile host might wish */
	refused_always(STEER_TSM_UNSUPPORTED, "not all are there");
	assert_int_equal(verdict.role, STEER_TSM_ROLE_GUEST);
	tree_drop(TREE_DEV "tsm");
	tree_put(TREE_DEV "tsm/connect", "");
	policy.role = STEER_TSM_ROLE_AUTO;
	refused(STEER_TSM_NOT_CONNECTED, "not connected");
	assert_int_equal(verdict.role, STEER_TSM_ROLE_HOST);
}

static void
half_there(void **state)
{
	static const char *const files[] = {"tsm/lock", "tsm/unlock", "tsm/accept"};
	char path[64];

	for (unsigned int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", TREE_DEV, files[i]);
		tree_drop(path);
		refused_always(STEER_TSM_UNSUPPORTED, "not all are there");
		world();
	}
	tree_put("/sys/class/tsm/tsm0/pci_mode", "link");
	refused_always(STEER_TSM_UNSUPPORTED, "pci_mode devsec");
	tree_drop("/sys/class/tsm");
	refused_always(STEER_TSM_UNSUPPORTED, "pci_mode devsec");
	world();
	fake_genl.absent = true;
	refused_always(STEER_TSM_UNSUPPORTED, "no netlink family pci-tsm");
	fake_genl.absent = false;
	fake_genl.version = 2;
	refused_always(STEER_TSM_UNSUPPORTED, "of version 1");
	assert_int_equal(nb_writes, 0);
}

static void
absent(void **state)
{
	tree_drop(TREE_DEV "tsm");
	refused_always(STEER_TSM_UNSUPPORTED, "made for a TSM");
	tree_put(TREE_DEV "tsm/connect", "");
	refused_always(STEER_TSM_UNSUPPORTED, "a host's");
	tree_drop(TREE_DEV "tsm");
	tree_config(0, 1, STEER_PCI_CFG_SIZE);
	refused(STEER_TSM_UNSUPPORTED, "neither");
	policy.mode = STEER_TSM_PREFER;
	assert_int_equal(attach(), 1);
}

static void
which_tsm(void **state)
{
	tree_put("/sys/class/tsm/tsm1/pci_mode", "link");
	tree_put("/sys/class/tsm/tsm2/pci_mode", "devsec");
	strcpy(policy.tsm, "tsm2");
	assert_int_equal(attach(), 0);
	assert_string_equal(writes, "reset_method= tsm/lock=tsm2 tsm/accept=1 ");
	steer_tsm_close(tsm);
	tsm = NULL;
	strcpy(policy.tsm, "tsm1"); /* it connects, and does not lock */
	refused_always(STEER_TSM_WRONG_TSM, "tsm1");
	assert_int_equal(nb_writes, 0);
}

static void
locked_by_somebody(void **state)
{
	tree_put(TREE_DEV "tsm/lock", "tsm0");
	refused_always(STEER_TSM_NOT_CONNECTED, "locked by tsm0 already");
	assert_int_equal(nb_writes, 0);
	tree_put(TREE_DEV "tsm/lock", "");
}

/* Nothing is asked of the TSM, and everything is as before. */
static void
a_driver_has_the_device(void **state)
{
	driver("vfio-pci");
	refused_always(STEER_TSM_UNSUPPORTED, "driver vfio-pci has the device");
	said("steer-bind unbind " TREE_BDF);
	assert_string_equal(writes, "reset_method= reset_method=flr bus ");
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNBOUND);
	open_dev = (struct steer_vfio_dev *)&open_dev; /* as the bus opens it, first of all */
	refused_always(STEER_TSM_UNSUPPORTED, "open through vfio-pci");
	driver(NULL);
}

/* Whoever programs tags opens and closes the device between bind and lock: no reset undoes them. */
static void
tags_are_programmed_without_reset(void **state)
{
	between = opens_and_closes;
	assert_int_equal(attach(), 0);
	assert_string_equal(writes, WAY);
}

/* One came between our look and the kernel's. */
static void
busy(void **state)
{
	fail_write = 2;
	write_rc = -EBUSY;
	refused(STEER_TSM_STATE_UNKNOWN, "tsm/lock: busy");
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNKNOWN);
}

/* Each write fails with each errno, also after it was done: never RUN, and no write towards it
 * after the failure. */
static void
each_write_fails(void **state)
{
	static const int errors[] = {-EBUSY, -EINVAL, -EINTR, -EIO, -ENXIO, -EACCES, -ENODEV};

	for (unsigned int done = 0; done < 2; done++)
		for (unsigned int e = 0; e < 7; e++)
			for (unsigned int n = 1; n <= 3; n++) {
				world();
				fail_write = n;
				write_rc = errors[e];
				committed = done;
				assert_int_equal(attach(), -EACCES);
				is(n == 1 ? STEER_TSM_UNSUPPORTED : STEER_TSM_STATE_UNKNOWN);
				assert_int_equal(steer_tsm_state(tsm),
						 n == 1 ? STEER_TSM_UNBOUND : STEER_TSM_UNKNOWN);
				assert_true(strstr(writes, "! ") != NULL);
				assert_null(strstr(strstr(writes, "! ") + 2, "tsm/accept"));
				fail_write = 0;
				steer_tsm_close(tsm); /* the way back is tried */
				tsm = NULL;
				if (n > 1)
					assert_non_null(strstr(writes, WAY_BACK));
			}
}

/* Not in RUN, and the TSM and the function are as before, unless the state is unknown. */
static void
not_in_run(void)
{
	assert_int_equal(verdict.summary, STEER_TSM_REFUSED);
	assert_true(verdict.code != STEER_TSM_OK);
	assert_null(strstr(writes, "tsm/accept=1 tsm/accept"));
	steer_tsm_close(tsm);
	tsm = NULL;
	if (strstr(writes, "tsm/lock") != NULL)
		assert_non_null(strstr(writes, "tsm/unlock=tsm0 "));
}

static void
each_read_fails(void **state)
{
	static const int errors[] = {-ENOENT, -ENODEV, -EACCES, -EIO};
	unsigned int all;

	attr_reads = 0;
	assert_int_equal(attach(), 0);
	all = attr_reads;
	assert_true(all >= 10);
	for (unsigned int e = 0; e < 4; e++)
		for (unsigned int n = 1; n <= all; n++) {
			world();
			attr_reads = 0;
			attr_fail_read = n;
			attr_fail_rc = errors[e];
			if (attach() == 0) /* no reset_method is none that could be used */
				assert_int_equal(attr_fail_rc, -ENOENT);
			else
				not_in_run();
			attr_fail_read = 0;
		}
}

/* The first look may fail: it is looked twice. */
static void
each_netlink_call_fails(void **state)
{
	for (enum fake_call c = CALL_SOCKET; c < CALLS; c++) {
		unsigned int refused_by_it = 0;

		for (unsigned int n = 1; n < 40; n++) {
			world();
			fake_genl.fail_errno = EIO;
			fake_genl.fail_nth[c] = n;
			if (attach() == 0)
				continue;
			assert_int_equal(fake_genl.fail_nth[c], 0);
			not_in_run();
			refused_by_it++;
		}
		assert_true(refused_by_it >= (c < CALL_SEND ? 2 : 8));
	}
}

/* The kernel says yes and does nothing. */
static void
a_write_that_changes_nothing(void **state)
{
	tree_put(TREE_DEV "reset_method", "");
	deaf = true;
	refused(STEER_TSM_STATE_UNKNOWN, "tsm/lock was written, and tsm/lock says ''");
	world();
	deaf = true;
	refused(STEER_TSM_UNSUPPORTED, "reset_method cannot be emptied");
}

static void
no_nonce(void **state)
{
	fake_genl.nonce_rc = -EOPNOTSUPP;
	refused_always(STEER_TSM_EVIDENCE_MISSING, "takes no nonce");
	assert_int_equal(tsm->can & TSM_CAN_NONCE, 0);
	assert_string_equal(writes, "reset_method= tsm/lock=tsm0 " WAY_BACK);
	assert_int_equal(fake_judge.calls, 0);
}

static void
evidence_fails(int rc, enum steer_tsm_code code, const char *words)
{
	fake_genl.read_rc = rc;
	refused_always(code, words);
	assert_string_equal(writes, "reset_method= tsm/lock=tsm0 " WAY_BACK);
}

static void
evidence_that_cannot_be_had(void **state)
{
	evidence_fails(-ENXIO, STEER_TSM_EVIDENCE_MISSING, "no evidence of the device");
	evidence_fails(-EPERM, STEER_TSM_EVIDENCE_MISSING, "root only");
	evidence_fails(-EINVAL, STEER_TSM_EVIDENCE_MISSING, "new measurements");
	evidence_fails(-EAGAIN, STEER_TSM_EVIDENCE_MISSING, "again and again");
	fake_genl.read_rc = 0;
	fake_genl.object[TSM_GENL_VCA].len = 0;
	refused_always(STEER_TSM_EVIDENCE_MISSING, "vca");
	fake_genl.object[TSM_GENL_VCA].len = 100;
	fake_genl.digest[TSM_GENL_REPORT].data = (const uint8_t *)writes;
	fake_genl.digest[TSM_GENL_REPORT].len = 32; /* SHA-256 */
	refused_always(STEER_TSM_MALFORMED, "digest of the report");
}

static void
a_kernel_that_hangs(void **state)
{
	assert_int_equal(attach(), 0);
	fake_genl.deaf = true;
	assert_int_equal(steer_tsm_dma_allowed(running), -EACCES);
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNKNOWN);
	assert_int_equal(tsm->m != NULL, 1);
	is(STEER_TSM_TIMEOUT);
}

static void
digests_outrank(void **state)
{
	static const uint8_t digest[STEER_TSM_DIGEST] = {7, 8, 9};

	fake_genl.digest[TSM_GENL_REPORT].data = digest;
	fake_genl.digest[TSM_GENL_REPORT].len = sizeof(digest);
	assert_int_equal(attach(), 0);
	assert_true(fake_judge.seen.has_report_digest);
	assert_false(fake_judge.seen.has_chain_digest);
	assert_memory_equal(fake_judge.seen.report_digest, digest, sizeof(digest));
}

/* The driver that opened it reset it: the kernel knows, or only the report does. */
static void
not_in_run_after_the_open(void **state)
{
	static const uint8_t other[100] = {1};
	static const char *const accepts[] = {"0", "2", ""};

	for (unsigned int i = 0; i < 3; i++) {
		world();
		assert_int_equal(attach(), 0);
		tree_put(TREE_DEV "tsm/accept", accepts[i]);
		assert_int_equal(steer_tsm_dma_allowed(running), -EACCES);
		is(STEER_TSM_STATE_UNKNOWN);
		assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNKNOWN);
	}
	world();
	assert_int_equal(attach(), 0);
	fake_genl.object[TSM_GENL_REPORT].data = other;
	assert_int_equal(steer_tsm_dma_allowed(running), -EACCES);
	is(STEER_TSM_STATE_UNKNOWN);
	said("report is another one");
}

static void
lost_while_attached(void **state)
{
	static const char *const files[] = {"tsm/lock", "tsm/accept"};
	static const char *const says[] = {"", "0"};
	char path[64];

	for (unsigned int i = 0; i < 4; i++) {
		world();
		assert_int_equal(attach(), 0);
		assert_int_equal(steer_tsm_dma_allowed(running), 0);
		snprintf(path, sizeof(path), "%s%s", TREE_DEV, files[i % 2]);
		if (i < 2)
			tree_put(path, says[i]);
		else
			tree_drop(path);
		assert_int_equal(steer_tsm_watch(tsm), -ENOLINK);
		is(STEER_TSM_STATE_LOST);
	}
}

/* Its way back is closed while a driver has it; that is told, not hidden. */
static void
unlock_under_a_driver(void **state)
{
	struct steer_tsm_bound bound;

	assert_int_equal(attach(), 0);
	driver("vfio-pci");
	assert_int_equal(steer_tsm_unlock(tsm, &bound), -EIO);
	assert_int_equal(steer_tsm_state(tsm), STEER_TSM_UNKNOWN);
	assert_non_null(strstr(log_text, "driver vfio-pci has the device"));
	assert_string_equal(writes, WAY);
	driver(NULL);
}

static void
reset_between(void **state)
{
	struct steer_tsm_bound bound;
	static const struct steer_tsm_device device = {
		.bars = {{0, 4096}}, .nb_bars = 1, .msix_table_bar = -1, .msix_pba_bar = -1};

	assert_int_equal(attach(), 0);
	assert_int_equal(steer_tsm_unlock(tsm, &bound), 0);
	assert_int_equal(steer_tsm_attach_finish(bound, &device, &running), 0);
	assert_string_equal(writes, WAY "tsm/unlock=tsm0 tsm/lock=tsm0 tsm/accept=1 ");
	assert_int_equal(fake_genl.nonces, 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(there_and_back),
		T(objects_are_those_of_their_types),
		T(no_reset_method),
		T(a_nonce_of_256_bytes),
		T(role_auto),
		T(half_there),
		T(absent),
		T(which_tsm),
		T(locked_by_somebody),
		T(a_driver_has_the_device),
		T(tags_are_programmed_without_reset),
		T(busy),
		T(each_write_fails),
		T(each_read_fails),
		T(each_netlink_call_fails),
		T(a_write_that_changes_nothing),
		T(no_nonce),
		T(evidence_that_cannot_be_had),
		T(a_kernel_that_hangs),
		T(digests_outrank),
		T(not_in_run_after_the_open),
		T(lost_while_attached),
		T(unlock_under_a_driver),
		T(reset_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
