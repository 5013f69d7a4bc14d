/* SPDX-License-Identifier: GPL-2.0-or-later
 * statement.c: postings and lines of settlements -> a statement. Reads only; what does not add up is an error, never shown. */
#include "server/domain/money/statement.h"

#include "server/db/db-statement.h"
#include "shared/api/till-limits.h"

static const char *const words[TILLD_ENTRY_N] = { "sale", "opening", "subsidy", "refund", "reversal", "energy", "allowance", "fixed_fee", "rounding",
                                                  "adopted", "unexplained", "replaced", "other" };

static const TilldStatement statement_meter = {
  .name = "statement-meter",
  .sql = "SELECT a.site, s.zone, m.code, a.path, m.settlement, c.id AS account, c.code AS account_code, k.name AS customer_name, t.name AS tariff,"
         " coalesce (c.settled, 0::smallint) = 1 AS together, coalesce (st.difference, 0)::bigint AS difference, m.purse,"
         " CASE WHEN m.purse = 2 AND m.settlement = 0 THEN energy_held (m.id) END AS energy_held,"
         " CASE WHEN m.purse = 2 AND m.settlement = 0 THEN energy_rest (m.id, c.id) END AS energy_rest"
         " FROM meter m JOIN area a ON a.id = m.area JOIN site s ON s.id = a.site LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL"
         " LEFT JOIN account c ON c.id = am.account LEFT JOIN customer k ON k.id = c.customer LEFT JOIN tariff t ON t.id = m.tariff"
         " LEFT JOIN settle_state st ON st.meter = m.id WHERE m.id = $1 AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "zone", DB_TEXT_TYPE }, { "code", DB_TEXT_TYPE }, { "path", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE },
               { "account", DB_I64_TYPE, DB_NULL_OK }, { "account_code", DB_TEXT_TYPE, DB_NULL_OK }, { "customer_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "tariff", DB_TEXT_TYPE, DB_NULL_OK }, { "together", DB_BOOL_TYPE }, { "difference", DB_I64_TYPE },
               { "purse", DB_I16_TYPE }, { "energy_held", DB_I64_TYPE, DB_NULL_OK }, { "energy_rest", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (statement_meter)

static const TilldStatement statement_lines = {
  .name = "statement-lines",
  .resource = "queries/meter-statement.sql",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_TS_TYPE, DB_TS_TYPE, DB_TEXT_TYPE },
  .columns = { { "row_kind", DB_I16_TYPE }, { "at", DB_TS_TYPE, DB_NULL_OK }, { "event", DB_I16_TYPE, DB_NULL_OK }, { "day", DB_DAY_TYPE, DB_NULL_OK },
               { "from_at", DB_TS_TYPE, DB_NULL_OK }, { "to_at", DB_TS_TYPE, DB_NULL_OK }, { "request", DB_UUID_TYPE, DB_NULL_OK },
               { "meter", DB_I64_TYPE, DB_NULL_OK }, { "meter_code", DB_TEXT_TYPE, DB_NULL_OK }, { "kind", DB_I16_TYPE, DB_NULL_OK },
               { "tariff", DB_TEXT_TYPE, DB_NULL_OK }, { "effective", DB_DAY_TYPE, DB_NULL_OK }, { "rate", DB_I16_TYPE, DB_NULL_OK },
               { "tier", DB_I16_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE, DB_NULL_OK }, { "energy", DB_I64_TYPE, DB_NULL_OK },
               { "days", DB_I32_TYPE, DB_NULL_OK }, { "estimated", DB_BOOL_TYPE, DB_NULL_OK }, { "number", DB_I64_TYPE, DB_NULL_OK },
               { "sale_kind", DB_I16_TYPE, DB_NULL_OK }, { "channel", DB_I16_TYPE, DB_NULL_OK }, { "note", DB_TEXT_TYPE, DB_NULL_OK },
               { "amount", DB_I64_TYPE } },
};
TILLD_STATEMENT (statement_lines)

static const TilldStatement statement_now = {
  .name = "statement-now",
  .sql = "SELECT zone, now () AS now FROM site WHERE id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "zone", DB_TEXT_TYPE }, { "now", DB_TS_TYPE } },
};
TILLD_STATEMENT (statement_now)

static void
line_clear (gpointer data)
{
  TilldStatementLine *line = data;

  g_free (line->meter_code);
  g_free (line->tariff);
  g_free (line->note);
}

void
tilld_statement_clear (TilldMeterStatement *statement)
{
  g_clear_pointer (&statement->meter_code, g_free);
  g_clear_pointer (&statement->room, g_free);
  g_clear_pointer (&statement->account_code, g_free);
  g_clear_pointer (&statement->customer_name, g_free);
  g_clear_pointer (&statement->tariff, g_free);
  g_clear_pointer (&statement->zone, g_free);
  g_clear_pointer (&statement->lines, g_array_unref);
}

static gboolean
load_meter (TilldDb *db, const TilldActor *who, gint64 meter, TilldMeterStatement *ret, gint64 *ret_site, GError **error)
{
  TilldDbParam scope = who->areas != NULL ? DB_I64_ARRAY (who->areas->data, who->areas->len) : DB_I64_ARRAY (NULL, 0);
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &statement_meter, &rows, error, DB_I64 (meter), scope))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such meter");
  *ret_site = tilld_row_i64 (rows, 0, "site");
  ret->meter = meter;
  ret->account = tilld_row_i64 (rows, 0, "account");
  ret->settlement = (TillSettlement) tilld_row_i64 (rows, 0, "settlement");
  ret->together = tilld_row_bool (rows, 0, "together");
  ret->difference = tilld_row_i64 (rows, 0, "difference");
  ret->purse = (TillPurse) tilld_row_i64 (rows, 0, "purse");
  ret->has_held = !tilld_row_is_null (rows, 0, "energy_held");
  ret->energy_held = tilld_row_i64 (rows, 0, "energy_held");
  /* Whole ten-thousandths of it: what is less is still counted for the next sale. */
  if (!till_money_mul_div (tilld_row_i64 (rows, 0, "energy_rest"), 1, 1000, TILL_ROUND_FLOOR, &ret->energy_rest))
    ret->energy_rest = 0;
  ret->meter_code = tilld_row_dup_text (rows, 0, "code");
  ret->room = tilld_row_dup_text (rows, 0, "path");
  ret->account_code = tilld_row_dup_text (rows, 0, "account_code");
  ret->customer_name = tilld_row_dup_text (rows, 0, "customer_name");
  ret->tariff = tilld_row_dup_text (rows, 0, "tariff");
  ret->zone = tilld_row_dup_text (rows, 0, "zone");
  return TRUE;
}

/* --- lines --- */

static TilldEntryKind
kind_of_posting (TilldRows *rows, guint row)
{
  gint64 sale_kind = tilld_row_i64_or (rows, row, "sale_kind", -1);

  switch (tilld_row_i64 (rows, row, "event"))
    {
    case TILL_LEDGER_EVENT_SALE_PAID:
      return sale_kind == TILL_SALE_KIND_OPENING ? TILLD_ENTRY_OPENING : TILLD_ENTRY_SALE;
    case TILL_LEDGER_EVENT_SUBSIDY_GIVEN:
      return TILLD_ENTRY_SUBSIDY;
    case TILL_LEDGER_EVENT_DEBITED:
      return sale_kind == TILL_SALE_KIND_REVERSAL ? TILLD_ENTRY_REVERSAL : TILLD_ENTRY_REFUND;
    case TILL_LEDGER_EVENT_GIVEN_UP:
      return TILLD_ENTRY_REFUND;
    case TILL_LEDGER_EVENT_REVERSED:
      return TILLD_ENTRY_REVERSAL;
    case TILL_LEDGER_EVENT_REPLACED:
      return TILLD_ENTRY_REPLACED;
    case TILL_LEDGER_EVENT_ADOPTED: /* of a settlement: what nothing explains */
      return tilld_row_is_null (rows, row, "meter") ? TILLD_ENTRY_ADOPTED : TILLD_ENTRY_UNEXPLAINED;
    default:
      return TILLD_ENTRY_OTHER;
    }
}

static TilldStatementLine
read_line (TilldRows *rows, guint row)
{
  static const TilldEntryKind of_settlement[] = { TILLD_ENTRY_ENERGY, TILLD_ENTRY_ALLOWANCE, TILLD_ENTRY_FIXED_FEE, TILLD_ENTRY_ROUNDING };
  gboolean settled = tilld_row_i64 (rows, row, "row_kind") == 3;
  TilldStatementLine line = { .at = tilld_row_ts (rows, row, "at"), .meter_code = tilld_row_dup_text (rows, row, "meter_code"),
                              .note = tilld_row_dup_text (rows, row, "note"), .energy = tilld_row_i64 (rows, row, "energy"),
                              .amount = tilld_row_i64 (rows, row, "amount") };

  line.has_price = !tilld_row_is_null (rows, row, "price");
  line.price = tilld_row_i64 (rows, row, "price");
  if (!settled)
    {
      line.kind = kind_of_posting (rows, row);
      line.has_number = !tilld_row_is_null (rows, row, "number");
      line.number = tilld_row_i64 (rows, row, "number");
      line.has_channel = !tilld_row_is_null (rows, row, "channel");
      line.channel = (TillChannel) tilld_row_i64 (rows, row, "channel");
      if (line.has_number)
        tilld_row_uuid (rows, row, "request", &line.request);
      return line;
    }
  line.kind = of_settlement[CLAMP (tilld_row_i64 (rows, row, "kind"), 0, 3)];
  line.day = (TillDay) tilld_row_i64 (rows, row, "day");
  line.from = tilld_row_ts (rows, row, "from_at");
  line.to = tilld_row_ts (rows, row, "to_at");
  line.estimated = tilld_row_bool (rows, row, "estimated");
  line.days = (guint) tilld_row_i64 (rows, row, "days");
  line.has_price = line.kind != TILLD_ENTRY_ROUNDING;
  if (line.kind == TILLD_ENTRY_ROUNDING)
    return line;
  line.tariff = tilld_row_dup_text (rows, row, "tariff");
  line.effective = (TillDay) tilld_row_i64 (rows, row, "effective");
  line.rate = (TillRate) tilld_row_i64 (rows, row, "rate");
  line.tier = line.kind == TILLD_ENTRY_ENERGY ? (guint) tilld_row_i64 (rows, row, "tier") + 1 : 0;
  return line;
}

static void
add_to_sums (TilldMeterStatement *s, const TilldStatementLine *line)
{
  switch (line->kind)
    {
    case TILLD_ENTRY_SALE:
    case TILLD_ENTRY_OPENING:
    case TILLD_ENTRY_SUBSIDY:
      s->sold += line->amount;
      break;
    case TILLD_ENTRY_REFUND:
    case TILLD_ENTRY_REVERSAL:
      s->given_back += line->amount;
      break;
    case TILLD_ENTRY_ENERGY:
    case TILLD_ENTRY_ALLOWANCE:
    case TILLD_ENTRY_FIXED_FEE:
    case TILLD_ENTRY_ROUNDING:
      s->used += line->amount;
      s->energy += line->energy;
      break;
    default:
      s->other += line->amount;
      break;
    }
}

gboolean
tilld_statement_load (TilldDb *db, const TilldActor *who, gint64 meter, TillTime from, TillTime to, TilldMeterStatement *ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gint64 site = 0, account;
  TillMoney balance;

  g_assert (tilld_actor_is_set (who));
  *ret = (TilldMeterStatement){ .from = from, .to = to, .lines = g_array_new (FALSE, TRUE, sizeof (TilldStatementLine)) };
  g_array_set_clear_func (ret->lines, line_clear);
  if (!load_meter (db, who, meter, ret, &site, error))
    return FALSE;
  account = ret->settlement == TILL_SETTLEMENT_SERVER ? ret->account : 0;
  if (!tilld_db_query (db, &statement_lines, &rows, error, DB_I64 (site), DB_I64 (meter), DB_I64 (account), DB_TS (from), DB_TS (to), DB_TEXT (ret->zone)))
    return FALSE;
  ret->closing = tilld_row_i64 (rows, 0, "amount") - tilld_row_i64 (rows, 1, "amount");
  ret->opening = ret->closing;
  for (guint i = 2; i < tilld_rows_count (rows); i++)
    {
      TilldStatementLine line = read_line (rows, i);

      ret->opening -= line.amount;
      add_to_sums (ret, &line);
      g_array_append_val (ret->lines, line);
    }
  balance = ret->opening;
  for (guint i = 0; i < ret->lines->len; i++)
    {
      TilldStatementLine *line = &g_array_index (ret->lines, TilldStatementLine, i);

      balance += line->amount;
      line->balance = balance;
    }
  g_assert (balance == ret->closing);
  return TRUE;
}

/* --- as a list --- */

static void
write_text_or_null (TillJsonWrite *w, const char *name, gboolean known, const char *text)
{
  till_json_write_text (w, name, known ? text : NULL);
}

static void
write_line (const TilldStatementLine *line, TillJsonWrite *w)
{
  gboolean priced = line->kind == TILLD_ENTRY_ENERGY || line->kind == TILLD_ENTRY_ALLOWANCE;

  till_json_write_begin_object (w, NULL);
  till_json_write_time (w, "time", line->at);
  till_json_write_text (w, "kind", words[line->kind]);
  if (line->day != 0)
    till_json_write_day (w, "day", line->day);
  else
    till_json_write_null (w, "day");
  till_json_write_time (w, "from", line->from);
  till_json_write_time (w, "to", line->to);
  till_json_write_text (w, "meter_code", line->meter_code);
  till_json_write_text (w, "tariff", line->tariff);
  if (line->tariff != NULL)
    till_json_write_day (w, "effective", line->effective);
  else
    till_json_write_null (w, "effective");
  write_text_or_null (w, "rate", priced, till_rate_word (line->rate));
  if (line->tier > 0)
    till_json_write_int (w, "tier", line->tier);
  else
    till_json_write_null (w, "tier");
  if (line->has_price)
    till_json_write_money (w, "price", line->price);
  else
    till_json_write_null (w, "price");
  till_json_write_energy (w, "energy", line->energy);
  till_json_write_int (w, "days", line->days);
  till_json_write_bool (w, "estimated", line->estimated);
  till_json_write_id (w, "sale", &line->request);
  if (line->has_number)
    till_json_write_int (w, "number", line->number);
  else
    till_json_write_null (w, "number");
  write_text_or_null (w, "channel", line->has_channel, till_channel_word (line->channel));
  till_json_write_text (w, "note", line->note);
  till_json_write_money (w, "amount", line->amount);
  till_json_write_money (w, "balance", line->balance);
  till_json_write_end_object (w);
}

static void
write_head (const TilldMeterStatement *s, TillJsonWrite *w)
{
  till_json_write_int (w, "meter", s->meter);
  till_json_write_text (w, "meter_code", s->meter_code);
  till_json_write_text (w, "room", s->room);
  if (s->account != 0)
    till_json_write_int (w, "account", s->account);
  else
    till_json_write_null (w, "account");
  till_json_write_text (w, "account_code", s->account_code);
  till_json_write_text (w, "customer_name", s->customer_name);
  till_json_write_text (w, "tariff_name", s->tariff);
  till_json_write_text (w, "settlement", till_settlement_word (s->settlement));
  till_json_write_bool (w, "together", s->together);
  till_json_write_time (w, "from", s->from);
  till_json_write_time (w, "to", s->to);
  till_json_write_money (w, "opening", s->opening);
  till_json_write_money (w, "sold", s->sold);
  till_json_write_money (w, "given_back", s->given_back);
  till_json_write_money (w, "used", s->used);
  till_json_write_money (w, "other", s->other);
  till_json_write_money (w, "closing", s->closing);
  till_json_write_energy (w, "energy", s->energy);
  till_json_write_money (w, "server_difference", s->difference);
  till_json_write_text (w, "purse", till_purse_word (s->purse));
  if (s->has_held)
    {
      till_json_write_energy (w, "energy_held", s->energy_held);
      till_json_write_money (w, "energy_rest", s->energy_rest);
      return;
    }
  till_json_write_null (w, "energy_held");
  till_json_write_null (w, "energy_rest");
}

static gboolean
wrong (GError **error, const char *member, const char *reason)
{
  till_fail (error, TILL_ERROR_INVALID, "some parameters are wrong");
  if (error != NULL)
    till_error_add_field (*error, member, reason);
  return FALSE;
}

/* A day of the site or a time; the day itself is inside a period that ends with it. */
static gboolean
read_moment (const char *text, GTimeZone *zone, gboolean end, TillTime *ret)
{
  TillDay day;

  if (till_day_parse (text, &day, NULL))
    {
      *ret = till_zone_day_start (zone, day + end);
      return TRUE;
    }
  return till_time_parse (text, ret, NULL);
}

gboolean
tilld_statement_period (TilldDb *db, const TilldActor *who, const char *from, const char *to, TillTime *ret_from, TillTime *ret_to, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GTimeZone) zone = NULL;
  TillTime now;

  if (!tilld_db_query (db, &statement_now, &rows, error, DB_I64 (who->site)))
    return FALSE;
  zone = till_zone_new (tilld_row_text (rows, 0, "zone"), error);
  if (zone == NULL)
    return FALSE;
  now = tilld_row_ts (rows, 0, "now");
  *ret_from = till_zone_day_start (zone, till_day_month_start (till_zone_day (zone, now)));
  *ret_to = now;
  if (from != NULL && !read_moment (from, zone, FALSE, ret_from))
    return wrong (error, "from", "must be a day or a time");
  if (to != NULL && !read_moment (to, zone, TRUE, ret_to))
    return wrong (error, "to", "must be a day or a time");
  return *ret_from < *ret_to || wrong (error, "to", "must be after from");
}

static gboolean
page_of (GHashTable *query, const char *name, gint64 max, gint64 *ret, GError **error)
{
  const char *text = g_hash_table_lookup (query, name);
  gint64 value;

  if (text == NULL)
    return TRUE;
  if (!till_decimal_parse (text, 0, max, &value, NULL) || value < 0)
    return wrong (error, name, "is not a number that is allowed here");
  *ret = value;
  return TRUE;
}

gboolean
tilld_statement_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const char *const known[] = { "meter", "from", "to", "offset", "limit", NULL };
  g_auto (TilldMeterStatement) s = { 0 };
  gint64 meter = 0, offset = 0, limit = TILL_PAGE_MAX;
  GHashTableIter iter;
  TillTime from, to;
  gpointer name;

  g_hash_table_iter_init (&iter, query);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      return wrong (error, name, "is not known here");
  if (!page_of (query, "meter", G_MAXINT64 / 2, &meter, error) || !page_of (query, "offset", G_MAXINT32, &offset, error) ||
      !page_of (query, "limit", TILL_PAGE_MAX, &limit, error) ||
      !tilld_statement_period (db, who, g_hash_table_lookup (query, "from"), g_hash_table_lookup (query, "to"), &from, &to, error) ||
      !tilld_statement_load (db, who, meter, from, to, &s, error))
    return FALSE;
  write_head (&s, w);
  till_json_write_int (w, "total", s.lines->len);
  till_json_write_begin_array (w, "items");
  for (gint64 i = offset; i < (gint64) s.lines->len && i < offset + limit; i++)
    write_line (&g_array_index (s.lines, TilldStatementLine, i), w);
  till_json_write_end_array (w);
  return TRUE;
}
