/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-id.h: UUIDs made by the caller: time-ordered (RFC 9562 version 7), canonical lower-case text. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct { guint8 bytes[16]; } TillId;

#define TILL_ID_TEXT 37
#define TILL_ID_NIL ((TillId){ { 0 } })

void        till_id_new (TillId *ret, gint64 unix_ms); /* random part from the system generator */
gboolean    till_id_parse (const char *text, TillId *ret, GError **error); /* canonical 8-4-4-4-12, any version, not nil */
const char *till_id_print (const TillId *id, char buf[TILL_ID_TEXT]);
gboolean    till_id_equal (gconstpointer a, gconstpointer b); /* TillId* */
guint       till_id_hash (gconstpointer id);
gboolean    till_id_is_nil (const TillId *id);

G_END_DECLS
