/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-store.c: rows of sales. Reads and parses; decides nothing. */
#include "server/domain/money/sale-store.h"

static const TilldStatement load_contexts = {
  .name = "sale-contexts",
  .sql = "SELECT place, body_hash, site, area, lineage, room, code, model, epoch, settlement, purse, installed, gateway, hoard_limit, sell_offline,"
         " online, balance, age_s, lost, frozen, account, account_code, account_state, customer, customer_name, price, waiting, held, drawer,"
         " proof_version, approve_above, energy_rest FROM sale_contexts ($1, $2, $3, $4)",
  .params = { DB_I64_ARRAY_TYPE, DB_UUID_ARRAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "place", DB_I32_TYPE }, { "body_hash", DB_BYTES_TYPE, DB_NULL_OK }, { "site", DB_I64_TYPE }, { "area", DB_I64_TYPE },
               { "lineage", DB_I64_ARRAY_TYPE }, { "room", DB_TEXT_TYPE }, { "code", DB_TEXT_TYPE }, { "model", DB_TEXT_TYPE },
               { "epoch", DB_I32_TYPE }, { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE }, { "installed", DB_BOOL_TYPE },
               { "gateway", DB_I64_TYPE }, { "hoard_limit", DB_I64_TYPE }, { "sell_offline", DB_BOOL_TYPE }, { "online", DB_BOOL_TYPE },
               { "balance", DB_I64_TYPE, DB_NULL_OK }, { "age_s", DB_I64_TYPE, DB_NULL_OK }, { "lost", DB_BOOL_TYPE }, { "frozen", DB_BOOL_TYPE },
               { "account", DB_I64_TYPE, DB_NULL_OK }, { "account_code", DB_TEXT_TYPE, DB_NULL_OK }, { "account_state", DB_I16_TYPE, DB_NULL_OK },
               { "customer", DB_I64_TYPE, DB_NULL_OK }, { "customer_name", DB_TEXT_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE, DB_NULL_OK },
               { "waiting", DB_I64_TYPE, DB_NULL_OK }, { "held", DB_I64_TYPE, DB_NULL_OK }, { "drawer", DB_I64_TYPE, DB_NULL_OK },
               { "proof_version", DB_I32_TYPE, DB_NULL_OK }, { "approve_above", DB_I64_TYPE }, { "energy_rest", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (load_contexts)

#define SALE_COLUMNS                                                                                                            \
  "s.id, s.number, s.kind, s.state, s.meter, s.account, s.customer, s.area, s.operator, s.drawer, m.code AS meter_code,"        \
  " ac.code AS account_code, c.name AS customer_name, a.path AS room, o.name AS operator_name, s.note, s.amount, s.energy, s.price," \
  " s.channel, s.count, s.balance_before, s.balance_after, s.reverses, s.created_at, s.verified_at, s.paid_at, s.paid_channel, s.approved_by"
#define SALE_FROM                                                                                                               \
  "FROM sale s JOIN meter m ON m.id = s.meter JOIN area a ON a.id = s.area LEFT JOIN account ac ON ac.id = s.account"           \
  " LEFT JOIN customer c ON c.id = s.customer LEFT JOIN operator o ON o.id = s.operator"
#define SALE_SHAPE                                                                                                              \
  { { "id", DB_UUID_TYPE }, { "number", DB_I64_TYPE }, { "kind", DB_I16_TYPE }, { "state", DB_I16_TYPE }, { "meter", DB_I64_TYPE }, \
    { "account", DB_I64_TYPE, DB_NULL_OK }, { "customer", DB_I64_TYPE, DB_NULL_OK }, { "area", DB_I64_TYPE },                   \
    { "operator", DB_I64_TYPE }, { "drawer", DB_I64_TYPE, DB_NULL_OK }, { "meter_code", DB_TEXT_TYPE },                         \
    { "account_code", DB_TEXT_TYPE, DB_NULL_OK }, { "customer_name", DB_TEXT_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE },      \
    { "operator_name", DB_TEXT_TYPE, DB_NULL_OK }, { "note", DB_TEXT_TYPE, DB_NULL_OK }, { "amount", DB_I64_TYPE },             \
    { "energy", DB_I64_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE, DB_NULL_OK }, { "channel", DB_I16_TYPE },                    \
    { "count", DB_I32_TYPE, DB_NULL_OK }, { "balance_before", DB_I64_TYPE, DB_NULL_OK }, { "balance_after", DB_I64_TYPE, DB_NULL_OK }, \
    { "reverses", DB_UUID_TYPE, DB_NULL_OK }, { "created_at", DB_TS_TYPE }, { "verified_at", DB_TS_TYPE, DB_NULL_OK },            \
    { "paid_at", DB_TS_TYPE, DB_NULL_OK }, { "paid_channel", DB_I16_TYPE, DB_NULL_OK }, { "approved_by", DB_I64_TYPE, DB_NULL_OK } }

static const TilldStatement get_sale = {
  .name = "sale-get",
  .sql = "SELECT " SALE_COLUMNS " " SALE_FROM " WHERE s.id = $1 AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)",
  .params = { DB_UUID_TYPE, DB_I64_ARRAY_TYPE },
  .columns = SALE_SHAPE,
};
TILLD_STATEMENT (get_sale)

static const TilldStatement list_shape = { .name = "sale-list", .sql = SALE_COLUMNS, .columns = SALE_SHAPE };
static const TilldStatement amount_shape = { .name = "sale-list-amount", .sql = "coalesce (sum (s.amount), 0)::bigint AS amount",
                                             .columns = { { "amount", DB_I64_TYPE } } };

static const TilldListFilter list_filters[] = {
  { "account", TILLD_FILTER_I64, "s.account = ANY ($#)" },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "channel", TILLD_FILTER_WORD, "s.channel = ANY ($#)", till_channel_from_word },
  { "customer", TILLD_FILTER_I64, "s.customer = ANY ($#)" },
  { "date", TILLD_FILTER_DAY,
    "s.created_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)"
    " AND s.created_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_DAY, "s.created_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "s.created_at >= $#" },
  { "id", TILLD_FILTER_UUID, "s.id = ANY ($#)" },
  { "kind", TILLD_FILTER_WORD, "s.kind = ANY ($#)", till_sale_kind_from_word },
  { "meter", TILLD_FILTER_I64, "s.meter = ANY ($#)" },
  { "min_age_s", TILLD_FILTER_INT, "s.created_at <= now () - $# * interval '1 second'" },
  { "operator", TILLD_FILTER_I64, "s.operator = ANY ($#)" },
  { "paid", TILLD_FILTER_BOOL, "s.kind IN (3, 4) AND (s.paid_at IS NOT NULL) = $#" },
  { "q", TILLD_FILTER_TEXT, "s.site = ANY (ARRAY (SELECT id FROM site)) AND s.number = search_number ($#)"
    " OR s.meter = ANY (ARRAY (SELECT search_meters ($#, FALSE, FALSE)))"
    " OR s.customer = ANY (ARRAY (SELECT search_customers ($#, FALSE, FALSE))) AND s.meter = ANY (ARRAY (SELECT x.meter FROM account_meter x"
    " JOIN account y ON y.id = x.account WHERE y.customer = ANY (ARRAY (SELECT search_customers ($#, FALSE, FALSE)))))" },
  { "state", TILLD_FILTER_WORD, "s.state = ANY ($#)", till_sale_state_from_word },
  { "to", TILLD_FILTER_DAY, "s.created_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "s.created_at < $#" },
  { NULL },
};
static const TilldListSort list_sorts[] = {
  { "amount", "s.amount" }, { "channel", "s.channel" }, { "created_at", "s.created_at" }, { "customer", "c.name" },
  { "kind", "s.kind" }, { "meter", "m.code" }, { "number", "s.number" }, { "operator", "o.name" }, { "room", "a.path" },
  { "state", "s.state" }, { "verified_at", "s.verified_at" }, { NULL },
};
const TilldListSpec tilld_sale_list_spec = {
  .shape = &list_shape, .from = SALE_FROM, .scope = "a.lineage && $#", .filters = list_filters, .sorts = list_sorts,
  .order = "s.created_at DESC, s.id",
};
static const TilldListSpec amount_spec = {
  .shape = &amount_shape, .from = SALE_FROM, .scope = "a.lineage && $#", .filters = list_filters, .sorts = list_sorts, .order = "1",
};

static const TilldStatement daily = {
  .name = "sales-daily",
  .sql = "SELECT (s.created_at AT TIME ZONE t.zone)::date AS day, s.channel, count (*) AS count, sum (s.amount)::bigint AS amount,"
         " coalesce (sum (s.amount) FILTER (WHERE s.channel = 0), 0)::bigint AS cash"
         " FROM sale s JOIN site t ON t.id = s.site JOIN area a ON a.id = s.area"
         " WHERE s.site = $1 AND s.created_at >= $2::timestamp AT TIME ZONE t.zone AND s.created_at < ($3 + 1)::timestamp AT TIME ZONE t.zone"
         " AND s.kind IN (0, 1, 2) AND s.state <> 6 AND (cardinality ($4::bigint[]) = 0 OR a.lineage && $4) AND ($5 = 0 OR $5 = ANY (a.lineage))"
         " GROUP BY 1, 2 ORDER BY 1, 2",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_DAY_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "day", DB_DAY_TYPE }, { "channel", DB_I16_TYPE }, { "count", DB_I64_TYPE }, { "amount", DB_I64_TYPE }, { "cash", DB_I64_TYPE } },
};
TILLD_STATEMENT (daily)

#define AREAS(who) DB_I64_ARRAY ((who)->areas != NULL ? (const gint64 *) (who)->areas->data : NULL, (who)->areas != NULL ? (who)->areas->len : 0)

void
tilld_sale_context_clear (TilldSaleContext *context)
{
  g_clear_pointer (&context->meter_code, g_free);
  g_clear_pointer (&context->account_code, g_free);
  g_clear_pointer (&context->customer_name, g_free);
  g_clear_pointer (&context->room, g_free);
  g_clear_pointer (&context->model, g_free);
}

static gboolean
may_see (const TilldActor *who, TilldRows *rows, guint row)
{
  guint n;
  g_autofree gint64 *lineage = NULL;

  if (who->areas == NULL || who->areas->len == 0)
    return TRUE;
  lineage = tilld_row_i64_array (rows, row, "lineage", &n);
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < who->areas->len; k++)
      if (lineage[i] == g_array_index (who->areas, gint64, k))
        return TRUE;
  return FALSE;
}

static void
parse_context (const TilldSaleAsk *ask, TilldRows *rows, guint row, TilldSaleContext *c)
{
  const TilldSaleRequest *in = ask->in;
  gsize len;
  const guint8 *hash = tilld_row_bytes (rows, row, "body_hash", &len);

  c->found = TRUE;
  c->known = hash != NULL;
  c->known_same = hash != NULL && len == 32 && memcmp (hash, ask->body_hash, 32) == 0;
  c->site = tilld_row_i64 (rows, row, "site");
  c->area = tilld_row_i64 (rows, row, "area");
  c->gateway = tilld_row_i64 (rows, row, "gateway");
  c->account = tilld_row_i64 (rows, row, "account");
  c->customer = tilld_row_i64 (rows, row, "customer");
  c->price = tilld_row_i64 (rows, row, "price");
  c->epoch = (gint32) tilld_row_i64 (rows, row, "epoch");
  c->meter_code = tilld_row_dup_text (rows, row, "code");
  c->account_code = tilld_row_dup_text (rows, row, "account_code");
  c->customer_name = tilld_row_dup_text (rows, row, "customer_name");
  c->room = tilld_row_dup_text (rows, row, "room");
  c->model = tilld_row_dup_text (rows, row, "model");
  c->drawer_is_open = !tilld_row_is_null (rows, row, "drawer");
  c->drawer = tilld_row_i64 (rows, row, "drawer");
  c->proof_any = !tilld_row_is_null (rows, row, "proof_version");
  c->proof_version = tilld_row_i64 (rows, row, "proof_version");
  c->approve_above = tilld_row_i64 (rows, row, "approve_above");
  c->energy_rest = tilld_row_i64 (rows, row, "energy_rest");
  c->facts = (TilldSaleFacts){
    .kind = in->kind, .channel = in->channel, .amount = in->amount, .settlement = tilld_row_i64 (rows, row, "settlement"),
    .purse = tilld_row_i64 (rows, row, "purse"), .installed = tilld_row_bool (rows, row, "installed"), .has_account = c->account != 0,
    .account_state = tilld_row_i64 (rows, row, "account_state"), .operator_max = ask->who->sale_limit,
    .hoard_limit = tilld_row_i64 (rows, row, "hoard_limit"), .frozen = tilld_row_bool (rows, row, "frozen"),
    .link_up = tilld_row_bool (rows, row, "online") && !tilld_row_bool (rows, row, "lost"), .may_queue = tilld_row_bool (rows, row, "sell_offline"),
    .has_reading = !tilld_row_is_null (rows, row, "balance"), .reading_age_s = tilld_row_i64_or (rows, row, "age_s", G_MAXINT64),
    .balance = tilld_row_i64 (rows, row, "balance"), .waiting = tilld_row_i64 (rows, row, "waiting"),
  };
  if (c->facts.settlement == TILL_SETTLEMENT_SERVER)
    c->facts.balance = tilld_row_i64 (rows, row, "held");
}

gboolean
tilld_sale_contexts_load (TilldDb *db, const TilldSaleAsk *asks, guint n, TilldSaleContext *ret_contexts, GError **error)
{
  g_autofree gint64 *meters = g_new (gint64, n), *operators = g_new (gint64, n), *drawers = g_new (gint64, n);
  g_autofree TillId *ids = g_new (TillId, n);
  g_autoptr(TilldRows) rows = NULL;

  for (guint i = 0; i < n; i++)
    {
      meters[i] = asks[i].in->meter;
      operators[i] = asks[i].who->operator_id;
      drawers[i] = asks[i].in->drawer;
      ids[i] = asks[i].in->id;
    }
  if (!tilld_db_query (db, &load_contexts, &rows, error, DB_I64_ARRAY (meters, n), DB_UUID_ARRAY (ids, n), DB_I64_ARRAY (operators, n),
                       DB_I64_ARRAY (drawers, n)))
    return FALSE;
  for (guint row = 0; row < tilld_rows_count (rows); row++)
    {
      gint64 place = tilld_row_i64 (rows, row, "place") - 1;

      g_assert (place >= 0 && place < n && !ret_contexts[place].found);
      if (may_see (asks[place].who, rows, row))
        parse_context (&asks[place], rows, row, &ret_contexts[place]);
    }
  return TRUE;
}

void
tilld_sale_clear (TilldSale *sale)
{
  g_clear_pointer (&sale->meter_code, g_free);
  g_clear_pointer (&sale->account_code, g_free);
  g_clear_pointer (&sale->customer_name, g_free);
  g_clear_pointer (&sale->room, g_free);
  g_clear_pointer (&sale->operator_name, g_free);
  g_clear_pointer (&sale->note, g_free);
}

static void
parse_sale (TilldRows *rows, guint row, TilldSale *ret_sale)
{
  TilldSale s = {
    .number = tilld_row_i64 (rows, row, "number"), .kind = tilld_row_i64 (rows, row, "kind"), .state = tilld_row_i64 (rows, row, "state"),
    .meter = tilld_row_i64 (rows, row, "meter"), .account = tilld_row_i64 (rows, row, "account"),
    .customer = tilld_row_i64 (rows, row, "customer"), .area = tilld_row_i64 (rows, row, "area"),
    .operator_id = tilld_row_i64 (rows, row, "operator"), .drawer = tilld_row_i64 (rows, row, "drawer"),
    .meter_code = tilld_row_dup_text (rows, row, "meter_code"), .account_code = tilld_row_dup_text (rows, row, "account_code"),
    .customer_name = tilld_row_dup_text (rows, row, "customer_name"), .room = tilld_row_dup_text (rows, row, "room"),
    .operator_name = tilld_row_dup_text (rows, row, "operator_name"), .note = tilld_row_dup_text (rows, row, "note"),
    .amount = tilld_row_i64 (rows, row, "amount"), .channel = tilld_row_i64 (rows, row, "channel"),
    .has_energy = !tilld_row_is_null (rows, row, "energy"), .energy = tilld_row_i64 (rows, row, "energy"),
    .has_price = !tilld_row_is_null (rows, row, "price"), .price = tilld_row_i64 (rows, row, "price"),
    .has_count = !tilld_row_is_null (rows, row, "count"), .count = tilld_row_i64 (rows, row, "count"),
    .has_before = !tilld_row_is_null (rows, row, "balance_before"), .balance_before = tilld_row_i64 (rows, row, "balance_before"),
    .has_after = !tilld_row_is_null (rows, row, "balance_after"), .balance_after = tilld_row_i64 (rows, row, "balance_after"),
    .created_at = tilld_row_ts (rows, row, "created_at"), .verified_at = tilld_row_ts (rows, row, "verified_at"),
    .paid_at = tilld_row_ts (rows, row, "paid_at"), .paid_channel = (int) tilld_row_i64_or (rows, row, "paid_channel", -1),
    .approved_by = tilld_row_i64 (rows, row, "approved_by"),
  };

  tilld_row_uuid (rows, row, "id", &s.id);
  tilld_row_uuid (rows, row, "reverses", &s.reverses);
  *ret_sale = s;
}

gboolean
tilld_sale_get (TilldDb *db, const TilldActor *who, const TillId *id, TilldSale *ret_sale, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &get_sale, &rows, error, DB_UUID (id), AREAS (who)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such sale.");
  parse_sale (rows, 0, ret_sale);
  return TRUE;
}

gboolean
tilld_sale_list (TilldDb *db, const TilldActor *who, GHashTable *query, gboolean whole, GArray **ret_sales, gint64 *ret_total,
                 TillMoney *ret_amount, GError **error) /* lint: parameters, three answers of one snapshot */
{
  g_auto(TilldListQuery) page = { 0 }, sum = { 0 };
  g_autoptr(TilldRows) rows = NULL, amount = NULL;
  g_autoptr(GArray) sales = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&page, &tilld_sale_list_spec, query, who->areas, error) ||
      !tilld_list_query_init (&sum, &amount_spec, query, who->areas, error))
    return FALSE;
  if (whole)
    page.limit = -1;
  sum.limit = -1;
  sum.offset = 0;
  g_string_assign (sum.order, "1"); /* one row */
  if (!tilld_list_run (db, &page, &rows, ret_total, error) || !tilld_list_run (db, &sum, &amount, NULL, error))
    return FALSE;
  sales = g_array_sized_new (FALSE, TRUE, sizeof (TilldSale), tilld_rows_count (rows));
  g_array_set_clear_func (sales, (GDestroyNotify) tilld_sale_clear);
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldSale sale;

      parse_sale (rows, i, &sale);
      g_array_append_val (sales, sale);
    }
  *ret_amount = tilld_row_i64 (amount, 0, "amount");
  *ret_sales = g_steal_pointer (&sales);
  return TRUE;
}

gboolean
tilld_sales_daily (TilldDb *db, const TilldActor *who, TillDay from, TillDay to, gint64 area, GArray **ret_days, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  GArray *days;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &daily, &rows, error, DB_I64 (who->site), DB_DAY (from), DB_DAY (to), AREAS (who), DB_I64 (area)))
    return FALSE;
  days = g_array_sized_new (FALSE, FALSE, sizeof (TilldSalesDay), tilld_rows_count (rows));
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldSalesDay day = { .day = (TillDay) tilld_row_i64 (rows, i, "day"), .channel = (gint) tilld_row_i64 (rows, i, "channel"),
                            .count = tilld_row_i64 (rows, i, "count"), .amount = tilld_row_i64 (rows, i, "amount"),
                            .cash = tilld_row_i64 (rows, i, "cash") };

      g_array_append_val (days, day);
    }
  *ret_days = days;
  return TRUE;
}
