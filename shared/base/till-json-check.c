/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-json-check.c: one pass, no recursion, no allocation per value. Doubled keys are found by the hash of the decoded key
 * ("a" and "\u0061" are the same member): a collision refuses a document, it never lets one pass. */
#include "shared/base/till-json-check.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-text.h"

#define MEMBERS_MAX  1024 /* of one object: bounds the search for doubles */
#define EXPONENT_MAX 307  /* every number below 10^308 is a finite double */

typedef struct {
  gboolean      is_object;
  guint         keys_at; /* index in keys of this object's first key */
  const guint8 *key;     /* raw bytes of the member being read */
  gsize         key_len;
  guint         index;   /* array element being read */
} Frame;

typedef struct {
  const guint8 *start, *at, *end;
  Frame         frames[TILL_JSON_DEPTH_MAX];
  guint         depth;
  GArray       *keys; /* guint64 hashes of the open objects' keys, innermost last */
  GError      **error;
} Check;

static char *
member_path (const Check *check)
{
  GString *path = g_string_new (NULL);
  for (guint i = 0; i < check->depth; i++)
    {
      const Frame *frame = &check->frames[i];
      if (!frame->is_object)
        g_string_append_printf (path, "[%u]", frame->index);
      else if (frame->key != NULL)
        {
          g_autofree char *key = till_text_escape ((const char *) frame->key, (gssize) frame->key_len, 40);
          g_string_append_printf (path, "%s%s", path->len > 0 ? "." : "", key);
        }
    }
  return g_string_free (path, FALSE);
}

static gboolean
refuse (Check *check, const char *reason)
{
  g_autofree char *path = member_path (check);
  gsize offset = (gsize) (check->at - check->start);
  if (*path != '\0')
    till_fail (check->error, TILL_ERROR_INVALID, "JSON at byte %" G_GSIZE_FORMAT " (%s): %s", offset, path, reason);
  else
    till_fail (check->error, TILL_ERROR_INVALID, "JSON at byte %" G_GSIZE_FORMAT ": %s", offset, reason);
  return FALSE;
}

static int
peek (const Check *check)
{
  return check->at < check->end ? *check->at : -1;
}

static void
skip_space (Check *check)
{
  while (check->at < check->end && (*check->at == ' ' || *check->at == '\t' || *check->at == '\n' || *check->at == '\r'))
    check->at++;
}

static void
hash_byte (guint64 *hash, guint8 byte)
{
  *hash = (*hash ^ byte) * G_GUINT64_CONSTANT (1099511628211);
}

static void
hash_char (guint64 *hash, gunichar c)
{
  char utf8[6];
  int len = g_unichar_to_utf8 (c, utf8);
  for (int i = 0; i < len; i++)
    hash_byte (hash, (guint8) utf8[i]);
}

/* Four digits after "\u". */
static gboolean
take_hex4 (Check *check, gunichar *ret)
{
  gunichar value = 0;
  if (check->end - check->at < 4)
    return refuse (check, "the text ends inside an escape");
  for (int i = 0; i < 4; i++, check->at++)
    {
      int digit = g_ascii_xdigit_value ((char) *check->at);
      if (digit < 0)
        return refuse (check, "\\u needs four hexadecimal digits");
      value = value << 4 | (gunichar) digit;
    }
  *ret = value;
  return TRUE;
}

/* After "\u": one character, or a pair of surrogates. */
static gboolean
take_unicode_escape (Check *check, guint64 *hash)
{
  gunichar c, low;
  if (!take_hex4 (check, &c))
    return FALSE;
  if (c == 0)
    return refuse (check, "NUL is not allowed in text");
  if (c >= 0xdc00 && c <= 0xdfff)
    return refuse (check, "lone surrogate");
  if (c >= 0xd800 && c <= 0xdbff)
    {
      if (check->end - check->at < 2 || check->at[0] != '\\' || check->at[1] != 'u')
        return refuse (check, "lone surrogate");
      check->at += 2;
      if (!take_hex4 (check, &low))
        return FALSE;
      if (low < 0xdc00 || low > 0xdfff)
        return refuse (check, "lone surrogate");
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  hash_char (hash, c);
  return TRUE;
}

static gboolean
take_escape (Check *check, guint64 *hash)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  const char *found;

  check->at++; /* the backslash */
  if (check->at >= check->end)
    return refuse (check, "the text ends inside an escape");
  if (*check->at == 'u')
    {
      check->at++;
      return take_unicode_escape (check, hash);
    }
  found = *check->at != '\0' ? strchr (from, *check->at) : NULL;
  if (found == NULL)
    return refuse (check, "unknown escape");
  hash_byte (hash, (guint8) to[found - from]);
  check->at++;
  return TRUE;
}

/* check->at stands on the opening quote. UTF-8 as a whole was validated before. */
static gboolean
take_string (Check *check, guint64 *ret_hash)
{
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);

  check->at++;
  while (check->at < check->end)
    {
      guint8 byte = *check->at;
      if (byte == '"')
        {
          check->at++;
          *ret_hash = hash;
          return TRUE;
        }
      if (byte < 0x20)
        return refuse (check, "control character in text");
      if (byte != '\\')
        {
          hash_byte (&hash, byte);
          check->at++;
        }
      else if (!take_escape (check, &hash))
        return FALSE;
    }
  return refuse (check, "text without its closing quote");
}

static gboolean
take_digits (Check *check)
{
  const guint8 *from = check->at;
  while (check->at < check->end && g_ascii_isdigit ((char) *check->at))
    check->at++;
  return check->at > from;
}

static gboolean
fits_int64 (const guint8 *digits, gsize n, gboolean negative)
{
  guint64 value = 0, limit = negative ? (guint64) G_MAXINT64 + 1 : (guint64) G_MAXINT64;
  for (gsize i = 0; i < n; i++)
    {
      guint64 digit = (guint64) (digits[i] - '0');
      if (value > (limit - digit) / 10)
        return FALSE;
      value = value * 10 + digit;
    }
  return TRUE;
}

static gboolean
take_exponent (Check *check, gint64 *ret)
{
  gint64 value = 0;
  gboolean negative = FALSE;

  check->at++; /* e */
  if (peek (check) == '+' || peek (check) == '-')
    negative = *check->at++ == '-';
  const guint8 *from = check->at;
  if (!take_digits (check))
    return refuse (check, "digits are missing in the exponent");
  for (; from < check->at; from++)
    value = MIN (value * 10 + (*from - '0'), 100000);
  *ret = negative ? -value : value;
  return TRUE;
}

/* Power of ten of the first digit that is not zero. */
static gint64
leading_power (const guint8 *whole, gsize whole_n, const guint8 *fraction, gsize fraction_n)
{
  for (gsize i = 0; i < whole_n; i++)
    if (whole[i] != '0')
      return (gint64) (whole_n - i) - 1;
  for (gsize i = 0; i < fraction_n; i++)
    if (fraction[i] != '0')
      return -(gint64) i - 1;
  return G_MININT32;
}

static gboolean
take_number (Check *check)
{
  const guint8 *whole, *fraction = NULL;
  gsize whole_n, fraction_n = 0;
  gboolean negative = peek (check) == '-', integer = TRUE;
  gint64 exponent = 0;

  if (negative)
    check->at++;
  whole = check->at;
  if (!take_digits (check))
    return refuse (check, "not a value");
  whole_n = (gsize) (check->at - whole);
  if (whole[0] == '0' && whole_n > 1)
    return refuse (check, "numbers have no leading zeros");
  if (peek (check) == '.')
    {
      integer = FALSE;
      fraction = ++check->at;
      if (!take_digits (check))
        return refuse (check, "digits are missing after the decimal point");
      fraction_n = (gsize) (check->at - fraction);
    }
  if (peek (check) == 'e' || peek (check) == 'E')
    {
      integer = FALSE;
      if (!take_exponent (check, &exponent))
        return FALSE;
    }
  if (integer ? !fits_int64 (whole, whole_n, negative)
              : leading_power (whole, whole_n, fraction, fraction_n) + exponent > EXPONENT_MAX)
    return refuse (check, "the number is out of range");
  return TRUE;
}

static gboolean
take_word (Check *check, const char *word)
{
  gsize len = strlen (word);
  if ((gsize) (check->end - check->at) < len || memcmp (check->at, word, len) != 0)
    return refuse (check, "not a value");
  check->at += len;
  return TRUE;
}

/* "name" : up to the value. */
static gboolean
take_key (Check *check)
{
  Frame *frame = &check->frames[check->depth - 1];
  guint64 hash;

  skip_space (check);
  if (peek (check) != '"')
    return refuse (check, "a member name in quotes is missing");
  const guint8 *from = check->at + 1;
  if (!take_string (check, &hash))
    return FALSE;
  frame->key = from;
  frame->key_len = (gsize) (check->at - 1 - from);
  for (guint i = frame->keys_at; i < check->keys->len; i++)
    if (g_array_index (check->keys, guint64, i) == hash)
      return refuse (check, "the member stands twice");
  if (check->keys->len - frame->keys_at >= MEMBERS_MAX)
    return refuse (check, "too many members in one object");
  g_array_append_val (check->keys, hash);
  skip_space (check);
  if (peek (check) != ':')
    return refuse (check, "a colon is missing");
  check->at++;
  return TRUE;
}

/* Opens a container; *ret_done when it is empty and closed again. */
static gboolean
open_container (Check *check, gboolean *ret_done)
{
  gboolean is_object = *check->at == '{';

  if (check->depth == TILL_JSON_DEPTH_MAX)
    return refuse (check, "nested too deeply");
  check->frames[check->depth++] = (Frame){ .is_object = is_object, .keys_at = check->keys->len };
  check->at++;
  skip_space (check);
  *ret_done = peek (check) == (is_object ? '}' : ']');
  if (*ret_done)
    {
      check->at++;
      check->depth--;
    }
  else if (is_object)
    return take_key (check);
  return TRUE;
}

/* One scalar, or the opening of a container; *ret_done when the value is complete. */
static gboolean
take_value (Check *check, gboolean *ret_done)
{
  guint64 ignored;

  skip_space (check);
  *ret_done = TRUE;
  switch (peek (check))
    {
    case '{':
    case '[':
      return open_container (check, ret_done);
    case '"':
      return take_string (check, &ignored);
    case 't':
      return take_word (check, "true");
    case 'f':
      return take_word (check, "false");
    case 'n':
      return take_word (check, "null");
    case -1:
      return refuse (check, "the document ends too early");
    default:
      return take_number (check);
    }
}

/* After a complete value: closes containers or steps to the next element; *ret_more when a value follows. */
static gboolean
after_value (Check *check, gboolean *ret_more)
{
  *ret_more = FALSE;
  while (check->depth > 0)
    {
      Frame *frame = &check->frames[check->depth - 1];
      skip_space (check);
      if (peek (check) == ',')
        {
          check->at++;
          *ret_more = TRUE;
          frame->index++;
          return !frame->is_object || take_key (check);
        }
      if (peek (check) != (frame->is_object ? '}' : ']'))
        return refuse (check, check->at < check->end ? "a comma or the end is missing" : "the document ends too early");
      check->at++;
      g_array_set_size (check->keys, frame->keys_at);
      check->depth--;
    }
  return TRUE;
}

gboolean
till_json_check (const char *bytes, gssize len, gsize max_len, GError **error)
{
  gsize n = len < 0 ? strlen (bytes) : (gsize) len;
  g_autoptr (GArray) keys = g_array_sized_new (FALSE, FALSE, sizeof (guint64), 64);
  Check check = { (const guint8 *) bytes, (const guint8 *) bytes, (const guint8 *) bytes + n, { { 0 } }, 0, keys, error };
  gboolean more = TRUE, done;
  const char *valid_to;

  if (n > max_len)
    return till_fail (error, TILL_ERROR_TOO_LARGE, "JSON of %" G_GSIZE_FORMAT " bytes, at most %" G_GSIZE_FORMAT, n, max_len);
  if (!g_utf8_validate (bytes, (gssize) n, &valid_to))
    {
      check.at = (const guint8 *) valid_to;
      return refuse (&check, *valid_to == '\0' ? "NUL is not allowed" : "not UTF-8");
    }
  while (more)
    {
      if (!take_value (&check, &done) || (done && !after_value (&check, &more)))
        return FALSE;
    }
  skip_space (&check);
  if (check.at < check.end)
    return refuse (&check, "bytes after the end of the document");
  return TRUE;
}

JsonNode *
till_json_parse (const char *bytes, gssize len, gsize max_len, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local = NULL;

  if (!till_json_check (bytes, len, max_len, error))
    return NULL;
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, bytes, len, &local))
    {
      till_fail (error, TILL_ERROR_INVALID, "JSON: %s", local->message);
      return NULL;
    }
  return json_parser_steal_root (parser);
}
