/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-proof.h: one commissioning walk as a row; its question and protocol come from the service as JSON.
 * Fields: id (uuid) model model-version meter meter-code room gateway-code everywhere simulated (bool) state (enum proof-state) step (enum
 * proof-step) started-name agreed-name started-at ended-at. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_PROOF (till_proof_get_type ())
TILL_DECLARE_RECORD (TillProof, till_proof, PROOF)

G_END_DECLS
