/* SPDX-License-Identifier: BSD-3-Clause */

/* Past the kernel: a made-up sysfs tree and a made-up mapped BAR. */

#include "tph_tree.h"

#define TAGS "3 0x35\n5 0x43\n7 0x1234 # 16 bits\n"

static struct steer_tph *
look(enum steer_tph_dialect dialect, const char *tags)
{
	return open_args(&(struct steer_tph_open_args){
		.feature = -1,
		.dialect = dialect,
		.tags_file = tags,
		.root = tree_root,
	});
}

/* A stock kernel: VFIO's own region drops what is written, and hides the MSI-X table. */
static void
stock(uint32_t cap, uint32_t completer)
{
	device(cap);
	k.absent = 1;
	k.told_feature = -ENOENT;
	k.drop_ctrl = k.hide_msix = k.mappable = 1;
	tree_root_port(completer, 256);
	tree_device();
	tree_write("/tags", TAGS, strlen(TAGS));
}

static struct steer_tph *
direct(void)
{
	char tags[64];
	struct steer_tph *tph;

	snprintf(tags, sizeof(tags), "%s/tags", tree_root);
	tph = look(STEER_TPH_DIALECT_DIRECT, tags);
	assert_string_equal(steer_tph_info(tph)->why, "");
	assert_int_equal(steer_tph_usable(tph), 0);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_DIRECT);
	return tph;
}

/* What the device has, as its config file in sysfs shows. */
static uint16_t
sys16(uint32_t off)
{
	int fd = open(tree_path("/sys/bus/pci/devices/" TREE_BDF "/config"), O_RDONLY);
	uint8_t b[2];

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, b, 2, off), 2);
	close(fd);
	return (uint16_t)(b[0] | b[1] << 8);
}

static void
table_in_the_capability(void **state)
{
	const uint32_t cpus[] = {3, 5}, none = NO_CPU;
	struct steer_tph *tph;
	uint16_t tags[4], tag;

	stock(IV_CAP, 1);
	tph = direct();
	assert_non_null(strstr(steer_tph_info(tph)->note, "goes round the kernel"));
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	assert_int_equal(sys16(CTRL_OFF), 0x0101);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	assert_int_equal(sys16(ST_OFF + 2), 0x35);
	assert_int_equal(sys16(ST_OFF + 4), 0x43);
	assert_int_equal(sys16(CTRL_OFF), 0x0101);
	assert_int_equal(steer_tph_get(tph, 0, 4, tags), 0);
	assert_int_equal(tags[0] | tags[3], 0);
	assert_int_equal(tags[1], 0x35);
	assert_int_equal(steer_tph_cpu_tag(tph, 5, &tag), 0);
	assert_int_equal(tag, 0x43);
	assert_int_equal(steer_tph_cpu_tag(tph, 4, &tag), -ENOENT);
	assert_int_equal(steer_tph_set(tph, 1, 1, &none), 0);
	assert_int_equal(sys16(ST_OFF + 2), 0);
	assert_int_equal(k.ctrl_writes + k.nb_log + k.sets, 0);
	steer_tph_close(tph);
	assert_int_equal(sys16(CTRL_OFF), 0);
	assert_int_equal(sys16(ST_OFF + 4), 0);
}

/* A batch with a CPU that the file does not name, or with a tag that is too wide, writes nothing.
 */
static void
refused_batch_writes_nothing(void **state)
{
	const uint32_t good[] = {3, 5}, unknown[] = {5, 4}, wide[] = {5, 7};
	struct steer_tph *tph;

	stock(IV_CAP_16, 1);
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	assert_int_equal(sys16(CTRL_OFF), 0x0101); /* the root port completes 8 bits */
	assert_int_equal(steer_tph_set(tph, 1, 2, good), 0);
	assert_int_equal(steer_tph_set(tph, 1, 2, unknown), -ENOENT);
	assert_int_equal(steer_tph_set(tph, 1, 2, wide), -ERANGE);
	assert_int_equal(sys16(ST_OFF + 2), 0x35);
	assert_int_equal(sys16(ST_OFF + 4), 0x43);
	steer_tph_close(tph);

	stock(IV_CAP_16, 3);
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	assert_int_equal(sys16(CTRL_OFF), 0x0301);
	assert_int_equal(steer_tph_set(tph, 1, 2, wide), 0);
	assert_int_equal(sys16(ST_OFF + 4), 0x1234);
	steer_tph_close(tph);

	stock(IV_CAP_16, 0);
	tph = direct();
	assert_non_null(strstr(steer_tph_info(tph)->note, TREE_PORT " is no TPH completer"));
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	assert_int_equal(sys16(CTRL_OFF), 0x0101);
	steer_tph_close(tph);
}

/* Bit 0 of the word is the kernel's: masked or not, it stays. */
static void
table_in_the_msix_table(void **state)
{
	const uint32_t cpus[] = {3, 5};
	struct steer_tph *tph;
	uint16_t tags[3];
	int i;

	stock(IV_MSIX, 1);
	for (i = 0; i < (int)VECTORS; i++)
		k.vector_ctrl[i] = i & 1;
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	assert_int_equal(steer_tph_set(tph, 1, 2, cpus), 0);
	assert_int_equal(k.vector_ctrl[0], 0);
	assert_int_equal(k.vector_ctrl[1], 0x00350001);
	assert_int_equal(k.vector_ctrl[2], 0x00430000);
	assert_int_equal(k.vector_ctrl[3], 1);
	assert_int_equal(steer_tph_get(tph, 0, 3, tags), 0);
	assert_int_equal(tags[1], 0x35);
	/* SET_IRQS writes 1 to every word. */
	for (i = 0; i < (int)VECTORS; i++)
		k.vector_ctrl[i] = 1;
	assert_int_equal(steer_tph_restore(tph), 0);
	assert_int_equal(k.vector_ctrl[1], 0x00350001);
	assert_int_equal(k.vector_ctrl[2], 0x00430001);
	assert_int_equal(k.vector_ctrl[0], 1);
	steer_tph_close(tph);
	assert_int_equal(k.vector_ctrl[1], 1);
}

static void
msix_table_that_cannot_be_mapped(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;

	stock(IV_MSIX, 1);
	k.mappable = 0;
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), -ENOTSUP);
	assert_int_equal(sys16(CTRL_OFF), 0x0101);
	steer_tph_close(tph);
}

static void
device_specific_mode(void **state)
{
	struct steer_tph *tph;
	uint16_t tag;

	stock(DS_ONLY, 1);
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_DS), 0);
	assert_int_equal(sys16(CTRL_OFF), 0x0102);
	assert_int_equal(steer_tph_cpu_tag(tph, 3, &tag), 0);
	assert_int_equal(tag, 0x35);
	steer_tph_close(tph);
}

static void
never_found_by_auto(void **state)
{
	struct steer_tph *tph;
	char tags[64];

	stock(IV_CAP, 1);
	snprintf(tags, sizeof(tags), "%s/tags", tree_root);
	tph = look(STEER_TPH_DIALECT_NONE, tags);
	assert_int_equal(steer_tph_usable(tph), -ENOTSUP);
	assert_int_equal(steer_tph_info(tph)->dialect, STEER_TPH_DIALECT_NONE);
	assert_int_equal(sys16(CTRL_OFF), 0);
	steer_tph_close(tph);
}

static void
what_it_needs_is_said(void **state)
{
	struct steer_tph *tph;
	char tags[64];

	stock(IV_CAP, 1);
	snprintf(tags, sizeof(tags), "%s/tags", tree_root);
	tph = look(STEER_TPH_DIALECT_DIRECT, NULL);
	why_has(tph, "tph-tags=FILE");
	steer_tph_close(tph);
	tph = look(STEER_TPH_DIALECT_DIRECT, "no-such-file");
	why_has(tph, "tph-tags: no-such-file: No such file");
	steer_tph_close(tph);
	tree_write("/tags", "3\n", 2);
	tph = look(STEER_TPH_DIALECT_DIRECT, tags);
	why_has(tph, "line 1");
	steer_tph_close(tph);
	tree_write("/tags", TAGS, strlen(TAGS));
	unlink(tree_path("/sys/bus/pci/devices/" TREE_BDF "/config"));
	tph = look(STEER_TPH_DIALECT_DIRECT, tags);
	why_has(tph, "for writing: No such file or directory; direct is for root");
	assert_int_equal(steer_tph_info(tph)->nb_findings, 6);
	steer_tph_close(tph);
	k.pci_addr = NULL;
	tph = look(STEER_TPH_DIALECT_DIRECT, tags);
	why_has(tph, "not for a socket");
	steer_tph_close(tph);
}

/* Lockdown and a wrong root file look like this: writes that reach nothing. */
static void
control_that_does_not_stick(void **state)
{
	struct steer_tph *tph;

	stock(IV_CAP, 1);
	tree_write("/sys/devices/pci0000:00/" TREE_PORT "/" TREE_BDF "/config", "", 0);
	assert_int_equal(
		unlink(tree_path("/sys/devices/pci0000:00/" TREE_PORT "/" TREE_BDF "/config")), 0);
	assert_int_equal(symlink("/dev/zero", tree_path("/sys/devices/pci0000:00/" TREE_PORT
							"/" TREE_BDF "/config")),
			 0);
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), -EIO);
	steer_tph_close(tph);
}

static void
gone_device_is_left_alone(void **state)
{
	const uint32_t cpu = 3;
	struct steer_tph *tph;

	stock(IV_CAP, 1);
	tph = direct();
	assert_int_equal(steer_tph_enable(tph, STEER_PCI_TPH_MODE_IV), 0);
	k.gone = 1;
	assert_int_equal(steer_tph_set(tph, 1, 1, &cpu), -ENODEV);
	assert_int_equal(sys16(ST_OFF + 2), 0);
	steer_tph_close(tph);
	assert_int_equal(sys16(CTRL_OFF), 0x0101); /* not ours any more */
}

#define T(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(table_in_the_capability),   T(refused_batch_writes_nothing),
		T(table_in_the_msix_table),   T(msix_table_that_cannot_be_mapped),
		T(device_specific_mode),      T(never_found_by_auto),
		T(what_it_needs_is_said),     T(control_that_does_not_stick),
		T(gone_device_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
