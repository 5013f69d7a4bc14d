/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-ref-lists.c: whole lists below 10,000 rows, page after page into one store. */
#define G_LOG_DOMAIN "till-ref-lists"
#include "config.h"
#include "client/model/till-ref-lists.h"

#include "client/model/till-area.h"
#include "client/model/till-gateway.h"
#include "client/model/till-meter-model.h"
#include "client/model/till-operator.h"
#include "client/model/till-role.h"
#include "client/model/till-site.h"
#include "client/model/till-tariff.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define ROWS_MAX 10000

typedef struct {
  GListStore *store;
  GPtrArray  *arriving; /* records of the pages so far; NULL: nothing under way */
  gboolean    asked;
  guint       round;    /* answers of an older round are dropped */
} RefList;

struct _TillRefLists {
  GObject  parent_instance;
  TillApi *api;
  RefList  lists[TILL_REF_N];
};

G_DEFINE_FINAL_TYPE (TillRefLists, till_ref_lists, G_TYPE_OBJECT)

static guint failed_signal;

static const struct { const char *path; GType (*get_type) (void); } routes[TILL_REF_N] = {
  [TILL_REF_AREAS] = { TILL_PATH_AREAS, till_area_get_type },
  [TILL_REF_GATEWAYS] = { TILL_PATH_GATEWAYS, till_gateway_get_type },
  [TILL_REF_MODELS] = { TILL_PATH_METER_MODELS, till_meter_model_get_type },
  [TILL_REF_TARIFFS] = { TILL_PATH_TARIFFS, till_tariff_get_type },
  [TILL_REF_OPERATORS] = { TILL_PATH_OPERATORS, till_operator_get_type },
  [TILL_REF_ROLES] = { TILL_PATH_ROLES, till_role_get_type },
  [TILL_REF_SITES] = { TILL_PATH_SITES, till_site_get_type },
};

typedef struct { TillRefLists *lists; TillRefKind kind; guint round; } Request;

static void ask (TillRefLists *self, TillRefKind kind);

static gboolean
take (RefList *list, TillRefKind kind, JsonNode *reply, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (reply) ? json_node_get_object (reply) : NULL;
  JsonNode *items = object != NULL ? json_object_get_member (object, "items") : NULL;
  JsonArray *array;

  if (items == NULL || !JSON_NODE_HOLDS_ARRAY (items))
    {
      g_set_error_literal (error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
      return FALSE;
    }
  array = json_node_get_array (items);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      gpointer record = till_record_new_from_json (routes[kind].get_type (), json_array_get_element (array, i), error);

      if (record == NULL)
        return FALSE;
      g_ptr_array_add (list->arriving, record);
    }
  return TRUE;
}

static gboolean
is_last (JsonNode *reply, guint arrived)
{
  JsonNode *total = json_object_get_member (json_node_get_object (reply), "total");
  JsonArray *items = json_node_get_array (json_object_get_member (json_node_get_object (reply), "items"));

  return json_array_get_length (items) == 0 || arrived >= ROWS_MAX || total == NULL || !JSON_NODE_HOLDS_VALUE (total) ||
         json_node_get_value_type (total) != G_TYPE_INT64 || arrived >= json_node_get_int (total);
}

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Request *request = user_data;
  g_autoptr(TillRefLists) self = request->lists;
  TillRefKind kind = request->kind;
  RefList *list = &self->lists[kind];
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);

  if (request->round != list->round || list->arriving == NULL)
    return;
  if (reply == NULL || !take (list, kind, reply, &error))
    {
      g_clear_pointer (&list->arriving, g_ptr_array_unref);
      g_signal_emit (self, failed_signal, 0, (int) kind, error);
      return;
    }
  if (!is_last (reply, list->arriving->len))
    {
      ask (self, kind);
      return;
    }
  g_list_store_splice (list->store, 0, g_list_model_get_n_items (G_LIST_MODEL (list->store)), list->arriving->pdata, list->arriving->len);
  g_clear_pointer (&list->arriving, g_ptr_array_unref);
}

static void
ask (TillRefLists *self, TillRefKind kind)
{
  RefList *list = &self->lists[kind];
  g_autofree char *query = g_strdup_printf ("offset=%u&limit=%u", list->arriving->len, TILL_PAGE_MAX);
  Request *request = g_new0 (Request, 1);

  request->lists = g_object_ref (self);
  request->kind = kind;
  request->round = list->round;
  till_api_call_async (self->api, &(TillCall){ .path = routes[kind].path, .query = query }, NULL, answer_cb, request);
}

static void
load (TillRefLists *self, TillRefKind kind)
{
  RefList *list = &self->lists[kind];

  list->asked = TRUE;
  list->round++;
  g_clear_pointer (&list->arriving, g_ptr_array_unref);
  list->arriving = g_ptr_array_new_with_free_func (g_object_unref);
  ask (self, kind);
}

static void
till_ref_lists_finalize (GObject *object)
{
  TillRefLists *self = TILL_REF_LISTS (object);

  for (TillRefKind kind = 0; kind < TILL_REF_N; kind++)
    {
      g_clear_object (&self->lists[kind].store);
      g_clear_pointer (&self->lists[kind].arriving, g_ptr_array_unref);
    }
  g_clear_object (&self->api);
  G_OBJECT_CLASS (till_ref_lists_parent_class)->finalize (object);
}

static void
till_ref_lists_class_init (TillRefListsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_ref_lists_finalize;
  failed_signal = g_signal_new ("failed", TILL_TYPE_REF_LISTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_ERROR);
}

static void
till_ref_lists_init (TillRefLists *self)
{
  for (TillRefKind kind = 0; kind < TILL_REF_N; kind++)
    self->lists[kind].store = g_list_store_new (routes[kind].get_type ());
}

TillRefLists *
till_ref_lists_new (TillApi *api)
{
  TillRefLists *self = g_object_new (TILL_TYPE_REF_LISTS, NULL);

  self->api = g_object_ref (api);
  return self;
}

GListModel *
till_ref_lists_get (TillRefLists *self, TillRefKind kind)
{
  g_return_val_if_fail (kind < TILL_REF_N, NULL);
  if (!self->lists[kind].asked)
    load (self, kind);
  return G_LIST_MODEL (self->lists[kind].store);
}

gpointer
till_ref_lists_find (TillRefLists *self, TillRefKind kind, const char *id)
{
  GListModel *store = G_LIST_MODEL (self->lists[kind].store);

  for (guint i = 0; i < g_list_model_get_n_items (store); i++)
    {
      g_autoptr(TillRecord) record = g_list_model_get_item (store, i);

      if (g_strcmp0 (till_record_key (record), id) == 0)
        return record; /* the store holds it */
    }
  return NULL;
}

void
till_ref_lists_refresh (TillRefLists *self)
{
  for (TillRefKind kind = 0; kind < TILL_REF_N; kind++)
    if (self->lists[kind].asked)
      load (self, kind);
}

void
till_ref_lists_clear (TillRefLists *self)
{
  for (TillRefKind kind = 0; kind < TILL_REF_N; kind++)
    {
      self->lists[kind].asked = FALSE;
      self->lists[kind].round++;
      g_clear_pointer (&self->lists[kind].arriving, g_ptr_array_unref);
      g_list_store_remove_all (self->lists[kind].store);
    }
}
