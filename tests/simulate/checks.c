/* SPDX-License-Identifier: GPL-2.0-or-later
 * checks.c: what must hold: after every transaction, and when the faults have stopped and all is quiet. */
#include "tests/simulate/world.h"

#include <string.h>

#include "server/domain/money/ledger-verify.h"

static gboolean
is_debit (const Row *row)
{
  return row->has_command && row->delivery.kind == TILL_COMMAND_KIND_DEBIT;
}

static gboolean
is_out (const Row *row)
{
  return row->kind == TILL_SALE_KIND_REFUND || row->kind == TILL_SALE_KIND_REVERSAL;
}

/* I4 and the customers' money, from the rows. */
static void
check_books (World *world)
{
  const Store *store = &world->store;
  gint64 transit[METERS] = { 0 }, due = 0, paid_in = 0, sum = 0;

  for (guint i = 0; i < store->n_rows; i++)
    {
      const Row *row = &store->rows[i];
      gboolean subsidy = row->reverses >= 0 && store->rows[row->reverses].kind == TILL_SALE_KIND_SUBSIDY;

      if (row->has_command && !is_debit (row) && row->delivery.state != TILL_COMMAND_STATE_VERIFIED && row->delivery.state != TILL_COMMAND_STATE_CANCELLED)
        transit[row->meter] += row->amount;
      if (is_out (row) && row->state == TILL_SALE_STATE_VERIFIED && !row->paid && !subsidy)
        due += row->amount;
      if (is_out (row) && row->paid && !subsidy)
        paid_in -= row->amount;
      if (row->kind == TILL_SALE_KIND_SALE || row->kind == TILL_SALE_KIND_OPENING)
        paid_in += row->amount;
    }
  for (guint m = 0; m < METERS; m++)
    if (-store->balances[TILL_LEDGER_ACCOUNT_TRANSIT][m + 1] != transit[m])
      wrong (world, "I4 transit is not the sum of the open money commands");
  if (-store->balances[TILL_LEDGER_ACCOUNT_REFUND_DUE][1] != due)
    wrong (world, "I2 what is due to customers is not the sum of the refunds");
  for (guint owner = 0; owner < 8; owner++)
    sum += store->balances[TILL_LEDGER_ACCOUNT_CASH][owner] + store->balances[TILL_LEDGER_ACCOUNT_BANK][owner];
  if (sum != paid_in)
    wrong (world, "I3 the drawer and the bank do not hold what was paid in and not paid out");
}

void
check_always (World *world)
{
  guint flying[METERS] = { 0 };
  gint64 sum = 0;

  for (guint i = 0; i < world->store.n_rows; i++)
    {
      const Row *row = &world->store.rows[i];

      if (row->has_command && (row->delivery.state == TILL_COMMAND_STATE_SENT || row->delivery.state == TILL_COMMAND_STATE_VERIFYING) && ++flying[row->meter] > 1)
        wrong (world, "I8 two money commands of a meter are in flight");
    }
  for (guint kind = 0; kind < G_N_ELEMENTS (world->store.balances); kind++)
    for (guint owner = 0; owner < 8; owner++)
      sum += world->store.balances[kind][owner];
  if (sum != 0)
    wrong (world, "I1 the postings do not sum to zero");
  if (world->store.commits != world->store.audits)
    wrong (world, "I10 a change without its entry in the log");
  check_books (world);
}

/* --- at the end --- */

static void
check_meter (World *world, guint meter)
{
  const Meter *m = &world->meters[meter];
  const Record *record = &world->store.records[meter];
  gint64 given[DEVICES] = { 0 }, taken[DEVICES] = { 0 };

  meter_device (world, meter);
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      const Row *row = &world->store.rows[i];

      if (row->meter == meter && row->has_command && row->delivery.state == TILL_COMMAND_STATE_VERIFIED)
        *(is_debit (row) ? &taken[record->device_of[row->delivery.epoch]] : &given[record->device_of[row->delivery.epoch]]) += row->purse_amount;
    }
  for (guint i = 0; i < m->n_devices; i++)
    {
      const Device *d = &m->devices[i];

      if (d->used + d->balance + d->debited != d->initial + d->credited + d->from_card)
        wrong (world, "I12 used and balance are not what was credited");
      if (record->held == 0 && record->guesses == 0 && (d->credited != given[i] || d->debited != taken[i]))
        wrong (world, "I5 the meter's journal is not what the books delivered");
    }
  if (record->purse.has_baseline && !record->purse.frozen)
    {
      const Device *d = &m->devices[m->device];

      if ((m->have & TILLD_MONEY_TOTAL) && d->initial + d->credited + d->from_card - d->debited != record->net[m->device])
        wrong (world, "I5 the books believe in another credit than the meter's journal shows");
      if ((m->have & TILLD_MONEY_COUNT) && d->count != record->purse.count)
        wrong (world, "I6 the purchase count has a gap");
      if (m->purse == TILL_PURSE_MONEY && store_on_meter (world, meter) - record->residue != d->balance + 5 * (d->energy - record->settled_energy))
        wrong (world, "I12 on_meter is not the balance and what was used since");
    }
}

static void
check_server_settled (World *world)
{
  const Record *record = &world->store.records[2];
  gint64 believed = -record->charged;

  for (guint i = 0; i < world->store.n_rows; i++)
    {
      const Row *row = &world->store.rows[i];

      if (row->meter == 2)
        believed += is_out (row) ? -row->amount : row->amount;
    }
  if (-world->store.balances[TILL_LEDGER_ACCOUNT_SERVER_BALANCE][1] != believed)
    wrong (world, "I2 the account is not what was paid, given back and charged");
}

/* Every intent exactly once; what was heard as done is there. */
static void
check_intents (World *world)
{
  for (guint i = 0; i < world->n_intents; i++)
    {
      guint n = 0;

      for (guint k = 0; k < world->store.n_rows; k++)
        n += world->store.rows[k].client_id % 1000 == (gint32) i + 1;
      if (n > 1 || (world->intents[i].acked && n != 1))
        wrong (world, "I7 an acknowledged id is not there exactly once");
    }
}

static void
check_relays (World *world)
{
  for (guint m = 0; m < METERS; m++)
    {
      const Device *d = &world->meters[m].devices[world->meters[m].device];
      gint64 newest = -1;

      for (guint i = 0; i < world->store.n_orders; i++)
        if (world->store.orders[i].meter == m)
          newest = i;
      if (newest < 0 || world->store.orders[newest].state != TILL_COMMAND_STATE_VERIFIED || world->meters[m].n_devices > 1)
        continue;
      if (d->relay != (gint) order_wish (world->store.orders[newest].kind))
        wrong (world, "I9 the relay is not where the newest order put it");
    }
}

static void
check_chain (World *world)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  TilldLedgerVerdict verdict;
  char hex[65];

  for (guint i = 0; i < 32; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", world->store.hash[i]);
  text = g_strdup_printf ("%shead|%d|%" G_GINT64_FORMAT "|%s\n", world->store.lines->str, SITE, world->store.n_tx, hex);
  if (!tilld_ledger_verify (text, strlen (text), &verdict, &error))
    {
      note (world, "verifier: %s", error->message);
      wrong (world, "I10 the books do not stand before the verifier");
    }
}

/* Tried for hours already, and again tomorrow: it is open and may be. So is what it will end. */
static gboolean
waits_long (const World *world, const Order *order)
{
  const Order *newest = order;

  for (guint i = 0; i < world->store.n_orders; i++)
    if (world->store.orders[i].meter == order->meter)
      newest = &world->store.orders[i];
  return newest->state == TILL_COMMAND_STATE_QUEUED && newest->not_before >= world->now + 3600 * SECOND_US;
}

gboolean
is_settled (const World *world)
{
  for (guint i = 0; i < world->store.n_rows; i++)
    if (world->store.rows[i].has_command && world->store.rows[i].delivery.state != TILL_COMMAND_STATE_VERIFIED &&
        world->store.rows[i].delivery.state != TILL_COMMAND_STATE_CANCELLED)
      return FALSE;
  for (guint i = 0; i < world->store.n_orders; i++)
    {
      const Order *order = &world->store.orders[i];

      if ((order->state == TILL_COMMAND_STATE_SENT || order->state == TILL_COMMAND_STATE_QUEUED) && !waits_long (world, order))
        return FALSE;
    }
  for (guint i = 0; i < METERS; i++)
    if (world->store.records[i].open_case)
      return FALSE;
  for (guint i = 0; i < world->n_intents; i++)
    if (!world->intents[i].done)
      return FALSE;
  return world->now > MAX (world->calm_at, world->decided_at) + 2 * POLL_US; /* what a card did, or a wrong guess, was seen */
}

void
check_end (World *world)
{
  if (!is_settled (world))
    wrong (world, "I11 something is open long after the faults stopped");
  check_always (world);
  for (guint m = 0; m + 1 < METERS; m++)
    check_meter (world, m);
  check_server_settled (world);
  check_intents (world);
  check_relays (world);
  check_chain (world);
}
