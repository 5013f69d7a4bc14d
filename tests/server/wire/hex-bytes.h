/* SPDX-License-Identifier: GPL-2.0-or-later
 * hex-bytes.h: bytes of test vectors written as hex, blanks allowed. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

GByteArray *hex_bytes (const char *text); /* caller unrefs */
void        hex_assert (const guint8 *bytes, gsize len, const char *wanted);

G_END_DECLS
