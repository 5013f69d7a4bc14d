/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-frame.c: heads, checksums, the weak cipher, the little XML of the vendor's gateways. */
#include "tests/simulator/vendor-frame.h"
#include <gio/gio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include "tests/simulator/slave.h"

#define BLOCK 16

gsize
sim_7b_wrap (guint8 cmd, const guint8 *payload, gsize n, guint8 *frame)
{
  guint16 crc;

  frame[0] = frame[1] = 0x7b;
  frame[2] = cmd;
  if (n > 0)
    memcpy (frame + 3, payload, n);
  crc = sim_crc16 (frame + 2, n + 1);
  frame[n + 3] = (guint8) crc;
  frame[n + 4] = (guint8) (crc >> 8);
  frame[n + 5] = frame[n + 6] = 0x7d;
  return n + 7;
}

static gboolean
ends_at (const guint8 *bytes, gsize end)
{
  guint16 crc;

  if (bytes[end] != 0x7d || bytes[end + 1] != 0x7d)
    return FALSE;
  crc = sim_crc16 (bytes + 2, end - 4);
  return bytes[end - 2] == (guint8) crc && bytes[end - 1] == (guint8) (crc >> 8);
}

gsize
sim_7b_next (const guint8 *bytes, gsize n, Sim7b *ret)
{
  *ret = (Sim7b){ 0 };
  if (n < 2)
    return n == 1 && bytes[0] != 0x7b ? 1 : 0;
  if (bytes[0] != 0x7b || bytes[1] != 0x7b)
    return 1;
  for (gsize end = 5; end + 1 < MIN (n, SIM_7B_MAX); end++)
    if (ends_at (bytes, end))
      {
        *ret = (Sim7b){ bytes[2], bytes + 3, end - 5 };
        return end + 2;
      }
  return n >= SIM_7B_MAX ? 1 : 0;
}

void
sim_1f_head (guint8 type, gsize n, guint8 ret[SIM_1F_HEAD])
{
  ret[0] = ret[1] = 0x1f;
  ret[2] = type;
  for (guint i = 0; i < 4; i++)
    ret[3 + i] = (guint8) (n >> (24 - 8 * i));
}

/* In place; n is whole blocks. */
static gboolean
run_cipher (const char *secret, gboolean encrypt, guint8 *bytes, gsize n)
{
  gnutls_datum_t     key = { (guint8 *) secret, SIM_1F_SECRET }, iv = key;
  gnutls_cipher_hd_t cipher;
  int                code = gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_CBC, &key, &iv);

  if (code != 0)
    return FALSE;
  code = encrypt ? gnutls_cipher_encrypt (cipher, bytes, n) : gnutls_cipher_decrypt (cipher, bytes, n);
  gnutls_cipher_deinit (cipher);
  return code == 0;
}

GBytes *
sim_1f_encrypt (const char *secret, const guint8 *text, gsize n)
{
  guint8  pad = (guint8) (BLOCK - n % BLOCK);
  guint8 *bytes = g_malloc (n + pad);

  memcpy (bytes, text, n);
  memset (bytes + n, pad, pad);
  g_assert (run_cipher (secret, TRUE, bytes, n + pad));
  return g_bytes_new_take (bytes, n + pad);
}

GBytes *
sim_1f_decrypt (const char *secret, const guint8 *bytes, gsize n)
{
  g_autofree guint8 *text = NULL;
  guint8             pad;

  if (n == 0 || n % BLOCK != 0)
    return NULL;
  text = g_memdup2 (bytes, n);
  if (!run_cipher (secret, FALSE, text, n) || (pad = text[n - 1]) < 1 || pad > BLOCK)
    return NULL;
  for (guint i = 1; i <= pad; i++)
    if (text[n - i] != pad)
      return NULL;
  return g_bytes_new (text, n - pad);
}

GBytes *
sim_1f_deflate (const char *text, gsize n)
{
  g_autoptr (GZlibCompressor) zlib = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1);
  gsize                       room = n + n / 100 + 64, read = 0, written = 0;
  guint8                     *bytes = g_malloc (room);

  g_assert (g_converter_convert (G_CONVERTER (zlib), text, n, bytes, room, G_CONVERTER_INPUT_AT_END, &read, &written, NULL) == G_CONVERTER_FINISHED);
  return g_bytes_new_take (bytes, written);
}

typedef struct { const char *wanted; gboolean inside; char *found; } Search;

static void
element_begins (GMarkupParseContext *context, const char *name, const char **names, const char **values, gpointer data, GError **error)
{
  Search *search = data;

  search->inside = !search->found && strcmp (name, search->wanted) == 0;
}

static void
element_text (GMarkupParseContext *context, const char *text, gsize n, gpointer data, GError **error)
{
  Search *search = data;

  if (search->inside && !search->found)
    search->found = g_strstrip (g_strndup (text, n));
}

static void
element_ends (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  ((Search *) data)->inside = FALSE;
}

char *
sim_1f_element (const char *xml, gsize n, const char *name)
{
  static const GMarkupParser     parser = { element_begins, element_ends, element_text, NULL, NULL };
  Search                         search = { name, FALSE, NULL };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &search, NULL);

  if (g_markup_parse_context_parse (context, xml, (gssize) n, NULL) && g_markup_parse_context_end_parse (context, NULL))
    return search.found;
  g_free (search.found);
  return NULL;
}
