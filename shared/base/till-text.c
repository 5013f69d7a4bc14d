/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-text.c: cleaning and checking of text that people type. */
#include "shared/base/till-text.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"

/* Characters that hide or turn what a reader sees: a name must look like what it is. */
static gboolean
is_refused (gunichar c, gboolean multiline)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
      return !(multiline && c == '\n');
    case G_UNICODE_FORMAT:
      return c != 0x200c && c != 0x200d; /* joiners are letters' business in some scripts */
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return TRUE;
    default:
      return FALSE;
    }
}

static char *
trim (const char *text)
{
  const char *from = text, *to;
  while (*from != '\0' && g_unichar_isspace (g_utf8_get_char (from)))
    from = g_utf8_next_char (from);
  to = from + strlen (from);
  while (to > from)
    {
      const char *previous = g_utf8_prev_char (to);
      if (!g_unichar_isspace (g_utf8_get_char (previous)))
        break;
      to = previous;
    }
  return g_strndup (from, (gsize) (to - from));
}

char *
till_text_clean (const char *text, gsize max_chars, gboolean multiline, GError **error)
{
  g_autofree char *trimmed = NULL, *normal = NULL;

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    {
      till_fail (error, TILL_ERROR_INVALID, "must be UTF-8 text");
      return NULL;
    }
  trimmed = trim (text);
  for (const char *at = trimmed; *at != '\0'; at = g_utf8_next_char (at))
    if (is_refused (g_utf8_get_char (at), multiline))
      {
        till_fail (error, TILL_ERROR_INVALID, "has a character that cannot be shown (U+%04X)", g_utf8_get_char (at));
        return NULL;
      }
  normal = g_utf8_normalize (trimmed, -1, G_NORMALIZE_NFC);
  if ((gsize) g_utf8_strlen (normal, -1) > max_chars)
    {
      till_fail (error, TILL_ERROR_INVALID, "has more than %" G_GSIZE_FORMAT " characters", max_chars);
      return NULL;
    }
  return g_steal_pointer (&normal);
}

gboolean
till_text_is_code (const char *text)
{
  gsize len = text != NULL ? strlen (text) : 0;
  if (len < 1 || len > 32)
    return FALSE;
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '.' && *at != '_' && *at != '-')
      return FALSE;
  return TRUE;
}

gboolean
till_text_is_phone (const char *text)
{
  gsize digits = 0;
  if (text == NULL)
    return FALSE;
  for (const char *at = text + (*text == '+'); *at != '\0'; at++, digits++)
    if (!g_ascii_isdigit (*at))
      return FALSE;
  return digits >= 5 && digits <= 20;
}

char *
till_text_mask_phone (const char *text)
{
  gsize len = strlen (text);
  gsize head = len >= 10 ? 3 : 0, tail = len >= 7 ? 4 : MIN (len, 2);
  GString *masked = g_string_new_len (text, (gssize) head);
  for (gsize i = head + tail; i < len; i++)
    g_string_append_c (masked, '*');
  g_string_append (masked, text + len - tail);
  return g_string_free (masked, FALSE);
}

gboolean
till_text_is_identity (const char *text)
{
  static const guint8 weights[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
  guint sum = 0;

  if (text == NULL || strlen (text) != 18)
    return FALSE;
  for (guint i = 0; i < 17; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      sum += (guint) (text[i] - '0') * weights[i];
    }
  return g_ascii_toupper (text[17]) == "10X98765432"[sum % 11];
}

char *
till_text_escape (const char *bytes, gssize len, gsize max_chars)
{
  gsize n = len < 0 ? strlen (bytes) : (gsize) len;
  const char *at = bytes, *end = bytes + n;
  GString *out = g_string_new (NULL);

  for (gsize chars = 0; at < end; chars++)
    {
      gunichar c = g_utf8_get_char_validated (at, end - at);
      if (chars == max_chars)
        {
          g_string_append (out, "…");
          break;
        }
      if (c == (gunichar) -1 || c == (gunichar) -2 || c < 0x20 || c == 0x7f)
        g_string_append_printf (out, "\\x%02X", (guint) (guchar) *at++);
      else
        {
          if (is_refused (c, FALSE))
            g_string_append_printf (out, "\\u{%X}", c);
          else
            g_string_append_unichar (out, c);
          at = g_utf8_next_char (at);
        }
    }
  return g_string_free (out, FALSE);
}

static const char *const big_digits[] = { "零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖" };

/* One group of four digits; *zero says that a 零 is owed before the next digit written. */
static void
append_group (GString *out, guint group, gboolean *zero)
{
  static const char *const places[] = { "仟", "佰", "拾", "" };
  guint divisor = 1000;
  for (int i = 0; i < 4; i++, divisor /= 10)
    {
      guint digit = group / divisor % 10;
      if (digit == 0)
        {
          *zero = TRUE;
          continue;
        }
      if (*zero && out->len > 0)
        g_string_append (out, big_digits[0]);
      *zero = FALSE;
      g_string_append_printf (out, "%s%s", big_digits[digit], places[i]);
    }
}

char *
till_text_amount_zh (gint64 amount)
{
  static const char *const units[] = { "万亿", "亿", "万", "" };
  gint64 divisor = G_GINT64_CONSTANT (1000000000000), whole = amount / TILL_MONEY_UNIT;
  guint jiao = (guint) (amount / 1000 % 10), fen = (guint) (amount / 100 % 10);
  GString *out = g_string_new (NULL);
  gboolean zero = FALSE;

  g_assert (amount >= 0 && amount <= TILL_MONEY_MAX && till_money_is_whole_fen (amount));
  for (int i = 0; i < 4; i++, divisor /= 10000)
    {
      guint group = (guint) (whole / divisor % 10000);
      append_group (out, group, &zero);
      if (group != 0)
        g_string_append (out, units[i]);
    }
  if (whole != 0)
    g_string_append (out, "元");
  else if (jiao == 0 && fen == 0)
    g_string_append (out, "零元");
  if (jiao != 0)
    g_string_append_printf (out, "%s角", big_digits[jiao]);
  else if (fen != 0 && whole != 0)
    g_string_append (out, big_digits[0]);
  if (fen != 0)
    g_string_append_printf (out, "%s分", big_digits[fen]);
  else
    g_string_append (out, "整");
  return g_string_free (out, FALSE);
}

gboolean
till_set_str (char **field, const char *value)
{
  char *copy;
  if (g_strcmp0 (*field, value) == 0)
    return FALSE;
  copy = g_strdup (value); /* value may point into *field */
  g_free (*field);
  *field = copy;
  return TRUE;
}
