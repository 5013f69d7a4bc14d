/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-rtu.c: transparent RTU over a byte stream. */
#include "server/field/link.h"

static void
begin (TilldLink *link)
{
  tilld_rtu_init (&link->frame.rtu, link->heartbeat, link->heartbeat_len);
}

static guint
request_bytes (TilldLink *link, const TilldMbRequest *request, guint8 *out)
{
  tilld_rtu_expect (&link->frame.rtu, request);
  return tilld_rtu_encode (request, out);
}

static void
idle (TilldLink *link)
{
  tilld_rtu_expect (&link->frame.rtu, NULL);
}

static TilldFrameResult
feed (TilldLink *link, const guint8 *bytes, guint len, guint *ret_used, const guint8 **ret_pdu, guint *ret_pdu_len)
{
  TilldFrameResult result = tilld_rtu_feed (&link->frame.rtu, bytes, len);

  *ret_used = len;
  *ret_pdu = link->frame.rtu.pdu;
  *ret_pdu_len = link->frame.rtu.pdu_len;
  return result;
}

const TilldFront tilld_front_rtu = { FALSE, begin, request_bytes, idle, feed };
