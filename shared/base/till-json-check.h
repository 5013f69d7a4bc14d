/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-json-check.h: strict RFC 8259 pre-check, one pass over the bytes, before json-glib may see them: json-glib alone
 * takes 2^63 as negative, octal, doubled keys, trailing bytes, and dies on deep nesting. */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TILL_JSON_DEPTH_MAX 16

/* INVALID with byte offset and member path, or TOO_LARGE. Checks UTF-8, depth, doubled keys, NUL (also \u0000), lone
 * surrogates, numbers outside int64/double range, trailing bytes. len < 0: NUL-terminated. */
gboolean  till_json_check (const char *bytes, gssize len, gsize max_len, GError **error);
/* check, then json-glib. Caller owns the node. */
JsonNode *till_json_parse (const char *bytes, gssize len, gsize max_len, GError **error);

G_END_DECLS
