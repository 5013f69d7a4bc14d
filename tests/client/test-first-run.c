/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-first-run.c: the first steps: offered on an empty server only, at the step where one left off, each opening what it names. */
#include "config.h"
#include "client/app/till-first-run-window.h"
#include "client/pages/config/till-import-window.h"
#include "client/widgets/till-editor-window.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define ADMINISTRATOR "meters.view,plant.edit,plant.import,defaults.edit,operators.edit,sales.view,sales.sell"
#define NONE "{\"total\":0,\"items\":[]}"

static void
make_empty (WindowFixture *f)
{
  static const char *const lists[] = { "/areas", "/gateways", "/meters", "/tariffs", "/sales" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    till_fake_server_reply (f->server, "GET", lists[i], 200, NONE);
  till_fake_server_reply (f->server, "GET", "/operators", 200, "{\"total\":1,\"items\":[{\"id\":2,\"name\":\"a\"}]}");
}

static gpointer
open_steps (WindowFixture *f)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.first-run", NULL);
  return window_await_toplevel (TILL_TYPE_FIRST_RUN_WINDOW);
}

static void
test_offer_empty (WindowFixture *f, gconstpointer data)
{
  gpointer window;

  make_empty (f);
  till_first_run_offer (GTK_WINDOW (f->window), f->context);
  window = window_await_toplevel (TILL_TYPE_FIRST_RUN_WINDOW);
  window_await_text (window, "There is no area yet");
  window_look (window, "first-run-site");
  window_destroy_and_await (window);
}

/* Not for a plant that is there, and not for who may not set it up. */
static void
test_offer_not (WindowFixture *f, gconstpointer data)
{
  guint before = till_fake_server_count (f->server, "GET", "/gateways");

  till_first_run_offer (GTK_WINDOW (f->window), f->context);
  window_await_count (f->server, "GET", "/gateways", before + 1);
  till_fake_server_reply (f->server, "GET", "/gateways", 200, NONE); /* no gateway, but meters */
  before = till_fake_server_count (f->server, "GET", "/meters");
  till_first_run_offer (GTK_WINDOW (f->window), f->context);
  window_await_count (f->server, "GET", "/meters", before + 1);
  window_fixture_show (f, "config", "areas");
  window_await_text (f->window, "宿舍1号楼");
  g_assert_null (window_find_toplevel (TILL_TYPE_FIRST_RUN_WINDOW));
}

static void
test_offer_forbidden (WindowFixture *f, gconstpointer data)
{
  make_empty (f);
  till_first_run_offer (GTK_WINDOW (f->window), f->context);
  window_fixture_show (f, "meters", NULL);
  g_assert_cmpuint (till_fake_server_count (f->server, "GET", "/gateways"), ==, 0);
}

/* Left after the gateways: there it goes on, with what is done marked. */
static void
test_resume (WindowFixture *f, gconstpointer data)
{
  gpointer window;

  make_empty (f);
  till_fake_server_reply (f->server, "GET", "/areas", 200, "{\"total\":3,\"items\":[]}");
  till_fake_server_reply (f->server, "GET", "/operators", 200, "{\"total\":2,\"items\":[]}");
  till_fake_server_reply (f->server, "GET", "/gateways", 200, "{\"total\":1,\"items\":[]}");
  window = open_steps (f);
  window_await_text (window, "No meter yet.");
  window_look (window, "first-run-meters");
  window_click (window, "Back");
  window_await_text (window, "1 gateway so far.");
  window_click (window, "Back");
  window_await_text (window, "2 operators so far.");
  window_look (window, "first-run-operators");
}

static void
test_walk (WindowFixture *f, gconstpointer data)
{
  gpointer window;

  make_empty (f);
  window = open_steps (f);
  window_await_text (window, "There is no area yet");
  till_fake_server_reply (f->server, "GET", "/sites/1", 200,
                          "{\"id\":1,\"name\":\"Gridtill\",\"service_phone\":null,\"sell_offline\":false,\"hoard_limit\":\"500.0000\",\"status_interval_s\":180,\"version\":1}");
  window_click (window, "Set up the site…");
  window_destroy_and_await (window_await_toplevel (TILL_TYPE_EDITOR_WINDOW));
  window_click (window, "Next: Operators");
  window_await_text (window, "1 operator so far: you.");
  till_fake_server_reply (f->server, "GET", "/roles", 200, NONE);
  window_click (window, "New operator…");
  window_await_text (window_await_toplevel (TILL_TYPE_EDITOR_WINDOW), "New operator");
  window_destroy_and_await (window_find_toplevel (TILL_TYPE_EDITOR_WINDOW));
  window_click (window, "Next: Gateways");
  window_click (window, "New gateway…");
  window_await_text (window_await_toplevel (TILL_TYPE_EDITOR_WINDOW), "New gateway");
  window_destroy_and_await (window_find_toplevel (TILL_TYPE_EDITOR_WINDOW));
  window_click (window, "Next: Meters");
  window_click (window, "Import…");
  window_destroy_and_await (window_await_toplevel (TILL_TYPE_IMPORT_WINDOW));
  till_fake_server_reply (f->server, "GET", "/tariffs", 200, "{\"total\":1234,\"items\":[]}");
  window_click (window, "Next: Tariff");
  window_await_text (window, "1,234 tariffs so far.");
  window_click (window, "Next: First sale");
  window_click (window, "Go to the counter");
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, "sales");
  window_click (window, "Close");
}

/* What cannot be asked says so; the rest stands. */
static void
test_broken (WindowFixture *f, gconstpointer data)
{
  gpointer window;

  make_empty (f);
  till_fake_server_problem_once (f->server, "GET", "/areas", 503, "busy", "The database is away.");
  window = open_steps (f);
  window_await_text (window, "Try again");
  window_click (window, "Next: Operators");
  window_await_text (window, "1 operator so far: you.");
}

static void
add (const char *path, const char *permissions, void (*test) (WindowFixture *, gconstpointer))
{
  g_test_add (path, WindowFixture, permissions, window_fixture_set_up, test, window_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/first-run/offer-empty", ADMINISTRATOR, test_offer_empty);
  add ("/client/first-run/offer-not", ADMINISTRATOR, test_offer_not);
  add ("/client/first-run/offer-forbidden", "meters.view", test_offer_forbidden);
  add ("/client/first-run/resume", ADMINISTRATOR, test_resume);
  add ("/client/first-run/walk", ADMINISTRATOR, test_walk);
  add ("/client/first-run/broken", ADMINISTRATOR, test_broken);
  return till_test_run ();
}
