/* SPDX-License-Identifier: GPL-2.0-or-later
 * sniff.h: the first bytes of a gateway that dials in tell which front end speaks. Pure. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_SNIFF_MORE, /* fits a row so far */
  TILLD_SNIFF_GT3,
  TILLD_SNIFF_TLS,
  TILLD_SNIFF_7B7B,
  TILLD_SNIFF_1F1F,
  TILLD_SNIFF_TEXT, /* registration text of a DTU: whatever fits no row */
  TILLD_SNIFF_KINDS
} TilldSniff;

TilldSniff  tilld_sniff (const guint8 *bytes, gsize len);
const char *tilld_sniff_word (TilldSniff kind); /* "gt3", "tls", "7b7b", "1f1f", "dtu"; "" for MORE */

G_END_DECLS
