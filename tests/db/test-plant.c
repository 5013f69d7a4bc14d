/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-plant.c: the tree of places, the field's loader, batch ingest with its alarms, lists with scope. */
#include "server/db/db-tx.h"
#include "server/domain/plant/alarm.h"
#include "server/domain/plant/area.h"
#include "server/domain/plant/customer.h"
#include "server/domain/plant/gateway-facts.h"
#include "server/domain/plant/gateway.h"
#include "server/domain/plant/meter.h"
#include "server/domain/plant/reading.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END
#define assert_pluck(page, member, expected)                             \
  G_STMT_START { g_autofree char *_said = plant_pluck ((page), (member)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

static TillTime
now_us (TestPg *pg)
{
  return test_pg_ask_int (pg, "SELECT (extract (epoch FROM now ()) * 1000000)::bigint");
}

static void
test_tree (void)
{
  g_autoptr (TestPg) pg = plant_new ();

  assert_ask (pg, "SELECT path FROM area WHERE id = 4", "Campus/B1/101");
  test_pg_run (pg, "UPDATE area SET name = 'North' WHERE id = 1; UPDATE area SET parent = 3 WHERE id = 5");
  assert_ask (pg, "SELECT path FROM area WHERE id = 4", "North/B1/101");
  assert_ask (pg, "SELECT path || lineage::text FROM area WHERE id = 5", "North/B2/102{1,3,5}");
  /* A place inside itself would make every walk endless. */
  assert_ask (pg, "DO $$ BEGIN UPDATE area SET parent = 4 WHERE id = 1; RAISE 'moved'; EXCEPTION WHEN check_violation THEN NULL; END $$; SELECT 'kept'", "kept");
  assert_ask (pg, "SELECT count (*)::text FROM area WHERE parent IS NULL", "1");
}

static void
test_load (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (TilldProfiles) profiles = tilld_profiles_load (NULL, NULL);
  g_autoptr (GArray) gateways = g_array_new (FALSE, FALSE, sizeof (TilldFieldGateway));
  g_autoptr (GArray) meters = g_array_new (FALSE, FALSE, sizeof (TilldFieldMeter));
  g_autoptr (GError) error = NULL;
  const TilldFieldMeter *m;

  test_pg_run (pg, "UPDATE meter SET retired_at = now () WHERE id = 2");
  tilld_field_plant_load (pg->db, profiles, gateways, meters, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (gateways->len, ==, 2);
  g_assert_cmpstr (g_array_index (gateways, TilldFieldGateway, 0).address, ==, "127.0.0.1:1502");
  g_assert_cmpint (g_array_index (gateways, TilldFieldGateway, 0).word_order, ==, -1);
  g_assert_cmpuint (g_array_index (gateways, TilldFieldGateway, 0).baud, ==, 9600);
  g_assert_cmpuint (meters->len, ==, 5);
  m = &g_array_index (meters, TilldFieldMeter, 0);
  g_assert_cmpint (m->id, ==, 1);
  g_assert_cmpint (m->price_max, ==, 6000);
  g_assert_true (m->has_account && m->recharge_proven && !m->control_proven && !m->dispute);
  g_assert_cmpint (m->control, ==, -1);
  /* A proof made on simulated gateways is worth nothing at a real one. */
  g_assert_false (g_array_index (meters, TilldFieldMeter, 4).recharge_proven);
}

static void
test_ingest (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TillTime now = now_us (pg);
  TilldFieldReading r[3] = { plant_reading (1, now, 123400, TILL_METER_STATE_ALARM1), plant_reading (2, now, 900000, TILL_METER_STATE_NORMAL),
                             plant_reading (3, now, -100, TILL_METER_STATE_ARREARS) };

  r[1].slot = now - now % (1800 * TILL_SECOND);
  r[2].relay = TILL_RELAY_OPEN;
  plant_ingest (pg, r, 3);
  assert_ask (pg, "SELECT string_agg (meter || ':' || balance || ':' || state, ' ' ORDER BY meter) FROM meter_state", "1:123400:1 2:900000:0 3:-100:3");
  assert_ask (pg, "SELECT string_agg (meter || ':' || kind, ' ' ORDER BY meter) FROM alarm WHERE cleared_at IS NULL", "1:0 3:2");
  assert_ask (pg, "SELECT ids::text FROM feed WHERE kind = 'meter'", "{1,2,3}");
  assert_ask (pg, "SELECT count (*)::text FROM reading", "1");

  /* Values not in a reply stay; an older reply is no news; a slot is filled once. */
  r[0].at = r[1].at = now + TILL_SECOND;
  r[0].has = TILLD_HAS_BALANCE;
  r[0].state = TILL_METER_STATE_ALARM2;
  r[0].energy_total = 0;
  r[2].at = now - TILL_SECOND;
  r[2].balance = 777;
  plant_ingest (pg, r, 3);
  assert_ask (pg, "SELECT energy_total::text FROM meter_state WHERE meter = 1", "100000");
  assert_ask (pg, "SELECT balance::text FROM meter_state WHERE meter = 3", "-100");
  assert_ask (pg, "SELECT count (*)::text FROM reading", "1");
  assert_ask (pg, "SELECT string_agg (meter || ':' || kind, ' ' ORDER BY meter) FROM alarm WHERE cleared_at IS NULL AND meter = 1", "1:1");

  /* Energy at an open relay; then lost, which keeps the money state and its alarm; then back. */
  r[2].at = now + TILL_SECOND;
  r[2].energy_total = 100051;
  plant_ingest (pg, &r[2], 1);
  assert_ask (pg, "SELECT string_agg (kind::text, ' ' ORDER BY kind) FROM alarm WHERE cleared_at IS NULL AND meter = 3", "2 10");
  r[2].lost = TRUE;
  plant_ingest (pg, &r[2], 1);
  assert_ask (pg, "SELECT string_agg (kind::text, ' ' ORDER BY kind) FROM alarm WHERE cleared_at IS NULL AND meter = 3", "2 5 10");
  assert_ask (pg, "SELECT lost || ' ' || state || ' ' || balance FROM meter_state WHERE meter = 3", "true 3 777");
  r[2] = plant_reading (3, now + 2 * TILL_SECOND, 500000, TILL_METER_STATE_NORMAL);
  plant_ingest (pg, &r[2], 1);
  assert_ask (pg, "SELECT count (*)::text FROM alarm WHERE cleared_at IS NULL AND meter = 3", "0");
}

/* What a device pushes is kept as pushed and moves the energy shown: never age, balance, state or alarms, and never backwards. */
static void
test_pushed (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TillTime now = now_us (pg);
  TilldFieldReading r = plant_reading (1, now, 123400, TILL_METER_STATE_ALARM1);

  plant_ingest (pg, &r, 1);
  r = plant_reading (1, now + TILL_SECOND, 999900, TILL_METER_STATE_NORMAL);
  r.pushed = r.keep = TRUE;
  r.energy_total = 100500;
  plant_ingest (pg, &r, 1);
  assert_ask (pg, "SELECT balance || ' ' || state || ' ' || energy_total FROM meter_state WHERE meter = 1", "123400 1 100500");
  assert_ask (pg, "SELECT (read_at < to_timestamp ((SELECT max (extract (epoch FROM at)) FROM reading)))::text FROM meter_state WHERE meter = 1", "true");
  assert_ask (pg, "SELECT pushed || ' ' || energy_total FROM reading WHERE meter = 1", "true 100500");
  assert_ask (pg, "SELECT string_agg (kind::text, ' ') FROM alarm WHERE cleared_at IS NULL AND meter = 1", "0");
  r.at += TILL_SECOND;
  r.energy_total = 100400;
  plant_ingest (pg, &r, 1);
  assert_ask (pg, "SELECT energy_total::text FROM meter_state WHERE meter = 1", "100500");
  /* One that was never read has no state to move. */
  r = plant_reading (2, now, 5, TILL_METER_STATE_NORMAL);
  r.pushed = r.keep = TRUE;
  plant_ingest (pg, &r, 1);
  assert_ask (pg, "SELECT count (*)::text FROM reading WHERE pushed", "3");
  assert_ask (pg, "SELECT count (*)::text FROM meter_state WHERE meter = 2 AND read_at IS NOT NULL", "0");
}

static gboolean
tell_facts (TilldDb *db, gpointer data, GError **error)
{
  return tilld_gateway_facts_store (db, data, error);
}

/* What is not told again stays. */
static void
test_facts (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;
  TilldGatewayFacts facts = { .gateway = 1, .serial = "S1", .firmware = "1.2", .rssi_dbm = -71 };

  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, tell_facts, &facts, &error);
  g_assert_no_error (error);
  facts = (TilldGatewayFacts){ .gateway = 1, .firmware = "1.3" };
  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, tell_facts, &facts, &error);
  g_assert_no_error (error);
  assert_ask (pg, "SELECT serial || ' ' || firmware || ' ' || rssi_dbm FROM gateway_facts", "S1 1.3 -71");
}

static void
test_meters (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TillTime now = now_us (pg);
  TilldFieldReading r[4] = { plant_reading (1, now, 300000, TILL_METER_STATE_NORMAL), plant_reading (2, now, 100000, TILL_METER_STATE_ALARM1),
                             plant_reading (3, now, 200000, TILL_METER_STATE_NORMAL), plant_reading (4, now - 3600 * TILL_SECOND, 5, TILL_METER_STATE_NORMAL) };
  g_auto (TilldActor) all = plant_actor (1, 0);
  g_auto (TilldActor) b1 = plant_actor (1, 2);
  static const struct { const char *query, *codes; } table[] = {
    { NULL, "M-1,M-2,M-3,M-4,M-5,M-6" },
    { "sort=-balance&limit=2", "M-1,M-3" },
    { "sort=-balance&limit=2&offset=2", "M-2,M-4" },
    { "state=normal", "M-1,M-3" },
    { "state=alarm1,lost", "M-2,M-4,M-5,M-6" },
    { "area=2", "M-1,M-2,M-3" },
    { "area=4,6&gateway=1", "M-1,M-2,M-4" },
    { "q=102", "M-3" },
    { "q=\xe5\xbc\xa0", "M-1,M-2,M-3" },
    { "q=%25", "" },
    { "id=6,1", "M-1,M-6" },
    { "relay=closed&max_balance=200000", "M-2,M-3,M-4" },
    { "min_age_s=600", "M-4,M-5,M-6" },
    { "flags=stale", "M-4,M-5,M-6" },
    { "sort=customer,-code&limit=3", "M-4,M-3,M-2" },
  };

  plant_ingest (pg, r, 4);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (JsonObject) page = plant_list (pg, tilld_meter_list, &all, table[i].query);
      g_test_message ("%s", table[i].query);
      assert_pluck (page, "code", table[i].codes);
    }
  {
    g_autoptr (JsonObject) page = plant_list (pg, tilld_meter_list, &b1, "sort=-code&limit=1");
    g_assert_cmpint (json_object_get_int_member (page, "total"), ==, 3);
    assert_pluck (page, "code", "M-3");
    assert_pluck (page, "balance", "20.0000");
    assert_pluck (page, "energy_total", "100.000");
    assert_pluck (page, "power_kw", "1.500");
    assert_pluck (page, "room", "Campus/B1/102");
    assert_pluck (page, "flags", "[]");
    assert_pluck (page, "days_left", "null");
    assert_pluck (page, "price", "0.6000");
  }
}

/* 10 kWh in 2 days at 0.60 = 3.00 a day; 20.00 last 6 whole days. */
static void
test_days_left (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TilldFieldReading r = plant_reading (1, now_us (pg), 200000, TILL_METER_STATE_NORMAL);
  g_auto (TilldActor) all = plant_actor (1, 0);
  g_autoptr (JsonObject) page = NULL;
  g_autoptr (JsonObject) history = NULL;

  test_pg_run (pg, "INSERT INTO reading (meter, at, epoch, energy_total, energy_valley) VALUES (1, now () - interval '2 days', 1, 90000, 40000)");
  plant_ingest (pg, &r, 1);
  page = plant_list (pg, tilld_meter_list, &all, "id=1&sort=days_left");
  assert_pluck (page, "days_left", "6");
}

static void
test_scope (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) b1 = plant_actor (1, 2);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) dots = g_array_new (FALSE, FALSE, sizeof (TilldMeterDot));
  g_autoptr (JsonObject) areas = plant_list (pg, tilld_area_list, &b1, NULL);
  g_autoptr (JsonObject) gateways = plant_list (pg, tilld_gateway_list, &b1, NULL);
  g_autoptr (JsonObject) customers = NULL;
  g_autoptr (JsonObject) masked = NULL;
  TillTime at;

  assert_pluck (areas, "path", "Campus,Campus/B1,Campus/B1/101,Campus/B1/102");
  assert_pluck (areas, "meters", "6,3,2,1");
  assert_pluck (gateways, "code", "GW-1");
  g_assert_false (tilld_meter_get (pg->db, &b1, 5, w, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (tilld_meter_read_at (pg->db, &b1, 6, &at, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_NOT_FOUND);
  g_clear_error (&error);
  tilld_meter_dots (pg->db, &b1, dots, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (dots->len, ==, 3);
  g_assert_cmpint (g_array_index (dots, TilldMeterDot, 0).state, ==, TILL_METER_STATE_LOST);
  customers = plant_list (pg, tilld_customer_list, &b1, NULL);
  assert_pluck (customers, "phones", "[\"13912345566\"]");
  b1.permissions = 0;
  masked = plant_list (pg, tilld_customer_list, &b1, NULL);
  assert_pluck (masked, "phones", "[\"139****5566\"]");
}

static void
test_once (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  static const char *const refused[] = {
    "INSERT INTO account_meter (account, meter) VALUES (4, 1)",                                              /* a meter in two open accounts */
    "INSERT INTO meter (code, gateway, unit, model, area) VALUES ('M-7', 1, 1, 'adf400l-1p', 4)",            /* two meters at one place */
    "INSERT INTO alarm (site, kind, severity, meter) VALUES (1, 2, 1, 1), (1, 2, 1, 1)",                     /* two open alarms of a kind */
    "INSERT INTO model_proof (model, version, write, gateway, proved_by, agreed_by) VALUES ('x', 1, 'debit', 1, 'anna', 'anna')",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *sql = g_strdup_printf ("DO $$ BEGIN %s; EXCEPTION WHEN unique_violation OR check_violation THEN RETURN; END $$;", refused[i]);
      g_autofree char *count = g_strdup_printf ("SELECT (SELECT count (*) FROM account_meter) + (SELECT count (*) FROM meter) + "
                                                "(SELECT count (*) FROM alarm) + (SELECT count (*) FROM model_proof)");
      gint64 before = test_pg_ask_int (pg, count);
      test_pg_run (pg, sql);
      g_assert_cmpint (test_pg_ask_int (pg, count), ==, before);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/plant/tree", test_tree);
  g_test_add_func ("/plant/load", test_load);
  g_test_add_func ("/plant/facts", test_facts);
  g_test_add_func ("/plant/ingest", test_ingest);
  g_test_add_func ("/plant/pushed", test_pushed);
  g_test_add_func ("/plant/meters", test_meters);
  g_test_add_func ("/plant/days-left", test_days_left);
  g_test_add_func ("/plant/scope", test_scope);
  g_test_add_func ("/plant/once", test_once);
  return till_test_run ();
}
