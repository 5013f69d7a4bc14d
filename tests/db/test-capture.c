/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-capture.c: captures and loads of lines as rows, with the rights of the running server. */
#include "server/domain/plant/capture.h"
#include "server/domain/plant/gateway.h"
#include "server/domain/plant/line-load.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

static gint64
order (TilldDb *db, const TilldActor *who, gint64 gateway)
{
  g_autoptr(GError) error = NULL;
  gint64            n = 0;

  if (!tilld_capture_order (db, who, gateway, 5, &n, &error))
    g_assert_true (g_error_matches (error, TILL_ERROR, TILL_ERROR_CONFLICT) || g_error_matches (error, TILL_ERROR, TILL_ERROR_NOT_FOUND));
  return n;
}

static guint
claim (TilldDb *db, const gint64 *gateways, guint n)
{
  g_autoptr(GArray) orders = g_array_new (FALSE, FALSE, sizeof (TilldCaptureOrder));
  g_autoptr(GError) error = NULL;

  tilld_capture_claim (db, gateways, n, orders, &error);
  g_assert_no_error (error);
  return orders->len;
}

static void
append (TilldDb *db, guint part, const char *content, gboolean end, const char *message)
{
  TilldCapturePart  row = { .gateway = 1, .n = 1, .part = part, .content = content, .len = content == NULL ? 0 : strlen (content),
                            .lines = content == NULL ? 0 : 1, .end = end, .message = message };
  g_autoptr(GError) error = NULL;

  tilld_capture_append (db, &row, &error);
  g_assert_no_error (error);
}

static void
test_life (void)
{
  static const gint64   one[] = { 1 }, two[] = { 2 };
  g_autoptr(TestPg)     pg = plant_new ();
  g_autoptr(TilldDb)    db = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto(TilldActor)    anna = plant_actor (1, 0);
  g_autoptr(GBytes)     content = NULL;
  g_autofree char      *code = NULL;
  g_autoptr(GError)     error = NULL;

  g_assert_cmpint (order (db, &anna, 1), ==, 1);
  g_assert_cmpint (order (db, &anna, 1), ==, 0); /* one at a time */
  g_assert_cmpint (order (db, &anna, 99), ==, 0);
  g_assert_cmpuint (claim (db, two, 1), ==, 0); /* only who holds the gateway */
  g_assert_cmpuint (claim (db, one, 1), ==, 1);
  g_assert_cmpuint (claim (db, one, 1), ==, 0);
  append (db, 0, "{\"a\":1}\n", FALSE, NULL);
  append (db, 0, "{\"a\":1}\n", FALSE, NULL); /* a transaction that is run again */
  append (db, 1, "{\"b\":2}\n", TRUE, NULL);
  append (db, 2, "{\"late\":3}\n", FALSE, NULL);
  assert_ask (pg, "SELECT state || lines || ' ' || bytes FROM capture", "done2 16");
  g_assert_true (tilld_capture_content (db, &anna, 1, 1, &content, &code, &error));
  g_assert_cmpmem (g_bytes_get_data (content, NULL), g_bytes_get_size (content), "{\"a\":1}\n{\"b\":2}\n", 16);
  assert_ask (pg, "SELECT count (*)::text FROM audit WHERE action = 'gateway.capture'", "1");
}

/* Nobody took it, or who did is gone: the order does not block the next one. */
static void
test_given_up (void)
{
  static const gint64 both[] = { 1, 2 };
  g_autoptr(TestPg)   pg = plant_new ();
  g_autoptr(TilldDb)  db = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto(TilldActor)  anna = plant_actor (1, 0);

  order (db, &anna, 1);
  test_pg_run (pg, "UPDATE capture SET ordered_at = now () - interval '11 minutes'");
  g_assert_cmpuint (claim (db, both, 2), ==, 0);
  assert_ask (pg, "SELECT state || ' ' || message FROM capture", "failed the gateway was not connected");
  g_assert_cmpint (order (db, &anna, 1), ==, 2);
  g_assert_cmpuint (claim (db, both, 2), ==, 1);
  test_pg_run (pg, "UPDATE capture SET started_at = now () - interval '8 minutes' WHERE n = 2");
  claim (db, both, 2);
  assert_ask (pg, "SELECT state || ' ' || message FROM capture WHERE n = 2", "failed the process that recorded was stopped");
}

static void
test_kept (void)
{
  g_autoptr(TestPg)  pg = plant_new ();
  g_autoptr(TilldDb) db = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto(TilldActor) anna = plant_actor (1, 0);

  for (guint i = 1; i <= TILLD_CAPTURES_KEPT + 3; i++)
    {
      g_assert_cmpint (order (db, &anna, 1), ==, i);
      test_pg_run (pg, "UPDATE capture SET state = 'done'; INSERT INTO capture_part SELECT gateway, n, 0, 'x' FROM capture ON CONFLICT DO NOTHING");
    }
  assert_ask (pg, "SELECT count (*) || ' ' || min (n) FROM capture", "10 4");
  assert_ask (pg, "SELECT count (*)::text FROM capture_part", "10");
}

static void
test_loads (void)
{
  static const TilldLineLoad first[] = { { 1, 1, 27 }, { 1, 2, 90 }, { 2, 1, 10 }, { 99, 1, 5 } }, second[] = { { 1, 1, 30 } };
  g_autoptr(TestPg)          pg = plant_new ();
  g_autoptr(TilldDb)         db = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto(TilldActor)         anna = plant_actor (1, 0);
  g_autoptr(JsonObject)      page = NULL, after = NULL;
  g_autoptr(GError)          error = NULL;
  g_autofree char           *slow = NULL;

  g_assert_true (tilld_line_load_store (db, first, G_N_ELEMENTS (first), &error));
  assert_ask (pg, "SELECT string_agg (gateway || '.' || port || '=' || pct, ' ' ORDER BY gateway, port) FROM line_load", "1.1=27 1.2=90 2.1=10");
  page = plant_list (pg, tilld_gateway_list, &anna, "too_slow=true");
  slow = plant_pluck (page, "id");
  g_assert_cmpstr (slow, ==, "1");
  g_assert_true (tilld_line_load_store (db, second, 1, &error));
  assert_ask (pg, "SELECT string_agg (gateway || '.' || port || '=' || pct, ' ' ORDER BY gateway, port) FROM line_load", "1.1=30 2.1=10");
  after = plant_list (pg, tilld_gateway_list, &anna, "too_slow=true");
  g_assert_cmpint (json_object_get_int_member (after, "total"), ==, 0);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/capture/life", test_life);
  g_test_add_func ("/capture/given-up", test_given_up);
  g_test_add_func ("/capture/kept", test_kept);
  g_test_add_func ("/capture/loads", test_loads);
  return till_test_run ();
}
