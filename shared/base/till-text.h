/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-text.h: text that people type: names, phones, codes. Pure. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Valid UTF-8 -> trimmed, NFC; NULL with INVALID when it has control, bidi-override or unassigned characters or more
 * than max_chars characters. Line feeds are allowed when multiline. Caller frees. */
char    *till_text_clean (const char *text, gsize max_chars, gboolean multiline, GError **error);
gboolean till_text_is_code (const char *text);                 /* 1..32 of [A-Za-z0-9._-] */
gboolean till_text_is_phone (const char *text);                /* digits and leading +, 5..20 */
char    *till_text_mask_phone (const char *text);              /* "139****5566" */
gboolean till_text_is_identity (const char *text);             /* 18 characters with GB 11643 check digit */
/* At most n characters, escaped for logs and lists of strangers: control characters become \xNN. */
char    *till_text_escape (const char *bytes, gssize len, gsize max_chars);
/* Big-letter amount for receipts (GB convention), e.g. 壹佰元整; amount >= 0 whole fen. */
char    *till_text_amount_zh (gint64 amount);
/* Replaces *field, frees the old one; TRUE when it changed (g_set_str is GLib 2.76). */
gboolean till_set_str (char **field, const char *value);

G_END_DECLS
