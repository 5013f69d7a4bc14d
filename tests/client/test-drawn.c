/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-drawn.c: what the drawn widgets stand on: colours equal in code and style sheets, round ticks, tiles and hits, descriptions. */
#include "config.h"
#include <adwaita.h>
#include "client/widgets/till-bar-chart.h"
#include "client/widgets/till-board-layout.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-palette.h"
#include "client/widgets/till-scale.h"
#include "tests/lib/test-main.h"

static void
check_sheet (TillTheme theme, const char *file)
{
  static const char *const parts[] = { "fill", "ink", "text", "edge" };
  g_autofree char *path = till_test_source_path (file), *css = NULL;

  g_assert_true (g_file_get_contents (path, &css, NULL, NULL));
  for (int state = 0; state < TILL_N_STATES; state++)
    {
      const TillStateColours *colours = till_palette_state (theme, state);
      const GdkRGBA *rgba[] = { &colours->fill, &colours->ink, &colours->text, &colours->edge };

      for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        {
          g_autofree char *line = g_strdup_printf ("@define-color till_%s_%s #%02x%02x%02x;", till_meter_state_word (state), parts[i],
                                                   (guint) (rgba[i]->red * 255 + .5f), (guint) (rgba[i]->green * 255 + .5f), (guint) (rgba[i]->blue * 255 + .5f));
          if (strstr (css, line) == NULL)
            g_error ("%s lacks %s", file, line);
        }
    }
}

static void
test_palette (void)
{
  check_sheet (TILL_THEME_LIGHT, "ui/style.css");
  check_sheet (TILL_THEME_DARK, "ui/style-dark.css");
  check_sheet (TILL_THEME_HC_LIGHT, "ui/style-hc.css");
  check_sheet (TILL_THEME_HC_DARK, "ui/style-hc-dark.css");
}

static void
test_scale (void)
{
  static const struct { gint64 low, high, unit; guint want; double step; const char *first, *last; } rows[] = {
    { 0, 94000000, 10000, 5, 2000, "0", "10,000" }, { -3000000, 94000000, 10000, 5, 2000, "\u22122,000", "10,000" },
    { 0, 700, 1000, 4, .2, "0.0", "0.8" }, { 0, 0, 10000, 4, .5, "0.0", "1.0" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TillScale scale;
      g_autofree char *first = NULL, *last = NULL;

      till_scale_init (&scale, rows[i].low, rows[i].high, rows[i].unit, rows[i].want);
      first = till_scale_label (&scale, 0);
      last = till_scale_label (&scale, scale.n_ticks - 1);
      g_assert_cmpfloat_with_epsilon (scale.step, rows[i].step, 1e-9);
      g_assert_cmpstr (first, ==, rows[i].first);
      g_assert_cmpstr (last, ==, rows[i].last);
      g_assert_cmpfloat (till_scale_fraction (&scale, rows[i].high), <=, 1);
      g_assert_cmpfloat (till_scale_fraction (&scale, rows[i].low), >=, 0);
    }
}

static void
test_layout (void)
{
  g_autoptr (GString) json = g_string_new ("{\"cursor\":\"c\",\"areas\":[{\"id\":1,\"parent\":null,\"name\":\"B1\",\"path\":\"B1\",\"kind\":\"building\"},"
                                           "{\"id\":2,\"parent\":null,\"name\":\"B2\",\"path\":\"B2\",\"kind\":\"building\"}],\"meters\":[");
  g_autoptr (TillBoardState) state = till_board_state_new (NULL);
  g_autoptr (TillBoardLayout) layout = till_board_layout_new ();
  g_autoptr (JsonNode) node = NULL;
  TillBoardFilter filter = { .area = -1 };
  guint item, group;

  for (guint i = 0; i < 50; i++)
    g_string_append_printf (json, "%s[%u,%u,%u,0,1,0]", i ? "," : "", i + 1, i < 30 ? 1 : 2, i % 10 == 0 ? 3 : 0);
  g_string_append (json, "]}");
  node = json_from_string (json->str, NULL);
  g_assert_true (till_board_state_fill (state, node, NULL));
  till_board_layout_fill (layout, state, &filter, TILL_GROUP_BUILDING);
  till_board_layout_flow (layout, 300, 3);
  g_assert_cmpuint (till_board_layout_get_n_groups (layout), ==, 2);
  g_assert_cmpuint (till_board_layout_get_group (layout, 1)->counts[TILL_METER_STATE_ARREARS], ==, 2);
  for (guint i = 0; i < till_board_layout_get_n_items (layout); i++)
    {
      GdkRectangle r;
      till_board_layout_get_tile (layout, i, &r);
      g_assert_true (till_board_layout_hit (layout, r.x + r.width / 2, r.y + r.height / 2, &item));
      g_assert_cmpuint (item, ==, i);
      g_assert_false (till_board_layout_hit (layout, r.x - 1, r.y, &item) && item == i);
    }
  g_assert_true (till_board_layout_hit_header (layout, till_board_layout_get_group (layout, 1)->y + 2, &group));
  g_assert_cmpuint (group, ==, 1);
  g_assert_cmpuint (till_board_layout_step (layout, 0, -1, 0), ==, 0);
  g_assert_cmpuint (till_board_layout_step (layout, 29, 0, 1), >=, 30); /* into the next group */
  g_assert_cmpuint (till_board_layout_step (layout, 30, 0, -1), <, 30);
  filter.hide_others = TRUE;
  filter.states = 1u << TILL_METER_STATE_ARREARS;
  till_board_layout_fill (layout, state, &filter, TILL_GROUP_NONE);
  g_assert_cmpuint (till_board_layout_get_n_items (layout), ==, 5);
  g_assert_true (till_board_layout_find (layout, 20, &item));
  g_assert_false (till_board_layout_find (layout, 21, &item));
}

static void
test_chart (void)
{
  g_autoptr (TillChartData) data = till_chart_data_new ("Sales", TILL_MONEY_UNIT, "¥", till_format_money);
  GtkWidget *chart = g_object_ref_sink (till_bar_chart_new ());
  g_autofree char *empty = till_chart_describe (TILL_CHART (chart)), *whole = NULL, *one = NULL;

  till_chart_data_add_series (data, "Sold", TILL_TONE_ACCENT);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *day = g_strdup_printf ("day %d", i + 1);
      till_chart_data_set_value (data, 0, till_chart_data_add_category (data, day, NULL, i), i == 1 ? TILL_UNKNOWN : (i + 1) * 100 * TILL_MONEY_UNIT);
    }
  till_chart_set_data (TILL_CHART (chart), data);
  whole = till_chart_describe (TILL_CHART (chart));
  till_chart_set_cursor (TILL_CHART (chart), 1);
  one = till_chart_describe (TILL_CHART (chart));
  g_assert_cmpstr (empty, ==, "No data.");
  g_assert_nonnull (strstr (whole, "lowest 100.00 (day 1), highest 300.00 (day 3)"));
  g_assert_cmpstr (one, ==, "day 2, Sold \u2013"); /* a gap is not a zero */
  g_object_unref (chart);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  adw_init ();
  g_test_add_func ("/client/drawn/palette", test_palette);
  g_test_add_func ("/client/drawn/scale", test_scale);
  g_test_add_func ("/client/drawn/layout", test_layout);
  g_test_add_func ("/client/drawn/chart", test_chart);
  return till_test_run ();
}
