/* SPDX-License-Identifier: BSD-3-Clause */

/* The bytes are a request for measurements and its response; signatures are not verified. */

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

/* Two entries whose digests, zeros, only fuzzing gives. */
static const struct steer_tsm_policy policy = {
	.measurements = {{.index = 1}, {.index = 3}},
	.nb_measurements = 2,
};

static void
blocks(const uint8_t *data, size_t size, const struct tsm_measurements *m)
{
	bool seen[256] = {false};
	size_t sum = 0;

	for (unsigned int i = 0; i < m->nb; i++) {
		const struct tsm_block *b = &m->blocks[i];

		must(b->index != 0 && b->index != 255 && !seen[b->index]);
		must(b->raw || b->len == 48);
		must(b->value >= data + 37 + 8 && b->value + b->len <= data + size - 96 - 34);
		seen[b->index] = true;
		sum += 7u + b->len;
	}
	must(sum <= size);
}

static void
judge(const struct tsm_measurements *m)
{
	static struct steer_tsm_verdict v;
	static struct judge j;

	v.nb_checks = 0;
	v.code = STEER_TSM_OK;
	j.p = &policy;
	j.v = &v;
	j.has_measurements = true;
	j.measurements = *m;
	judge_measurements(&j);
	must(v.code == STEER_TSM_OK || v.code == STEER_TSM_DIGEST_MISMATCH);
	must(v.nb_checks >= 1 && v.nb_checks <= JUDGE_MEASUREMENT_ROOM);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tsm_measurements m;
	char why[160] = "";
	int rc = tsm_measure_parse(data, size, &m, why, sizeof(why));

	must(rc == 0 || rc == -EPROTO || rc == -ENOTSUP);
	must(memchr(why, '\0', sizeof(why)) != NULL && (why[0] != '\0') == (rc != 0));
	if (rc != 0)
		return 0;
	must(m.nonce == data + 4 && m.slot <= 7 && m.signed_len + 96 == size);
	must(m.signature == data + m.signed_len);
	blocks(data, size, &m);
	judge(&m);
	return 0;
}
