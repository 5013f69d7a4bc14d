/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-window.c: see till-import-window.h. The file is read here, row by row it is the server's to judge. The job goes on when the window is
 * closed: it is all or nothing by itself. */
#define G_LOG_DOMAIN "till-import-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-discovery-window.h"
#include "client/pages/config/till-import-check.h"
#include "client/pages/config/till-import-match.h"
#include "client/pages/config/till-import-window.h"
#include "client/service/till-job-watch.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-steps.h"
#include "client/widgets/till-strip.h"

#define ASK_MS 400

struct _TillImportWindow {
  AdwWindow        parent_instance;
  TillContext     *context;
  GCancellable    *cancellable;
  TillImportKind   kind;
  GFile           *file;
  TillSheet       *sheet;
  guint            heading;
  JsonArray       *rows;    /* as they were sent for the dry run */
  TillId           id;      /* of their import: asked for twice it is done once */
  TillJobWatch    *job;
  guint            tick;    /* moves the bar until the job is known */
  gboolean         busy, done;
  TillStrip       *strip;
  TillSteps       *steps;
  GtkCheckButton  *kinds[TILL_IMPORT_N];
  AdwActionRow    *file_row;
  GtkDropDown     *page, *gateway;
  GtkWidget       *save_wrong, *discover;
  TillImportMatch *match;
  TillImportCheck *check;
  GtkProgressBar  *progress;
  GtkLabel        *state;
};

G_DEFINE_FINAL_TYPE (TillImportWindow, till_import_window, ADW_TYPE_WINDOW)

enum { IMPORTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const struct { const char *title, *text; } kind_texts[TILL_IMPORT_N] = {
  [TILL_IMPORT_PLANT] = { NC_ ("import", "Plant"), N_ ("Gateways and meters; areas that do not exist yet are made.") },
  [TILL_IMPORT_CUSTOMERS] = { NC_ ("import", "Customers"), N_ ("Names, phones, rooms.") },
  [TILL_IMPORT_ACCOUNTS] = { NC_ ("import", "Accounts"), N_ ("Which customer has which meter, with the money of an old meter.") },
};

/* --- what may be done now --- */

static TillImportFile
as_file (TillImportWindow *self)
{
  return (TillImportFile){ self->kind, self->sheet, self->heading, till_import_match_view_get (self->match), self->rows };
}

static guint
count_rows (TillImportWindow *self)
{
  return self->sheet != NULL && self->sheet->rows->len > self->heading ? self->sheet->rows->len - self->heading - 1 : 0;
}

static void
judge (TillImportWindow *self)
{
  const char *step = till_steps_get (self->steps);
  guint n = count_rows (self), wrong = till_import_check_count (self->check, TILL_VERDICT_WRONG);
  g_autofree char *problem = till_import_match_view_dup_problem (self->match), *label = NULL;

  till_steps_set_back (self->steps, !self->busy && self->job == NULL && !self->done);
  if (g_str_equal (step, "file"))
    till_steps_set_next (self->steps, _ ("Next: columns"), n > 0 && !self->busy);
  else if (g_str_equal (step, "columns"))
    till_steps_set_next (self->steps, _ ("Check rows"), problem == NULL && !self->busy);
  else if (g_str_equal (step, "check"))
    {
      label = g_strdup_printf (ngettext ("Import %u row", "Import %u rows", n), n);
      till_steps_set_next (self->steps, label, wrong == 0 && !self->busy);
    }
  else
    till_steps_set_next (self->steps, self->done ? _ ("Close") : NULL, TRUE);
  gtk_widget_set_visible (self->save_wrong, g_str_equal (step, "check") && wrong > 0);
}

static void
set_busy (TillImportWindow *self, gboolean busy)
{
  self->busy = busy;
  judge (self);
}

static void
fail (TillImportWindow *self, const char *text)
{
  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
  set_busy (self, FALSE);
}

static void
fail_with (TillImportWindow *self, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  fail (self, text);
}

/* --- 1 file --- */

static void
forget_file (TillImportWindow *self)
{
  till_import_match_view_set (self->match, self->kind, NULL, 0, NULL);
  g_clear_pointer (&self->sheet, till_sheet_free);
  g_clear_pointer (&self->rows, json_array_unref);
}

static void
fill_pages (TillImportWindow *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new ((const char *const *) self->sheet->pages);
  gboolean several = g_strv_length (self->sheet->pages) > 1;
  guint page = self->sheet->page;

  gtk_widget_set_visible (GTK_WIDGET (self->page), several);
  if (g_list_model_get_n_items (G_LIST_MODEL (names)) == g_list_model_get_n_items (gtk_drop_down_get_model (self->page)))
    return;
  gtk_drop_down_set_model (self->page, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->page, page);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillSheet) sheet = till_sheet_read_finish (result, &error);
  g_autofree char *name = NULL, *text = NULL;
  guint n;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  forget_file (self);
  if (sheet == NULL)
    {
      fail (self, till_error_is (error, TILL_ERROR_INVALID) || till_error_is (error, TILL_ERROR_TOO_LARGE) ? error->message : _ ("The file can not be read."));
      adw_action_row_set_subtitle (self->file_row, "");
      return;
    }
  self->sheet = g_steal_pointer (&sheet);
  self->heading = till_import_find_heading (self->kind, self->sheet);
  n = count_rows (self);
  name = g_file_get_basename (self->file);
  text = g_strdup_printf (ngettext ("%s: %u row, %u columns", "%s: %u rows, %u columns", n), name, n, self->sheet->n_columns);
  adw_action_row_set_subtitle (self->file_row, text);
  fill_pages (self);
  till_strip_hide (self->strip);
  set_busy (self, FALSE);
}

static void
read_file (TillImportWindow *self)
{
  guint page = gtk_drop_down_get_selected (self->page);

  set_busy (self, TRUE);
  till_sheet_read_async (self->file, page == GTK_INVALID_LIST_POSITION ? TILL_SHEET_ANY_PAGE : page, self->cancellable, read_cb, g_object_ref (self));
}

static void
page_cb (TillImportWindow *self)
{
  if (self->sheet != NULL && !self->busy && gtk_drop_down_get_selected (self->page) != self->sheet->page)
    read_file (self);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GFile) file = till_file_dialog_open_finish (GTK_WIDGET (source), result, NULL);
  g_autoptr (GtkStringList) none = gtk_string_list_new (NULL);

  if (file == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  g_set_object (&self->file, file);
  gtk_drop_down_set_model (self->page, G_LIST_MODEL (none));
  read_file (self);
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const TillOpenDialog dialog = { _ ("Import"), _ ("Spreadsheets"), "*.xlsx;*.xlsm;*.csv;*.txt" };

  till_file_dialog_open_async (widget, &dialog, TILL_IMPORT_WINDOW (widget)->cancellable, opened_cb, g_object_ref (widget));
}

static void
kind_cb (GtkCheckButton *check, TillImportWindow *self)
{
  for (guint i = 0; i < TILL_IMPORT_N; i++)
    if (gtk_check_button_get_active (self->kinds[i]))
      self->kind = i;
  if (self->sheet != NULL)
    self->heading = till_import_find_heading (self->kind, self->sheet);
  if (self->context != NULL)
    judge (self);
}

/* --- sheets that are saved --- */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source)), *text = g_strdup_printf (_ ("Saved %s"), name);

  if (till_sheet_writer_save_finish (result, &error))
    till_strip_show (self->strip, TILL_STRIP_INFO, text, NULL);
  else
    fail (self, error->message);
}

static void
save_template_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GFile) target = till_file_dialog_save_finish (GTK_WIDGET (source), result, NULL);

  if (target != NULL)
    till_sheet_writer_save_async (till_import_make_template (self->kind), target, NULL, written_cb, g_object_ref (self));
}

static void
save_wrong_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GFile) target = till_file_dialog_save_finish (GTK_WIDGET (source), result, NULL);
  TillImportFile file = as_file (self);

  if (target != NULL && self->rows != NULL)
    till_sheet_writer_save_async (till_import_check_make_wrong (self->check, &file), target, NULL, written_cb, g_object_ref (self));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillImportWindow *self = TILL_IMPORT_WINDOW (widget);
  gboolean template = g_str_equal (name, "import.template");
  g_autofree char *file = g_strdup_printf ("%s-%s.xlsx", till_import_kind_word (self->kind), template ? "template" : "wrong-rows");

  till_file_dialog_save_async (widget, &(TillSaveDialog){ template ? _ ("Save template") : _ ("Save wrong rows"), file, TRUE }, self->cancellable,
                               template ? save_template_cb : save_wrong_cb, g_object_ref (widget));
}

/* --- 2 columns --- */

static TillViewKey
memory_key (TillImportWindow *self)
{
  return (TillViewKey){ till_settings_get_text (till_context_get_settings (self->context), "user"), "import", till_import_kind_word (self->kind) };
}

static void
show_columns (TillImportWindow *self)
{
  TillViewKey key = memory_key (self);
  g_autofree char *text = till_settings_dup_view (till_context_get_settings (self->context), &key);

  till_import_match_view_set (self->match, self->kind, self->sheet, self->heading, text);
  till_steps_go (self->steps, "columns");
}

static void
match_cb (TillImportWindow *self)
{
  g_autofree char *problem = till_import_match_view_dup_problem (self->match);

  if (self->sheet == NULL || !g_str_equal (till_steps_get (self->steps), "columns"))
    return;
  if (problem != NULL)
    till_strip_show (self->strip, TILL_STRIP_WARNING, problem, NULL);
  else
    till_strip_hide (self->strip);
  judge (self);
}

/* --- 3 check --- */

static JsonNode *
make_body (TillImportWindow *self, gboolean dry)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *body = json_object_new ();
  char id[TILL_ID_TEXT];

  json_object_set_string_member (body, "kind", till_import_kind_word (self->kind));
  json_object_set_boolean_member (body, "dry_run", dry);
  if (!dry)
    json_object_set_string_member (body, "id", till_id_print (&self->id, id));
  json_object_set_array_member (body, "rows", json_array_ref (self->rows));
  json_node_take_object (node, body);
  return node;
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_import_finish (TILL_PLANT_SERVICE (source), result, &error);
  TillImportFile file = as_file (self);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node == NULL || !till_import_check_set (self->check, &file, node, &error))
    {
      fail_with (self, error);
      return;
    }
  till_steps_go (self->steps, "check");
  set_busy (self, FALSE);
}

static void
start_check (TillImportWindow *self)
{
  const int *match = till_import_match_view_get (self->match);
  TillViewKey key = memory_key (self);
  g_autofree char *choice = till_import_dup_choice (self->kind, self->sheet, self->heading, match);
  g_autoptr (JsonNode) body = NULL;

  till_settings_set_view (till_context_get_settings (self->context), &key, choice);
  g_clear_pointer (&self->rows, json_array_unref);
  self->rows = till_import_make_rows (self->kind, self->sheet, self->heading, match);
  till_id_new (&self->id, g_get_real_time () / 1000);
  body = make_body (self, TRUE);
  till_strip_show (self->strip, TILL_STRIP_INFO, _ ("The server looks at each row…"), NULL);
  set_busy (self, TRUE);
  till_plant_service_import_async (till_context_get_plant (self->context), body, self->cancellable, checked_cb, g_object_ref (self));
}

/* --- 4 run --- */

static void
progress_cb (TillImportWindow *self, gint64 done, gint64 total)
{
  g_autofree char *text = g_strdup_printf (_ ("%d of %d rows"), (int) done, (int) total);

  gtk_progress_bar_set_fraction (self->progress, total > 0 ? CLAMP ((double) done / (double) total, 0, 1) : 0);
  gtk_label_set_text (self->state, text);
}

static void
finish (TillImportWindow *self)
{
  guint n = count_rows (self);
  g_autofree char *text = g_strdup_printf (ngettext ("%u row is imported.", "%u rows are imported.", n), n);

  self->done = TRUE;
  gtk_progress_bar_set_fraction (self->progress, 1);
  gtk_label_set_text (self->state, text);
  till_steps_set_done (self->steps, "run", TRUE);
  till_ref_lists_refresh (till_context_get_ref_lists (self->context));
  gtk_widget_set_visible (self->discover, self->kind == TILL_IMPORT_PLANT &&
                                            till_session_may (till_context_get_session (self->context), TILL_PERMISSION_PLANT_EDIT));
  set_busy (self, FALSE);
  g_signal_emit (self, signals[IMPORTED], 0);
}

static void
give_up (TillImportWindow *self, const char *text)
{
  g_clear_handle_id (&self->tick, g_source_remove);
  till_steps_go (self->steps, "check");
  fail (self, text);
}

static void
lost_cb (TillImportWindow *self)
{
  gtk_label_set_text (self->state, _ ("No connection. The import goes on; it is asked for again."));
}

static void
ended_cb (TillImportWindow *self, gboolean done, JsonObject *result, const char *problem)
{
  g_clear_object (&self->job);
  if (done)
    finish (self);
  else
    give_up (self, problem != NULL ? problem : _ ("The import ended without a result. Nothing was changed."));
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillImportWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_import_finish (TILL_PLANT_SERVICE (source), result, &error);
  JsonObject *answer = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *job = answer != NULL ? json_object_get_string_member_with_default (answer, "job", NULL) : NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (job == NULL)
    {
      g_autofree char *text = error != NULL ? till_api_error_describe (error) : g_strdup (_ ("The server does not say what became of the import."));

      give_up (self, text);
      return;
    }
  g_clear_handle_id (&self->tick, g_source_remove);
  self->job = till_job_watch_new (till_context_get_plant (self->context), job, ASK_MS);
  g_signal_connect_object (self->job, "progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->job, "lost", G_CALLBACK (lost_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->job, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
}

/* The answer comes when all of it is done: until then only that something happens is known. */
static gboolean
pulse_cb (gpointer user_data)
{
  gtk_progress_bar_pulse (TILL_IMPORT_WINDOW (user_data)->progress);
  return G_SOURCE_CONTINUE;
}

static void
start_import (TillImportWindow *self)
{
  g_autoptr (JsonNode) body = make_body (self, FALSE);

  gtk_label_set_text (self->state, _ ("Importing…"));
  gtk_progress_bar_set_fraction (self->progress, 0);
  self->tick = g_timeout_add (ASK_MS / 2, pulse_cb, self);
  till_steps_go (self->steps, "run");
  set_busy (self, TRUE);
  till_plant_service_import_async (till_context_get_plant (self->context), body, self->cancellable, started_cb, g_object_ref (self));
}

static void
discover_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillImportWindow *self = TILL_IMPORT_WINDOW (widget);
  gpointer gateway = gtk_drop_down_get_selected_item (self->gateway);

  if (gateway != NULL)
    till_discovery_window_show (widget, self->context, till_record_int (gateway, "id"), till_record_text (gateway, "code"));
}

/* --- window --- */

static void
next_cb (TillImportWindow *self)
{
  const char *step = till_steps_get (self->steps);

  till_strip_hide (self->strip);
  till_steps_set_done (self->steps, step, TRUE);
  if (g_str_equal (step, "file"))
    show_columns (self);
  else if (g_str_equal (step, "columns"))
    start_check (self);
  else if (g_str_equal (step, "check"))
    start_import (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
shown_cb (TillImportWindow *self)
{
  till_strip_hide (self->strip);
  judge (self);
  match_cb (self);
}

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_import_window_unmap (GtkWidget *widget)
{
  TillImportWindow *self = TILL_IMPORT_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick, g_source_remove);
  if (self->job != NULL)
    till_job_watch_stop (self->job, FALSE);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_import_window_parent_class)->unmap (widget);
}

static void
till_import_window_finalize (GObject *object)
{
  TillImportWindow *self = TILL_IMPORT_WINDOW (object);

  g_clear_pointer (&self->sheet, till_sheet_free);
  g_clear_pointer (&self->rows, json_array_unref);
  g_clear_object (&self->file);
  g_clear_object (&self->context);
  g_object_unref (self->cancellable);
  g_clear_object (&self->job);
  G_OBJECT_CLASS (till_import_window_parent_class)->finalize (object);
}

static void
till_import_window_class_init (TillImportWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_import_window_finalize;
  widget_class->unmap = till_import_window_unmap;
  signals[IMPORTED] = g_signal_new ("imported", TILL_TYPE_IMPORT_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "import.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "import.template", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "import.save-wrong", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "import.discover", NULL, discover_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_o, GDK_CONTROL_MASK, "import.open", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkWidget *
action_button (const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static GtkWidget *
in_clamp (GtkWidget *child)
{
  GtkWidget *clamp = adw_clamp_new ();

  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), child);
  gtk_widget_set_margin_top (clamp, 20);
  gtk_widget_set_margin_start (clamp, 16);
  gtk_widget_set_margin_end (clamp, 16);
  return clamp;
}

static GtkWidget *
make_file_step (TillImportWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16), *what = adw_preferences_group_new (), *from = adw_preferences_group_new ();
  g_autoptr (GtkStringList) none = gtk_string_list_new (NULL);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (what), _ ("What is imported"));
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (what), action_button (_ ("Template…"), "import.template"));
  for (guint i = 0; i < TILL_IMPORT_N; i++)
    {
      GtkWidget *row = adw_action_row_new ();

      self->kinds[i] = GTK_CHECK_BUTTON (gtk_check_button_new ());
      if (i > 0)
        gtk_check_button_set_group (self->kinds[i], self->kinds[0]);
      gtk_widget_set_valign (GTK_WIDGET (self->kinds[i]), GTK_ALIGN_CENTER);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), g_dpgettext2 (NULL, "import", kind_texts[i].title));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (kind_texts[i].text));
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), GTK_WIDGET (self->kinds[i]));
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (self->kinds[i]));
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (what), row);
      g_signal_connect_object (self->kinds[i], "toggled", G_CALLBACK (kind_cb), self, 0);
    }
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (from), _ ("From which file"));
  self->file_row = ADW_ACTION_ROW (adw_action_row_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->file_row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->file_row), _ ("Spreadsheet (xlsx) or text (csv)"));
  self->page = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&none)), NULL));
  gtk_widget_set_valign (GTK_WIDGET (self->page), GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (self->page), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->page), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Sheet"), -1);
  g_signal_connect_object (self->page, "notify::selected", G_CALLBACK (page_cb), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (self->file_row, GTK_WIDGET (self->page));
  adw_action_row_add_suffix (self->file_row, action_button (_ ("Choose file…"), "import.open"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (from), GTK_WIDGET (self->file_row));
  gtk_box_append (GTK_BOX (box), what);
  gtk_box_append (GTK_BOX (box), from);
  return in_clamp (box);
}

static GtkWidget *
make_run_step (TillImportWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *row = adw_action_row_new (), *button;
  g_autoptr (GtkExpression) code = gtk_property_expression_new (TILL_TYPE_GATEWAY, NULL, "code");

  self->state = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->state, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->state), "title-4");
  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->state));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->progress));
  self->discover = adw_preferences_group_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Cabinet discovery"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("Ask a gateway which circuits its cabinets have, and add those that are missing."));
  self->gateway = GTK_DROP_DOWN (gtk_drop_down_new (NULL, g_steal_pointer (&code)));
  gtk_widget_set_valign (GTK_WIDGET (self->gateway), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->gateway), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Gateway"), -1);
  button = action_button (_ ("Discover…"), "import.discover");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->gateway));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->discover), row);
  gtk_widget_set_visible (self->discover, FALSE);
  gtk_widget_set_margin_top (self->discover, 16);
  gtk_box_append (GTK_BOX (box), self->discover);
  return in_clamp (box);
}

static void
till_import_window_init (TillImportWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new ();

  self->cancellable = g_cancellable_new ();
  self->strip = TILL_STRIP (till_strip_new ());
  self->steps = TILL_STEPS (till_steps_new ());
  self->match = TILL_IMPORT_MATCH (till_import_match_view_new ());
  self->check = TILL_IMPORT_CHECK (till_import_check_new ());
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), adw_window_title_new (_ ("Import"), NULL));
  gtk_window_set_title (GTK_WINDOW (self), _ ("Import"));
  till_steps_add (self->steps, "file", C_ ("import", "File"), make_file_step (self));
  till_steps_add (self->steps, "columns", _ ("Columns"), GTK_WIDGET (self->match));
  till_steps_add (self->steps, "check", _ ("Check"), GTK_WIDGET (self->check));
  till_steps_add (self->steps, "run", C_ ("import", "Run"), make_run_step (self));
  self->save_wrong = action_button (_ ("Save wrong rows…"), "import.save-wrong");
  till_steps_add_button (self->steps, self->save_wrong);
  gtk_widget_set_vexpand (GTK_WIDGET (self->steps), TRUE);
  g_signal_connect_object (self->steps, "next", G_CALLBACK (next_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->steps, "shown", G_CALLBACK (shown_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->match, "changed", G_CALLBACK (match_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->strip));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->steps));
  gtk_window_set_default_size (GTK_WINDOW (self), 940, 660);
  adw_window_set_content (ADW_WINDOW (self), box);
}

TillImportWindow *
till_import_window_show (GtkWidget *parent, TillContext *context, TillImportKind kind)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  TillImportWindow *self = g_object_new (TILL_TYPE_IMPORT_WINDOW, "transient-for", GTK_IS_WINDOW (root) ? root : NULL, "destroy-with-parent", TRUE, NULL);

  self->context = g_object_ref (context);
  gtk_check_button_set_active (self->kinds[kind], TRUE);
  gtk_drop_down_set_model (self->gateway, till_ref_lists_get (till_context_get_ref_lists (context), TILL_REF_GATEWAYS));
  judge (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
