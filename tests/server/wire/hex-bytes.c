/* SPDX-License-Identifier: GPL-2.0-or-later
 * hex-bytes.c: a character that is no hex is an error of the test. */
#include "tests/server/wire/hex-bytes.h"

GByteArray *
hex_bytes (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();
  int         high = -1;

  for (; *text != '\0'; text++)
    {
      int digit = g_ascii_xdigit_value (*text);
      guint8 byte;

      if (*text == ' ')
        continue;
      g_assert_cmpint (digit, >=, 0);
      if (high < 0)
        {
          high = digit;
          continue;
        }
      byte = (guint8) (high << 4 | digit);
      g_byte_array_append (bytes, &byte, 1);
      high = -1;
    }
  g_assert_cmpint (high, ==, -1);
  return bytes;
}

void
hex_assert (const guint8 *bytes, gsize len, const char *wanted)
{
  g_autoptr (GByteArray) right = hex_bytes (wanted);

  g_assert_cmpmem (bytes, len, right->data, right->len);
}
