/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-lease.c: processes on one database, each with a connection of its own. The story behind it: a process was stopped by the machine
 * below it for half a minute, another one took its gateways, and the first woke up and went on as if nothing had happened. So a name
 * belongs to one live process, a group to one owner, and who is gone or was taken for gone learns it at its next beat. */
#include "server/db/db-lease.h"
#include "server/db/db-tx.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

typedef struct {
  TilldDb  *db;
  TilldNode node;
} Process;

static void
process_start (TestPg *pg, Process *p, const char *name)
{
  g_autoptr (GError) error = NULL;

  p->db = test_pg_connect (pg, TILLD_DB_ROLE);
  p->node = (TilldNode){ .name = name, .version = "test", .roles = "field" };
  till_id_new (&p->node.run, 1);
  tilld_node_begin (p->db, &p->node, &error);
  g_assert_no_error (error);
}

static guint64
claim (Process *p, guint n)
{
  g_autoptr (GError) error = NULL;
  guint64 groups = 0;

  tilld_lease_claim (p->db, &p->node.run, n, &groups, &error);
  g_assert_no_error (error);
  return groups;
}

static TilldLeases
renew (Process *p)
{
  g_autoptr (GError) error = NULL;
  TilldLeases leases = { 0 };

  tilld_lease_renew (p->db, &p->node.run, &leases, &error);
  g_assert_no_error (error);
  return leases;
}

static gboolean
is_mine (Process *p)
{
  g_autoptr (GError) error = NULL;
  gboolean mine = FALSE;

  tilld_node_beat (p->db, &p->node, &mine, &error);
  g_assert_no_error (error);
  return mine;
}

static void
test_claims (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;
  Process a, b;
  guint64 of_a, of_b;
  TilldLeases seen;

  process_start (pg, &a, "a");
  process_start (pg, &b, "b");
  of_a = claim (&a, 32);
  of_b = claim (&b, 64);
  g_assert_cmpuint (of_a & of_b, ==, 0);
  g_assert_cmpuint (of_a | of_b, ==, G_MAXUINT64);
  g_assert_cmpuint (claim (&a, 64), ==, 0);
  seen = renew (&b);
  g_assert_cmpuint (seen.mine, ==, of_b);
  g_assert_cmpuint (seen.n_mine, ==, 32);
  g_assert_cmpuint (seen.n_free, ==, 0);
  g_assert_cmpuint (seen.n_nodes, ==, 2);
  g_assert_true (tilld_lease_give_back (b.db, &b.node.run, of_b & -of_b, &error));
  g_assert_cmpuint (renew (&b).mine, ==, of_b & (of_b - 1));
  g_assert_cmpuint (claim (&a, 5), ==, of_b & -of_b);
  g_assert_true (tilld_node_end (a.db, &a.node, &error));
  g_assert_cmpuint (claim (&b, 64) | renew (&b).mine, ==, G_MAXUINT64);
  assert_ask (pg, "SELECT string_agg (name, ' ') FROM node", "b");
  tilld_db_free (a.db);
  tilld_db_free (b.db);
}

static gpointer
claim_all (gpointer data)
{
  Process *p = data;
  guint64 *groups = g_new0 (guint64, 1);

  for (guint i = 0; i < 40; i++)
    *groups |= claim (p, 3);
  return groups;
}

/* Claims of many at once: none twice, none left. */
static void
test_race (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  Process  p[4];
  GThread *threads[4];
  guint64  all = 0;
  guint    n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    process_start (pg, &p[i], (const char *[]){ "a", "b", "c", "d" }[i]);
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    threads[i] = g_thread_new ("claim", claim_all, &p[i]);
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    {
      g_autofree guint64 *groups = g_thread_join (threads[i]);

      all |= *groups;
      n += (guint) __builtin_popcountll (*groups);
      tilld_db_free (p[i].db);
    }
  g_assert_cmpuint (n, ==, 64);
  g_assert_cmpuint (all, ==, G_MAXUINT64);
  assert_ask (pg, "SELECT max (epoch)::text FROM lease", "1");
}

/* A crash: the connection is gone, and with it the lock. */
static void
test_crash (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;
  Process a, b, again;
  guint left = 0;

  process_start (pg, &a, "a");
  process_start (pg, &b, "b");
  claim (&a, 64);
  test_pg_run (pg, "INSERT INTO gateway_session (gateway, owner, epoch, online) SELECT 1, run, 7, true FROM node WHERE name = 'a' "
                   "UNION ALL SELECT 2, run, 3, true FROM node WHERE name = 'b'");
  tilld_db_free (a.db);
  /* Within a beat nobody judges: perhaps only the connection broke. */
  g_assert_cmpuint (renew (&b).n_free, ==, 0);
  test_pg_run (pg, "UPDATE node SET last_seen = now () - interval '7 seconds' WHERE name = 'a'");
  g_assert_cmpuint (renew (&b).n_free, ==, 64);
  g_assert_cmpuint (renew (&b).n_nodes, ==, 1);
  g_assert_true (tilld_node_bury (b.db, &left, &error) && left == 1);
  assert_ask (pg, "SELECT string_agg (gateway || ':' || online, ' ' ORDER BY gateway) FROM gateway_session", "1:false 2:true");
  assert_ask (pg, "SELECT ids::text FROM feed WHERE kind = 'gateway'", "{1}");
  /* The same name starts again at once, and what its earlier life held is free at once. */
  test_pg_run (pg, "UPDATE node SET last_seen = now () WHERE name = 'a'");
  process_start (pg, &again, "a");
  g_assert_cmpuint (renew (&again).n_free, ==, 64);
  g_assert_cmpuint (claim (&again, 64), ==, G_MAXUINT64);
  tilld_db_free (again.db);
  tilld_db_free (b.db);
}

/* A live name refuses a second start; one that only lies there holding its lock does not, and learns that it was replaced. */
static void
test_name (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;
  Process a, second = { .node = { .name = "a", .version = "test", .roles = "field" } };

  process_start (pg, &a, "a");
  claim (&a, 10);
  second.db = test_pg_connect (pg, TILLD_DB_ROLE);
  till_id_new (&second.node.run, 2);
  g_assert_false (tilld_node_begin (second.db, &second.node, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "server.node"));
  g_clear_error (&error);
  g_assert_true (is_mine (&a));
  test_pg_run (pg, "UPDATE node SET last_seen = now () - interval '21 seconds'");
  tilld_node_begin (second.db, &second.node, &error);
  g_assert_no_error (error);
  g_assert_true (is_mine (&second));
  g_assert_false (is_mine (&a));
  g_assert_cmpuint (claim (&second, 64), ==, G_MAXUINT64);
  g_assert_cmpuint (renew (&a).n_mine, ==, 0);
  tilld_db_free (a.db);
  tilld_db_free (second.db);
}

typedef struct {
  const char *period;
  gboolean    mine;
} Once;

static gboolean
do_once (TilldDb *db, gpointer data, GError **error)
{
  Once *once = data;

  return tilld_once (db, TILLD_LOCK_PARTITIONS, "partitions", once->period, &once->mine, error);
}

static void
test_once (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TilldDb *other = test_pg_connect (pg, TILLD_DB_ROLE);
  Once one = { "2026-11-23", FALSE }, two = { "2026-11-23", FALSE }, next = { "2026-11-24", FALSE };
  g_autoptr (GError) error = NULL;

  g_assert_true (tilld_db_command (pg->db, "BEGIN", &error) && do_once (pg->db, &one, &error));
  g_assert_true (one.mine);
  g_assert_true (tilld_tx_run (other, TILLD_READ_COMMITTED, do_once, &two, &error)); /* does not wait for the first */
  g_assert_false (two.mine);
  g_assert_true (tilld_db_command (pg->db, "ROLLBACK", &error)); /* it failed: somebody else does it */
  g_assert_true (tilld_tx_run (other, TILLD_READ_COMMITTED, do_once, &two, &error) && two.mine);
  g_assert_true (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, do_once, &one, &error));
  g_assert_false (one.mine);
  g_assert_true (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, do_once, &next, &error) && next.mine);
  tilld_db_free (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lease/claims", test_claims);
  g_test_add_func ("/lease/race", test_race);
  g_test_add_func ("/lease/crash", test_crash);
  g_test_add_func ("/lease/name", test_name);
  g_test_add_func ("/lease/once", test_once);
  return g_test_run ();
}
