/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-accounts.c: accounts of a table, a row for each meter, with what the old books owed as opening amounts: ordinary sales of kind opening by
 * transfer, posted in the same transaction. Prices and limits are ordered afterwards, by the job (import-orders.c). */
#include <string.h>
#include "server/core/clock.h"
#include "server/domain/control/import-private.h"
#include "server/domain/money/account-terms.h"
#include "shared/api/till-limits.h"

static const TilldStatement customers_load = {
  .name = "import-account-customers",
  .sql = "SELECT k.id, k.code FROM customer k LEFT JOIN area a ON a.id = k.area WHERE k.code = ANY ($1) AND ($2 OR a.lineage && $3) FOR SHARE OF k",
  .params = { DB_TEXT_ARRAY_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE } },
};
static const TilldStatement meters_load = {
  .name = "import-account-meters",
  .sql = "SELECT m.id, m.code, m.model, m.area, m.use_class, m.settlement, m.purse, m.alarm1, m.alarm2, m.retired_at IS NULL AS installed, "
         "coalesce (p.frozen, false) AS frozen, c.id AS account, c.code AS account_code, c.customer "
         "FROM meter m JOIN area a ON a.id = m.area LEFT JOIN meter_purse p ON p.meter = m.id LEFT JOIN account_meter x ON x.meter = m.id AND x.until IS NULL "
         "LEFT JOIN account c ON c.id = x.account WHERE m.code = ANY ($1) AND a.site = $2 AND ($3 OR a.lineage && $4) FOR UPDATE OF m",
  .params = { DB_TEXT_ARRAY_TYPE, DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "model", DB_TEXT_TYPE }, { "area", DB_I64_TYPE }, { "use_class", DB_I16_TYPE },
               { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE }, { "alarm1", DB_I64_TYPE }, { "alarm2", DB_I64_TYPE },
               { "installed", DB_BOOL_TYPE }, { "frozen", DB_BOOL_TYPE }, { "account", DB_I64_TYPE, DB_NULL_OK },
               { "account_code", DB_TEXT_TYPE, DB_NULL_OK }, { "customer", DB_I64_TYPE, DB_NULL_OK } },
};
static const TilldStatement accounts_load = {
  .name = "import-account-accounts",
  .sql = "SELECT id, code, customer, settled, state = 0 AND closing IS NULL AS open FROM account WHERE code = ANY ($1) FOR UPDATE",
  .params = { DB_TEXT_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "customer", DB_I64_TYPE }, { "settled", DB_I16_TYPE },
               { "open", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement account_insert = {
  .name = "import-account-insert",
  .sql = "WITH n AS (SELECT nextval (pg_get_serial_sequence ('account', 'id')) AS id) INSERT INTO account (id, code, site, customer, settled) "
         "OVERRIDING SYSTEM VALUE SELECT n.id, coalesce ($2, 'A-' || lpad (n.id::text, 6, '0')), $1, $3, $4 FROM n RETURNING id, to_jsonb (account) AS body",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
static const TilldStatement meters_add = {
  .name = "import-account-add-meters",
  .sql = "WITH r AS (SELECT * FROM jsonb_to_recordset ($1) AS x (account bigint, meter bigint, tariff bigint, alarm1 bigint, "
         "alarm2 bigint, overload_w bigint, overdraft bigint, hoard_limit bigint, full_interval_s int)), "
         "added AS (INSERT INTO account_meter (account, meter) SELECT r.account, r.meter FROM r), "
         "told AS (UPDATE meter m SET tariff = coalesce (r.tariff, m.tariff), alarm1 = coalesce (r.alarm1, m.alarm1), "
         "alarm2 = coalesce (r.alarm2, m.alarm2), overload_w = coalesce (r.overload_w, m.overload_w), "
         "overdraft = coalesce (r.overdraft, m.overdraft), hoard_limit = coalesce (r.hoard_limit, m.hoard_limit), "
         "full_interval_s = coalesce (r.full_interval_s, m.full_interval_s), version = m.version + 1 FROM r WHERE m.id = r.meter "
         "RETURNING m.id) SELECT id FROM told",
  .params = { DB_JSON_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (customers_load)
TILLD_STATEMENT (meters_load)
TILLD_STATEMENT (accounts_load)
TILLD_STATEMENT (account_insert)
TILLD_STATEMENT (meters_add)

typedef struct {
  gint64   id, account, customer, alarm1, alarm2; /* account 0 = free */
  int      settlement, purse;
  gboolean installed, frozen;
  char    *account_code, *model;
  TilldPreset preset; /* of its place and class */
} Meter;

/* An account of the file: with a number of its own, or the one of its customer. */
typedef struct {
  char    *code; /* NULL = the next number */
  gint64   id, customer; /* id 0 = to be opened */
  gboolean together, closed;
  guint    row;
} Account;

typedef struct {
  guint     row;
  Account  *account;
  gint64    meter, tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s; /* -1 = as it is */
  TillMoney opening;
  TillId    sale;
} Step;

typedef struct {
  GHashTable *customers, *meters, *accounts, *tariffs, *seen;
  GArray     *steps;
} Plan;

static void
meter_free (gpointer data)
{
  g_free (((Meter *) data)->account_code);
  g_free (((Meter *) data)->model);
  g_free (data);
}

static void
account_free (gpointer data)
{
  g_free (((Account *) data)->code);
  g_free (data);
}

static void
plan_free (gpointer data)
{
  Plan *plan = data;

  g_clear_pointer (&plan->customers, g_hash_table_unref);
  g_clear_pointer (&plan->meters, g_hash_table_unref);
  g_clear_pointer (&plan->accounts, g_hash_table_unref);
  g_clear_pointer (&plan->tariffs, g_hash_table_unref);
  g_clear_pointer (&plan->seen, g_hash_table_unref);
  g_array_unref (plan->steps);
  g_free (plan);
}

#define TEXTS(array) DB_TEXT_ARRAY ((const char *const *) (array)->pdata, (array)->len)

static void
take_meter (TilldRows *rows, guint i, const TilldPreset *preset, Plan *plan)
{
  Meter *m = g_new0 (Meter, 1);

  *m = (Meter){ .id = tilld_row_i64 (rows, i, "id"), .account = tilld_row_i64 (rows, i, "account"), .customer = tilld_row_i64 (rows, i, "customer"),
                .alarm1 = tilld_row_i64 (rows, i, "alarm1"), .alarm2 = tilld_row_i64 (rows, i, "alarm2"),
                .settlement = (int) tilld_row_i64 (rows, i, "settlement"), .purse = (int) tilld_row_i64 (rows, i, "purse"),
                .installed = tilld_row_bool (rows, i, "installed"), .frozen = tilld_row_bool (rows, i, "frozen"),
                .account_code = tilld_row_dup_text (rows, i, "account_code"), .model = tilld_row_dup_text (rows, i, "model"), .preset = *preset };
  g_hash_table_insert (plan->meters, tilld_row_dup_text (rows, i, "code"), m);
}

/* The defaults of all of them in one question. */
static gboolean
take_meters (TilldImportWork *work, TilldRows *rows, Plan *plan, GError **error)
{
  guint n = tilld_rows_count (rows);
  g_autofree TilldPresetPlace *places = g_new0 (TilldPresetPlace, n + 1);
  g_autofree TilldPreset *presets = g_new0 (TilldPreset, n + 1);

  for (guint i = 0; i < n; i++)
    places[i] = (TilldPresetPlace){ tilld_row_i64 (rows, i, "area"), (int) tilld_row_i64 (rows, i, "use_class") };
  if (!tilld_preset_find (work->db, work->who->site, places, n, presets, error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    take_meter (rows, i, &presets[i], plan);
  return TRUE;
}

static gboolean
load (TilldImportWork *work, Plan *plan, GError **error)
{
  g_autoptr (GPtrArray) customers = tilld_import_column (work, "customer"), meters = tilld_import_column (work, "meter"),
                        accounts = tilld_import_column (work, "account");
  g_autoptr (TilldRows) k = NULL, m = NULL, c = NULL;
  const TilldActor *who = work->who;

  if (!tilld_import_tariffs_load (work, &plan->tariffs, error) ||
      !tilld_db_query (work->db, &customers_load, &k, error, TEXTS (customers), DB_BOOL (who->areas == NULL), TILLD_IMPORT_AREAS (who)) ||
      !tilld_db_query (work->db, &meters_load, &m, error, TEXTS (meters), DB_I64 (who->site), DB_BOOL (who->areas == NULL), TILLD_IMPORT_AREAS (who)) ||
      !tilld_db_query (work->db, &accounts_load, &c, error, TEXTS (accounts)) || !take_meters (work, m, plan, error))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (k); i++)
    {
      gint64 id = tilld_row_i64 (k, i, "id");

      g_hash_table_insert (plan->customers, tilld_row_dup_text (k, i, "code"), g_memdup2 (&id, sizeof id));
    }
  for (guint i = 0; i < tilld_rows_count (c); i++)
    {
      Account *account = g_new0 (Account, 1);

      *account = (Account){ .code = tilld_row_dup_text (c, i, "code"), .id = tilld_row_i64 (c, i, "id"), .customer = tilld_row_i64 (c, i, "customer"),
                            .together = tilld_row_i64 (c, i, "settled") == 1, .closed = !tilld_row_bool (c, i, "open") };
      g_hash_table_insert (plan->accounts, g_strconcat ("account ", account->code, NULL), account);
    }
  return TRUE;
}

/* --- verdicts --- */

static gboolean
settled_from_word (const char *word, int *ret)
{
  *ret = strcmp (word, "together") == 0;
  return *ret || strcmp (word, "each") == 0;
}

static gint64
find_customer (const Plan *plan, TilldImportRow *row)
{
  const char *code = tilld_import_cell (row, "customer");
  const gint64 *id = code != NULL ? g_hash_table_lookup (plan->customers, code) : NULL;

  if (tilld_import_required (row, "customer") && id == NULL)
    tilld_import_wrong (row, "customer", "there is no customer \"%s\" that you may see", code);
  return id != NULL ? *id : 0;
}

static const Meter *
find_meter (Plan *plan, TilldImportRow *row)
{
  const char *code = tilld_import_cell (row, "meter");
  const Meter *meter = code != NULL ? g_hash_table_lookup (plan->meters, code) : NULL;
  guint before = code != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (plan->seen, code)) : 0;

  if (!tilld_import_required (row, "meter"))
    return NULL;
  if (meter == NULL)
    tilld_import_wrong (row, "meter", "there is no meter \"%s\" that you may see", code);
  else if (before != 0)
    tilld_import_wrong (row, "meter", "stands in row %u already", before);
  else if (!meter->installed)
    tilld_import_wrong (row, "meter", "is not installed: put it in first");
  else if (meter->frozen)
    tilld_import_wrong (row, "meter", "has an open case: no account until it is decided");
  if (before == 0)
    g_hash_table_insert (plan->seen, (gpointer) code, GUINT_TO_POINTER (row->index + 1));
  return meter;
}

static Account *
find_account (Plan *plan, TilldImportRow *row, gint64 customer)
{
  static const TilldImportWords words = { settled_from_word, "each, together" };
  const char *code = NULL;
  gboolean named = tilld_import_cell_code (row, "account", 32, &code);
  const char *nobody = customer == 0 ? tilld_import_cell (row, "customer") : NULL; /* each unknown one is somebody else */
  g_autofree char *key = named ? g_strconcat ("account ", code, NULL)
                               : g_strdup_printf ("customer %" G_GINT64_FORMAT " %s", customer, nobody != NULL ? nobody : "");
  Account *account = g_hash_table_lookup (plan->accounts, key);
  int together = FALSE;
  gboolean says = tilld_import_cell_word (row, "settled", &words, &together);

  if (account == NULL)
    {
      account = g_new0 (Account, 1);
      *account = (Account){ .code = g_strdup (code), .customer = customer, .together = together, .row = row->index };
      g_hash_table_insert (plan->accounts, g_steal_pointer (&key), account);
      return account;
    }
  if (account->customer != customer && customer != 0)
    tilld_import_wrong (row, "account", "belongs to another customer: leave it out, or write one of its own");
  else if (account->closed)
    tilld_import_wrong (row, "account", "is not open: leave it out, or write another");
  else if (says && account->together != together)
    tilld_import_wrong (row, "settled", "must be the same in all rows of an account");
  return account;
}

/* Four decimals as typed -> what the purse counts. */
static void
take_limit (TilldImportRow *row, const char *name, const Meter *meter, gint64 *ret)
{
  gint64 value;

  if (!tilld_import_cell_decimal (row, name, 4, &value))
    return;
  if (meter->purse == TILL_PURSE_ENERGY && value % 10 != 0)
    tilld_import_wrong (row, name, "is kWh with at most three decimals: this purse holds energy");
  *ret = meter->purse == TILL_PURSE_ENERGY ? value / 10 : value;
}

static void
take_opening (TilldImportWork *work, TilldImportRow *row, const Meter *meter, Step *step)
{
  TilldSaleRequest request = { .meter = meter->id, .channel = TILL_CHANNEL_TRANSFER, .kind = TILL_SALE_KIND_OPENING };
  TilldLedgerItem item = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 amount = 0;

  if (!tilld_import_cell_decimal (row, "opening_balance", 4, &amount) || amount == 0)
    return;
  if (!till_money_is_whole_fen (amount))
    tilld_import_wrong (row, "opening_balance", "must have at most two decimals");
  if (step->hoard_limit > 0 && meter->purse == TILL_PURSE_MONEY && amount > step->hoard_limit)
    tilld_import_wrong (row, "opening_balance", "is more than the hoard limit that the default parameters give this meter");
  if (row->wrong != NULL)
    return;
  till_id_new (&step->sale, work->in->now_ms);
  request.id = step->sale;
  request.amount = step->opening = amount;
  if (!tilld_sale_opening (work->db, work->tools->profiles, work->who, &request, TRUE, &item, &error))
    tilld_import_wrong_error (row, "opening_balance", error);
}

static void
take_alarms (TilldImportRow *row, const Meter *meter, Step *step)
{
  TilldAccountAlarms alarms = { .record1 = meter->alarm1, .record2 = meter->alarm2 };

  take_limit (row, "alarm1", meter, &step->alarm1);
  take_limit (row, "alarm2", meter, &step->alarm2);
  alarms.given = (step->alarm1 >= 0 ? TILLD_GIVEN_ALARM1 : 0) | (step->alarm2 >= 0 ? TILLD_GIVEN_ALARM2 : 0);
  alarms.given1 = step->alarm1;
  alarms.given2 = step->alarm2;
  if (!tilld_account_terms_alarms (&alarms, &meter->preset, (TillPurse) meter->purse, &step->alarm1, &step->alarm2))
    tilld_import_wrong (row, "alarm1", "must be greater than alarm2");
}

static gint64
proposed (const TilldPreset *preset, TilldPresetMember member, gint64 value)
{
  return (preset->given & member) != 0 ? value : -1;
}

/* What the row says, else the default of the meter's place and class, else what the record has. */
static void
take_settings (Plan *plan, TilldImportRow *row, const Meter *meter, Step *step)
{
  const char *tariff = tilld_import_cell (row, "tariff");
  const gint64 *id = tariff != NULL ? g_hash_table_lookup (plan->tariffs, tariff) : NULL;
  const TilldPreset *preset = &meter->preset;
  TillPurse purse = (TillPurse) meter->purse;

  if (tariff != NULL && id == NULL)
    tilld_import_wrong (row, "tariff", "there is no tariff \"%s\"", tariff);
  step->tariff = id != NULL ? *id : proposed (preset, TILLD_PRESET_TARIFF, preset->tariff);
  take_alarms (row, meter, step);
  if (!tilld_import_cell_decimal (row, "overload_kw", 3, &step->overload_w))
    step->overload_w = proposed (preset, TILLD_PRESET_OVERLOAD, preset->overload_w);
  step->overdraft = proposed (preset, TILLD_PRESET_OVERDRAFT, tilld_preset_of_purse (preset->overdraft, purse));
  step->hoard_limit = proposed (preset, TILLD_PRESET_HOARD, tilld_preset_of_purse (preset->hoard_limit, purse));
  step->full_interval_s = proposed (preset, TILLD_PRESET_FULL_INTERVAL, preset->full_interval_s);
}

static void
judge_row (Plan *plan, TilldImportWork *work, TilldImportRow *row)
{
  gint64 customer = find_customer (plan, row);
  const Meter *meter = find_meter (plan, row);
  Step step = { .row = row->index, .alarm1 = -1, .alarm2 = -1 };
  const char *note = tilld_import_cell (row, "note");

  if (note != NULL && g_utf8_strlen (note, -1) > TILL_NOTE_CHARS)
    tilld_import_wrong (row, "note", "must have at most %d characters", TILL_NOTE_CHARS);
  if (meter != NULL && meter->account != 0 && customer != 0 && meter->customer == customer)
    {
      row->effect = TILLD_EFFECT_SAME; /* the file again: what was opened with it is not paid twice */
      return;
    }
  if (meter != NULL && meter->account != 0)
    tilld_import_wrong (row, "meter", "belongs to the open account %s", meter->account_code);
  step.account = find_account (plan, row, customer);
  if (meter == NULL)
    return;
  if (step.account->together && meter->settlement != TILL_SETTLEMENT_SERVER)
    {
      tilld_import_wrong (row, "settled", "must be each: the meter settles itself");
      if (step.account->row == row->index && step.account->id == 0)
        step.account->together = FALSE; /* the mistake is this row's, not that of the others of its account */
    }
  step.meter = meter->id;
  take_settings (plan, row, meter, &step);
  if (row->wrong == NULL)
    tilld_import_limits_held (row, tilld_profiles_get (work->tools->profiles, meter->model), meter->settlement == TILL_SETTLEMENT_METER,
                              (const gint64[]){ step.alarm1, step.alarm2, step.overload_w });
  take_opening (work, row, meter, &step);
  row->effect = step.account->id != 0 ? TILLD_EFFECT_CHANGE : TILLD_EFFECT_CREATE;
  if (row->wrong == NULL)
    g_array_append_val (plan->steps, step);
}

static gpointer
judge (TilldImportWork *work, GError **error)
{
  Plan *plan = g_new0 (Plan, 1);

  plan->customers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  plan->meters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, meter_free);
  plan->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, account_free);
  plan->seen = g_hash_table_new (g_str_hash, g_str_equal);
  plan->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  if (!load (work, plan, error))
    {
      plan_free (plan);
      return NULL;
    }
  for (guint i = 0; i < work->rows->len; i++)
    judge_row (plan, work, tilld_import_row (work, i));
  return plan;
}

/* --- all or nothing --- */

static gboolean
open_accounts (TilldImportWork *work, Plan *plan, GError **error)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      Account *account = g_array_index (plan->steps, Step, i).account;
      g_autoptr (TilldRows) rows = NULL;

      if (account->id != 0)
        continue;
      if (!tilld_db_query (work->db, &account_insert, &rows, error, DB_I64 (work->who->site), DB_TEXT (account->code), DB_I64 (account->customer),
                           DB_I16 (account->together)))
        return FALSE;
      account->id = tilld_row_i64 (rows, 0, "id");
      tilld_import_note (work, "account", account->id, NULL, tilld_row_text (rows, 0, "body"));
    }
  return TRUE;
}

static void
write_given (TillJsonWrite *w, const char *name, gint64 value)
{
  if (value >= 0)
    till_json_write_int (w, name, value);
  else
    till_json_write_null (w, name);
}

static gboolean
add_meters (TilldImportWork *work, Plan *plan, GError **error)
{
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *json = NULL;

  till_json_write_begin_array (w, NULL);
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const Step *step = &g_array_index (plan->steps, Step, i);

      g_array_append_val (work->orders, step->meter);
      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "account", step->account->id);
      till_json_write_int (w, "meter", step->meter);
      write_given (w, "tariff", step->tariff);
      write_given (w, "alarm1", step->alarm1);
      write_given (w, "alarm2", step->alarm2);
      write_given (w, "overload_w", step->overload_w);
      write_given (w, "overdraft", step->overdraft);
      write_given (w, "hoard_limit", step->hoard_limit);
      write_given (w, "full_interval_s", step->full_interval_s);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  json = till_json_write_free_to_text (w, NULL);
  return tilld_db_query (work->db, &meters_add, NULL, error, DB_JSON (json));
}

static gboolean
refused (const TilldImportRow *row, GError *failure, GError **error)
{
  g_autoptr (GError) owned = failure;
  g_autofree char *path = g_strdup_printf ("rows[%u].opening_balance", row->index);

  if (till_error_is_retryable (failure) || till_error_is (failure, TILL_ERROR_INTERNAL))
    {
      g_propagate_error (error, g_steal_pointer (&owned));
      return FALSE;
    }
  till_fail (error, TILL_ERROR_INVALID, "row %u: %s Nothing was changed.", row->index + 1, failure->message);
  if (error != NULL)
    till_error_add_field (*error, path, failure->message);
  return FALSE;
}

/* The last of all: the heads of the chains are held from here to the commit. */
static gboolean
post_openings (TilldImportWork *work, Plan *plan, GError **error)
{
  g_autofree TilldLedgerItem *items = g_new0 (TilldLedgerItem, plan->steps->len + 1);
  g_autofree guint *rows = g_new0 (guint, plan->steps->len + 1);
  GError *failure = NULL;
  guint n = 0, bad = 0;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      const Step *step = &g_array_index (plan->steps, Step, i);
      TilldSaleRequest request = { .id = step->sale, .meter = step->meter, .amount = step->opening, .channel = TILL_CHANNEL_TRANSFER,
                                   .kind = TILL_SALE_KIND_OPENING };

      if (step->opening == 0)
        continue;
      if (!tilld_sale_opening (work->db, work->tools->profiles, work->who, &request, FALSE, &items[n], &failure))
        return refused (tilld_import_row (work, step->row), failure, error);
      items[n].note = tilld_import_cell (tilld_import_row (work, step->row), "note");
      rows[n++] = step->row;
    }
  work->money = n > 0;
  if (n == 0 || tilld_ledger_post_within (work->db, items, n, &bad, &failure))
    return TRUE;
  return refused (tilld_import_row (work, rows[bad]), failure, error);
}

static gboolean
write_all (TilldImportWork *work, gpointer data, GError **error)
{
  Plan *plan = data;

  return open_accounts (work, plan, error) && add_meters (work, plan, error) && post_openings (work, plan, error);
}

const TilldImportClass tilld_import_accounts = { judge, write_all, plan_free };
