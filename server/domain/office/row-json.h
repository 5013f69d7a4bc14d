/* SPDX-License-Identifier: GPL-2.0-or-later
 * row-json.h: rows of a list as members of JSON, from one table of fields; decides nothing. */
#pragma once
#include "server/db/db-list.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_JSON_TEXT,
  TILLD_JSON_TEXTS,
  TILLD_JSON_INT,     /* NULL = null; also references */
  TILLD_JSON_INTS,
  TILLD_JSON_BOOL,
  TILLD_JSON_MONEY,   /* NULL = null, as the next four */
  TILLD_JSON_PURSE,   /* money, or energy where the row's column "purse" says so */
  TILLD_JSON_ENERGY,
  TILLD_JSON_MILLI,   /* three decimals */
  TILLD_JSON_TIME,
  TILLD_JSON_DAY,
  TILLD_JSON_ENUM,
  TILLD_JSON_FLAGS,   /* bits of an int -> array of words */
  TILLD_JSON_ID,
  TILLD_JSON_RAW,     /* jsonb; NULL = null */
  TILLD_JSON_RATES,   /* five columns energy_tip .. energy_deep -> object, NULL ones left out */
} TilldJsonKind;

typedef struct {
  const char   *member;
  TilldJsonKind kind;
  const char   *column;             /* NULL: named as the member */
  const char *(*word) (int value);  /* ENUM; FLAGS: of 1 << n */
} TilldJsonField;

/* The members of one row into the open object. fields end with member NULL. */
void     tilld_row_write (TilldRows *rows, guint row, const TilldJsonField *fields, TillJsonWrite *w);
/* "total" and "items" into the open object. */
gboolean tilld_list_write (TilldDb *db, TilldListQuery *query, const TilldJsonField *fields, TillJsonWrite *w, GError **error);
/* A list and its single records. */
typedef struct {
  const TilldListSpec  *spec;
  const TilldJsonField *fields;
  const char           *condition; /* of one record: "m.id = $#" */
  const char           *what;      /* "meter" */
} TilldJsonList;

/* init + write; scope of who applied. query may be NULL. */
gboolean tilld_list_serve (TilldDb *db, const TilldActor *who, const TilldJsonList *list, GHashTable *query, TillJsonWrite *w, GError **error);
/* Exactly the row with that id, its members into the open object; NOT_FOUND also when out of scope. */
gboolean tilld_record_serve (TilldDb *db, const TilldActor *who, const TilldJsonList *list, gint64 id, TillJsonWrite *w, GError **error);

G_END_DECLS
