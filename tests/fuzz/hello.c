/* SPDX-License-Identifier: GPL-2.0-or-later
 * hello.c: any first bytes of a caller: which front end, where a registration text ends, how it is shown, what a record may say.
 * The cut into segments changes nothing. */
#include <string.h>
#include "server/wire/dtu-text.h"
#include "server/wire/gt3-handshake.h"
#include "server/wire/sniff.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* As soon as it is known it stays so, whatever follows. */
static void
sniff (const guint8 *data, gsize size)
{
  TilldSniff known = TILLD_SNIFF_MORE;

  for (gsize len = 1; len <= MIN (size, 40); len++)
    {
      TilldSniff kind = tilld_sniff (data, len);

      g_assert (kind < TILLD_SNIFF_KINDS && (known == TILLD_SNIFF_MORE || kind == known));
      g_assert (len < 3 || kind != TILLD_SNIFF_MORE);
      known = kind;
    }
  if (known == TILLD_SNIFF_GT3)
    g_assert (size < 3 || memcmp (data, "GT\1", 3) == 0);
}

static gsize
read_text (const guint8 *data, gsize size, gsize segment, TilldDtuText *ret, gboolean *ret_whole)
{
  gsize at = 0;

  memset (ret, 0, sizeof *ret);
  *ret_whole = FALSE;
  while (at < size && !*ret_whole)
    {
      gsize used = 0, n = MIN (segment, size - at);

      *ret_whole = tilld_dtu_text_feed (ret, data + at, n, &used);
      g_assert (used <= n && ret->len <= TILLD_DTU_TEXT_MAX && (*ret_whole || used == n));
      at += used;
    }
  return at;
}

static void
texts (const guint8 *data, gsize size)
{
  g_autofree char *word = g_strndup ((const char *) data, size);
  TilldDtuText     one, all, record;
  gboolean         one_whole, all_whole;
  char             shown[TILLD_DTU_SHOWN];
  gsize            a = read_text (data, size, 1, &one, &one_whole), b = read_text (data, size, MAX (size, 1), &all, &all_whole);

  g_assert (a == b && one_whole == all_whole && one.len == all.len && memcmp (one.bytes, all.bytes, one.len) == 0);
  tilld_dtu_text_trim (&one);
  g_assert (one.len <= all.len);
  tilld_dtu_text_show (data, size, shown);
  g_assert (strlen (shown) < TILLD_DTU_SHOWN);
  for (const char *c = shown; *c != '\0'; c++)
    g_assert (*c >= 0x20 && *c < 0x7f);
  /* What a record may hold is what a text can be: it comes through whole. */
  if (!tilld_dtu_registration_parse (word, &record, NULL))
    return;
  g_assert (record.len >= 1 && record.len <= TILLD_DTU_TEXT_MAX);
  read_text (record.bytes, record.len, 3, &one, &one_whole);
  tilld_dtu_text_trim (&one);
  g_assert (one.len == record.len && memcmp (one.bytes, record.bytes, record.len) == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  sniff (data, size);
  texts (data, size);
  if (size > 0 && tilld_gt3_hello_begins (data, MIN (size, TILLD_GT3_HELLO)))
    g_assert (tilld_sniff (data, size) == TILLD_SNIFF_GT3 || size < 3);
  return 0;
}
