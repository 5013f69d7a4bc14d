/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway-editor.c: see till-gateway-editor.h. The server checks; secrets go out and never come back but for a new master key, which
 * is shown once. */
#define G_LOG_DOMAIN "till-gateway-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-area.h"
#include "client/pages/config/till-gateway-editor.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-editor-window.h"

static const char *const links[] = { "dial_in", "modbus_tcp", "rtu_tcp", "serial", NULL };
static const char *const modes[] = { "once", "prefix", NULL };
static const char *const orders[] = { "", "big", "little", NULL };
static const char *const classes[] = { "", "none", NULL };

static const TillEditField fields[] = {
  { "code", N_ ("Gateway"), N_ ("Gateway No."), TILL_EDIT_TEXT, TRUE, TRUE },
  { "name", N_ ("Gateway"), N_ ("Name of gateway"), TILL_EDIT_TEXT, TRUE },
  { "area", N_ ("Gateway"), N_ ("Area"), TILL_EDIT_REF },
  { "link", N_ ("Link"), N_ ("Connection"), TILL_EDIT_CHOICE, TRUE, FALSE, "link-kind", links },
  { "address", N_ ("Link"), N_ ("Address (host:port)"), TILL_EDIT_TEXT, TRUE, FALSE, NULL, NULL, "link=modbus_tcp,rtu_tcp" },
  { "address", N_ ("Link"), N_ ("Device (/dev/ttyUSB0)"), TILL_EDIT_TEXT, TRUE, FALSE, NULL, NULL, "link=serial" },
  { "ports", N_ ("Link"), N_ ("Ports (1:9600:N, 2:4800:E)"), TILL_EDIT_PORTS },
  { "fixed_tid", N_ ("Link"), N_ ("Answers always with the same transaction number"), TILL_EDIT_BOOL, FALSE, FALSE, NULL, NULL, "link=modbus_tcp" },
  { "registrations", N_ ("Calling gateway"), N_ ("Registration texts, one for each port"), TILL_EDIT_TEXTS, FALSE, FALSE, NULL, NULL, "link=dial_in" },
  { "registration_mode", N_ ("Calling gateway"), N_ ("Registration comes"), TILL_EDIT_CHOICE, FALSE, FALSE, "registration-mode", modes, "link=dial_in" },
  { "heartbeat", N_ ("Calling gateway"), N_ ("Heartbeat bytes (text or 0x…)"), TILL_EDIT_TEXT, FALSE, FALSE, NULL, NULL, "link=dial_in,rtu_tcp" },
  { "suites", N_ ("Calling gateway"), N_ ("GT3 suites: 2 AES, 1 3DES (legacy)"), TILL_EDIT_INTS, FALSE, FALSE, NULL, NULL, "link=dial_in" },
  { "credentials.secret", N_ ("Calling gateway"), N_ ("Secret of the vendor, 16 characters"), TILL_EDIT_SECRET, FALSE, FALSE, NULL, NULL, "link=dial_in" },
  { "credentials.new_key", N_ ("Calling gateway"), N_ ("Make a new master key; the old one is void"), TILL_EDIT_BOOL, FALSE, FALSE, NULL, NULL,
    "link=dial_in" },
  { "credentials.tls_pin", N_ ("Security"), N_ ("TLS: SHA-256 of its certificate"), TILL_EDIT_TEXT, FALSE, FALSE, NULL, NULL, "link=modbus_tcp,rtu_tcp" },
  { "allow_clear", N_ ("Security"), N_ ("Allow an unprotected link"), TILL_EDIT_BOOL },
  { "best_class", N_ ("Security"), N_ ("Accept a weaker link again"), TILL_EDIT_CHOICE, FALSE, FALSE, "link-class", classes },
  { "status_interval_s", N_ ("Polling"), N_ ("Poll every (s)"), TILL_EDIT_INT },
  { "full_interval_s", N_ ("Polling"), N_ ("Reading every (s)"), TILL_EDIT_INT },
  { "quarantine_s", N_ ("Polling"), N_ ("Wait after a doubt (s)"), TILL_EDIT_INT },
  { "word_order", N_ ("Polling"), N_ ("Order of words"), TILL_EDIT_CHOICE, FALSE, FALSE, "word-order", orders },
  { "simulated", N_ ("Polling"), N_ ("Simulated gateway"), TILL_EDIT_BOOL },
};

typedef struct {
  TillPage        *page;
  TillGatewaySaved saved;
  gint64           id, version, unknown;
} Editor;

static void
editor_free (gpointer data)
{
  g_object_unref (((Editor *) data)->page);
  g_free (data);
}

/* --- saving --- */

static void
noted_cb (TillAskWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
show_key (TillPage *page, JsonObject *gateway)
{
  TillAsk ask = { .title = _ ("Master key"), .action = _ ("I have put it into the gateway"),
                  .intro = _ ("This key is shown now and never again. Put it into the gateway; who has it can speak as this gateway.") };
  TillAskWindow *window = till_ask_window_new (GTK_WIDGET (page), &ask);

  till_ask_window_add_fact (window, _ ("Gateway No."), json_object_get_string_member_with_default (gateway, "code", NULL));
  till_ask_window_add_fact (window, _ ("Master key"), json_object_get_string_member_with_default (gateway, "master_key", NULL));
  g_signal_connect (window, "answered", G_CALLBACK (noted_cb), NULL);
  gtk_window_present (GTK_WINDOW (window));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillEditorWindow) window = user_data;
  Editor *self = g_object_get_data (G_OBJECT (window), "till-editor");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_gateway_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_editor_window_fail (window, error, text);
      return;
    }
  till_report_done (GTK_WIDGET (self->page), _ ("The gateway is saved"));
  self->saved (self->page);
  if (JSON_NODE_HOLDS_OBJECT (node) && json_object_has_member (json_node_get_object (node), "master_key"))
    show_key (self->page, json_node_get_object (node));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
save_cb (TillEditorWindow *window, JsonNode *body, Editor *self)
{
  TillGatewayEdit edit = { self->id, self->version, body, self->unknown };

  till_plant_service_save_gateway_async (till_context_get_plant (till_page_get_context (self->page)), &edit, NULL, saved_cb, g_object_ref (window));
}

/* --- opening --- */

static void
fill_areas (TillEditorWindow *window, TillContext *context)
{
  GListModel *areas = till_ref_lists_get (till_context_get_ref_lists (context), TILL_REF_AREAS);
  guint n = g_list_model_get_n_items (areas);
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) ids = g_array_new (FALSE, TRUE, sizeof (gint64));
  gint64 none = 0;

  g_ptr_array_add (labels, g_strdup (_ ("none")));
  g_array_append_val (ids, none);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TillRecord) area = g_list_model_get_item (areas, i);
      gint64 id = till_record_int (area, "id");

      g_ptr_array_add (labels, g_strdup (till_record_text (area, "path")));
      g_array_append_val (ids, id);
    }
  g_ptr_array_add (labels, NULL);
  till_editor_window_set_refs (window, "area", (const char *const *) labels->pdata, (const gint64 *) (gpointer) ids->data);
}

static TillEditorWindow *
make_window (TillPage *page, const char *title, TillGatewaySaved saved)
{
  TillEditorWindow *window = till_editor_window_new (GTK_WIDGET (page), title, _ ("Save"));
  Editor *self = g_new0 (Editor, 1);

  self->page = g_object_ref (page);
  self->saved = saved;
  till_editor_window_set_fields (window, fields, G_N_ELEMENTS (fields));
  fill_areas (window, till_page_get_context (page));
  g_object_set_data_full (G_OBJECT (window), "till-editor", self, editor_free);
  g_signal_connect (window, "saved", G_CALLBACK (save_cb), self);
  return window;
}

void
till_gateway_editor_new (TillPage *page, TillGatewaySaved saved)
{
  gtk_window_present (GTK_WINDOW (make_window (page, _ ("New gateway"), saved)));
}

typedef struct { TillPage *page; TillGatewaySaved saved; gint64 id; } Opening;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Opening *opening = user_data;
  g_autoptr (TillPage) page = opening->page;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_gateway_finish (TILL_PLANT_SERVICE (source), result, &error);
  TillEditorWindow *window;
  Editor *self;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      if (error != NULL)
        till_report_error (GTK_WIDGET (page), TILL_REPORT_ACTION, error);
      return;
    }
  window = make_window (page, _ ("Gateway"), opening->saved);
  self = g_object_get_data (G_OBJECT (window), "till-editor");
  self->id = opening->id;
  self->version = json_object_get_int_member_with_default (json_node_get_object (node), "version", 0);
  till_editor_window_load (window, json_node_get_object (node));
  gtk_window_present (GTK_WINDOW (window));
}

void
till_gateway_editor_edit (TillPage *page, gint64 gateway, TillGatewaySaved saved)
{
  Opening *opening = g_new0 (Opening, 1);

  *opening = (Opening){ g_object_ref (page), saved, gateway };
  till_plant_service_read_gateway_async (till_context_get_plant (till_page_get_context (page)), gateway, till_page_get_cancellable (page), read_cb, opening);
}

void
till_gateway_editor_adopt (TillPage *page, const TillUnknownCaller *caller, TillGatewaySaved saved)
{
  TillEditorWindow *window = make_window (page, _ ("Adopt gateway"), saved);
  Editor *self = g_object_get_data (G_OBJECT (window), "till-editor");
  gboolean is_code = g_regex_match_simple ("^[A-Za-z0-9._-]{1,16}$", caller->text, 0, 0);
  g_autoptr (JsonObject) start = json_object_new ();

  self->unknown = caller->unknown;
  json_object_set_string_member (start, "link", "dial_in");
  json_object_set_string_member (start, "registration_mode", "once");
  if (is_code && (g_strcmp0 (caller->front, "gt3") == 0 || g_strcmp0 (caller->front, "tls") == 0))
    json_object_set_string_member (start, "code", caller->text);
  till_editor_window_propose (window, start);
  gtk_window_present (GTK_WINDOW (window));
}
