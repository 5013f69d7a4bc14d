/* SPDX-License-Identifier: GPL-2.0-or-later
 * statement.h: the balance of a meter explained line by line. The lines are the ledger's own: opening + lines = closing, and two statements
 * that meet add up to the one of both. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_ENTRY_SALE, TILLD_ENTRY_OPENING, TILLD_ENTRY_SUBSIDY, TILLD_ENTRY_REFUND, TILLD_ENTRY_REVERSAL, TILLD_ENTRY_ENERGY, TILLD_ENTRY_ALLOWANCE,
  TILLD_ENTRY_FIXED_FEE, TILLD_ENTRY_ROUNDING, TILLD_ENTRY_ADOPTED, TILLD_ENTRY_UNEXPLAINED, TILLD_ENTRY_REPLACED, TILLD_ENTRY_OTHER, TILLD_ENTRY_N
} TilldEntryKind;

typedef struct {
  TilldEntryKind kind;
  TillTime       at;          /* posted */
  TillDay        day;         /* of settlements; 0 otherwise */
  TillTime       from, to;    /* of settlements: the readings */
  char          *meter_code, *tariff, *note; /* owned; NULL = none */
  TillDay        effective;
  TillRate       rate;
  guint          tier;        /* from 1; 0 = none */
  gboolean       has_price, has_number, has_channel, estimated;
  TillMoney      price;
  TillEnergy     energy;
  guint          days;
  gint64         number;      /* of the receipt */
  TillChannel    channel;
  TillId         request;     /* sale; nil = none */
  TillMoney      amount, balance; /* gained; afterwards */
} TilldStatementLine;

typedef struct {
  gint64         meter, account;
  char          *meter_code, *room, *account_code, *customer_name, *tariff, *zone; /* owned; NULL = none */
  TillSettlement settlement;
  gboolean       together;
  TillTime       from, to;
  TillMoney      opening, closing, sold, given_back, used, other; /* opening + the four = closing */
  TillEnergy     energy;
  TillMoney      difference; /* meter-settled: what the tariff asks beyond what the meter took, so far */
  TillPurse      purse;
  gboolean       has_held;   /* the meter keeps a purse of energy */
  TillEnergy     energy_held; /* now, by the books */
  TillMoney      energy_rest; /* paid and bought no whole unit: goes on to the next sale */
  GArray        *lines;      /* TilldStatementLine by time */
} TilldMeterStatement;

/* from <= at < to of the postings. NOT_FOUND, also out of scope. */
gboolean tilld_statement_load (TilldDb *db, const TilldActor *who, gint64 meter, TillTime from, TillTime to, TilldMeterStatement *ret, GError **error);
void     tilld_statement_clear (TilldMeterStatement *statement);

/* List of a route: total, items (a page), and the members of the statement beside them. query: meter, from, to (day or time), offset, limit. */
gboolean tilld_statement_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* The period of a query: days of the site or times; default this month until now. */
gboolean tilld_statement_period (TilldDb *db, const TilldActor *who, const char *from, const char *to, TillTime *ret_from, TillTime *ret_to, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldMeterStatement, tilld_statement_clear)

G_END_DECLS
