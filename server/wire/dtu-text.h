/* SPDX-License-Identifier: GPL-2.0-or-later
 * dtu-text.h: registration text of a DTU: where it ends, what is compared, how a record writes it. Pure. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_DTU_TEXT_MAX 64
#define TILLD_DTU_SHOWN    65 /* escaped and cut, with NUL */

typedef struct {
  guint8 bytes[TILLD_DTU_TEXT_MAX];
  guint  len;
} TilldDtuText;

/* Takes bytes until the text is whole: CR, LF, NUL (taken too), or 64 bytes. FALSE: more may come; the caller ends it after 300 ms of
 * silence. */
gboolean tilld_dtu_text_feed (TilldDtuText *text, const guint8 *bytes, gsize len, gsize *ret_used);
/* Cuts surrounding blanks. */
void     tilld_dtu_text_trim (TilldDtuText *text);
/* A registration of a gateway record: text, or 0x and hex. INVALID: empty, longer than 64 bytes, no such hex, or bytes by which it could
 * never be recognised: a blank at an end, a byte that ends it, the beginning of another front end. */
gboolean tilld_dtu_registration_parse (const char *word, TilldDtuText *ret, GError **error);
/* Bytes for people: printable ASCII as it is, the rest as \xNN, cut to 64 characters. */
void     tilld_dtu_text_show (const guint8 *bytes, gsize len, char ret[TILLD_DTU_SHOWN]);

G_END_DECLS
