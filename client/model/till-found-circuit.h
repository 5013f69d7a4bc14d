/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-found-circuit.h: one circuit that a discovery found behind a gateway.
 * Fields: id (its unit) table circuit model ct serial answers meter (id of the record that stands there already). */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_FOUND_CIRCUIT (till_found_circuit_get_type ())
TILL_DECLARE_RECORD (TillFoundCircuit, till_found_circuit, FOUND_CIRCUIT)

G_END_DECLS
