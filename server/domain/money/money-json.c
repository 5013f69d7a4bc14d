/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-json.c: our own structs to and from JSON. No database. */
#include "server/domain/money/money-json.h"

#include "shared/base/till-json-read.h"

static void
write_reading (const TilldMoneyReading *reading, const char *name, TillJsonWrite *w)
{
  till_json_write_begin_object (w, name);
  till_json_write_int (w, "have", reading->have);
  till_json_write_int (w, "epoch", reading->epoch);
  till_json_write_int (w, "count", reading->count);
  till_json_write_int (w, "total", reading->total);
  till_json_write_int (w, "balance", reading->balance);
  till_json_write_int (w, "last_amount", reading->last_amount);
  till_json_write_int (w, "refund_count", reading->refund_count);
  till_json_write_int (w, "refunded_total", reading->refunded_total);
  till_json_write_int (w, "record_count", reading->record_count);
  till_json_write_int (w, "record_amount", reading->record_amount);
  till_json_write_int (w, "at_us", reading->at_us);
  till_json_write_text (w, "serial", reading->serial);
  till_json_write_end_object (w);
}

char *
tilld_money_reading_to_json (const TilldMoneyReading *reading)
{
  TillJsonWrite *w = till_json_write_new ();

  write_reading (reading, NULL, w);
  return till_json_write_free_to_text (w, NULL);
}

gboolean
tilld_money_reading_from_json (const char *json, TilldMoneyReading *ret_reading, GError **error)
{
  g_autoptr(JsonNode) node = json != NULL ? json_from_string (json, error) : NULL;
  g_autofree char *serial = NULL;
  gint64 have = 0, epoch = 0, count = 0, refund_count = 0, record_count = 0;
  TilldMoneyReading reading = { 0 };
  TillJsonRead r;

  if (node == NULL)
    return json == NULL ? till_fail (error, TILL_ERROR_INTERNAL, "money reading is missing") : FALSE;
  till_json_read_init (&r, node);
  till_json_read_int (&r, "have", TILL_REQUIRED, 0, G_MAXUINT32, &have);
  till_json_read_int (&r, "epoch", TILL_REQUIRED, 0, G_MAXINT32, &epoch);
  till_json_read_int (&r, "count", TILL_REQUIRED, 0, G_MAXINT32, &count);
  till_json_read_int (&r, "total", TILL_REQUIRED, G_MININT64, G_MAXINT64, &reading.total);
  till_json_read_int (&r, "balance", TILL_REQUIRED, G_MININT64, G_MAXINT64, &reading.balance);
  till_json_read_int (&r, "last_amount", TILL_REQUIRED, G_MININT64, G_MAXINT64, &reading.last_amount);
  till_json_read_int (&r, "refund_count", TILL_REQUIRED, 0, G_MAXINT32, &refund_count);
  till_json_read_int (&r, "refunded_total", TILL_REQUIRED, G_MININT64, G_MAXINT64, &reading.refunded_total);
  till_json_read_int (&r, "record_count", TILL_REQUIRED, G_MININT32, G_MAXINT32, &record_count);
  till_json_read_int (&r, "record_amount", TILL_REQUIRED, G_MININT64, G_MAXINT64, &reading.record_amount);
  till_json_read_int (&r, "at_us", TILL_REQUIRED, 0, G_MAXINT64, &reading.at_us);
  till_json_read_text (&r, "serial", TILL_OPTIONAL, TILLD_SERIAL_TEXT - 1, &serial);
  if (!till_json_read_finish (&r, error))
    return FALSE;
  reading.have = (guint32) have;
  reading.epoch = (gint32) epoch;
  reading.count = (gint32) count;
  reading.refund_count = (gint32) refund_count;
  reading.record_count = (gint32) record_count;
  if (serial != NULL)
    g_strlcpy (reading.serial, serial, sizeof reading.serial);
  *ret_reading = reading;
  return TRUE;
}

static void
write_known (TillJsonWrite *w, const char *name, gint64 value)
{
  if (value != 0)
    till_json_write_int (w, name, value);
}

static void
write_postings (const TilldLedgerItem *item, TillJsonWrite *w)
{
  till_json_write_begin_array (w, "account_kinds");
  for (guint i = 0; i < item->n_postings; i++)
    till_json_write_int (w, NULL, item->postings[i].kind);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "owners");
  for (guint i = 0; i < item->n_postings; i++)
    till_json_write_int (w, NULL, item->postings[i].owner);
  till_json_write_end_array (w);
  till_json_write_begin_array (w, "amounts");
  for (guint i = 0; i < item->n_postings; i++)
    till_json_write_int (w, NULL, item->postings[i].amount);
  till_json_write_end_array (w);
}

static void
write_sale (const TilldLedgerItem *item, TillJsonWrite *w)
{
  char hash[2 + 2 * sizeof item->body_hash + 1] = "\\x";

  for (guint i = 0; i < sizeof item->body_hash; i++)
    g_snprintf (hash + 2 + 2 * i, 3, "%02x", item->body_hash[i]);
  till_json_write_text (w, "body_hash", hash);
  till_json_write_int (w, "balance_limit", item->balance_limit);
  till_json_write_int (w, "sale_kind", item->sale_kind);
  till_json_write_int (w, "sale_state", item->sale_state);
  till_json_write_int (w, "channel", item->channel);
  write_known (w, "drawer", item->drawer);
  write_known (w, "account", item->account);
  write_known (w, "customer", item->customer);
  till_json_write_int (w, "area", item->area);
  till_json_write_int (w, "amount", item->amount);
  till_json_write_int (w, "purse_amount", item->purse_amount);
  write_known (w, "price", item->price);
  write_known (w, "energy", item->energy);
  if (item->has_before)
    till_json_write_int (w, "balance_before", item->balance_before);
  if (item->note != NULL)
    till_json_write_text (w, "note", item->note);
}

void
tilld_ledger_item_write_json (const TilldLedgerItem *item, guint ord, TillJsonWrite *w)
{
  gint64 sum = 0;

  for (guint i = 0; i < item->n_postings; i++)
    sum += item->postings[i].amount;
  g_assert (sum == 0); /* the pair of the trigger posting_sums_to_zero */
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "ord", ord);
  till_json_write_int (w, "kind", item->kind);
  till_json_write_id (w, "request", &item->request);
  till_json_write_int (w, "site", item->site);
  till_json_write_int (w, "event", item->event);
  till_json_write_int (w, "actor", item->actor);
  till_json_write_text (w, "address", item->address);
  till_json_write_text (w, "request_text", item->request_text);
  till_json_write_int (w, "meter", item->meter);
  till_json_write_int (w, "epoch", item->epoch);
  write_postings (item, w);
  write_known (w, "reverses", item->reverses);
  if (item->kind == TILLD_ITEM_SALE)
    write_sale (item, w);
  else
    {
      till_json_write_int (w, "attempt", item->attempt);
      till_json_write_int (w, "count", item->count);
      write_reading (&item->reading, "reading", w);
    }
  till_json_write_end_object (w);
}
