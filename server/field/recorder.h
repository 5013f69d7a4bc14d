/* SPDX-License-Identifier: GPL-2.0-or-later
 * recorder.h: the raw exchanges of a gateway as JSON lines in memory, bounded: bytes as they left and came, and what each request
 * ended in. Writes nothing anywhere: captures.c does. A line each:
 *
 *   {"capture":1,"gateway":"GW-0001","link":"rtu_tcp","at":..}                     the first one
 *   {"at":us,"dir":"link","text":"up"}                                             the connection came or went
 *   {"at":us,"dir":"ask","port":1,"unit":5,"hex":"05030300.."}                     a request: unit and PDU
 *   {"at":us,"dir":"out","hex":".."}  {"at":us,"dir":"in","hex":".."}              bytes of the connection, of all its ports; not of a tty
 *   {"at":us,"dir":"end","port":1,"unit":5,"outcome":"ok","hex":"0324.."}          its end: the PDU of the answer, if there is one
 */
#pragma once
#include "server/field/bus.h"

G_BEGIN_DECLS

TilldRecorder *tilld_recorder_new (TilldClock *clock, const char *gateway, const char *link_word, gsize bytes_max);
void           tilld_recorder_free (TilldRecorder *recorder);
void           tilld_recorder_link (TilldRecorder *recorder, const char *constant_text);
void           tilld_recorder_bytes (TilldRecorder *recorder, gboolean out, const guint8 *bytes, guint len);
void           tilld_recorder_ask (TilldRecorder *recorder, guint port, const TilldMbRequest *request);
void           tilld_recorder_end (TilldRecorder *recorder, guint port, guint8 unit, TilldBusOutcome outcome, const guint8 *pdu, guint len);
/* No line fits any more: nothing further is recorded. */
gboolean       tilld_recorder_is_full (const TilldRecorder *recorder);
gsize          tilld_recorder_waiting (const TilldRecorder *recorder); /* bytes not taken yet */
/* Up to max bytes of whole lines, which are gone then; caller frees; NULL: none. */
char          *tilld_recorder_take (TilldRecorder *recorder, gsize max, gsize *ret_len, gint64 *ret_lines);

const char    *tilld_bus_outcome_word (TilldBusOutcome outcome);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldRecorder, tilld_recorder_free)

G_END_DECLS
