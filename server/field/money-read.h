/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-read.h: reads the money group of one circuit for a decision: the serial first after each connect and daily, then the group
 * with another length than the last time, then the newest recharge record when the proof wants it. */
#pragma once
#include "server/field/circuit.h"

G_BEGIN_DECLS

typedef struct _TilldMoneyRead TilldMoneyRead;
typedef void (*TilldMoneyReadDone) (TilldMoneyRead *read, gboolean good, gpointer data);

struct _TilldMoneyRead {
  TilldBusJob        job;
  TilldLine         *line;
  TilldCircuit      *circuit;
  const TilldMbPlan *plan;
  gboolean           record; /* the newest record too */
  guint8             stage, index, tries;
  TilldMoneyReading  reading;
  TilldBusOutcome    outcome; /* of the last request when it failed */
  TilldMoneyReadDone done;
  gpointer           data;
};

/* done is called exactly once. read is the caller's and must live until then. */
void     tilld_money_read_start (TilldMoneyRead *read, TilldLine *line, TilldCircuit *circuit, gboolean record, TilldMoneyReadDone done, gpointer data);
/* Values of one read of a plan -> members of a money reading. FALSE: an invalid value among them. */
gboolean tilld_money_read_take (const TilldLine *line, const TilldCircuit *circuit, const TilldMbPlan *plan, guint index, const guint16 *regs,
                                TilldMoneyReading *reading);

G_END_DECLS
