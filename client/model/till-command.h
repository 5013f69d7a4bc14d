/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-command.h: one order to a meter.
 * Fields: id meter meter-code kind (enum command-kind) state (enum command-state) attempts error outcome room amount reason operator operator-name
 * created-at sent-at done-at. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_COMMAND (till_command_get_type ())
TILL_DECLARE_RECORD (TillCommand, till_command, COMMAND)

G_END_DECLS
