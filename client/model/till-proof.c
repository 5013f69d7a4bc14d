/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-proof.c: one commissioning walk. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-proof.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_UUID },
  { "model", TILL_FIELD_TEXT },
  { "model-version", TILL_FIELD_INT },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "room", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "gateway-code", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "everywhere", TILL_FIELD_BOOL, NULL, NULL, "" },
  { "simulated", TILL_FIELD_BOOL, NULL, NULL, "" },
  { "state", TILL_FIELD_ENUM, &till_words_proof_state },
  { "step", TILL_FIELD_ENUM, &till_words_proof_step, NULL, "" },
  { "started-name", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "agreed-name", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "started-at", TILL_FIELD_TIME },
  { "ended-at", TILL_FIELD_TIME, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillProof, till_proof)
