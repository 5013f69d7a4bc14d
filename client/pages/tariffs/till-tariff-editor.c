/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-editor.c: see till-tariff-editor.h. */
#define G_LOG_DOMAIN "till-tariff-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/tariffs/till-calendar-view.h"
#include "client/pages/tariffs/till-held-list.h"
#include "client/pages/tariffs/till-price-table.h"
#include "client/pages/tariffs/till-tariff-editor.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"

typedef enum { TRY, DRAFT, SAVE } Purpose;

struct _TillTariffEditor {
  AdwWindow          parent_instance;
  TillPage          *page;
  gint64             tariff; /* 0: a new one */
  TillTariffVersion *version;
  Purpose            purpose; /* of the call under way */
  GCancellable      *cancellable;
  AdwWindowTitle    *heading;
  TillStrip         *strip;
  GtkEditable       *name, *effective, *reason;
  GtkWidget         *name_label, *reason_label, *check, *draft, *held_title;
  TillCalendarView  *calendar;
  TillPriceTable    *prices;
  GtkBox            *held;
  GtkSpinner        *spinner;
};

G_DEFINE_FINAL_TYPE (TillTariffEditor, till_tariff_editor, ADW_TYPE_WINDOW)

static guint saved_signal;

static void
set_busy (TillTariffEditor *self, gboolean busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tariff.check", !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tariff.draft", !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tariff.save", !busy);
}

/* --- what the server says --- */

/* At the member it speaks of; what has no place here stands in the strip. */
static void
fail (TillTariffEditor *self, const GError *error)
{
  GPtrArray *fields = till_error_get_fields (error);
  g_autofree char *text = till_api_error_describe (error);

  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);

      if (g_str_equal (field->member, "name"))
        gtk_widget_add_css_class (GTK_WIDGET (self->name), "error");
      else if (g_str_equal (field->member, "effective"))
        gtk_widget_add_css_class (GTK_WIDGET (self->effective), "error");
      else if (!till_price_table_mark (self->prices, field->member, field->reason))
        till_calendar_view_mark (self->calendar, field->member, field->reason);
    }
  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

static void
tried (TillTariffEditor *self, JsonObject *answer)
{
  g_autoptr (GPtrArray) views = till_tariff_views_new (answer);

  till_held_list_fill (self->held, views);
  gtk_widget_set_visible (self->held_title, views->len > 0);
  till_strip_show (self->strip, TILL_STRIP_INFO, views->len > 0
                   ? _ ("This can be saved. Below stands what the meters hold of it.") : _ ("This can be saved. No meter has this tariff yet."),
                   NULL);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillTariffEditor) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_tariff_service_finish (TILL_TARIFF_SERVICE (source), result, &error);
  gboolean proposed = g_error_matches (error, TILL_ERROR, TILL_ERROR_APPROVAL_REQUIRED);
  gint64 tariff;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  set_busy (self, FALSE);
  if (node == NULL && !proposed)
    {
      fail (self, error);
      return;
    }
  if (self->purpose == TRY && proposed)
    {
      till_strip_show (self->strip, TILL_STRIP_WARNING, _ ("This can be proposed: a second operator must approve a change of this size."), NULL);
      return;
    }
  if (self->purpose == TRY)
    {
      tried (self, json_node_get_object (node));
      return;
    }
  tariff = self->tariff > 0 ? self->tariff : json_object_get_int_member_with_default (json_node_get_object (node), "id", 0);
  till_report_done (GTK_WIDGET (self->page), proposed ? _ ("Sent for approval") : self->purpose == DRAFT
                    ? _ ("The draft is saved") : _ ("The tariff is saved"));
  g_signal_emit (self, saved_signal, 0, tariff);
  gtk_window_destroy (GTK_WINDOW (self));
}

/* --- asking --- */

static void
clear_marks (TillTariffEditor *self)
{
  till_strip_hide (self->strip);
  till_price_table_clear_marks (self->prices);
  till_calendar_view_clear_marks (self->calendar);
  gtk_widget_remove_css_class (GTK_WIDGET (self->name), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->effective), "error");
}

static gboolean
complain (TillTariffEditor *self, GtkEditable *entry, const char *sentence)
{
  gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
  gtk_widget_grab_focus (GTK_WIDGET (entry));
  till_strip_show (self->strip, TILL_STRIP_ERROR, sentence, NULL);
  return FALSE;
}

static gboolean
check_entries (TillTariffEditor *self, TillDay *ret_effective)
{
  g_autofree char *day = g_strstrip (g_strdup (gtk_editable_get_text (self->effective))), *name = g_strstrip (g_strdup (gtk_editable_get_text (self->name)));

  clear_marks (self);
  if (self->tariff == 0 && name[0] == '\0')
    return complain (self, self->name, _ ("A tariff needs a name."));
  if (!till_day_parse (day, ret_effective, NULL))
    return complain (self, self->effective, _ ("A day as 2026-09-01 is missing: from when on this holds."));
  if (!till_price_table_check (self->prices))
    {
      till_strip_show (self->strip, TILL_STRIP_ERROR, _ ("A price or amount is missing."), NULL);
      return FALSE;
    }
  return TRUE;
}

static JsonNode *
make_body (TillTariffEditor *self, TillDay effective)
{
  JsonNode *body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  const char *reason = gtk_editable_get_text (self->reason);
  char text[TILL_DAY_TEXT];

  json_node_take_object (body, object);
  if (self->tariff == 0)
    json_object_set_string_member (object, "name", gtk_editable_get_text (self->name));
  json_object_set_string_member (object, "effective", till_day_print (effective, text));
  if (self->tariff > 0 && self->purpose == TRY)
    json_object_set_boolean_member (object, "dry_run", TRUE);
  if (self->tariff > 0 && self->purpose == DRAFT)
    json_object_set_boolean_member (object, "draft", TRUE);
  if (self->tariff > 0 && reason[0] != '\0')
    json_object_set_string_member (object, "reason", reason);
  till_tariff_version_write (self->version, object);
  return body;
}

static void
ask (TillTariffEditor *self, Purpose purpose)
{
  TillTariffService *service = till_context_get_tariffs (till_page_get_context (self->page));
  g_autoptr (JsonNode) body = NULL;
  TillDay effective;

  if (!check_entries (self, &effective))
    return;
  self->purpose = purpose;
  body = make_body (self, effective);
  set_busy (self, TRUE);
  if (self->tariff == 0)
    till_tariff_service_create_async (service, body, self->cancellable, answered_cb, g_object_ref (self));
  else
    till_tariff_service_put_async (service, &(TillTariffPut){ self->tariff, body }, self->cancellable, answered_cb, g_object_ref (self));
}

static void
check_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ask (TILL_TARIFF_EDITOR (widget), TRY);
}

static void
draft_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ask (TILL_TARIFF_EDITOR (widget), DRAFT);
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ask (TILL_TARIFF_EDITOR (widget), SAVE);
}

/* --- callbacks of the template --- */

/* What was said of it no longer holds. */
static void
typed_cb (TillTariffEditor *self)
{
  till_strip_hide (self->strip);
}

static void
rates_cb (TillTariffEditor *self)
{
  till_calendar_view_update_rates (self->calendar);
}

/* --- window --- */

/* Calls under way hold the window, so dispose would come too late. */
static void
till_tariff_editor_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_TARIFF_EDITOR (widget)->cancellable);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_tariff_editor_parent_class)->unmap (widget);
}

static void
till_tariff_editor_dispose (GObject *object)
{
  TillTariffEditor *self = TILL_TARIFF_EDITOR (object);

  if (self->calendar != NULL)
    till_calendar_view_set_version (self->calendar, NULL, FALSE);
  if (self->prices != NULL)
    till_price_table_set_version (self->prices, NULL, FALSE);
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_TARIFF_EDITOR);
  g_clear_pointer (&self->version, till_tariff_version_free);
  g_clear_object (&self->page);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (till_tariff_editor_parent_class)->dispose (object);
}

#define BIND(member) gtk_widget_class_bind_template_child (widget_class, TillTariffEditor, member)

static void
till_tariff_editor_class_init (TillTariffEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_tariff_editor_dispose;
  widget_class->unmap = till_tariff_editor_unmap;
  saved_signal = g_signal_new ("saved", TILL_TYPE_TARIFF_EDITOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
  g_type_ensure (TILL_TYPE_CALENDAR_VIEW);
  g_type_ensure (TILL_TYPE_PRICE_TABLE);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_install_action (widget_class, "tariff.check", NULL, check_action);
  gtk_widget_class_install_action (widget_class, "tariff.draft", NULL, draft_action);
  gtk_widget_class_install_action (widget_class, "tariff.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/tariffs/till-tariff-editor.ui");
  BIND (heading);
  BIND (strip);
  BIND (name);
  BIND (effective);
  BIND (reason);
  BIND (name_label);
  BIND (reason_label);
  BIND (check);
  BIND (draft);
  BIND (held_title);
  BIND (calendar);
  BIND (prices);
  BIND (held);
  BIND (spinner);
  gtk_widget_class_bind_template_callback (widget_class, typed_cb);
  gtk_widget_class_bind_template_callback (widget_class, rates_cb);
}

static void
till_tariff_editor_init (TillTariffEditor *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* A new tariff holds from today; one in use changes tomorrow at the earliest. */
static void
propose_day (TillTariffEditor *self)
{
  GTimeZone *zone = till_session_get_zone (till_context_get_session (till_page_get_context (self->page)));
  g_autoptr (GDateTime) now = zone != NULL ? g_date_time_new_now (zone) : g_date_time_new_now_local ();
  g_autoptr (GDateTime) day = g_date_time_add_days (now, self->tariff > 0 ? 1 : 0);
  g_autofree char *text = NULL;

  if (self->version->effective != TILL_UNKNOWN)
    text = till_format_day (self->version->effective);
  else
    text = g_date_time_format (day, "%Y-%m-%d");
  gtk_editable_set_text (self->effective, text);
}

TillTariffEditor *
till_tariff_editor_show (TillPage *page, JsonObject *tariff, const TillTariffVersion *begin)
{
  TillTariffEditor *self = g_object_new (TILL_TYPE_TARIFF_EDITOR, "transient-for", gtk_widget_get_root (GTK_WIDGET (page)), "destroy-with-parent", TRUE, NULL);
  gboolean fresh = tariff == NULL;

  self->page = g_object_ref (page);
  self->tariff = fresh ? 0 : json_object_get_int_member (tariff, "id");
  self->version = begin != NULL ? till_tariff_version_copy (begin) : till_tariff_version_new ();
  adw_window_title_set_title (self->heading, fresh ? _ ("New tariff") : _ ("Version of a tariff"));
  adw_window_title_set_subtitle (self->heading, fresh ? "" : json_object_get_string_member_with_default (tariff, "name", ""));
  gtk_widget_set_visible (GTK_WIDGET (self->name), fresh);
  gtk_widget_set_visible (self->name_label, fresh);
  gtk_widget_set_visible (GTK_WIDGET (self->reason), !fresh);
  gtk_widget_set_visible (self->reason_label, !fresh);
  gtk_widget_set_visible (self->check, !fresh);
  gtk_widget_set_visible (self->draft, !fresh);
  propose_day (self);
  till_calendar_view_set_version (self->calendar, self->version, TRUE);
  till_price_table_set_version (self->prices, self->version, TRUE);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
