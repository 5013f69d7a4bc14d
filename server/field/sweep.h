/* SPDX-License-Identifier: GPL-2.0-or-later
 * sweep.h: the reads of one circuit for one class of points; what arrived before a failure is kept. */
#pragma once
#include "server/field/circuit.h"

G_BEGIN_DECLS

typedef struct _TilldSweep TilldSweep;

typedef enum {
  TILLD_SWEEP_GOOD,
  TILLD_SWEEP_PARTIAL, /* status came, the rest did not */
  TILLD_SWEEP_SILENT,  /* no answer, or garbage */
  TILLD_SWEEP_REFUSED, /* exceptions only */
  TILLD_SWEEP_INVALID, /* answered, but with values that cannot be */
} TilldSweepResult;

typedef void (*TilldSweepDone) (TilldSweep *sweep, TilldSweepResult result, gpointer data);

struct _TilldSweep {
  TilldBusJob       job;
  TilldLine        *line;
  TilldCircuit     *circuit; /* NULL = none under way */
  TilldPlanKind     kind;
  TilldMbPlan      *plan; /* that of the model, or the circuit's own */
  guint8            index, tries, good;
  TillTime          slot;
  gint64            number[TILLD_POINT_N];
  guint8            have[TILLD_POINT_N];
  TilldMoneyReading money;
  gboolean          invalid, refused;
  TilldSweepDone    done;
  gpointer          data;
};

void         tilld_sweep_init (TilldSweep *sweep, TilldLine *line, TilldSweepDone done, gpointer data);
void         tilld_sweep_begin (TilldSweep *sweep, TilldCircuit *circuit, TilldPlanKind kind, TillTime slot);
/* The next request of a sweep under way, for the bus; NULL when none is. */
TilldBusJob *tilld_sweep_next (TilldSweep *sweep);
/* Values -> record for the database. */
void         tilld_sweep_reading (const TilldSweep *sweep, TilldFieldReading *ret_reading);
/* n registers from `at` that came unasked, read by the points that lie among them. FALSE: none does, or a value cannot be. */
gboolean     tilld_sweep_pushed (TilldCircuit *circuit, guint at, const guint16 *regs, guint n, TilldFieldReading *ret_reading);

G_END_DECLS
