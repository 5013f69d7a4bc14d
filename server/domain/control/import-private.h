/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-private.h: between the files of the import. A row is judged from what was loaded in bulk, never by a question of its own. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/control/import.h"

G_BEGIN_DECLS

typedef enum { TILLD_EFFECT_CREATE, TILLD_EFFECT_CHANGE, TILLD_EFFECT_SAME } TilldImportEffect;

typedef struct {
  guint             index;  /* in the request */
  GHashTable       *cells;  /* name -> clean text; empty ones are not in it */
  GPtrArray        *wrong;  /* name, reason, name, reason ..; NULL = right */
  TilldImportEffect effect;
} TilldImportRow;

typedef struct {
  TilldDb                *db;
  const TilldImportTools *tools;
  const TilldActor       *who;
  const TilldImport      *in;
  GArray                 *rows;    /* TilldImportRow */
  guint                   n_areas; /* places that come along */
  TillJsonWrite          *audit;   /* array of {"object","before"?,"after"?} */
  gboolean                money;   /* something was posted */
  GArray                 *orders;  /* gint64: meters that are told their prices and limits after the commit */
} TilldImportWork;

void        tilld_import_row_init (TilldImportRow *row, TilldImportKind kind, guint index, JsonNode *node);
void        tilld_import_row_clear (gpointer row);
void        tilld_import_wrong (TilldImportRow *row, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* The members of an error of a verb, or its sentence under otherwise. */
void        tilld_import_wrong_error (TilldImportRow *row, const char *otherwise, const GError *error);
const char *tilld_import_cell (const TilldImportRow *row, const char *name); /* NULL = not given */
/* FALSE: not given, or wrong and said so. */
gboolean    tilld_import_cell_code (TilldImportRow *row, const char *name, gsize max, const char **ret);
gboolean    tilld_import_cell_int (TilldImportRow *row, const char *name, gint64 min, gint64 max, gint64 *ret);
gboolean    tilld_import_cell_decimal (TilldImportRow *row, const char *name, guint decimals, gint64 *ret); /* not below 0 */
typedef struct { gboolean (*from_word) (const char *word, int *ret); const char *allowed; } TilldImportWords;
gboolean    tilld_import_cell_word (TilldImportRow *row, const char *name, const TilldImportWords *words, int *ret);
gboolean    tilld_import_required (TilldImportRow *row, const char *name); /* says so when it is not given */
/* Can the model hold what was typed? values: alarm1, alarm2, overload_kw in server units; a meter that settles itself has the alarms in
 * registers. Says so when not. */
void        tilld_import_limits_held (TilldImportRow *row, const TilldProfile *profile, gboolean settles, const gint64 values[3]);
/* The texts of one column over all rows, each once. */
GPtrArray  *tilld_import_column (const TilldImportWork *work, const char *name);
/* before and after may be NULL. */
void        tilld_import_note (TilldImportWork *work, const char *what, gint64 id, const char *before, const char *after);

static inline TilldImportRow *
tilld_import_row (const TilldImportWork *work, guint i)
{
  return &g_array_index (work->rows, TilldImportRow, i);
}

#define TILLD_IMPORT_AREAS(who) \
  DB_I64_ARRAY ((who)->areas != NULL ? (const gint64 *) (gpointer) (who)->areas->data : NULL, (who)->areas != NULL ? (who)->areas->len : 0)

/* Places by path: those there are and those that come along. */
typedef struct {
  GHashTable *places; /* path -> Place */
  GPtrArray  *fresh;  /* paths to make, parents first */
} TilldImportAreas;
gboolean tilld_import_areas_load (const TilldImportWork *work, TilldImportAreas *ret_areas, GError **error);
void     tilld_import_areas_clear (TilldImportAreas *areas);
/* The area of the cell, as a key for id; NULL: not given, or wrong and said so. make: what is missing is planned. */
const char *tilld_import_areas_find (TilldImportAreas *areas, const TilldImportWork *work, TilldImportRow *row, gboolean make);
/* The nearest place at or above that path that is there already; 0 = none. */
gint64   tilld_import_areas_near (const TilldImportAreas *areas, const char *text);
gint64   tilld_import_areas_id (const TilldImportAreas *areas, const char *path); /* 0 = not made yet */
gboolean tilld_import_areas_make (TilldImportAreas *areas, TilldImportWork *work, GError **error);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldImportAreas, tilld_import_areas_clear)

/* id of each tariff by name. */
gboolean tilld_import_tariffs_load (const TilldImportWork *work, GHashTable **ret_tariffs, GError **error);

/* One kind: judge fills verdicts; write runs only when all are right. */
typedef struct {
  gpointer (*judge) (TilldImportWork *work, GError **error); /* NULL = failed */
  gboolean (*write) (TilldImportWork *work, gpointer plan, GError **error);
  void     (*free) (gpointer plan);
} TilldImportClass;
extern const TilldImportClass tilld_import_plant, tilld_import_customers, tilld_import_accounts;

G_END_DECLS
