/* SPDX-License-Identifier: BSD-3-Clause */

/* Every byte of every request of role vmm against test/data/tsm/iommufd, which is written by hand.
 */

#include "tsm_iommufd_fixture.h"

enum part { ARG, REQ, NONCE, PARTS };

/* One request as the file has it. */
struct golden {
	int fd;
	unsigned long request;
	unsigned int line;
	uint8_t bytes[PARTS][64];
	size_t len[PARTS];
	bool is_address[48]; /* first byte of an address that is not zero */
};

static struct golden golden[FI_CALLS];
static unsigned int nr_golden;

static void
put(struct golden *g, enum part part, const char *digits, size_t n)
{
	uint64_t v = strtoull(digits, NULL, 16);
	size_t i;

	for (i = 0; i < n; i++) {
		assert_in_range(g->len[part], 0, sizeof(g->bytes[part]) - 1);
		g->bytes[part][g->len[part]++] = (uint8_t)(v >> 8 * i);
	}
}

static void
token(struct golden *g, enum part *part, const char *word)
{
	size_t n = strlen(word);

	if (strcmp(word, "req") == 0) {
		*part = REQ;
	} else if (strcmp(word, "nonce") == 0) {
		*part = NONCE;
	} else if (word[0] == '@') {
		if (*part == ARG)
			g->is_address[g->len[ARG]] = true;
		put(g, *part, "0", 8);
	} else if ((n == 2 || n == 8 || n == 16) && strspn(word, "0123456789abcdef") == n) {
		put(g, *part, word, n / 2);
	} else {
		fail_msg("'%s' is no token", word);
	}
}

static void
read_golden(const char *name)
{
	char path[400], line[200], file[16], *save, *word;
	struct golden *g = NULL;
	enum part part = ARG;
	unsigned int nr = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tsm/iommufd/%s.txt", TEST_DATA, name);
	f = fopen(path, "r");
	assert_non_null(f);
	nr_golden = 0;
	memset(golden, 0, sizeof(golden));
	while (fgets(line, sizeof(line), f) != NULL) {
		nr++;
		line[strcspn(line, "#\n")] = '\0';
		if (strncmp(line, "ioctl ", 6) == 0) {
			assert_in_range(nr_golden, 0, FI_CALLS - 1);
			g = &golden[nr_golden++];
			part = ARG;
			assert_int_equal(sscanf(line, "ioctl %15s %lx", file, &g->request), 2);
			g->fd = strcmp(file, "device") == 0 ? FI_DEVICE : FI_IOMMUFD;
			g->line = nr;
			continue;
		}
		for (word = strtok_r(line, " \t", &save); word != NULL;
		     word = strtok_r(NULL, " \t", &save)) {
			assert_non_null(g);
			token(g, &part, word);
		}
	}
	fclose(f);
	assert_true(nr_golden > 0);
}

/* Where the file has an address, there is one; what it leads to is compared by itself. */
static void
mask_addresses(const struct golden *g, uint8_t *arg)
{
	static const uint8_t none[8];
	size_t i;

	for (i = 0; i + 8 <= 48; i++) {
		if (!g->is_address[i])
			continue;
		assert_memory_not_equal(arg + i, none, 8);
		memset(arg + i, 0, 8);
	}
}

static void
same_bytes(const char *name, const struct golden *g, const char *what, const uint8_t *is,
	   size_t len, enum part part)
{
	size_t i;

	if (len != g->len[part])
		fail_msg("%s.txt:%u: %s has %zu bytes instead of %zu", name, g->line, what, len,
			 g->len[part]);
	for (i = 0; i < len; i++)
		if (is[i] != g->bytes[part][i])
			fail_msg("%s.txt:%u: byte %zu of %s is %02x instead of %02x", name, g->line,
				 i, what, is[i], g->bytes[part][i]);
}

static void
same_call(const char *name, const struct golden *g, struct fi_call *c)
{
	if (c->request != g->request || c->fd != g->fd)
		fail_msg("%s.txt:%u: request %lx on file %d instead of %lx on %d", name, g->line,
			 c->request, c->fd, g->request, g->fd);
	mask_addresses(g, c->arg);
	same_bytes(name, g, "the request", c->arg, c->size, ARG);
	if (c->has_nonce)
		memset(c->req + 16, 0, 8);
	same_bytes(name, g, "its payload", c->req, c->req_len, REQ);
	same_bytes(name, g, "the nonce", c->nonce, c->has_nonce ? 32 : 0, NONCE);
}

static void
same(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_golden && i < fi.nr_calls; i++)
		same_call(name, &golden[i], &fi.calls[i]);
	assert_int_equal(fi.nr_calls, nr_golden);
}

static void
every_byte_is_as_written(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		const struct ix_case *c = &ix_cases[i];

		read_golden(c->name);
		ix_init(c);
		assert_int_equal(ix_open(), 0);
		ix_good(IX_LOOK, IX_RUN);
		assert_int_equal(fi.nr_locks, 1);
		assert_int_equal(fi.nr_runs, 1);
		assert_int_equal(fi.state, 2);
		ix_good(IX_DMA_ON, IX_DMA_ON);
		assert_int_equal(fi.dma, c->arch == STEER_TSM_ARCH_SEV);
		ix_good(IX_DMA_OFF, IX_UNBIND);
		ix_close();
		same(c->name);
	}
}

/* The guest's own evidence is over the nonce that was given. */
static void
the_nonce_arrives(void **state)
{
	unsigned int i;

	ix_init(ix_case("v7-int"));
	assert_int_equal(ix_open(), 0);
	ix_good(IX_LOOK, IX_MEASURE);
	for (i = 0; i < 32; i++)
		assert_int_equal(fi.nonce[i], 0xa0 + i);
	ix_close();
}

/* Without an unlock and unbind of the machine's, close goes the same way. */
static void
close_alone_goes_the_same_way_back(void **state)
{
	unsigned int i;

	for (i = 0; i < ix_nr_cases; i++) {
		if (ix_cases[i].arch == STEER_TSM_ARCH_SEV)
			continue; /* DMA off is the machine's */
		read_golden(ix_cases[i].name);
		ix_init(&ix_cases[i]);
		assert_int_equal(ix_open(), 0);
		ix_good(IX_LOOK, IX_RUN);
		ix_close();
		same(ix_cases[i].name);
	}
}

static void
ids_are_told_while_bound(void **state)
{
	struct steer_tsm_vmm_ids ids;

	ix_init(ix_case("v5"));
	assert_int_equal(steer_tsm_vmm_ids(NULL, &ids), -EINVAL);
	assert_int_equal(steer_tsm_vmm_ids(&ix.t, &ids), -EINVAL);
	assert_int_equal(ix_open(), 0);
	assert_int_equal(steer_tsm_vmm_ids(&ix.t, &ids), -ENOENT);
	ix_good(IX_LOOK, IX_BIND);
	assert_int_equal(steer_tsm_vmm_ids(&ix.t, &ids), 0);
	assert_int_equal(ids.ioas, 0x11);
	assert_int_equal(ids.parent, 0x12);
	assert_int_equal(ids.viommu, 0x13);
	assert_int_equal(ids.nested, 0x14);
	assert_int_equal(ids.vdevice, 0x15);
	ix_good(IX_UNBIND, IX_UNBIND);
	assert_int_equal(steer_tsm_vmm_ids(&ix.t, &ids), -ENOENT);
	ix_close();

	ix_init(ix_case("v5-june-sev"));
	assert_int_equal(ix_open(), 0);
	ix_good(IX_LOOK, IX_BIND);
	assert_int_equal(steer_tsm_vmm_ids(&ix.t, &ids), 0);
	assert_int_equal(ids.ioas, 0);
	assert_int_equal(ids.parent, FI_HWPT);
	assert_int_equal(ids.nested, 0);
	ix.t.ops = &tsm_backend_sysfs;
	assert_int_equal(steer_tsm_vmm_ids(&ix.t, &ids), -EINVAL);
	ix.t.ops = &tsm_backend_iommufd;
	ix_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_as_written),
		cmocka_unit_test(the_nonce_arrives),
		cmocka_unit_test(close_alone_goes_the_same_way_back),
		cmocka_unit_test(ids_are_told_while_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
