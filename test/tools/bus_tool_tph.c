/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus_tool_tph.h"

static int
tph_set(struct steer_tph *tph, char *arg)
{
	uint32_t cpus[STEER_TPH_BATCH_MAX];
	uint16_t index = (uint16_t)strtoul(arg, &arg, 0), n = 0;

	while (*arg != '\0' && n < sizeof(cpus) / sizeof(cpus[0]))
		cpus[n++] = (uint32_t)strtol(arg, &arg, 0);
	return steer_tph_set(tph, index, n, cpus);
}

static int
tph_get(struct steer_tph *tph, char *arg)
{
	uint16_t tags[STEER_TPH_BATCH_MAX];
	uint16_t index = (uint16_t)strtoul(arg, &arg, 0), i;
	uint16_t n = (uint16_t)strtoul(arg, &arg, 0);
	int rc = steer_tph_get(tph, index, n, tags);

	for (i = 0; rc == 0 && i < n; i++)
		printf("tag %u\n", tags[i]);
	return rc;
}

static int
tph_cpu(struct steer_tph *tph, const char *arg)
{
	uint16_t tag;
	int rc = steer_tph_cpu_tag(tph, (uint32_t)strtoul(arg, NULL, 0), &tag);

	if (rc == 0)
		printf("tag %u\n", tag);
	return rc;
}

void
tool_tph_command(struct steer_tph *tph, const char *cmd, char *arg)
{
	int rc = -EINVAL;

	if (strcmp(cmd, "tph-on") == 0)
		rc = steer_tph_enable(tph, (enum steer_pci_tph_mode)atoi(arg));
	else if (strcmp(cmd, "tph-off") == 0)
		rc = steer_tph_disable(tph);
	else if (strcmp(cmd, "tph-restore") == 0)
		rc = steer_tph_restore(tph);
	else if (strcmp(cmd, "tph-set") == 0)
		rc = tph_set(tph, arg);
	else if (strcmp(cmd, "tph-get") == 0)
		rc = tph_get(tph, arg);
	else if (strcmp(cmd, "tph-cpu") == 0)
		rc = tph_cpu(tph, arg);
	printf("dialect %s\n", steer_tph_dialect_name(steer_tph_info(tph)->dialect));
	printf("why %s\n", steer_tph_info(tph)->why);
	printf("%s %d\n", cmd, rc);
}
