/* SPDX-License-Identifier: GPL-2.0-or-later
 * greeting-keys.c: keys of a gateway record, unwrapped for the moment they are needed. */
#include <string.h>
#include "server/crypto/key-file.h"
#include "server/crypto/mac.h"
#include "server/field/field-private.h"
#include "server/field/greeting.h"

static gboolean
unwrap (TilldStation *station, const char *what, const guint8 *wrapped, guint wrapped_len, guint8 *ret, gsize len, GError **error)
{
  g_autofree char  *owner = g_strdup_printf ("gateway:%s", station->record.code);
  g_autoptr(GBytes) bytes = NULL;
  gboolean          fits;

  if (wrapped_len == 0 || station->field->options.keys == NULL)
    return till_fail (error, TILL_ERROR_INVALID, "gateway %s has no %s", station->record.code, what);
  bytes = tilld_key_file_unwrap (station->field->options.keys, owner, wrapped, wrapped_len, error);
  if (bytes == NULL)
    return FALSE;
  fits = g_bytes_get_size (bytes) == len;
  if (fits)
    memcpy (ret, g_bytes_get_data (bytes, NULL), len);
  tilld_wipe ((gpointer) g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return fits || till_fail (error, TILL_ERROR_INVALID, "the %s of gateway %s is not of %" G_GSIZE_FORMAT " bytes", what, station->record.code, len);
}

gboolean
tilld_greeting_master_key (TilldStation *station, guint8 ret_key[32], GError **error)
{
  return unwrap (station, "master key", station->record.master, station->record.master_len, ret_key, 32, error);
}

gboolean
tilld_greeting_vendor_secret (TilldStation *station, guint8 ret_secret[16], GError **error)
{
  return unwrap (station, "vendor secret", station->record.vendor, station->record.vendor_len, ret_secret, 16, error);
}
