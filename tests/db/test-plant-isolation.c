/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-plant-isolation.c: two connections at once. Orders are claimed by one process only, an older relay order never acts after a
 * newer one, the epoch of a link fences the process that lost it, and the change feed misses nothing, in whatever order
 * transactions commit: a sequence as cursor would have skipped the transaction that began first and committed last. */
#include "server/db/db-tx.h"
#include "server/domain/money/delivery.h"
#include "server/domain/plant/command.h"
#include "server/domain/plant/feed.h"
#include "server/jobs/housekeeping.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

typedef struct {
  TilldActor     *who;
  TilldCommandNew in;
  gboolean        replay;
} Order;

static gboolean
create (TilldDb *db, gpointer data, GError **error)
{
  Order *order = data;

  return tilld_command_create (db, order->who, &order->in, &order->replay, error);
}

static TillId
order (TestPg *pg, TilldActor *who, gint64 meter, TillCommandKind kind)
{
  Order o = { who, { .meter = meter, .kind = kind }, FALSE };
  g_autoptr (GError) error = NULL;

  till_id_new (&o.in.id, 1);
  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, create, &o, &error);
  g_assert_no_error (error);
  g_assert_false (o.replay);
  return o.in.id;
}

static TilldFieldCommand
claimed (const TillId *id, gint64 meter, TillCommandKind kind)
{
  return (TilldFieldCommand){ .id = *id, .meter = meter, .gateway = 1, .kind = kind };
}

static void
test_replay (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) anna = plant_actor (1, 0);
  g_auto (TilldActor) b2 = plant_actor (1, 3);
  Order o = { &anna, { .meter = 1, .kind = TILL_COMMAND_KIND_READ_NOW }, FALSE };
  g_autoptr (GError) error = NULL;

  o.in.id = order (pg, &anna, 1, TILL_COMMAND_KIND_READ_NOW);
  g_assert_true (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, create, &o, &error));
  g_assert_true (o.replay);
  assert_ask (pg, "SELECT (SELECT count (*) FROM command) || ' ' || (SELECT count (*) FROM audit)", "1 1");
  o.in.meter = 2; /* the same id for something else */
  g_assert_false (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, create, &o, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_clear_error (&error);
  o.who = &b2; /* out of scope: nothing is learnt, nothing is taken */
  o.in.meter = 1;
  till_id_new (&o.in.id, 1);
  g_assert_false (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, create, &o, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_NOT_FOUND);
  assert_ask (pg, "SELECT count (*)::text FROM request", "1");
}

/* Both ask while the first has not committed: SKIP LOCKED gives each order to one. */
static void
test_double_claim (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (TilldDb) other = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto (TilldActor) anna = plant_actor (1, 0);
  g_autoptr (GArray) first = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  g_autoptr (GArray) second = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  const gint64 gateway = 1;
  g_autoptr (GError) error = NULL;

  for (gint64 meter = 1; meter <= 4; meter++)
    order (pg, &anna, meter, TILL_COMMAND_KIND_READ_NOW);
  order (pg, &anna, 5, TILL_COMMAND_KIND_READ_NOW); /* at gateway 2 */
  order (pg, &anna, 4, TILL_COMMAND_KIND_READ_NOW); /* two who read at once each get their reading */
  g_assert_true (tilld_db_command (pg->db, "BEGIN", NULL));
  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 3, first, &error));
  g_assert_true (tilld_field_command_claim (other, &gateway, 1, 10, second, &error));
  g_assert_true (tilld_db_command (pg->db, "COMMIT", NULL));
  g_assert_cmpuint (first->len, ==, 3);
  g_assert_cmpuint (second->len, ==, 2);
  g_assert_cmpint (g_array_index (second, TilldFieldCommand, 0).meter, ==, 4);
  g_assert_true (tilld_field_command_claim (other, &gateway, 1, 10, second, &error));
  g_assert_cmpuint (second->len, ==, 2);
  /* A claim that ran out belongs to a process that died. */
  test_pg_run (pg, "UPDATE command SET claimed_until = now () - interval '1 second' WHERE meter = 2");
  g_assert_true (tilld_field_command_claim (other, &gateway, 1, 10, second, &error));
  g_assert_cmpuint (second->len, ==, 3);
}

static gboolean
recover (TilldDb *db, gpointer data, GError **error)
{
  TilldOwnedGateway mine[] = { { 1, 7 } };

  return tilld_delivery_recover (db, mine, 1, data, error);
}

/* Who holds a gateway for the first time knows that whoever had it is gone: its claims end then, and do not wait to run out. */
static void
test_left_behind (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) anna = plant_actor (1, 0);
  g_autoptr (GArray) due = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  const gint64 gateways[] = { 1, 2 };
  g_autoptr (GError) error = NULL;
  TillId claimed_only = order (pg, &anna, 1, TILL_COMMAND_KIND_FORCE_OFF), sent = order (pg, &anna, 2, TILL_COMMAND_KIND_FORCE_OFF);
  TilldFieldCommand second = claimed (&sent, 2, TILL_COMMAND_KIND_FORCE_OFF);
  guint n = 99;

  order (pg, &anna, 5, TILL_COMMAND_KIND_FORCE_OFF); /* at gateway 2, which nobody lost */
  g_assert_true (tilld_field_command_claim (pg->db, gateways, 2, 10, due, &error));
  g_assert_cmpuint (due->len, ==, 3);
  g_assert_true (tilld_field_command_sent (pg->db, &second, &error));
  g_assert_true (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, recover, &n, &error));
  g_assert_cmpuint (n, ==, 0); /* no money */
  g_array_set_size (due, 0);
  g_assert_true (tilld_field_command_claim (pg->db, gateways, 2, 10, due, &error));
  g_assert_cmpuint (due->len, ==, 2);
  g_assert_true (till_id_equal (&g_array_index (due, TilldFieldCommand, 0).id, &claimed_only) || till_id_equal (&g_array_index (due, TilldFieldCommand, 1).id, &claimed_only));
}

static void
test_newest_relay (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (TilldDb) other = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto (TilldActor) anna = plant_actor (1, 0);
  g_autoptr (GArray) due = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  const gint64 gateway = 1;
  g_autoptr (GError) error = NULL;
  TillId off = order (pg, &anna, 1, TILL_COMMAND_KIND_FORCE_OFF), on;
  TilldFieldCommand old = claimed (&off, 1, TILL_COMMAND_KIND_FORCE_OFF), newer;

  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 10, due, &error));
  on = order (pg, &anna, 1, TILL_COMMAND_KIND_FORCE_ON);
  newer = claimed (&on, 1, TILL_COMMAND_KIND_FORCE_ON);
  assert_ask (pg, "SELECT state::text FROM command WHERE kind = 6", "5");
  g_assert_false (tilld_field_command_sent (other, &old, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
  g_clear_error (&error);
  g_assert_true (tilld_field_command_sent (other, &newer, &error));
  g_assert_false (tilld_field_command_sent (other, &newer, &error)); /* once */
  g_clear_error (&error);
  /* The ON that was under way when an OFF came may not go back into the queue. */
  off = order (pg, &anna, 1, TILL_COMMAND_KIND_FORCE_OFF);
  g_assert_true (tilld_field_command_done (other, &(TilldFieldCommandEnd){ .id = on, .state = TILL_COMMAND_STATE_QUEUED, .retry_s = 10, .text = "timeout" }, &error));
  assert_ask (pg, "SELECT string_agg (kind || ':' || state, ' ' ORDER BY accepted) FROM command", "6:5 5:5 6:0");
  g_assert_true (tilld_field_command_done (other, &(TilldFieldCommandEnd){ .id = off, .state = TILL_COMMAND_STATE_VERIFIED }, &error));
  g_assert_false (tilld_field_command_done (other, &(TilldFieldCommandEnd){ .id = off, .state = TILL_COMMAND_STATE_FAILED }, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
}

static void
test_epoch (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (TilldDb) other = test_pg_connect (pg, TILLD_DB_ROLE);
  g_autoptr (GError) error = NULL;
  TillId mine, theirs;
  gint64 first = 0, second = 0;
  TilldGatewayPulse pulse[2] = { { .gateway = 1, .requests = 5 }, { .gateway = 2 } };

  till_id_new (&mine, 1);
  till_id_new (&theirs, 2);
  g_assert_true (tilld_gateway_session_open (pg->db, 1, &mine, TILL_LINK_CLASS_CLEAR, &first, &error));
  g_assert_true (tilld_gateway_session_open (other, 1, &theirs, TILL_LINK_CLASS_CLEAR, &second, &error));
  g_assert_cmpint (second, ==, first + 1);
  /* Word of the one that lost the link changes nothing; silence of a link that never opened is an alarm. */
  pulse[0].epoch = first;
  g_assert_true (tilld_gateway_pulse (pg->db, pulse, 2, &error));
  assert_ask (pg, "SELECT online || ' ' || requests FROM gateway_session WHERE gateway = 1", "true 0");
  assert_ask (pg, "SELECT string_agg (gateway || ':' || kind, ' ') FROM alarm WHERE cleared_at IS NULL AND kind = 6", "2:6");
  pulse[0].epoch = second;
  g_assert_true (tilld_gateway_pulse (other, pulse, 1, &error) && tilld_gateway_pulse (other, pulse, 1, &error));
  assert_ask (pg, "SELECT string_agg (gateway::text, ' ' ORDER BY gateway) FROM alarm WHERE cleared_at IS NULL AND kind = 6", "1 2");
  assert_ask (pg, "SELECT online || ' ' || requests FROM gateway_session WHERE gateway = 1", "false 10");
  g_assert_true (tilld_gateway_session_open (pg->db, 1, &mine, TILL_LINK_CLASS_CLEAR, &first, &error));
  assert_ask (pg, "SELECT string_agg (gateway::text, ' ') FROM alarm WHERE cleared_at IS NULL AND kind = 6", "2");
}

static void
test_feed (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (TilldDb) slow = test_pg_connect (pg, TILLD_DB_ROLE);
  g_autoptr (TilldDb) reader = test_pg_connect (pg, TILLD_DB_ROLE);
  g_autoptr (GError) error = NULL;
  const gint64 ids[] = { 1, 2 };
  gint64 cursor;

  {
    g_auto (TilldFeedBatch) at = { 0 };
    g_assert_true (tilld_feed_read (reader, 0, &at, &error));
    g_assert_cmpuint (at.rows->len, ==, 0);
    cursor = at.cursor;
  }
  g_assert_true (tilld_db_command (slow, "BEGIN", NULL));
  g_assert_true (tilld_feed_add_ids (slow, "meter", &ids[0], 1, &error)); /* begins first */
  g_assert_true (tilld_feed_add_ids (pg->db, "meter", &ids[1], 1, &error)); /* commits first */
  {
    g_auto (TilldFeedBatch) early = { 0 };
    g_assert_true (tilld_feed_read (reader, cursor, &early, &error));
    g_assert_cmpuint (early.rows->len, ==, 0); /* nothing is decided below the slow one */
    cursor = early.cursor;
  }
  g_assert_true (tilld_db_command (slow, "COMMIT", NULL));
  {
    g_auto (TilldFeedBatch) late = { 0 };
    g_assert_true (tilld_feed_read (reader, cursor, &late, &error));
    g_assert_cmpuint (late.rows->len, ==, 2);
    g_assert_cmpint (((TilldFeedRow *) late.rows->pdata[0])->ids[0], ==, 1);
    g_assert_cmpint (((TilldFeedRow *) late.rows->pdata[1])->ids[0], ==, 2);
    cursor = late.cursor;
  }
  {
    g_auto (TilldFeedBatch) again = { 0 }, other_life = { 0 };
    g_assert_true (tilld_feed_read (reader, cursor, &again, &error));
    g_assert_cmpuint (again.rows->len, ==, 0);
    g_assert_false (again.reset);
    g_assert_true (tilld_feed_read (reader, cursor + 1000000, &other_life, &error));
    g_assert_true (other_life.reset);
  }
}

/* Nothing grows without end: runs as the lanes do, also when months of partitions are missing. */
static void
test_housekeeping (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;
  gint64 months = test_pg_ask_int (pg, "SELECT count (*) FROM pg_inherits WHERE inhparent = 'reading'::regclass");

  test_pg_run (pg, "INSERT INTO feed (kind, ids, at) VALUES ('meter', '{1}', now () - interval '61 minutes'), ('meter', '{2}', now ());"
                   "INSERT INTO session (token, operator, used_at) VALUES (sha256 ('a'), 1, now () - interval '16 minutes'), (sha256 ('b'), 1, now ())");
  g_assert_cmpint (months, >=, 5);
  test_pg_run (pg, "DO $$ BEGIN EXECUTE 'DROP TABLE reading_' || to_char (now () + interval '2 months', 'YYYY_MM'); END $$");
  g_assert_true (tilld_housekeeping_run (pg->db, 36, &error));
  g_assert_true (tilld_housekeeping_run (pg->db, 36, &error));
  g_assert_no_error (error);
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT count (*) FROM pg_inherits WHERE inhparent = 'reading'::regclass"), ==, months);
  assert_ask (pg, "SELECT ids::text FROM feed", "{2}");
  assert_ask (pg, "SELECT count (*)::text FROM session", "1");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/plant-isolation/replay", test_replay);
  g_test_add_func ("/plant-isolation/double-claim", test_double_claim);
  g_test_add_func ("/plant-isolation/left-behind", test_left_behind);
  g_test_add_func ("/plant-isolation/newest-relay", test_newest_relay);
  g_test_add_func ("/plant-isolation/epoch", test_epoch);
  g_test_add_func ("/plant-isolation/feed", test_feed);
  g_test_add_func ("/plant-isolation/housekeeping", test_housekeeping);
  return till_test_run ();
}
