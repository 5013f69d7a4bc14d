/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-vendor-1f1f.c: the published frame of the vendor's gateways, the greeting, reports, and what must be refused: lengths, bombs,
 * documents with more in them than a meter would write. */
#include <string.h>
#include <zlib.h>
#include "server/crypto/cipher.h"
#include "server/wire/vendor-1f1f.h"
#include "tests/lib/test-main.h"
#include "tests/server/wire/hex-bytes.h"

static const guint8 secret[16] = "0123456789abcdef";

static Tilld1f1fFrame
only_frame (Tilld1f1fParser *parser, const GByteArray *stream, gsize segment)
{
  Tilld1f1fFrame  frame = { 0 };
  Tilld1f1fResult result = TILLD_1F1F_NEED_MORE;

  for (gsize at = 0; at < stream->len;)
    {
      gsize used;

      g_assert_cmpint (result, ==, TILLD_1F1F_NEED_MORE);
      result = tilld_1f1f_feed (parser, stream->data + at, MIN (segment, stream->len - at), &used, &frame);
      at += used;
    }
  g_assert_cmpint (result, ==, TILLD_1F1F_FRAME);
  return frame;
}

static void
test_vector (void)
{
  g_autoptr (GByteArray) frame = g_byte_array_new (), rtu = hex_bytes ("1903030600022796");
  Tilld1f1fAdu           adu = { .port = 1, .unit = 25, .adu_len = 8 }, back;
  Tilld1f1fParser        parser;
  Tilld1f1fFrame         got;
  g_autoptr (GError)     error = NULL;

  memcpy (adu.adu, rtu->data, rtu->len);
  tilld_1f1f_adu_write (TILLD_1F1F_DOWN, secret, &adu, frame);
  hex_assert (frame->data, frame->len, "1f1ff1000000207649c35cd5a0655b4660077bd91ca2e4751f351f53167ae11ae21da094a170ba");
  for (gsize segment = 1; segment < 50; segment += 7)
    {
      tilld_1f1f_init (&parser);
      got = only_frame (&parser, frame, segment);
      g_assert_cmpuint (got.type, ==, TILLD_1F1F_DOWN);
      g_assert_true (tilld_1f1f_adu_read (&got, secret, &back, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (back.port, ==, 1);
      g_assert_cmpuint (back.unit, ==, 25);
      g_assert_cmpmem (back.adu, back.adu_len, rtu->data, rtu->len);
      tilld_1f1f_clear (&parser);
    }
}

static void
test_greeting (void)
{
  Tilld1f1fHello  hello = { .step = TILLD_1F1F_REQUEST }, back;
  Tilld1f1fParser parser;
  char            md5[33], upper[33];

  g_strlcpy (hello.building, "B<1>", sizeof hello.building);
  g_strlcpy (hello.gateway, "GW-0001", sizeof hello.gateway);
  tilld_1f1f_sequence (hello.sequence);
  g_assert_cmpuint (strlen (hello.sequence), ==, 20);
  g_assert_cmpuint (strspn (hello.sequence, "0123456789"), ==, 20);
  tilld_1f1f_md5 (secret, hello.sequence, md5);
  g_strlcpy (hello.md5, md5, sizeof hello.md5);
  hello.passed = TRUE;
  for (guint step = TILLD_1F1F_REQUEST; step <= TILLD_1F1F_RESULT; step++)
    {
      g_autoptr (GByteArray) stream = g_byte_array_new ();
      Tilld1f1fFrame         frame;
      g_autoptr (GError)     error = NULL;

      hello.step = (Tilld1f1fStep) step;
      tilld_1f1f_hello_write (&hello, stream);
      tilld_1f1f_init (&parser);
      frame = only_frame (&parser, stream, 100);
      g_assert_true (tilld_1f1f_hello_read (&frame, &back, &error));
      g_assert_no_error (error);
      g_assert_cmpint (back.step, ==, hello.step);
      g_assert_cmpstr (back.building, ==, "B<1>");
      g_assert_cmpstr (back.gateway, ==, "GW-0001");
      g_assert_cmpstr (back.sequence, ==, step == TILLD_1F1F_ASK ? hello.sequence : "");
      g_assert_cmpstr (back.md5, ==, step == TILLD_1F1F_PROVE ? hello.md5 : "");
      g_assert_true (back.passed == (step == TILLD_1F1F_RESULT));
      tilld_1f1f_clear (&parser);
    }
  /* RFC 1321: md5 ("") is d41d8cd98f00b204e9800998ecf8427e; here the secret stands before the sequence. */
  tilld_1f1f_md5 (secret, "", md5);
  g_assert_cmpstr (md5, ==, "4032af8d61035123906e58e067140cc5");
  for (guint i = 0; i < 33; i++)
    upper[i] = g_ascii_toupper (md5[i]);
  g_assert_true (tilld_1f1f_md5_check (secret, "", upper));
  g_assert_false (tilld_1f1f_md5_check (secret, "1", md5));
  md5[31] ^= 1;
  g_assert_false (tilld_1f1f_md5_check (secret, "", md5));
  g_assert_false (tilld_1f1f_md5_check (secret, "", ""));
}

static const char report[] = "<?xml version=\"1.0\"?><root><common><building_id>1</building_id><gateway_id>2</gateway_id><type>data</type></common>"
                             "<data operation=\"report\"><time>20260901120000</time>"
                             "<meter id=\"01025\"><function id=\"WPP\" error=\"\">123.45</function><function id=\"PowerHigh\">23.4567</function>"
                             "<function id=\"EPISG\" error=\"1\">9</function><function id=\"Ua\">230.1</function></meter>"
                             "<meter id=\"02001\"><function id=\"WPP\">0</function></meter></data></root>";

static void
test_reports (void)
{
  for (guint type = TILLD_1F1F_DATA; type <= TILLD_1F1F_DATA_ZIP; type++)
    {
      g_autoptr (GByteArray)  stream = g_byte_array_new ();
      g_autoptr (GArray)      readings = g_array_new (FALSE, FALSE, sizeof (Tilld1f1fReading));
      g_autoptr (GError)      error = NULL;
      const Tilld1f1fReading *r;
      Tilld1f1fParser         parser;
      Tilld1f1fFrame          frame;

      tilld_1f1f_data_write ((guint8) type, secret, report, stream);
      tilld_1f1f_init (&parser);
      frame = only_frame (&parser, stream, 11);
      g_assert_true (tilld_1f1f_data_read (&frame, secret, readings, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (readings->len, ==, 2);
      r = &g_array_index (readings, Tilld1f1fReading, 0);
      g_assert_cmpuint (r->port, ==, 1);
      g_assert_cmpuint (r->unit, ==, 25);
      g_assert_cmpint (r->total, ==, 123450);
      g_assert_cmpint (r->rate[TILL_RATE_PEAK], ==, 23456);
      g_assert_cmpint (r->rate[TILL_RATE_DEEP], ==, -1); /* the gateway says that it failed */
      r = &g_array_index (readings, Tilld1f1fReading, 1);
      g_assert_cmpuint (r->port, ==, 2);
      g_assert_cmpint (r->total, ==, 0);
      tilld_1f1f_clear (&parser);
    }
}

/* Announced lengths: judged on the head, nothing is kept for them. */
static void
test_lengths (void)
{
  static const struct { guint32 length; guint limit; Tilld1f1fResult wanted; } rows[] = {
    { 0, TILLD_1F1F_CLEAR, TILLD_1F1F_FRAME },         { 4096, TILLD_1F1F_CLEAR, TILLD_1F1F_NEED_MORE },
    { 4097, TILLD_1F1F_CLEAR, TILLD_1F1F_CLOSE },      { 65536, TILLD_1F1F_MAX, TILLD_1F1F_NEED_MORE },
    { 65537, TILLD_1F1F_MAX, TILLD_1F1F_CLOSE },       { 0x80000000, TILLD_1F1F_MAX, TILLD_1F1F_CLOSE },
    { 0xffffffff, TILLD_1F1F_MAX, TILLD_1F1F_CLOSE },
  };
  static const char *const strangers[] = { "1e1f01", "1f1e01", "47540100" };
  Tilld1f1fParser          parser;
  Tilld1f1fFrame           frame;
  gsize                    used;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const guint8 head[7] = { 0x1f, 0x1f, 0x03, (guint8) (rows[i].length >> 24), (guint8) (rows[i].length >> 16),
                               (guint8) (rows[i].length >> 8), (guint8) rows[i].length };

      tilld_1f1f_init (&parser);
      parser.limit = rows[i].limit;
      g_assert_cmpint (tilld_1f1f_feed (&parser, head, sizeof head, &used, &frame), ==, rows[i].wanted);
      tilld_1f1f_clear (&parser);
    }
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      g_autoptr (GByteArray) bytes = hex_bytes (strangers[i]);

      tilld_1f1f_init (&parser);
      g_assert_cmpint (tilld_1f1f_feed (&parser, bytes->data, bytes->len, &used, &frame), ==, TILLD_1F1F_CLOSE);
    }
}

static void
test_bad_documents (void)
{
  static const struct { const char *name, *text; gboolean hello_good, report_good; } rows[] = {
    { "request", "<root><common><gateway_id>1</gateway_id></common><id_validate operation=\"request\"/></root>", TRUE, TRUE },
    { "no gateway_id", "<root><common/><id_validate operation=\"request\"/></root>", FALSE, TRUE },
    { "gateway_id elsewhere", "<root><gateway_id>1</gateway_id><id_validate operation=\"request\"/></root>", FALSE, TRUE },
    { "two gateway_id", "<root><common><gateway_id>1</gateway_id><gateway_id>2</gateway_id></common><id_validate operation=\"request\"/></root>", FALSE, TRUE },
    { "other operation", "<root><common><gateway_id>1</gateway_id></common><id_validate operation=\"x\"/></root>", FALSE, TRUE },
    { "two operations", "<root><common><gateway_id>1</gateway_id></common><id_validate operation=\"request\"/><id_validate operation=\"md5\"/></root>", FALSE, TRUE },
    { "md5 without md5", "<root><common><gateway_id>1</gateway_id></common><id_validate operation=\"md5\"/></root>", FALSE, TRUE },
    { "short md5", "<root><common><gateway_id>1</gateway_id></common><id_validate operation=\"md5\"><md5>12</md5></id_validate></root>", FALSE, TRUE },
    { "DTD", "<!DOCTYPE root [<!ENTITY a \"b\">]><root/>", FALSE, FALSE },
    { "entity", "<root><common><gateway_id>&a;</gateway_id></common></root>", FALSE, FALSE },
    { "comment", "<root><!-- x --></root>", FALSE, FALSE },
    { "CDATA", "<root><![CDATA[x]]></root>", FALSE, FALSE },
    { "not closed", "<root><common>", FALSE, FALSE },
    { "two roots", "<root/><root/>", FALSE, FALSE },
    { "depth 9", "<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>", FALSE, FALSE },
    { "control character", "<root><common><gateway_id>&#7;</gateway_id></common><id_validate operation=\"request\"/></root>", FALSE, TRUE },
    { "no UTF-8", "<root>\xff</root>", FALSE, FALSE },
    { "nothing", "", FALSE, FALSE },
    { "meter 1_10", "<root><data><meter id=\"1_10\"/></data></root>", FALSE, FALSE },
    { "meter without id", "<root><data><meter/></data></root>", FALSE, FALSE },
    { "meter of unit 248", "<root><data><meter id=\"01248\"/></data></root>", FALSE, FALSE },
    { "meter of port 0", "<root><data><meter id=\"00001\"/></data></root>", FALSE, FALSE },
    { "meter outside data", "<root><meter id=\"01001\"/></root>", FALSE, FALSE },
    { "function outside a meter", "<root><data><function id=\"WPP\">1</function></data></root>", FALSE, FALSE },
    { "energy of letters", "<root><data><meter id=\"01001\"><function id=\"WPP\">1e9</function></meter></data></root>", FALSE, FALSE },
    { "energy below 0", "<root><data><meter id=\"01001\"><function id=\"WPP\">-1</function></meter></data></root>", FALSE, FALSE },
    { "energy of 30 digits", "<root><data><meter id=\"01001\"><function id=\"WPP\">123456789012345678901234567890</function></meter></data></root>", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GArray)     readings = g_array_new (FALSE, FALSE, sizeof (Tilld1f1fReading));
      g_autoptr (GByteArray) stream = g_byte_array_new ();
      Tilld1f1fFrame         frame = { TILLD_1F1F_VALIDATE, (const guint8 *) rows[i].text, (guint) strlen (rows[i].text) };
      Tilld1f1fHello         hello;
      Tilld1f1fParser        parser;

      g_test_message ("%s", rows[i].name);
      g_assert_cmpint (tilld_1f1f_hello_read (&frame, &hello, NULL), ==, rows[i].hello_good);
      tilld_1f1f_data_write (TILLD_1F1F_DATA, secret, rows[i].text, stream);
      tilld_1f1f_init (&parser);
      frame = only_frame (&parser, stream, 1000);
      g_assert_cmpint (tilld_1f1f_data_read (&frame, secret, readings, NULL), ==, rows[i].report_good);
      g_assert_cmpuint (readings->len, ==, 0);
      tilld_1f1f_clear (&parser);
    }
}

/* Cipher text of any length, wrong key, zip bombs, zip rubbish, texts that are no frame. */
static void
test_bad_sealed (void)
{
  static const char *const texts[] = { "01025", "01025|", "01025|0", "01025|190303060002279", "01025|zz03030600022796", "1_025|1903030600022796",
                                       "01248|1903030600022796", "00025|1903030600022796", "01025 1903030600022796", "" };
  g_autoptr (GArray)       readings = g_array_new (FALSE, FALSE, sizeof (Tilld1f1fReading));
  guint8                   bytes[64] = { 1 };
  Tilld1f1fAdu             adu;

  for (guint len = 0; len <= sizeof bytes; len++)
    {
      Tilld1f1fFrame frame = { TILLD_1F1F_UP, bytes, len };

      g_assert_false (tilld_1f1f_adu_read (&frame, secret, &adu, NULL));
      frame.type = TILLD_1F1F_DATA_ZIP;
      g_assert_false (tilld_1f1f_data_read (&frame, secret, readings, NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GByteArray) stream = g_byte_array_new ();
      Tilld1f1fFrame         frame = { .type = TILLD_1F1F_UP };

      tilld_1f1f_data_write (TILLD_1F1F_DATA, secret, texts[i], stream); /* the same cipher */
      frame.data = stream->data + TILLD_1F1F_HEAD;
      frame.len = stream->len - TILLD_1F1F_HEAD;
      g_assert_false (tilld_1f1f_adu_read (&frame, secret, &adu, NULL));
    }
}

static void
test_bomb (void)
{
  g_autofree char       *space = g_strnfill (64 * 1024 * 1024, ' ');
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (GArray)     readings = g_array_new (FALSE, FALSE, sizeof (Tilld1f1fReading));
  g_autoptr (GError)     error = NULL;
  Tilld1f1fFrame         frame = { .type = TILLD_1F1F_DATA_ZIP };

  tilld_1f1f_data_write (TILLD_1F1F_DATA_ZIP, secret, space, stream);
  frame.data = stream->data + TILLD_1F1F_HEAD;
  frame.len = stream->len - TILLD_1F1F_HEAD;
  g_assert_cmpuint (frame.len, <, 65536 + 32);
  g_assert_false (tilld_1f1f_data_read (&frame, secret, readings, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/1f1f/bad-documents", test_bad_documents);
  g_test_add_func ("/1f1f/bad-sealed", test_bad_sealed);
  g_test_add_func ("/1f1f/bomb", test_bomb);
  g_test_add_func ("/1f1f/greeting", test_greeting);
  g_test_add_func ("/1f1f/lengths", test_lengths);
  g_test_add_func ("/1f1f/reports", test_reports);
  g_test_add_func ("/1f1f/vector", test_vector);
  return till_test_run ();
}
