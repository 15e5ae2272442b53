/* SPDX-License-Identifier: BSD-3-Clause */

/* What a result says of the machine, the program and the time. */

#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <rte_version.h>

#include <jansson.h>

#include "result.h"

/* "model name : X" of x86; Arm has only numbers there. */
static json_t *
cpu_model(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[256] = "", *value;
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = strncmp(line, "model name", strlen("model name")) == 0;
	if (f != NULL)
		fclose(f);
	value = found ? strchr(line, ':') : NULL;
	if (value == NULL)
		return json_null();
	value++;
	value += strspn(value, " \t");
	value[strcspn(value, "\n")] = '\0';
	return json_string(value);
}

json_t *
machine_json(void)
{
	struct utsname name = {0};

	uname(&name);
	return json_pack("{s:o, s:i, s:s, s:s, s:s}", "cpu", cpu_model(), "cpus",
			 (int)sysconf(_SC_NPROCESSORS_ONLN), "arch", name.machine, "kernel",
			 name.release, "dpdk", rte_version());
}

json_t *
tool_json(void)
{
	return json_pack("{s:s, s:s}", "name", PMD_NAME, "version", PMD_VERSION);
}

json_t *
time_json(void)
{
	time_t now = time(NULL);
	char text[32];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}
