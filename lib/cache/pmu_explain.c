/* SPDX-License-Identifier: BSD-3-Clause */

/* What an errno of perf_event_open(2) means to who has to mend it. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pmu.h"
#include "pmu_files.h"

static const struct {
	int err;
	const char *text;
} reasons[] = {
	{EACCES, "not permitted"},
	{EPERM, "not permitted"},
	{ENOENT, "the kernel knows no such event: it has no driver for this CPU's PMU"},
	{EINVAL, "the kernel refuses the event on this CPU, or the group has more events than "
		 "counters (does the NMI watchdog hold one? kernel.nmi_watchdog)"},
	{EOPNOTSUPP, "the PMU cannot do this (no hardware support, or the hypervisor hides it)"},
	{ENODEV, "the PMU does not serve this CPU"},
	{EBUSY, "another has the PMU for itself"},
	{ENOSYS, "the kernel has no perf events, or a sandbox forbids the call"},
	{EMFILE, "too many open files: raise the limit (ulimit -n)"},
	{ENFILE, "too many open files in the system"},
	{ENOSPC, "no counter is left"},
	{E2BIG, "the kernel is too old for this form of the call"},
	{ENOMEM, "no memory"},
};

static void
paranoid(const struct pmu_perf *perf, char *text, size_t len)
{
	char level[16];

	text[0] = '\0';
	if (pmu_file_read(perf->root, "/proc/sys/kernel/perf_event_paranoid", level,
			  sizeof(level)) > 0)
		snprintf(
			text, len,
			": kernel.perf_event_paranoid is %d; own threads need 2 or less, the whole "
			"system 0 or less, or CAP_PERFMON",
			atoi(level));
}

int
pmu_explain(const struct pmu_perf *perf, int err, const char *what, char *why, size_t len)
{
	char more[160] = "";

	if (err == -EACCES || err == -EPERM)
		paranoid(perf, more, sizeof(more));
	for (size_t i = 0; i < PMU_N(reasons); i++) {
		if (reasons[i].err != -err)
			continue;
		snprintf(why, len, "%s: %s%s", what, reasons[i].text, more);
		return err;
	}
	snprintf(why, len, "%s: %s", what, strerror(-err));
	return err;
}
