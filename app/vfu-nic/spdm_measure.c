/* SPDX-License-Identifier: BSD-3-Clause */

/* GET_MEASUREMENTS of all blocks, signed (DSP0274 1.2, 10.11), and what the device measures. */

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "spdm.h"

#define ASK_SIGNATURE 1u
#define ASK_RAW       2u
#define ALL           0xffu
#define VALUE_RAW     0x80u
#define BLOCK_HEAD    7u /* index, specification, size 2, type, size 2 */
#define RSP_HEAD      8u

/* What is measured: text that everybody can hash. Types: DSP0274, DMTFSpecMeasurementValueType. */
static const struct {
	uint8_t type;
	bool digest; /* unless values are asked for */
	const char *value;
} blocks[SPDM_BLOCKS] = {
	{0, true, "vfu-nic simulated rom 1"},
	{1, true, "vfu-nic simulated firmware 1"},
	{2, true, "vfu-nic simulated hardware 1"},
	{3, false, "vfu-nic simulated configuration 1"},
};
static const char other_firmware[] = "vfu-nic simulated firmware 2";

static uint32_t
put_request(uint8_t *p, const struct spdm_ask *ask)
{
	memset(p, 0, SPDM_REQUEST_LEN);
	p[0] = SPDM_VERSION_1_2;
	p[1] = SPDM_GET_MEASUREMENTS;
	p[2] = (uint8_t)(ASK_SIGNATURE | (ask->raw ? ASK_RAW : 0));
	p[3] = ALL;
	memcpy(p + 4, ask->nonce, TSM_NONCE_LEN);
	return SPDM_REQUEST_LEN; /* slot 0 */
}

static int
put_block(uint8_t *p, unsigned int i, const struct spdm_ask *ask)
{
	const char *value = i == 1 && ask->other_firmware ? other_firmware : blocks[i].value;
	const bool digest = blocks[i].digest && !ask->raw;
	const size_t n = digest ? TSM_DIGEST_LEN : strlen(value);

	p[0] = (uint8_t)(i + 1);
	p[1] = SPDM_MEAS_SPEC_DMTF;
	p[2] = (uint8_t)(n + 3);
	p[3] = 0;
	p[4] = (uint8_t)(blocks[i].type | (digest ? 0 : VALUE_RAW));
	p[5] = (uint8_t)n;
	p[6] = 0;
	if (digest && spdm_digest(value, strlen(value), p + BLOCK_HEAD) < 0)
		return -EIO;
	if (!digest)
		memcpy(p + BLOCK_HEAD, value, n);
	return (int)(BLOCK_HEAD + n);
}

/* The response up to its signature. */
static int
put_response(uint8_t *p, const struct spdm_ask *ask)
{
	uint32_t record = 0;
	unsigned int i;
	int n;

	for (i = 0; i < SPDM_BLOCKS; i++) {
		n = put_block(p + RSP_HEAD + record, i, ask);
		if (n < 0)
			return n;
		record += (uint32_t)n;
	}
	p[0] = SPDM_VERSION_1_2;
	p[1] = SPDM_MEASUREMENTS;
	p[2] = 0;
	p[3] = 0; /* slot 0 */
	p[4] = SPDM_BLOCKS;
	p[5] = (uint8_t)record;
	p[6] = (uint8_t)(record >> 8);
	p[7] = 0;
	p += RSP_HEAD + record;
	if (getrandom(p, TSM_NONCE_LEN, 0) != (ssize_t)TSM_NONCE_LEN)
		return -EIO;
	memset(p + TSM_NONCE_LEN, 0, 2); /* no opaque data */
	return (int)(RSP_HEAD + record + TSM_NONCE_LEN + 2);
}

int
spdm_measurements(const struct spdm_id *id, const struct spdm_ask *ask, uint8_t *out)
{
	uint8_t transcript[SPDM_VCA_LEN + SPDM_MEAS_MAX];
	const uint32_t skip = ask->without_vca ? SPDM_VCA_LEN : 0;
	uint32_t len;
	int n;

	len = put_request(out, ask);
	n = put_response(out + len, ask);
	if (n < 0)
		return n;
	len += (uint32_t)n;
	spdm_vca(transcript);
	memcpy(transcript + SPDM_VCA_LEN, out, len);
	if (spdm_sign(id, transcript + skip, SPDM_VCA_LEN + len - skip, out + len) < 0)
		return -EIO;
	return (int)(len + SPDM_SIG_LEN);
}
