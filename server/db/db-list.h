/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-list.h: list queries with filters, sort and page, put together from constant fragments that a validated request chooses. Not one
 * byte of the request enters the text: values are parameters, names pick fragments. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_FILTER_I64,   /* $# is bigint[] of comma-separated integers */
  TILLD_FILTER_WORD,  /* the same of enum words through from_word */
  TILLD_FILTER_TEXT,  /* $# is text */
  TILLD_FILTER_DAY,   /* $# is date */
  TILLD_FILTER_TIME,  /* $# is timestamptz */
  TILLD_FILTER_INT,   /* $# is one bigint */
  TILLD_FILTER_UUID,  /* $# is uuid[] */
  TILLD_FILTER_BOOL,  /* $# is boolean: true, false */
  TILLD_FILTER_LIKE   /* $# is text with % around it, wildcards of the input escaped */
} TilldFilterKind;

typedef struct {
  const char     *name; /* of the query parameter; "q" is the search text; several rows of one name: the first that takes the value */
  TilldFilterKind kind;
  const char     *sql;  /* "m.gateway = ANY ($#)"; may use $# several times */
  gboolean (*from_word) (const char *word, int *ret_value);
  const char *search; /* of a TEXT: "search_meters ($1, TRUE, FALSE)", asked once, before the list; in sql $# is then bigint[], what it found */
} TilldListFilter;

typedef struct {
  const char *name; /* "balance" */
  const char *sql;  /* "s.balance" */
} TilldListSort;

typedef struct {
  const TilldStatement  *shape;   /* .name, .columns; .sql = the select list without SELECT */
  const char            *from;    /* "FROM meter m JOIN .." */
  const char            *where;   /* constant condition, "m.retired_at IS NULL"; NULL = none */
  const char            *scope;   /* "a.lineage && $#": area scope of the actor (bigint[]); NULL = the list has none */
  const TilldListFilter *filters; /* ends with name NULL */
  const TilldListSort   *sorts;   /* ends with name NULL */
  const char            *order;   /* default and tie-breaker: "m.code" */
} TilldListSpec;

/* Puts a spec into the registry, for the test that tries every filter and sort of every list. */
#define TILLD_LIST(variable) \
  __attribute__ ((section ("tilld_lists"), used)) static const TilldListSpec *const variable##_entry = &variable;
const TilldListSpec *const *tilld_lists (guint *ret_n);

typedef struct {
  const TilldListSpec *spec;
  gint64               offset, limit; /* limit -1 = all (exports) */
  GString             *where, *order;
  GArray              *params;        /* TilldDbParam */
  GPtrArray           *owned;         /* what params point to */
  const char          *search;        /* still to be asked; NULL = none */
  guint                searched;      /* its place in params */
} TilldListQuery;

/* query: name -> value of the request, NULL for none. INVALID names unknown filters, sorts and wrong values. areas: scope, NULL = all. */
gboolean tilld_list_query_init (TilldListQuery *q, const TilldListSpec *spec, GHashTable *query, const GArray *areas, GError **error);
void     tilld_list_query_clear (TilldListQuery *q);
/* Adds a fixed condition with one bigint parameter, e.g. "r.meter = $#". */
void     tilld_list_query_fix (TilldListQuery *q, const char *constant_sql, gint64 value);
/* ret_total may be NULL (then it is not asked). Rows have the columns of the shape. */
gboolean tilld_list_run (TilldDb *db, TilldListQuery *q, TilldRows **ret_rows, gint64 *ret_total, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldListQuery, tilld_list_query_clear)

G_END_DECLS
