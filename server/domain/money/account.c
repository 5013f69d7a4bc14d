/* SPDX-License-Identifier: GPL-2.0-or-later
 * account.c: opening, suspending, handing over and changing accounts. Closing is account-close.c. */
#include "server/domain/money/account.h"
#include "server/domain/money/account-terms.h"
#include "server/domain/money/price-issue.h"

#include "server/core/clock.h"
#include "server/db/db-tx.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/client-id.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/setting-order.h"
#include "shared/api/till-limits.h"

static const TilldStatement insert_account = {
  .name = "account-open",
  .sql = "WITH n AS (SELECT nextval (pg_get_serial_sequence ('account', 'id')) AS id)"
         " INSERT INTO account (id, code, site, customer, settled, request) OVERRIDING SYSTEM VALUE"
         " SELECT n.id, coalesce ($2, 'A-' || lpad (n.id::text, 6, '0')), $1, c.id, $4, $5 FROM n, customer c WHERE c.id = $3 RETURNING id",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_UUID_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement account_of_request = {
  .name = "account-of-request",
  .sql = "SELECT id FROM account WHERE request = $1",
  .params = { DB_UUID_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement lock_meter = {
  .name = "account-lock-meter",
  .sql = "SELECT m.code, m.retired_at IS NULL AS installed, m.settlement, extract (epoch FROM now () - st.read_at)::bigint AS age_s,"
         " (SELECT x.account FROM account_meter x WHERE x.meter = m.id AND x.until IS NULL) AS taken, coalesce (p.frozen, false) AS frozen, st.balance,"
         " EXISTS (SELECT FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (0, 1, 2, 7)) AS busy"
         " FROM meter m JOIN area a ON a.id = m.area LEFT JOIN meter_state st ON st.meter = m.id LEFT JOIN meter_purse p ON p.meter = m.id"
         " WHERE m.id = $1 AND a.site = $2 AND (cardinality ($3::bigint[]) = 0 OR a.lineage && $3) FOR UPDATE OF m",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "code", DB_TEXT_TYPE }, { "installed", DB_BOOL_TYPE }, { "settlement", DB_I16_TYPE }, { "age_s", DB_I64_TYPE, DB_NULL_OK },
               { "taken", DB_I64_TYPE, DB_NULL_OK }, { "frozen", DB_BOOL_TYPE }, { "balance", DB_I64_TYPE, DB_NULL_OK }, { "busy", DB_BOOL_TYPE } },
};
static const TilldStatement add_meter = {
  .name = "account-add-meter",
  .sql = "INSERT INTO account_meter (account, meter) VALUES ($1, $2)",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
};
static const TilldStatement drop_meter = {
  .name = "account-drop-meter",
  .sql = "UPDATE account_meter SET until = now () WHERE account = $1 AND meter = $2 AND until IS NULL RETURNING meter",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "meter", DB_I64_TYPE } },
};
static const TilldStatement lock_account = {
  .name = "account-lock",
  .sql = "SELECT c.state, c.customer, c.closing IS NOT NULL AS closing FROM account c JOIN customer k ON k.id = c.customer LEFT JOIN area a ON a.id = k.area"
         " WHERE c.id = $1 AND c.site = $2 AND (cardinality ($3::bigint[]) = 0 OR a.lineage && $3) FOR UPDATE OF c",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "state", DB_I16_TYPE }, { "customer", DB_I64_TYPE }, { "closing", DB_BOOL_TYPE } },
};
static const TilldStatement set_state = {
  .name = "account-state",
  .sql = "UPDATE account SET state = $2, version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I16_TYPE },
};
static const TilldStatement set_customer = {
  .name = "account-customer",
  .sql = "UPDATE account SET customer = $2, version = version + 1 WHERE id = $1 AND EXISTS (SELECT FROM customer k WHERE k.id = $2) RETURNING id",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (insert_account)
TILLD_STATEMENT (account_of_request)
TILLD_STATEMENT (lock_meter)
TILLD_STATEMENT (add_meter)
TILLD_STATEMENT (drop_meter)
TILLD_STATEMENT (lock_account)
TILLD_STATEMENT (set_state)
TILLD_STATEMENT (set_customer)

#define AREAS(who) DB_I64_ARRAY ((who)->areas != NULL ? (const gint64 *) (who)->areas->data : NULL, (who)->areas != NULL ? (who)->areas->len : 0)

static gboolean
log_account (TilldDb *db, const TilldActor *who, const char *action, gint64 account, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("account:%" G_GINT64_FORMAT, account);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

static char *
reason_json (const char *member, gint64 value, const char *reason)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (member != NULL)
    till_json_write_int (w, member, value);
  till_json_write_text (w, "reason", reason);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}

/* A meter that nobody has, read a minute ago, without anything in doubt. */
static gboolean
check_meter (TilldDb *db, const TilldActor *who, gint64 meter, gboolean together, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  const char *code;

  if (!tilld_db_query (db, &lock_meter, &rows, error, DB_I64 (meter), DB_I64 (who->site), AREAS (who)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no meter %" G_GINT64_FORMAT ".", meter);
  code = tilld_row_text (rows, 0, "code");
  if (!tilld_row_bool (rows, 0, "installed"))
    return till_fail (error, TILL_ERROR_CONFLICT, "Meter %s is not installed.", code);
  if (!tilld_row_is_null (rows, 0, "taken"))
    return till_fail (error, TILL_ERROR_CONFLICT, "Meter %s belongs to an open account.", code);
  if (tilld_row_bool (rows, 0, "frozen"))
    return till_fail (error, TILL_ERROR_DISPUTE, "Meter %s has an open case.", code);
  if (together && tilld_row_i64 (rows, 0, "settlement") != TILL_SETTLEMENT_SERVER)
    return till_fail (error, TILL_ERROR_INVALID, "Meter %s settles itself: only meters that the server settles share a balance.", code);
  if (tilld_row_i64_or (rows, 0, "age_s", G_MAXINT64) > TILL_READ_FRESH_S)
    return till_fail (error, TILL_ERROR_STALE, "Read meter %s first: its last reading is older than %d seconds.", code, TILL_READ_FRESH_S);
  return TRUE;
}

/* --- open --- */

typedef struct {
  const TilldProfiles    *profiles;
  const TilldActor       *who;
  const TilldAccountOpen *in;
  gint64                  account;
  gboolean                replayed;
} Open;

/* What the record says by now is told to the meter. */
static gboolean
prepare_meter (TilldDb *db, const Open *o, gint64 meter, GError **error)
{
  TilldSettingIssue limits = { .meter = meter, .kind = TILL_COMMAND_KIND_SET_LIMITS, .reason = "account opened" };
  TilldPriceOrder prices = { .meter = meter, .reason = "account opened" };
  g_autofree char *why = NULL;
  TillId id;

  if (!tilld_db_query (db, &add_meter, NULL, error, DB_I64 (o->account), DB_I64 (meter)))
    return FALSE;
  limits.now_ms = prices.now_ms = tilld_clock_wall (tilld_clock_system ()) / 1000;
  return tilld_price_order_one (db, o->profiles, o->who, &prices, error) && tilld_setting_issue (db, o->profiles, o->who, &limits, &id, &why, error);
}

static gboolean
find_replay (TilldDb *db, Open *o, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &account_of_request, &rows, error, DB_UUID (&o->in->id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "This id was used for another request.");
  o->account = tilld_row_i64 (rows, 0, "id");
  o->replayed = TRUE;
  return TRUE;
}

/* What is wrong with it is said at its member. */
static gboolean
name_meter (GError **error, guint i)
{
  g_autofree char *member = g_strdup_printf ("meters[%u].meter", i);

  if (error != NULL && (*error)->domain == TILL_ERROR)
    till_error_add_field (*error, member, (*error)->message);
  return FALSE;
}

static gboolean
open_in_tx (TilldDb *db, gpointer data, GError **error)
{
  Open *o = data;
  const TilldAccountOpen *in = o->in;
  TilldClientIdState state = TILLD_CLIENT_ID_NEW;
  g_autoptr(TilldRows) rows = NULL;
  g_autofree char *after = reason_json ("customer", in->customer, NULL);

  if (!till_id_is_nil (&in->id) && !tilld_client_id_take (db, &in->id, in->hash, &state, error))
    return FALSE;
  if (state == TILLD_CLIENT_ID_REPLAY)
    return find_replay (db, o, error);
  TILLD_COMMIT_POINT (db, ACCOUNT_OPEN);
  for (guint i = 0; i < in->n; i++)
    if (!check_meter (db, o->who, in->meters[i].meter, in->together, error))
      return name_meter (error, i);
  if (!tilld_db_query (db, &insert_account, &rows, error, DB_I64 (o->who->site), DB_TEXT (in->code), DB_I64 (in->customer), DB_I16 (in->together),
                       DB_UUID (till_id_is_nil (&in->id) ? NULL : &in->id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such customer.");
  o->account = tilld_row_i64 (rows, 0, "id");
  if (!tilld_account_terms_set (db, o->who->site, in->meters, in->n, error))
    return FALSE;
  for (guint i = 0; i < in->n; i++)
    if (!prepare_meter (db, o, in->meters[i].meter, error))
      return FALSE;
  return tilld_bell_ring (db, "till_plant", error) && log_account (db, o->who, "accounts.open", o->account, after, error);
}

typedef struct { TilldLedger *ledger; TilldDb *db; TillJsonWrite *w; } Lane;

/* One amount as a sale; with nothing to sell, or refused, the sale is null and the reason stands beside it. */
static void
sell (const Lane *lane, const Open *o, const TilldSaleRequest *request, const char *member, const char *error_member)
{
  g_auto(TilldSale) sale = { 0 };
  g_autoptr(GError) refused = NULL;

  if (request->amount > 0 && tilld_sale_create (lane->ledger, lane->db, o->profiles, o->who, request, &sale, &refused))
    tilld_sale_write_json (&sale, member, lane->w);
  else
    till_json_write_null (lane->w, member);
  till_json_write_text (lane->w, error_member, refused != NULL ? refused->message : NULL);
}

static void
open_with_money (const Lane *lane, const Open *o, const TilldAccountMeter *m)
{
  TilldSaleRequest opening = { .id = m->sale, .meter = m->meter, .amount = m->opening, .channel = o->in->channel, .kind = TILL_SALE_KIND_OPENING };
  TilldSaleRequest carried = { .id = m->carried_sale, .meter = m->meter, .amount = m->carried, .channel = TILL_CHANNEL_TRANSFER,
                               .kind = TILL_SALE_KIND_OPENING, .note = (char *) m->carried_from };

  till_json_write_begin_object (lane->w, NULL);
  till_json_write_int (lane->w, "meter", m->meter);
  sell (lane, o, &opening, "sale", "error");
  sell (lane, o, &carried, "carried", "carried_error");
  till_json_write_end_object (lane->w);
}

gboolean
tilld_account_open (TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountOpen *in,
                    TillJsonWrite *w, gboolean *ret_replayed, GError **error) /* lint: parameters, a verb of two lanes */
{
  Open o = { .profiles = profiles, .who = who, .in = in };
  Lane lane = { ledger, db, w };

  g_assert (tilld_actor_is_set (who) && !tilld_db_in_transaction (db));
  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, open_in_tx, &o, error))
    return FALSE;
  *ret_replayed = o.replayed;
  till_json_write_int (w, "account", o.account);
  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < in->n; i++)
    open_with_money (&lane, &o, &in->meters[i]); /* a repetition finds its sales under their own ids */
  till_json_write_end_array (w);
  return TRUE;
}

/* --- changes --- */

static gboolean
lock (TilldDb *db, const TilldActor *who, gint64 account, TillAccountState *ret_state, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &lock_account, &rows, error, DB_I64 (account), DB_I64 (who->site), AREAS (who)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such account.");
  *ret_state = tilld_row_i64 (rows, 0, "state");
  if (*ret_state == TILL_ACCOUNT_STATE_CLOSED)
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is closed.");
  if (tilld_row_bool (rows, 0, "closing"))
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is being closed.");
  return TRUE;
}

gboolean
tilld_account_set_state (TilldDb *db, const TilldActor *who, gint64 account, TillAccountState state, const char *reason, GError **error)
{
  g_autofree char *after = reason_json (NULL, 0, reason);
  TillAccountState now;

  g_assert (state == TILL_ACCOUNT_STATE_OPEN || state == TILL_ACCOUNT_STATE_SUSPENDED);
  if (!lock (db, who, account, &now, error))
    return FALSE;
  if (now == state)
    return till_fail (error, TILL_ERROR_CONFLICT, "This account is %s already.", till_account_state_word (state));
  return tilld_db_query (db, &set_state, NULL, error, DB_I64 (account), DB_I16 (state)) &&
         log_account (db, who, state == TILL_ACCOUNT_STATE_OPEN ? "accounts.resume" : "accounts.suspend", account, after, error);
}

gboolean
tilld_account_transfer (TilldDb *db, const TilldActor *who, gint64 account, gint64 customer, const char *reason, GError **error)
{
  g_autofree char *after = reason_json ("customer", customer, reason);
  g_autoptr(TilldRows) rows = NULL;
  TillAccountState state;

  if (!lock (db, who, account, &state, error) || !tilld_db_query (db, &set_customer, &rows, error, DB_I64 (account), DB_I64 (customer)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such customer.");
  return log_account (db, who, "accounts.transfer", account, after, error);
}

static gboolean
remove_meter (TilldDb *db, const TilldActor *who, gint64 account, gint64 meter, GError **error)
{
  g_autoptr(TilldRows) rows = NULL, gone = NULL;

  if (!tilld_db_query (db, &lock_meter, &rows, error, DB_I64 (meter), DB_I64 (who->site), AREAS (who)))
    return FALSE;
  if (tilld_rows_count (rows) == 0 || tilld_row_i64 (rows, 0, "taken") != account)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "Meter %" G_GINT64_FORMAT " is not of this account.", meter);
  if (tilld_row_bool (rows, 0, "busy"))
    return till_fail (error, TILL_ERROR_CONFLICT, "Money of meter %s is on its way.", tilld_row_text (rows, 0, "code"));
  if (tilld_row_i64 (rows, 0, "settlement") == TILL_SETTLEMENT_METER && tilld_row_i64 (rows, 0, "balance") > 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "Meter %s holds money: refund it first.", tilld_row_text (rows, 0, "code"));
  return tilld_db_query (db, &drop_meter, &gone, error, DB_I64 (account), DB_I64 (meter));
}

/* A meter that comes later begins as those did that came with the account. */
static gboolean
add_meters (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountMeters *in, GError **error)
{
  const Open o = { .profiles = profiles, .who = who, .account = in->account };
  g_autofree TilldAccountMeter *meters = g_new0 (TilldAccountMeter, in->n_add + 1);

  for (guint i = 0; i < in->n_add; i++)
    {
      meters[i].meter = in->add[i];
      if (!check_meter (db, who, in->add[i], FALSE, error))
        return FALSE;
    }
  if (!tilld_account_terms_set (db, who->site, meters, in->n_add, error))
    return FALSE;
  for (guint i = 0; i < in->n_add; i++)
    if (!prepare_meter (db, &o, in->add[i], error))
      return FALSE;
  return TRUE;
}

gboolean
tilld_account_meters (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldAccountMeters *in, GError **error)
{
  TillAccountState state;

  if (!lock (db, who, in->account, &state, error))
    return FALSE;
  for (guint i = 0; i < in->n_remove; i++)
    if (!remove_meter (db, who, in->account, in->remove[i], error))
      return FALSE;
  if (!add_meters (db, profiles, who, in, error))
    return FALSE;
  return tilld_bell_ring (db, "till_plant", error) && log_account (db, who, "accounts.meters", in->account, NULL, error);
}
