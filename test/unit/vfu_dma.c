/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The DMA table against a model that keeps one word per page, under random maps and unmaps; and
 * client memory that shrinks.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_vio.h"

#define PG     4096ull
#define PAGES  64u /* of the IOVA space under test */
#define FILES  3u
#define FPAGES 32u

static const uint64_t base = 0x7f0000000000ull;

/* What the table should be: per IOVA page, which map (0 none), which file page, which rights. */
struct page {
	unsigned int map, file, fpage, prot;
};

struct world {
	struct nic *nic;
	struct page page[PAGES];
	unsigned int next;
	int fd[FILES];
};

static void
setup(struct world *w)
{
	struct nic_opts opts = {.sock = "test", .pairs = 1, .vectors = 3};
	uint64_t word;
	unsigned int f, p;

	memset(w, 0, sizeof(*w));
	assert_int_equal(nic_create(&opts, &w->nic), 0);
	for (f = 0; f < FILES; f++) {
		w->fd[f] = memfd_create("dma", MFD_CLOEXEC);
		assert_true(w->fd[f] >= 0 && ftruncate(w->fd[f], FPAGES * PG) == 0);
		for (p = 0; p < FPAGES; p++) {
			word = f << 16 | p; /* so that a pointer tells where it leads */
			assert_int_equal(pwrite(w->fd[f], &word, 8, (off_t)(p * PG)), 8);
		}
	}
}

static void
teardown(struct world *w)
{
	unsigned int f;

	for (f = 0; f < FILES; f++)
		close(w->fd[f]);
	nic_destroy(w->nic);
}

static int
model_add(struct world *w, unsigned int at, unsigned int n, unsigned int file, unsigned int fpage,
	  unsigned int prot)
{
	unsigned int i;

	for (i = at; i < at + n; i++)
		if (w->page[i].map != 0)
			return -EEXIST;
	if (file < FILES && fpage + n > FPAGES)
		return -EINVAL;
	w->next++;
	for (i = 0; i < n; i++)
		w->page[at + i] = (struct page){w->next, file, fpage + i, file < FILES ? prot : 0};
	return 0;
}

/* This page and the next one belong to one map. */
static bool
one_map(const struct world *w, unsigned int i)
{
	return w->page[i].map != 0 && w->page[i].map == w->page[i + 1].map;
}

static int
model_del(struct world *w, unsigned int at, unsigned int n)
{
	unsigned int i, maps = 0;

	if ((at > 0 && one_map(w, at - 1)) || (at + n < PAGES && one_map(w, at + n - 1)))
		return -EINVAL;
	for (i = at; i < at + n; i++)
		if (w->page[i].map != 0 && (i == at || w->page[i].map != w->page[i - 1].map))
			maps++;
	memset(&w->page[at], 0, n * sizeof(w->page[0]));
	return (int)maps;
}

static void
random_step(struct world *w)
{
	unsigned int at = (unsigned int)rand() % PAGES, n = 1 + (unsigned int)rand() % 8;
	unsigned int file = (unsigned int)rand() % (FILES + 1);
	unsigned int fpage = (unsigned int)rand() % FPAGES, prot = 1 + (unsigned int)rand() % 3;
	struct vfu_dma_map map = {.flags = prot};

	if (n > PAGES - at)
		n = PAGES - at;
	map.iova = base + at * PG;
	map.size = n * PG;
	if (rand() % 3 == 0) {
		assert_int_equal(nic_dma_del(&w->nic->dma, map.iova, map.iova + map.size - 1),
				 model_del(w, at, n));
		return;
	}
	map.offset = file < FILES ? fpage * PG : 0;
	assert_int_equal(nic_dma_add(&w->nic->dma, &map, file < FILES ? w->fd[file] : -1),
			 model_add(w, at, n, file, fpage, prot));
}

static void
compare(struct world *w)
{
	uint32_t hint = (uint32_t)rand() % 80;
	unsigned int i = (unsigned int)rand() % PAGES;
	const uint64_t iova = base + i * PG;
	const struct page *p = &w->page[i];
	unsigned int prot;
	uint64_t word, *got;

	for (prot = 1; prot <= 3; prot++) {
		got = nic_dma_ptr(w->nic, &hint, iova, 8, prot);
		if (p->map == 0 || (p->prot & prot) != prot) {
			assert_null(got);
			continue;
		}
		memcpy(&word, got, 8);
		assert_int_equal(word, p->file << 16 | p->fpage);
	}
	/* The last bytes of the page, and one byte too many. */
	if (p->map != 0 && p->prot != 0) {
		assert_non_null(nic_dma_ptr(w->nic, &hint, iova + PG - 8, 8, p->prot));
		if (i + 1 == PAGES || w->page[i + 1].prot == 0)
			assert_null(nic_dma_ptr(w->nic, &hint, iova + PG - 8, 9, p->prot));
		assert_true(nic_dma_model_addr(w->nic, &hint, iova + 5) % (1ull << 44) ==
			    p->fpage * PG + 5);
	} else {
		assert_true(nic_dma_model_addr(w->nic, &hint, iova) == UINT64_MAX);
	}
}

static void
table_agrees_with_the_model(void **state)
{
	static struct world w;
	unsigned int i;

	srand(7);
	setup(&w);
	for (i = 0; i < 60000; i++) {
		random_step(&w);
		compare(&w);
		if (i % 5000 == 4999) {
			nic_dma_clear(&w.nic->dma);
			memset(w.page, 0, sizeof(w.page));
			assert_int_equal(w.nic->dma.n, 0);
			assert_int_equal(w.nic->dma.mapped, 0);
			assert_int_equal(w.nic->dma.nfiles, 0);
		}
	}
	teardown(&w);
}

static void
access_spans_neighbours_that_touch(void **state)
{
	static struct world w;
	struct vfu_dma_map a = {.flags = 3, .iova = base, .size = PG};
	struct vfu_dma_map b = {.flags = 3, .iova = base + PG, .size = PG, .offset = PG};
	struct vfu_dma_map c = {.flags = 1, .iova = base + 2 * PG, .size = PG, .offset = 2 * PG};
	struct vfu_dma_map d = {.flags = 3, .iova = base + 3 * PG, .size = PG, .offset = PG};
	uint32_t hint = 0;

	setup(&w);
	assert_int_equal(nic_dma_add(&w.nic->dma, &b, w.fd[0]), 0);
	assert_int_equal(nic_dma_add(&w.nic->dma, &a, w.fd[0]), 0);
	assert_int_equal(nic_dma_add(&w.nic->dma, &c, w.fd[0]), 0);
	assert_int_equal(nic_dma_add(&w.nic->dma, &d, w.fd[0]), 0);
	assert_non_null(nic_dma_ptr(w.nic, &hint, base + 100, 2 * PG - 100, 3));
	assert_null(nic_dma_ptr(w.nic, &hint, base + 100, 2 * PG, 3)); /* c may only be read */
	assert_non_null(nic_dma_ptr(w.nic, &hint, base, 3 * PG, 1));
	assert_null(nic_dma_ptr(w.nic, &hint, base, 4 * PG, 1)); /* d lies elsewhere in the file */
	assert_null(nic_dma_ptr(w.nic, &hint, base, UINT64_MAX, 1));
	assert_null(nic_dma_ptr(w.nic, &hint, base - 1, 1, 1));
	teardown(&w);
}

static void
files_have_ranks_in_order_of_arrival(void **state)
{
	static struct world w;
	struct vfu_dma_map m = {.flags = 3, .size = PG, .offset = 2 * PG};
	uint32_t hint = 0;
	unsigned int f;

	setup(&w);
	for (f = 0; f < FILES; f++) {
		m.iova = base + (FILES - f) * PG;
		assert_int_equal(nic_dma_add(&w.nic->dma, &m, w.fd[f]), 0);
	}
	for (f = 0; f < FILES; f++)
		assert_true(nic_dma_model_addr(w.nic, &hint, base + (FILES - f) * PG + 9) ==
			    ((uint64_t)f << 44 | (2 * PG + 9)));
	nic_dma_clear(&w.nic->dma);
	m.iova = base;
	assert_int_equal(nic_dma_add(&w.nic->dma, &m, w.fd[2]), 0);
	assert_true(nic_dma_model_addr(w.nic, &hint, base) == 2 * PG); /* rank 0 again */
	teardown(&w);
}

static void
shrunk_memory_is_a_fault_and_reads_zero(void **state)
{
	static struct world w;
	struct vfu_dma_map m = {.flags = 3, .iova = base, .size = FPAGES * PG};
	volatile uint8_t *p;
	uint32_t hint = 0;

	setup(&w);
	assert_int_equal(nic_sigbus_guard(w.nic), 0);
	assert_int_equal(nic_dma_add(&w.nic->dma, &m, w.fd[1]), 0);
	p = nic_dma_ptr(w.nic, &hint, base + 9 * PG, 8, 3);
	assert_int_equal(p[0], 9);
	assert_int_equal(ftruncate(w.fd[1], 0), 0);
	assert_int_equal(p[0], 0);
	p[PG] = 5;
	assert_non_null(atomic_load(&w.nic->fault));
	teardown(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_agrees_with_the_model),
		cmocka_unit_test(access_spans_neighbours_that_touch),
		cmocka_unit_test(files_have_ranks_in_order_of_arrival),
		cmocka_unit_test(shrunk_memory_is_a_fault_and_reads_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
