/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-id.c: version 7 UUIDs. The clock is the caller's; the random part is the system generator's. */
#include "shared/base/till-id.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include "shared/base/till-error.h"

static void
fill_random (guint8 *bytes, gsize len)
{
  while (len > 0)
    {
      gssize n = getrandom (bytes, len, 0);
      if (n < 0 && errno == EINTR)
        continue;
      g_assert (n > 0); /* the kernel's generator cannot fail once it is seeded */
      bytes += n;
      len -= (gsize) n;
    }
}

void
till_id_new (TillId *ret, gint64 unix_ms)
{
  g_assert (unix_ms >= 0);
  fill_random (ret->bytes + 6, 10);
  for (int i = 0; i < 6; i++)
    ret->bytes[i] = (guint8) (unix_ms >> (8 * (5 - i)));
  ret->bytes[6] = (guint8) (0x70 | (ret->bytes[6] & 0x0f));
  ret->bytes[8] = (guint8) (0x80 | (ret->bytes[8] & 0x3f));
}

gboolean
till_id_parse (const char *text, TillId *ret, GError **error)
{
  TillId id;
  guint n = 0;

  if (text == NULL || strlen (text) != TILL_ID_TEXT - 1)
    return till_fail (error, TILL_ERROR_INVALID, "a UUID has 36 characters");
  for (guint i = 0; i < TILL_ID_TEXT - 1;)
    {
      if (i == 8 || i == 13 || i == 18 || i == 23)
        {
          if (text[i++] != '-')
            return till_fail (error, TILL_ERROR_INVALID, "not a UUID");
          continue;
        }
      int high = g_ascii_xdigit_value (text[i]), low = g_ascii_xdigit_value (text[i + 1]);
      if (high < 0 || low < 0 || g_ascii_isupper (text[i]) || g_ascii_isupper (text[i + 1]))
        return till_fail (error, TILL_ERROR_INVALID, "a UUID has lower-case hexadecimal digits");
      id.bytes[n++] = (guint8) (high << 4 | low);
      i += 2;
    }
  if (till_id_is_nil (&id))
    return till_fail (error, TILL_ERROR_INVALID, "the nil UUID names nothing");
  *ret = id;
  return TRUE;
}

const char *
till_id_print (const TillId *id, char buf[TILL_ID_TEXT])
{
  const guint8 *b = id->bytes;
  g_snprintf (buf, TILL_ID_TEXT, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
              b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
  return buf;
}

gboolean
till_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (TillId)) == 0;
}

guint
till_id_hash (gconstpointer id)
{
  const TillId *value = id;
  guint32 hash;
  memcpy (&hash, value->bytes + 12, sizeof hash); /* the random end: the front of ids of one moment is equal */
  return hash;
}

gboolean
till_id_is_nil (const TillId *id)
{
  static const TillId nil;
  return memcmp (id, &nil, sizeof nil) == 0;
}
