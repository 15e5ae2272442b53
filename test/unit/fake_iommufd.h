/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * A kernel with iommufd and one of the proposed TSM interfaces, in this process: ioctl(2) of
 * lib/tsm's role vmm, which is compiled into the test, arrives here (linker option --wrap). It
 * keeps the books a kernel keeps, and notes what is done in a wrong order. Numbers and offsets are
 * written by hand from linux/iommufd.h, linux/vfio.h and the postings; nothing of the code under
 * test is used.
 */

#ifndef FAKE_IOMMUFD_H
#define FAKE_IOMMUFD_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Files that the VMM has open. */
#define FI_IOMMUFD 900
#define FI_DEVICE  901
#define FI_KVM     902
#define FI_DEV_ID  3u
#define FI_HWPT    0x77u /* nesting parent of the VMM's own */

enum fi_abi { FI_MAINLINE, FI_V5, FI_V5_JUNE, FI_V6, FI_V7 };

#define FI_CALLS 64

/* One request as it came. */
struct fi_call {
	int fd;
	unsigned long request;
	uint8_t arg[48];
	size_t size;     /* what its first word says */
	uint8_t req[64]; /* what a pointer of it points to: the payload, a stream table entry */
	size_t req_len;
	uint8_t nonce[32]; /* what the payload points to */
	bool has_nonce;
};

struct fake_iommufd {
	/* settings */
	enum fi_abi abi;
	uint32_t arch; /* 1 CCA, 2 SEV, 3 TDX */
	bool no_kvm;   /* the device file was not in the KVM device when it was bound */
	/* The n-th ioctl (from 1; 0 none) fails, before or after it is done. */
	unsigned int fail_at;
	int fail_errno;
	bool fail_after;
	unsigned int fail_times; /* so many from there on; 0 is 1 */
	unsigned int random; /* seed: one call in eight fails, before or after it is done; 0 none */
	uint32_t only;       /* if not 0: count only this request */
	/* The n-th request to the vdevice returns this residue, or has this code. */
	unsigned int odd_at;
	int residue;
	uint64_t tsm_code;
	unsigned int no_id_at; /* the n-th allocation makes nothing and gives no id */
	/* Objects: 0 VCA, 1 chain, 2 measurements, 3 report. */
	uint32_t object_size[4];
	const uint8_t *object[4]; /* NULL: fi_object_byte() */
	void (*measure)(void);    /* measurements are made anew, over nonce */
	bool object_shrinks;      /* between its size and its bytes */
	/* books */
	struct fi_call calls[FI_CALLS];
	unsigned int nr_calls, counted, requests;
	bool failed;
	unsigned int nr_objects; /* alive */
	bool attached;
	uint32_t attached_to;
	bool bound;     /* the TSM knows the vdevice */
	uint32_t state; /* TDISP */
	bool dma;
	uint8_t nonce[32]; /* of the present measurements */
	unsigned int nr_locks, nr_runs, nr_validated;
	char wrong[160]; /* the first thing that is wrong */
};
extern struct fake_iommufd fi;

int fi_setup(void **state);
/* What is left over, or done wrong; NULL: nothing. */
const char *fi_left(void);
void fi_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Byte i of an object. */
uint8_t fi_object_byte(uint32_t object, uint32_t i);
/* How many calls have this request. */
unsigned int fi_count(unsigned long request);
uint32_t fi_u32(const uint8_t *p);

/* fake_iommufd_objects.c: iommufd and the device file. 0 or negative errno. */
int fi_objects(int fd, unsigned int nr, uint8_t *arg);
bool fi_has_vdevice(uint32_t id);
void fi_objects_reset(void);
/* fake_iommufd_tsm.c: 0x95 and 0x96. */
int fi_tsm_op(uint8_t *arg, size_t size);
int fi_tsm_req(uint8_t *arg, size_t size);

#endif /* FAKE_IOMMUFD_H */
