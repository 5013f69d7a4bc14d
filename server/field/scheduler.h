/* SPDX-License-Identifier: GPL-2.0-or-later
 * scheduler.h: which circuit of a line is read next: due times, lost circuits, suspected lines, slots of the full grid. */
#pragma once
#include "server/field/sweep.h"

G_BEGIN_DECLS

typedef struct _TilldSchedule TilldSchedule;

/* What a sweep brought: a record (lost ones without values), and the money group for the watch (NULL: none). */
typedef void (*TilldScheduleReading) (TilldLine *line, TilldCircuit *circuit, const TilldFieldReading *reading, const TilldMoneyReading *money,
                                      gpointer data);

struct _TilldSchedule {
  TilldLine           *line;
  TilldSweep           sweep;
  TilldTimer           timer;
  TilldScheduleReading reading;
  gboolean           (*is_full) (gpointer data); /* NULL allowed. TRUE: nobody takes readings now, polls wait */
  gpointer             data;
  guint                failures; /* in a row, of different units */
  guint8               failed_unit, turn;
  gboolean             suspected;
  guint                suspect_wait_ms;
  gint64               suspect_us; /* boot time of the next try */
  gint64               probed_us;  /* boot time of the last try of a lost circuit */
  guint                turn_lost; /* lost circuits of the turn of tries under way */
  guint                n_lost, n_urgent;
  guint                round; /* index of the circuit whose turn is next */
};

void tilld_schedule_init (TilldSchedule *schedule, TilldLine *line, TilldScheduleReading reading, gpointer data);
void tilld_schedule_clear (TilldSchedule *schedule);
/* Read on request: before all polls; keep: the reading is stored though it fills no slot. */
void tilld_schedule_read_now (TilldSchedule *schedule, TilldCircuit *circuit);

G_END_DECLS
