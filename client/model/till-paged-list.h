/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-paged-list.h: a list over a route whose items exist only while somebody looks at them. get_n_items is the server's
 * total; get_item gives the live record of a position or a placeholder that is filled in place when its page arrives. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-query.h"
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_PAGED_LIST (till_paged_list_get_type ())
G_DECLARE_FINAL_TYPE (TillPagedList, till_paged_list, TILL, PAGED_LIST, GObject)

/* Properties: "total" (uint), "known" (boolean: the first page of this query came), "loading" (boolean), "error" (GError
 * boxed, NULL when well), "changes" (uint: live changes that would move, add or remove rows), "generation" (uint).
 * Signal "page-loaded" (uint first, uint n). Changes of the query start a new generation by themselves. */
TillPagedList *till_paged_list_new (TillApi *api, const char *path, GType record_type, TillQuery *query);
TillQuery     *till_paged_list_get_query (TillPagedList *self);
const char    *till_paged_list_get_path (TillPagedList *self);
TillApi       *till_paged_list_get_api (TillPagedList *self);
gboolean       till_paged_list_is_known (TillPagedList *self);
const GError  *till_paged_list_get_error (TillPagedList *self);
guint          till_paged_list_get_changes (TillPagedList *self);
void           till_paged_list_reload (TillPagedList *self); /* F5: asks again, old rows stay until the answer */
void           till_paged_list_retry (TillPagedList *self);  /* asks for the failed pages again */
/* A partial object of the live feed. TRUE: a live record of this list was updated. */
gboolean       till_paged_list_apply (TillPagedList *self, const char *id, JsonObject *object);
/* A change that this list cannot show in place: counts in "changes". */
void           till_paged_list_note_change (TillPagedList *self);
/* The record of an id if the list holds it; borrowed. */
gpointer       till_paged_list_find (TillPagedList *self, const char *id);
/* The record at a position only if it is loaded; borrowed. */
gpointer       till_paged_list_peek (TillPagedList *self, guint position);

/* Ids of a range, asking for the pages that are not here (range selection); at most 10,000 positions. */
typedef struct { guint first, n; } TillListRange;
void           till_paged_list_load_ids_async (TillPagedList *self, TillListRange range, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
GStrv          till_paged_list_load_ids_finish (TillPagedList *self, GAsyncResult *result, GError **error);

G_END_DECLS
