/* SPDX-License-Identifier: GPL-2.0-or-later
 * store.c: the database: books with a chain, rows, records of meters. What a transaction writes is whole or not there at all. */
#include "tests/simulate/world.h"

#include <string.h>

#include "shared/base/till-error.h"

/* Bug 12 is about what belongs to one transaction, which only the store knows: it lives here. */
void
store_committed (World *world, guint meter, At at)
{
  world->store.commits++;
  if (!TILLD_HAS_BUG (TILLD_BUG_AUDIT_OUTSIDE) || !fault (world, FAULT_COMMIT_LOST, meter, at))
    world->store.audits++;
}

static void
chain (Store *store, const char *text)
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize n = sizeof store->hash;

  g_checksum_update (sum, store->hash, n);
  g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_get_digest (sum, store->hash, &n);
}

static void
write_line (World *world, const TilldLedgerFact *fact, const TilldPosting *postings, guint n, gint64 reverses)
{
  Store *store = &world->store;
  char text[400], hex[65];
  int at = g_snprintf (text, sizeof text, "%d|%" G_GINT64_FORMAT "|%d|%" G_GINT64_FORMAT "|request|1|%" G_GINT64_FORMAT "|", SITE, store->n_tx,
                       (int) fact->event, world->now, reverses);

  for (guint i = 0; i < n; i++)
    at += g_snprintf (text + at, sizeof text - (gsize) at, "%s%d:%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, i > 0 ? "," : "", (int) postings[i].kind,
                      postings[i].owner, postings[i].amount);
  chain (store, text);
  for (guint i = 0; i < sizeof store->hash; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", store->hash[i]);
  g_string_append_printf (store->lines, "%s|%s\n", text, hex);
}

/* Returns the number in the books. */
gint64
store_post (World *world, const TilldLedgerFact *fact, gint64 request, gint64 reverses)
{
  TilldLedgerFact whole = *fact;
  TilldPosting postings[TILLD_POSTINGS_MAX];
  g_autoptr(GError) error = NULL;
  guint n;

  whole.site = SITE;
  whole.drawer = whole.account = whole.customer = 1;
  whole.meter++; /* owners count from 1 */
  whole.meter_to++;
  if (!tilld_ledger_postings (&whole, postings, &n, &error))
    {
      wrong (world, "I1 an event that has no postings");
      return 0;
    }
  for (guint i = 0; i < n; i++)
    world->store.balances[postings[i].kind][postings[i].owner] += postings[i].amount;
  world->store.n_tx++;
  write_line (world, &whole, postings, n, reverses);
  note (world, "books: %s %" G_GINT64_FORMAT " of request %" G_GINT64_FORMAT, till_ledger_event_word (fact->event), fact->amount, request);
  return world->store.n_tx;
}

gint64
store_on_meter (const World *world, guint meter)
{
  return -world->store.balances[TILL_LEDGER_ACCOUNT_ON_METER][meter + 1];
}

guint
store_add_row (World *world, const Row *row)
{
  Store *store = &world->store;
  guint at = store->n_rows++;

  g_assert (at < ROWS);
  store->rows[at] = *row;
  if (row->has_command)
    {
      store->rows[at].delivery.state = TILL_COMMAND_STATE_QUEUED;
      store->rows[at].delivery.epoch = store->records[row->meter].epoch;
      store->rows[at].delivery.amount = row->purse_amount;
    }
  note (world, "row %u: %s of meter %u, %" G_GINT64_FORMAT, at, till_sale_kind_word (row->kind), row->meter, row->amount);
  store_bell (world);
  return at;
}

void
store_order (World *world, guint meter, TillCommandKind kind)
{
  Store *store = &world->store;

  if (store->n_orders == ORDERS)
    return;
  for (guint i = 0; i < store->n_orders; i++)
    if (store->orders[i].meter == meter && store->orders[i].state == TILL_COMMAND_STATE_QUEUED)
      store->orders[i].state = TILL_COMMAND_STATE_SUPERSEDED;
  store->orders[store->n_orders++] = (Order){ .meter = meter, .kind = kind, .state = TILL_COMMAND_STATE_QUEUED, .created = world->now };
  store->records[meter].ordered = (gint) kind;
  note (world, "order %u: %s of meter %u", store->n_orders - 1, till_command_kind_word (kind), meter);
  store_bell (world);
}

void
store_dispute (World *world, guint meter, gint row, TillCaseReason reason)
{
  Record *record = &world->store.records[meter];

  note (world, "case of meter %u: %s, row %d", meter, till_case_reason_word (reason), row);
  record->purse.frozen = TRUE;
  record->held += row >= 0;
  if (!record->open_case)
    {
      record->open_case = TRUE;
      record->reason = reason;
      record->case_row = row;
      event_in (world, (5 + random_below (world, 90)) * SECOND_US, EVENT_DECIDE, NODES, meter);
    }
  else if (record->case_row < 0)
    record->case_row = row;
}

/* Another life of the record: what waits goes on under it, counts begin anew. */
void
store_new_epoch (World *world, guint meter)
{
  Record *record = &world->store.records[meter];

  record->epoch++;
  g_assert ((guint) record->epoch < G_N_ELEMENTS (record->device_of));
  record->device_of[record->epoch] = world->meters[meter].device;
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      Row *row = &world->store.rows[i];

      if (row->meter == meter && row->has_command && row->delivery.state == TILL_COMMAND_STATE_QUEUED)
        {
          row->delivery.epoch = record->epoch;
          row->delivery.seq = 0;
        }
    }
  store_bell (world);
}

TilldMoneyTerms
store_terms (const World *world, guint meter, TillCommandKind kind)
{
  const Meter *m = &world->meters[meter];
  TilldMoneyTerms terms = { .effective = m->meter_class, .proof = m->proof, .unit = m->unit, .total_modulus = m->modulus, .power_w = 2200,
                            .price_max = m->purse == TILL_PURSE_ENERGY ? 1000 : 5000, .quarantine_ms = QUIET_MS, .settle_ms = 500 };

  if (kind == TILL_COMMAND_KIND_DEBIT)
    {
      terms.effective = TILL_METER_CLASS_B;
      terms.proof = (m->have & TILLD_MONEY_REFUNDS) ? TILLD_PROOF_REFUNDS : TILLD_PROOF_BALANCE;
    }
  return terms;
}

/* What the purse lost by its energy register: 5 a Wh. */
void
store_settle_meter (World *world, guint meter, gint64 energy)
{
  Record *record = &world->store.records[meter];
  gint64 charge = 5 * (energy - record->settled_energy);

  if (world->meters[meter].purse != TILL_PURSE_MONEY || charge <= 0)
    return;
  record->settled_energy = energy;
  record->charged += charge;
  store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_SETTLED, .amount = charge, .meter = meter }, 0, 0);
}

/* The state that says most of a meter. */
At
store_at (const World *world, guint meter)
{
  At at = AT_IDLE;

  if (world->store.records[meter].purse.frozen)
    return AT_HELD;
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      const Row *row = &world->store.rows[i];

      if (row->meter != meter || !row->has_command)
        continue;
      if (row->delivery.state == TILL_COMMAND_STATE_SENT)
        return AT_SENT;
      if (row->delivery.state == TILL_COMMAND_STATE_VERIFYING)
        return AT_VERIFYING;
      if (row->delivery.state == TILL_COMMAND_STATE_QUEUED)
        at = AT_QUEUED;
    }
  return at;
}

/* The doorbell of the database: whoever holds the lease looks for orders. */
void
store_bell (World *world)
{
  Node *node = world->store.owner >= 0 ? &world->nodes[world->store.owner] : NULL;

  if (node != NULL && node->alive && node->mine && node->life == world->store.owner_life)
    node_push (world, node, 0, OP_CLAIM);
}
