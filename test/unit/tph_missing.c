/* SPDX-License-Identifier: BSD-3-Clause */

/* A device that cannot be steered: what is missing, from a made-up sysfs, /proc and /boot. */

#include "tph_tree.h"

static const struct steer_tph_finding *
finding(struct steer_tph *tph, const char *what)
{
	const struct steer_tph_info *info = steer_tph_info(tph);
	unsigned int i;

	for (i = 0; i < info->nb_findings; i++)
		if (strcmp(info->findings[i].what, what) == 0)
			return &info->findings[i];
	fail_msg("no finding \"%s\"", what);
	return NULL;
}

static void
found(struct steer_tph *tph, const char *what, enum steer_tph_have have, const char *part)
{
	const struct steer_tph_finding *f = finding(tph, what);

	assert_int_equal(f->have, have);
	if (strstr(f->text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, f->text);
}

/* Stock kernel, device below a root port. */
static void
stock(uint32_t completer, size_t len)
{
	device(IV_CAP);
	k.absent = 1;
	k.told_feature = -ENOENT;
	tree_root_port(completer, len);
	tree_device();
}

static struct steer_tph *
look(void)
{
	return open_args(&(struct steer_tph_open_args){.feature = -1, .root = tree_root});
}

static void
stock_kernel(void **state)
{
	struct steer_tph *tph;
	char line[1024], cut[8];
	int len;

	stock(0, 256);
	tree_gz("/proc/config.gz", "CONFIG_PCI=y\n# CONFIG_PCIE_TPH is not set\n");
	tph = look();
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_int_equal(steer_tph_info(tph)->nb_findings, 6);
	found(tph, "TPH capability", STEER_TPH_HAVE_YES, "modes 0x3, 8 table entries");
	found(tph, "CONFIG_PCIE_TPH", STEER_TPH_HAVE_NO, "not set in /proc/config.gz");
	found(tph, "root-port completer", STEER_TPH_HAVE_NO, TREE_PORT " is no TPH completer");
	found(tph, "_DSM", STEER_TPH_HAVE_UNKNOWN, "not visible from user space");
	found(tph, "dialect", STEER_TPH_HAVE_NO, "none");
	found(tph, "switch", STEER_TPH_HAVE_UNKNOWN, "no parameter enable_unsafe_tph");
	len = steer_tph_findings_line(steer_tph_info(tph), line, sizeof(line));
	assert_int_equal(len, strlen(line));
	assert_null(strchr(line, '\n'));
	assert_non_null(strstr(line, "; CONFIG_PCIE_TPH: not set in /proc/config.gz; root-port "
				     "completer: " TREE_PORT " is no TPH completer; _DSM: "));
	assert_int_equal(steer_tph_findings_line(steer_tph_info(tph), cut, sizeof(cut)), len);
	assert_string_equal(cut, "TPH cap");
	steer_tph_close(tph);
}

static void
kernel_option_wherever_it_is(void **state)
{
	struct steer_tph *tph;
	struct utsname u;
	char boot[128];

	stock(1, 256);
	tph = look();
	found(tph, "CONFIG_PCIE_TPH", STEER_TPH_HAVE_UNKNOWN, "could not be read");
	steer_tph_close(tph);

	uname(&u);
	snprintf(boot, sizeof(boot), "/boot/config-%s", u.release);
	tree_write(boot, "CONFIG_PCIE_TPH=y\n", 18);
	tph = look();
	found(tph, "CONFIG_PCIE_TPH", STEER_TPH_HAVE_YES, "set in /boot/config-");
	steer_tph_close(tph);

	tree_gz("/proc/config.gz", "CONFIG_PCIE_TPHX=y\nCONFIG_PCIE_TPH=y\n");
	tph = look();
	found(tph, "CONFIG_PCIE_TPH", STEER_TPH_HAVE_YES, "set in /proc/config.gz");
	steer_tph_close(tph);
}

static int
link_copy(const char *from, const char *to)
{
	char old[PATH_MAX];

	snprintf(old, sizeof(old), "%s", tree_path(from));
	return link(old, tree_path(to));
}

/* A domain of its own below a function: its root port counts, not that function. */
static void
tree_vmd(void)
{
	static const char dir[] = "/sys/devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/";
	char name[160];

	tree_root_port(1, 256);
	snprintf(name, sizeof(name), "%s" TREE_BDF "/config", dir);
	tree_write(name, k.cfg, sizeof(k.cfg));
	snprintf(name, sizeof(name), "%sconfig", dir);
	assert_int_equal(link_copy("/sys/devices/pci0000:00/" TREE_PORT "/config", name), 0);
	unlink(tree_path("/sys/bus/pci/devices/" TREE_BDF));
	assert_int_equal(symlink("../../../devices/pci0000:00/0000:00:0e.0/pci10000:e0/"
				 "10000:e0:06.0/" TREE_BDF,
				 tree_path("/sys/bus/pci/devices/" TREE_BDF)),
			 0);
}

static void
root_ports(void **state)
{
	struct steer_tph *tph;

	stock(3, 256);
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_YES, "completes 16-bit tags");
	steer_tph_close(tph);

	stock(1, 256);
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_YES, "completes 8-bit tags");
	steer_tph_close(tph);

	stock(1, 64); /* what sysfs shows to users */
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_UNKNOWN, "users see 64 bytes");
	steer_tph_close(tph);

	tree_vmd();
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_YES, "10000:e0:06.0 completes 8-bit");
	steer_tph_close(tph);

	stock(1, 64);
	unlink(tree_path("/sys/devices/pci0000:00/" TREE_PORT "/config"));
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_UNKNOWN, "No such file");
	steer_tph_close(tph);

	k.pci_addr = "0000:07:00.0"; /* not in sysfs */
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_UNKNOWN, "no root port above");
	steer_tph_close(tph);
}

static void
integrated_endpoint_needs_no_root_port(void **state)
{
	struct steer_tph *tph;

	stock(0, 256);
	k.cfg[MSIX_POS + 1] = EXP_POS;
	k.cfg[EXP_POS] = 0x10;
	k.cfg[EXP_POS + 2] = 0x92; /* version 2, root-complex integrated endpoint */
	tph = look();
	found(tph, "root-port completer", STEER_TPH_HAVE_YES, "none needed");
	steer_tph_close(tph);
}

static void
switch_off_is_the_reason(void **state)
{
	struct steer_tph *tph;

	stock(1, 256);
	k.tph_switch = 0;
	k.told_feature = FEATURE;
	tph = look();
	assert_string_equal(steer_tph_info(tph)->why,
			    "the module lets nobody steer: set its parameter enable_unsafe_tph");
	found(tph, "switch", STEER_TPH_HAVE_NO, "the module lets nobody steer");
	assert_int_equal(k.ctrl_writes + k.sets + k.gets + k.nb_log, 0);
	steer_tph_close(tph);

	k.tph_switch = 1;
	tph = look();
	found(tph, "switch", STEER_TPH_HAVE_YES, "enable_unsafe_tph is on");
	steer_tph_close(tph);
}

/* Behind a socket there is neither a kernel nor a root port to look at. */
static void
device_behind_a_socket(void **state)
{
	struct steer_tph *tph;

	device(IV_CAP);
	put16(CAP_POS, 0x0001);
	tph = look();
	assert_int_equal(steer_tph_info(tph)->nb_findings, 2);
	found(tph, "TPH capability", STEER_TPH_HAVE_NO, "none");
	found(tph, "dialect", STEER_TPH_HAVE_NO, "none");
	steer_tph_close(tph);
}

static void
steerable_device_misses_nothing(void **state)
{
	struct steer_tph *tph;
	char line[8] = "x";

	device(IV_CAP);
	tph = look();
	assert_int_equal(steer_tph_info(tph)->nb_findings, 0);
	assert_int_equal(steer_tph_findings_line(steer_tph_info(tph), line, sizeof(line)), 0);
	assert_string_equal(line, "");
	steer_tph_close(tph);
}

static void
names(void **state)
{
	static const char *const all[] = {"none", "feature", "feature-by-index", "ioctl-v8",
					  "direct"};
	unsigned int d;

	for (d = 0; d < sizeof(all) / sizeof(all[0]); d++) {
		assert_string_equal(steer_tph_dialect_name((enum steer_tph_dialect)d), all[d]);
		assert_int_equal(steer_tph_dialect_parse(all[d]), d > 0 ? (int)d : -EINVAL);
	}
	assert_string_equal(steer_tph_dialect_name((enum steer_tph_dialect)77), "unknown");
	assert_int_equal(steer_tph_dialect_parse("auto"), STEER_TPH_DIALECT_NONE);
	assert_int_equal(steer_tph_dialect_parse(""), -EINVAL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(stock_kernel),
		T(kernel_option_wherever_it_is),
		T(root_ports),
		T(integrated_endpoint_needs_no_root_port),
		T(switch_off_is_the_reason),
		T(device_behind_a_socket),
		T(steerable_device_misses_nothing),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
