// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci=notph: without CONFIG_PCIE_TPH the kernel forgets the word, and with it
 * the only reader is the function that enables TPH. Neither tells a module, nor
 * is the command line exported; /proc/cmdline is.
 */

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vfio_pci_tph.h"

static bool pci_word_has_notph(char *options)
{
	char *option;

	while ((option = strsep(&options, ",")))
		if (!strcmp(option, "notph"))
			return true;
	return false;
}

static ssize_t read_cmdline(char *buf, size_t size)
{
	struct file *f = filp_open("/proc/cmdline", O_RDONLY, 0);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(f))
		return PTR_ERR(f);
	len = kernel_read(f, buf, size - 1, &pos);
	filp_close(f, NULL);
	if (len >= 0)
		buf[len] = '\0';
	return len;
}

/**
 * tph_booted_notph() - was this kernel booted with pci=notph?
 *
 * Return: true also when the command line cannot be read: then TPH stays off.
 */
bool tph_booted_notph(void)
{
	char *buf, *rest, *word;
	bool found = false;

	buf = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return true;
	if (read_cmdline(buf, PAGE_SIZE) < 0) {
		kfree(buf);
		return true;
	}
	rest = buf;
	while (!found && (word = strsep(&rest, " \t\n")))
		found = !strncmp(word, "pci=", 4) && pci_word_has_notph(word + 4);
	kfree(buf);
	return found;
}
