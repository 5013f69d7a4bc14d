/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-paged-list.c: a list over a route. Items live while somebody holds them, pages while they are among the last 20;
 * an arriving page fills the records that exist. Sorting and filtering are the server's. */
#define G_LOG_DOMAIN "till-paged-list"
#include "config.h"
#include "client/model/till-paged-list.h"

#include "shared/api/till-limits.h"

#define PAGE          TILL_PAGE_DEFAULT
#define PAGES_KEPT    20
#define WAIT_MS       30
#define IN_FLIGHT_MAX 2
#define WANTED_MAX    6     /* what scrolled past long ago is not worth a request */

typedef struct { guint number; GPtrArray *records; } Page;

/* One record that somebody holds, at its position. */
typedef struct {
  TillPagedList *list;
  guint          position;
  TillRecord    *record; /* weak */
  char          *key;    /* in `ids`, of a loaded one */
} Slot;

struct _TillPagedList {
  GObject       parent_instance;
  TillApi      *api;
  char         *path;
  GType         record_type;
  TillQuery    *query;
  GCancellable *cancellable; /* of this generation's requests */
  GHashTable   *slots;       /* position -> Slot */
  GHashTable   *ids;         /* key -> Slot, of loaded ones */
  GQueue        pages;       /* Page, most recently used first */
  GQueue        wanted;      /* page numbers, newest first */
  GHashTable   *failed;      /* set of page numbers */
  guint         total;
  guint         generation;
  guint         changes;
  guint         in_flight;
  guint         asking[IN_FLIGHT_MAX]; /* page numbers under way */
  guint         wait_id;
  gboolean      known;
  gboolean      renewing;    /* the next answer begins a new list */
  GError       *error;
};

static void till_paged_list_model_init (GListModelInterface *iface);
static void ask_soon (TillPagedList *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillPagedList, till_paged_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, till_paged_list_model_init))

enum { PROP_TOTAL = 1, PROP_KNOWN, PROP_LOADING, PROP_ERROR, PROP_CHANGES, PROP_GENERATION, N_PROPS };
static GParamSpec *props[N_PROPS];
static guint page_loaded_signal;

typedef struct { TillPagedList *list; guint page; guint generation; } Request;

static void
notify (TillPagedList *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
page_free (gpointer data)
{
  Page *page = data;

  g_ptr_array_unref (page->records);
  g_free (page);
}

static void
set_key (Slot *slot, const char *key)
{
  if (g_strcmp0 (slot->key, key) == 0)
    return;
  if (slot->key != NULL && g_hash_table_lookup (slot->list->ids, slot->key) == slot)
    g_hash_table_remove (slot->list->ids, slot->key);
  g_free (slot->key);
  slot->key = g_strdup (key);
  if (key != NULL)
    g_hash_table_replace (slot->list->ids, slot->key, slot);
}

static void
record_gone_cb (gpointer data, GObject *where_it_was)
{
  Slot *slot = data;

  set_key (slot, NULL);
  g_hash_table_steal (slot->list->slots, GUINT_TO_POINTER (slot->position));
  g_free (slot);
}

static void
slot_free (gpointer data)
{
  Slot *slot = data;

  set_key (slot, NULL);
  g_object_weak_unref (G_OBJECT (slot->record), record_gone_cb, slot);
  g_free (slot);
}

/* Caller owns the record of the slot. */
static Slot *
make_slot (TillPagedList *self, guint position)
{
  Slot *slot = g_new0 (Slot, 1);

  slot->list = self;
  slot->position = position;
  slot->record = g_object_new (self->record_type, NULL);
  g_object_weak_ref (G_OBJECT (slot->record), record_gone_cb, slot);
  g_hash_table_insert (self->slots, GUINT_TO_POINTER (position), slot);
  return slot;
}

static GList *
find_page (TillPagedList *self, guint number)
{
  for (GList *link = self->pages.head; link != NULL; link = link->next)
    if (((Page *) link->data)->number == number)
      return link;
  return NULL;
}

static gboolean
is_asked (TillPagedList *self, guint number)
{
  for (guint i = 0; i < self->in_flight; i++)
    if (self->asking[i] == number)
      return TRUE;
  return FALSE;
}

static void
want (TillPagedList *self, guint number)
{
  if (is_asked (self, number) || g_hash_table_contains (self->failed, GUINT_TO_POINTER (number)))
    return;
  g_queue_remove (&self->wanted, GUINT_TO_POINTER (number));
  g_queue_push_head (&self->wanted, GUINT_TO_POINTER (number));
  while (self->wanted.length > WANTED_MAX)
    g_queue_pop_tail (&self->wanted);
  ask_soon (self);
}

static void
drop_all (TillPagedList *self)
{
  g_hash_table_remove_all (self->slots); /* first: pages let go of their records after nobody listens */
  g_queue_clear_full (&self->pages, page_free);
  g_queue_clear (&self->wanted);
}

/* Answers of requests that are under way are not wanted any more. */
static void
cut_off (TillPagedList *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->in_flight = 0;
  self->generation++;
  g_hash_table_remove_all (self->failed);
  g_queue_clear (&self->wanted);
}

static void
set_error (TillPagedList *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  notify (self, PROP_ERROR);
}

static void
set_changes (TillPagedList *self, guint changes)
{
  if (self->changes == changes)
    return;
  self->changes = changes;
  notify (self, PROP_CHANGES);
}

static void
fill_slot (Slot *slot, JsonNode *item)
{
  g_autoptr(GError) error = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (item) || !till_record_load (slot->record, json_node_get_object (item), FALSE, &error))
    g_warning ("an item of %s does not fit: %s", slot->list->path, error != NULL ? error->message : "no object");
  till_record_set_failed (slot->record, !till_record_is_loaded (slot->record));
  set_key (slot, till_record_key (slot->record));
}

static void
fill_page (TillPagedList *self, guint number, JsonArray *items)
{
  GList *link = find_page (self, number);
  Page *page = g_new0 (Page, 1);
  guint n = MIN (json_array_get_length (items), PAGE);

  page->number = number;
  page->records = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n && number * PAGE + i < self->total; i++)
    {
      guint position = number * PAGE + i;
      Slot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (position));

      if (slot != NULL)
        g_object_ref (slot->record);
      else
        slot = make_slot (self, position);
      g_ptr_array_add (page->records, slot->record);
      fill_slot (slot, json_array_get_element (items, i));
    }
  if (link != NULL) /* the new page holds the same records by now */
    {
      page_free (link->data);
      g_queue_delete_link (&self->pages, link);
    }
  g_queue_push_head (&self->pages, page);
  while (self->pages.length > PAGES_KEPT)
    page_free (g_queue_pop_tail (&self->pages));
}

static gboolean
read_list (JsonNode *reply, guint *ret_total, JsonArray **ret_items, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (reply) ? json_node_get_object (reply) : NULL;
  JsonNode *total = object != NULL ? json_object_get_member (object, "total") : NULL;
  JsonNode *items = object != NULL ? json_object_get_member (object, "items") : NULL;
  gint64 n;

  if (total == NULL || !JSON_NODE_HOLDS_VALUE (total) || json_node_get_value_type (total) != G_TYPE_INT64 || items == NULL ||
      !JSON_NODE_HOLDS_ARRAY (items) || (n = json_node_get_int (total)) < 0 || n > G_MAXINT32)
    {
      g_set_error_literal (error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
      return FALSE;
    }
  *ret_total = (guint) n;
  *ret_items = json_node_get_array (items);
  return TRUE;
}

static void
take_page (TillPagedList *self, guint number, guint total, JsonArray *items)
{
  guint before = self->total;
  gboolean anew = self->renewing || !self->known || total != before;

  if (anew)
    {
      if (!self->renewing && self->known)
        cut_off (self);
      drop_all (self);
      self->total = total;
      self->renewing = FALSE;
      self->known = TRUE;
      set_changes (self, 0);
    }
  fill_page (self, number, items);
  if (anew)
    {
      notify (self, PROP_GENERATION);
      g_list_model_items_changed (G_LIST_MODEL (self), 0, before, total);
      notify (self, PROP_KNOWN);
      notify (self, PROP_TOTAL);
    }
  g_signal_emit (self, page_loaded_signal, 0, number * PAGE, json_array_get_length (items));
}

static void
fail_page (TillPagedList *self, guint number, const GError *error)
{
  g_hash_table_add (self->failed, GUINT_TO_POINTER (number));
  for (guint i = 0; i < PAGE; i++)
    {
      Slot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (number * PAGE + i));

      if (slot != NULL && !till_record_is_loaded (slot->record))
        till_record_set_failed (slot->record, TRUE);
    }
  set_error (self, error);
}

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr(TillPagedList) self = request->list;
  guint number = request->page, total = 0;
  gboolean mine = request->generation == self->generation;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  JsonArray *items = NULL;

  g_free (request);
  if (!mine)
    return;
  for (guint i = 0; i < self->in_flight; i++)
    if (self->asking[i] == number)
      {
        self->asking[i] = self->asking[--self->in_flight];
        break;
      }
  if (reply == NULL || !read_list (reply, &total, &items, &error))
    fail_page (self, number, error);
  else
    {
      set_error (self, NULL);
      take_page (self, number, total, items);
    }
  ask_soon (self);
  notify (self, PROP_LOADING);
}

static char *
range_query (TillPagedList *self, guint offset, guint limit)
{
  g_autofree char *filters = till_query_to_uri (self->query);

  return g_strdup_printf ("offset=%u&limit=%u%s%s", offset, limit, *filters != '\0' ? "&" : "", filters);
}

static gboolean
ask_cb (gpointer user_data)
{
  TillPagedList *self = user_data;

  self->wait_id = 0;
  while (self->in_flight < IN_FLIGHT_MAX && !g_queue_is_empty (&self->wanted))
    {
      guint number = GPOINTER_TO_UINT (g_queue_pop_head (&self->wanted));
      g_autofree char *query = range_query (self, number * PAGE, PAGE);
      Request *request;

      request = g_new0 (Request, 1);
      request->list = g_object_ref (self);
      request->page = number;
      request->generation = self->generation;
      self->asking[self->in_flight++] = number;
      till_api_call_async (self->api, &(TillCall){ .path = self->path, .query = query }, self->cancellable, answer_cb, request);
    }
  notify (self, PROP_LOADING);
  return G_SOURCE_REMOVE;
}

static void
ask_soon (TillPagedList *self)
{
  if (self->wait_id == 0 && !g_queue_is_empty (&self->wanted) && self->in_flight < IN_FLIGHT_MAX)
    self->wait_id = g_timeout_add (WAIT_MS, ask_cb, self);
}

static void
renew (TillPagedList *self)
{
  cut_off (self);
  self->renewing = TRUE;
  want (self, 0);
}

static void
query_changed_cb (TillQuery *query, TillPagedList *self)
{
  renew (self);
}

static GType
till_paged_list_get_item_type (GListModel *model)
{
  return TILL_PAGED_LIST (model)->record_type;
}

static guint
till_paged_list_get_n_items (GListModel *model)
{
  return TILL_PAGED_LIST (model)->total;
}

static gpointer
till_paged_list_get_item (GListModel *model, guint position)
{
  TillPagedList *self = TILL_PAGED_LIST (model);
  Slot *slot;
  GList *link;

  if (position >= self->total)
    return NULL;
  slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (position));
  link = find_page (self, position / PAGE);
  if (link != NULL && link != self->pages.head)
    {
      g_queue_unlink (&self->pages, link);
      g_queue_push_head_link (&self->pages, link);
    }
  if (link == NULL && !self->renewing)
    want (self, position / PAGE);
  return slot != NULL ? g_object_ref (slot->record) : make_slot (self, position)->record;
}

static void
till_paged_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = till_paged_list_get_item_type;
  iface->get_n_items = till_paged_list_get_n_items;
  iface->get_item = till_paged_list_get_item;
}

static void
till_paged_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillPagedList *self = TILL_PAGED_LIST (object);

  switch (id)
    {
    case PROP_TOTAL: g_value_set_uint (value, self->total); break;
    case PROP_KNOWN: g_value_set_boolean (value, self->known); break;
    case PROP_LOADING: g_value_set_boolean (value, self->in_flight > 0 || !g_queue_is_empty (&self->wanted)); break;
    case PROP_ERROR: g_value_set_boxed (value, self->error); break;
    case PROP_CHANGES: g_value_set_uint (value, self->changes); break;
    case PROP_GENERATION: g_value_set_uint (value, self->generation); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_paged_list_dispose (GObject *object)
{
  TillPagedList *self = TILL_PAGED_LIST (object);

  g_clear_handle_id (&self->wait_id, g_source_remove);
  if (self->query != NULL)
    g_signal_handlers_disconnect_by_data (self->query, self);
  g_clear_object (&self->query);
  g_cancellable_cancel (self->cancellable);
  drop_all (self);
  G_OBJECT_CLASS (till_paged_list_parent_class)->dispose (object);
}

static void
till_paged_list_finalize (GObject *object)
{
  TillPagedList *self = TILL_PAGED_LIST (object);

  g_clear_object (&self->api);
  g_clear_object (&self->cancellable);
  g_free (self->path);
  g_hash_table_unref (self->slots);
  g_hash_table_unref (self->ids);
  g_hash_table_unref (self->failed);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (till_paged_list_parent_class)->finalize (object);
}

static void
till_paged_list_class_init (TillPagedListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_paged_list_get_property;
  object_class->dispose = till_paged_list_dispose;
  object_class->finalize = till_paged_list_finalize;
  props[PROP_TOTAL] = g_param_spec_uint ("total", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_KNOWN] = g_param_spec_boolean ("known", NULL, NULL, FALSE, flags);
  props[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_CHANGES] = g_param_spec_uint ("changes", NULL, NULL, 0, G_MAXUINT, 0, flags);
  props[PROP_GENERATION] = g_param_spec_uint ("generation", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  page_loaded_signal = g_signal_new ("page-loaded", TILL_TYPE_PAGED_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                     G_TYPE_UINT, G_TYPE_UINT);
}

static void
till_paged_list_init (TillPagedList *self)
{
  self->slots = g_hash_table_new_full (NULL, NULL, NULL, slot_free);
  self->ids = g_hash_table_new (g_str_hash, g_str_equal); /* keys are the slots' */
  self->failed = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();
}

TillPagedList *
till_paged_list_new (TillApi *api, const char *path, GType record_type, TillQuery *query)
{
  TillPagedList *self = g_object_new (TILL_TYPE_PAGED_LIST, NULL);

  self->api = g_object_ref (api);
  self->path = g_strdup (path);
  self->record_type = record_type;
  self->query = g_object_ref (query);
  g_signal_connect (query, "changed", G_CALLBACK (query_changed_cb), self);
  renew (self);
  return self;
}

TillQuery *
till_paged_list_get_query (TillPagedList *self)
{
  return self->query;
}

const char *
till_paged_list_get_path (TillPagedList *self)
{
  return self->path;
}

TillApi *
till_paged_list_get_api (TillPagedList *self)
{
  return self->api;
}

gboolean
till_paged_list_is_known (TillPagedList *self)
{
  return self->known;
}

const GError *
till_paged_list_get_error (TillPagedList *self)
{
  return self->error;
}

guint
till_paged_list_get_changes (TillPagedList *self)
{
  return self->changes;
}

void
till_paged_list_reload (TillPagedList *self)
{
  guint shown[2] = { 0, 0 }, n = 0;

  if (!self->known || self->renewing)
    {
      renew (self);
      return;
    }
  for (GList *link = self->pages.head; link != NULL && n < G_N_ELEMENTS (shown); link = link->next)
    shown[n++] = ((Page *) link->data)->number;
  cut_off (self);
  while (self->pages.length > n) /* what is not in view is asked for again when it comes into view */
    page_free (g_queue_pop_tail (&self->pages));
  set_changes (self, 0);
  for (guint i = MAX (n, 1); i > 0; i--)
    want (self, shown[i - 1]);
}

void
till_paged_list_retry (TillPagedList *self)
{
  g_autoptr(GList) numbers = g_hash_table_get_keys (self->failed);

  g_hash_table_remove_all (self->failed);
  set_error (self, NULL);
  for (GList *link = numbers; link != NULL; link = link->next)
    want (self, GPOINTER_TO_UINT (link->data));
}

gboolean
till_paged_list_apply (TillPagedList *self, const char *id, JsonObject *object)
{
  TillRecord *record = till_paged_list_find (self, id);
  g_autoptr(GError) error = NULL;

  if (record == NULL || object == NULL)
    return FALSE;
  if (!till_record_load (record, object, TRUE, &error))
    g_warning ("a change of %s does not fit: %s", self->path, error->message);
  return TRUE;
}

void
till_paged_list_note_change (TillPagedList *self)
{
  if (self->known)
    set_changes (self, self->changes + 1);
}

gpointer
till_paged_list_find (TillPagedList *self, const char *id)
{
  Slot *slot = g_hash_table_lookup (self->ids, id);

  return slot != NULL ? slot->record : NULL;
}

gpointer
till_paged_list_peek (TillPagedList *self, guint position)
{
  Slot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (position));

  return slot != NULL && till_record_is_loaded (slot->record) ? slot->record : NULL;
}
