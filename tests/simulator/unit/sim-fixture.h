/* SPDX-License-Identifier: GPL-2.0-or-later
 * sim-fixture.h: a small stepped campus under a fake clock, and a wire that remembers what a bus sent. */
#pragma once
#include "server/core/clock.h"
#include "tests/lib/test-main.h"
#include "tests/simulator/bus.h"

typedef struct {
  TilldClock *clock;
  SimCampus  *campus;
  GByteArray *sent;     /* everything the bus sent */
  guint       sends, resets, deafs, twins;
  guint32     envelope; /* faults that reached the wire */
  char       *journal;  /* path, NULL: none */
  gsize       journal_at_send; /* bytes of the journal when the last answer left */
} SimFixture;

extern const SimWire sim_fixture_wire; /* conn = SimFixture */

/* links: the text of the member; one link "GW-0001". seed 7, start 2026-09-01T00:00+08:00, stepped. */
void      sim_fixture_init (SimFixture *f, const char *links, const char *journal);
void      sim_fixture_clear (SimFixture *f);
SimMeter *sim_fixture_meter (SimFixture *f, guint unit);
void      sim_fixture_step (SimFixture *f, gint64 ms); /* real time: timers of the bus */
void      sim_fixture_faults (SimFixture *f, const char *json);
/* Sends one request to the bus of GW-0001; forgets what was sent before. */
void      sim_fixture_ask (SimFixture *f, guint unit, const char *pdu_hex);
/* What came since, as hex; valid until the next call. */
const char *sim_fixture_hex (SimFixture *f);
char     *sim_world_text (const char *links);
