/* SPDX-License-Identifier: GPL-2.0-or-later
 * campus.h: a small campus as a fake server tells it: areas, board, meters, sales, alarms, one report. */
#pragma once
#include "tests/client/fake-server.h"

G_BEGIN_DECLS

#define CAMPUS_METERS 360

/* permissions: of the operator who signs in, comma-separated. */
void campus_fill (TillFakeServer *server, const char *permissions);

G_END_DECLS
