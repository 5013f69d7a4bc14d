/* SPDX-License-Identifier: GPL-2.0-or-later
 * shots.c: opens every window against a running server and saves a picture of each. ./run shots starts it once per language, theme and size.
 * GRIDTILL_SHOTS_SERVER, _USER, _PASSWORD say where; _THEME and _SIZE how; the one argument is the folder. Sells once, on the
 * demo campus only, so that the sale's picture shows a real one. */
#include "config.h"
#include <adwaita.h>
#include <stdlib.h>
#include "client/app/till-application.h"
#include "client/app/till-first-run-window.h"
#include "client/app/till-help-window.h"
#include "client/app/till-login-window.h"
#include "client/app/till-preferences-window.h"
#include "client/app/till-trust-dialog.h"
#include "client/app/till-window.h"
#include "client/pages/alarms/till-reconcile-window.h"
#include "client/pages/config/till-discovery-window.h"
#include "client/pages/config/till-gateway-window.h"
#include "client/pages/config/till-import-window.h"
#include "client/pages/customers/till-open-window.h"
#include "client/pages/meters/till-meter-window.h"
#include "client/pages/meters/till-replace-window.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/sales/till-sale-form.h"
#include "client/pages/till-statement-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-money-entry.h"
#include "client/widgets/till-steps.h"

static const char *folder;
static int width = 1366, height = 768;
static TillContext *context;
static TillTrustIdentity *identity;
static TillSale *sold;
static gboolean done;
static int failures;

/* The main loop for at most so many milliseconds, or until *flag. */
static void
run_for (int ms, const gboolean *flag)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end && (flag == NULL || !*flag))
    if (!g_main_context_iteration (NULL, FALSE)) /* lint: banned, a program that draws pictures one after the other */
      g_usleep (2000);                           /* lint: banned, as above */
}

/* A second operator draws only what the first was not allowed to see. */
static gboolean
drawn (const char *name)
{
  g_autofree char *path = g_strdup_printf ("%s/%s.png", folder, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* NULL while the window is laid out anew: a busy machine takes its time. */
static GskRenderNode *
take (GtkWindow *window, int *ret_width, int *ret_height)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (window));
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  *ret_width = gdk_paintable_get_intrinsic_width (paintable);
  *ret_height = gdk_paintable_get_intrinsic_height (paintable);
  gdk_paintable_snapshot (paintable, snapshot, *ret_width, *ret_height);
  return gtk_snapshot_free_to_node (snapshot);
}

static void
shoot (GtkWindow *window, const char *name)
{
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path = g_strdup_printf ("%s/%s.png", folder, name);
  int w = 0, h = 0;

  if (drawn (name))
    return;
  for (guint i = 0; i < 10 && (node == NULL || w < 50); i++)
    {
      run_for (400, NULL);
      g_clear_pointer (&node, gsk_render_node_unref);
      node = take (window, &w, &h);
    }
  if (node == NULL || w < 50)
    {
      g_printerr ("%s: nothing drawn\n", name);
      failures++;
      return;
    }
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, &GRAPHENE_RECT_INIT (0, 0, (float) w, (float) h));
  if (!gdk_texture_save_to_png (texture, path))
    failures++;
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  identity = till_trust_probe_finish (TILL_TRUST (source), result, &error);
  if (identity == NULL)
    g_error ("no server: %s", error->message);
  done = TRUE;
}

static void
ignored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
}

static void
signed_in_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!till_session_sign_in_finish (TILL_SESSION (source), result, &error))
    g_error ("sign in: %s", error->message);
  done = TRUE;
}

static void
sold_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  sold = till_sales_service_sell_finish (TILL_SALES_SERVICE (source), result, &error);
  if (sold == NULL)
    g_printerr ("sale: %s\n", error->message);
  done = TRUE;
}

static GtkWindow *
newest_window (GtkWindow *except)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      if (window != except && gtk_widget_get_mapped (GTK_WIDGET (window)))
        return window;
    }
  return NULL;
}

static GtkWidget *
find_child (GtkWidget *at, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (at, type))
    return at;
  for (GtkWidget *child = gtk_widget_get_first_child (at); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_child (child, type);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
shoot_start (void)
{
  const char *server = g_getenv ("GRIDTILL_SHOTS_SERVER");
  TillLoginWindow *login = till_login_window_new (context, NULL);
  GtkWindow *trust;

  till_login_window_propose (login, server, g_getenv ("GRIDTILL_SHOTS_USER"));
  gtk_window_present (GTK_WINDOW (login));
  run_for (600, NULL);
  shoot (GTK_WINDOW (login), "01-log-in");
  till_trust_probe_async (till_context_get_trust (context), server, NULL, probed_cb, NULL);
  run_for (10000, &done);
  till_trust_dialog_ask_async (GTK_WINDOW (login), identity, ignored_cb, NULL);
  run_for (600, NULL);
  trust = newest_window (GTK_WINDOW (login));
  if (trust != NULL)
    {
      shoot (trust, "02-trust");
      gtk_window_close (trust);
    }
  run_for (200, NULL);
  gtk_window_destroy (GTK_WINDOW (login));
}

static void
sign_in (void)
{
  TillCredentials credentials = { g_getenv ("GRIDTILL_SHOTS_USER"), g_getenv ("GRIDTILL_SHOTS_PASSWORD"), NULL };
  g_autoptr (GError) error = NULL;

  if (!till_trust_accept (till_context_get_trust (context), identity, &error) ||
      !till_api_set_server (till_context_get_api (context), g_getenv ("GRIDTILL_SHOTS_SERVER"), &error))
    g_error ("%s", error->message);
  done = FALSE;
  till_session_sign_in_async (till_context_get_session (context), &credentials, NULL, signed_in_cb, NULL);
  run_for (15000, &done);
  till_format_set_zone (till_session_get_zone (till_context_get_session (context)));
  till_format_set_currency (till_session_get_currency (till_context_get_session (context)));
}

static void
sell (void)
{
  TillSaleDraft draft = { .meter = 5, .amount = 100 * TILL_MONEY_UNIT, .channel = TILL_CHANNEL_WECHAT };

  till_id_new (&draft.id, g_get_real_time () / 1000);
  done = FALSE;
  till_sales_service_sell_async (till_context_get_sales (context), &draft, NULL, sold_cb, NULL);
  run_for (10000, &done);
}

static void
shoot_pages (TillWindow *window)
{
  static const struct { const char *page, *target, *name; int ms; } pages[] = {
    { "overview", "", "03-overview", 2500 },  { "board", "", "04-board", 2000 },           { "meters", "", "05-meters", 2000 },
    { "sales", "counter", "07-counter", 800 }, { "sales", "meter:1", "08-sale", 2500 },     { "sales", "records", "10-records", 1500 },
    { "reports", "", "12-report", 2000 },     { "alarms", "", "13-alarms", 1500 },         { "customers", "", "14-customers", 1500 },
    { "config", "gateways", "17-gateways", 2500 }, { "alarms", "cases", "18-cases", 1200 }, { "approvals", "", "19-approvals", 1200 },
    { "sales", "drawers", "20-drawers", 1200 },  { "config", "models", "21-models", 1200 },  { "config", "unknown", "22-unknown", 1200 },
    { "config", "proofs", "23-commissioning", 1200 },    { "tariffs", "", "27-tariffs", 1500 },
    { "config", "proofs", "23-commissioning", 1200 }, { "config", "areas", "30-areas", 2000 }, { "config", "plant", "33-plant", 1500 },
    { "config", "holidays", "34-holidays", 1200 }, { "config", "hours", "35-protected-hours", 1200 },
    { "config", "operators", "45-operators", 1500 }, { "alarms", "orders", "46-orders", 1500 }, { "config", "log", "47-log", 1500 },
    { "config", "defaults", "44-default-parameters", 1500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      if (drawn (pages[i].name) || till_window_get_page (window, pages[i].page) == NULL)
        continue;
      till_window_show_page (window, pages[i].page, pages[i].target);
      run_for (pages[i].ms, NULL);
      if (g_strcmp0 (pages[i].target, "meter:1") == 0)
        {
          GtkWidget *form = find_child (GTK_WIDGET (window), TILL_TYPE_SALE_FORM), *entry = form != NULL ? find_child (form, TILL_TYPE_MONEY_ENTRY) : NULL;
          if (entry != NULL)
            till_money_entry_set_amount (TILL_MONEY_ENTRY (entry), 100 * TILL_MONEY_UNIT);
          shoot (GTK_WINDOW (window), pages[i].name);
          if (sold == NULL || form == NULL)
            continue;
          till_sale_form_ask (TILL_SALE_FORM (form));
          run_for (300, NULL);
          g_signal_emit_by_name (form, "sell");
          run_for (4000, NULL);
          shoot (GTK_WINDOW (window), "09-sold");
          continue;
        }
      shoot (GTK_WINDOW (window), pages[i].name);
    }
}

static void
shoot_plant (TillWindow *window)
{
  GtkWindow *extra = till_gateway_window_show (GTK_WIDGET (window), context, 1);

  run_for (2500, NULL);
  shoot (extra, "24-gateway");
  gtk_window_destroy (extra);
  extra = GTK_WINDOW (till_discovery_window_show (GTK_WIDGET (window), context, 1, "GW-0001"));
  gtk_widget_activate_action (GTK_WIDGET (extra), "discovery.start", NULL);
  for (guint i = 0; i < 80 && gtk_spinner_get_spinning (GTK_SPINNER (find_child (GTK_WIDGET (extra), GTK_TYPE_SPINNER))); i++)
    run_for (500, NULL);
  shoot (extra, "26-discovery");
  gtk_window_destroy (extra);
  extra = GTK_WINDOW (till_import_window_show (GTK_WIDGET (window), context, TILL_IMPORT_PLANT));
  shoot (extra, "31-import");
  gtk_window_destroy (extra);
  extra = GTK_WINDOW (till_first_run_window_show (GTK_WINDOW (window), context));
  run_for (1500, NULL);
  shoot (extra, "32-first-steps");
  gtk_window_destroy (extra);
}

static void
shoot_tariffs (TillWindow *window)
{
  gpointer page = till_window_get_page (window, "tariffs");
  GtkWindow *extra;

  if (page == NULL || drawn ("28-tariff-editor"))
    return;
  till_window_show_page (window, "tariffs", "");
  run_for (1500, NULL);
  gtk_widget_activate_action (page, "tariffs.version", NULL);
  run_for (800, NULL);
  extra = newest_window (GTK_WINDOW (window));
  if (extra == NULL)
    return;
  shoot (extra, "28-tariff-editor");
  gtk_window_destroy (extra);
  gtk_widget_activate_action (page, "tariffs.simulate", NULL);
  run_for (800, NULL);
  extra = newest_window (GTK_WINDOW (window));
  gtk_widget_activate_action (GTK_WIDGET (extra), "simulate.run", NULL);
  run_for (5000, NULL);
  shoot (extra, "29-simulate");
  gtk_window_destroy (extra);
}

static void
shoot_accounts (TillWindow *window)
{
  TillSession *session = till_context_get_session (context);
  GtkWindow *extra;

  if (till_session_may_word (session, "sales.view"))
    {
      extra = GTK_WINDOW (till_statement_window_show (GTK_WIDGET (window), context, &(TillStatementOf){ .meter = 5 }));
      run_for (2500, NULL);
      shoot (extra, "30-statement");
      gtk_window_destroy (extra);
    }
}

static void
took_meter_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(TillMeter **) user_data = till_meter_service_get_finish (TILL_METER_SERVICE (source), result, NULL);
  done = TRUE;
}

static void
shoot_replacement (TillWindow *window)
{
  g_autoptr (TillMeter) meter = NULL;
  GtkWindow *extra;

  if (!till_session_may_word (till_context_get_session (context), "meters.replace"))
    return;
  done = FALSE;
  till_meter_service_get_async (till_context_get_meters (context), 5, NULL, took_meter_cb, &meter);
  run_for (5000, &done);
  if (meter == NULL)
    return;
  extra = GTK_WINDOW (till_replace_window_show (GTK_WIDGET (window), context, meter));
  run_for (3000, NULL);
  shoot (extra, "40-replace");
  gtk_window_destroy (extra);
}

/* The assistant with a meter of somebody else, so that nothing can come of it: step by step, without the last one. */
static void
shoot_opening (TillWindow *window)
{
  static const char *const names[] = { "36-open-meters", "37-open-terms", "38-open-money", "39-open-check" };
  g_autoptr (JsonNode) node = json_from_string ("{\"id\":1,\"code\":\"C-0001\",\"name\":\"张伟\",\"room\":\"Campus/B1/F1/101\"}", NULL);
  g_autoptr (TillCustomer) customer = till_record_new_from_json (TILL_TYPE_CUSTOMER, node, NULL);
  gpointer page = till_window_get_page (window, "customers");
  GtkWidget *steps;
  GtkWindow *extra;

  if (page == NULL || !till_session_may_word (till_context_get_session (context), "accounts.open"))
    return;
  extra = GTK_WINDOW (till_open_window_show (page, &(TillOpenFrom){ customer, 7 }));
  steps = find_child (GTK_WIDGET (extra), TILL_TYPE_STEPS);
  run_for (4000, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      shoot (extra, names[i]);
      if (i + 1 < G_N_ELEMENTS (names))
        g_signal_emit_by_name (steps, "next");
      run_for (600, NULL);
    }
  gtk_window_destroy (extra);
}

static void
shoot_windows (TillWindow *window)
{
  GtkWindow *extra = till_meter_window_show (GTK_WIDGET (window), context, 1);

  run_for (2500, NULL);
  shoot (extra, "06-meter");
  gtk_window_destroy (extra);
  if (sold != NULL)
    {
      extra = GTK_WINDOW (till_receipt_dialog_show (GTK_WIDGET (window), context, sold));
      run_for (2500, NULL);
      shoot (extra, "11-receipt");
      gtk_window_destroy (extra);
    }
  if (till_session_may_word (till_context_get_session (context), "plant.edit"))
    shoot_plant (window);
  shoot_accounts (window);
  shoot_opening (window);
  if (till_session_may_word (till_context_get_session (context), "sales.view"))
    {
      extra = GTK_WINDOW (till_reconcile_window_show (GTK_WIDGET (window), context));
      run_for (1500, NULL);
      shoot (extra, "41-restored");
      gtk_window_destroy (extra);
    }
  shoot_replacement (window);
  shoot_tariffs (window);
  extra = till_preferences_window_show (GTK_WINDOW (window), context);
  run_for (500, NULL);
  shoot (extra, "15-preferences");
  gtk_window_destroy (extra);
  extra = till_help_window_show (gtk_window_get_application (GTK_WINDOW (window)), "sales");
  run_for (500, NULL);
  shoot (extra, "16-help");
  gtk_window_destroy (extra);
}

static void
activate_cb (GApplication *application, gpointer user_data)
{
  g_autofree char *settings = g_build_filename (g_get_user_config_dir (), "shots.ini", NULL), *trust = g_build_filename (g_get_user_config_dir (), "trust", NULL);
  TillWindow *window;

  g_application_hold (application);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), g_strcmp0 (g_getenv ("GRIDTILL_SHOTS_THEME"), "dark") == 0 ? ADW_COLOR_SCHEME_FORCE_DARK
                                                                                                                                  : ADW_COLOR_SCHEME_FORCE_LIGHT);
  context = till_context_new (settings, trust);
  shoot_start ();
  sign_in ();
  if (till_session_may_word (till_context_get_session (context), "sales.sell"))
    sell ();
  window = till_window_new (GTK_APPLICATION (application), context);
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_present (GTK_WINDOW (window));
  shoot_pages (window);
  shoot_windows (window);
  g_application_release (application);
  g_application_quit (application);
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application = NULL;

  if (argc != 2)
    return 2;
  folder = argv[1];
  if (g_getenv ("GRIDTILL_SHOTS_SIZE") != NULL && g_str_has_prefix (g_getenv ("GRIDTILL_SHOTS_SIZE"), "1920"))
    width = 1920, height = 1080;
  till_application_prepare ();
  application = adw_application_new ("org.gridtill.Client.Shots", G_APPLICATION_NON_UNIQUE);
  g_application_set_resource_base_path (G_APPLICATION (application), "/org/gridtill/Client");
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  g_application_run (G_APPLICATION (application), 1, argv);
  return failures > 0;
}
