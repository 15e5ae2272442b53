/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of vfio_pci_tph: one device opened by group and type 1, and TAP. */
#ifndef TPH_TEST_DEV_H
#define TPH_TEST_DEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ENTRIES 64

struct dev {
	const char *bdf;
	int container, group, fd;
	uint64_t cfg;		/* offset of the config region */
	uint32_t cap, capreg;	/* TPH capability */
	unsigned int entries;
	bool msix, ext;
	volatile uint32_t *table;	/* MSI-X */
	size_t table_len;
	void *table_map;
	int ev[MAX_ENTRIES];
	unsigned int vectors;
};

extern int tap_count, tap_failed;

/* One test point; @got and @want are shown when they differ. */
void is(long got, long want, const char *what, ...) __attribute__((format(printf, 3, 4)));
void note(const char *what, ...) __attribute__((format(printf, 1, 2)));
void die(const char *what);

void dev_open(struct dev *d, const char *bdf);
void dev_close(struct dev *d);
uint32_t cfg_read(struct dev *d, uint32_t off, unsigned int len);
void cfg_write(struct dev *d, uint32_t off, uint32_t val, unsigned int len);
uint32_t ctrl(struct dev *d);
void set_ctrl(struct dev *d, uint32_t val);
uint16_t st(struct dev *d, unsigned int i);		/* what the device has */
int irqs(struct dev *d, unsigned int n);		/* n = 0: off */
int irq_one(struct dev *d, unsigned int vector, bool on);
int sysfs_reset(struct dev *d);

/* 0 or -errno, as of the device feature */
int feature(struct dev *d, uint32_t index, uint32_t op, const void *payload, size_t len,
	    void *out);
int st_call(struct dev *d, uint32_t op, uint32_t flags, unsigned int index, unsigned int n,
	    uint32_t *data);
int st_set(struct dev *d, unsigned int index, unsigned int n, const uint32_t *cpus);
int st_get(struct dev *d, unsigned int n, uint32_t *data);
uint16_t want_tag(struct dev *d, bool persistent, uint32_t cpu);
void allow_cpus(uint32_t mask);

void test_feature(struct dev *d);
void test_ctrl(struct dev *d);
void test_survival(struct dev *d);
void test_race(struct dev *d);
void test_v8(struct dev *d);

extern uint32_t feature_index;
extern bool core_kernel;	/* CONFIG_PCIE_TPH: the PCI core chooses the width */

#endif
