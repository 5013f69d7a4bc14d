/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-tariff.c: tariffs on a real database: versions that stay, drafts, days, assignments, bad bodies, simulation of real readings. */
#include <string.h>
#include "server/db/db-tx.h"
#include "server/domain/money/holiday.h"
#include "server/domain/money/tariff-book.h"
#include "server/domain/money/tariff-simulate.h"
#include "server/domain/money/tariff.h"
#include "server/domain/office/approval.h"
#include "server/jobs/pricing.h"
#include "shared/base/till-json-check.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

static TilldTariffVersion *
version_of (const char *body, GError **error)
{
  return tilld_tariff_body_parse (body, error);
}

static TillDay
site_day (Money *money)
{
  return (TillDay) test_pg_ask_int (money->pg, "SELECT site_today () - date '1970-01-01'");
}

typedef gboolean (*Verb) (TilldDb *db, gpointer data, GError **error);

/* -1 = done, else the code. */
static int
run (Money *money, Verb verb, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, verb, data, &error))
    {
      g_assert_no_error (error);
      return -1;
    }
  g_test_message ("refused: %s", error->message);
  return error->code;
}

typedef struct {
  const TilldActor *who;
  const char       *name, *body;
  gint64            tariff;
  TillDay           effective;
  gboolean          draft;
  TilldTariffOutcome outcome;
  gint64            approval;
} Change;

static gboolean
create (TilldDb *db, gpointer data, GError **error)
{
  Change *c = data;
  g_autoptr (TilldTariffVersion) version = version_of (c->body, error);
  TilldTariffNew in = { c->name, version };

  if (version == NULL)
    return FALSE;
  version->rules.effective = c->effective;
  return tilld_tariff_create (db, c->who, &in, &c->tariff, error);
}

static gboolean
put (TilldDb *db, gpointer data, GError **error)
{
  Change *c = data;
  g_autoptr (TilldTariffVersion) version = version_of (c->body, error);
  TilldTariffPut in = { version, c->draft, NULL };

  if (version == NULL)
    return FALSE;
  version->rules.id = c->tariff;
  version->rules.effective = c->effective;
  return tilld_tariff_version_put (db, c->who, &in, &c->outcome, &c->approval, error);
}

static gboolean
drop (TilldDb *db, gpointer data, GError **error)
{
  Change *c = data;

  return tilld_tariff_version_drop (db, c->who, c->tariff, c->effective, error);
}

#define FLAT "{\"prices\":{\"flat\":\"0.6600\"}}"

static void
test_versions (void)
{
  g_autoptr (Money) money = money_new ();
  TillDay today = site_day (money);
  Change c = { .who = &money->second, .tariff = 1, .body = FLAT, .effective = today + 1 };

  g_assert_cmpint (run (money, put, &c), ==, -1);
  g_assert_cmpint (c.outcome, ==, TILLD_TARIFF_STORED);
  c.effective = today; /* meters use it: not today */
  g_assert_cmpint (run (money, put, &c), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_version WHERE tariff = 1"), ==, 2);
  c.effective = 18262; /* 2020-01-01: in use */
  g_assert_cmpint (run (money, put, &c), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (run (money, drop, &c), ==, TILL_ERROR_CONFLICT);
  c.effective = today + 1; /* not yet in force: replaced, then withdrawn */
  c.body = "{\"prices\":{\"flat\":\"0.6500\",\"peak\":\"0.7000\"}}";
  g_assert_cmpint (run (money, put, &c), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT price_flat FROM tariff_version WHERE tariff = 1 AND effective > site_today ()"), ==, 6500);
  g_assert_cmpint (run (money, drop, &c), ==, -1);
  g_assert_cmpint (run (money, drop, &c), ==, TILL_ERROR_NOT_FOUND);
  c.tariff = 99;
  g_assert_cmpint (run (money, put, &c), ==, TILL_ERROR_NOT_FOUND);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM audit WHERE action LIKE 'tariff.%'"), ==, 3);
}

/* The database itself keeps a version in use, whoever asks. */
static void
test_stays (void)
{
  g_autoptr (Money) money = money_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (tilld_db_command (money->pg->db, "UPDATE tariff_version SET price_flat = 1 WHERE tariff = 1", &error));
  g_assert_true (till_error_is (error, TILL_ERROR_CONFLICT));
  g_clear_error (&error);
  g_assert_false (tilld_db_command (money->pg->db, "DELETE FROM tariff_version WHERE tariff = 1", &error));
  g_assert_true (till_error_is (error, TILL_ERROR_CONFLICT));
}

static void
test_drafts (void)
{
  g_autoptr (Money) money = money_new ();
  Change c = { .who = &money->second, .tariff = 1, .body = FLAT, .effective = site_day (money) + 5, .draft = TRUE };

  g_assert_cmpint (run (money, put, &c), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_draft"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_version WHERE tariff = 1"), ==, 1); /* holds nothing */
  c.draft = FALSE;
  g_assert_cmpint (run (money, put, &c), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_draft"), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_version WHERE tariff = 1"), ==, 2);
}

#define TOU                                                                                                                       \
  "{\"prices\":{\"peak\":\"1.0850\",\"flat\":\"0.6150\",\"valley\":\"0.3150\"},\"seasons\":[{\"name\":\"Summer\",\"from\":\"07-01\"," \
  "\"to\":\"09-30\",\"workday\":[{\"from\":\"00:00\",\"rate\":\"valley\"},{\"from\":\"08:00\",\"rate\":\"peak\"}],\"restday\":["      \
  "{\"from\":\"00:00\",\"rate\":\"flat\"}]},{\"name\":\"Rest\",\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"}]}],\"tiers\":{"     \
  "\"period\":\"year\",\"steps\":[{\"to\":\"2760.000\"},{\"to\":\"4800.000\",\"add\":\"0.0500\"},{\"adds\":{\"peak\":\"0.4000\","      \
  "\"flat\":\"0.3000\",\"valley\":\"0.2000\"}}]},\"fixed_per_day\":\"0.2500\",\"free_per_head\":\"8.000\"}"

static void
test_body (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldTariffVersion) version = version_of (TOU, &error);
  g_autofree char *text = NULL, *again = NULL;
  g_autoptr (TilldTariffVersion) second = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (version->rules.n_tiers, ==, 3);
  g_assert_cmpint (version->rules.price[1][TILL_RATE_PEAK], ==, 11350);
  g_assert_cmpint (version->rules.price[2][TILL_RATE_VALLEY], ==, 5150);
  g_assert_cmpint (version->rules.tier_to[1], ==, 4800000);
  g_assert_cmpint (version->rules.calendar.seasons[0].plans[TILLD_DAY_HOLIDAY].segments[0].rate, ==, TILL_RATE_FLAT);
  text = tilld_tariff_body_text (version);
  second = version_of (text, &error); /* what goes out comes in again as the same */
  g_assert_no_error (error);
  again = tilld_tariff_body_text (second);
  g_assert_cmpstr (text, ==, again);
}

static void
test_bad_bodies (void)
{
  static const struct {
    const char *body, *member;
  } bad[] = {
    { "{}", "prices" },
    { "{\"prices\":{}}", "seasons[0].workday[0].rate" },
    { "{\"prices\":{\"flat\":\"0\"}}", "prices.flat" },
    { "{\"prices\":{\"flat\":\"100.0000\"}}", "prices.flat" },
    { "{\"prices\":{\"flat\":\"-1\"}}", "prices.flat" },
    { "{\"prices\":{\"flat\":0.5}}", "prices.flat" },
    { "{\"prices\":{\"flat\":\"0.56789\"}}", "prices.flat" },
    { "{\"prices\":{\"noon\":\"0.5\"}}", "prices.noon" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"fixed_per_day\":\"-0.01\"}", "fixed_per_day" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"free_per_head\":\"-1\"}", "free_per_head" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"free_per_head\":\"10000.001\"}", "free_per_head" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"gift\":1}", "gift" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[]}}", "tiers.steps" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"period\":\"week\",\"steps\":[{}]}}", "tiers.period" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{\"to\":\"5\"},{\"to\":\"5\"},{}]}}", "tiers.steps[1].to" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{\"to\":\"5\"}]}}", "tiers.steps[0].to" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{},{}]}}", "tiers.steps[0].to" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{},{},{},{},{},{},{},{}]}}", "tiers.steps" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{\"to\":\"5\"},{\"add\":\"-0.5\"}]}}", "tiers.steps[1]" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{\"to\":\"5\"},{\"add\":\"1\",\"prices\":{\"flat\":\"1\"}}]}}", "tiers.steps[1].add" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"tiers\":{\"steps\":[{\"to\":\"5\"},{\"prices\":{\"peak\":\"1\"}}]}}", "tiers.steps[1].prices" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[]}", "seasons" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"from\":\"07-01\",\"to\":\"09-30\",\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"}]}]}", "seasons" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"from\":\"02-30\",\"to\":\"09-30\",\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"}]}]}",
      "seasons[0].from" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"from\":\"02-03\",\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"}]}]}", "seasons[0].to" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[]}]}", "seasons[0].workday" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{}]}", "seasons[0].workday" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[{\"from\":\"01:00\",\"rate\":\"flat\"}]}]}", "seasons[0].workday" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[{\"from\":\"24:00\",\"rate\":\"flat\"}]}]}", "seasons[0].workday[0].from" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[{\"from\":\"0:00\",\"rate\":\"flat\"}]}]}", "seasons[0].workday[0].from" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[{\"from\":\"00:00\",\"rate\":\"peak\"}]}]}", "seasons[0].workday[0].rate" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[{\"from\":\"00:00\",\"rate\":\"noon\"}]}]}", "seasons[0].workday[0].rate" },
    { "{\"prices\":{\"flat\":\"0.5\"},\"seasons\":[{\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"},{\"from\":\"00:00\",\"rate\":\"flat\"}]}]}",
      "seasons[0].workday" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TilldTariffVersion) version = version_of (bad[i].body, &error);
      GPtrArray *fields;
      gboolean named = FALSE;

      if (version != NULL)
        g_error ("accepted: %s", bad[i].body);
      fields = till_error_get_fields (error);
      for (guint k = 0; fields != NULL && k < fields->len; k++)
        named = named || strcmp (((const TillFieldError *) g_ptr_array_index (fields, k))->member, bad[i].member) == 0;
      if (!named)
        g_error ("%s: %s, but should name %s", bad[i].body, error->message, bad[i].member);
    }
}

typedef struct {
  Money      *money;
  TilldActor *who;
  gint64      approval;
  const char *decision;
} Decide;

static gboolean
decide (TilldDb *db, gpointer data, GError **error)
{
  Decide *d = data;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  const TilldApprovalDecision in = { d->approval, d->decision, NULL };
  gboolean done;

  till_json_write_begin_object (w, NULL);
  done = tilld_approval_decide (db, d->money->profiles, d->who, &in, w, error);
  if (done)
    till_json_write_end_object (w);
  return done;
}

/* 0.60 to 0.80 moves by more than 20 %: another operator agrees, and only another. */
static void
test_approval (void)
{
  g_autoptr (Money) money = money_new ();
  Change c = { .who = &money->cashier, .tariff = 1, .body = "{\"prices\":{\"flat\":\"0.8000\"}}", .effective = site_day (money) + 3 };
  Decide d = { money, &money->cashier, 0, "approve" };

  money->cashier.permissions = money->second.permissions = till_role_default_permissions ("finance");
  g_assert_cmpint (run (money, put, &c), ==, -1);
  g_assert_cmpint (c.outcome, ==, TILLD_TARIFF_PROPOSED);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_version WHERE tariff = 1"), ==, 1);
  g_assert_cmpint (run (money, put, &c), ==, TILL_ERROR_CONFLICT); /* it waits */
  d.approval = c.approval;
  g_assert_cmpint (run (money, decide, &d), ==, TILL_ERROR_FORBIDDEN);
  d.who = &money->second;
  g_assert_cmpint (run (money, decide, &d), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT price_flat FROM tariff_version WHERE tariff = 1 AND effective > site_today ()"), ==, 8000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT approved_by FROM tariff_version WHERE tariff = 1 AND effective > site_today ()"), ==, MONEY_SECOND);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_draft"), ==, 0);
  c.body = "{\"prices\":{\"flat\":\"1.2000\"}}";
  c.effective++;
  g_assert_cmpint (run (money, put, &c), ==, -1);
  d.approval = c.approval;
  d.decision = "reject";
  g_assert_cmpint (run (money, decide, &d), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_version WHERE tariff = 1"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tariff_draft"), ==, 1); /* a draft again */
}

typedef struct {
  const TilldActor *who;
  TilldTariffAssign assign;
  TilldTariffAssigned done;
} Assign;

static gboolean
assign (TilldDb *db, gpointer data, GError **error)
{
  Assign *a = data;

  return tilld_tariff_assign (db, a->who, &a->assign, &a->done, error);
}

static gboolean
assign_due (TilldDb *db, gpointer data, GError **error)
{
  return tilld_tariff_assign_due (db, data, error);
}

static void
test_assignment (void)
{
  g_autoptr (Money) money = money_new ();
  TillDay today = site_day (money);
  Change c = { .who = &money->second, .name = "TOU", .body = TOU, .effective = today - 30 };
  gint64 meters[] = { MONEY_METER_A, MONEY_METER_B };
  Assign a = { &money->second, { .meters = meters, .n_meters = 2, .from = today + 1 }, { 0 } };
  guint n = 0;

  g_assert_cmpint (run (money, create, &c), ==, -1);
  a.assign.tariff = c.tariff;
  g_assert_cmpint (run (money, assign, &a), ==, -1);
  g_assert_cmpint (a.done.meters, ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT tariff FROM meter WHERE id = 1"), ==, 1); /* tomorrow */
  a.assign.from = today - 1;
  g_assert_cmpint (run (money, assign, &a), ==, TILL_ERROR_INVALID);
  a.assign.from = today;
  a.assign.n_meters = 1;
  g_assert_cmpint (run (money, assign, &a), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT tariff FROM meter WHERE id = 1"), ==, c.tariff);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_tariff WHERE meter = 1"), ==, 2);
  test_pg_run (money->pg, "UPDATE meter_tariff SET since = site_today () WHERE meter = 2 AND since > site_today ()");
  g_assert_cmpint (run (money, assign_due, &n), ==, -1);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT tariff FROM meter WHERE id = 2"), ==, c.tariff);
  a.assign = (TilldTariffAssign){ .tariff = c.tariff, .area = 1 };
  g_assert_cmpint (run (money, assign, &a), ==, -1);
  g_assert_cmpint (a.done.meters, ==, 6);
  a.assign.tariff = 1;
  a.assign.area = 2; /* nothing stands there */
  g_assert_cmpint (run (money, assign, &a), ==, -1);
  g_assert_cmpint (a.done.meters, ==, 0);
}

/* Another process each time: what is in the database is all it knows. */
static void
issue_prices (Money *money)
{
  g_autoptr (GError) error = NULL;

  test_pg_run (money->pg, "UPDATE job SET claimed_until = '-infinity'");
  g_assert_true (tilld_pricing_run (money->pg->db, money->profiles, 1, 1790000000000000, &error));
  g_assert_no_error (error);
}

static gint64
price_orders (Money *money, const char *more)
{
  g_autofree char *sql = g_strconcat ("SELECT count (*) FROM command WHERE kind = 2 AND state = 0", more, NULL);

  return test_pg_ask_int (money->pg, sql);
}

/* What a tariff makes of a model is ordered where it is given, and where it begins; nothing that was told already. */
static void
test_prices_issued (void)
{
  g_autoptr (Money) money = money_new ();
  TillDay today = site_day (money);
  Change c = { .who = &money->second, .name = "TOU", .body = TOU, .effective = today - 30 };
  gint64 meters[] = { MONEY_METER_A, MONEY_METER_SERVER };
  Assign a = { &money->second, { .meters = meters, .n_meters = 2 }, { 0 } };

  issue_prices (money); /* the day begins, and nothing with it */
  g_assert_cmpint (price_orders (money, ""), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE name = 'issue_prices' AND state = 'done'"), ==, 1);
  g_assert_cmpint (run (money, create, &c), ==, -1);
  a.assign.tariff = c.tariff;
  g_assert_cmpint (run (money, assign, &a), ==, -1);
  g_assert_cmpint (price_orders (money, ""), ==, 0); /* by the job, not in the request */
  issue_prices (money);
  g_assert_cmpint (price_orders (money, " AND meter = 1 AND value ? 'prices' AND value ? 'day_plan_1'"), ==, 1);
  g_assert_cmpint (price_orders (money, ""), ==, 1); /* the server settles the other */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE name = 'issue_prices' AND state = 'done' AND (result->>'ordered')::int = 1"), ==, 1);
  g_assert_cmpint (run (money, assign, &a), ==, -1);
  issue_prices (money);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE kind = 2"), ==, 1); /* told already */
  /* A version that begins today, and an assignment whose day has come. */
  test_pg_run (money->pg, "UPDATE job SET input = jsonb_build_object ('today', site_today () - 1, 'since', site_today () - 2) WHERE operator = 0;"
                          "UPDATE command SET state = 3 WHERE kind = 2;"
                          "INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, site_today (), 7000);"
                          "INSERT INTO meter_tariff (meter, since, tariff) VALUES (6, site_today (), 2)");
  issue_prices (money);
  g_assert_cmpint (price_orders (money, " AND meter = 1"), ==, 0);
  g_assert_cmpint (price_orders (money, " AND meter = 2 AND value->'prices'->>'flat' = '0.7000'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT tariff FROM meter WHERE id = 6"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE name = 'issue_prices' AND state = 'running'"), ==, 0);
}

/* Whoever changes a meter's tariff, the history knows. */
static void
test_history_follows (void)
{
  g_autoptr (Money) money = money_new ();

  test_pg_run (money->pg, "INSERT INTO tariff (name) VALUES ('other'); INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (2, '2020-01-01', 1);"
                          "UPDATE meter SET tariff = 2 WHERE id = 1; UPDATE meter SET tariff = 1 WHERE id = 1; UPDATE meter SET tariff = 2 WHERE id = 1");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_tariff WHERE meter = 1"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT tariff FROM meter_tariff WHERE meter = 1 AND since = site_today ()"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT tariff FROM meter_tariff WHERE meter = 1 AND since < site_today ()"), ==, 1);
}

static void
test_views (void)
{
  g_autoptr (Money) money = money_new ();
  g_autoptr (GError) error = NULL;
  Change c = { .who = &money->second, .name = "TOU", .body = TOU, .effective = site_day (money) - 30 };
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *text = NULL, *value = NULL;

  g_assert_cmpint (run (money, create, &c), ==, -1);
  till_json_write_begin_object (w, NULL);
  g_assert_true (tilld_tariff_get (money->pg->db, &money->cashier, money->profiles, c.tariff, w, &error));
  g_assert_no_error (error);
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  g_assert_nonnull (strstr (text, "\"state\":\"in_force\""));
  g_assert_nonnull (strstr (text, "{\"rate\":\"peak\",\"price\":\"1.0850\",\"held\":\"1.0900\",\"difference\":\"0.0050\"}")); /* adf400l: two decimals */
  g_assert_nonnull (strstr (text, "\"rounded\",\"tiers\",\"seasons\""));
  g_assert_nonnull (strstr (text, "\"fixed_fee\",\"allowance\""));
  g_assert_true (tilld_tariff_price_value (money->pg->db, &money->cashier, money->profiles, MONEY_METER_A, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, "{\"prices\":{\"tip\":\"0.6000\",\"peak\":\"0.6000\",\"flat\":\"0.6000\",\"valley\":\"0.6000\"}}");
}

static void
insert_readings (Money *money, gint64 meter, TillDay from, guint days)
{
  g_autofree char *sql = g_strdup_printf (
    "CREATE TABLE IF NOT EXISTS reading_test PARTITION OF reading FOR VALUES FROM ('2025-01-01') TO ('2025-12-01');"
    "INSERT INTO reading (meter, at, epoch, slot, balance, energy_total, purchased_total) SELECT %" G_GINT64_FORMAT ", t, 1, t, 0,"
    " (extract (epoch FROM t - (date '1970-01-01' + %d)::timestamp AT TIME ZONE 'Asia/Shanghai') / 3600 * 1000)::bigint, 0"
    " FROM generate_series ((date '1970-01-01' + %d)::timestamp AT TIME ZONE 'Asia/Shanghai', (date '1970-01-01' + %d)::timestamp AT TIME ZONE 'Asia/Shanghai',"
    " interval '1 hour') t", meter, from, from, from + (int) days);

  test_pg_run (money->pg, sql);
}

/* 1 kWh an hour for 31 days of July by a flat price and by TOU, worked out by hand. */
static void
test_simulation (void)
{
  g_autoptr (Money) money = money_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldSimulation) s = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  JsonObject *object, *month;
  g_auto (TilldSimulateRequest) in = { .version = version_of (TOU, &error), .meters = g_array_new (FALSE, FALSE, sizeof (gint64)) };
  gint64 meter = MONEY_METER_A;
  TillDay july;

  g_assert_true (till_day_make (2025, 7, 1, &july));
  insert_readings (money, MONEY_METER_A, july, 31);
  g_array_append_val (in.meters, meter);
  in.from = july;
  in.to = july + 30;
  s = tilld_simulation_new (money->pg->db, &money->cashier, &in, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tilld_simulation_total (s), ==, 1);
  while (tilld_simulation_step (s, money->pg->db, &error))
    ;
  g_assert_no_error (error);
  till_json_write_begin_object (w, NULL);
  tilld_simulation_write (s, w);
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  node = till_json_parse (text, -1, 100000, &error);
  g_assert_no_error (error);
  object = json_node_get_object (node);
  month = json_array_get_object_element (json_object_get_array_member (object, "months"), 0);
  g_assert_cmpstr (json_object_get_string_member (month, "month"), ==, "2025-07");
  g_assert_cmpstr (json_object_get_string_member (object, "energy"), ==, "744.000");
  g_assert_cmpstr (json_object_get_string_member (object, "old"), ==, "446.4000");
  /* July 2025: 23 workdays with 8 h valley and 16 h peak, 8 rest days flat. The first 8 kWh (a workday's valley) are free. 30 fees of days that begin
   * inside, and that of the first of August, which begins at the end: 23 x 19.88 - 2.52 + 8 x 14.76 + 31 x 0.25. */
  g_assert_cmpstr (json_object_get_string_member (object, "new"), ==, "580.5500");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "months")), ==, 1);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "most")), ==, 1);
}

static void
test_bad_simulations (void)
{
  g_autoptr (Money) money = money_new ();
  g_autoptr (GError) error = NULL;
  gint64 nobody = 99;
  TilldSimulateRequest backwards = { .tariff = 1, .from = 20000, .to = 19999 }, unknown = { .tariff = 99, .from = 20000, .to = 20000 };
  g_auto (TilldSimulateRequest) empty = { .tariff = 1, .from = 20000, .to = 20000, .meters = g_array_new (FALSE, FALSE, sizeof (gint64)) };

  g_array_append_val (empty.meters, nobody);

  g_assert_null (tilld_simulation_new (money->pg->db, &money->cashier, &backwards, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_INVALID));
  g_clear_error (&error);
  g_assert_null (tilld_simulation_new (money->pg->db, &money->cashier, &unknown, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_NOT_FOUND));
  g_clear_error (&error);
  g_assert_null (tilld_simulation_new (money->pg->db, &money->cashier, &empty, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_NOT_FOUND));
}

typedef struct {
  const TilldActor *who;
  TilldHoliday      days[2];
  guint             n;
} Days;

static gboolean
set_days (TilldDb *db, gpointer data, GError **error)
{
  Days *d = data;

  return tilld_holiday_set (db, d->who, d->days, d->n, error);
}

static gboolean
drop_day (TilldDb *db, gpointer data, GError **error)
{
  Days *d = data;

  return tilld_holiday_drop (db, d->who, d->days[0].day, error);
}

static void
test_holidays (void)
{
  g_autoptr (Money) money = money_new ();
  TillDay today = site_day (money);
  Days d = { &money->second, { { today + 1, TILLD_DAY_HOLIDAY, "Day" }, { today, TILLD_DAY_WORK, NULL } }, 2 };
  g_autoptr (TilldTariffBook) book = NULL;

  g_assert_cmpint (run (money, set_days, &d), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM holiday"), ==, 0); /* all or none */
  d.n = 1;
  g_assert_cmpint (run (money, set_days, &d), ==, -1);
  book = tilld_tariff_book_load (money->pg->db, 1, NULL);
  g_assert_cmpint (tilld_civil_day_type (tilld_tariff_book_civil (book), today + 1), ==, TILLD_DAY_HOLIDAY);
  g_assert_cmpint (run (money, drop_day, &d), ==, -1);
  g_assert_cmpint (run (money, drop_day, &d), ==, TILL_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/tariff-db/versions", test_versions);
  g_test_add_func ("/tariff-db/stays", test_stays);
  g_test_add_func ("/tariff-db/drafts", test_drafts);
  g_test_add_func ("/tariff-db/body", test_body);
  g_test_add_func ("/tariff-db/bad-bodies", test_bad_bodies);
  g_test_add_func ("/tariff-db/approval", test_approval);
  g_test_add_func ("/tariff-db/assignment", test_assignment);
  g_test_add_func ("/tariff-db/history-follows", test_history_follows);
  g_test_add_func ("/tariff-db/prices-issued", test_prices_issued);
  g_test_add_func ("/tariff-db/views", test_views);
  g_test_add_func ("/tariff-db/simulation", test_simulation);
  g_test_add_func ("/tariff-db/bad-simulations", test_bad_simulations);
  g_test_add_func ("/tariff-db/holidays", test_holidays);
  return till_test_run ();
}
