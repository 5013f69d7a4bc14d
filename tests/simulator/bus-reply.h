/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus-reply.h: the bytes of an answer, with what goes wrong on their way. Pure. */
#pragma once
#include "tests/simulator/faults.h"
#include "tests/simulator/bus.h"

G_BEGIN_DECLS

typedef struct {
  gboolean mbap;
  guint16  tid;
  guint8   unit;
  guint8   pdu[SIM_PDU_MAX];
  gsize    n_pdu;
} SimReply;

/* faults: bits of what hits this answer; draw: where and how. Returns the number of bytes. */
gsize sim_reply_bytes (const SimReply *reply, guint32 faults, guint64 draw, guint8 *bytes);

G_END_DECLS
