/* SPDX-License-Identifier: BSD-3-Clause */

/* What steering needs, and which of it is there: for a device that cannot be steered. */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <zlib.h>

#include <steer_vfio.h>

#include "dialect.h"

static struct steer_tph_finding *
add(struct steer_tph *tph, const char *what, enum steer_tph_have have)
{
	struct steer_tph_finding *f = &tph->info.findings[tph->info.nb_findings++];

	*f = (struct steer_tph_finding){.what = what, .have = have};
	return f;
}

static void __attribute__((format(printf, 4, 5)))
find(struct steer_tph *tph, const char *what, enum steer_tph_have have, const char *fmt, ...)
{
	struct steer_tph_finding *f = add(tph, what, have);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

static void
find_capability(struct steer_tph *tph)
{
	const struct steer_pci_tph *cap = &tph->info.cap;

	if (cap->pos == 0)
		find(tph, "TPH capability", STEER_TPH_HAVE_NO, "none");
	else
		find(tph, "TPH capability", STEER_TPH_HAVE_YES, "modes 0x%x, %u table entries",
		     cap->cap &
			     (STEER_PCI_TPH_CAP_NS | STEER_PCI_TPH_CAP_IV | STEER_PCI_TPH_CAP_DS),
		     cap->entries);
}

/* 1 set, 0 not set, -ENOENT no such file. zlib reads plain files, too. */
static int
config_has(const char *path)
{
	static const char yes[] = "CONFIG_PCIE_TPH=y\n";
	char line[256];
	gzFile f = gzopen(path, "re");
	int found = 0;

	if (f == NULL)
		return -ENOENT;
	while (!found && gzgets(f, line, sizeof(line)) != NULL)
		found = strcmp(line, yes) == 0;
	gzclose(f);
	return found;
}

static void
find_config(struct steer_tph *tph)
{
	static const char what[] = "CONFIG_PCIE_TPH";
	char proc[PATH_MAX], boot[PATH_MAX];
	const char *path = proc;
	struct utsname u;
	int has;

	uname(&u);
	snprintf(proc, sizeof(proc), "%s/proc/config.gz", tph->root);
	snprintf(boot, sizeof(boot), "%s/boot/config-%s", tph->root, u.release);
	has = config_has(proc);
	if (has < 0) {
		path = boot;
		has = config_has(boot);
	}
	if (has < 0)
		find(tph, what, STEER_TPH_HAVE_UNKNOWN,
		     "could not be read (neither /proc/config.gz nor /boot/config-%.60s)",
		     u.release);
	else
		find(tph, what, has ? STEER_TPH_HAVE_YES : STEER_TPH_HAVE_NO, "%s in %.90s",
		     has ? "set" : "not set", path + strlen(tph->root));
}

static void
find_root_port(struct steer_tph *tph)
{
	struct steer_tph_finding *f = add(tph, "root-port completer", STEER_TPH_HAVE_UNKNOWN);
	enum tph_completer c = tph_root_port(tph, f->text, sizeof(f->text));

	if (c != TPH_COMPLETER_UNKNOWN)
		f->have = c == TPH_COMPLETER_NONE ? STEER_TPH_HAVE_NO : STEER_TPH_HAVE_YES;
}

static void
find_switch(struct steer_tph *tph)
{
	int on = steer_vfio_tph_switch(tph->dev);

	if (on == 0)
		find(tph, "switch", STEER_TPH_HAVE_NO,
		     "the module lets nobody steer: set its parameter enable_unsafe_tph");
	else if (on > 0)
		find(tph, "switch", STEER_TPH_HAVE_YES, "enable_unsafe_tph is on");
	else
		find(tph, "switch", STEER_TPH_HAVE_UNKNOWN,
		     "the device's module has no parameter enable_unsafe_tph");
}

/* A device behind a socket has no kernel and no root port of this machine. */
void
tph_missing(struct steer_tph *tph)
{
	bool local = steer_vfio_pci_addr(tph->dev) != NULL;

	tph->info.nb_findings = 0;
	find_capability(tph);
	if (local) {
		find_config(tph);
		find_root_port(tph);
		find(tph, "_DSM", STEER_TPH_HAVE_UNKNOWN,
		     "not visible from user space; firmware must have it at the host bridge");
	}
	find(tph, "dialect", tph->dialect != NULL ? STEER_TPH_HAVE_YES : STEER_TPH_HAVE_NO, "%s",
	     steer_tph_dialect_name(tph->info.dialect));
	if (local)
		find_switch(tph);
}

int
steer_tph_findings_line(const struct steer_tph_info *info, char *buf, size_t len)
{
	size_t used = 0;
	unsigned int i;
	int n;

	if (len > 0)
		buf[0] = '\0';
	for (i = 0; i < info->nb_findings; i++) {
		n = snprintf(used < len ? buf + used : NULL, used < len ? len - used : 0,
			     "%s%s: %s", i > 0 ? "; " : "", info->findings[i].what,
			     info->findings[i].text);
		if (n < 0)
			return -EINVAL;
		used += (size_t)n;
	}
	return (int)used;
}
