/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-live.c: the board in memory and the queues of its readers. */
#include <string.h>
#include "server/live/board.h"
#include "server/live/subscription.h"
#include "shared/api/till-enums.h"
#include "tests/lib/test-main.h"

static void
node_clear (gpointer data)
{
  g_free (((TilldAreaNode *) data)->name);
  g_free (((TilldAreaNode *) data)->path);
}

static void
fill (TilldBoard *board)
{
  static const struct {
    gint64      id, parent;
    const char *name, *path;
  } nodes[] = { { 1, 0, "Campus", "Campus" }, { 3, 1, "B1", "Campus/B1" }, { 2, 1, "B2", "Campus/B2" } };
  static const TilldMeterDot dots[] = { { 12, 2, 0, 0, 1, 0 }, { 11, 3, 5, 0, 0, 0 }, { 10, 3, 0, 0, 1, 0 } };
  GArray *areas = g_array_new (FALSE, FALSE, sizeof (TilldAreaNode));
  GArray *meters = g_array_new (FALSE, FALSE, sizeof (TilldMeterDot));

  g_array_set_clear_func (areas, node_clear);
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      TilldAreaNode node = { .id = nodes[i].id, .parent = nodes[i].parent, .kind = TILL_AREA_KIND_BUILDING,
                             .name = g_strdup (nodes[i].name), .path = g_strdup (nodes[i].path) };
      g_array_append_val (areas, node);
    }
  g_array_append_vals (meters, dots, G_N_ELEMENTS (dots));
  tilld_board_fill (board, areas, meters, 100);
}

static char *
write_board (TilldBoard *board, const GArray *roots)
{
  TillJsonWrite *w = till_json_write_new ();
  gsize len;

  till_json_write_begin_object (w, NULL);
  tilld_board_write (board, roots, w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, &len);
}

static void
test_board (void)
{
  g_autoptr (TilldBoard) board = tilld_board_new ();
  g_autoptr (GArray) roots = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) scope = NULL;
  g_autofree char *whole = NULL, *part = NULL, *after = NULL;
  TilldMeterDot news = { 11, 3, 1, 2, 2, 4 }, stranger = { 99, 3, 0, 0, 0, 0 }, moved = { 12, 3, 0, 0, 0, 0 };
  gint64 b2 = 2;

  fill (board);
  whole = write_board (board, NULL);
  g_assert_nonnull (strstr (whole, "[[10,3,0,0,1,0],[11,3,5,0,0,0],[12,2,0,0,1,0]]")); /* by area path, then id */
  g_array_append_val (roots, b2);
  part = write_board (board, roots);
  g_assert_null (strstr (part, "[10,"));
  g_assert_nonnull (strstr (part, "[[12,2,0,0,1,0]]"));
  scope = tilld_board_scope (board, roots);
  g_assert_cmpuint (scope->len, ==, 1);
  g_assert_true (tilld_board_apply (board, &news, 1, 101));
  g_assert_false (tilld_board_apply (board, &stranger, 1, 102));
  g_assert_false (tilld_board_apply (board, &moved, 1, 103)); /* another area: everything is loaded anew */
  after = write_board (board, NULL);
  g_assert_nonnull (strstr (after, "[11,3,1,2,2,4]"));
  g_assert_cmpint (tilld_board_area_of (board, 11), ==, 3);
  g_assert_cmpint (tilld_board_area_of (board, 99), ==, 0);
}

static void
publish (TilldLive *live, const char *id, gint64 area, gint64 cursor, const char *object)
{
  g_autoptr (TilldLiveEvent) event = tilld_live_event_new (TILLD_LIVE_METER, id, area, cursor, g_strdup (object));
  tilld_live_publish (live, &event, 1);
}

static void
test_subscription (void)
{
  g_autoptr (TilldLive) live = tilld_live_new (3);
  gint64 area = 5;
  TilldReaderScope everything = { .kinds = ~0u }, one_area = { .areas = &area, .n_areas = 1, .kinds = ~0u }, no_meters = { .kinds = 1u << TILLD_LIVE_SALE };
  g_autoptr (TilldSubscription) all = tilld_subscription_new (live, &everything);
  g_autoptr (TilldSubscription) some = tilld_subscription_new (live, &one_area);
  g_autoptr (TilldSubscription) none = tilld_subscription_new (live, &no_meters);
  g_autoptr (TilldSubscription) late = NULL;
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) tilld_live_event_unref);
  gboolean reset;

  publish (live, "1", 5, 10, "{\"a\":1}");
  publish (live, "2", 6, 11, "{}");
  publish (live, "1", 5, 12, "{\"a\":2}"); /* replaces the first, keeps its place */
  tilld_subscription_take (all, 10, events, &reset);
  g_assert_false (reset);
  g_assert_cmpuint (events->len, ==, 2);
  g_assert_cmpstr (((TilldLiveEvent *) g_ptr_array_index (events, 0))->object, ==, "{\"a\":2}");
  g_ptr_array_set_size (events, 0);
  tilld_subscription_take (some, 10, events, &reset);
  g_assert_cmpuint (events->len, ==, 1);
  g_assert_false (tilld_subscription_has_more (none));

  g_ptr_array_set_size (events, 0);
  for (guint i = 0; i < 5; i++) /* more than a reader may be behind */
    {
      char id[8];
      g_snprintf (id, sizeof id, "%u", i);
      publish (live, id, 6, 20 + i, "{}");
    }
  tilld_subscription_take (all, 10, events, &reset);
  g_assert_true (reset);
  g_assert_cmpuint (events->len, ==, 0);
  g_assert_cmpint (tilld_live_cursor (live), ==, 24);

  everything.cursor = 10; /* comes back with an old cursor: may have missed something */
  late = tilld_subscription_new (live, &everything);
  tilld_subscription_take (late, 10, events, &reset);
  g_assert_true (reset);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/live/board", test_board);
  g_test_add_func ("/live/subscription", test_subscription);
  return till_test_run ();
}
