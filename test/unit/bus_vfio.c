/* SPDX-License-Identifier: BSD-3-Clause */

/* The pure parts of the bus: names, devargs, merging of memory. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bus_priv.h>

static void
only_prefixed_names_are_ours(void **state)
{
	assert_int_equal(vfio_bus_name_parse("vfio:nic0"), 0);
	assert_int_equal(vfio_bus_name_parse("vfio:0000:01:00.0"), 0);
	assert_int_equal(vfio_bus_name_parse("0000:01:00.0"), -EINVAL);
	assert_int_equal(vfio_bus_name_parse("vfio:"), -EINVAL);
	assert_int_equal(vfio_bus_name_parse("vfio"), -EINVAL);
	assert_int_equal(vfio_bus_name_parse("vfio0"), -EINVAL);
	assert_int_equal(vfio_bus_name_parse("net_vfio:x"), -EINVAL);
	assert_int_equal(vfio_bus_name_parse(""), -EINVAL);
}

static void
addresses_in_names(void **state)
{
	char addr[32];

	assert_int_equal(vfio_bus_name_pci("vfio:0000:01:00.0", addr, sizeof(addr)), 0);
	assert_string_equal(addr, "0000:01:00.0");
	assert_int_equal(vfio_bus_name_pci("vfio:1F:02.3", addr, sizeof(addr)), 0);
	assert_string_equal(addr, "0000:1f:02.3");
	assert_int_equal(vfio_bus_name_pci("vfio:nic0", addr, sizeof(addr)), -EINVAL);
	assert_int_equal(vfio_bus_name_pci("0000:01:00.0", addr, sizeof(addr)), -EINVAL);
	assert_true(vfio_bus_name_same("vfio:nic0", "vfio:nic0"));
	assert_true(vfio_bus_name_same("vfio:01:00.0", "vfio:0000:01:00.0"));
	assert_false(vfio_bus_name_same("vfio:01:00.0", "vfio:0001:01:00.0"));
	assert_false(vfio_bus_name_same("vfio:nic0", "vfio:nic1"));
}

static struct vfio_bus_params
good(const char *args)
{
	struct vfio_bus_params p;
	char err[192] = "";

	assert_int_equal(vfio_bus_params_parse(NULL, args, &p, err, sizeof(err)), 0);
	assert_string_equal(err, "");
	return p;
}

static void
devargs_of_the_bus(void **state)
{
	struct vfio_bus_params p = good(NULL);
	char err[64];

	assert_string_equal(p.sock, "");
	assert_int_equal(p.steer_mode, STEER_MODE_AUTO);
	assert_int_equal(p.steer_scan_us, 0);
	assert_int_equal(p.tph_feature, -1);
	assert_null(p.driver_args);
	p = good("");
	assert_string_equal(p.sock, "");
	p = good("sock=/run/a-b.sock,steer=per-queue,steer-scan=500,tph-feature=0xfe00");
	assert_string_equal(p.sock, "/run/a-b.sock");
	assert_int_equal(p.steer_mode, STEER_MODE_PER_QUEUE);
	assert_int_equal(p.steer_scan_us, 500);
	assert_int_equal(p.tph_feature, 0xfe00);
	assert_null(p.driver_args);
	assert_int_equal(p.tph_dialect, STEER_TPH_DIALECT_NONE);
	assert_int_equal(good("tph-dialect=auto").tph_dialect, STEER_TPH_DIALECT_NONE);
	assert_int_equal(good("tph-dialect=feature").tph_dialect, STEER_TPH_DIALECT_FEATURE);
	assert_int_equal(good("tph-dialect=feature-by-index").tph_dialect,
			 STEER_TPH_DIALECT_FEATURE_BY_INDEX);
	assert_int_equal(good("tph-dialect=ioctl-v8").tph_dialect, STEER_TPH_DIALECT_IOCTL_V8);
	p = good("tph-dialect=direct,tph-tags=/etc/tags");
	assert_int_equal(p.tph_dialect, STEER_TPH_DIALECT_DIRECT);
	assert_string_equal(p.tph_tags, "/etc/tags");
	assert_int_equal(good("steer=off").steer_mode, STEER_MODE_OFF);
	assert_int_equal(good("steer=palette").steer_mode, STEER_MODE_PALETTE);
	/* As the layered syntax hands it over. */
	assert_int_equal(vfio_bus_params_parse("bus=vfio,name=nic0,sock=/s", "driver=x,mtu=9", &p,
					       err, sizeof(err)),
			 0);
	assert_string_equal(p.sock, "/s");
	assert_string_equal(p.driver_args, "mtu=9");
	free(p.driver_args);
}

static void
transports(void **state)
{
	struct vfio_bus_params p = good(NULL);

	assert_int_equal(p.transport, STEER_VFIO_AUTO);
	assert_int_equal(good("transport=auto").transport, STEER_VFIO_AUTO);
	assert_int_equal(good("transport=group").transport, STEER_VFIO_GROUP);
	assert_int_equal(good("transport=cdev").transport, STEER_VFIO_CDEV);
	assert_int_equal(good("transport=noiommu").transport, STEER_VFIO_NOIOMMU);
}

static void
confidential(void **state)
{
	struct vfio_bus_params p = good("sock=/s");

	assert_int_equal(p.tsm_mode, STEER_TSM_OFF);
	assert_string_equal(p.tsm_policy, "");
	assert_string_equal(p.tsm_evidence, "");
	assert_int_equal(good("tsm=off").tsm_mode, STEER_TSM_OFF);
	assert_int_equal(good("tsm=prefer").tsm_mode, STEER_TSM_PREFER);
	p = good("tsm=require,tsm-policy=/etc/p.json,tsm-evidence=/var/e,transport=group");
	assert_int_equal(p.tsm_mode, STEER_TSM_REQUIRE);
	assert_string_equal(p.tsm_policy, "/etc/p.json");
	assert_string_equal(p.tsm_evidence, "/var/e");
	assert_null(p.driver_args);
}

static void
the_rest_is_the_drivers(void **state)
{
	static const char *const known[] = {"mrg", "mac", NULL};
	struct vfio_bus_params p = good("mrg=0,sock=/s,mac=02:00:00:00:00:01,flag");
	char key[32];

	assert_string_equal(p.driver_args, "mrg=0,mac=02:00:00:00:00:01,flag");
	assert_true(vfio_bus_args_unknown(p.driver_args, known, key, sizeof(key)));
	assert_string_equal(key, "flag");
	assert_true(vfio_bus_args_unknown(p.driver_args, NULL, key, sizeof(key)));
	assert_string_equal(key, "mrg");
	free(p.driver_args);
	assert_false(vfio_bus_args_unknown("mac=1,mrg=2", known, key, sizeof(key)));
	assert_false(vfio_bus_args_unknown(NULL, known, key, sizeof(key)));
	assert_false(vfio_bus_args_unknown(NULL, NULL, key, sizeof(key)));
}

static void
bad(const char *args, const char *part)
{
	struct vfio_bus_params p;
	char err[192] = "";

	assert_int_equal(vfio_bus_params_parse(NULL, args, &p, err, sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, part));
	assert_null(strchr(err, '\n'));
	assert_null(p.driver_args);
}

static void
bad_values_are_refused(void **state)
{
	char lng[160] = "sock=", tags[9 + 256 + 1] = "";

	bad("steer=on", "steer=on is none of auto, per-queue, palette, off");
	bad("steer=", "steer= has no value");
	bad("sock", "sock= has no value");
	bad("sock=/a,sock=/b", "sock= is given twice");
	bad("x=1,steer-scan=0", "steer-scan=0");
	bad("steer-scan=10000001", "steer-scan=");
	bad("steer-scan=2ms", "steer-scan=2ms");
	bad("steer-scan=-1", "steer-scan=-1");
	bad("transport=vfio", "transport=vfio is none of auto, group, cdev, noiommu");
	bad("sock=/a,transport=auto", "transport= is for devices of the kernel");
	bad("tph-feature=65536", "tph-feature=65536");
	bad("tph-feature=-1", "tph-feature=-1");
	bad("tph-feature=x", "tph-feature=x");
	bad("tph-dialect=none", "tph-dialect=none is none of auto, feature, feature-by-index");
	bad("tph-dialect=v8", "tph-dialect=v8");
	bad("tph-dialect=direct", "needs tph-tags=FILE");
	bad("tph-tags=/t", "tph-tags= is for tph-dialect=direct only");
	bad("tsm=on", "tsm=on is none of off, prefer, require");
	bad("tsm=", "tsm= has no value");
	bad("tsm=prefer,tsm=require", "tsm= is given twice");
	bad("tsm-policy=/p", "tsm-policy= is for tsm=prefer or tsm=require");
	bad("tsm=off,tsm-policy=/p", "tsm-policy= is for tsm=prefer or tsm=require");
	bad("tsm-evidence=/e", "tsm-evidence= is for tsm=prefer or tsm=require");
	bad("tsm=require,transport=noiommu", "tsm= needs an IOMMU");
	strcpy(tags, "tph-tags=");
	memset(tags + 9, 'a', 256);
	bad(tags, "tph-tags= is longer than 255");
	memset(lng + 5, 'a', 108);
	bad(lng, "longer than 107");
	lng[5 + 107] = '\0';
	assert_int_equal(strlen(good(lng).sock), 107);
}

static struct steer_vfio_dma
piece(uintptr_t va, uint64_t size, int fd, uint64_t offset)
{
	return (struct steer_vfio_dma){
		.iova = va,
		.vaddr = (void *)va,
		.size = size,
		.fd = fd,
		.offset = offset,
		.prot = STEER_VFIO_PROT_READ | STEER_VFIO_PROT_WRITE,
	};
}

static void
neighbours_merge(void **state)
{
	struct steer_vfio_dma run = piece(0x100000, 0x1000, 5, 0);
	struct steer_vfio_dma next;
	int i;

	for (i = 1; i < 16384; i++) {
		next = piece(0x100000 + i * 0x1000ul, 0x1000, 5, i * 0x1000ul);
		assert_true(vfio_bus_dma_merge(&run, &next));
	}
	assert_int_equal(run.size, 16384 * 0x1000ul);
	assert_int_equal(run.iova, 0x100000);
	assert_int_equal(run.offset, 0);
}

/* The kernel maps by address: one file a page is no obstacle. */
static void
without_files_addresses_decide(void **state)
{
	struct steer_vfio_dma run = piece(0x100000, 0x1000, -1, 0), next;

	next = piece(0x101000, 0x1000, -1, 0);
	assert_true(vfio_bus_dma_merge(&run, &next));
	assert_int_equal(run.size, 0x2000);
	next = piece(0x103000, 0x1000, -1, 0);
	assert_false(vfio_bus_dma_merge(&run, &next));
	next = piece(0x102000, 0x1000, 5, 0);
	assert_false(vfio_bus_dma_merge(&run, &next));
}

static void
strangers_do_not_merge(void **state)
{
	const struct steer_vfio_dma run = piece(0x100000, 0x1000, 5, 0x4000);
	struct steer_vfio_dma r, others[] = {
					 piece(0x101000, 0x1000, 6, 0x5000), /* another file */
					 piece(0x102000, 0x1000, 5, 0x5000), /* hole in memory */
					 piece(0x101000, 0x1000, 5, 0x6000), /* hole in the file */
					 piece(0x101000, 0x1000, 5, 0),      /* one file a page */
					 piece(0x0ff000, 0x1000, 5, 0x3000), /* before */
					 piece(0x101000, 0x1000, 5, 0x5000), /* other rights */
					 piece(0x101000, 0x1000, 5, 0x5000), /* IOVA elsewhere */
				 };
	size_t i;

	others[5].prot = STEER_VFIO_PROT_READ;
	others[6].iova += 0x1000;
	for (i = 0; i < RTE_DIM(others); i++) {
		r = run;
		assert_false(vfio_bus_dma_merge(&r, &others[i]));
		assert_int_equal(r.size, run.size);
		assert_int_equal(r.iova, run.iova);
		assert_int_equal(r.offset, run.offset);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_prefixed_names_are_ours),
		cmocka_unit_test(addresses_in_names),
		cmocka_unit_test(devargs_of_the_bus),
		cmocka_unit_test(transports),
		cmocka_unit_test(confidential),
		cmocka_unit_test(the_rest_is_the_drivers),
		cmocka_unit_test(bad_values_are_refused),
		cmocka_unit_test(neighbours_merge),
		cmocka_unit_test(without_files_addresses_decide),
		cmocka_unit_test(strangers_do_not_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
