/* SPDX-License-Identifier: BSD-3-Clause */

/* Is the interface that was locked the one that we are going to use? */

#include <stdio.h>
#include <string.h>

#include "judge.h"

#define BARS      6u
#define PAGES_MAX (UINT64_C(1) << 52) /* of 64 bits of addresses */

/* Ranges of a report, BAR by BAR, in pages from the start of each BAR. */
struct cover {
	uint64_t base[BARS];  /* page that the first range reports */
	uint64_t pages[BARS]; /* covered so far, without a gap */
	bool seen[BARS];
	uint64_t table, pba; /* pages of the MSI-X table and PBA that are marked so */
	bool stray;          /* a mark in another BAR */
	unsigned int last;   /* BAR of the range before; BARS: none */
};

static uint64_t
pages_of(uint64_t bytes)
{
	return bytes / TDISP_PAGE + (bytes % TDISP_PAGE != 0);
}

/* Pages of [a, b) that hold a byte of [offset, offset + size). */
static uint64_t
overlap(uint64_t a, uint64_t b, uint64_t offset, uint64_t size)
{
	uint64_t from = offset / TDISP_PAGE, to = pages_of(offset + size);

	if (from < a)
		from = a;
	if (to > b)
		to = b;
	return to > from ? to - from : 0;
}

static void
mark_msix(const struct steer_tsm_device *d, struct cover *c, const struct tsm_range *r,
	  uint64_t from)
{
	uint64_t to = from + r->pages;

	if (r->attributes & TDISP_RANGE_MSIX_TABLE) {
		if (d->msix_table_bar == r->bar)
			c->table += overlap(from, to, d->msix_table_offset, d->msix_table_size);
		else
			c->stray = true;
	}
	if (r->attributes & TDISP_RANGE_MSIX_PBA) {
		if (d->msix_pba_bar == r->bar)
			c->pba += overlap(from, to, d->msix_pba_offset, d->msix_pba_size);
		else
			c->stray = true;
	}
}

/* A table that the TSM guards by other means may be open; nothing else that we use may. */
static bool
only_msix(const struct steer_tsm_device *d, const struct tsm_range *r, uint64_t from)
{
	uint64_t to = from + r->pages, table = 0, pba = 0;

	if ((r->attributes & TDISP_RANGE_MSIX_TABLE) && d->msix_table_bar == r->bar)
		table = overlap(from, to, d->msix_table_offset, d->msix_table_size);
	if ((r->attributes & TDISP_RANGE_MSIX_PBA) && d->msix_pba_bar == r->bar)
		pba = overlap(from, to, d->msix_pba_offset, d->msix_pba_size);
	return table == r->pages || pba == r->pages;
}

static int
range_bad(uint32_t i, const char *text, char *why, size_t len)
{
	snprintf(why, len, "range %u %s", i, text);
	return -1;
}

static int
one_range(struct judge *j, struct cover *c, uint32_t i, char *why, size_t len)
{
	struct tsm_range r = tsm_report_range(&j->report, i);
	uint64_t page = j->p->page_numbers ? r.first : r.first / TDISP_PAGE, end;

	if (r.bar >= BARS)
		return range_bad(i, "is of no BAR", why, len);
	if (!j->p->page_numbers && r.first % TDISP_PAGE != 0)
		return range_bad(i, "does not begin on a page", why, len);
	if (r.pages == 0 || __builtin_add_overflow(page, r.pages, &end) || end > PAGES_MAX)
		return range_bad(i, "has no or too many pages", why, len);
	if (!c->seen[r.bar])
		c->base[r.bar] = page;
	else if (c->last != r.bar)
		return range_bad(i, "is apart from the others of its BAR", why, len);
	if (page != c->base[r.bar] + c->pages[r.bar])
		return range_bad(i, "does not begin where the one before it ends", why, len);
	if ((r.attributes & TDISP_RANGE_NON_TEE) && !only_msix(j->d, &r, c->pages[r.bar]))
		return range_bad(i, "is open to others than the TEE", why, len);
	mark_msix(j->d, c, &r, c->pages[r.bar]);
	c->seen[r.bar] = true;
	c->pages[r.bar] += r.pages;
	c->last = r.bar;
	return 0;
}

/* Each BAR that we use in full, and no other. */
static int
bars(const struct steer_tsm_device *d, const struct cover *c, char *why, size_t len)
{
	uint64_t want[BARS] = {0};
	unsigned int i;

	for (i = 0; i < d->nb_bars && i < BARS; i++)
		if (d->bars[i].bar < BARS)
			want[d->bars[i].bar] = pages_of(d->bars[i].size);
	for (i = 0; i < BARS; i++) {
		if (c->pages[i] == want[i])
			continue;
		snprintf(why, len, "BAR %u: %llu pages are reported, %llu are used", i,
			 (unsigned long long)c->pages[i], (unsigned long long)want[i]);
		return -1;
	}
	snprintf(why, len, "the ranges are the %u BARs that are used, and no more", d->nb_bars);
	return 0;
}

static void
ranges(struct judge *j, struct cover *c)
{
	const struct tsm_report *r = &j->report;
	char why[128] = "";
	uint32_t i;
	int rc = 0;

	for (i = 0; i < r->nb && rc == 0; i++)
		rc = one_range(j, c, i, why, sizeof(why));
	if (rc == 0)
		rc = bars(j->d, c, why, sizeof(why));
	judge_note(j, JUDGE_RANGES, rc == 0 ? STEER_TSM_OK : STEER_TSM_REPORT_MISMATCH, r->ranges,
		   (size_t)r->nb * TDISP_RANGE_LEN, "%s", why);
}

static void
flags(struct judge *j)
{
	uint16_t info = j->report.info, missing = j->p->report_required & (uint16_t)~info,
		 unwanted = j->p->report_forbidden & info;

	if (missing != 0 || unwanted != 0)
		judge_note(j, JUDGE_FLAGS, STEER_TSM_REPORT_MISMATCH, j->e->report.data, 2,
			   "info 0x%04x: 0x%04x is required and missing, 0x%04x is forbidden", info,
			   missing, unwanted);
	else
		judge_note(j, JUDGE_FLAGS, STEER_TSM_OK, j->e->report.data, 2,
			   "info 0x%04x: as the policy wants it", info);
}

static bool
table_marked(const struct steer_tsm_device *d, const struct cover *c)
{
	if (d->msix_vectors == 0 || d->msix_table_bar < 0)
		return true;
	return c->table == overlap(0, UINT64_MAX, d->msix_table_offset, d->msix_table_size) &&
	       (d->msix_pba_bar < 0 ||
		c->pba == overlap(0, UINT64_MAX, d->msix_pba_offset, d->msix_pba_size));
}

static void
msix(struct judge *j, const struct cover *c)
{
	const uint8_t *field = j->e->report.data + TDISP_REPORT_MSIX;
	uint16_t control = j->report.msix_control;

	if (control != j->d->msix_control)
		judge_note(j, JUDGE_MSIX, STEER_TSM_REPORT_MISMATCH, field, 2,
			   "message control 0x%04x, programmed is 0x%04x", control,
			   j->d->msix_control);
	else if (c->stray)
		judge_note(j, JUDGE_MSIX, STEER_TSM_REPORT_MISMATCH, field, 2,
			   "the table or the PBA is marked in a BAR that has none");
	else if (!table_marked(j->d, c))
		judge_note(j, JUDGE_MSIX, STEER_TSM_REPORT_MISMATCH, field, 2,
			   "pages of the table or of the PBA are not marked so");
	else
		judge_note(j, JUDGE_MSIX, STEER_TSM_OK, field, 2,
			   "message control 0x%04x, table and PBA as programmed", control);
}

static void
tph(struct judge *j)
{
	const uint8_t *field = j->e->report.data + TDISP_REPORT_TPH;
	uint32_t tph_control = j->report.tph_control;

	if (tph_control == j->d->tph_control)
		judge_note(j, JUDGE_TPH, STEER_TSM_OK, field, 4, "0x%08x, as programmed",
			   tph_control);
	else
		judge_note(j, JUDGE_TPH, STEER_TSM_TPH_MISMATCH, field, 4,
			   "0x%08x is reported, 0x%08x is programmed", tph_control,
			   j->d->tph_control);
}

void
judge_report(struct judge *j)
{
	struct cover c = {.last = BARS};

	if (!j->has_report)
		return;
	flags(j);
	ranges(j, &c);
	msix(j, &c);
	tph(j);
}
