/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-form.c: see till-plant-form.h. The server checks; this carries values to and fro and never sends without a version. */
#define G_LOG_DOMAIN "till-plant-form"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-plant-form.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"

typedef struct {
  TillPage            *page;
  const TillPlantForm *form;
  gint64               id, version;
  JsonObject          *beside; /* of a new record: members that are no field */
  GWeakRef             waits;  /* for what became of it */
  void               (*then) (gpointer object, JsonObject *record);
} Form;

static void
form_free (gpointer data)
{
  Form *self = data;

  g_object_unref (self->page);
  g_clear_pointer (&self->beside, json_object_unref);
  g_weak_ref_clear (&self->waits);
  g_free (self);
}

static TillPlantService *
service (TillPage *page)
{
  return till_context_get_plant (till_page_get_context (page));
}

static JsonObject *
object_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gint64
int_of (JsonObject *object, const char *member)
{
  return json_object_get_int_member_with_default (object, member, 0);
}

/* --- saving --- */

static void
fail (TillEditorWindow *window, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_editor_window_fail (window, error, text);
}

static void
fresh_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillEditorWindow) window = user_data;
  Form *self = g_object_get_data (G_OBJECT (window), "till-form");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (object_of (node) == NULL)
    {
      fail (window, error);
      return;
    }
  self->version = int_of (object_of (node), "version");
  till_editor_window_merge (window, object_of (node));
}

static void
was_saved (TillPage *page, const TillPlantForm *form, JsonNode *node)
{
  g_autoptr (JsonObject) none = json_object_new ();

  till_report_done (GTK_WIDGET (page), _ (form->done));
  if (form->saved != NULL)
    form->saved (page, object_of (node) != NULL ? object_of (node) : none);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillEditorWindow) window = user_data;
  Form *self = g_object_get_data (G_OBJECT (window), "till-form");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (node == NULL && self->id > 0 && till_error_is (error, TILL_ERROR_STALE))
    till_plant_service_read_async (service (self->page), self->form->kind, self->id, NULL, fresh_cb, g_object_ref (window));
  else if (node == NULL)
    fail (window, error);
  else
    {
      g_autoptr (GObject) waits = g_weak_ref_get (&self->waits);

      was_saved (self->page, self->form, node);
      if (waits != NULL && object_of (node) != NULL)
        self->then (waits, object_of (node));
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

static void
put_beside (Form *self, JsonObject *body)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *value;

  if (self->beside == NULL)
    return;
  json_object_iter_init (&iter, self->beside);
  while (json_object_iter_next (&iter, &member, &value))
    json_object_set_member (body, member, json_node_copy (value));
}

static void
save_cb (TillEditorWindow *window, JsonNode *body, Form *self)
{
  TillPlantEdit edit = { self->form->kind, self->id, self->version, body };

  put_beside (self, json_node_get_object (body));
  if (self->id > 0 && json_object_get_size (json_node_get_object (body)) == 0) /* nothing of mine is left: what stands there stays */
    {
      till_page_refresh (self->page);
      gtk_window_destroy (GTK_WINDOW (window));
      return;
    }
  till_plant_service_save_async (service (self->page), &edit, NULL, saved_cb, g_object_ref (window));
}

/* --- opening --- */

static TillEditorWindow *
make_window (TillPage *page, const TillPlantForm *form, gint64 id)
{
  TillEditorWindow *window = till_editor_window_new (GTK_WIDGET (page), _ (id > 0 ? form->title : form->new_title), _ ("Save"));
  Form *self = g_new0 (Form, 1);

  g_weak_ref_init (&self->waits, NULL);
  self->page = g_object_ref (page);
  self->form = form;
  self->id = id;
  till_editor_window_set_fields (window, form->fields, form->n_fields);
  if (form->prepare != NULL)
    form->prepare (window, till_page_get_context (page));
  g_object_set_data_full (G_OBJECT (window), "till-form", self, form_free);
  g_signal_connect (window, "saved", G_CALLBACK (save_cb), self);
  return window;
}

static gboolean
has_field (const TillPlantForm *form, const char *member)
{
  for (guint i = 0; i < form->n_fields; i++)
    if (g_str_equal (form->fields[i].member, member))
      return TRUE;
  return FALSE;
}

GtkWindow *
till_plant_form_new (TillPage *page, const TillPlantForm *form, JsonObject *proposed)
{
  TillEditorWindow *window = make_window (page, form, 0);
  Form *self = g_object_get_data (G_OBJECT (window), "till-form");
  JsonObjectIter iter;
  const char *member;
  JsonNode *value;

  if (proposed != NULL)
    {
      till_editor_window_propose (window, proposed);
      self->beside = json_object_new ();
      json_object_iter_init (&iter, proposed);
      while (json_object_iter_next (&iter, &member, &value))
        if (!has_field (form, member))
          json_object_set_member (self->beside, member, json_node_copy (value));
    }
  gtk_window_present (GTK_WINDOW (window));
  return GTK_WINDOW (window);
}

void
till_plant_form_then (GtkWindow *window, void (*then) (gpointer object, JsonObject *record), gpointer object)
{
  Form *self = g_object_get_data (G_OBJECT (window), "till-form");

  self->then = then;
  g_weak_ref_set (&self->waits, object);
}

typedef struct {
  TillPage            *page;
  const TillPlantForm *form;
  gint64               id;
  JsonObject          *before, *change; /* of a change without the form */
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->page);
  g_clear_pointer (&opening->before, json_object_unref);
  g_clear_pointer (&opening->change, json_object_unref);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

static TillEditorWindow *
open_loaded (Opening *opening, JsonObject *record)
{
  TillEditorWindow *window = make_window (opening->page, opening->form, opening->id);
  Form *self = g_object_get_data (G_OBJECT (window), "till-form");
  g_autofree char *subject = opening->form->dup_subject != NULL ? opening->form->dup_subject (record) : NULL;

  self->version = int_of (record, "version");
  till_editor_window_set_subject (window, subject);
  till_editor_window_load (window, record);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);
  TillEditorWindow *window;
  Form *self;

  if (object_of (node) == NULL)
    {
      if (error != NULL)
        till_report_error (GTK_WIDGET (opening->page), TILL_REPORT_ACTION, error);
      return;
    }
  if (opening->change == NULL)
    {
      open_loaded (opening, object_of (node));
      return;
    }
  window = open_loaded (opening, opening->before);
  till_editor_window_propose (window, opening->change);
  self = g_object_get_data (G_OBJECT (window), "till-form");
  self->version = int_of (object_of (node), "version");
  till_editor_window_merge (window, object_of (node));
}

void
till_plant_form_edit (TillPage *page, const TillPlantForm *form, gint64 id)
{
  Opening *opening = g_new0 (Opening, 1);

  *opening = (Opening){ g_object_ref (page), form, id, NULL, NULL };
  till_plant_service_read_async (service (page), form->kind, id, till_page_get_cancellable (page), read_cb, opening);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);
  TillPage *page = opening->page;

  if (node == NULL && till_error_is (error, TILL_ERROR_STALE))
    {
      TillPlantKind kind = opening->form->kind;
      gint64 id = opening->id;

      till_plant_service_read_async (service (page), kind, id, till_page_get_cancellable (page), read_cb, g_steal_pointer (&opening));
    }
  else if (node == NULL)
    till_report_error (GTK_WIDGET (page), TILL_REPORT_ACTION, error);
  else
    was_saved (page, opening->form, node);
}

void
till_plant_form_change (TillPage *page, const TillPlantForm *form, JsonObject *before, JsonObject *change)
{
  g_autoptr (JsonNode) body = json_node_init_object (json_node_alloc (), change);
  TillPlantEdit edit = { form->kind, int_of (before, "id"), int_of (before, "version"), body };
  Opening *opening = g_new0 (Opening, 1);

  *opening = (Opening){ g_object_ref (page), form, edit.id, json_object_ref (before), json_object_ref (change) };
  till_plant_service_save_async (service (page), &edit, NULL, changed_cb, opening);
}

void
till_plant_form_put_refs (TillEditorWindow *window, TillContext *context, const char *member, const TillPlantRefs *refs)
{
  GListModel *records = till_ref_lists_get (till_context_get_ref_lists (context), refs->list);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) ids = g_array_new (FALSE, TRUE, sizeof (gint64));
  gint64 id = 0;

  if (refs->none != NULL)
    {
      g_ptr_array_add (labels, g_strdup (refs->none));
      g_array_append_val (ids, id);
    }
  for (guint i = 0; i < g_list_model_get_n_items (records); i++)
    {
      g_autoptr (TillRecord) record = g_list_model_get_item (records, i);

      id = till_record_int (record, "id");
      g_ptr_array_add (labels, g_strdup (till_record_text (record, refs->text)));
      g_array_append_val (ids, id);
    }
  g_ptr_array_add (labels, NULL);
  till_editor_window_set_refs (window, member, (const char *const *) labels->pdata, (const gint64 *) (gpointer) ids->data);
}

void
till_plant_form_put_areas (TillEditorWindow *window, TillContext *context, const char *member, const char *none)
{
  till_plant_form_put_refs (window, context, member, &(TillPlantRefs){ TILL_REF_AREAS, "path", none });
}

/* --- retiring --- */

typedef struct { TillPage *page; TillPlantKind kind; gint64 id, version; char *done; } Retire;

static void
retire_free (gpointer data)
{
  Retire *retire = data;

  g_object_unref (retire->page);
  g_free (retire->done);
  g_free (retire);
}

static void
retired_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Retire *retire = g_object_get_data (G_OBJECT (window), "till-retire");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (GTK_WIDGET (retire->page), retire->done);
  till_page_refresh (retire->page);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
retire_cb (TillAskWindow *window, const char *answer, Retire *retire)
{
  TillPlantEdit edit = { retire->kind, retire->id, retire->version, NULL };

  till_plant_service_retire_async (service (retire->page), &edit, NULL, retired_cb, g_object_ref (window));
}

void
till_plant_form_retire (TillPage *page, const TillPlantRetire *retire)
{
  TillAsk ask = { .title = retire->title, .action = retire->action, .destructive = TRUE, .intro = retire->intro };
  TillAskWindow *window = till_ask_window_new (GTK_WIDGET (page), &ask);
  Retire *self = g_new0 (Retire, 1);

  *self = (Retire){ g_object_ref (page), retire->kind, retire->id, retire->version, g_strdup (retire->done) };
  till_ask_window_add_fact (window, retire->label, retire->value);
  if (retire->fact_label != NULL)
    till_ask_window_add_fact (window, retire->fact_label, retire->fact);
  g_object_set_data_full (G_OBJECT (window), "till-retire", self, retire_free);
  g_signal_connect (window, "answered", G_CALLBACK (retire_cb), self);
  gtk_window_present (GTK_WINDOW (window));
}
