/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-prices.c: prices read back of a meter, with the moments they changed. Posts nothing. */
#include "server/domain/money/settle-prices.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include "server/domain/money/tariff-view.h"

/* In force since some moment between the two. */
typedef struct {
  TillTime    low, high;
  TilldTariff tariff;
} Version;

/* Changes since a moment. Last of all an order that was verified after the newest look: what it made of the meter nobody has read yet. */
static const TilldStatement price_changes = {
  .name = "settle-price-changes",
  .sql = "SELECT c.after_at, c.at, coalesce (c.was_set, c.after_at) AS was_set, c.was, c.held FROM price_change c"
         " WHERE c.meter = $1 AND c.at > $2"
         " UNION ALL (SELECT coalesce (CASE WHEN x.attempt <= 1 THEN x.sent_at END, x.created_at), x.done_at, coalesce (mc.read_at, x.created_at), mc.held,"
         "   NULL FROM meter_config mc CROSS JOIN price_orders ($1) x WHERE mc.meter = $1 AND x.state = 3 AND x.done_at > greatest (mc.read_at, $2)"
         "   ORDER BY x.done_at LIMIT 1) ORDER BY 2",
  .params = { DB_I64_TYPE, DB_TS_TYPE },
  .columns = { { "after_at", DB_TS_TYPE }, { "at", DB_TS_TYPE }, { "was_set", DB_TS_TYPE }, { "was", DB_JSON_TYPE, DB_NULL_OK },
               { "held", DB_JSON_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (price_changes)

void
tilld_meter_prices_clear (TilldMeterPrices *prices)
{
  g_clear_pointer (&prices->held, g_free);
  g_clear_pointer (&prices->spans, g_array_unref);
  g_clear_pointer (&prices->versions, g_array_unref);
}

static const TilldTariff *
held_on (const TilldMeterPrices *prices, TillDay day)
{
  guint i = prices->spans->len - 1;

  while (i > 0 && g_array_index (prices->spans, TilldTariffSpan, i).from > day)
    i--;
  return g_array_index (prices->spans, TilldTariffSpan, i).tariff;
}

/* What was read back stands above what the meter should have made of its tariff: it deducts by that. Tiers it holds besides were not read. */
static void
take_read_back (const char *json, TilldTariff *tariff)
{
  g_autoptr (JsonNode) node = json != NULL ? json_from_string (json, NULL) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node) || tariff->n_tiers > 1)
    return;
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      g_autofree char *point = g_strconcat ("price_", till_rate_word ((TillRate) r), NULL);
      const char *text = json_object_get_string_member_with_default (json_node_get_object (node), point, NULL);
      TillMoney price;

      if (text != NULL && tariff->uses[r] && till_money_parse (text, &price, NULL))
        tariff->price[0][r] = price;
    }
}

static void
add_version (TilldMeterPrices *prices, TillTime low, TillTime high, const char *read_back, TillDay day)
{
  Version version = { low, high, *held_on (prices, day) };

  take_read_back (read_back, &version.tariff);
  g_array_append_val (prices->versions, version);
}

/* Nothing changed: what was read back last holds for the version of that day. */
static void
take_last (const TilldSettleMeter *m, TilldMeterPrices *prices)
{
  guint span = 0;

  for (guint i = 0; i < prices->spans->len; i++)
    if (g_array_index (prices->spans, TilldTariffSpan, i).from <= m->held_on)
      span = i;
  for (guint r = 0; r < TILL_N_RATES && prices->held[span].n_tiers <= 1; r++)
    if (m->has_held[r] && prices->held[span].uses[r])
      prices->held[span].price[0][r] = m->held[r];
}

gboolean
tilld_meter_prices_load (TilldDb *db, const TilldSettleMeter *m, const TilldProfile *profile, const GArray *spans, GTimeZone *zone, TilldMeterPrices *ret,
                         GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  ret->held = g_new0 (TilldTariff, spans->len);
  ret->spans = g_array_new (FALSE, FALSE, sizeof (TilldTariffSpan));
  ret->versions = g_array_new (FALSE, FALSE, sizeof (Version));
  for (guint i = 0; i < spans->len; i++)
    {
      TilldTariffSpan span = g_array_index (spans, TilldTariffSpan, i);

      if (profile == NULL || !tilld_tariff_held_by (profile, span.tariff, &ret->held[i]))
        ret->held[i] = *span.tariff;
      span.tariff = &ret->held[i];
      g_array_append_val (ret->spans, span);
    }
  if (!m->has_state || !tilld_db_query (db, &price_changes, &rows, error, DB_I64 (m->meter), DB_TS (m->last.at)))
    return !m->has_state;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TillTime at = tilld_row_ts (rows, i, "at");

      if (i == 0)
        add_version (ret, G_MININT64, G_MININT64, tilld_row_text (rows, i, "was"), till_zone_day (zone, tilld_row_ts (rows, i, "was_set")));
      add_version (ret, tilld_row_ts (rows, i, "after_at"), at, tilld_row_text (rows, i, "held"), till_zone_day (zone, at));
    }
  if (tilld_rows_count (rows) == 0)
    take_last (m, ret);
  return TRUE;
}

/* --- bounds --- */

static gboolean
same_shape (const TilldTariff *a, const TilldTariff *b)
{
  return a->n_tiers == b->n_tiers && memcmp (&a->calendar, &b->calendar, sizeof a->calendar) == 0 &&
         memcmp (a->uses, b->uses, sizeof a->uses) == 0 && memcmp (a->tier_to, b->tier_to, sizeof a->tier_to) == 0;
}

static void
widest (const TilldTariff *t, TillMoney *low, TillMoney *high)
{
  for (guint k = 0; k < t->n_tiers; k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      if (t->uses[r])
        {
          *low = MIN (*low, t->price[k][r]);
          *high = MAX (*high, t->price[k][r]);
        }
}

/* Hours and tiers that changed too say nothing of when which price held. */
static void
flatten (const TilldMeterPrices *prices, guint first, guint last, TilldTariff *low, TilldTariff *high)
{
  TillMoney lowest = G_MAXINT64, highest = 0;

  for (guint i = first; i <= last; i++)
    widest (&g_array_index (prices->versions, Version, i).tariff, &lowest, &highest);
  for (guint k = 0; k < low->n_tiers; k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      if (low->uses[r])
        {
          low->price[k][r] = lowest;
          high->price[k][r] = highest;
        }
}

static void
bound (const TilldMeterPrices *prices, guint first, guint last, TilldTariff *low, TilldTariff *high)
{
  gboolean same = TRUE;

  *low = *high = g_array_index (prices->versions, Version, last).tariff;
  for (guint i = first; i < last; i++)
    same = same && same_shape (low, &g_array_index (prices->versions, Version, i).tariff);
  if (!same)
    {
      flatten (prices, first, last, low, high);
      return;
    }
  for (guint i = first; i < last; i++)
    for (guint k = 0; k < low->n_tiers; k++)
      for (guint r = 0; r < TILL_N_RATES; r++)
        {
          TillMoney price = g_array_index (prices->versions, Version, i).tariff.price[k][r];

          low->price[k][r] = MIN (low->price[k][r], price);
          high->price[k][r] = MAX (high->price[k][r], price);
        }
}

void
tilld_meter_prices_at (TilldMeterPrices *prices, TillTime from, TillTime to, TilldSettleTerms *ret_low, TilldSettleTerms *ret_high)
{
  guint first = 0, last = prices->versions->len - 1;

  ret_low->spans = ret_high->spans = (const TilldTariffSpan *) (gpointer) prices->spans->data;
  ret_low->n_spans = ret_high->n_spans = prices->spans->len;
  if (prices->versions->len == 0)
    return;
  while (first < last && g_array_index (prices->versions, Version, first + 1).high <= from)
    first++;
  while (last > first && g_array_index (prices->versions, Version, last).low >= to)
    last--;
  bound (prices, first, last, &prices->low, &prices->high);
  prices->low_span = (TilldTariffSpan){ .tariff = &prices->low };
  prices->high_span = (TilldTariffSpan){ .tariff = &prices->high };
  ret_low->spans = &prices->low_span;
  ret_high->spans = &prices->high_span;
  ret_low->n_spans = ret_high->n_spans = 1;
}

TillMoney
tilld_meter_prices_max (const TilldMeterPrices *prices)
{
  TillMoney max = 0;

  for (guint i = 0; i < prices->spans->len; i++)
    max = MAX (max, tilld_tariff_price_max (g_array_index (prices->spans, TilldTariffSpan, i).tariff));
  for (guint i = 0; i < prices->versions->len; i++)
    max = MAX (max, tilld_tariff_price_max (&g_array_index (prices->versions, Version, i).tariff));
  return max;
}
