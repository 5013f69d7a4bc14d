/* SPDX-License-Identifier: GPL-2.0-or-later
 * query.h: the query string, decoded and read as strictly as a body: every error is collected, an unknown or doubled name is an
 * error, an out value is untouched unless its name is present and right. */
#pragma once
#include "shared/base/till-json-read.h"

G_BEGIN_DECLS

typedef struct {
  GHashTable *values; /* name -> decoded value */
  GHashTable *asked;
  GPtrArray  *errors; /* TillFieldError */
} TilldQuery;

/* raw NULL or "": no parameters. INVALID for bad escapes, bad UTF-8, control characters, a doubled name. */
gboolean tilld_query_init (TilldQuery *q, const char *raw, GError **error);
void     tilld_query_clear (TilldQuery *q);
gboolean tilld_query_has (TilldQuery *q, const char *name);
/* Borrowed text, NULL when absent. */
const char *tilld_query_text (TilldQuery *q, const char *name, gsize max_chars);
gboolean tilld_query_int (TilldQuery *q, const char *name, gint64 min, gint64 max, gint64 *ret);
gboolean tilld_query_bool (TilldQuery *q, const char *name, gboolean *ret); /* true, false */
gboolean tilld_query_id (TilldQuery *q, const char *name, TillId *ret);
gboolean tilld_query_time (TilldQuery *q, const char *name, TillTime *ret);
gboolean tilld_query_day (TilldQuery *q, const char *name, TillDay *ret);
/* Comma-separated; *ret_values is a new array, NULL when absent. */
gboolean tilld_query_int_list (TilldQuery *q, const char *name, guint max, GArray **ret_values);                  /* gint64 */
gboolean tilld_query_id_list (TilldQuery *q, const char *name, guint max, GArray **ret_values);                   /* TillId */
gboolean tilld_query_word_list (TilldQuery *q, const char *name, TillWordFunc from_word, GArray **ret_values);    /* gint64 */
void     tilld_query_error (TilldQuery *q, const char *name, const char *reason);
/* TRUE when nothing was wrong and every name was asked for. */
gboolean tilld_query_finish (TilldQuery *q, GError **error);

G_END_DECLS
