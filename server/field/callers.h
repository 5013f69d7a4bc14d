/* SPDX-License-Identifier: GPL-2.0-or-later
 * callers.h: gateways that may call, found by code or registration; what is told about callers: unknown ones, attacks. The directory of
 * the greeter. */
#pragma once
#include "server/field/greeting.h"

G_BEGIN_DECLS

typedef struct _TilldCallers TilldCallers;

TilldCallers *tilld_callers_new (TilldFieldRole *field);
void          tilld_callers_free (TilldCallers *callers);
void          tilld_callers_directory (TilldCallers *callers, TilldDirectory *ret_directory);
void          tilld_callers_add (TilldCallers *callers, TilldStation *station);
void          tilld_callers_remove (TilldCallers *callers, TilldStation *station); /* also one that is not in it */
void          tilld_callers_reload (TilldCallers *callers); /* registrations, from the database */

G_END_DECLS
