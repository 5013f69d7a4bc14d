/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-board-state.c: the board's arrays and counts, also at 100,000 meters. */
#include "config.h"
#include "client/model/till-board-state.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

#define AREAS "\"areas\":[{\"id\":10,\"parent\":null,\"name\":\"Campus\",\"kind\":\"campus\"},{\"id\":11,\"parent\":10,\"name\":\"B1\",\"path\":\"Campus/B1\"}," \
              "{\"id\":12,\"parent\":10,\"name\":\"B2\",\"path\":\"Campus/B2\"}]"

static TillBoardState *
make (const char *meters)
{
  g_autofree char *text = g_strdup_printf ("{\"cursor\":\"c9\"," AREAS ",\"meters\":%s}", meters);
  g_autoptr(JsonNode) node = json_from_string (text, NULL);
  TillBoardState *board = till_board_state_new (NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (till_board_state_fill (board, node, &error));
  g_assert_no_error (error);
  return board;
}

static void
count_cb (TillBoardState *board, guint position, guint *count)
{
  *count += position + 1;
}

static void
test_counts (void)
{
  g_autoptr(TillBoardState) board = make ("[[1,11,\"normal\",\"prepaid\",\"closed\",[]],[2,11,3,0,2,1],[3,12,\"lost\",\"forced_on\",\"unknown\",[\"dispute\"]]]");
  g_autoptr(JsonNode) change = json_from_string ("{\"state\":\"arrears\",\"relay\":\"open\",\"balance\":\"0.0000\"}", NULL);
  guint counts[TILL_N_STATES], told = 0, position;
  int b1 = till_board_state_find_area (board, 11), b2 = till_board_state_find_area (board, 12);
  TillBoardCell cell;

  g_signal_connect (board, "meter-changed", G_CALLBACK (count_cb), &told);
  g_assert_cmpuint (till_board_state_get_n_meters (board), ==, 3);
  g_assert_cmpstr (till_board_state_get_cursor (board), ==, "c9");
  g_assert_cmpstr (till_board_state_get_area (board, (guint) b1)->path, ==, "Campus/B1");
  g_assert_true (till_board_state_area_is_under (board, b1, till_board_state_find_area (board, 10)));
  g_assert_false (till_board_state_area_is_under (board, b1, b2));
  till_board_state_count (board, b1, counts);
  g_assert_cmpuint (counts[TILL_METER_STATE_NORMAL], ==, 1);
  g_assert_cmpuint (counts[TILL_METER_STATE_ARREARS], ==, 1);
  g_assert_cmpuint (counts[TILL_METER_STATE_LOST], ==, 0);

  g_assert_true (till_board_state_apply (board, 1, json_node_get_object (change)));
  g_assert_true (till_board_state_apply (board, 1, json_node_get_object (change))); /* the same again: no signal */
  g_assert_cmpuint (told, ==, 1);
  g_assert_true (till_board_state_find (board, 1, &position));
  cell = till_board_state_get_cell (board, position);
  g_assert_cmpint (cell.state, ==, TILL_METER_STATE_ARREARS);
  g_assert_cmpint (cell.relay, ==, TILL_RELAY_OPEN);
  g_assert_cmpint (cell.mode, ==, TILL_METER_MODE_PREPAID);
  till_board_state_count (board, -1, counts);
  g_assert_cmpuint (counts[TILL_METER_STATE_ARREARS], ==, 2);
  g_assert_cmpuint (counts[TILL_METER_STATE_NORMAL], ==, 0);
  till_board_state_count (board, till_board_state_find_area (board, 10), counts);
  g_assert_cmpuint (counts[TILL_METER_STATE_ARREARS], ==, 2);
  g_assert_false (till_board_state_apply (board, 99, json_node_get_object (change)));
  g_assert_true (till_board_state_find (board, 3, &position));
  cell = till_board_state_get_cell (board, position);
  g_assert_cmpint (cell.flags, ==, TILL_METER_FLAG_DISPUTE);
  g_assert_cmpint (cell.mode, ==, TILL_METER_MODE_FORCED_ON);
}

static void
test_bad (gconstpointer data)
{
  g_autoptr(JsonNode) node = json_from_string (data, NULL);
  g_autoptr(TillBoardState) board = till_board_state_new (NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (till_board_state_fill (board, node, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_assert_cmpuint (till_board_state_get_n_meters (board), ==, 0);
  g_assert_false (till_board_state_is_loaded (board));
}

static void
test_large (void)
{
  g_autoptr(GString) rows = g_string_new ("[");
  g_autoptr(TillBoardState) board = NULL;
  g_autoptr(JsonNode) change = json_from_string ("{\"state\":\"lost\"}", NULL);
  gint64 start;
  guint counts[TILL_N_STATES];

  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (rows, "%s[%u,%u,%u,0,1,0]", i > 0 ? "," : "", i + 1, 11 + i % 2, i % 6);
  g_string_append_c (rows, ']');
  board = make (rows->str);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 100000; i++)
    till_board_state_apply (board, i + 1, json_node_get_object (change));
  g_test_message ("100,000 changes in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start);
  till_board_state_count (board, -1, counts);
  g_assert_cmpuint (counts[TILL_METER_STATE_LOST], ==, 100000);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/board-state/counts", test_counts);
  g_test_add_func ("/board-state/large", test_large);
  g_test_add_data_func ("/board-state/bad/no-board", "[]", test_bad);
  g_test_add_data_func ("/board-state/bad/area", "{" AREAS ",\"meters\":[[1,99,0,0,0,0]]}", test_bad);
  g_test_add_data_func ("/board-state/bad/state", "{" AREAS ",\"meters\":[[1,11,17,0,0,0]]}", test_bad);
  g_test_add_data_func ("/board-state/bad/short", "{" AREAS ",\"meters\":[[1,11]]}", test_bad);
  return till_test_run ();
}
