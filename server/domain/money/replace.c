/* SPDX-License-Identifier: GPL-2.0-or-later
 * replace.c: replacement of a device in one transaction: final reading, new epoch, the credit on its way to the new one, prices and limits
 * ordered. Touches no meter itself. */
#include "server/domain/money/replace.h"

#include <string.h>
#include "server/core/clock.h"
#include "server/domain/money/ledger-append.h"
#include "server/domain/money/price-issue.h"
#include "server/domain/money/refund-store.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/setting-order.h"
#include "server/rules/energy-rules.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-energy.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-time.h"

#define ENERGY_STEP 10 /* Wh: 0.01 kWh, what every purse of energy counts in */

static const char *const source_words[] = { "read", "typed", "dead" };

static const TilldStatement facts_of = {
  .name = "replace-facts",
  .sql = "SELECT m.serial, m.model, m.epoch, m.purse, m.settlement, m.retired_at IS NULL AS installed, st.balance,"
         " extract (epoch FROM now () - st.read_at)::bigint AS age_s,"
         " coalesce (tariff_price (m.tariff), 0) AS price,"
         " (SELECT c.id FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (1, 2, 7) LIMIT 1) AS under_way,"
         " (SELECT c.state FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (1, 2, 7) LIMIT 1) AS way_state,"
         " (SELECT c.attempt FROM command c WHERE c.meter = m.id AND c.kind <= 1 AND c.state IN (1, 2, 7) LIMIT 1) AS way_attempt,"
         " EXISTS (SELECT FROM command c WHERE c.meter = m.id AND c.kind = 1 AND c.state = 0) AS debit_waits"
         " FROM meter m LEFT JOIN meter_state st ON st.meter = m.id WHERE m.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "serial", DB_TEXT_TYPE }, { "model", DB_TEXT_TYPE }, { "epoch", DB_I32_TYPE }, { "purse", DB_I16_TYPE }, { "settlement", DB_I16_TYPE },
               { "installed", DB_BOOL_TYPE }, { "balance", DB_I64_TYPE, DB_NULL_OK }, { "age_s", DB_I64_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE },
               { "under_way", DB_UUID_TYPE, DB_NULL_OK }, { "way_state", DB_I16_TYPE, DB_NULL_OK }, { "way_attempt", DB_I32_TYPE, DB_NULL_OK },
               { "debit_waits", DB_BOOL_TYPE } },
};
static const TilldStatement hold_way = {
  .name = "replace-hold",
  .sql = "SELECT delivery_hold ($1, $2, $3, 7::smallint, NULL) AS done", /* the baseline is from before the write: no evidence of what came of it */
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_I32_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement sent_to_verifying = {
  .name = "replace-hold-sent",
  .sql = "SELECT delivery_verifying ($1, $2, 8::smallint, NULL) AS done",
  .params = { DB_UUID_TYPE, DB_I32_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement swap = {
  .name = "replace-swap",
  .sql = "SELECT meter_replace ($1, $2, $3, $4, $5, $6, $7) AS epoch",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I32_TYPE },
  .columns = { { "epoch", DB_I32_TYPE, DB_NULL_OK } },
};
static const TilldStatement carry = {
  .name = "replace-carry",
  .sql = "SELECT money_carry ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) IS NULL AS done",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_I64_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement note_down = {
  .name = "replace-note",
  .sql = "INSERT INTO replacement (id, site, meter, old_epoch, old_serial, new_serial, final, source, provisional, carried, operator, note)"
         " VALUES ($1, $2, $3, $4, $5, $6, jsonb_build_object ('balance', $7::bigint), $8, $9, $10, $11, $12)",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_BOOL_TYPE, DB_I64_TYPE,
              DB_I64_TYPE, DB_TEXT_TYPE },
};
static const TilldStatement last_provisional = {
  .name = "replace-provisional",
  .sql = "SELECT r.id, (r.final->>'balance')::bigint AS balance, r.carried,"
         " coalesce ((SELECT s.energy FROM sale s WHERE s.id = r.id), 0) AS carried_energy FROM replacement r"
         " WHERE r.meter = $1 AND r.provisional AND r.corrected_at IS NULL"
         " ORDER BY r.replaced_at DESC LIMIT 1 FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "balance", DB_I64_TYPE, DB_NULL_OK }, { "carried", DB_I64_TYPE },
               { "carried_energy", DB_I64_TYPE } },
};
static const TilldStatement corrected = {
  .name = "replace-corrected",
  .sql = "UPDATE replacement SET corrected = $2, corrected_at = now () WHERE id = $1",
  .params = { DB_UUID_TYPE, DB_I64_TYPE },
};
static const TilldStatement shape = {
  .name = "replacement-get",
  .sql = "SELECT r.id, r.meter, r.old_epoch, r.old_serial, r.new_serial, r.source, r.provisional, r.carried, r.corrected, r.replaced_at, r.corrected_at,"
         " r.note, s.state FROM replacement r LEFT JOIN sale s ON s.id = r.id WHERE r.id = $1",
  .params = { DB_UUID_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "meter", DB_I64_TYPE }, { "old_epoch", DB_I32_TYPE }, { "old_serial", DB_TEXT_TYPE }, { "new_serial", DB_TEXT_TYPE },
               { "source", DB_I16_TYPE }, { "provisional", DB_BOOL_TYPE }, { "carried", DB_I64_TYPE }, { "corrected", DB_I64_TYPE, DB_NULL_OK },
               { "replaced_at", DB_TS_TYPE }, { "corrected_at", DB_TS_TYPE, DB_NULL_OK }, { "note", DB_TEXT_TYPE, DB_NULL_OK },
               { "state", DB_I16_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (facts_of)
TILLD_STATEMENT (hold_way)
TILLD_STATEMENT (sent_to_verifying)
TILLD_STATEMENT (swap)
TILLD_STATEMENT (carry)
TILLD_STATEMENT (note_down)
TILLD_STATEMENT (last_provisional)
TILLD_STATEMENT (corrected)
TILLD_STATEMENT (shape)

typedef struct {
  TilldDb                   *db;
  const TilldProfiles       *profiles;
  const TilldActor          *who, *approver;
  const TilldReplaceRequest *in;
  TilldOutContext            c;
  TilldRows                 *row;    /* of facts_of */
  gint64                     balance; /* of the old device, units of the purse */
  TillMoney                  carried;
  gint64                     carried_purse;
  guint8                     hash[TILLD_BODY_HASH];
} Swap;

gboolean
tilld_final_source_from_word (const char *word, int *ret_source)
{
  for (int i = 0; i < (int) G_N_ELEMENTS (source_words); i++)
    if (g_strcmp0 (word, source_words[i]) == 0)
      {
        *ret_source = i;
        return TRUE;
      }
  return FALSE;
}

static void
hash_of (Swap *s)
{
  const TilldReplaceRequest *in = s->in;
  g_autofree char *note = g_strescape (in->note != NULL ? in->note : "", NULL);
  g_autofree char *text = g_strdup_printf ("replace\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%s\n%s\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT
                                           "\n%" G_GINT64_FORMAT "\n%d\n%d\n%" G_GINT64_FORMAT "\n%s",
                                           s->who->operator_id, in->meter, in->serial, in->model != NULL ? in->model : "", in->gateway, in->port, in->unit,
                                           (int) in->source, in->has_balance, in->balance, note);

  tilld_client_id_hash (text, s->hash);
}

/* A delivery that nobody can finish any more becomes a case. */
static gboolean
hold_delivery (Swap *s, GError **error)
{
  gint64 state = tilld_row_i64 (s->row, 0, "way_state"), attempt = tilld_row_i64 (s->row, 0, "way_attempt");
  TillId id;

  tilld_row_uuid (s->row, 0, "under_way", &id);
  if (state == TILL_COMMAND_STATE_SENT && !tilld_db_query (s->db, &sent_to_verifying, NULL, error, DB_UUID (&id), DB_I32 (attempt)))
    return FALSE;
  return tilld_db_query (s->db, &hold_way, NULL, error, DB_UUID (&id), DB_I16 (TILL_COMMAND_STATE_VERIFYING), DB_I32 (attempt));
}

/* What a person gives is a decimal with four places; a purse of energy counts Wh. */
static gboolean
units_of (const TilldOutContext *c, gint64 typed, const char *member, gint64 *ret_units, GError **error)
{
  static const char right[] = "is kWh with at most three decimals: this purse holds energy";

  *ret_units = c->facts.purse == TILL_PURSE_ENERGY ? typed / 10 : typed;
  if (c->facts.purse != TILL_PURSE_ENERGY || typed % 10 == 0)
    return TRUE;
  till_fail (error, TILL_ERROR_INVALID, "%s %s.", member, right);
  if (error != NULL)
    till_error_add_field (*error, member, right);
  return FALSE;
}

static gboolean
take_final (Swap *s, GError **error)
{
  const TilldReplaceRequest *in = s->in;

  if (in->source == TILLD_FINAL_READ &&
      (tilld_row_is_null (s->row, 0, "balance") || tilld_row_i64_or (s->row, 0, "age_s", G_MAXINT64) > TILL_READ_FRESH_S))
    return till_fail (error, TILL_ERROR_STALE, "Read the old meter first: its last reading is older than %d seconds.", TILL_READ_FRESH_S);
  if (in->source == TILLD_FINAL_TYPED && !in->has_balance)
    return till_fail (error, TILL_ERROR_INVALID, "A typed final reading names the balance.");
  if (in->source == TILLD_FINAL_READ || !in->has_balance)
    s->balance = tilld_row_i64 (s->row, 0, "balance");
  else if (!units_of (&s->c, s->in->balance, "final.balance", &s->balance, error))
    return FALSE;
  if (s->c.facts.purse == TILL_PURSE_ENERGY && s->c.facts.price <= 0 && s->balance >= ENERGY_STEP)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter has no tariff: nobody knows what its energy is worth.");
  return tilld_refund_carry (&s->c.facts, s->balance, &s->carried, &s->carried_purse, error);
}

static gboolean
check (Swap *s, GError **error)
{
  const char *model = s->in->model != NULL ? s->in->model : tilld_row_text (s->row, 0, "model");
  const TilldProfile *profile = tilld_profiles_get (s->profiles, model);

  if (!tilld_row_bool (s->row, 0, "installed"))
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter is not installed.");
  if (profile == NULL || profile->purse != s->c.facts.purse)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "The new device keeps another kind of purse: close the account and open it again on the new meter.");
  if (tilld_row_bool (s->row, 0, "debit_waits"))
    return till_fail (error, TILL_ERROR_CONFLICT, "A refund waits for the old device: wait for it, or reverse it.");
  if (s->c.facts.frozen)
    return till_fail (error, TILL_ERROR_DISPUTE, "The meter has an open case: decide it first.");
  return take_final (s, error);
}

static gboolean
propose (Swap *s, TilldReplaceResult *ret, GError **error)
{
  const TilldReplaceRequest *in = s->in;
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *body = NULL;
  TilldApprovalNew approval = { .kind = "replacement", .request = &in->id, .reason = in->note, .meter = in->meter, .area = s->c.area, .has_amount = TRUE,
                                .amount = s->carried };

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "meter", in->meter);
  till_json_write_text (w, "serial", in->serial);
  till_json_write_text (w, "model", in->model);
  till_json_write_int (w, "gateway", in->gateway);
  till_json_write_int (w, "port", in->port);
  till_json_write_int (w, "unit", in->unit);
  till_json_write_int (w, "ct_ratio", in->ct_ratio);
  till_json_write_text (w, "source", source_words[in->source]);
  if (in->has_balance)
    till_json_write_int (w, "balance", in->balance);
  till_json_write_text (w, "note", in->note);
  till_json_write_end_object (w);
  approval.body = body = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  memcpy (approval.hash, s->hash, TILLD_BODY_HASH);
  return tilld_approval_propose (s->db, s->who, &approval, &ret->approval, error);
}

typedef struct { gint64 meter; const TillId *id; TillMoney carried; const char *action; } Done;

static gboolean
write_log (TilldDb *db, const TilldActor *who, const TilldActor *approver, const Done *done, GError **error)
{
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, done->meter);
  g_autofree char *after = NULL;

  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "sale", done->id);
  till_json_write_money (w, "carried", done->carried);
  if (approver != NULL)
    till_json_write_int (w, "approved_by", approver->operator_id);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = done->action, .object = object, .after = after }, error);
}

/* Prices and limits travel as absolute settings; a model that cannot hold them says so in the log of commands, not here. */
static gboolean
issue_settings (Swap *s, GError **error)
{
  TilldSettingIssue limits = { .meter = s->in->meter, .kind = TILL_COMMAND_KIND_SET_LIMITS, .reason = "replaced" };
  TilldPriceOrder prices = { .meter = s->in->meter, .reason = "replaced" };
  g_autofree char *why = NULL;
  TillId id;

  limits.now_ms = prices.now_ms = tilld_clock_wall (tilld_clock_system ()) / 1000;
  return tilld_price_order_one (s->db, s->profiles, s->who, &prices, error) && tilld_setting_issue (s->db, s->profiles, s->who, &limits, &id, &why, error);
}

static gboolean
carry_out (Swap *s, GError **error)
{
  const TilldReplaceRequest *in = s->in;
  TilldLedgerEntry entry = { .request = in->id, .fact = { .event = TILL_LEDGER_EVENT_REPLACED, .amount = s->carried, .site = s->c.site, .meter = in->meter,
                                                          .meter_to = in->meter } };
  gboolean moves = s->carried > 0 && s->carried_purse > 0;

  if (!tilld_db_query (s->db, &swap, NULL, error, DB_I64 (in->meter), DB_TEXT (in->serial),
                       DB_TEXT (in->model != NULL ? in->model : tilld_row_text (s->row, 0, "model")), DB_I64_IF (in->gateway != 0, in->gateway),
                       DB_I16_IF (in->port != 0, in->port), DB_I16_IF (in->unit != 0, in->unit), DB_I32_IF (in->ct_ratio != 0, in->ct_ratio)) ||
      !tilld_db_query (s->db, &note_down, NULL, error, DB_UUID (&in->id), DB_I64 (s->c.site), DB_I64 (in->meter),
                       DB_I32 (tilld_row_i64 (s->row, 0, "epoch")), DB_TEXT (tilld_row_text (s->row, 0, "serial")), DB_TEXT (in->serial),
                       DB_I64 (s->balance), DB_I16 (in->source), DB_BOOL (in->source == TILLD_FINAL_DEAD), DB_I64 (moves ? s->carried : 0),
                       DB_I64 (s->who->operator_id), DB_TEXT (in->note)) ||
      !issue_settings (s, error))
    return FALSE;
  if (moves &&
      (!tilld_ledger_append (s->db, s->who, s->c.site, &entry, 1, error) ||
       !tilld_db_query (s->db, &carry, NULL, error, DB_UUID (&in->id), DB_I64 (in->meter), DB_I64_IF (s->c.account != 0, s->c.account),
                        DB_I64_IF (s->c.customer != 0, s->c.customer), DB_I64 (s->carried), DB_I64 (s->carried_purse),
                        DB_I64_IF (s->c.facts.purse == TILL_PURSE_ENERGY, s->carried_purse), DB_I64 (s->who->operator_id), DB_TEXT (in->note),
                        DB_I64_IF (s->approver != NULL, s->approver != NULL ? s->approver->operator_id : 0))))
    return FALSE;
  TILLD_COMMIT_POINT (s->db, REPLACE);
  return write_log (s->db, s->who, s->approver, &(Done){ in->meter, &in->id, moves ? s->carried : 0, "meters.replace" }, error);
}

static gboolean
run (Swap *s, TilldReplaceResult *ret, GError **error)
{
  TilldClientIdState state;

  hash_of (s);
  if (!tilld_client_id_look (s->db, &s->in->id, s->hash, &state, error))
    return FALSE;
  if (state == TILLD_CLIENT_ID_REPLAY)
    {
      ret->replayed = TRUE;
      return TRUE;
    }
  if (!tilld_out_context_lock (s->db, s->who, s->in->meter, &s->c, error) || !tilld_db_query (s->db, &facts_of, &s->row, error, DB_I64 (s->in->meter)))
    return FALSE;
  if (!tilld_row_is_null (s->row, 0, "under_way") && tilld_row_i64 (s->row, 0, "way_state") != TILL_COMMAND_STATE_HELD)
    {
      if (s->in->source == TILLD_FINAL_READ)
        return till_fail (error, TILL_ERROR_CONFLICT, "A delivery to the old device is under way: wait until it is verified.");
      ret->held = TRUE;
      return hold_delivery (s, error);
    }
  if (!check (s, error))
    return FALSE;
  if (s->approver == NULL && s->in->source != TILLD_FINAL_READ && tilld_refund_needs_second (s->carried, s->c.limit_refund))
    return propose (s, ret, error);
  if (!tilld_client_id_take (s->db, &s->in->id, s->hash, &state, error))
    return FALSE;
  ret->replayed = state == TILLD_CLIENT_ID_REPLAY;
  return ret->replayed || carry_out (s, error);
}

gboolean
tilld_meter_replace (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldReplaceRequest *in, TilldReplaceResult *ret,
                     GError **error)
{
  Swap s = { .db = db, .profiles = profiles, .who = who, .in = in };
  gboolean done;

  g_assert (tilld_actor_is_set (who) && in->serial != NULL);
  *ret = (TilldReplaceResult){ 0 };
  done = run (&s, ret, error);
  tilld_out_context_clear (&s.c);
  g_clear_pointer (&s.row, tilld_rows_free);
  return done;
}

static gboolean
execute_replacement (TilldDb *db, const TilldApproved *approved, GError **error)
{
  g_autoptr(JsonNode) node = json_from_string (approved->body, error);
  g_autofree char *serial = NULL, *model = NULL, *note = NULL;
  TilldReplaceRequest in = { .id = approved->request };
  TilldReplaceResult result = { 0 };
  Swap s = { .db = db, .profiles = approved->profiles, .who = approved->proposer, .approver = approved->approver, .in = &in };
  TillJsonRead r;
  gboolean done;
  int source = 0;

  if (node == NULL)
    return FALSE;
  till_json_read_init (&r, node);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64, &in.meter);
  till_json_read_text (&r, "serial", TILL_REQUIRED, 32, &serial);
  till_json_read_text (&r, "model", TILL_OPTIONAL, 32, &model);
  till_json_read_int (&r, "gateway", TILL_REQUIRED, 0, G_MAXINT64, &in.gateway);
  till_json_read_int (&r, "port", TILL_REQUIRED, 0, 16, &in.port);
  till_json_read_int (&r, "unit", TILL_REQUIRED, 0, 247, &in.unit);
  till_json_read_int (&r, "ct_ratio", TILL_REQUIRED, 0, 10000, &in.ct_ratio);
  till_json_read_enum (&r, "source", TILL_REQUIRED, tilld_final_source_from_word, &source);
  in.has_balance = till_json_read_has (&r, "balance");
  till_json_read_int (&r, "balance", TILL_OPTIONAL, G_MININT64, G_MAXINT64, &in.balance);
  till_json_read_text (&r, "note", TILL_OPTIONAL, 200, &note);
  if (!till_json_read_finish (&r, error))
    return FALSE;
  in.serial = serial;
  in.model = model;
  in.note = note;
  in.source = (TilldFinalSource) source;
  done = run (&s, &result, error) && (!result.held || till_fail (error, TILL_ERROR_CONFLICT, "A delivery to the old device is under way."));
  tilld_out_context_clear (&s.c);
  g_clear_pointer (&s.row, tilld_rows_free);
  return done;
}

static const TilldApprovalKind kind = { "replacement", TILL_PERMISSION_APPROVE_MONEY, execute_replacement };
TILLD_APPROVAL (kind)

/* --- a provisional credit put right --- */

/* units: of a purse of energy; 0 = one of money. */
typedef struct { TillMoney money; gint64 units; } Difference;

static gboolean
post_difference (TilldDb *db, const TilldActor *who, const TilldReplaceCorrection *in, const TilldOutContext *c, const Difference *d, GError **error)
{
  TillMoney difference = d->money;
  TilldLedgerEntry entry = { .request = in->id, .fact = { .event = TILL_LEDGER_EVENT_REPLACED, .amount = difference, .site = c->site, .meter = in->meter,
                                                          .meter_to = in->meter } };

  if (difference < 0)
    {
      /* The new device holds more than it should: that is the house's loss until somebody takes it off. */
      entry.fact.event = TILL_LEDGER_EVENT_ADOPTED;
      entry.fact.amount = - difference;
      return tilld_ledger_append (db, who, c->site, &entry, 1, error);
    }
  return tilld_ledger_append (db, who, c->site, &entry, 1, error) &&
         tilld_db_query (db, &carry, NULL, error, DB_UUID (&in->id), DB_I64 (in->meter), DB_I64_IF (c->account != 0, c->account),
                         DB_I64_IF (c->customer != 0, c->customer), DB_I64 (difference), DB_I64 (d->units != 0 ? d->units : difference),
                         DB_I64_IF (d->units != 0, d->units),
                         DB_I64 (who->operator_id), DB_TEXT (in->note), DB_I64_IF (FALSE, 0));
}

/* What the old device held beyond what its successor was given. */
static gboolean
difference_of (const TilldReplaceCorrection *in, const TilldOutContext *c, TilldRows *rows, Difference *ret, GError **error)
{
  gint64 held;

  if (c->facts.purse != TILL_PURSE_ENERGY)
    {
      *ret = (Difference){ MAX (in->balance, 0) - MAX (in->balance, 0) % TILL_MONEY_FEN - tilld_row_i64 (rows, 0, "carried"), 0 };
      return TRUE;
    }
  if (!units_of (c, in->balance, "balance", &held, error))
    return FALSE;
  held = MAX (held, 0) - MAX (held, 0) % ENERGY_STEP;
  ret->units = held - tilld_row_i64 (rows, 0, "carried_energy");
  ret->money = tilld_energy_worth (ret->units, c->facts.price);
  ret->money -= ret->money % TILL_MONEY_FEN; /* less than a fen stays where it was */
  if (ret->units != 0 && c->facts.price <= 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter has no tariff: nobody knows what its energy is worth.");
  return TRUE;
}

gboolean
tilld_replace_correct (TilldDb *db, const TilldActor *who, const TilldReplaceCorrection *in, gboolean *ret_replayed, GError **error)
{
  g_auto(TilldOutContext) c = { 0 };
  g_autoptr(TilldRows) rows = NULL;
  g_autofree char *text = g_strdup_printf ("correct\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT, who->operator_id, in->meter, in->balance);
  guint8 hash[TILLD_BODY_HASH];
  TilldClientIdState state;
  Difference difference;
  TillId of;

  g_assert (tilld_actor_is_set (who));
  tilld_client_id_hash (text, hash);
  if (!tilld_out_context_lock (db, who, in->meter, &c, error) || !tilld_client_id_take (db, &in->id, hash, &state, error))
    return FALSE;
  *ret_replayed = state == TILLD_CLIENT_ID_REPLAY;
  if (*ret_replayed)
    return TRUE;
  if (!tilld_db_query (db, &last_provisional, &rows, error, DB_I64 (in->meter)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "No provisional credit of this meter waits to be put right.");
  tilld_row_uuid (rows, 0, "id", &of);
  if (!difference_of (in, &c, rows, &difference, error) || !tilld_db_query (db, &corrected, NULL, error, DB_UUID (&of), DB_I64 (difference.money)) ||
      (difference.money != 0 && !post_difference (db, who, in, &c, &difference, error)))
    return FALSE;
  TILLD_COMMIT_POINT (db, CORRECT);
  return write_log (db, who, NULL, &(Done){ in->meter, &in->id, difference.money, "meters.replace-correct" }, error);
}

static const char *
source_word (int source)
{
  return source_words[source];
}

static const char *
sale_word (int state)
{
  return till_sale_state_word ((TillSaleState) state);
}

gboolean
tilld_replace_write (TilldDb *db, const TillId *id, TillJsonWrite *w, GError **error)
{
  static const TilldJsonField fields[] = {
    { "id", TILLD_JSON_ID }, { "meter", TILLD_JSON_INT }, { "old_epoch", TILLD_JSON_INT }, { "old_serial", TILLD_JSON_TEXT },
    { "new_serial", TILLD_JSON_TEXT }, { "source", TILLD_JSON_ENUM, NULL, source_word }, { "provisional", TILLD_JSON_BOOL },
    { "carried", TILLD_JSON_MONEY }, { "corrected", TILLD_JSON_MONEY }, { "replaced_at", TILLD_JSON_TIME }, { "corrected_at", TILLD_JSON_TIME },
    { "note", TILLD_JSON_TEXT }, { "state", TILLD_JSON_ENUM, NULL, sale_word }, { NULL },
  };
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &shape, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such replacement.");
  tilld_row_write (rows, 0, fields, w);
  return TRUE;
}
