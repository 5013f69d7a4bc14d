/* SPDX-License-Identifier: GPL-2.0-or-later
 * model.h: a meter profile compiled for being that meter: which register shows which quantity, what may be written where.
 * Reads the same JSON files as the server, with its own reader: an error made twice would stay unseen. */
#pragma once
#include "shared/api/till-enums.h"
#include "tests/simulator/quantity.h"

G_BEGIN_DECLS

typedef enum {
  SIM_KIND_U16, SIM_KIND_I16, SIM_KIND_U32, SIM_KIND_I32, SIM_KIND_BITS, SIM_KIND_BCD48, SIM_KIND_ASCII, SIM_KIND_CLOCK,
  SIM_KIND_SLOTS, SIM_KIND_EVENTS, SIM_KIND_WINDOWS, SIM_KIND_ARRAY_U32, SIM_KIND_ARRAY_I32,
} SimKind;

typedef struct {
  SimQuantity quantity;
  SimKind     kind;
  guint16     at, registers;
  guint16     count;       /* items of slots, events, windows, arrays */
  gint64      mul;         /* server units of one raw unit */
  char        order[8][8]; /* of a clock: sec min hour week day month year -; of items: rate switch hour minute */
  guint8      n_order;
  gboolean    little;      /* word order of this point */
  gboolean    cabinet;     /* a setting with scope cabinet */
} SimField;

typedef enum { SIM_ROLE_SETTING, SIM_ROLE_RECHARGE, SIM_ROLE_DEBIT, SIM_ROLE_CONTROL } SimRole;

typedef struct {
  SimRole   role;
  guint16   at, registers;
  guint8    fc;
  gboolean  cabinet;
  guint     n_fields;
  SimField *fields;
} SimWrite;

typedef enum { SIM_FORCED_NONE, SIM_FORCED_CLOSED, SIM_FORCED_OPEN } SimForced;
typedef enum { SIM_SAME_ACK, SIM_SAME_REFUSE } SimSame;
typedef enum { SIM_WRONG_REFUSE, SIM_WRONG_ACCEPT } SimWrong;
typedef enum { SIM_DEBIT_NONE, SIM_DEBIT_SUBTRACT, SIM_DEBIT_NEGATIVE, SIM_DEBIT_PRESET } SimDebitMode;

typedef struct { guint16 from, to; } SimRange;
typedef struct { SimFlag flag; SimQuantity word; guint8 bit; gboolean invert; guint16 equals; gboolean is_equals; } SimFlagBit;
typedef struct { guint16 words[3][2]; char id[4]; } SimActions; /* by SimForced */

typedef struct _SimModel {
  char       *name;
  guint       phases, turnaround_ms, max_read, max_write;
  guint8      read_fc;
  gboolean    little, cabinet, has_purse, purse_energy, adf400;
  guint       cabinet_step;
  gint64      fine_per_raw;           /* fine units (see meter.h) of one raw unit of the purse register */
  gint64      purse_max_raw;
  guint       purse_decimals;         /* of the purse register: 2 for a scale of 0.01 */
  guint8      rate_codes[TILL_N_RATES]; /* 0: a rate it does not keep */
  GArray     *ranges;                 /* SimRange */
  GArray     *fields;                 /* SimField that can be read: points, then settings not among them */
  GArray     *writes;                 /* SimWrite */
  GArray     *flags;                  /* SimFlagBit */
  guint16     control_at, control_registers;
  guint       n_actions;
  SimActions  actions[4];             /* as profiled, then the candidates */
  gboolean    count_mode;             /* recharge carries a count */
  SimDebitMode debit_mode;
  SimSame     same_count;
  SimWrong    wrong_count;
  guint16     records_at, records_registers, records_step, records_count;
  gboolean    records_indexed;
  GArray     *records_layout;         /* SimField, at = offset in a record */
  guint16     upload_at, upload_bytes; /* a vendor's push; 0 = none */
  guint16     layout_three, layout_single, layout_ct, layout_mode; /* discover adf400; 0 = none */
} SimModel;

/* From a directory when profile_dir is given, else from those compiled in. */
SimModel *sim_model_load (const char *name, const char *profile_dir, GError **error);
void      sim_model_free (SimModel *model);
gboolean  sim_model_has (const SimModel *model, SimQuantity quantity);
gint64    sim_model_mul (const SimModel *model, SimQuantity quantity); /* of its register, 1 when it has none */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimModel, sim_model_free)

G_END_DECLS
