// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU to steering tag, by firmware: function 15 of the host bridge's _DSM (PCI
 * Firmware Specification, change notice "_DSM to query cache locality TPH
 * features").
 */

#include <linux/acpi.h>
#include <linux/pci.h>
#include <linux/unaligned.h>

#ifndef HAVE_ACPI_GET_CPU_UID
#include <acpi/processor.h>
#endif

#include "vfio_pci_tph.h"

#define TPH_DSM_REVISION	7
#define TPH_DSM_FUNCTION	15

static const guid_t tph_dsm_guid =
	GUID_INIT(0xe5c937d0, 0x3553, 0x4d7a, 0x91, 0x17, 0xea, 0x4d, 0x19, 0xc3, 0x43, 0x4d);

/* Firmware numbers processors in its own way. */
static int cpu_uid(u32 cpu, u32 *uid)
{
#ifdef HAVE_ACPI_GET_CPU_UID
	return acpi_get_cpu_uid(cpu, uid);
#elif defined(CONFIG_X86)
	*uid = cpu_acpi_id(cpu);
	return *uid == U32_MAX ? -ENODEV : 0;
#else
	struct acpi_processor *pr = per_cpu(processors, cpu);

	if (!pr)
		return -ENODEV;
	*uid = pr->acpi_id;
	return 0;
#endif
}

static union acpi_object *evaluate(acpi_handle handle, u32 uid)
{
	union acpi_object arg[3] = {
		{ .integer = { ACPI_TYPE_INTEGER, 0 } },	/* tags of processor caches */
		{ .integer = { ACPI_TYPE_INTEGER, uid } },
		{ .integer = { ACPI_TYPE_INTEGER, 0 } },	/* no cache named, no hint */
	};
	union acpi_object package = {
		.package = { ACPI_TYPE_PACKAGE, ARRAY_SIZE(arg), arg },
	};

	return acpi_evaluate_dsm(handle, &tph_dsm_guid, TPH_DSM_REVISION, TPH_DSM_FUNCTION,
				 &package);
}

/**
 * tph_dsm_query() - what firmware says of the caches of a CPU
 * @pdev: device whose writes are to be steered
 * @cpu: logical CPU
 * @info: volatile memory in the low half, persistent in the high half; each has
 *        valid bits of the 8-bit and 16-bit tag in 0 and 1, the tags in 15:8
 *        and 31:16
 *
 * Return: 0; -ENODEV: no such method, or the CPU is unknown to firmware; -EIO: a
 * wrong answer.
 */
int tph_dsm_query(struct pci_dev *pdev, u32 cpu, u64 *info)
{
	acpi_handle handle = ACPI_HANDLE(&pci_find_host_bridge(pdev->bus)->dev);
	union acpi_object *out;
	int ret = -EIO;
	u32 uid;

	if (!handle || !acpi_check_dsm(handle, &tph_dsm_guid, TPH_DSM_REVISION,
				       BIT(TPH_DSM_FUNCTION)))
		return -ENODEV;
	if (cpu_uid(cpu, &uid))
		return -ENODEV;
	out = evaluate(handle, uid);
	if (!out)
		return -EIO;
	if (out->type == ACPI_TYPE_BUFFER && out->buffer.length >= sizeof(*info)) {
		*info = get_unaligned_le64(out->buffer.pointer);
		ret = 0;
	}
	ACPI_FREE(out);
	return ret;
}
