/* SPDX-License-Identifier: GPL-2.0-or-later
 * record.h: a domain struct as JSON members and as spreadsheet cells, both from one table of fields. */
#pragma once
#include "server/core/types.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_FIELD_TEXT,    /* char *; NULL = null */
  TILLD_FIELD_TEXTS,   /* GStrv; NULL = [] */
  TILLD_FIELD_INT,     /* gint64 */
  TILLD_FIELD_REF,     /* gint64 id; 0 = null */
  TILLD_FIELD_BOOL,    /* gboolean */
  TILLD_FIELD_MONEY,   /* TillMoney */
  TILLD_FIELD_ENERGY,  /* TillEnergy */
  TILLD_FIELD_MILLI,   /* gint64 in 1/1000: kW of W, V of mV */
  TILLD_FIELD_RATES,   /* TillEnergy[5], {"tip": ...} */
  TILLD_FIELD_TIME,    /* TillTime; 0 = null */
  TILLD_FIELD_DAY,     /* TillDay */
  TILLD_FIELD_ENUM,    /* int with words */
  TILLD_FIELD_FLAGS,   /* guint with words of bits, ["overload", ...] */
  TILLD_FIELD_ID,      /* TillId; nil = null */
} TilldFieldKind;

typedef struct {
  const char    *name;
  TilldFieldKind kind;
  gsize          offset;
  const char   *(*word) (int value);
  gsize          present; /* offset + 1 of a gboolean that says whether there is a value; 0 = always */
  const char    *title;   /* of the spreadsheet's column; NULL: not in spreadsheets */
} TilldField;

#define TILLD_FIELD_END { NULL }

void tilld_record_write (const TilldField *fields, gconstpointer record, TillJsonWrite *w);              /* the members */
void tilld_record_write_object (const TilldField *fields, gconstpointer record, const char *name, TillJsonWrite *w);

G_END_DECLS
