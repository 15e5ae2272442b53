/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef TSM_JSON_TEXT_H
#define TSM_JSON_TEXT_H

#include <jansson.h>

/* Text of an object, malloc'ed, and the object's end. NULL without memory, also of NULL. */
char *tsm_json_text(json_t *root);

#endif /* TSM_JSON_TEXT_H */
