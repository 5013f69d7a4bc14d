/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale.c: taking money. Decides without locks, hands an item to the ledger lane, answers what was posted. Never touches a meter. */
#include "server/domain/money/sale.h"

#include "server/core/inject.h"
#include "server/domain/money/sale-approval.h"
#include "server/domain/money/sale-store.h"

void
tilld_sale_request_clear (TilldSaleRequest *request)
{
  g_clear_pointer (&request->note, g_free);
}

/* Everything a caller can vary: the same id with anything else in it is another request. */
static void
body_hash (const TilldActor *who, const TilldSaleRequest *in, guint8 ret_hash[32])
{
  g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *text = g_strdup_printf ("sale|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|%d|%d|%" G_GINT64_FORMAT "|%s",
                                           who->operator_id, in->meter, in->amount, (int) in->channel, (int) in->kind, in->drawer,
                                           in->note != NULL ? in->note : "");
  gsize len = 32;

  g_checksum_update (sum, (const guchar *) text, -1);
  if (in->has_energy)
    {
      g_autofree char *energy = g_strdup_printf ("|%" G_GINT64_FORMAT, in->energy);

      g_checksum_update (sum, (const guchar *) energy, -1);
    }
  g_checksum_get_digest (sum, ret_hash, &len);
}

static void
add_profile_facts (const TilldProfile *profile, TilldSaleContext *c)
{
  const TilldMoneyWrite *recharge = &profile->recharge;
  gboolean proven = c->proof_any && c->proof_version == profile->version;

  c->facts.unit = profile->purse_multiplier;
  for (guint i = 0; i < recharge->write.n_fields; i++)
    if (recharge->write.fields[i].name == TILLD_FIELD_AMOUNT)
      c->facts.unit = recharge->write.fields[i].multiplier;
  c->facts.write_min = recharge->min;
  c->facts.write_max = recharge->max;
  c->facts.purse_max = profile->purse_max;
  c->facts.write_allowed = recharge->write.registers > 0 && recharge->proof != NULL && c->facts.unit > 0 &&
                           tilld_profile_effective_class (profile, proven) != TILL_METER_CLASS_C &&
                           tilld_evidence_may_send (recharge->write.evidence, proven);
}

static gboolean
choose_drawer (const TilldSaleRequest *in, const TilldSaleContext *c, gint64 *ret_drawer, GError **error)
{
  *ret_drawer = 0;
  if (in->channel != TILL_CHANNEL_CASH || in->kind == TILL_SALE_KIND_SUBSIDY)
    return TRUE;
  if (in->drawer != 0 && !c->drawer_is_open)
    return till_fail (error, TILL_ERROR_CONFLICT, "The drawer is not yours or is closed.");
  *ret_drawer = c->drawer_is_open ? c->drawer : TILLD_DRAWER_TO_OPEN;
  return TRUE;
}

static gboolean
make_item (const TilldActor *who, const TilldSaleRequest *in, const TilldSaleContext *c, TillSaleState state, TilldLedgerItem *item,
           GError **error)
{
  TilldLedgerFact fact = { .event = in->kind == TILL_SALE_KIND_SUBSIDY ? TILL_LEDGER_EVENT_SUBSIDY_GIVEN : TILL_LEDGER_EVENT_SALE_PAID,
                           .amount = in->amount, .channel = in->channel, .server_settled = c->facts.settlement == TILL_SETTLEMENT_SERVER,
                           .site = c->site, .meter = in->meter, .account = c->account };

  if (!choose_drawer (in, c, &fact.drawer, error))
    return FALSE;
  item->kind = TILLD_ITEM_SALE;
  item->request = in->id;
  item->site = c->site;
  item->actor = who->operator_id;
  item->address = who->address;
  item->request_text = who->request;
  item->event = fact.event;
  item->meter = in->meter;
  item->epoch = c->epoch;
  item->balance_limit = tilld_sale_balance_limit (&c->facts);
  item->amount = in->amount;
  item->purse_amount = c->facts.purse_amount;
  if (c->facts.settlement == TILL_SETTLEMENT_METER && c->facts.purse == TILL_PURSE_ENERGY)
    {
      item->energy = item->purse_amount;
      item->balance_limit = G_MAXINT64; /* the ledger counts money; what the purse holds was compared above */
    }
  item->has_before = c->facts.has_reading;
  item->balance_before = c->facts.balance;
  item->sale_kind = in->kind;
  item->sale_state = state;
  item->channel = in->channel;
  item->drawer = fact.drawer;
  item->account = c->account;
  item->customer = c->customer;
  item->area = c->area;
  item->price = c->price;
  item->note = in->note;
  return tilld_ledger_postings (&fact, item->postings, &item->n_postings, error);
}

static void
answer_from (const TilldActor *who, const TilldLedgerItem *item, const TilldLedgerAnswer *answer, TilldSaleContext *c, TilldSale *ret_sale)
{
  *ret_sale = (TilldSale){
    .id = item->request, .number = answer->number, .kind = item->sale_kind, .state = item->sale_state, .meter = item->meter,
    .account = item->account, .customer = item->customer, .area = item->area, .operator_id = item->actor, .drawer = answer->drawer,
    .meter_code = g_steal_pointer (&c->meter_code), .account_code = g_steal_pointer (&c->account_code),
    .customer_name = g_steal_pointer (&c->customer_name), .room = g_steal_pointer (&c->room), .operator_name = g_strdup (who->name),
    .note = g_strdup (item->note), .amount = item->amount,
    .has_energy = item->energy != 0, .energy = item->energy, .has_price = item->price != 0, .price = item->price, .channel = item->channel,
    .has_before = item->has_before, .balance_before = item->balance_before, .created_at = answer->at,
    .verified_at = item->sale_state == TILL_SALE_STATE_VERIFIED ? answer->at : 0,
  };
}

static gboolean
replay (TilldDb *db, const TilldActor *who, const TillId *id, TilldSale *ret_sale, GError **error)
{
  if (!tilld_sale_get (db, who, id, ret_sale, error))
    return FALSE;
  ret_sale->replayed = TRUE;
  return TRUE;
}

struct _TilldSaleTask {
  const TilldActor       *who;
  const TilldSaleRequest *in;
  TilldSaleContext        context;
  TilldLedgerItem         item;
  TilldLedgerAnswer       answer;
  GError                 *error;
  TilldSale               replayed; /* an old sale under this id */
  TilldSaleDone           done;
  gpointer                data;
};

TilldSaleTask *
tilld_sale_task_new (const TilldActor *who, const TilldSaleRequest *in, TilldSaleDone done, gpointer data)
{
  TilldSaleTask *task = g_new0 (TilldSaleTask, 1);

  g_assert (tilld_actor_is_set (who));
  *task = (TilldSaleTask){ .who = who, .in = in, .done = done, .data = data };
  return task;
}

void
tilld_sale_task_free (TilldSaleTask *task)
{
  if (task == NULL)
    return;
  tilld_sale_context_clear (&task->context);
  tilld_sale_clear (&task->replayed);
  g_clear_error (&task->error);
  g_free (task);
}

/* What needs no row. */
static gboolean
check (TilldSaleTask *task, GError **error)
{
  const TilldSaleRequest *in = task->in;

  if (till_id_is_nil (&in->id) || in->meter <= 0)
    return till_fail (error, TILL_ERROR_INVALID, "A sale names its id and its meter.");
  if (in->kind == TILL_SALE_KIND_SUBSIDY && !till_permission_set_has (task->who->permissions, TILL_PERMISSION_APPROVE_MONEY))
    return till_fail (error, TILL_ERROR_FORBIDDEN, "A free allowance is given by finance.");
  body_hash (task->who, in, task->item.body_hash);
  return TRUE;
}

/* A free allowance is given by finance, who agrees to others' sales. */
static gboolean
needs_second (const TilldSaleRequest *in, const TilldSaleContext *c)
{
  return in->kind != TILL_SALE_KIND_SUBSIDY && c->approve_above >= 0 && in->amount > c->approve_above;
}

/* Everything between the context and the ledger. *ret_ended: this id was sold before. */
static gboolean
judge (TilldSaleTask *task, TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles, gboolean *ret_ended, GError **error)
{
  const TilldSaleRequest *in = task->in;
  const TilldProfile *profile;
  TilldEnergyWish wish;
  TillSaleState state;

  *ret_ended = FALSE;
  if (!task->context.found)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such meter.");
  if (task->context.known && !task->context.known_same)
    return till_fail (error, TILL_ERROR_CONFLICT, "This id was used for another request.");
  if (task->context.known)
    {
      *ret_ended = TRUE;
      tilld_ledger_complete_journal (ledger, db); /* its first answer may have been lost before its line was written */
      return replay (db, task->who, &in->id, &task->replayed, error);
    }
  profile = tilld_profiles_get (profiles, task->context.model);
  if (profile != NULL)
    add_profile_facts (profile, &task->context);
  wish = (TilldEnergyWish){ in->has_energy, in->energy, task->context.price, task->context.energy_rest };
  if (!tilld_sale_purse_amount (&task->context.facts, &wish, &task->context.facts.purse_amount, error))
    return FALSE;
  if (!tilld_sale_decide (&task->context.facts, &state, error) || !make_item (task->who, in, &task->context, state, &task->item, error))
    return FALSE;
  return !needs_second (in, &task->context) ||
         tilld_sale_propose (db, task->who, &(TilldSaleProposal){ in, task->item.body_hash, task->context.area }, error);
}

static void
posted (gpointer data, const TilldLedgerAnswer *answer, const GError *error)
{
  TilldSaleTask *task = data;

  if (error != NULL)
    task->error = g_error_copy (error);
  else
    task->answer = *answer;
  task->done (task->data);
}

void
tilld_sale_task_refuse (TilldSaleTask *task, const GError *reason)
{
  task->error = g_error_copy (reason);
  task->done (task->data);
}

/* With the ledger, or answered. */
static void
go_on (TilldSaleTask *task, TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles)
{
  gboolean ended;

  if (judge (task, ledger, db, profiles, &ended, &task->error) && !ended)
    {
      TILLD_KILL_POINT (SALE_ACCEPTED);
      if (tilld_ledger_submit (ledger, &task->item, posted, task, &task->error))
        return; /* it may be gone by now */
    }
  task->done (task->data);
}

void
tilld_sale_tasks_start (TilldSaleTask **tasks, guint n, TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles)
{
  g_autofree TilldSaleTask **asked = g_new (TilldSaleTask *, n);
  g_autofree TilldSaleAsk *asks = g_new (TilldSaleAsk, n);
  g_autofree TilldSaleContext *contexts = g_new0 (TilldSaleContext, n);
  g_autoptr(GError) error = NULL;
  guint n_asked = 0;

  g_assert (!tilld_db_in_transaction (db));
  for (guint i = 0; i < n; i++)
    if (check (tasks[i], &tasks[i]->error))
      {
        asks[n_asked] = (TilldSaleAsk){ tasks[i]->who, tasks[i]->in, tasks[i]->item.body_hash };
        asked[n_asked++] = tasks[i];
      }
    else
      tasks[i]->done (tasks[i]->data);
  if (n_asked > 0 && !tilld_sale_contexts_load (db, asks, n_asked, contexts, &error))
    {
      for (guint i = 0; i < n_asked; i++)
        tilld_sale_task_refuse (asked[i], error);
      return;
    }
  for (guint i = 0; i < n_asked; i++)
    {
      asked[i]->context = contexts[i]; /* texts move along */
      go_on (asked[i], ledger, db, profiles);
    }
}

gboolean
tilld_sale_opening (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSaleRequest *in, gboolean judge_only,
                    TilldLedgerItem *ret_item, GError **error) /* lint: parameters, as tilld_sale_create */
{
  g_auto (TilldSaleContext) context = { 0 };
  const TilldProfile *profile;
  TilldEnergyWish wish;
  TillSaleState state;

  g_assert (tilld_db_in_transaction (db));
  body_hash (who, in, ret_item->body_hash);
  if (!tilld_sale_contexts_load (db, &(TilldSaleAsk){ who, in, ret_item->body_hash }, 1, &context, error))
    return FALSE;
  if (!context.found)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such meter.");
  profile = tilld_profiles_get (profiles, context.model);
  if (profile != NULL)
    add_profile_facts (profile, &context);
  if (judge_only)
    {
      context.facts.has_account = TRUE;
      context.facts.account_state = TILL_ACCOUNT_STATE_OPEN;
    }
  wish = (TilldEnergyWish){ in->has_energy, in->energy, context.price, context.energy_rest };
  return tilld_sale_purse_amount (&context.facts, &wish, &context.facts.purse_amount, error) &&
         tilld_sale_decide (&context.facts, &state, error) && (judge_only || make_item (who, in, &context, state, ret_item, error));
}

gboolean
tilld_sale_task_finish (TilldSaleTask *task, TilldSale *ret_sale, gboolean *ret_replayed, GError **error)
{
  *ret_replayed = FALSE;
  if (task->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&task->error));
      return FALSE;
    }
  if (task->replayed.number != 0)
    {
      *ret_sale = task->replayed;
      task->replayed = (TilldSale){ 0 };
    }
  else if (task->answer.replayed)
    *ret_replayed = TRUE;
  else
    answer_from (task->who, &task->item, &task->answer, &task->context, ret_sale);
  return TRUE;
}

gboolean
tilld_sale_create (TilldLedger *ledger, TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSaleRequest *in,
                   TilldSale *ret_sale, GError **error)
{
  g_autoptr(TilldSaleTask) task = tilld_sale_task_new (who, in, NULL, NULL);
  gboolean ended, replayed;

  g_assert (!tilld_db_in_transaction (db));
  if (!check (task, error) ||
      !tilld_sale_contexts_load (db, &(TilldSaleAsk){ who, in, task->item.body_hash }, 1, &task->context, error) ||
      !judge (task, ledger, db, profiles, &ended, error) || (!ended && !tilld_ledger_post (ledger, &task->item, &task->answer, error)) ||
      !tilld_sale_task_finish (task, ret_sale, &replayed, error))
    return FALSE;
  return !replayed || replay (db, who, &in->id, ret_sale, error);
}

static void
write_id (TillJsonWrite *w, const char *name, gint64 id)
{
  if (id != 0)
    till_json_write_int (w, name, id);
  else
    till_json_write_null (w, name);
}

static void
write_money (TillJsonWrite *w, const char *name, gboolean known, TillMoney value)
{
  if (known)
    till_json_write_money (w, name, value);
  else
    till_json_write_null (w, name);
}

/* kWh of a purse that counts energy. */
static void
write_balance (TillJsonWrite *w, const char *name, const TilldSale *sale, gboolean known, gint64 value)
{
  if (known && sale->has_energy)
    till_json_write_energy (w, name, value);
  else
    write_money (w, name, known, value);
}

void
tilld_sale_write_json (const TilldSale *sale, const char *name, TillJsonWrite *w)
{
  till_json_write_begin_object (w, name);
  till_json_write_id (w, "id", &sale->id);
  till_json_write_int (w, "number", sale->number);
  till_json_write_text (w, "kind", till_sale_kind_word (sale->kind));
  till_json_write_text (w, "state", till_sale_state_word (sale->state));
  till_json_write_int (w, "meter", sale->meter);
  till_json_write_text (w, "meter_code", sale->meter_code);
  till_json_write_text (w, "room", sale->room);
  write_id (w, "account", sale->account);
  till_json_write_text (w, "account_code", sale->account_code);
  write_id (w, "customer", sale->customer);
  till_json_write_text (w, "customer_name", sale->customer_name);
  till_json_write_money (w, "amount", sale->amount);
  if (sale->has_energy)
    till_json_write_energy (w, "energy", sale->energy);
  else
    till_json_write_null (w, "energy");
  write_money (w, "price", sale->has_price, sale->price);
  till_json_write_text (w, "channel", till_channel_word (sale->channel));
  till_json_write_int (w, "operator", sale->operator_id);
  till_json_write_text (w, "operator_name", sale->operator_name);
  write_id (w, "drawer", sale->drawer);
  if (sale->has_count)
    till_json_write_int (w, "count", sale->count);
  else
    till_json_write_null (w, "count");
  write_balance (w, "balance_before", sale, sale->has_before, sale->balance_before);
  write_balance (w, "balance_after", sale, sale->has_after, sale->balance_after);
  till_json_write_id (w, "reverses", &sale->reverses);
  till_json_write_text (w, "note", sale->note);
  till_json_write_time (w, "created_at", sale->created_at);
  till_json_write_time (w, "verified_at", sale->verified_at);
  till_json_write_time (w, "paid_at", sale->paid_at);
  till_json_write_text (w, "paid_channel", sale->paid_at != 0 ? till_channel_word ((TillChannel) sale->paid_channel) : NULL);
  write_id (w, "approved_by", sale->approved_by);
  till_json_write_end_object (w);
}
