/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway-editor.c: see till-gateway-editor.h. The server checks; secrets go out and never come back but for a new master key, which
 * is shown once. */
#define G_LOG_DOMAIN "till-gateway-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-gateway-editor.h"
#include "client/pages/till-plant-form.h"
#include "client/widgets/till-ask-window.h"

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

static void
noted_cb (TillAskWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
show_key (TillPage *page, JsonObject *gateway)
{
  TillAsk ask = { .title = _ ("Master key"), .action = _ ("I have put it into the gateway"), .told = TRUE,
                  .intro = _ ("This key is shown now and never again. Put it into the gateway; who has it can speak as this gateway.") };
  TillAskWindow *window = till_ask_window_new (GTK_WIDGET (page), &ask);

  till_ask_window_add_fact (window, _ ("Gateway No."), json_object_get_string_member_with_default (gateway, "code", NULL));
  till_ask_window_add_fact (window, _ ("Master key"), json_object_get_string_member_with_default (gateway, "master_key", NULL));
  g_signal_connect (window, "answered", G_CALLBACK (noted_cb), NULL);
  gtk_window_present (GTK_WINDOW (window));
}

static void
saved (TillPage *page, JsonObject *gateway)
{
  till_page_refresh (page);
  if (json_object_has_member (gateway, "master_key"))
    show_key (page, gateway);
}

static void
prepare (TillEditorWindow *window, TillContext *context)
{
  till_plant_form_put_areas (window, context, "area", _ ("none"));
}

static const TillPlantForm form = {
  TILL_PLANT_GATEWAY, N_ ("New gateway"), N_ ("Gateway"), N_ ("The gateway is saved"), fields, G_N_ELEMENTS (fields), prepare, saved
};

static const TillPlantForm adoption = {
  TILL_PLANT_GATEWAY, N_ ("Adopt gateway"), N_ ("Gateway"), N_ ("The gateway is saved"), fields, G_N_ELEMENTS (fields), prepare, saved
};

void
till_gateway_editor_new (TillPage *page)
{
  till_plant_form_new (page, &form, NULL);
}

void
till_gateway_editor_edit (TillPage *page, gint64 gateway)
{
  till_plant_form_edit (page, &form, gateway);
}

void
till_gateway_editor_adopt (TillPage *page, const TillUnknownCaller *caller)
{
  gboolean is_code = g_regex_match_simple ("^[A-Za-z0-9._-]{1,16}$", caller->text, 0, 0);
  g_autoptr (JsonObject) start = json_object_new ();

  json_object_set_int_member (start, "unknown", caller->unknown);
  json_object_set_string_member (start, "link", "dial_in");
  json_object_set_string_member (start, "registration_mode", "once");
  if (is_code && (g_strcmp0 (caller->front, "gt3") == 0 || g_strcmp0 (caller->front, "tls") == 0))
    json_object_set_string_member (start, "code", caller->text);
  till_plant_form_new (page, &adoption, start);
}
