/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-fixture.c: a small site for tests of money. */
#include "tests/db/money-fixture.h"

#include "server/db/db-tx.h"
#include "shared/base/till-error.h"

static const char site_sql[] =
  "INSERT INTO site (code, name, sell_offline) VALUES ('main', 'Campus', false);"
  "INSERT INTO area (site, kind, name) VALUES (1, 0, 'Campus'), (1, 0, 'Elsewhere');"
  "INSERT INTO operator (account, name, password, sale_limit) VALUES ('anna', 'Anna', 'x', 0), ('bert', 'Bert', 'x', 0), ('carl', 'Carl', 'x', 1000000);"
  "INSERT INTO gateway (code, name, site, area, link, simulated) VALUES ('GW-1', 'One', 1, 1, 2, true), ('GW-2', 'Two', 1, 1, 2, true),"
  " ('GW-3', 'Three', 1, 1, 2, false);"
  "INSERT INTO gateway_session (gateway, epoch, online) VALUES (1, 7, true), (2, 1, false), (3, 1, true)"
  " ON CONFLICT (gateway) DO UPDATE SET epoch = EXCLUDED.epoch, online = EXCLUDED.online;"
  "INSERT INTO tariff (name) VALUES ('flat'); INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, '2020-01-01', 6000);"
  "INSERT INTO meter (code, gateway, unit, model, area, settlement, tariff, hoard_limit) VALUES"
  " ('M-A', 1, 1, 'adf400l-1p', 1, 0, 1, 50000000), ('M-B', 1, 2, 'gridtill-generic-b', 1, 0, 1, 50000000),"
  " ('M-S', 1, 3, 'gridtill-generic-c', 1, 1, 1, 50000000), ('M-D', 2, 1, 'adf400l-1p', 1, 0, 1, 50000000),"
  " ('M-C', 1, 4, 'adf400l-1p', 1, 0, 1, 50000000), ('M-X', 3, 1, 'adf400l-1p', 1, 0, 1, 50000000);"
  "INSERT INTO meter_state (meter, read_at, balance, purchase_count, purchased_total) SELECT id, now (), 200000, 3, 1000000 FROM meter"
  " ON CONFLICT (meter) DO UPDATE SET read_at = EXCLUDED.read_at, balance = EXCLUDED.balance, purchase_count = EXCLUDED.purchase_count,"
  " purchased_total = EXCLUDED.purchased_total;"
  "INSERT INTO customer (code, name, area) VALUES ('C-1', '\xe5\xbc\xa0\xe4\xbc\x9f', 1);"
  "INSERT INTO account (code, site, customer, state) VALUES ('A-1', 1, 1, 0), ('A-2', 1, 1, 0), ('A-3', 1, 1, 0), ('A-4', 1, 1, 0), ('A-5', 1, 1, 1),"
  " ('A-6', 1, 1, 0);"
  "INSERT INTO account_meter (account, meter) SELECT id, id FROM account;"
  "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) SELECT m, 1, 'recharge', true, 'anna', 'bert'"
  " FROM unnest (ARRAY['adf400l-1p', 'gridtill-generic-b', 'gridtill-generic']) AS m;";

static TilldActor
actor (gint64 id, const char *name, TillMoney limit)
{
  TilldActor who = { .operator_id = id, .site = 1, .name = g_strdup (name), .permissions = till_role_default_permissions ("cashier"),
                     .sale_limit = limit };

  g_strlcpy (who.request, "test", sizeof who.request);
  return who;
}

Money *
money_new (void)
{
  g_autoptr(GError) error = NULL;
  Money *money = g_new0 (Money, 1);

  money->pg = test_pg_new ();
  test_pg_run (money->pg, site_sql);
  g_assert_true (tilld_db_command (money->pg->db, "SET ROLE " TILLD_DB_ROLE, NULL)); /* as the lanes: grants are tested with everything else */
  money->ledger = tilld_ledger_new (test_pg_connect (money->pg, TILLD_DB_ROLE), NULL);
  money->profiles = tilld_profiles_load (NULL, &error);
  g_assert_no_error (error);
  money->cashier = actor (MONEY_CASHIER, "Anna", 0);
  money->second = actor (MONEY_SECOND, "Bert", 0);
  money->limited = actor (MONEY_LIMITED, "Carl", 1000000);
  return money;
}

void
money_assert_invariants (Money *money)
{
  g_autofree char *wrong = test_pg_ask (money->pg, "SELECT string_agg (invariant || ': ' || subject, '; ') FROM ledger_violations ()");

  g_assert_cmpstr (wrong, ==, "");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT coalesce (sum (audit_first_broken (id)), 0) FROM site"), ==, 0);
  /* Each transaction of money has its row in the log. */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale s WHERE NOT EXISTS (SELECT FROM audit a WHERE a.after->>'sale' = s.id::text)"),
                   ==, 0);
}

void
money_free (Money *money)
{
  if (money == NULL)
    return;
  money_assert_invariants (money);
  tilld_ledger_free (money->ledger);
  tilld_profiles_free (money->profiles);
  tilld_actor_clear (&money->cashier);
  tilld_actor_clear (&money->second);
  tilld_actor_clear (&money->limited);
  test_pg_free (money->pg);
  g_free (money);
}

TilldSaleRequest
money_request (gint64 meter, TillMoney amount, TillChannel channel)
{
  TilldSaleRequest request = { .meter = meter, .amount = amount, .channel = channel, .kind = TILL_SALE_KIND_SALE };

  till_id_new (&request.id, 1790000000000);
  return request;
}

int
money_try (Money *money, const TilldActor *who, const TilldSaleRequest *request)
{
  g_autoptr(GError) error = NULL;
  g_auto(TilldSale) sale = { 0 };

  if (tilld_sale_create (money->ledger, money->pg->db, money->profiles, who, request, &sale, &error))
    {
      g_assert_no_error (error);
      g_assert_cmpint (sale.amount, ==, request->amount);
      return -1;
    }
  g_assert_true (error != NULL && error->domain == TILL_ERROR);
  g_test_message ("refused: %s", error->message);
  return error->code;
}

TillId
money_sell (Money *money, gint64 meter, TillMoney amount)
{
  TilldSaleRequest request = money_request (meter, amount, TILL_CHANNEL_WECHAT);

  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, -1);
  return request.id;
}

gint64
money_balance (Money *money, TillLedgerAccount kind, gint64 owner)
{
  g_autofree char *sql = g_strdup_printf ("SELECT coalesce (sum (p.amount), 0)::bigint FROM posting p JOIN ledger_account a ON a.id = p.account"
                                          " WHERE a.kind = %d AND a.owner = %" G_GINT64_FORMAT, (int) kind, owner);

  return test_pg_ask_int (money->pg, sql);
}

TilldMoneyReading
money_reading (gint32 count, gint64 total, gint64 balance)
{
  return (TilldMoneyReading){ .have = TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE, .epoch = 1, .count = count, .total = total,
                              .balance = balance, .at_us = G_GINT64_CONSTANT (1790000000000000) };
}

static gboolean
outcome_of (gboolean done, GError *error, int *ret_code)
{
  if (ret_code != NULL)
    *ret_code = error != NULL ? error->code : -1;
  else
    g_assert_no_error (error);
  g_clear_error (&error);
  return done;
}

TilldMoneyReading
money_reading_out (gint32 count, gint64 total, gint64 balance, gint32 refunds, gint64 refunded)
{
  TilldMoneyReading reading = money_reading (count, total, balance);

  reading.have |= TILLD_MONEY_REFUNDS;
  reading.refund_count = refunds;
  reading.refunded_total = refunded;
  return reading;
}

void
money_of_finance (TilldActor *who)
{
  who->permissions = till_role_default_permissions ("finance");
}

gboolean
money_run (Money *money, gboolean (*verb) (TilldDb *db, gpointer data, GError **error), gpointer data, int *ret_code)
{
  GError *error = NULL;
  gboolean done = tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, verb, data, &error);

  if (error != NULL)
    g_test_message ("refused: %s", error->message);
  return outcome_of (done, error, ret_code);
}

static TilldMoneyTerms
terms_of (const Money *money)
{
  TilldMoneyTerms terms = money_terms ();

  if (money->proof != TILLD_PROOF_NONE)
    terms.proof = money->proof;
  return terms;
}

TilldMoneyTerms
money_terms (void)
{
  return (TilldMoneyTerms){ .effective = TILL_METER_CLASS_A, .proof = TILLD_PROOF_COUNT_TOTAL, .unit = 100,
                            .total_modulus = G_GINT64_CONSTANT (429496729600), .power_w = 2200, .price_max = 10000,
                            .quarantine_ms = 5000, .settle_ms = 500 };
}

void
money_adopt (Money *money, gint64 meter, const TilldMoneyReading *reading)
{
  g_autoptr(GError) error = NULL;
  TilldPurse purse;

  tilld_purse_adopt (money->ledger, money->pg->db, meter, reading, &purse, &error);
  g_assert_no_error (error);
  g_assert_true (purse.has_baseline);
}

gboolean
money_claim (Money *money, TilldDeliveryOrder *ret_order)
{
  g_autoptr(GArray) orders = g_array_new (FALSE, TRUE, sizeof (TilldDeliveryOrder));
  g_autoptr(GError) error = NULL;
  TilldOwnedGateway mine[] = { { MONEY_GATEWAY, MONEY_GATEWAY_EPOCH } };

  tilld_delivery_claim (money->pg->db, mine, 1, 1, orders, &error);
  g_assert_no_error (error);
  if (orders->len == 0)
    return FALSE;
  *ret_order = g_array_index (orders, TilldDeliveryOrder, 0);
  return TRUE;
}

static gboolean
run_sent (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_sent (db, data, error);
}

static gboolean
run_verifying (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_verifying (db, data, error);
}

gboolean
money_sent (Money *money, const TilldDeliveryOrder *order, const TilldMoneyReading *before, TilldDeliveryStep *ret_step, int *ret_code)
{
  TilldMoneyTerms terms = terms_of (money);
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BEFORE, .reading = before };
  TilldDeliverySent in = { .id = order->id, .gateway = MONEY_GATEWAY, .gateway_epoch = MONEY_GATEWAY_EPOCH, .link_instance = 1,
                           .baseline = *before, .pdu = { 0x10, 0x05, 0x0d }, .pdu_len = 3 };
  GError *error = NULL;

  in.step = tilld_delivery_step (&order->delivery, &order->purse, &terms, &event);
  g_assert_cmpint (in.step.next, ==, TILL_COMMAND_STATE_SENT);
  *ret_step = in.step;
  gboolean done = tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_sent, &in, &error);

  return outcome_of (done, error, ret_code);
}

gboolean
money_written (Money *money, const TillId *id, gint32 attempt, TillDeliveryOutcome outcome, int *ret_code)
{
  TilldDeliveryWritten in = { .id = *id, .attempt = attempt, .outcome = outcome };
  GError *error = NULL;

  gboolean done = tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_verifying, &in, &error);

  return outcome_of (done, error, ret_code);
}

gboolean
money_settle (Money *money, const TillId *id, gint32 attempt, const TilldMoneyReading *after, TilldDeliveryStep *ret_step,
              int *ret_code)
{
  TilldDeliveryReadBack in = { .id = *id, .attempt = attempt, .gateway = MONEY_GATEWAY, .gateway_epoch = MONEY_GATEWAY_EPOCH,
                               .terms = terms_of (money), .reading = *after, .confirmed = money->confirmed };
  TilldPurse purse;
  GError *error = NULL;

  gboolean done = tilld_delivery_settle (money->ledger, money->pg->db, &in, ret_step, &purse, &error);

  return outcome_of (done, error, ret_code);
}
