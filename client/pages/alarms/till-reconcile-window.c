/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-reconcile-window.c: see till-reconcile-window.h. Asks again while it is open; whether it can be released is the server's to say. */
#define G_LOG_DOMAIN "till-reconcile-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-restored-meter.h"
#include "client/pages/alarms/till-reconcile-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"
#include "client/widgets/till-table.h"

#define ASK_MS 2500

struct _TillReconcileWindow {
  AdwWindow     parent_instance;
  TillContext  *context;
  GCancellable *cancellable;
  guint         tick;
  gboolean      may, open; /* may propose; the journal is through and nobody proposed yet */
  TillStrip    *strip;
  GtkLabel     *why, *journal, *state, *counts;
  GtkEntry     *note;
  TillTable    *table;
  GListStore   *meters;
  GtkWidget    *bottom, *approvals;
};

G_DEFINE_FINAL_TYPE (TillReconcileWindow, till_reconcile_window, ADW_TYPE_WINDOW)

static const struct { const char *reason, *text; } reasons[] = {
  { "epoch", N_ ("The state file of this server belongs to other books.") },
  { "older", N_ ("The books are older than what this server had written: a backup was restored.") },
  { "system", N_ ("The database is another one than before.") },
  { "timeline", N_ ("The database goes on from another moment: it was restored to a point in time, or a stand-by took over.") },
  { "journal", N_ ("The journal knows money that the books do not.") },
};

static void ask (TillReconcileWindow *self);

static void
judge (TillReconcileWindow *self)
{
  g_autofree char *note = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->note))));

  gtk_widget_set_visible (self->bottom, self->may);
  gtk_widget_set_sensitive (GTK_WIDGET (self->note), self->open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "reconcile.propose", self->may && self->open && note[0] != '\0');
}

static void
fail (TillReconcileWindow *self, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

/* --- as the server tells it --- */

static JsonObject *
object_of (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static int
count_of (JsonObject *object, const char *member)
{
  return object != NULL ? (int) json_object_get_int_member_with_default (object, member, 0) : 0;
}

static void
show_meters (TillReconcileWindow *self, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "meters");
  JsonArray *meters = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; meters != NULL && i < json_array_get_length (meters); i++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *one = json_array_get_element (meters, i);
      gpointer meter;

      if (JSON_NODE_HOLDS_OBJECT (one) && g_strcmp0 (json_object_get_string_member_with_default (json_node_get_object (one), "verdict", ""), "held") != 0)
        json_object_remove_member (json_node_get_object (one), "reason"); /* of cases only */
      meter = till_record_new_from_json (TILL_TYPE_RESTORED_METER, one, &error);

      if (meter != NULL)
        g_ptr_array_add (records, meter);
      else
        g_warning ("meter %u of the reconciliation: %s", i, error->message);
    }
  g_list_store_splice (self->meters, 0, g_list_model_get_n_items (G_LIST_MODEL (self->meters)), records->pdata, records->len);
}

static void
show_reason (TillReconcileWindow *self, JsonObject *object)
{
  const char *reason = json_object_get_string_member_with_default (object, "reason", "");
  const char *began = json_object_get_string_member_with_default (object, "began_at", NULL);
  const char *text = reason;
  g_autofree char *when = NULL, *line = NULL;
  TillTime at;

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (g_str_equal (reasons[i].reason, reason))
      text = _ (reasons[i].text);
  when = began != NULL && till_time_parse (began, &at, NULL) ? till_format_time (at) : g_strdup (TILL_DASH);
  line = g_strdup_printf (_ ("Since %s. %s"), when, text);
  gtk_label_set_text (self->why, line);
  gtk_widget_set_visible (GTK_WIDGET (self->why), began != NULL);
}

static void
show_state (TillReconcileWindow *self, JsonObject *object)
{
  const char *state = json_object_get_string_member_with_default (object, "state", "");
  gboolean proposed = json_object_has_member (object, "approval") && !json_object_get_null_member (object, "approval");
  gboolean off = g_str_equal (state, "off");

  self->open = g_str_equal (state, "comparing") && !proposed;
  gtk_widget_set_visible (self->approvals, proposed);
  gtk_label_set_text (self->state, off ? _ ("The server is released. Meters that have not agreed stay closed until they do.")
                                   : g_str_equal (state, "replaying") ? _ ("The journal is being worked off. The release can be proposed afterwards.")
                                   : proposed ? _ ("The release is proposed. Another operator decides under Approvals.")
                                   : _ ("Ready: one operator proposes the release, another one agrees under Approvals."));
  if (off)
    till_session_look (till_context_get_session (self->context));
}

static void
show (TillReconcileWindow *self, JsonObject *object)
{
  JsonObject *journal = object_of (object, "journal"), *counts = object_of (object, "counts");
  g_autofree char *lines = g_strdup_printf (_ ("Journal: %d lines were missing in the books, %d are booked again, %d could not be."),
                                            count_of (journal, "missing"),
                                            count_of (journal, "replayed"), count_of (journal, "refused"));
  g_autofree char *sums = g_strdup_printf (_ ("Meters: %d wait for a reading, %d agree, %d explained by the journal, %d held as cases."),
                                           count_of (counts, "waiting"),
                                           count_of (counts, "equal"), count_of (counts, "verified"), count_of (counts, "held"));

  show_reason (self, object);
  gtk_label_set_text (self->journal, lines);
  gtk_label_set_text (self->counts, sums);
  show_state (self, object);
  show_meters (self, object);
  judge (self);
}

/* --- asking --- */

static gboolean
tick_cb (gpointer user_data)
{
  TillReconcileWindow *self = user_data;

  self->tick = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReconcileWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_admin_service_reconcile_finish (TILL_ADMIN_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    show (self, json_node_get_object (node));
  else
    fail (self, error);
  if (self->tick == 0)
    self->tick = g_timeout_add (ASK_MS, tick_cb, self);
}

static void
ask (TillReconcileWindow *self)
{
  till_admin_service_reconcile_async (till_context_get_admin (self->context), NULL, self->cancellable, told_cb, g_object_ref (self));
}

static void
proposed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReconcileWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_admin_service_reconcile_finish (TILL_ADMIN_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node == NULL)
    {
      self->open = TRUE;
      fail (self, error);
      judge (self);
      return;
    }
  till_strip_hide (self->strip);
  g_clear_handle_id (&self->tick, g_source_remove);
  ask (self);
}

static void
propose_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillReconcileWindow *self = TILL_RECONCILE_WINDOW (widget);

  self->open = FALSE;
  judge (self);
  till_admin_service_reconcile_async (till_context_get_admin (self->context), gtk_editable_get_text (GTK_EDITABLE (self->note)), self->cancellable, proposed_cb,
                                      g_object_ref (self));
}

static void
approvals_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (widget));

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.show-page", "(ss)", "approvals", "");
  gtk_window_close (GTK_WINDOW (widget));
}

/* --- window --- */

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_reconcile_window_unmap (GtkWidget *widget)
{
  TillReconcileWindow *self = TILL_RECONCILE_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick, g_source_remove);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_reconcile_window_parent_class)->unmap (widget);
}

static void
till_reconcile_window_dispose (GObject *object)
{
  TillReconcileWindow *self = TILL_RECONCILE_WINDOW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_RECONCILE_WINDOW);
  g_clear_object (&self->meters);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_reconcile_window_parent_class)->dispose (object);
}

static void
till_reconcile_window_finalize (GObject *object)
{
  g_object_unref (TILL_RECONCILE_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (till_reconcile_window_parent_class)->finalize (object);
}

static void
till_reconcile_window_class_init (TillReconcileWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_reconcile_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_reconcile_window_finalize;
  widget_class->unmap = till_reconcile_window_unmap;
  g_type_ensure (TILL_TYPE_STRIP);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_install_action (widget_class, "reconcile.propose", NULL, propose_action);
  gtk_widget_class_install_action (widget_class, "reconcile.approvals", NULL, approvals_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/alarms/till-reconcile-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, why);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, journal);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, counts);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, state);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, note);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, table);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, bottom);
  gtk_widget_class_bind_template_child (widget_class, TillReconcileWindow, approvals);
  gtk_widget_class_bind_template_callback (widget_class, judge);
}

static void
till_reconcile_window_init (TillReconcileWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->meters = g_list_store_new (TILL_TYPE_RESTORED_METER);
  gtk_widget_init_template (GTK_WIDGET (self));
  till_table_set_model (self->table, G_LIST_MODEL (self->meters));
}

TillReconcileWindow *
till_reconcile_window_show (GtkWidget *parent, TillContext *context)
{
  TillReconcileWindow *self = g_object_new (TILL_TYPE_RECONCILE_WINDOW, "transient-for", gtk_widget_get_root (parent), "destroy-with-parent", TRUE, NULL);

  self->context = g_object_ref (context);
  self->may = till_session_may (till_context_get_session (context), TILL_PERMISSION_APPROVE_HELD);
  judge (self);
  ask (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
