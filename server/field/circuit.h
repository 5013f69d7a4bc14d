/* SPDX-License-Identifier: GPL-2.0-or-later
 * circuit.h: what the field thread keeps of one metered circuit, one line, one gateway: arrays by dense index, made anew when the
 * plant changes. */
#pragma once
#include "server/domain/plant/field-plant.h"
#include "server/field/bus.h"
#include "server/rules/counter-rules.h"
#include "server/rules/state-rules.h"

G_BEGIN_DECLS

typedef struct _TilldCircuit TilldCircuit;
typedef struct _TilldLine TilldLine;

/* Plans of one profile at one speed, shared by all its circuits. */
typedef struct {
  const TilldProfile *profile;
  guint               baud;
  TilldMbPlan         plan[TILLD_PLAN_N];
} TilldPlanSet;

/* Money side of a circuit that recharges: kept apart, as most installations at scale settle in the server. */
typedef struct {
  TilldPurse        purse;
  TilldCounterWatch *watch;        /* a deviation that was seen once; NULL: none */
  TilldMoneyReading last;          /* newest money group, whoever read it */
  gint64            last_us;       /* boot time of it; 0 = a write went out since, or none */
  gint64            last_instance; /* connection it came over */
  gint64            serial_us, serial_instance;
  gint64            touched_us; /* boot time of the last change of the purse here: what the database said before is old */
  char              serial[TILLD_SERIAL_TEXT];
  guint8            known : 1;    /* the purse was loaded */
  guint8            in_order : 1; /* a command of the circuit is between r0 and its verdict: polls compare nothing */
  guint8            reading : 1;  /* a second read is on its way */
} TilldCircuitMoney;

struct _TilldCircuit {
  gint64              meter;     /* the key of the owner's set */
  TilldLine          *line;
  gint64              due_us;    /* boot time of the next poll */
  gint64              good_us;   /* of the last good status, 0 = never */
  TillTime            full_slot; /* last grid slot that was filled */
  gint64              energy_wh; /* last accepted, -1 = none */
  guint64             absent;    /* optional points the meter refused, by index of the profile */
  const TilldPlanSet *plans;
  TilldMbPlan        *own_status, *own_full; /* a meter that refused a merged read has its own */
  TilldCircuitMoney  *money;     /* NULL: the model takes no money */
  TilldFieldMeter    *record;
  gint32              epoch, ct_ratio;
  guint8              unit, last_registers; /* of the last read that decided about money */
  guint8              failures;             /* failed sweeps in a row */
  gboolean            lost : 1, urgent : 1, keep : 1;
};

/* One RS485 line: a port of a gateway. */
struct _TilldLine {
  TilldBus           bus;
  TilldStation      *station;
  TilldCircuit      *circuits; /* by unit */
  TilldFieldMeter   *records;  /* of the circuits */
  TilldCircuitMoney *money;    /* of those that take money */
  guint              n, n_money;
  guint              load_pct; /* as told last, + 1; 0 = not yet */
  guint              orders;   /* money and relay commands under way: the station cannot be taken down */
  struct _TilldSchedule *schedule;
};

TilldWordOrder tilld_line_word_order (const TilldLine *line);

/* Is it reached, by which connection, of which class, under which session (0 = money waits). */
gboolean       tilld_line_is_up (const TilldLine *line);
gint64         tilld_line_instance (const TilldLine *line);
gint64         tilld_line_epoch (const TilldLine *line);
TillLinkClass  tilld_line_link_class (const TilldLine *line); /* of the last session while it is not reached */
/* Closes the connection, if there is one. */
void           tilld_line_close_link (TilldLine *line, const char *reason);

G_END_DECLS
