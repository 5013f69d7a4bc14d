/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-found-circuit.c: one circuit of a discovery. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-found-circuit.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT, NULL, "unit" },
  { "table", TILL_FIELD_INT },
  { "circuit", TILL_FIELD_INT },
  { "model", TILL_FIELD_TEXT },
  { "ct", TILL_FIELD_BOOL },
  { "serial", TILL_FIELD_TEXT },
  { "answers", TILL_FIELD_BOOL },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillFoundCircuit, till_found_circuit)
