/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus-reply.h: the bytes of an answer, with what goes wrong on their way. Pure. */
#pragma once
#include "tests/simulator/faults.h"
#include "tests/simulator/slave.h"

G_BEGIN_DECLS

#define SIM_WIRE_MAX (2 * SIM_ADU_MAX + 32)

typedef struct {
  gboolean mbap;
  guint16  tid;
  guint8   unit;
  guint8   pdu[SIM_PDU_MAX];
  gsize    n_pdu;
} SimReply;

#define SIM_FAULT_BIT(fault) (1u << SIM_FAULT_##fault)

/* faults: bits of what hits this answer; draw: where and how. Returns the number of bytes. */
gsize sim_reply_bytes (const SimReply *reply, guint32 faults, guint64 draw, guint8 *bytes);

G_END_DECLS
