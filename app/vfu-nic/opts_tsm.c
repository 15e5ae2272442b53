/* SPDX-License-Identifier: BSD-3-Clause */

/* Options of the software TSM. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"
#include "tsm_fault.h"

void
nic_opts_tsm_usage(FILE *f)
{
	fputs("  --tsm ARCH             cca, sev, tdx: a software TSM, simulated; no DMA before "
	      "RUN\n"
	      "  --tsm-name NAME        of the TSM, up to 31 characters (default tsm0)\n"
	      "  --tsm-ca DIR           what devtools/make-ca made (default: tsm-ca beside the "
	      "program)\n"
	      "  --tsm-st-write KIND    error (default), ignore: a write of the ST table under "
	      "lock\n"
	      "  --tsm-fault NAME[@N]   an attacker or a broken device, from the Nth lock on "
	      "(default\n"
	      "                         1); 'help' lists them\n"
	      "  --tee                  device capabilities say TEE-I/O, also without a TSM\n",
	      f);
}

static int
bad(const char *opt, const char *val, const char *allowed)
{
	fprintf(stderr, "vfu-nic: --%s: '%s' is wrong: give %s\n", opt, val, allowed);
	return -EINVAL;
}

static int
copy(const char *opt, const char *val, char *out, size_t size)
{
	char allowed[48];

	if (val[0] != '\0' && strlen(val) < size) {
		strcpy(out, val);
		return 0;
	}
	snprintf(allowed, sizeof(allowed), "1..%zu characters", size - 1);
	return bad(opt, val, allowed);
}

static int
arch(struct nic_opts *o, const char *val)
{
	static const char *const names[] = {"cca", "sev", "tdx"};
	int i;

	for (i = 0; i < 3; i++) {
		if (strcmp(val, names[i]) != 0)
			continue;
		o->tsm = (enum nic_tsm_arch)(NIC_TSM_CCA + i);
		o->tee = true;
		return 0;
	}
	return bad("tsm", val, "cca, sev or tdx");
}

/* NAME, or NAME@LOCK. @return the fault, or -EINVAL. */
static int
fault_from(struct nic_opts *o, const char *val)
{
	const char *at = strchr(val, '@');
	char name[32];
	long n = 1;
	char *end;

	if (at != NULL) {
		n = strtol(at + 1, &end, 10);
		if (end == at + 1 || *end != '\0' || n < 1 || n > UINT16_MAX)
			return -EINVAL;
	}
	snprintf(name, sizeof(name), "%.*s", at != NULL ? (int)(at - val) : (int)strlen(val), val);
	o->tsm_fault_from = (uint16_t)n;
	return nic_tsm_fault_parse(name);
}

static int
fault(struct nic_opts *o, const char *val)
{
	int rc;

	if (strcmp(val, "help") == 0) {
		nic_tsm_fault_list(stdout);
		return 1;
	}
	rc = fault_from(o, val);
	if (rc < 0)
		return bad("tsm-fault", val, "a name of --tsm-fault help, with @LOCK or without");
	o->tsm_fault = (enum nic_tsm_fault)rc;
	return 0;
}

int
nic_opts_tsm(struct nic_opts *o, enum nic_opt_tsm opt, const char *val)
{
	switch (opt) {
	case O_TSM: return arch(o, val);
	case O_TSM_NAME: return copy("tsm-name", val, o->tsm_name, sizeof(o->tsm_name));
	case O_TSM_CA: return copy("tsm-ca", val, o->tsm_ca, sizeof(o->tsm_ca));
	case O_TSM_ST:
		o->tsm_st_ignore = strcmp(val, "ignore") == 0;
		if (!o->tsm_st_ignore && strcmp(val, "error") != 0)
			return bad("tsm-st-write", val, "error or ignore");
		return 0;
	case O_TSM_FAULT: return fault(o, val);
	default: o->tee = true; return 0;
	}
}

int
nic_opts_tsm_finish(struct nic_opts *o)
{
	if (o->tsm == NIC_TSM_OFF && (o->tsm_name[0] != '\0' || o->tsm_ca[0] != '\0' ||
				      o->tsm_st_ignore || o->tsm_fault != NIC_TSM_HONEST)) {
		fputs("vfu-nic: --tsm is missing: other --tsm options are about it\n", stderr);
		return -EINVAL;
	}
	if (o->tsm_name[0] == '\0')
		strcpy(o->tsm_name, "tsm0");
	o->tsm_feature = o->tph_feature == 0xfe01 ? 0xfe02 : 0xfe01;
	return 0;
}
