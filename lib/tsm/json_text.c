/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdio.h>
#include <stdlib.h>

#include "json_text.h"

/*
 * Through a stream, whose error stays: json_dumps() does not look whether the name of a member had
 * room, and would leave it out.
 */
char *
tsm_json_text(json_t *root)
{
	char *text = NULL;
	size_t len;
	FILE *f = root == NULL ? NULL : open_memstream(&text, &len);
	int bad = -1;

	if (f != NULL) {
		bad = json_dumpf(root, f, JSON_INDENT(2)) < 0 || ferror(f);
		bad |= fclose(f) != 0;
	}
	json_decref(root);
	if (!bad)
		return text;
	free(text);
	return NULL;
}
