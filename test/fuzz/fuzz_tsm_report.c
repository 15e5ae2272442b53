/* SPDX-License-Identifier: BSD-3-Clause */

/* The first byte: is first_page a number of pages? The others are an interface report. */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		__builtin_trap();
}

static const struct steer_tsm_device device = {
	.bars = {{0, 0x4000}, {2, 0x4000}, {4, 0x4000}},
	.nb_bars = 3,
	.msix_vectors = 5,
	.msix_table_bar = 2,
	.msix_table_size = 5 * 16,
	.msix_pba_bar = 2,
	.msix_pba_offset = 0x2000,
	.msix_pba_size = 8,
	.msix_control = 0x8004,
	.tph_control = 0x101,
};

/* A report whose ranges hold has each page of each BAR once. */
static void
judge(const uint8_t *data, size_t size, const struct tsm_report *r, bool page_numbers)
{
	static struct steer_tsm_verdict v;
	static struct judge j;
	struct steer_tsm_evidence e = {.report = {.data = (uint8_t *)data, .len = size}};
	struct steer_tsm_policy p = {.page_numbers = page_numbers};
	uint64_t pages = 0;
	uint32_t i;

	v.nb_checks = 0;
	v.code = STEER_TSM_OK;
	j.e = &e;
	j.p = &p;
	j.d = &device;
	j.v = &v;
	j.has_report = true;
	j.report = *r;
	judge_report(&j);
	must(v.nb_checks == 4);
	if (v.checks[1].result != STEER_TSM_OK)
		return;
	for (i = 0; i < r->nb; i++)
		pages += tsm_report_range(r, i).pages;
	must(pages == 12);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[160] = "";
	struct tsm_report r;
	int rc;

	if (size == 0)
		return 0;
	rc = tsm_report_parse(data + 1, size - 1, &r, why, sizeof(why));
	must(rc == 0 || rc == -EPROTO);
	must(memchr(why, '\0', sizeof(why)) != NULL && (why[0] != '\0') == (rc != 0));
	if (rc != 0)
		return 0;
	must(16 + (size_t)r.nb * 16 + 4 + r.specific_len == size - 1);
	judge(data + 1, size - 1, &r, data[0] & 1);
	return 0;
}
