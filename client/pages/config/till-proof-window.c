/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-proof-window.c: see till-proof-window.h. The server leads the walk; this window shows where it stands and passes answers on. It asks
 * again every 2 s while the meter is being tried or somebody else has to answer. */
#define G_LOG_DOMAIN "till-proof-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-proof-window.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"
#include "shared/base/till-text.h"

#define ASK_AGAIN_S 2

struct _TillProofWindow {
  AdwWindow       parent_instance;
  TillContext    *context;
  char           *id, *step; /* step: of the question shown */
  GCancellable   *cancellable;
  AdwWindowTitle *heading;
  TillStrip      *strip;
  GtkBox         *plan, *answers;
  GtkGrid        *values;
  GtkLabel       *question, *detail;
  GtkSpinner     *spinner;
  AdwEntryRow    *note;
  GtkTextView    *protocol;
  char           *shown;    /* protocol as it is shown: it is set only when it changed */
  guint           tick;
  gboolean        answering;
};

static void reporter_init (TillReporterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillProofWindow, till_proof_window, ADW_TYPE_WINDOW, G_IMPLEMENT_INTERFACE (TILL_TYPE_REPORTER, reporter_init))

static const char *
text_of (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, NULL);
}

static JsonArray *
array_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
clear_box (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* --- plan and protocol --- */

static void
show_plan (TillProofWindow *self, JsonArray *plan)
{
  clear_box (self->plan);
  for (guint i = 0; plan != NULL && i < json_array_get_length (plan); i++)
    {
      JsonObject *step = json_array_get_object_element (plan, i);
      const char *state = text_of (step, "state"), *verdict = text_of (step, "verdict");
      gboolean done = g_strcmp0 (state, "done") == 0, running = g_strcmp0 (state, "running") == 0;
      const char *icon = !done ? running ? "till-next-symbolic" : NULL
                         : g_strcmp0 (verdict, "failed") == 0 ? "till-error-symbolic"
                         : g_strcmp0 (verdict, "skipped") == 0 ? "till-close-symbolic" : "till-check-symbolic";
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *image = gtk_image_new_from_icon_name (icon);
      GtkWidget *label = gtk_label_new (till_format_wire ("proof-step", text_of (step, "step"))), *word = gtk_label_new (NULL);

      gtk_widget_set_size_request (image, 16, 16);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_set_hexpand (label, TRUE);
      if (running)
        gtk_widget_add_css_class (label, "till-strong");
      if (done && verdict != NULL)
        gtk_label_set_text (GTK_LABEL (word), till_format_wire ("proof-verdict", verdict));
      gtk_widget_add_css_class (word, "till-secondary");
      gtk_box_append (GTK_BOX (row), image);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (row), word);
      gtk_box_append (self->plan, row);
    }
}

static void
show_protocol (TillProofWindow *self, JsonArray *steps)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *line = json_array_get_object_element (steps, i);
      const char *at = text_of (line, "at"), *verdict = text_of (line, "verdict"), *said = text_of (line, "text");
      TillTime time;
      g_autofree char *clock = at != NULL && till_time_parse (at, &time, NULL) ? till_format_clock (time) : g_strdup ("");

      g_string_append_printf (text, "%s  %s  %s%s%s\n", clock, till_format_wire ("proof-step", text_of (line, "step")),
                              verdict != NULL ? till_format_wire ("proof-verdict", verdict) : "", verdict != NULL ? ": " : "", said != NULL ? said : "");
    }
  if (g_strcmp0 (self->shown, text->str) == 0)
    return;
  till_set_str (&self->shown, text->str);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->protocol), text->str, -1);
}

/* --- the question --- */

static const char *
sentence_of (JsonObject *walk, const char *waiting_for)
{
  const char *step = text_of (walk, "step"), *state = text_of (walk, "state");

  if (g_strcmp0 (state, "done") == 0)
    return _ ("The commissioning is done. What was proven may be sent from now on.");
  if (g_strcmp0 (state, "aborted") == 0)
    return _ ("The commissioning was given up. Nothing was proven.");
  if (g_strcmp0 (waiting_for, "field") == 0)
    return _ ("The meter is being tried. Please wait.");
  if (g_strcmp0 (step, "display") == 0)
    return _ ("Compare the values with the display of the meter.");
  if (g_strcmp0 (step, "serial") == 0)
    return _ ("Compare the serial number with the name plate.");
  if (g_strcmp0 (step, "relay") == 0)
    return _ ("Look at the breaker: is it open or closed?");
  if (g_strcmp0 (step, "recharge") == 0)
    return _ ("The smallest amount is sent, then the same frame again, then a wrong count. Each is read back.");
  if (g_strcmp0 (step, "agree") == 0)
    return _ ("A second operator reads the protocol and agrees under the own name.");
  return _ ("Answer to go on.");
}

static void
attach (TillProofWindow *self, const char *text, int column, int row)
{
  GtkWidget *label = gtk_label_new (text != NULL ? text : TILL_DASH);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_hexpand (label, column > 0);
  gtk_widget_add_css_class (label, row == 0 ? "till-secondary" : column > 0 ? "numeric" : "till-strong");
  gtk_grid_attach (self->values, label, column, row, 1, 1);
}

static void
show_values (TillProofWindow *self, JsonObject *question)
{
  JsonArray *values = question != NULL ? array_of (question, "values") : NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->values))) != NULL)
    gtk_grid_remove (self->values, child);
  if (values == NULL)
    return;
  attach (self, _ ("Quantity"), 0, 0);
  attach (self, _ ("As read"), 1, 0);
  attach (self, _ ("With swapped words"), 2, 0);
  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      JsonObject *value = json_array_get_object_element (values, i);

      attach (self, text_of (value, "name"), 0, (int) i + 1);
      attach (self, text_of (value, "value"), 1, (int) i + 1);
      attach (self, text_of (value, "swapped"), 2, (int) i + 1);
    }
}

static void answer_cb (GtkButton *button, TillProofWindow *self);

static void
show_answers (TillProofWindow *self, JsonArray *answers)
{
  clear_box (self->answers);
  for (guint i = 0; answers != NULL && i < json_array_get_length (answers); i++)
    {
      const char *word = json_array_get_string_element (answers, i);
      GtkWidget *button = gtk_button_new_with_label (till_format_wire ("proof-answer", word));

      g_object_set_data_full (G_OBJECT (button), "till-answer", g_strdup (word), g_free);
      if (i == 0)
        gtk_widget_add_css_class (button, "suggested-action");
      g_signal_connect (button, "clicked", G_CALLBACK (answer_cb), self);
      gtk_box_append (self->answers, button);
    }
}

static char *
detail_of (JsonObject *question)
{
  const char *serial = text_of (question, "serial"), *ordered = text_of (question, "ordered"), *amount = text_of (question, "amount");
  const char *candidate = text_of (question, "candidate");

  if (serial != NULL)
    return g_strdup_printf (_ ("Serial number: %s"), serial);
  if (ordered != NULL)
    return g_strdup_printf (_ ("Ordered: %s. Tried with %s."), till_format_wire ("relay", g_str_equal (ordered, "open") ? "open" : "closed"),
                            candidate != NULL ? candidate : TILL_DASH);
  return amount != NULL ? g_strdup_printf (_ ("Amount: %s"), amount) : NULL;
}

static void
show_walk (TillProofWindow *self, JsonObject *walk)
{
  const char *waiting = text_of (walk, "waiting_for");
  JsonNode *node = json_object_get_member (walk, "question");
  JsonObject *question = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", text_of (walk, "meter_code"), text_of (walk, "gateway_code"));
  g_autofree char *detail = question != NULL ? detail_of (question) : NULL;
  gboolean open = g_strcmp0 (text_of (walk, "state"), "open") == 0;

  till_set_str (&self->step, text_of (walk, "step"));
  adw_window_title_set_title (self->heading, text_of (walk, "model"));
  adw_window_title_set_subtitle (self->heading, subtitle);
  gtk_label_set_text (self->question, sentence_of (walk, waiting));
  gtk_label_set_text (self->detail, detail != NULL ? detail : "");
  gtk_widget_set_visible (GTK_WIDGET (self->detail), detail != NULL);
  (g_strcmp0 (waiting, "field") == 0 ? gtk_spinner_start : gtk_spinner_stop) (self->spinner);
  show_plan (self, array_of (walk, "plan"));
  show_protocol (self, array_of (walk, "steps"));
  show_values (self, question);
  show_answers (self, question != NULL && open ? array_of (question, "answers") : NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->note), question != NULL && open);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "proof.abort", open);
  if (!open)
    g_clear_handle_id (&self->tick, g_source_remove);
}

/* --- calls --- */

static void
take (TillProofWindow *self, JsonNode *node, const GError *error, gboolean load)
{
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      till_strip_hide (self->strip);
      show_walk (self, json_node_get_object (node));
    }
  else if (error != NULL)
    till_report_error (GTK_WIDGET (self), load ? TILL_REPORT_LOAD : TILL_REPORT_ACTION, error);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillProofWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_proof_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (!g_cancellable_is_cancelled (self->cancellable) && !self->answering)
    take (self, node, error, TRUE);
}

static void
reload (TillProofWindow *self)
{
  till_plant_service_get_proof_async (till_context_get_plant (self->context), self->id, self->cancellable, loaded_cb, g_object_ref (self));
}

static gboolean
tick_cb (gpointer user_data)
{
  TillProofWindow *self = user_data;

  /* A person who writes a note is not disturbed: the question stays until it is answered. */
  if (gtk_widget_get_first_child (GTK_WIDGET (self->answers)) == NULL)
    reload (self);
  return G_SOURCE_CONTINUE;
}

static void
feed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, TillProofWindow *self)
{
  if (kind == TILL_FEED_PROOF && g_strcmp0 (id, self->id) == 0 && !self->answering && self->tick != 0)
    tick_cb (self);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillProofWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_proof_finish (TILL_PLANT_SERVICE (source), result, &error);

  self->answering = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->answers), TRUE);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->note), "");
  take (self, node, error, FALSE);
}

static void
answer_cb (GtkButton *button, TillProofWindow *self)
{
  const char *note = gtk_editable_get_text (GTK_EDITABLE (self->note));
  TillProofAnswer answer = { self->id, self->step, g_object_get_data (G_OBJECT (button), "till-answer"), note[0] != '\0' ? note : NULL };

  self->answering = TRUE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->answers), FALSE);
  till_plant_service_answer_proof_async (till_context_get_plant (self->context), &answer, self->cancellable, answered_cb, g_object_ref (self));
}

static void
abort_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillProofWindow *self = TILL_PROOF_WINDOW (widget);

  self->answering = TRUE;
  till_plant_service_abort_proof_async (till_context_get_plant (self->context), self->id, self->cancellable, answered_cb, g_object_ref (self));
}

static void
retry_cb (TillProofWindow *self)
{
  till_strip_hide (self->strip);
  reload (self);
}

/* --- window --- */

static gboolean
report (TillReporter *reporter, TillReportKind kind, const GError *error)
{
  g_autofree char *text = g_error_matches (error, TILL_ERROR, TILL_ERROR_APPROVAL_REQUIRED)
                            ? g_strdup (_ ("Another operator must answer this: sign in under another name and open the commissioning there."))
                            : till_api_error_describe (error);

  till_strip_show (TILL_PROOF_WINDOW (reporter)->strip, TILL_STRIP_ERROR, text, kind == TILL_REPORT_LOAD ? _ ("Retry") : NULL);
  return TRUE;
}

static void
reporter_init (TillReporterInterface *iface)
{
  iface->report = report;
}

static void
till_proof_window_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_PROOF_WINDOW (widget)->cancellable);
  g_clear_handle_id (&TILL_PROOF_WINDOW (widget)->tick, g_source_remove);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_proof_window_parent_class)->unmap (widget);
}

static void
till_proof_window_dispose (GObject *object)
{
  TillProofWindow *self = TILL_PROOF_WINDOW (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_PROOF_WINDOW);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_proof_window_parent_class)->dispose (object);
}

static void
till_proof_window_finalize (GObject *object)
{
  TillProofWindow *self = TILL_PROOF_WINDOW (object);

  g_object_unref (self->cancellable);
  g_free (self->id);
  g_free (self->step);
  g_free (self->shown);
  G_OBJECT_CLASS (till_proof_window_parent_class)->finalize (object);
}

static void
till_proof_window_class_init (TillProofWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_proof_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_proof_window_finalize;
  widget_class->unmap = till_proof_window_unmap;
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_install_action (widget_class, "proof.abort", NULL, abort_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-proof-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, plan);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, answers);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, values);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, question);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, detail);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, note);
  gtk_widget_class_bind_template_child (widget_class, TillProofWindow, protocol);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
till_proof_window_init (TillProofWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
till_proof_window_show (GtkWidget *parent, TillContext *context, const char *proof)
{
  TillProofWindow *self = g_object_new (TILL_TYPE_PROOF_WINDOW, "transient-for", gtk_widget_get_root (parent), "destroy-with-parent", TRUE, NULL);

  self->context = g_object_ref (context);
  self->id = g_strdup (proof);
  self->tick = g_timeout_add_seconds (ASK_AGAIN_S, tick_cb, self);
  g_signal_connect_object (till_context_get_feed (context), "changed", G_CALLBACK (feed_cb), self, 0);
  reload (self);
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WINDOW (self);
}
