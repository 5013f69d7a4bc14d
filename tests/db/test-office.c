/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-office.c: sessions that end by time, with their operator, or by hand; roles; the log's chain; who may touch which table. */
#include <string.h>
#include "server/db/db-tx.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/operator-edit.h"
#include "server/domain/office/role.h"
#include "server/domain/office/session.h"
#include "server/domain/office/site.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

static const guint8 token[TILLD_SESSION_TOKEN] = "0123456789abcdef0123456789abcde";

static void
begin (TestPg *pg, gint64 operator_id)
{
  g_auto (TilldActor) who = plant_actor (0, 0);
  g_autoptr (GError) error = NULL;
  TillTime expires_at;

  g_strlcpy (who.address, "127.0.0.1", sizeof who.address);
  tilld_session_begin (pg->db, &who, operator_id, token, &expires_at, &error);
  g_assert_no_error (error);
  g_assert_cmpint (expires_at - test_pg_ask_int (pg, "SELECT (extract (epoch FROM now ()) * 1000000)::bigint"), >, 11 * 3600 * TILL_SECOND);
}

/* NULL = nobody; caller frees. */
static char *
whose (TestPg *pg)
{
  g_auto (TilldActor) who = { 0 };
  g_autoptr (GError) error = NULL;
  TillTime expires_at;

  if (tilld_session_identify (pg->db, token, &who, &expires_at, &error))
    return g_strdup_printf ("%s %u %d", who.name, who.areas != NULL ? who.areas->len : 0,
                            till_permission_set_has (who.permissions, TILL_PERMISSION_SALES_SELL));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNAUTHENTICATED);
  return NULL;
}

#define assert_whose(pg, expected) \
  G_STMT_START { g_autofree char *_whose = whose (pg); g_assert_cmpstr (_whose, ==, (expected)); } G_STMT_END

static void
test_session (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) anna = plant_actor (1, 0);
  g_autoptr (GError) error = NULL;
  TillTime expires_at;

  tilld_role_ensure_defaults (pg->db, &error);
  g_assert_no_error (error);
  test_pg_run (pg, "INSERT INTO operator_role SELECT 1, id FROM role WHERE name = 'cashier'; INSERT INTO operator_area VALUES (1, 2)");
  assert_whose (pg, NULL);
  begin (pg, 1);
  assert_whose (pg, "Anna 1 1");
  /* Idle: 14 minutes are renewed by use, 16 are over. */
  test_pg_run (pg, "UPDATE session SET used_at = now () - interval '14 minutes'");
  assert_whose (pg, "Anna 1 1");
  assert_ask (pg, "SELECT (used_at > now () - interval '1 minute')::text FROM session", "true");
  test_pg_run (pg, "UPDATE session SET used_at = now () - interval '15 minutes 1 second'");
  assert_whose (pg, NULL);
  /* Absolute: use does not help. */
  test_pg_run (pg, "UPDATE session SET used_at = now (), expires_at = now () - interval '1 second'");
  assert_whose (pg, NULL);
  g_assert_true (tilld_session_sweep (pg->db, NULL));
  assert_ask (pg, "SELECT count (*)::text FROM session", "0");
  /* By hand, by a new password, by a blocked operator. */
  begin (pg, 1);
  g_assert_true (tilld_session_end (pg->db, &anna, token, &error));
  assert_whose (pg, NULL);
  begin (pg, 1);
  g_assert_true (tilld_operator_set_password (pg->db, &anna, 1, &(TilldOperatorPassword){ .hash = "y" }, &error));
  assert_whose (pg, NULL);
  begin (pg, 1);
  test_pg_run (pg, "UPDATE operator SET active = false WHERE id = 1");
  assert_whose (pg, NULL);
  g_assert_false (tilld_session_begin (pg->db, &anna, 1, (const guint8 *) "another token, 32 bytes in length", &expires_at, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNAUTHENTICATED);
  assert_ask (pg, "SELECT string_agg (action, ' ' ORDER BY n) FROM audit",
              "session.begin session.begin session.end session.begin operator.password session.begin");
}

static void
test_operator (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) root = plant_actor (0, 0);
  g_auto (TilldCredentials) found = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) page = NULL;
  const char *const roles[] = { "cashier", "viewer", NULL };
  const char *const unknown[] = { "cashier", "king", NULL };
  TilldOperatorNew in = { .account = "Zhang.Wei", .name = "\xe5\xbc\xa0\xe4\xbc\x9f", .password = "hash", .roles = unknown };
  gint64 id = 0;

  tilld_role_ensure_defaults (pg->db, &error);
  g_assert_true (tilld_role_ensure_defaults (pg->db, &error)); /* again changes nothing */
  g_assert_false (tilld_db_command (pg->db, "BEGIN", &error) && tilld_operator_create (pg->db, &root, &in, &id, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  tilld_db_command (pg->db, "ROLLBACK", NULL);
  in.roles = roles;
  tilld_operator_create (pg->db, &root, &in, &id, &error);
  g_assert_no_error (error);
  tilld_operator_credentials (pg->db, "ZHANG.wei", &found, &error);
  g_assert_no_error (error);
  g_assert_cmpint (found.id, ==, id);
  g_assert_cmpstr (found.password, ==, "hash");
  page = plant_list (pg, tilld_operator_list, &root, "q=zhang");
  {
    g_autofree char *words = plant_pluck (page, "roles");
    g_assert_cmpstr (words, ==, "[\"cashier\",\"viewer\"]");
  }
  g_assert_false (tilld_operator_create (pg->db, &root, &in, &id, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_clear_error (&error);
  tilld_credentials_clear (&found);
  g_assert_true (tilld_operator_credentials (pg->db, "nobody", &found, &error));
  g_assert_cmpint (found.id, ==, 0);
}

typedef struct { TilldDb *db; gint64 by, of; GError *error; gboolean done; } Blocking;

static gboolean
block (TilldDb *db, gpointer data, GError **error)
{
  Blocking *b = data;
  g_auto (TilldActor) who = plant_actor (b->by, 0);
  TilldOperatorRecord off = { .given = TILLD_OPERATOR_ACTIVE, .active = FALSE };

  return tilld_operator_change (db, &who, b->of, &off, 1, error);
}

static gpointer
block_in_thread (gpointer data)
{
  Blocking *b = data;

  b->done = tilld_tx_run (b->db, TILLD_READ_COMMITTED, block, b, &b->error);
  return NULL;
}

/* The last two administrators switch each other off at the same moment: one of them stays. */
static void
test_last_two (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (TilldDb) first = test_pg_connect (pg, NULL), second = test_pg_connect (pg, NULL);
  g_auto (TilldActor) root = plant_actor (0, 0);
  g_autoptr (GError) error = NULL;
  const char *const roles[] = { "administrator", NULL };
  gint64 ids[2] = { 0, 0 };
  Blocking a, b;
  GThread *threads[2];
  GError *refused;

  g_assert_true (tilld_role_ensure_defaults (pg->db, &error));
  for (guint i = 0; i < 2; i++)
    {
      TilldOperatorNew in = { .account = i == 0 ? "first.one" : "second.one", .name = "x", .password = "y", .roles = roles };
      g_assert_true (tilld_operator_create (pg->db, &root, &in, &ids[i], &error));
    }
  a = (Blocking){ .db = first, .by = ids[0], .of = ids[1] };
  b = (Blocking){ .db = second, .by = ids[1], .of = ids[0] };
  threads[0] = g_thread_new ("a", block_in_thread, &a);
  threads[1] = g_thread_new ("b", block_in_thread, &b);
  g_thread_join (threads[0]);
  g_thread_join (threads[1]);
  g_assert_cmpint (a.done + b.done, ==, 1);
  refused = a.done ? b.error : a.error;
  g_assert_error (refused, TILL_ERROR, TILL_ERROR_CONFLICT);
  assert_ask (pg, "SELECT count (*)::text FROM operator WHERE active AND account LIKE '%.one'", "1");
  g_clear_error (&a.error);
  g_clear_error (&b.error);
}

/* A log that can be altered unseen is no log: one changed letter, one missing row, one cut tail are each found. */
static void
test_chain (void)
{
  static const struct { const char *damage; gint64 at; } table[] = {
    { "SELECT 1", 0 },
    { "UPDATE audit SET object = 'meter:2' WHERE n = 3", 3 },
    { "UPDATE audit SET at = at + interval '1 microsecond' WHERE n = 1", 1 },
    { "DELETE FROM audit WHERE n = 2", 2 },
    { "DELETE FROM audit WHERE n = 5", 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (TestPg) pg = plant_new ();
      g_auto (TilldActor) anna = plant_actor (1, 0);
      g_autoptr (GError) error = NULL;
      gint64 n, broken;

      for (guint k = 0; k < 5; k++)
        tilld_audit_write (pg->db, &anna, &(TilldAuditEntry){ .action = "meters.read", .object = "meter:1", .after = k % 2 ? "{\"a\": 1}" : NULL }, &error);
      g_assert_no_error (error);
      test_pg_run (pg, table[i].damage);
      tilld_audit_verify (pg->db, 1, &n, &broken, &error);
      g_assert_no_error (error);
      g_assert_cmpint (broken, ==, table[i].at);
    }
}

static gboolean
may (TestPg *pg, const char *role, const char *sql)
{
  g_autoptr (TilldDb) db = test_pg_connect (pg, NULL);
  g_autofree char *set_role = g_strconcat ("SET ROLE ", role, NULL);
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;

  g_assert_true (tilld_db_command (db, set_role, &error));
  done = tilld_db_command (db, sql, &error);

  if (!done) /* refused by the grant, not by anything else */
    g_assert_nonnull (strstr (error->message, "42501"));
  return done;
}

/* No runtime role can rewrite history, whatever a program does wrong. */
static void
test_grants (void)
{
  static const char *const roles[] = { "gridtill_api", "gridtill_field", "gridtill_notify", "gridtill_report", "gridtill_audit", "gridtill_server" };
  static const char *const history[] = { "tx", "posting", "audit", "request" };
  static const char *const column[] = { "event", "amount", "action", "made_at" };
  g_autoptr (TestPg) pg = plant_new ();

  for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
    for (guint t = 0; t < G_N_ELEMENTS (history); t++)
      {
        g_autofree char *update = g_strdup_printf ("UPDATE %s SET %s = %s", history[t], column[t], column[t]);
        g_autofree char *delete = g_strdup_printf ("DELETE FROM %s", history[t]);
        g_autofree char *truncate = g_strdup_printf ("TRUNCATE %s CASCADE", history[t]);
        g_autofree char *select = g_strdup_printf ("SELECT count (*) FROM %s", history[t]);
        g_assert_false (may (pg, roles[r], update));
        g_assert_false (may (pg, roles[r], delete));
        g_assert_false (may (pg, roles[r], truncate));
        g_assert_true (may (pg, roles[r], select));
      }
  g_assert_false (may (pg, "gridtill_report", "INSERT INTO feed (kind) VALUES ('meter')"));
  g_assert_false (may (pg, "gridtill_report", "SELECT password FROM operator"));
  g_assert_false (may (pg, "gridtill_field", "UPDATE operator SET name = name"));
  g_assert_true (may (pg, "gridtill_field", "UPDATE meter_state SET flags = flags"));
  g_assert_true (may (pg, "gridtill_server", "UPDATE operator SET name = name"));
}

static void
test_site (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_auto (TilldSite) site = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 id = 0, again = 0;

  g_assert_false (tilld_site_load (pg->db, &site, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (tilld_site_ensure (pg->db, &id, &error) && tilld_site_ensure (pg->db, &again, &error));
  g_assert_cmpint (id, ==, again);
  assert_ask (pg, "SELECT count (*)::text FROM chain_head", "2");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/office/session", test_session);
  g_test_add_func ("/office/operator", test_operator);
  g_test_add_func ("/office/chain", test_chain);
  g_test_add_func ("/office/grants", test_grants);
  g_test_add_func ("/office/site", test_site);
  g_test_add_func ("/office/last-two", test_last_two);
  return till_test_run ();
}
