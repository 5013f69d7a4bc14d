/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-mbap.c: Modbus TCP. A late answer is known by its dead tid, unless the gateway always answers with the same one. */
#include "server/field/link.h"

static void
begin (TilldLink *link)
{
  tilld_mbap_init (&link->frame.mbap);
  link->tid = (guint16) g_random_int ();
  link->expecting = FALSE;
}

static guint
request_bytes (TilldLink *link, const TilldMbRequest *request, guint8 *out)
{
  link->expecting = TRUE;
  link->expected_unit = request->unit;
  return tilld_mbap_encode (request, ++link->tid, out);
}

static void
idle (TilldLink *link)
{
  link->expecting = FALSE;
  if (!link->front->trusted_tid)
    tilld_mbap_init (&link->frame.mbap); /* quiet time throws whole frames away, and pieces of them */
}

static TilldFrameResult
feed (TilldLink *link, const guint8 *bytes, guint len, guint *ret_used, const guint8 **ret_pdu, guint *ret_pdu_len)
{
  TilldMbapFrame  *frame = &link->frame.mbap;
  TilldFrameResult result = tilld_mbap_feed (frame, bytes, len, ret_used);

  *ret_pdu = frame->pdu;
  *ret_pdu_len = frame->pdu_len;
  if (result != TILLD_FRAME_REPLY)
    return result;
  if (!link->expecting || (link->front->trusted_tid && frame->tid != link->tid))
    return TILLD_FRAME_NEED_MORE; /* of a request that is over */
  return frame->unit == link->expected_unit ? TILLD_FRAME_REPLY : TILLD_FRAME_BAD;
}

const TilldFront tilld_front_mbap = { TRUE, begin, request_bytes, idle, feed };
const TilldFront tilld_front_mbap_fixed_tid = { FALSE, begin, request_bytes, idle, feed };
