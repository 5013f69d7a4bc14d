/* SPDX-License-Identifier: GPL-2.0-or-later
 * sniff.c: the table of first bytes. Looks at three bytes at most and never beyond what has arrived. */
#include "server/wire/sniff.h"

/* A byte of a row is a range. */
static const struct { TilldSniff kind; guint len; struct { guint8 low, high; } at[3]; } rows[] = {
  { TILLD_SNIFF_GT3, 3, { { 0x47, 0x47 }, { 0x54, 0x54 }, { 0x01, 0x01 } } },
  { TILLD_SNIFF_TLS, 3, { { 0x16, 0x16 }, { 0x03, 0x03 }, { 0x00, 0x04 } } },
  { TILLD_SNIFF_7B7B, 2, { { 0x7b, 0x7b }, { 0x7b, 0x7b } } },
  { TILLD_SNIFF_1F1F, 2, { { 0x1f, 0x1f }, { 0x1f, 0x1f } } },
};

TilldSniff
tilld_sniff (const guint8 *bytes, gsize len)
{
  if (len == 0)
    return TILLD_SNIFF_MORE;
  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      guint n = 0;

      while (n < rows[r].len && n < len && bytes[n] >= rows[r].at[n].low && bytes[n] <= rows[r].at[n].high)
        n++;
      if (n == rows[r].len)
        return rows[r].kind;
      if (n == len)
        return TILLD_SNIFF_MORE;
    }
  return TILLD_SNIFF_TEXT;
}

const char *
tilld_sniff_word (TilldSniff kind)
{
  static const char *const words[TILLD_SNIFF_KINDS] = { "", "gt3", "tls", "7b7b", "1f1f", "dtu" };

  g_return_val_if_fail (kind < TILLD_SNIFF_KINDS, "");
  return words[kind];
}
