/* SPDX-License-Identifier: BSD-3-Clause */

/* Words of the command line and the prompt, both ways. */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"

static const char *const fwd_names[FWD_MODES] = {
	[FWD_IO] = "io",         [FWD_MAC] = "mac",       [FWD_MACSWAP] = "macswap",
	[FWD_RXONLY] = "rxonly", [FWD_TXONLY] = "txonly",
};

static const char *const steering_names[] = {
	[STEERING_OFF] = "off",     [STEERING_RIGHT] = "right", [STEERING_WRONG] = "wrong",
	[STEERING_NO_ST] = "no-st", [STEERING_AUTO] = "auto",
};

static const char *const touch_names[] = {
	[TOUCH_NONE] = "none", [TOUCH_HEADER] = "header", [TOUCH_PAYLOAD] = "payload",
	[TOUCH_ALL] = "all",   [TOUCH_RW] = "rw",
};

static const char *const source_names[] = {
	[SOURCE_AUTO] = "auto", [SOURCE_ALL] = "all",       [SOURCE_MODEL] = "model",
	[SOURCE_PMU] = "pmu",   [SOURCE_TIMING] = "timing",
};

static int
find(const char *const *names, unsigned int n, const char *text)
{
	for (unsigned int i = 0; i < n; i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	return -EINVAL;
}

const char *
fwd_mode_name(enum fwd_mode mode)
{
	return fwd_names[mode];
}

int
fwd_mode_parse(const char *text)
{
	return find(fwd_names, FWD_MODES, text);
}

const char *
steering_name(enum steering s)
{
	return steering_names[s];
}

int
steering_parse(const char *text)
{
	return find(steering_names, STEERING_AUTO + 1, text);
}

int
source_choice_parse(const char *text)
{
	return find(source_names, SOURCE_TIMING + 1, text);
}

const char *
source_choice_name(enum source_choice s)
{
	return source_names[s];
}

int
number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	unsigned long long v;
	char *end;

	/* strtoull would take a sign, and wrap it */
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return -EINVAL;
	*value = v;
	return 0;
}

int
noise_parse(const char *text, struct noise_conf *noise)
{
	const char *at = strchr(text, '@');
	char mib_text[16];
	uint64_t mib, lcore;

	if (at == NULL || (size_t)(at - text) >= sizeof(mib_text))
		return -EINVAL;
	snprintf(mib_text, sizeof(mib_text), "%.*s", (int)(at - text), text);
	if (number_parse(mib_text, 1, 65536, &mib) != 0 ||
	    number_parse(at + 1, 0, 1023, &lcore) != 0)
		return -EINVAL;
	*noise = (struct noise_conf){.mib = mib, .lcore = lcore};
	return 0;
}

int
touch_parse(const char *text, struct touch *touch)
{
	static const char payload[] = "payload:";
	uint64_t n = 0;
	int kind;

	if (strncmp(text, payload, strlen(payload)) == 0) {
		if (number_parse(text + strlen(payload), 1, UINT16_MAX, &n) != 0)
			return -EINVAL;
		kind = TOUCH_PAYLOAD;
	} else {
		kind = find(touch_names, TOUCH_RW + 1, text);
		if (kind < 0 || kind == TOUCH_PAYLOAD)
			return -EINVAL;
	}
	*touch = (struct touch){.kind = kind, .payload = n};
	return 0;
}

const char *
touch_name(const struct touch *touch, char *buf, size_t len)
{
	if (touch->kind == TOUCH_PAYLOAD)
		snprintf(buf, len, "payload:%" PRIu32, touch->payload);
	else
		snprintf(buf, len, "%s", touch_names[touch->kind]);
	return buf;
}
