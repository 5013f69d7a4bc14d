/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3.c: any bytes as greeting, as frames of both suites, as plaintexts; and frames with a good tag around any bytes, as a peer with
 * the right key could send. The cut into segments changes nothing, nothing wrong passes, nothing aborts. */
#include <string.h>
#include "server/wire/gt3-frame.h"
#include "server/wire/gt3-message.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static const guint8 master[32] = "fuzz";

static void
open_pair (TilldGt3Suite suite, TilldGt3Session *gateway, TilldGt3Session *server)
{
  TilldGt3Handshake handshake;
  guint8            nonce[16] = { 1 };

  g_assert (tilld_gt3_hello_write (&handshake, "GW-0001", suite, nonce));
  tilld_gt3_answer_write (&handshake, master, nonce);
  g_assert (tilld_gt3_session_init (gateway, TILLD_GT3_GATEWAY, &handshake, master));
  g_assert (tilld_gt3_session_init (server, TILLD_GT3_SERVER, &handshake, master));
}

static void
read_plain (const guint8 *plain, guint len)
{
  TilldGt3Request request;
  TilldGt3Reply   reply;
  TilldGt3Info    info;
  guint8          code, out[TILLD_GT3_REQUEST_MAX];
  char            text[TILLD_GT3_TEXT_MAX + 1];
  guint32         uptime;
  gint64          ms;
  gint16          east;
  gint8           dbm;

  if (tilld_gt3_request_read (plain, len, &request))
    g_assert (tilld_gt3_request_write (&request, out) == len && memcmp (out, plain, len) == 0);
  if (tilld_gt3_reply_read (plain, len, &reply))
    g_assert (tilld_gt3_reply_write (&reply, out) == len && memcmp (out, plain, len) == 0);
  if (tilld_gt3_info_read (plain, len, &info))
    g_assert (info.n_ports <= G_N_ELEMENTS (info.ports) && g_utf8_validate (info.model, -1, NULL));
  if (tilld_gt3_error_read (plain, len, &code, text))
    g_assert (strlen (text) <= TILLD_GT3_TEXT_MAX);
  tilld_gt3_heartbeat_read (plain, len, &uptime, &dbm);
  tilld_gt3_time_read (plain, len, &ms, &east);
}

/* Bytes of a stranger: the only frame that may come out is none. */
static void
feed_raw (TilldGt3Suite suite, const guint8 *data, gsize size)
{
  TilldGt3Result results[2] = { TILLD_GT3_NEED_MORE, TILLD_GT3_NEED_MORE };

  for (guint way = 0; way < 2; way++)
    {
      TilldGt3Session gateway, server;
      TilldGt3Frame   frame;
      gsize           used, segment = way == 0 ? 1 : MAX (size, 1);

      open_pair (suite, &gateway, &server);
      for (gsize at = 0; at < size && results[way] == TILLD_GT3_NEED_MORE; at += used)
        results[way] = tilld_gt3_feed (&server, data + at, MIN (segment, size - at), &used, &frame);
      g_assert (results[way] != TILLD_GT3_FRAME);
      tilld_gt3_session_clear (&gateway);
      tilld_gt3_session_clear (&server);
    }
  g_assert (results[0] == results[1]);
}

/* data: [type, n, n bytes]*: sealed by the gateway with iv from the data; must come out as it went in, and be read. */
static void
feed_sealed (TilldGt3Suite suite, const guint8 *data, gsize size)
{
  TilldGt3Session gateway, server;
  guint8          wire[TILLD_GT3_FRAME_MAX], nonce[16] = { 7 };
  TilldGt3Frame   frame;
  gsize           used;

  open_pair (suite, &gateway, &server);
  while (size >= 4)
    {
      guint8 type = data[0];
      guint  len = MIN ((guint) (data[1] << 8 | data[2]) % TILLD_GT3_PLAIN_MAX + 1, (guint) (size - 3)), n;

      n = tilld_gt3_seal (&gateway, type, data + 3, len, NULL, wire);
      g_assert (n > 0 && tilld_gt3_feed (&server, wire, n, &used, &frame) == TILLD_GT3_FRAME && used == n);
      g_assert (frame.type == type && frame.len == len && memcmp (frame.plain, data + 3, len) == 0);
      read_plain (frame.plain, frame.len);
      if (type == TILLD_GT3_REKEY)
        {
          n = tilld_gt3_rekey_begin (&server, nonce, NULL, wire);
          g_assert (n > 0 && tilld_gt3_feed (&gateway, wire, n, &used, &frame) == TILLD_GT3_FRAME);
          n = tilld_gt3_rekey_answer (&gateway, frame.plain + 1, nonce, NULL, wire);
          g_assert (n > 0 && tilld_gt3_feed (&server, wire, n, &used, &frame) == TILLD_GT3_FRAME);
          g_assert (tilld_gt3_rekey_end (&server, frame.plain + 1));
        }
      data += 3 + len;
      size -= 3 + len;
    }
  tilld_gt3_session_clear (&gateway);
  tilld_gt3_session_clear (&server);
}

/* data as a frame of suite 1 under a good tag: cipher text of the peer's choice reaches decryption and padding. */
static void
feed_tagged (const guint8 *data, gsize size)
{
  TilldGt3Session gateway, server;
  guint8          work[1 + TILLD_GT3_FRAME_MAX] = { 'G' }, tag[32];
  guint           n = (guint) CLAMP (size / 8, 1, 129) * 8, len = 33 + n;
  TilldGt3Frame   frame;
  gsize           used;

  open_pair (TILLD_GT3_3DES, &gateway, &server);
  work[1] = (guint8) (len >> 8);
  work[2] = (guint8) len;
  work[3] = TILLD_GT3_REPLY;
  memcpy (work + 20, data, MIN (size, n));
  tilld_hmac (gateway.out.mac, 32, work, 20 + n, tag);
  memcpy (work + 20 + n, tag, 16);
  switch (tilld_gt3_feed (&server, work + 1, 2 + len, &used, &frame))
    {
    case TILLD_GT3_FRAME:
      g_assert (frame.len >= 1 && frame.len < n && frame.len <= TILLD_GT3_PLAIN_MAX);
      read_plain (frame.plain, frame.len);
      break;
    case TILLD_GT3_BAD_PADDING:
      g_assert (server.over);
      break;
    default:
      g_assert_not_reached ();
    }
  tilld_gt3_session_clear (&gateway);
  tilld_gt3_session_clear (&server);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  TilldGt3Handshake handshake;
  char              code[17];

  if (size >= TILLD_GT3_HELLO && tilld_gt3_hello_read (data, &handshake, code))
    g_assert (tilld_gt3_hello_begins (data, TILLD_GT3_HELLO) && code[0] != '\0');
  if (size > 0)
    read_plain (data, (guint) MIN (size, TILLD_GT3_PLAIN_MAX));
  for (guint suite = TILLD_GT3_3DES; suite <= TILLD_GT3_AES; suite++)
    {
      feed_raw ((TilldGt3Suite) suite, data, size);
      feed_sealed ((TilldGt3Suite) suite, data, size);
    }
  feed_tagged (data, size);
  return 0;
}
