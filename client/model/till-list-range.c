/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-list-range.c: the ids of a range of a paged list, for selections over rows that were never shown. */
#define G_LOG_DOMAIN "till-paged-list"
#include "config.h"
#include "client/model/till-paged-list.h"

#include "shared/api/till-limits.h"

#define RANGE_MAX 10000

typedef struct { TillListRange range; guint done; GStrvBuilder *ids; } IdLoad;

static void
id_load_free (gpointer data)
{
  IdLoad *load = data;

  g_strv_builder_unref (load->ids);
  g_free (load);
}

static void load_ids_on (GTask *task);

static void
ids_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  TillPagedList *self = g_task_get_source_object (task);
  IdLoad *load = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  JsonNode *member = reply != NULL && JSON_NODE_HOLDS_OBJECT (reply) ? json_object_get_member (json_node_get_object (reply), "items") : NULL;
  JsonArray *items;
  guint n;

  if (reply != NULL && (member == NULL || !JSON_NODE_HOLDS_ARRAY (member)))
    error = g_error_new_literal (TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  items = json_node_get_array (member);
  n = json_array_get_length (items);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TillRecord) record = till_record_new_from_json (g_list_model_get_item_type (G_LIST_MODEL (self)), json_array_get_element (items, i), NULL);

      if (record != NULL && till_record_key (record) != NULL)
        g_strv_builder_add (load->ids, till_record_key (record));
    }
  load->done += n;
  if (n == 0)
    load->done = load->range.n;
  load_ids_on (task);
}

static void
load_ids_on (GTask *task)
{
  TillPagedList *self = g_task_get_source_object (task);
  IdLoad *load = g_task_get_task_data (task);
  g_autofree char *filters = NULL, *query = NULL;
  gpointer record;

  while (load->done < load->range.n && (record = till_paged_list_peek (self, load->range.first + load->done)) != NULL)
    {
      g_strv_builder_add (load->ids, till_record_key (record));
      load->done++;
    }
  if (load->done >= load->range.n)
    {
      g_task_return_pointer (task, g_strv_builder_end (load->ids), (GDestroyNotify) g_strfreev);
      return;
    }
  filters = till_query_to_uri (till_paged_list_get_query (self));
  query = g_strdup_printf ("offset=%u&limit=%u%s%s", load->range.first + load->done, MIN (load->range.n - load->done, TILL_PAGE_MAX),
                           *filters != '\0' ? "&" : "", filters);
  till_api_call_async (till_paged_list_get_api (self), &(TillCall){ .path = till_paged_list_get_path (self), .query = query },
                       g_task_get_cancellable (task), ids_cb, g_object_ref (task));
}

void
till_paged_list_load_ids_async (TillPagedList *self, TillListRange range, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  IdLoad *load = g_new0 (IdLoad, 1);

  g_task_set_source_tag (task, till_paged_list_load_ids_async);
  g_task_set_task_data (task, load, id_load_free);
  load->range = range;
  load->range.n = MIN (load->range.n, RANGE_MAX);
  load->ids = g_strv_builder_new ();
  load_ids_on (task);
}

GStrv
till_paged_list_load_ids_finish (TillPagedList *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
