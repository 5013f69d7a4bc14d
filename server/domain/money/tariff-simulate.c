/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-simulate.c: the same readings settled twice: by the tariffs the meters had, and by another. Reads only. */
#include "server/domain/money/tariff-simulate.h"
#include "server/domain/money/history.h"
#include "server/domain/money/tariff-book.h"

#define DAYS_MAX   1100
#define MONTHS_MAX 40
#define ITEMS_MAX  1000
#define METERS_MAX 10000
#define MOST       5

typedef struct {
  TillEnergy energy;
  TillMoney  before, after;
} Cost;

typedef struct {
  gint64   meter;
  guint    heads;
  char    *code, *room;
  Cost     cost;
  gboolean estimated;
} Item;

struct _TilldSimulation {
  TilldTariffBook *book;
  GArray          *other;  /* TilldTariffSpan: the tariff in question */
  GArray          *items;  /* Item */
  TilldTariffVersion *kept;
  guint            next;
  TillDay          from, to;
  TillTime         first, end;
  Cost             months[MONTHS_MAX], whole;
};

static const TilldStatement meters_of = {
  .name = "simulate-meters",
  .sql = "SELECT m.id, m.code, a.path, coalesce (c.heads, 1::smallint) AS heads FROM meter m JOIN area a ON a.id = m.area"
         " LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL LEFT JOIN account c ON c.id = am.account"
         " WHERE a.site = $1 AND m.retired_at IS NULL AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)"
         " AND CASE WHEN cardinality ($3::bigint[]) > 0 THEN m.id = ANY ($3) WHEN $4 > 0 THEN $4 = ANY (a.lineage) ELSE true END ORDER BY m.id",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "path", DB_TEXT_TYPE }, { "heads", DB_I16_TYPE } },
};
TILLD_STATEMENT (meters_of)

void
tilld_tariff_selection_read (TillJsonRead *r, GArray *meters, gint64 *ret_area)
{
  JsonArray *list = NULL;

  till_json_read_int (r, "area", TILL_OPTIONAL, 1, G_MAXINT64 / 2, ret_area);
  if (!till_json_read_array (r, "meters", TILL_OPTIONAL, METERS_MAX, &list))
    return;
  if (*ret_area != 0)
    till_json_read_error (r, "meters", "meters or an area, not both");
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      gint64 id = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

      if (id <= 0)
        {
          till_json_read_error (r, "meters", "must be numbers of meters");
          return;
        }
      g_array_append_val (meters, id);
    }
}

void
tilld_simulate_request_clear (TilldSimulateRequest *request)
{
  g_clear_pointer (&request->version, tilld_tariff_version_free);
  g_clear_pointer (&request->meters, g_array_unref);
}

gboolean
tilld_simulate_request_read (JsonNode *body, TilldSimulateRequest *ret, GError **error)
{
  JsonNode *version = NULL;
  TillJsonRead r, nested;

  ret->meters = g_array_new (FALSE, FALSE, sizeof (gint64));
  till_json_read_init (&r, body);
  tilld_tariff_selection_read (&r, ret->meters, &ret->area);
  till_json_read_int (&r, "tariff", TILL_OPTIONAL, 1, G_MAXINT64 / 2, &ret->tariff);
  till_json_read_day (&r, "from", TILL_REQUIRED, &ret->from);
  till_json_read_day (&r, "to", TILL_REQUIRED, &ret->to);
  if (till_json_read_object (&r, "version", TILL_OPTIONAL, &version))
    {
      ret->version = tilld_tariff_version_new ();
      till_json_read_init_nested (&nested, version, "version");
      tilld_tariff_body_read (&nested, ret->version);
      till_json_read_end_nested (&r, &nested);
    }
  if ((ret->tariff != 0) == (ret->version != NULL))
    till_json_read_error (&r, "tariff", "a tariff or a version is required, not both");
  return till_json_read_finish (&r, error);
}

static void
item_clear (gpointer data)
{
  Item *item = data;

  g_free (item->code);
  g_free (item->room);
}

void
tilld_simulation_free (TilldSimulation *simulation)
{
  if (simulation == NULL)
    return;
  g_clear_pointer (&simulation->book, tilld_tariff_book_free);
  g_clear_pointer (&simulation->other, g_array_unref);
  g_clear_pointer (&simulation->items, g_array_unref);
  tilld_tariff_version_free (simulation->kept);
  g_free (simulation);
}

void
tilld_simulation_keep (TilldSimulation *simulation, TilldSimulateRequest *request)
{
  simulation->kept = g_steal_pointer (&request->version);
}

guint
tilld_simulation_total (const TilldSimulation *simulation)
{
  return simulation->items->len;
}

static gboolean
load_meters (TilldDb *db, const TilldActor *who, const TilldSimulateRequest *in, TilldSimulation *s, GError **error)
{
  TilldDbParam scope = who->areas != NULL ? DB_I64_ARRAY (who->areas->data, who->areas->len) : DB_I64_ARRAY (NULL, 0);
  TilldDbParam meters = in->meters != NULL ? DB_I64_ARRAY (in->meters->data, in->meters->len) : DB_I64_ARRAY (NULL, 0);
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &meters_of, &rows, error, DB_I64 (who->site), scope, meters, DB_I64 (in->area)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no meter is selected");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      Item item = { .meter = tilld_row_i64 (rows, i, "id"), .heads = (guint) tilld_row_i64 (rows, i, "heads"),
                    .code = tilld_row_dup_text (rows, i, "code"), .room = tilld_row_dup_text (rows, i, "path") };

      g_array_append_val (s->items, item);
    }
  return TRUE;
}

static gboolean
choose_tariff (const TilldSimulateRequest *in, TilldSimulation *s, GError **error)
{
  const TilldTariffSince since = { 0, in->tariff };
  TilldTariffSpan span = { 0 };

  if (in->version != NULL)
    {
      span.tariff = &in->version->rules;
      g_array_append_val (s->other, span);
      return TRUE;
    }
  tilld_tariff_book_spans (s->book, &since, 1, s->other);
  return s->other->len > 0 || till_fail (error, TILL_ERROR_NOT_FOUND, "no such tariff");
}

TilldSimulation *
tilld_simulation_new (TilldDb *db, const TilldActor *who, const TilldSimulateRequest *in, GError **error)
{
  g_autoptr (TilldSimulation) s = g_new0 (TilldSimulation, 1);
  const TilldCivil *civil;

  g_assert (tilld_actor_is_set (who));
  if (in->to < in->from || in->to - in->from >= DAYS_MAX)
    {
      till_fail (error, TILL_ERROR_INVALID, "the period has 1 to %d days", DAYS_MAX);
      if (error != NULL)
        till_error_add_field (*error, "to", in->to < in->from ? "must not be before from" : "is too far from from");
      return NULL;
    }
  s->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (s->items, item_clear);
  s->other = g_array_new (FALSE, FALSE, sizeof (TilldTariffSpan));
  s->book = tilld_tariff_book_load (db, who->site, error);
  if (s->book == NULL || !choose_tariff (in, s, error) || !load_meters (db, who, in, s, error))
    return NULL;
  civil = tilld_tariff_book_civil (s->book);
  s->from = in->from;
  s->to = in->to;
  s->first = till_zone_day_start (civil->zone, in->from);
  s->end = till_zone_day_start (civil->zone, in->to + 1);
  return g_steal_pointer (&s);
}

static guint
month_of (const TilldSimulation *s, TillDay day)
{
  int year, month, mday, year0, month0;

  till_day_split (day, &year, &month, &mday);
  till_day_split (s->from, &year0, &month0, &mday);
  return (guint) CLAMP ((year - year0) * 12 + month - month0, 0, MONTHS_MAX - 1);
}

/* Tiers of a month or year that began before the period go on from what was used in it. */
static TillTime
begin_of_tiers (const TilldSimulation *s, const GArray *spans)
{
  const TilldCivil *civil = tilld_tariff_book_civil (s->book);
  TilldPeriod period = TILLD_PERIOD_MONTH;

  for (guint i = 0; i < spans->len; i++)
    {
      const TilldTariff *t = g_array_index (spans, TilldTariffSpan, i).tariff;

      period = t->n_tiers > 1 ? MAX (period, t->period) : period;
    }
  return till_zone_day_start (civil->zone, tilld_period_start (period, s->from));
}

/* Settles the readings by one list of spans; costs go to after or before of the months. */
static gboolean
run (TilldSimulation *s, Item *item, const GArray *readings, const GArray *spans, gboolean after, GError **error)
{
  const TilldCivil *civil = tilld_tariff_book_civil (s->book);
  const TilldSettleTerms terms = { civil, (const TilldTariffSpan *) (gconstpointer) spans->data, spans->len, item->heads };
  TillTime begin = begin_of_tiers (s, spans);
  g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldChargeLine));
  g_auto (TilldSettleState) state = { 0 };

  tilld_settle_state_init (&state);
  for (guint i = 1; i < readings->len; i++)
    {
      const TilldSettleReading *from = &g_array_index (readings, TilldHistoryReading, i - 1).reading;
      const TilldSettleReading *to = &g_array_index (readings, TilldHistoryReading, i).reading;
      TilldSettleResult result;
      Cost *month = &s->months[month_of (s, till_zone_day (civil->zone, from->at))];

      if (from->at < begin)
        continue;
      g_array_set_size (lines, 0);
      if (!tilld_settle_interval (&terms, from, to, &state, lines, &result, error))
        return FALSE;
      if (from->at < s->first || to->at > s->end)
        continue;
      *(after ? &month->after : &month->before) += result.total;
      *(after ? &item->cost.after : &item->cost.before) += result.total;
      if (after)
        {
          month->energy += result.energy;
          item->cost.energy += result.energy;
        }
      item->estimated = item->estimated || (result.flags & TILLD_SETTLE_ESTIMATED) != 0;
    }
  return TRUE;
}

gboolean
tilld_simulation_step (TilldSimulation *s, TilldDb *db, GError **error)
{
  g_autoptr (GArray) readings = g_array_new (FALSE, TRUE, sizeof (TilldHistoryReading));
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (TilldTariffSpan));
  TillTime begin;
  Item *item;

  if (s->next >= s->items->len)
    return FALSE;
  item = &g_array_index (s->items, Item, s->next++);
  if (!tilld_tariff_book_spans_of (db, s->book, item->meter, spans, error))
    return FALSE;
  begin = begin_of_tiers (s, s->other);
  if (spans->len > 0)
    begin = MIN (begin, begin_of_tiers (s, spans));
  if (!tilld_history_load (db, item->meter, begin, s->end + 1, readings, error))
    return FALSE;
  if ((spans->len > 0 && !run (s, item, readings, spans, FALSE, error)) || !run (s, item, readings, s->other, TRUE, error))
    {
      g_prefix_error (error, "meter %s: ", item->code);
      return FALSE;
    }
  s->whole.energy += item->cost.energy;
  s->whole.before += item->cost.before;
  s->whole.after += item->cost.after;
  return TRUE;
}

/* --- the answer --- */

static void
write_cost (const Cost *cost, TillJsonWrite *w)
{
  till_json_write_energy (w, "energy", cost->energy);
  till_json_write_money (w, "old", cost->before);
  till_json_write_money (w, "new", cost->after);
  till_json_write_money (w, "difference", cost->after - cost->before);
}

static void
write_items (const GArray *items, guint max, const char *name, TillJsonWrite *w)
{
  till_json_write_begin_array (w, name);
  for (guint i = 0; i < MIN (items->len, max); i++)
    {
      const Item *item = &g_array_index (items, Item, i);

      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "meter", item->meter);
      till_json_write_text (w, "meter_code", item->code);
      till_json_write_text (w, "room", item->room);
      write_cost (&item->cost, w);
      till_json_write_bool (w, "estimated", item->estimated);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
}

static gint
by_difference (gconstpointer a, gconstpointer b)
{
  const Item *x = a, *y = b;
  TillMoney dx = ABS (x->cost.after - x->cost.before), dy = ABS (y->cost.after - y->cost.before);

  return dx != dy ? (dx < dy) - (dx > dy) : (x->meter > y->meter) - (x->meter < y->meter);
}

void
tilld_simulation_write (TilldSimulation *s, TillJsonWrite *w)
{
  char text[TILL_DAY_TEXT];

  till_json_write_day (w, "from", s->from);
  till_json_write_day (w, "to", s->to);
  till_json_write_int (w, "meters", s->items->len);
  write_cost (&s->whole, w);
  till_json_write_begin_array (w, "months");
  for (guint i = 0; i <= month_of (s, s->to); i++)
    {
      till_day_print (till_day_add_months (till_day_month_start (s->from), (int) i), text);
      text[7] = '\0'; /* "2026-09" */
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "month", text);
      write_cost (&s->months[i], w);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  write_items (s->items, ITEMS_MAX, "items", w);
  g_array_sort (s->items, by_difference);
  write_items (s->items, MOST, "most", w);
}
