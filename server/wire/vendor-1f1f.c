/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-1f1f.c: frames, cipher and inflation; the documents inside are read in vendor-1f1f-xml.c. */
#include "server/wire/vendor-1f1f.h"
#include <string.h>
#include <zlib.h>
#include "server/crypto/cipher.h"
#include "server/crypto/mac.h"
#include "server/wire/vendor-1f1f-xml.h"

void
tilld_1f1f_init (Tilld1f1fParser *parser)
{
  memset (parser, 0, sizeof *parser);
  parser->limit = TILLD_1F1F_CLEAR;
}

void
tilld_1f1f_clear (Tilld1f1fParser *parser)
{
  g_clear_pointer (&parser->data, g_free);
  parser->head_len = parser->data_len = parser->data_wanted = 0;
}

/* Byte by byte, so that a stranger is known at once. */
static gboolean
take_head (Tilld1f1fParser *parser, guint8 byte)
{
  guint64 length;

  parser->head[parser->head_len++] = byte;
  if (parser->head_len <= 2)
    return byte == 0x1f;
  if (parser->head_len < TILLD_1F1F_HEAD)
    return TRUE;
  length = (guint64) parser->head[3] << 24 | (guint64) parser->head[4] << 16 | (guint64) parser->head[5] << 8 | parser->head[6];
  if (length > parser->limit)
    return FALSE;
  parser->data_wanted = (guint) length;
  parser->data = g_malloc (MAX (parser->data_wanted, 1));
  return TRUE;
}

Tilld1f1fResult
tilld_1f1f_feed (Tilld1f1fParser *parser, const guint8 *bytes, gsize len, gsize *ret_used, Tilld1f1fFrame *ret_frame)
{
  gsize used = 0, take;

  *ret_used = 0;
  if (parser->head_len == TILLD_1F1F_HEAD && parser->data_len == parser->data_wanted)
    tilld_1f1f_clear (parser); /* the frame that was given out */
  while (used < len && parser->head_len < TILLD_1F1F_HEAD)
    if (!take_head (parser, bytes[used++]))
      return TILLD_1F1F_CLOSE;
  if (parser->head_len == TILLD_1F1F_HEAD)
    {
      take = MIN (len - used, parser->data_wanted - parser->data_len);
      if (take > 0)
        memcpy (parser->data + parser->data_len, bytes + used, take);
      parser->data_len += (guint) take;
      used += take;
    }
  *ret_used = used;
  if (parser->head_len < TILLD_1F1F_HEAD || parser->data_len < parser->data_wanted)
    return TILLD_1F1F_NEED_MORE;
  *ret_frame = (Tilld1f1fFrame){ parser->head[2], parser->data, parser->data_len };
  return TILLD_1F1F_FRAME;
}

gboolean
tilld_1f1f_hello_read (const Tilld1f1fFrame *frame, Tilld1f1fHello *ret_hello, GError **error)
{
  if (frame->type != TILLD_1F1F_VALIDATE)
    return till_fail (error, TILL_ERROR_INVALID, "a frame of type 01 is expected");
  return tilld_1f1f_xml_hello ((const char *) frame->data, frame->len, ret_hello, error);
}

/* Clear text into a new array; ends with a NUL that is not counted. */
static GByteArray *
decrypt (const Tilld1f1fFrame *frame, const guint8 *secret, GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_sized_new (frame->len + 1);
  gsize                  len;

  g_byte_array_append (text, frame->data, frame->len);
  if (!tilld_aes_decrypt (secret, secret, text->data, text->len, error))
    return NULL;
  if (!tilld_pkcs7_strip (text->data, text->len, TILLD_AES_BLOCK, &len))
    {
      till_fail (error, TILL_ERROR_INVALID, "the padding is none");
      return NULL;
    }
  text->data[len] = 0; /* strip took one byte at least */
  g_byte_array_set_size (text, (guint) len);
  return g_steal_pointer (&text);
}

/* At most TILLD_1F1F_INFLATED bytes come out, whatever goes in. */
static GByteArray *
inflate_all (const GByteArray *packed, GError **error)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8                 block[16384];
  z_stream               stream = { .next_in = packed->data, .avail_in = packed->len };
  int                    status = inflateInit (&stream);

  while (status == Z_OK && text->len <= TILLD_1F1F_INFLATED)
    {
      stream.next_out = block;
      stream.avail_out = sizeof block;
      status = inflate (&stream, Z_NO_FLUSH);
      g_byte_array_append (text, block, (guint) (sizeof block - stream.avail_out));
    }
  inflateEnd (&stream);
  if (text->len > TILLD_1F1F_INFLATED)
    till_fail (error, TILL_ERROR_TOO_LARGE, "more than 1 MiB comes out of the compressed data");
  else if (status != Z_STREAM_END || stream.avail_in > 0)
    till_fail (error, TILL_ERROR_INVALID, "the compressed data are broken");
  else
    return g_steal_pointer (&text);
  return NULL;
}

gboolean
tilld_1f1f_data_read (const Tilld1f1fFrame *frame, const guint8 secret[TILLD_1F1F_SECRET], GArray *ret_readings, GError **error)
{
  g_autoptr (GByteArray) text = decrypt (frame, secret, error);
  guint                  before = ret_readings->len;

  g_assert (frame->type == TILLD_1F1F_DATA || frame->type == TILLD_1F1F_DATA_ZIP);
  if (text != NULL && frame->type == TILLD_1F1F_DATA_ZIP)
    {
      GByteArray *inflated = inflate_all (text, error);

      g_byte_array_unref (text);
      text = inflated;
    }
  if (text == NULL)
    return FALSE;
  if (tilld_1f1f_xml_report ((const char *) text->data, text->len, ret_readings, error))
    return TRUE;
  g_array_set_size (ret_readings, before);
  return FALSE;
}

static gboolean
two_hex (const guint8 *at, guint8 *ret)
{
  int high = g_ascii_xdigit_value ((char) at[0]), low = g_ascii_xdigit_value ((char) at[1]);

  if (high < 0 || low < 0)
    return FALSE;
  *ret = (guint8) (high << 4 | low);
  return TRUE;
}

gboolean
tilld_1f1f_adu_read (const Tilld1f1fFrame *frame, const guint8 secret[TILLD_1F1F_SECRET], Tilld1f1fAdu *ret_adu, GError **error)
{
  g_autoptr (GByteArray) text = decrypt (frame, secret, error);
  Tilld1f1fAdu           adu = { 0 };
  char                   id[6] = "";

  if (text == NULL)
    return FALSE;
  if (text->len < 6 || text->data[5] != '|' || (text->len - 6) % 2 != 0 || (text->len - 6) / 2 < 4 || (text->len - 6) / 2 > sizeof adu.adu)
    return till_fail (error, TILL_ERROR_INVALID, "the text is not PPAAA|hex of a frame");
  memcpy (id, text->data, 5);
  if (!tilld_1f1f_meter_id (id, &adu.port, &adu.unit))
    return till_fail (error, TILL_ERROR_INVALID, "the meter is not PPAAA");
  adu.adu_len = (text->len - 6) / 2;
  for (guint i = 0; i < adu.adu_len; i++)
    if (!two_hex (text->data + 6 + 2 * i, &adu.adu[i]))
      return till_fail (error, TILL_ERROR_INVALID, "the frame is not hex");
  *ret_adu = adu;
  return TRUE;
}

void
tilld_1f1f_write (guint8 type, const guint8 *data, gsize len, GByteArray *ret)
{
  const guint8 head[TILLD_1F1F_HEAD] = { 0x1f, 0x1f, type, (guint8) (len >> 24), (guint8) (len >> 16), (guint8) (len >> 8), (guint8) len };

  g_byte_array_append (ret, head, sizeof head);
  g_byte_array_append (ret, data, (guint) len);
}

static void
write_sealed (guint8 type, const guint8 *secret, const guint8 *plain, gsize len, GByteArray *ret)
{
  g_autofree guint8 *data = g_malloc (len + TILLD_AES_BLOCK);
  gsize              padded;

  if (len > 0)
    memcpy (data, plain, len);
  padded = tilld_pkcs7_pad (data, len, TILLD_AES_BLOCK);
  if (!tilld_aes_encrypt (secret, secret, data, padded, NULL))
    g_assert_not_reached ();
  tilld_1f1f_write (type, data, padded, ret);
}

static void
write_document (guint8 type, const Tilld1f1fHello *hello, const char *word, const char *inner, GByteArray *ret)
{
  g_autofree char *text = g_markup_printf_escaped ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><root><common><building_id>%s</building_id>"
                                                   "<gateway_id>%s</gateway_id><type>%s</type></common>",
                                                   hello->building, hello->gateway, word);
  g_autofree char *whole = g_strconcat (text, inner, "</root>", NULL);

  tilld_1f1f_write (type, (const guint8 *) whole, strlen (whole), ret);
}

void
tilld_1f1f_hello_write (const Tilld1f1fHello *hello, GByteArray *ret)
{
  g_autofree char *inner = NULL;

  if (hello->step == TILLD_1F1F_REQUEST)
    inner = g_strdup ("<id_validate operation=\"request\" version=\"2\"/>");
  else if (hello->step == TILLD_1F1F_ASK)
    inner = g_markup_printf_escaped ("<id_validate operation=\"sequence\"><sequence>%s</sequence></id_validate>", hello->sequence);
  else if (hello->step == TILLD_1F1F_PROVE)
    inner = g_markup_printf_escaped ("<id_validate operation=\"md5\"><md5>%s</md5></id_validate>", hello->md5);
  else
    inner = g_strdup_printf ("<id_validate operation=\"result\"><result>%s</result></id_validate>", hello->passed ? "pass" : "fail");
  write_document (TILLD_1F1F_VALIDATE, hello, "id_validate", inner, ret);
}

void
tilld_1f1f_beat_write (const Tilld1f1fHello *hello, const char *local, GByteArray *ret)
{
  g_autofree char *inner = g_markup_printf_escaped ("<heart_beat operation=\"time\"><time>%s</time></heart_beat>", local);

  write_document (TILLD_1F1F_BEAT, hello, "heart_beat", inner, ret);
}

void
tilld_1f1f_adu_write (guint8 type, const guint8 secret[TILLD_1F1F_SECRET], const Tilld1f1fAdu *adu, GByteArray *ret)
{
  g_autofree char *hex = tilld_hex (adu->adu, adu->adu_len);
  g_autofree char *text = g_strdup_printf ("%02u%03u|%s", adu->port, adu->unit, hex);

  write_sealed (type, secret, (const guint8 *) text, strlen (text), ret);
}

void
tilld_1f1f_data_write (guint8 type, const guint8 secret[TILLD_1F1F_SECRET], const char *xml, GByteArray *ret)
{
  uLongf             packed_len = compressBound ((uLong) strlen (xml));
  g_autofree guint8 *packed = g_malloc (packed_len);

  if (type == TILLD_1F1F_DATA)
    {
      write_sealed (type, secret, (const guint8 *) xml, strlen (xml), ret);
      return;
    }
  if (compress (packed, &packed_len, (const Bytef *) xml, (uLong) strlen (xml)) != Z_OK)
    g_assert_not_reached ();
  write_sealed (type, secret, packed, packed_len, ret);
}

void
tilld_1f1f_sequence (char ret[TILLD_1F1F_SEQUENCE + 1])
{
  guint n = 0;

  while (n < TILLD_1F1F_SEQUENCE)
    {
      guint8 byte;

      tilld_random (&byte, 1);
      if (byte < 250) /* each digit as likely */
        ret[n++] = (char) ('0' + byte % 10);
    }
  ret[n] = '\0';
}

void
tilld_1f1f_md5 (const guint8 secret[TILLD_1F1F_SECRET], const char *sequence, char ret[TILLD_1F1F_MD5 + 1])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);

  g_checksum_update (sum, secret, TILLD_1F1F_SECRET);
  g_checksum_update (sum, (const guchar *) sequence, (gssize) strlen (sequence));
  g_strlcpy (ret, g_checksum_get_string (sum), TILLD_1F1F_MD5 + 1);
}

gboolean
tilld_1f1f_md5_check (const guint8 secret[TILLD_1F1F_SECRET], const char *sequence, const char *md5)
{
  char     wanted[TILLD_1F1F_MD5 + 1], given[TILLD_1F1F_MD5 + 1] = "";
  gboolean right;

  tilld_1f1f_md5 (secret, sequence, wanted);
  for (guint i = 0; i < TILLD_1F1F_MD5 && md5[i] != '\0'; i++)
    given[i] = g_ascii_tolower (md5[i]);
  right = tilld_equal (wanted, given, TILLD_1F1F_MD5);
  tilld_wipe (wanted, sizeof wanted);
  return right;
}
