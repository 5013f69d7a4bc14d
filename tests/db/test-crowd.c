/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-crowd.c: two cashiers and a script sell, refund, reverse and pay out on the same ten meters at once, while a courier on a bad day
 * delivers. Afterwards the meters hold what the books say, to the last fen, and money_free () asks all invariants of the ledger.
 * TILL_CROWD_OPERATIONS in the environment asks for another number: ./run tests crowd does 10,000. */
#include "server/db/db-tx.h"
#include "server/domain/money/delivery.h"
#include "server/domain/money/refund.h"
#include "shared/base/till-error.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

#define METERS     10
#define FIRST      101
#define OPERATIONS 3000

/* A meter that counts what it is given and what is taken. */
typedef struct {
  gint32 count, refunds;
  gint64 total, balance, refunded;
} Sim;

typedef struct {
  Money *money;
  Sim    sims[METERS];
  gint   stop, left; /* atomic */
  guint  delivered, lost;
} World;

typedef struct {
  World            *world;
  const TilldActor *who;
  guint32           seed;
  guint             sold, refunded, reversed, paid, refused;
  GArray           *sales, *due; /* TillId: own sales, money out of anybody seen by this one */
} Person;

typedef struct { Person *person; TilldRefundRequest refund; TilldReversalRequest reversal; TillId paid; TilldOutResult result; } Out;

static guint32
draw (guint32 *seed, guint32 below)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) % below;
}

static gboolean
run_refund (TilldDb *db, gpointer data, GError **error)
{
  Out *o = data;
  return tilld_refund_create (db, o->person->world->money->profiles, o->person->who, &o->refund, &o->result, error);
}

static gboolean
run_reversal (TilldDb *db, gpointer data, GError **error)
{
  Out *o = data;
  return tilld_sale_reverse (db, o->person->world->money->profiles, o->person->who, &o->reversal, &o->result, error);
}

static gboolean
run_pay (TilldDb *db, gpointer data, GError **error)
{
  Out *o = data;
  return tilld_refund_pay (db, o->person->who, &o->paid, TILL_CHANNEL_CARD, &o->result.replayed, error);
}

/* Only refusals that a careful clerk understands; anything else is a fault of ours. */
static gboolean
tolerable (const GError *error)
{
  static const TillError fine[] = { TILL_ERROR_CONFLICT, TILL_ERROR_LIMIT, TILL_ERROR_STALE, TILL_ERROR_DISPUTE, TILL_ERROR_BUSY };

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    if (error->domain == TILL_ERROR && error->code == (int) fine[i])
      return TRUE;
  return FALSE;
}

static gboolean
try_out (Person *p, TilldDb *db, TilldTxFunc verb, Out *out)
{
  g_autoptr(GError) error = NULL;

  out->person = p;
  if (tilld_tx_run (db, TILLD_READ_COMMITTED, verb, out, &error))
    return TRUE;
  if (!tolerable (error))
    g_error ("%s", error->message);
  p->refused++;
  return FALSE;
}

static void
sell_one (Person *p, TilldDb *db)
{
  Money *money = p->world->money;
  TilldSaleRequest request = money_request (FIRST + draw (&p->seed, METERS), 100 * (1 + draw (&p->seed, 500)), TILL_CHANNEL_CARD);
  g_autoptr(GError) error = NULL;
  g_auto(TilldSale) sale = { 0 };

  if (draw (&p->seed, 3) == 0)
    request.channel = TILL_CHANNEL_CASH;
  if (tilld_sale_create (money->ledger, db, money->profiles, p->who, &request, &sale, &error))
    {
      g_array_append_val (p->sales, request.id);
      p->sold++;
      return;
    }
  if (!tolerable (error))
    g_error ("%s", error->message);
  p->refused++;
}

static void
one_operation (Person *p, TilldDb *db)
{
  guint32 what = draw (&p->seed, 10);
  Out out = { 0 };

  if (what < 2)
    {
      out.refund = (TilldRefundRequest){ .meter = FIRST + draw (&p->seed, METERS), .amount = 100 * (1 + draw (&p->seed, 300)), .channel = TILL_CHANNEL_CARD,
                                         .reason = "crowd" };
      till_id_new (&out.refund.id, 1790000000000);
      if (try_out (p, db, run_refund, &out) && out.result.approval == 0)
        {
          g_array_append_val (p->due, out.refund.id);
          p->refunded++;
        }
    }
  else if (what < 4 && p->sales->len > 0)
    {
      guint at = p->sales->len - 1 - draw (&p->seed, MIN (p->sales->len, 20));

      out.reversal = (TilldReversalRequest){ .sale = g_array_index (p->sales, TillId, at), .reason = "crowd" };
      till_id_new (&out.reversal.id, 1790000000000);
      if (try_out (p, db, run_reversal, &out) && out.result.approval == 0)
        {
          g_array_append_val (p->due, out.reversal.id);
          p->reversed++;
        }
    }
  else if (what < 6 && p->due->len > 0)
    {
      out.paid = g_array_index (p->due, TillId, draw (&p->seed, p->due->len));
      p->paid += try_out (p, db, run_pay, &out);
    }
  else
    sell_one (p, db);
}

static gpointer
work (gpointer data)
{
  Person *p = data;
  g_autoptr(TilldDb) db = test_pg_connect (p->world->money->pg, TILLD_DB_ROLE);

  while (g_atomic_int_add (&p->world->left, -1) > 0)
    one_operation (p, db);
  return NULL;
}

/* --- the courier --- */

typedef struct { TilldDb *db; TilldDeliverySent sent; TilldDeliveryWritten written; TillId id; } Step;

static gboolean
run_sent (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_sent (db, &((Step *) data)->sent, error);
}

static gboolean
run_written (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_verifying (db, &((Step *) data)->written, error);
}

static gboolean
run_release (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_release (db, &((Step *) data)->id, 0, error);
}

static gboolean
run_give_up (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_give_up_debit (db, &((Step *) data)->id, error);
}

static TilldMoneyReading
read_sim (const Sim *sim)
{
  TilldMoneyReading reading = money_reading_out (sim->count, sim->total, sim->balance, sim->refunds, sim->refunded);

  return reading;
}

static void
apply (Sim *sim, const TilldDelivery *delivery)
{
  if (delivery->kind == TILL_COMMAND_KIND_DEBIT)
    {
      sim->refunds++;
      sim->refunded += delivery->amount;
      sim->balance -= delivery->amount;
      return;
    }
  sim->count++;
  sim->total += delivery->amount;
  sim->balance += delivery->amount;
}

static void
show (TilldDb *owner, gint64 meter, gint64 balance)
{
  static const TilldStatement state = { .name = "crowd-state", .sql = "UPDATE meter_state SET balance = $2, read_at = now () WHERE meter = $1",
                                        .params = { DB_I64_TYPE, DB_I64_TYPE } };

  g_assert_true (tilld_db_query (owner, &state, NULL, NULL, DB_I64 (meter), DB_I64 (balance)));
}

static void
settle (World *world, TilldDb *db, const TilldDeliveryOrder *order, const TilldMoneyTerms *terms, gint32 attempt)
{
  TilldDeliveryReadBack back = { .id = order->id, .attempt = attempt, .gateway = MONEY_GATEWAY, .gateway_epoch = MONEY_GATEWAY_EPOCH, .terms = *terms,
                                 .reading = read_sim (&world->sims[order->meter - FIRST]), .confirmed = TRUE };
  TilldDeliveryStep step;
  TilldPurse purse;
  g_autoptr(GError) error = NULL;

  if (!tilld_delivery_settle (world->money->ledger, db, &back, &step, &purse, &error))
    g_error ("settle: %s", error->message);
  g_assert_cmpint (step.next, !=, TILL_COMMAND_STATE_HELD);
  world->delivered += step.next == TILL_COMMAND_STATE_VERIFIED;
}

static void
carry (World *world, TilldDb *db, TilldDb *owner, TilldDeliveryOrder *order, guint32 *seed)
{
  gboolean debit = order->delivery.kind == TILL_COMMAND_KIND_DEBIT, lost = draw (seed, 25) == 0;
  Sim *sim = &world->sims[order->meter - FIRST];
  TilldMoneyTerms terms = money_terms ();
  TilldMoneyReading before = read_sim (sim);
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &before, .confirmed = TRUE };
  Step step = { .id = order->id };

  terms.proof = debit ? TILLD_PROOF_REFUNDS : TILLD_PROOF_COUNT_TOTAL;
  step.sent = (TilldDeliverySent){ .id = order->id, .gateway = MONEY_GATEWAY, .gateway_epoch = MONEY_GATEWAY_EPOCH, .baseline = before, .pdu = { 0x10 }, .pdu_len = 1,
                                   .step = tilld_delivery_step (&order->delivery, &order->purse, &terms, &event) };
  if (step.sent.step.next == TILL_COMMAND_STATE_CANCELLED)
    {
      tilld_tx_run (db, TILLD_READ_COMMITTED, run_give_up, &step, NULL);
      return;
    }
  g_assert_cmpint (step.sent.step.next, ==, TILL_COMMAND_STATE_SENT);
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, run_sent, &step, NULL))
    {
      tilld_tx_run (db, TILLD_READ_COMMITTED, run_release, &step, NULL); /* a reversal was faster */
      return;
    }
  if (!lost)
    apply (sim, &order->delivery);
  world->lost += lost;
  step.written = (TilldDeliveryWritten){ .id = order->id, .attempt = step.sent.step.attempt, .outcome = TILL_DELIVERY_OUTCOME_OK };
  if (lost || draw (seed, 5) == 0)
    step.written.outcome = TILL_DELIVERY_OUTCOME_TIMEOUT; /* an answer that is lost says nothing about the write */
  g_assert_true (tilld_tx_run (db, TILLD_READ_COMMITTED, run_written, &step, NULL));
  settle (world, db, order, &terms, step.sent.step.attempt);
  show (owner, order->meter, sim->balance);
}

typedef struct { TilldDb *db; GArray *orders; } Claim;

static gboolean
run_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldOwnedGateway mine[] = { { MONEY_GATEWAY, MONEY_GATEWAY_EPOCH } };

  g_array_set_size (((Claim *) data)->orders, 0);
  return tilld_delivery_claim (db, mine, 1, 20, ((Claim *) data)->orders, error);
}

static gpointer
deliver (gpointer data)
{
  static const TilldStatement hurry = { .name = "crowd-hurry", .sql = "UPDATE command SET not_before = now () WHERE kind <= 1 AND state = 0 AND not_before > now ()" };
  World *world = data;
  g_autoptr(TilldDb) db = test_pg_connect (world->money->pg, TILLD_DB_ROLE), owner = test_pg_connect (world->money->pg, NULL);
  g_autoptr(GArray) orders = g_array_new (FALSE, TRUE, sizeof (TilldDeliveryOrder));
  Claim claim = { db, orders };
  guint32 seed = 5;

  for (;;)
    {
      gboolean last = g_atomic_int_get (&world->stop);

      g_assert_true (tilld_db_exec (owner, &hurry, NULL, 0, NULL, NULL));
      g_assert_true (tilld_tx_run (db, TILLD_READ_COMMITTED, run_claim, &claim, NULL));
      for (guint i = 0; i < orders->len; i++)
        carry (world, db, owner, &g_array_index (orders, TilldDeliveryOrder, i), &seed);
      if (orders->len == 0 && last)
        return NULL;
      g_thread_yield ();
    }
}

static const char crowd_sql[] =
  "INSERT INTO meter (id, code, gateway, unit, model, area, settlement, tariff, hoard_limit) OVERRIDING SYSTEM VALUE"
  " SELECT 100 + i, 'X-' || i, 1, 100 + i, 'gridtill-generic-b', 1, 0, 1, 90000000 FROM generate_series (1, 10) AS i;"
  "INSERT INTO meter_state (meter, read_at, balance, purchase_count, purchased_total) SELECT 100 + i, now (), 200000, 3, 1000000 FROM generate_series (1, 10) AS i"
  " ON CONFLICT (meter) DO UPDATE SET read_at = EXCLUDED.read_at, balance = EXCLUDED.balance;"
  "INSERT INTO account (id, code, site, customer) OVERRIDING SYSTEM VALUE SELECT 100 + i, 'X-' || i, 1, 1 FROM generate_series (1, 10) AS i;"
  "INSERT INTO account_meter (account, meter) SELECT 100 + i, 100 + i FROM generate_series (1, 10) AS i;"
  "UPDATE site SET approve_refund = NULL, approve_reversal = NULL; UPDATE operator SET sale_limit = 0;";

static void
check_meters (World *world)
{
  for (guint i = 0; i < METERS; i++)
    {
      const Sim *sim = &world->sims[i];
      g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM meter_purse WHERE meter = %d AND count = %d AND total = %" G_GINT64_FORMAT
                                              " AND refund_count = %d AND refunded_total = %" G_GINT64_FORMAT " AND balance = %" G_GINT64_FORMAT,
                                              (int) (FIRST + i), sim->count, sim->total, sim->refunds, sim->refunded, sim->balance);

      g_assert_cmpint (test_pg_ask_int (world->money->pg, sql), ==, 1);
      g_assert_cmpint (money_balance (world->money, TILL_LEDGER_ACCOUNT_ON_METER, FIRST + i), ==, - sim->balance);
      g_assert_cmpint (money_balance (world->money, TILL_LEDGER_ACCOUNT_TRANSIT, FIRST + i), ==, 0);
    }
}

static void
test_crowd (void)
{
  g_autoptr(Money) money = money_new ();
  World world = { .money = money };
  const char *asked = g_getenv ("TILL_CROWD_OPERATIONS");
  gint64 operations = OPERATIONS;
  Person people[3] = { { &world, &money->cashier, 1 }, { &world, &money->second, 2 }, { &world, &money->limited, 3 } };
  GThread *threads[3], *courier;
  guint done = 0;

  if (asked != NULL)
    g_assert_true (g_ascii_string_to_signed (asked, 10, 100, 1000000, &operations, NULL));
  test_pg_run (money->pg, crowd_sql);
  money->limited.sale_limit = 0;
  for (guint i = 0; i < METERS; i++)
    {
      TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0);

      world.sims[i] = (Sim){ .count = 3, .total = 1000000, .balance = 200000 };
      money_adopt (money, FIRST + i, &base);
    }
  world.left = (gint) operations;
  courier = g_thread_new ("courier", deliver, &world);
  for (guint i = 0; i < 3; i++)
    {
      money_of_finance ((TilldActor *) people[i].who);
      people[i].sales = g_array_new (FALSE, FALSE, sizeof (TillId));
      people[i].due = g_array_new (FALSE, FALSE, sizeof (TillId));
      threads[i] = g_thread_new ("person", work, &people[i]);
    }
  for (guint i = 0; i < 3; i++)
    {
      g_thread_join (threads[i]);
      g_test_message ("%s: %u sold, %u refunded, %u reversed, %u paid, %u refused", people[i].who->name, people[i].sold, people[i].refunded, people[i].reversed,
                      people[i].paid, people[i].refused);
      done += people[i].sold + people[i].refunded + people[i].reversed + people[i].paid;
      g_array_unref (people[i].sales);
      g_array_unref (people[i].due);
    }
  g_atomic_int_set (&world.stop, TRUE);
  g_thread_join (courier);
  g_test_message ("%u operations came through, %u delivered, %u lost on the way", done, world.delivered, world.lost);
  g_assert_cmpuint (done, >, (guint) operations / 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE kind <= 1 AND state NOT IN (3, 6)"), ==, 0);
  check_meters (&world);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/crowd/ten-meters", test_crowd);
  return till_test_run ();
}
