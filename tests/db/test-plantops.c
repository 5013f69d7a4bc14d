/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-plantops.c: settings judged before they are stored, their generations in the field's queue, proofs of versions, jobs, meters added,
 * changed and retired, and what follows when a meter holds other values. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "server/db/db-tx.h"
#include "server/domain/office/job.h"
#include "server/domain/plant/meter-config.h"
#include "server/domain/plant/meter-edit.h"
#include "server/domain/plant/model-proof.h"
#include "server/domain/plant/setting-order.h"
#include "server/domain/plant/setting.h"
#include "shared/base/till-json-check.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

static TilldProfiles *
profiles (void)
{
  static TilldProfiles *set;

  if (set == NULL)
    set = tilld_profiles_load (NULL, NULL);
  return set;
}

static TillId
id_of (guint n)
{
  g_autofree char *text = g_strdup_printf ("0190a000-0000-7000-8000-%012u", n);
  TillId           id;

  g_assert_true (till_id_parse (text, &id, NULL));
  return id;
}

/* --- values --- */

static gboolean
check (const char *model, TillCommandKind kind, const char *json, char **ret_member)
{
  const TilldProfile *profile = tilld_profiles_get (profiles (), model);
  TilldSettings       settings;
  g_autoptr (GError)  error = NULL;
  GPtrArray          *fields;

  if (tilld_setting_parse (kind, profile->purse, json, &settings, &error) && tilld_setting_check (profile, kind, &settings, NULL, &error))
    return TRUE;
  fields = till_error_get_fields (error);
  *ret_member = g_strdup (fields != NULL ? ((TillFieldError *) g_ptr_array_index (fields, 0))->member : till_error_word ((TillError) error->code));
  return FALSE;
}

static void
test_values (void)
{
  static const struct { const char *model; TillCommandKind kind; const char *json, *member; } rows[] = {
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"5\",\"alarm2\":\"1\"}", NULL },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"5\"}", "value.alarm2" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"1\",\"alarm2\":\"1\"}", "value.alarm1" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"5.001\",\"alarm2\":\"1\"}", "value.alarm1" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"overload_kw\":\"65.001\"}", "value.overload_kw" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"overload_kw\":\"-1\"}", "value.overload_kw" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":5,\"alarm2\":\"1\"}", "value.alarm1" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm3\":\"5\"}", "value.alarm3" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_LIMITS, "{}", "value" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_PRICE, "{\"prices\":{\"tip\":\"1\",\"peak\":\"0.8\",\"flat\":\"0.5283\",\"valley\":\"0.3\"}}", NULL },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_PRICE, "{\"prices\":{\"tip\":\"0\",\"peak\":\"0.8\",\"flat\":\"0.5\",\"valley\":\"0.3\"}}", "value.prices.tip" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_PRICE, "{\"day_plan_1\":[{\"at\":\"00:00\",\"rate\":\"deep\"}]}", "value.day_plan_1" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_PRICE, "{\"day_plan_1\":[{\"at\":\"00:00\",\"rate\":\"flat\"},{\"at\":\"00:00\",\"rate\":\"tip\"}]}", "value.day_plan_1[1].at" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_PRICE, "{\"day_plan_1\":[]}", "value.day_plan_1" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_PRICE, "{\"plan_2_days\":[7]}", "value.plan_2_days" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_SCHEDULE, "{\"work\":[{\"at\":\"24:00\",\"switch\":\"on\"}]}", "value.work[0].at" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_SCHEDULE, "{\"work\":[{\"at\":\"6:00\",\"switch\":\"on\"}]}", "value.work[0].at" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_SCHEDULE, "{}", "value.work" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_SCHEDULE, "{\"work\":[]}", NULL },
    { "gridtill-generic", TILL_COMMAND_KIND_SET_PRICE, "{\"tiers\":[{\"to\":\"100\",\"add\":\"0\"},{\"to\":\"90\",\"add\":\"0.1\"},{\"add\":\"1\"}]}", "value.tiers[1].to" },
    { "gridtill-generic", TILL_COMMAND_KIND_SET_PRICE, "{\"tiers\":[{\"add\":\"0\"},{\"to\":\"9\",\"add\":\"1\"}]}", "value.tiers[0].to" },
    { "gridtill-generic", TILL_COMMAND_KIND_SET_PRICE, "{\"tiers\":[]}", NULL },
    { "gridtill-generic-kwh", TILL_COMMAND_KIND_SET_LIMITS,
      "{\"alarm1\":\"5.01\",\"alarm2\":\"1\",\"overload_kw\":\"0\",\"overdraft\":\"0\",\"hoard_limit\":\"0\"}", NULL },
    { "gridtill-generic-kwh", TILL_COMMAND_KIND_SET_LIMITS,
      "{\"alarm1\":\"5.001\",\"alarm2\":\"1\",\"overload_kw\":\"0\",\"overdraft\":\"0\",\"hoard_limit\":\"0\"}", "value.alarm1" },
    { "adw300-readonly", TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"5\",\"alarm2\":\"1\"}", "unsupported" },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_CLOCK, "{}", NULL },
    { "adf400l-1p", TILL_COMMAND_KIND_SET_CLOCK, "{\"time\":1}", "value.time" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *member = NULL;
      gboolean         good = check (rows[i].model, rows[i].kind, rows[i].json, &member);

      if (good != (rows[i].member == NULL) || g_strcmp0 (member, rows[i].member) != 0)
        g_error ("%s: %s, not %s", rows[i].json, good ? "good" : member, rows[i].member != NULL ? rows[i].member : "good");
    }
}

/* --- orders --- */

typedef struct {
  TilldSettingOrder order;
  TilldActor        who;
  gboolean          replay;
} Order;

static gboolean
run_order (TilldDb *db, gpointer data, GError **error)
{
  Order *o = data;

  return tilld_setting_order (db, profiles (), &o->who, &o->order, &o->replay, error);
}

static gboolean
give (TestPg *pg, guint n, gint64 meter, TillCommandKind kind, const char *json, GError **error)
{
  g_autoptr (JsonNode) value = json != NULL ? till_json_parse (json, -1, 4096, NULL) : NULL;
  Order                o = { .order = { .id = id_of (n), .meter = meter, .kind = kind, .value = value, .reason = "test" }, .who = plant_actor (1, 0) };
  gboolean             good = tilld_tx_run (pg->db, TILLD_READ_COMMITTED, run_order, &o, error);

  tilld_actor_clear (&o.who);
  return good;
}

static void
test_orders (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;

  /* Not proven: refused with what is missing, nothing stored. */
  g_assert_false (give (pg, 1, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"40.00\"}", &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "commissioning proof"));
  g_clear_error (&error);
  assert_ask (pg, "SELECT (SELECT count (*) FROM command) || ':' || alarm1 FROM meter WHERE id = 1", "0:500000");
  /* A proof of another version proves nothing; one of a simulated gateway nothing at a real one. */
  test_pg_run (pg, "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) VALUES ('adf400l-1p', 2, 'set_limits', true, 'a', 'b')");
  g_assert_false (give (pg, 2, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"40.00\"}", NULL));
  test_pg_run (pg, "UPDATE model_proof SET version = 1");
  g_assert_false (give (pg, 3, 5, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"40.00\"}", NULL));
  give (pg, 4, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"40.00\"}", &error);
  g_assert_no_error (error);
  assert_ask (pg, "SELECT alarm1 || ':' || alarm2 || ':' || version FROM meter WHERE id = 1", "400000:100000:2");
  assert_ask (pg, "SELECT value->>'alarm1' || ' ' || (value->>'alarm2') FROM command", "40.0000 10.0000");
  /* The same again is the same; the newer one supersedes. */
  give (pg, 4, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"40.00\"}", &error);
  g_assert_no_error (error);
  g_assert_false (give (pg, 4, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"41.00\"}", &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_clear_error (&error);
  give (pg, 5, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"42.00\"}", &error);
  g_assert_no_error (error);
  assert_ask (pg, "SELECT string_agg (state::text, ' ' ORDER BY accepted) FROM command", "5 0");
  /* A day plan is the cabinet's: it names all circuits it changes. Price of the tariff: 0.60 at every rate. */
  give (pg, 6, 1, TILL_COMMAND_KIND_SET_PRICE, "{\"day_plan_1\":[{\"at\":\"00:00\",\"rate\":\"flat\"}]}", &error);
  g_assert_no_error (error);
  assert_ask (pg, "SELECT cabinet || ' ' || covers::text FROM command WHERE kind = 2", "1 {1,2,3,4}");
  give (pg, 7, 2, TILL_COMMAND_KIND_SET_PRICE, NULL, &error);
  g_assert_no_error (error);
  assert_ask (pg, "SELECT value->'prices'->>'valley' || coalesce (cabinet::text, ' own') FROM command WHERE kind = 2 AND meter = 2", "0.6000 own");
  /* Nobody on life support is cut. */
  test_pg_run (pg, "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) VALUES ('adf400l-1p', 1, 'control', true, 'a', 'b');"
                   "UPDATE meter SET life_support = true WHERE id = 3");
  g_assert_false (give (pg, 8, 3, TILL_COMMAND_KIND_FORCE_OFF, NULL, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (give (pg, 9, 3, TILL_COMMAND_KIND_FORCE_ON, NULL, NULL));
}

/* --- the field's side --- */

static void
test_doubt (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GArray) due = g_array_new (FALSE, FALSE, sizeof (TilldFieldCommand));
  g_autoptr (GError) error = NULL;
  const gint64       gateway = 1;
  TilldFieldCommand *c;

  test_pg_run (pg, "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) SELECT 'adf400l-1p', 1, w, true, 'a', 'b' FROM unnest ('{control,set_limits}'::text[]) w");
  g_assert_true (give (pg, 1, 1, TILL_COMMAND_KIND_FORCE_OFF, NULL, NULL));
  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 10, due, &error));
  g_assert_cmpuint (due->len, ==, 1);
  c = &g_array_index (due, TilldFieldCommand, 0);
  g_assert_true (tilld_field_command_sent (pg->db, c, &error));
  g_assert_true (tilld_field_command_done (pg->db, &(TilldFieldCommandEnd){ .id = c->id, .state = TILL_COMMAND_STATE_QUEUED, .retry_s = 10,
                                                                           .outcome = TILL_DELIVERY_OUTCOME_TIMEOUT, .text = "timeout" }, &error));
  g_assert_true (give (pg, 2, 1, TILL_COMMAND_KIND_FORCE_ON, NULL, NULL));
  g_array_set_size (due, 0);
  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 10, due, &error));
  g_assert_cmpuint (due->len, ==, 1);
  g_assert_cmpint (g_array_index (due, TilldFieldCommand, 0).kind, ==, TILL_COMMAND_KIND_FORCE_ON);
  g_assert_true (g_array_index (due, TilldFieldCommand, 0).doubt); /* that OFF may still come */
  assert_ask (pg, "SELECT state || ':' || outcome FROM command WHERE kind = 6", "5:5");

  /* An ON of unknown fate casts doubt on the OFF after it, and an order that a dead process left as sent ends with the newer one. */
  c = &g_array_index (due, TilldFieldCommand, 0);
  g_assert_true (tilld_field_command_sent (pg->db, c, &error));
  g_assert_true (give (pg, 5, 1, TILL_COMMAND_KIND_FORCE_OFF, NULL, NULL));
  g_array_set_size (due, 0);
  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 10, due, &error));
  g_assert_cmpuint (due->len, ==, 1);
  c = &g_array_index (due, TilldFieldCommand, 0);
  g_assert_cmpint (c->kind, ==, TILL_COMMAND_KIND_FORCE_OFF);
  g_assert_true (c->doubt);
  g_assert_true (tilld_field_command_sent (pg->db, c, &error));
  assert_ask (pg, "SELECT state FROM command WHERE kind = 5", "1");
  g_assert_true (tilld_field_command_done (pg->db, &(TilldFieldCommandEnd){ .id = c->id, .state = TILL_COMMAND_STATE_VERIFIED,
                                                                           .outcome = TILL_DELIVERY_OUTCOME_OK }, &error));
  assert_ask (pg, "SELECT state FROM command WHERE kind = 5", "5");

  /* A value travels with its claim. */
  g_assert_true (give (pg, 3, 2, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"33.00\"}", NULL));
  g_array_set_size (due, 0);
  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 10, due, &error));
  c = &g_array_index (due, TilldFieldCommand, 0);
  g_assert_nonnull (c->settings);
  g_assert_cmpint (c->settings->number[TILLD_POINT_ALARM1], ==, 330000);
  g_assert_false (c->doubt);
  g_assert_true (tilld_field_command_sent (pg->db, c, &error));
  g_assert_true (tilld_field_command_done (pg->db, &(TilldFieldCommandEnd){ .id = c->id, .state = TILL_COMMAND_STATE_VERIFIED,
                                                                           .outcome = TILL_DELIVERY_OUTCOME_OK }, &error));
  assert_ask (pg, "SELECT (due_at <= now () + interval '60 seconds')::text FROM meter_config WHERE meter = 2", "true");
  tilld_field_command_clear (c);

  /* An OFF that waited is judged again. */
  g_assert_true (give (pg, 4, 3, TILL_COMMAND_KIND_FORCE_OFF, NULL, NULL));
  test_pg_run (pg, "UPDATE command SET created_at = now () - interval '61 seconds', claimed_until = '-infinity' WHERE meter = 3; UPDATE meter SET life_support = true WHERE id = 3");
  g_array_set_size (due, 0);
  g_assert_true (tilld_field_command_claim (pg->db, &gateway, 1, 10, due, &error));
  g_assert_cmpuint (due->len, ==, 1);
  g_assert_false (tilld_field_command_sent (pg->db, &g_array_index (due, TilldFieldCommand, 0), &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
}

static void
test_proofs (void)
{
  g_autoptr (TestPg)     pg = plant_new ();
  g_autoptr (GArray)     proofs = g_array_new (FALSE, FALSE, sizeof (TilldModelProof));
  g_autoptr (GArray)     gateways = g_array_new (FALSE, FALSE, sizeof (TilldFieldGateway)), meters = g_array_new (FALSE, FALSE, sizeof (TilldFieldMeter));
  const TilldProfile    *profile = tilld_profiles_get (profiles (), "adf400l-1p");
  const TilldFieldMeter *m;

  test_pg_run (pg, "INSERT INTO model_proof (model, version, write, gateway, simulated, candidate, effective_class, proved_by, agreed_by) VALUES "
                   "('adf400l-1p', 1, 'control', NULL, true, 'H2', NULL, 'a', 'b'), ('adf400l-1p', 1, 'control', 1, true, 'H1', NULL, 'a', 'b'), "
                   "('adf400l-1p', 1, 'recharge', 1, true, NULL, 2, 'a', 'b'), ('adf400l-1p', 2, 'set_clock', 1, true, NULL, NULL, 'a', 'b')");
  g_assert_true (tilld_model_proofs_load (pg->db, proofs, NULL));
  g_assert_cmpstr (tilld_model_proof_find (proofs, profile, TILLD_PROVEN_CONTROL, 1, TRUE)->candidate, ==, "H1"); /* that of the gateway */
  g_assert_cmpstr (tilld_model_proof_find (proofs, profile, TILLD_PROVEN_CONTROL, 9, TRUE)->candidate, ==, "H2");
  g_assert_null (tilld_model_proof_find (proofs, profile, TILLD_PROVEN_CONTROL, 9, FALSE));
  g_assert_null (tilld_model_proof_find (proofs, profile, TILLD_PROVEN_SET_CLOCK, 1, TRUE)); /* of another version */
  g_assert_true (tilld_field_plant_load (pg->db, profiles (), gateways, meters, NULL));
  m = &g_array_index (meters, TilldFieldMeter, 0);
  g_assert_cmpstr (m->candidate, ==, "H1");
  g_assert_true (m->recharge_proven);
  g_assert_cmpint (m->recharge_class, ==, TILL_METER_CLASS_B); /* the count rule did not hold there */
}

/* --- jobs --- */

static void
test_jobs (void)
{
  g_autoptr (TestPg)       pg = plant_new ();
  g_auto (TilldActor)      anna = plant_actor (1, 0), bert = plant_actor (2, 2);
  g_auto (TilldJobTask)    task = { 0 };
  g_autoptr (GError)       error = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  TilldJobNew              job = { .id = id_of (1), .name = "walk", .gateway = 1, .input = "{\"a\":1}", .total = 3 };
  TilldJobProgress         progress = { .id = job.id, .total = 3, .done = 1, .cursor = "{\"at\":1}", .message = "one of three" };
  const gint64             other = 2, own = 1;
  gboolean                 found = TRUE, cancelled = TRUE;

  g_assert_true (tilld_job_create (pg->db, &anna, &job, &error));
  assert_ask (pg, "SELECT kind || array_length (uuids, 1) FROM feed", "job1");
  g_assert_true (tilld_job_claim (pg->db, "walk", &other, 1, &task, &found, &error));
  g_assert_false (found); /* somebody else's gateway */
  g_assert_true (tilld_job_claim (pg->db, "walk", &own, 1, &task, &found, &error));
  g_assert_true (found);
  g_assert_cmpstr (task.input, ==, "{\"a\": 1}");
  g_assert_true (tilld_job_progress (pg->db, &progress, &cancelled, &error));
  g_assert_false (cancelled);
  /* One that dies is taken over where it stood. */
  test_pg_run (pg, "UPDATE job SET claimed_until = now () - interval '1 second'");
  tilld_job_task_clear (&task);
  g_assert_true (tilld_job_claim (pg->db, "walk", &own, 1, &task, &found, &error));
  g_assert_true (found && task.done == 1);
  g_assert_cmpstr (task.cursor, ==, "{\"at\": 1}");
  /* Bert sees one building and did not begin it. */
  till_json_write_begin_object (w, NULL);
  g_assert_false (tilld_job_get (pg->db, &bert, &job.id, w, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (tilld_job_cancel (pg->db, &bert, &job.id, NULL));
  g_assert_true (tilld_job_cancel (pg->db, &anna, &job.id, &error));
  g_assert_true (tilld_job_progress (pg->db, &progress, &cancelled, &error));
  g_assert_true (cancelled); /* its worker hears of it */
  g_assert_true (tilld_job_end (pg->db, &job.id, TILLD_JOB_CANCELLED, NULL, NULL, &error));
  g_assert_false (tilld_job_progress (pg->db, &progress, &cancelled, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
  g_clear_error (&error);
  g_assert_false (tilld_job_cancel (pg->db, &anna, &job.id, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_clear_error (&error);
  /* One that nobody took ends at once. */
  job.id = id_of (2);
  g_assert_true (tilld_job_create (pg->db, &anna, &job, &error) && tilld_job_cancel (pg->db, &anna, &job.id, &error));
  assert_ask (pg, "SELECT string_agg (state, ' ' ORDER BY accepted) FROM job", "cancelled cancelled");
  till_json_write_end_object (w);
}

/* A process that takes the job, and is killed with it: no word to the database, which sees its connection end. */
static void
claim_and_die (TestPg *pg)
{
  int   status = 0;
  pid_t pid;

  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      TilldDb       *db = test_pg_connect (pg, TILLD_DB_ROLE);
      TilldJobTask   task = { 0 };
      const gint64   own = 1;
      gboolean       found = FALSE;

      if (!tilld_job_claim (db, "walk", &own, 1, &task, &found, NULL) || !found)
        _exit (7);
      raise (SIGKILL);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFSIGNALED (status));
}

static void
test_job_of_a_killed_process (void)
{
  g_autoptr (TestPg)       pg = plant_new ();
  g_autoptr (TilldDb)      other = test_pg_connect (pg, TILLD_DB_ROLE), living = test_pg_connect (pg, TILLD_DB_ROLE);
  g_auto (TilldActor)      anna = plant_actor (1, 0);
  g_auto (TilldJobTask)    task = { 0 }, late = { 0 };
  g_autoptr (GError)       error = NULL;
  TilldJobNew              job = { .id = id_of (1), .name = "walk", .gateway = 1, .total = 3 };
  TilldJobProgress         progress = { .id = job.id, .total = 3, .done = 1 };
  const gint64             own = 1;
  gint64                   until = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gboolean                 found = FALSE, cancelled;

  g_assert_true (tilld_job_create (pg->db, &anna, &job, &error));
  claim_and_die (pg);
  assert_ask (pg, "SELECT claimed_until > now () + interval '1 minute' FROM job", "t");
  while (!found && g_get_monotonic_time () < until) /* the database notices within a moment that nobody is there */
    g_assert_true (tilld_job_claim (living, "walk", &own, 1, &task, &found, &error));
  g_assert_true (found);
  /* Who lives keeps it, however long its claim still is; its pause is its own, too. */
  g_assert_true (tilld_job_claim (other, "walk", &own, 1, &late, &found, &error));
  g_assert_false (found);
  progress.claim = task.claim;
  progress.pause_s = 60;
  g_assert_true (tilld_job_progress (living, &progress, &cancelled, &error));
  tilld_db_disconnect (living);
  g_assert_true (tilld_job_claim (other, "walk", &own, 1, &late, &found, &error));
  g_assert_false (found);
  /* It was stopped and goes on after somebody else took it: what it did since is of no effect. */
  test_pg_run (pg, "UPDATE job SET claimed_until = '-infinity'");
  g_assert_true (tilld_job_claim (other, "walk", &own, 1, &late, &found, &error));
  g_assert_true (found && late.done == 1);
  g_assert_false (tilld_job_progress (living, &progress, &cancelled, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
  g_clear_error (&error);
  progress.claim = late.claim;
  g_assert_true (tilld_job_progress (other, &progress, &cancelled, &error));
}

/* --- meters --- */

typedef struct {
  TilldMeterRecord *records;
  guint             n;
  GArray           *ids;
} Many;

static gboolean
run_create (TilldDb *db, gpointer data, GError **error)
{
  Many               *many = data;
  g_auto (TilldActor) who = plant_actor (1, 0);

  g_array_set_size (many->ids, 0);
  return tilld_meter_create (db, profiles (), &who, many->records, many->n, many->ids, error);
}

static TilldMeterRecord
fresh (const char *code, gint64 unit, const char *model)
{
  return (TilldMeterRecord){ .given = TILLD_METER_CODE | TILLD_METER_GATEWAY | TILLD_METER_UNIT | TILLD_METER_MODEL | TILLD_METER_AREA, .code = (char *) code,
                             .model = (char *) model, .gateway = 1, .unit = unit, .area = 4 };
}

static void
test_meters (void)
{
  g_autoptr (TestPg)  pg = plant_new ();
  g_autoptr (GArray)  ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  TilldMeterRecord    records[] = { fresh ("N-1", 30, "adf400l-1p"), fresh ("N-2", 31, "gridtill-generic-kwh"), fresh ("N-3", 1, "adf400l-1p") };
  g_autoptr (GError)  error = NULL;
  g_auto (TilldActor) who = plant_actor (1, 0);

  /* Address 1 is taken: none of them. */
  g_assert_false (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, run_create, &(Many){ records, 3, ids }, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  g_assert_true (g_str_has_prefix (error->message, "meters[2]."));
  g_clear_error (&error);
  assert_ask (pg, "SELECT count (*)::text FROM meter WHERE code LIKE 'N-%'", "0");
  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, run_create, &(Many){ records, 2, ids }, &error);
  g_assert_no_error (error);
  assert_ask (pg, "SELECT string_agg (code || ' ' || purse || ' ' || alarm1 || ' ' || alarm2, ', ' ORDER BY code) FROM meter WHERE code LIKE 'N-%'",
              "N-1 1 500000 100000, N-2 2 50000 10000");
  assert_ask (pg, "SELECT count (*)::text FROM meter_config c JOIN meter m ON m.id = c.meter WHERE m.code LIKE 'N-%'", "2");
  /* Gone, as nothing ever happened with it; the other one, with a reading, only retires; one in an account stays. */
  g_assert_true (tilld_meter_retire (pg->db, &who, g_array_index (ids, gint64, 0), 1, &error));
  assert_ask (pg, "SELECT count (*)::text FROM meter WHERE code = 'N-1'", "0");
  test_pg_run (pg, "INSERT INTO meter_state (meter, read_at) SELECT id, now () FROM meter WHERE code = 'N-2' ON CONFLICT (meter) DO UPDATE SET read_at = now ()");
  g_assert_false (tilld_meter_retire (pg->db, &who, g_array_index (ids, gint64, 1), 7, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
  g_clear_error (&error);
  g_assert_true (tilld_meter_retire (pg->db, &who, g_array_index (ids, gint64, 1), 1, &error));
  assert_ask (pg, "SELECT (retired_at IS NOT NULL)::text FROM meter WHERE code = 'N-2'", "true");
  g_assert_false (tilld_meter_retire (pg->db, &who, 1, 1, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
}

/* --- what meters hold --- */

typedef struct {
  TilldConfigSeen seen;
} Look;

static gboolean
run_store (TilldDb *db, gpointer data, GError **error)
{
  return tilld_config_store (db, profiles (), &((Look *) data)->seen, 1000, error);
}

static void
look (TestPg *pg, guint differs, gint64 clock_off_s)
{
  g_autoptr (GError) error = NULL;
  Look               l = { .seen = { .meter = 1, .answered = TRUE, .has_clock = TRUE, .clock_off_s = clock_off_s, .held = (char *) "{}", .differs = differs } };

  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, run_store, &l, &error);
  g_assert_no_error (error);
}

static void
test_config (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  static const char  open[] = "SELECT coalesce (string_agg (kind::text, ' ' ORDER BY kind), '') FROM alarm WHERE meter = 1 AND cleared_at IS NULL";

  test_pg_run (pg, "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) SELECT 'adf400l-1p', 1, w, true, 'a', 'b' "
                   "FROM unnest ('{set_limits,set_clock}'::text[]) w");
  g_assert_true (give (pg, 1, 1, TILL_COMMAND_KIND_SET_LIMITS, "{\"alarm1\":\"33.00\"}", NULL));
  test_pg_run (pg, "UPDATE command SET state = 3");
  look (pg, 0, 3);
  assert_ask (pg, open, "");
  assert_ask (pg, "SELECT (due_at > now ())::text || (read_at IS NOT NULL)::text FROM meter_config WHERE meter = 1", "truetrue");
  look (pg, 1 << TILLD_HELD_LIMITS, 3); /* once more, by the server itself */
  assert_ask (pg, "SELECT string_agg (state || ':' || repairs::text || ':' || operator, ' ' ORDER BY accepted) FROM command", "3:false:1 0:true:0");
  assert_ask (pg, open, "");
  test_pg_run (pg, "UPDATE command SET state = 3");
  look (pg, 1 << TILLD_HELD_LIMITS, 3); /* and then people */
  assert_ask (pg, "SELECT count (*)::text FROM command", "2");
  assert_ask (pg, open, "17");
  look (pg, 0, 3);
  assert_ask (pg, open, "");
  look (pg, 0, 100); /* not yet an alarm */
  assert_ask (pg, open, "");
  look (pg, 0, -121);
  assert_ask (pg, open, "11");
  assert_ask (pg, "SELECT count (*) || ':' || max (cabinet) FROM command WHERE kind = 9", "1:1");
  look (pg, 0, -500); /* an order is under way: no second one */
  assert_ask (pg, "SELECT count (*)::text FROM command WHERE kind = 9", "1");
  look (pg, 0, 59);
  assert_ask (pg, open, "");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/plantops/values", test_values);
  g_test_add_func ("/plantops/orders", test_orders);
  g_test_add_func ("/plantops/doubt", test_doubt);
  g_test_add_func ("/plantops/proofs", test_proofs);
  g_test_add_func ("/plantops/jobs", test_jobs);
  g_test_add_func ("/plantops/jobs/killed", test_job_of_a_killed_process);
  g_test_add_func ("/plantops/meters", test_meters);
  g_test_add_func ("/plantops/config", test_config);
  return till_test_run ();
}
