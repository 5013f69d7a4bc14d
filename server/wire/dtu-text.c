/* SPDX-License-Identifier: GPL-2.0-or-later
 * dtu-text.c: collects and compares registration texts. Knows no gateway. */
#include "server/wire/dtu-text.h"
#include <string.h>
#include "server/wire/sniff.h"
#include "shared/base/till-error.h"

static gboolean
ends_text (guint8 c)
{
  return c == '\r' || c == '\n' || c == '\0';
}

static gboolean
is_blank (guint8 c)
{
  return c == ' ' || c == '\t';
}

gboolean
tilld_dtu_text_feed (TilldDtuText *text, const guint8 *bytes, gsize len, gsize *ret_used)
{
  for (gsize i = 0; i < len; i++)
    {
      *ret_used = i + 1;
      if (ends_text (bytes[i]))
        {
          if (text->len > 0)
            return TRUE;
          continue; /* an empty line before it */
        }
      text->bytes[text->len++] = bytes[i];
      if (text->len == TILLD_DTU_TEXT_MAX)
        return TRUE;
    }
  *ret_used = len;
  return FALSE;
}

void
tilld_dtu_text_trim (TilldDtuText *text)
{
  guint first = 0;

  while (text->len > 0 && is_blank (text->bytes[text->len - 1]))
    text->len--;
  while (first < text->len && is_blank (text->bytes[first]))
    first++;
  text->len -= first;
  memmove (text->bytes, text->bytes + first, text->len);
}

static gboolean
parse_hex (const char *hex, TilldDtuText *ret)
{
  gsize n = strlen (hex);

  if (n == 0 || n % 2 != 0 || n > 2 * TILLD_DTU_TEXT_MAX)
    return FALSE;
  for (gsize i = 0; i < n; i += 2)
    {
      int high = g_ascii_xdigit_value (hex[i]), low = g_ascii_xdigit_value (hex[i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      ret->bytes[ret->len++] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

gboolean
tilld_dtu_registration_parse (const char *word, TilldDtuText *ret, GError **error)
{
  TilldDtuText text = { .len = 0 };
  gsize        n = strlen (word);

  if (g_str_has_prefix (word, "0x"))
    {
      if (!parse_hex (word + 2, &text))
        return till_fail (error, TILL_ERROR_INVALID, "after 0x come 2 to 128 hexadecimal digits, an even number of them");
    }
  else if (n == 0 || n > TILLD_DTU_TEXT_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "a registration has 1 to 64 bytes");
  else
    {
      memcpy (text.bytes, word, n);
      text.len = (guint) n;
    }
  if (is_blank (text.bytes[0]) || is_blank (text.bytes[text.len - 1]))
    return till_fail (error, TILL_ERROR_INVALID, "a registration neither begins nor ends with a blank");
  for (guint i = 0; i < text.len; i++)
    if (ends_text (text.bytes[i]))
      return till_fail (error, TILL_ERROR_INVALID, "a registration holds no CR, LF or NUL: they end it");
  if (tilld_sniff (text.bytes, text.len) != TILLD_SNIFF_TEXT && tilld_sniff (text.bytes, text.len) != TILLD_SNIFF_MORE)
    return till_fail (error, TILL_ERROR_INVALID, "these bytes begin another protocol (GT, TLS, 7b7b, 1f1f)");
  *ret = text;
  return TRUE;
}

void
tilld_dtu_text_show (const guint8 *bytes, gsize len, char ret[TILLD_DTU_SHOWN])
{
  gsize n = 0;

  for (gsize i = 0; i < len; i++)
    {
      gboolean plain = bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\';
      gsize    wanted = plain ? 1 : 4;

      if (n + wanted >= TILLD_DTU_SHOWN)
        break;
      if (plain)
        ret[n] = (char) bytes[i];
      else
        g_snprintf (ret + n, 5, "\\x%02x", bytes[i]);
      n += wanted;
    }
  ret[n] = '\0';
}
