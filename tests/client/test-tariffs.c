/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-tariffs.c: the tariffs page, the editor, what a day's band does with keys, the simulation: against a fake server. */
#include "client/model/till-day-plan.h"
#include "client/pages/tariffs/till-simulate-window.h"
#include "client/widgets/till-file-dialog.h"
#include "client/pages/tariffs/till-tariff-editor.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-clock-band.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define FINANCE "meters.view,tariffs.edit"

static const char flat[] =
  "{\"tariff\":1,\"effective\":\"2025-01-01\",\"state\":\"in_force\",\"made_by\":1,\"made_by_name\":\"陈财务\",\"made_at\":\"2024-12-01T00:00:00Z\","
  "\"prices\":{\"flat\":\"0.6150\"},\"seasons\":[{\"name\":null,\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"}]}],\"fixed_per_day\":\"0.0000\",\"free_per_head\":\"0.000\"}";
static const char draft[] =
  "{\"tariff\":1,\"effective\":\"2027-01-01\",\"state\":\"draft\",\"made_by\":1,\"made_by_name\":\"陈财务\",\"made_at\":\"2026-09-01T00:00:00Z\","
  "\"prices\":{\"peak\":\"0.9000\",\"valley\":\"0.3000\"},\"seasons\":[{\"name\":null,\"workday\":[{\"from\":\"00:00\",\"rate\":\"valley\"},{\"from\":\"08:00\",\"rate\":\"peak\"}]}],"
  "\"tiers\":{\"period\":\"month\",\"steps\":[{\"to\":\"200.000\",\"prices\":{\"peak\":\"0.9000\",\"valley\":\"0.3000\"}},{\"prices\":{\"peak\":\"1.0000\",\"valley\":\"0.4000\"}}]},\"fixed_per_day\":\"0.0000\",\"free_per_head\":\"8.000\"}";

static char *
make_tariff (guint i, gpointer data)
{
  return g_strdup_printf ("{\"id\":%u,\"name\":\"%s\",\"effective\":\"2025-01-01\",\"price_tip\":null,\"price_peak\":null,\"price_flat\":\"0.6150\",\"price_valley\":null,"
                          "\"price_deep\":null,\"meters\":%u,\"version\":3,\"next_effective\":null}", i + 1, i == 0 ? "宿舍电价" : "商铺电价", 300 - i);
}

static TillPage *
show (WindowFixture *f)
{
  g_autofree char *one = g_strdup_printf ("{\"id\":1,\"name\":\"宿舍电价\",\"version\":3,\"meters\":300,\"versions\":[%s,%s],\"views\":[{\"model\":\"adf400l-1p\",\"title\":\"ADF400L\","
                                          "\"title_zh\":\"多回路表\",\"settlement\":\"meter\",\"prices\":[{\"rate\":\"flat\",\"price\":\"0.6150\",\"held\":\"0.6200\",\"difference\":\"0.0050\"}],"
                                          "\"warnings\":[\"rounded\",\"tiers\"]}]}", flat, draft);

  till_fake_server_list (f->server, "/tariffs", 2, make_tariff, NULL);
  till_fake_server_reply (f->server, "GET", "/tariffs/1", 200, one);
  return window_fixture_show (f, "tariffs", NULL);
}

static void
assert_sent (WindowFixture *f, const char *path, const char *text, gboolean expected)
{
  g_autofree char *body = till_fake_server_dup_body (f->server, "POST", path);

  g_test_message ("POST %s: %s", path, body);
  g_assert_nonnull (body);
  g_assert_true ((strstr (body, text) != NULL) == expected);
}

static void
test_page (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f);

  window_await_text (page, "宿舍电价");
  window_await_text (page, "0.6150"); /* what holds is shown first */
  window_await_text (page, "flat 0.6200 instead of 0.6150");
  window_await_text (page, "It knows no tiers: the server settles them.");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "Edit draft…"))); /* what holds is not edited */
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (window_find_button (page, "2027-01-01 draft")), TRUE);
  window_await_text (page, "0.3000");
  window_await_text (page, "1.0000"); /* the second tier of peak */
  g_assert_true (gtk_widget_is_sensitive (window_find_button (page, "Edit draft…")));
  till_fake_server_hold_next (f->server, "GET", "/tariffs/1"); /* an answer that comes too late holds nothing */
  till_page_refresh (page);
  window_fixture_close (f, "tariffs");
  till_fake_server_release (f->server);
}

static void
test_reader (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f);

  window_await_text (page, "2025-01-01 in force");
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "New version…")));
  g_assert_false (gtk_widget_is_sensitive (window_find_button (page, "New tariff…")));
}

/* A draft is changed by keys in its band, tried, refused at a member, saved, and sent to a second operator. */
static void
test_edit (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f);
  gpointer window, band;

  window_await_text (page, "宿舍电价");
  window_await_text (page, "2025-01-01 in force");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (window_find_button (page, "2027-01-01 draft")), TRUE);
  window_click (page, "Edit draft…");
  window = window_await_toplevel (TILL_TYPE_TARIFF_EDITOR);
  band = window_find_type (window, TILL_TYPE_CLOCK_BAND);
  gtk_widget_grab_focus (band);
  till_clock_band_select (band, 1);
  window_press (window, GDK_KEY_Right, GDK_SHIFT_MASK); /* peak begins an hour later */
  g_assert_cmpuint (till_clock_band_get_plan (band)->segments[1].minute, ==, 9 * 60);

  till_fake_server_reply_once (f->server, "POST", "/tariffs/1/versions", 200, "{\"tariff\":1,\"effective\":\"2027-01-01\",\"state\":\"draft\",\"views\":[]}");
  window_click (window, "Check on meters");
  window_await_text (window, "This can be saved. No meter has this tariff yet.");
  assert_sent (f, "/tariffs/1/versions", "\"dry_run\":true", TRUE);
  assert_sent (f, "/tariffs/1/versions", "{\"from\":\"09:00\",\"rate\":\"peak\"}", TRUE);

  till_fake_server_reply_once (f->server, "POST", "/tariffs/1/versions", 400,
                               "{\"title\":\"T\",\"status\":400,\"code\":\"invalid\",\"detail\":\"prices.peak must be below 100\",\"fields\":{\"prices.peak\":\"must be below 100\"}}");
  window_click (window, "Save draft");
  window_await_text (window, "must be below 100");
  assert_sent (f, "/tariffs/1/versions", "\"draft\":true", TRUE);

  till_fake_server_problem_once (f->server, "POST", "/tariffs/1/versions", 409, "approval_required", "A second operator decides.");
  gtk_widget_activate_action (window, "tariff.save", NULL);
  window_await_text (f->window, "Sent for approval");
  assert_sent (f, "/tariffs/1/versions", "draft", FALSE);
  g_assert_null (window_find_toplevel (TILL_TYPE_TARIFF_EDITOR));
}

static void
test_new (WindowFixture *f, gconstpointer data)
{
  TillPage *page = show (f);
  gpointer window;

  window_await_text (page, "宿舍电价");
  window_click (page, "New tariff…");
  window = window_await_toplevel (TILL_TYPE_TARIFF_EDITOR);
  window_click (window, "Save");
  window_await_text (window, "A tariff needs a name.");
  gtk_editable_set_text (window_find_id (window, "name"), "办公电价");
  window_click (window, "Save");
  window_await_text (window, "A price as 0.6150 is missing here."); /* nothing was sent */
  g_assert_cmpuint (till_fake_server_count (f->server, "POST", "/tariffs"), ==, 0);
}

static gboolean
has_area (gpointer area)
{
  return gtk_drop_down_get_selected_item (area) != NULL;
}

static void
test_simulate (WindowFixture *f, gconstpointer data)
{
  g_autofree char *csv_path = g_build_filename (till_test_dir (), "simulation.csv", NULL), *xlsx_path = g_build_filename (till_test_dir (), "simulation.xlsx", NULL);
  g_autoptr (GFile) csv = g_file_new_for_path (csv_path), xlsx = g_file_new_for_path (xlsx_path);
  g_autofree char *text = NULL;
  TillPage *page = show (f);
  gpointer window;

  window_await_text (page, "2025-01-01 in force");
  window_click (page, "Simulate…");
  window = window_await_toplevel (TILL_TYPE_SIMULATE_WINDOW);
  till_fake_await (has_area, window_find_id (window, "area"), "the areas");
  till_fake_server_reply_once (f->server, "POST", "/tariffs/simulate", 202, "{\"job\":\"j9\"}");
  till_fake_server_reply_once (f->server, "GET", "/jobs/j9", 200, "{\"id\":\"j9\",\"state\":\"running\",\"done\":40,\"total\":300}");
  till_fake_server_reply (f->server, "GET", "/jobs/j9", 200,
                          "{\"id\":\"j9\",\"state\":\"done\",\"result\":{\"meters\":300,\"energy\":\"1000.000\",\"old\":\"615.0000\",\"new\":\"700.0000\",\"difference\":\"85.0000\","
                          "\"months\":[{\"month\":\"2026-08\",\"energy\":\"1000.000\",\"old\":\"615.0000\",\"new\":\"700.0000\",\"difference\":\"85.0000\"}],\"items\":[],"
                          "\"most\":[{\"meter\":7,\"meter_code\":\"M-7\",\"room\":\"B1/101\",\"energy\":\"90.000\",\"old\":\"55.0000\",\"new\":\"81.0000\",\"difference\":\"26.0000\",\"estimated\":false}]}}");
  gtk_widget_activate_action (window, "simulate.run", NULL);
  window_await_text (window, "M-7 · B1/101");
  window_await_text (window, "85.00");
  window_await_text (window, "300 meters");
  assert_sent (f, "/tariffs/simulate", "\"prices\":{\"flat\":\"0.6150\"}", TRUE);
  /* As a sheet: figures as the server gave them, numbers stay numbers, a room that looks like a formula stays text. */
  till_file_dialog_answer_next (csv);
  gtk_widget_activate_action (window, "simulate.export", "s", "csv");
  window_await_text (window, "Saved simulation.csv");
  g_assert_true (g_file_get_contents (csv_path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "Most affected,M-7 · B1/101,90.000,55.0000,81.0000,26.0000\r\n"));
  g_assert_nonnull (strstr (text, "By month,2026-08,1000.000,615.0000,700.0000,85.0000\r\n"));
  till_file_dialog_answer_next (xlsx);
  gtk_widget_activate_action (window, "simulate.export", "s", "xlsx");
  window_await_text (window, "Saved simulation.xlsx");
  g_assert_true (g_file_test (xlsx_path, G_FILE_TEST_EXISTS));
  window_destroy_and_await (window);
}

static void
test_plan (void)
{
  TillDayPlan plan;

  till_day_plan_init (&plan, TILL_RATE_FLAT);
  g_assert_true (till_day_plan_split (&plan, 0, 8 * 60));
  g_assert_true (till_day_plan_set_rate (&plan, 1, TILL_RATE_PEAK));
  g_assert_true (till_day_plan_move (&plan, 1, 7 * 60));
  g_assert_cmpuint (till_day_plan_end (&plan, 0), ==, 7 * 60);
  g_assert_cmpuint (till_day_plan_at (&plan, 7 * 60), ==, 1);
  till_day_plan_move (&plan, 1, -60); /* never over the one before */
  g_assert_cmpuint (plan.segments[1].minute, >, 0);
  while (plan.n < TILL_SEGMENTS_MAX)
    {
      guint widest = 0;
      for (guint i = 0; i < plan.n; i++)
        if (till_day_plan_end (&plan, i) - plan.segments[i].minute > till_day_plan_end (&plan, widest) - plan.segments[widest].minute)
          widest = i;
      g_assert_true (till_day_plan_split (&plan, widest, 0));
    }
  g_assert_false (till_day_plan_split (&plan, 0, 0));
  for (guint i = 1; i < plan.n; i++)
    g_assert_cmpuint (plan.segments[i].minute, >, plan.segments[i - 1].minute);
  g_assert_false (till_day_plan_set_rate (&plan, plan.n - 1, plan.segments[plan.n - 1].rate)); /* nothing changes */
  while (plan.n > 1)
    g_assert_true (till_day_plan_merge (&plan, plan.n - 1));
  g_assert_false (till_day_plan_merge (&plan, 0));
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
  g_test_add_func ("/client/tariffs/plan", test_plan);
  add ("/client/tariffs/page", FINANCE, test_page);
  add ("/client/tariffs/reader", "meters.view", test_reader);
  add ("/client/tariffs/edit", FINANCE, test_edit);
  add ("/client/tariffs/new", FINANCE, test_new);
  add ("/client/tariffs/simulate", FINANCE, test_simulate);
  return till_test_run ();
}
