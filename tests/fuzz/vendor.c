/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor.c: any bytes as frames of both vendors, as documents and as sealed contents: bounded, never an abort, and the cut into
 * segments changes nothing. */
#include <string.h>
#include "server/wire/vendor-1f1f.h"
#include "server/wire/vendor-7b7b.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const guint8 secret[16] = "0123456789abcdef";

typedef struct {
  guint   frames, meters;
  guint32 sum;
  guint64 dropped;
  gboolean closed;
} Seen;

static gboolean
is_same (const Seen *a, const Seen *b)
{
  return a->frames == b->frames && a->meters == b->meters && a->sum == b->sum && a->dropped == b->dropped && a->closed == b->closed;
}

static void
see_7b7b (Tilld7b7bFrame *frame, Seen *seen)
{
  Tilld7b7bSection section;

  seen->frames++;
  seen->sum = seen->sum * 31 + frame->cmd;
  g_assert (strlen (frame->serial) <= TILLD_7B7B_SERIAL && strlen (frame->iccid) <= 30 && frame->csq <= 31);
  for (guint i = 0; i < frame->adu_len; i++)
    seen->sum = seen->sum * 31 + frame->adu[i];
  while (tilld_7b7b_section (frame, &section))
    for (guint i = 0; i < section.data_len; i++)
      seen->sum = seen->sum * 31 + section.data[i];
}

static void
feed_7b7b (const guint8 *data, gsize size, gsize segment, Seen *seen)
{
  Tilld7b7bParser parser;
  Tilld7b7bFrame  frame;
  Tilld7b7bResult result = TILLD_7B7B_NEED_MORE;

  tilld_7b7b_init (&parser);
  for (gsize at = 0; at < size && result != TILLD_7B7B_CLOSE;)
    {
      gsize used = 0;

      result = tilld_7b7b_feed (&parser, data + at, MIN (segment, size - at), &used, &frame);
      at += used;
      for (; result == TILLD_7B7B_FRAME; result = tilld_7b7b_feed (&parser, NULL, 0, &used, &frame))
        see_7b7b (&frame, seen);
    }
  seen->closed = result == TILLD_7B7B_CLOSE;
  seen->dropped = parser.dropped;
  while (result != TILLD_7B7B_CLOSE && parser.len > 0)
    result = tilld_7b7b_silent (&parser, &frame); /* comes to an end */
}

static void
see_1f1f (const Tilld1f1fFrame *frame, Seen *seen)
{
  g_autoptr (GArray) readings = g_array_new (FALSE, FALSE, sizeof (Tilld1f1fReading));
  Tilld1f1fHello     hello;
  Tilld1f1fAdu       adu;

  seen->frames++;
  seen->sum = seen->sum * 31 + frame->type;
  for (guint i = 0; i < frame->len; i++)
    seen->sum = seen->sum * 31 + frame->data[i];
  if (tilld_1f1f_hello_read (frame, &hello, NULL))
    g_assert (hello.gateway[0] != '\0' && g_utf8_validate (hello.gateway, -1, NULL));
  if (tilld_1f1f_adu_read (frame, secret, &adu, NULL))
    g_assert (adu.port >= 1 && adu.unit >= 1 && adu.unit <= 247 && adu.adu_len >= 4 && adu.adu_len <= 256);
  if (frame->type == TILLD_1F1F_DATA || frame->type == TILLD_1F1F_DATA_ZIP)
    tilld_1f1f_data_read (frame, secret, readings, NULL);
  g_assert (readings->len <= TILLD_1F1F_METERS);
  seen->meters += readings->len;
}

static void
feed_1f1f (const guint8 *data, gsize size, gsize segment, Seen *seen)
{
  Tilld1f1fParser parser;
  Tilld1f1fFrame  frame;
  Tilld1f1fResult result = TILLD_1F1F_NEED_MORE;

  tilld_1f1f_init (&parser);
  for (gsize at = 0; at < size && result != TILLD_1F1F_CLOSE;)
    {
      gsize used = 0;

      result = tilld_1f1f_feed (&parser, data + at, MIN (segment, size - at), &used, &frame);
      at += used;
      if (result == TILLD_1F1F_FRAME)
        see_1f1f (&frame, seen);
      g_assert (parser.data_wanted <= TILLD_1F1F_CLEAR);
    }
  seen->closed = result == TILLD_1F1F_CLOSE;
  tilld_1f1f_clear (&parser);
}

/* Documents without the cipher in the way: packed or not, sealed as a gateway with the secret would. */
static void
feed_document (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  Seen             seen = { 0 };

  for (guint type = TILLD_1F1F_DATA; type <= TILLD_1F1F_DATA_ZIP; type++)
    {
      g_autoptr (GByteArray) stream = g_byte_array_new ();

      tilld_1f1f_data_write ((guint8) type, secret, text, stream);
      see_1f1f (&(Tilld1f1fFrame){ (guint8) type, stream->data + TILLD_1F1F_HEAD, stream->len - TILLD_1F1F_HEAD }, &seen);
    }
  see_1f1f (&(Tilld1f1fFrame){ TILLD_1F1F_VALIDATE, data, (guint) size }, &seen);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Seen one = { 0 }, all = { 0 }, some = { 0 };

  feed_7b7b (data, size, 1, &one);
  feed_7b7b (data, size, MAX (size, 1), &all);
  feed_7b7b (data, size, 13, &some);
  g_assert (is_same (&one, &all) && is_same (&one, &some));
  one = all = (Seen){ 0 };
  feed_1f1f (data, size, 1, &one);
  feed_1f1f (data, size, MAX (size, 1), &all);
  g_assert (is_same (&one, &all));
  feed_document (data, size);
  return 0;
}
