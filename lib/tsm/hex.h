/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef TSM_HEX_H
#define TSM_HEX_H

#include <stddef.h>
#include <stdint.h>

/* text has room for 2 * len + 1. */
static inline void
tsm_hex(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * len] = '\0';
}

#endif /* TSM_HEX_H */
