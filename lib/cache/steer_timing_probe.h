/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The timing probe: how many ticks of the CPU's counter one load takes, with fences around it so
 * that nothing else is in the span. For the inline hook of steer_timing.h; alone of little use, as
 * ticks mean nothing without a calibration.
 *
 * x86: the order of rdtscp and lfence is Intel's (SDM volume 2, RDTSCP: it waits for earlier
 * instructions and loads, and an lfence after it holds back later ones); AMD has the same where
 * lfence serialises, which Linux sees to. mfence drains the stores of before.
 * Arm: reads of CNTVCT_EL0 may be early unless an ISB is before them (Arm ARM, "The AArch64 view of
 * the Generic Timer"); a DSB completes the load.
 */

#ifndef STEER_TIMING_PROBE_H
#define STEER_TIMING_PROBE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__x86_64__)

#define STEER_TIMING_COUNTER  "tsc"
#define STEER_TIMING_SEQUENCE "mfence lfence rdtscp lfence load rdtscp lfence"

/** Load the byte at addr. @return ticks that it took, the probe's own included. */
static inline uint32_t
steer_timing_load(const void *addr)
{
	uint32_t ticks, byte;

	__asm__ volatile("mfence\n\tlfence\n\trdtscp\n\tlfence\n\t"
			 "movl %%eax, %[ticks]\n\t"
			 "movzbl (%[addr]), %[byte]\n\t"
			 "rdtscp\n\tlfence\n\t"
			 "subl %[ticks], %%eax\n\t"
			 "movl %%eax, %[ticks]"
			 : [ticks] "=&r"(ticks), [byte] "=&r"(byte)
			 : [addr] "r"(addr)
			 : "rax", "rcx", "rdx", "memory", "cc");
	return ticks;
}

/** The counter, after everything before. */
static inline uint64_t
steer_timing_now(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/** Write the line back and drop it from every cache; complete after the fence. */
static inline void
steer_timing_flush(const void *addr)
{
	__asm__ volatile("clflush (%0)" : : "r"(addr) : "memory");
}

/** Completes loads, stores and flushes. */
static inline void
steer_timing_fence(void)
{
	__asm__ volatile("mfence\n\tlfence" : : : "memory");
}

/** @return safe when left is 1, else p: by data flow, which the CPU does not guess. */
static inline const void *
steer_timing_hide(const void *p, uint32_t left, const void *safe)
{
	__asm__ volatile("cmpl $1, %[left]\n\tcmove %[safe], %[p]"
			 : [p] "+r"(p)
			 : [left] "r"(left), [safe] "r"(safe)
			 : "cc");
	return p;
}

#elif defined(__aarch64__)

#define STEER_TIMING_COUNTER  "cntvct_el0"
#define STEER_TIMING_SEQUENCE "dsb isb cntvct isb load dsb isb cntvct"

/** Load the byte at addr. @return ticks that it took, the probe's own included. */
static inline uint32_t
steer_timing_load(const void *addr)
{
	uint64_t start, end;
	uint32_t byte;

	__asm__ volatile("dsb sy\n\tisb\n\t"
			 "mrs %[start], cntvct_el0\n\tisb\n\t"
			 "ldrb %w[byte], [%[addr]]\n\t"
			 "dsb ishld\n\tisb\n\t"
			 "mrs %[end], cntvct_el0"
			 : [start] "=&r"(start), [end] "=&r"(end), [byte] "=&r"(byte)
			 : [addr] "r"(addr)
			 : "memory");
	return (uint32_t)(end - start);
}

/** The counter, after everything before. */
static inline uint64_t
steer_timing_now(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(now) : : "memory");
	return now;
}

/** Ticks of the counter a second, as the firmware says. */
static inline uint64_t
steer_timing_cntfrq(void)
{
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
}

/** Write the line back and drop it from every cache; complete after the fence. */
static inline void
steer_timing_flush(const void *addr)
{
	__asm__ volatile("dc civac, %0" : : "r"(addr) : "memory");
}

/** Completes loads, stores and flushes. */
static inline void
steer_timing_fence(void)
{
	__asm__ volatile("dsb sy\n\tisb" : : : "memory");
}

/** @return safe when left is 1, else p: by data flow, which the CPU does not guess. hint 20 is
 * CSDB: no guess of the selected value either. */
static inline const void *
steer_timing_hide(const void *p, uint32_t left, const void *safe)
{
	__asm__ volatile("cmp %w[left], #1\n\tcsel %[p], %[safe], %[p], eq\n\thint #20"
			 : [p] "+r"(p)
			 : [left] "r"(left), [safe] "r"(safe)
			 : "cc");
	return p;
}

#else /* no probe: steer_timing_create() refuses */

#define STEER_TIMING_COUNTER  "none"
#define STEER_TIMING_SEQUENCE "none"
#define STEER_TIMING_NONE     1

static inline uint32_t
steer_timing_load(const void *addr)
{
	(void)addr;
	return 0;
}

static inline uint64_t
steer_timing_now(void)
{
	return 0;
}

static inline void
steer_timing_flush(const void *addr)
{
	(void)addr;
}

static inline void
steer_timing_fence(void)
{
}

static inline const void *
steer_timing_hide(const void *p, uint32_t left, const void *safe)
{
	(void)left;
	(void)safe;
	return p;
}

#endif

#ifdef __cplusplus
}
#endif
#endif /* STEER_TIMING_PROBE_H */
