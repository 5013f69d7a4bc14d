/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-capture.h: one recording of the raw exchanges of a gateway.
 * Fields: id (its number at the gateway) state (enum capture-state) minutes operator-name ordered-at started-at ended-at lines bytes message. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_CAPTURE (till_capture_get_type ())
TILL_DECLARE_RECORD (TillCapture, till_capture, CAPTURE)

G_END_DECLS
