/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-query.h: what a list shows: text, filters, sort. One "changed" for each real change. */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TILL_TYPE_QUERY (till_query_get_type ())
G_DECLARE_FINAL_TYPE (TillQuery, till_query, TILL, QUERY, GObject)

/* Properties "text" (string, q=), "sort" (string: "name,-balance" or NULL). Signal "changed". */
TillQuery  *till_query_new (void);
TillQuery  *till_query_copy (TillQuery *self);
void        till_query_set_text (TillQuery *self, const char *text);
const char *till_query_get_text (TillQuery *self);
/* NULL or "" removes the filter. Several values: "queued,sent". */
void        till_query_set_filter (TillQuery *self, const char *name, const char *value);
const char *till_query_get_filter (TillQuery *self, const char *name);
void        till_query_set_sort (TillQuery *self, const char *key, gboolean descending); /* NULL = the list's own order */
const char *till_query_get_sort (TillQuery *self);
gboolean    till_query_is_filtered (TillQuery *self); /* text or a filter that is not fixed: "Nothing matches" against "empty" */
/* Fixed filters (the meter of a meter window) survive till_query_clear and do not count as filtered. */
void        till_query_set_fixed (TillQuery *self, const char *name, const char *value);
void        till_query_clear (TillQuery *self); /* text and filters; sort stays */
void        till_query_freeze (TillQuery *self);
void        till_query_thaw (TillQuery *self);  /* one "changed" for all of it */

/* "q=…&state=…&sort=…" without offset and limit; caller frees. */
char       *till_query_to_uri (TillQuery *self);
/* "from=…" style text of filters and text for till_settings_set_view, and back. */
void        till_query_load (TillQuery *self, const char *uri_text);

G_END_DECLS
