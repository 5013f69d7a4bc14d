/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-money.c: the smallest amount is put on the meter, the same frame is sent again, then one with a wrong count; each time the
 * money group is read back, and only that counts. Then, where the model has it, the smallest amount is taken off. */
#include "server/domain/control/commission-private.h"
#include "server/modbus/mb-plan.h"
#include "server/profile/profile-decode.h"
#include "server/rules/money-reading.h"

#define WRONG_BY 7

typedef struct { guint32 have; gint64 count, total, balance, last, refunds, refunded; } Group;

static void
plan_of (const TilldCommission *c, TilldMbPlan *plan)
{
  TilldPlanTiming timing = { 9600, c->profile->turnaround_ms, 0 };

  tilld_mb_plan (c->profile, TILLD_PLAN_MONEY, &timing, plan);
}

/* One write, or none, and the money group after it. */
static gboolean
try_money (TilldCommission *c, const char *doing, const TilldWriteWords *write, GError **error)
{
  TilldTry    what = { .unit = (guint8) c->unit, .money = TRUE, .write = write };
  TilldMbPlan plan;

  plan_of (c, &plan);
  for (guint i = 0; i < plan.n_reads && i < G_N_ELEMENTS (what.reads); i++, what.n_reads++)
    {
      what.reads[i].at = plan.reads[i].at;
      what.reads[i].count = plan.reads[i].count;
    }
  return tilld_commission_try (c, doing, &what, error);
}

static void
take_value (TilldPointName name, gint64 number, Group *g)
{
  const struct { TilldPointName name; guint32 bit; gint64 *value; } members[] = {
    { TILLD_POINT_PURCHASE_COUNT, TILLD_MONEY_COUNT, &g->count }, { TILLD_POINT_PURCHASED_TOTAL, TILLD_MONEY_TOTAL, &g->total },
    { TILLD_POINT_BALANCE, TILLD_MONEY_BALANCE, &g->balance }, { TILLD_POINT_LAST_AMOUNT, TILLD_MONEY_LAST, &g->last },
    { TILLD_POINT_REFUND_COUNT, TILLD_MONEY_REFUNDS, &g->refunds }, { TILLD_POINT_REFUNDED_TOTAL, TILLD_MONEY_REFUNDS, &g->refunded },
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (members[i].name == name)
      {
        *members[i].value = number;
        g->have |= members[i].bit;
      }
}

static gboolean
take_group (const TilldCommission *c, const TilldTrialResult *result, Group *g)
{
  TilldMbPlan plan;

  *g = (Group){ 0 };
  plan_of (c, &plan);
  if (result->n != plan.n_reads)
    return FALSE;
  for (guint i = 0; i < plan.n_points; i++)
    {
      const TilldPoint *point = &c->profile->points[plan.points[i]];
      guint             r = 0;
      TilldValue        v;

      while (r < plan.n_reads && !(plan.points[i] == plan.points[plan.reads[r].first] ||
                                   (point->at >= plan.reads[r].at && point->at < plan.reads[r].at + plan.reads[r].count)))
        r++;
      if (r == plan.n_reads || !result->reads[r].good || result->reads[r].n != plan.reads[r].count)
        return FALSE;
      tilld_point_decode (c->profile, point, c->order, result->reads[r].words + (point->at - plan.reads[r].at), &v);
      if (v.state != TILLD_VALUE_OK)
        return FALSE;
      take_value (point->name, v.number, g);
    }
  return (g->have & TILLD_MONEY_BALANCE) != 0;
}

static void
keep_group (TilldCommission *c, const char *name, const Group *g)
{
  JsonObject *o = json_object_new ();

  json_object_set_int_member (o, "have", g->have);
  json_object_set_int_member (o, "count", g->count);
  json_object_set_int_member (o, "total", g->total);
  json_object_set_int_member (o, "balance", g->balance);
  json_object_set_int_member (o, "last_amount", g->last);
  json_object_set_int_member (o, "refund_count", g->refunds);
  json_object_set_int_member (o, "refunded_total", g->refunded);
  json_object_set_int_member (o, "at_us", c->now);
  json_object_set_object_member (c->facts, name, o);
}

static gboolean
kept_group (const TilldCommission *c, const char *name, Group *g)
{
  JsonObject *o = json_object_has_member (c->facts, name) ? json_object_get_object_member (c->facts, name) : NULL;

  if (o == NULL)
    return FALSE;
  *g = (Group){ (guint32) json_object_get_int_member (o, "have"),           json_object_get_int_member (o, "count"),
                json_object_get_int_member (o, "total"),                    json_object_get_int_member (o, "balance"),
                json_object_get_int_member (o, "last_amount"),              json_object_get_int_member (o, "refund_count"),
                json_object_get_int_member (o, "refunded_total") };
  return TRUE;
}

/* What lies on the meter through this walk. */
static void
keep_put (TilldCommission *c, const Group *now)
{
  gint64 amount = c->profile->recharge.min, put, taken;
  Group  first;

  if (!kept_group (c, "r_baseline", &first))
    return;
  taken = (now->have & TILLD_MONEY_REFUNDS) != 0 ? now->refunded - first.refunded : json_object_get_int_member_with_default (c->facts, "taken", 0);
  if ((now->have & TILLD_MONEY_TOTAL) != 0)
    put = now->total - first.total;
  else
    put = (MAX (now->balance + taken - first.balance, 0) + amount - 1) / amount * amount; /* what was used meanwhile is less than that */
  json_object_set_int_member (c->facts, "put", put - taken);
  keep_group (c, "purse", now);
}

/* --- recharge --- */

static gboolean
counts (const TilldCommission *c)
{
  return c->profile->recharge.mode == TILLD_MONEY_MODE_COUNT;
}

gboolean
tilld_step_recharge_enter (TilldCommission *c, GError **error)
{
  const TilldMoneyWrite *recharge = &c->profile->recharge;
  gboolean known = tilld_evidence_may_send (recharge->write.evidence, FALSE) &&
                   (!counts (c) || (recharge->same_count != TILLD_ANSWER_UNKNOWN && recharge->wrong_count != TILLD_ANSWER_UNKNOWN));

  if (recharge->write.registers > 0 && !known)
    return TRUE; /* the question is open */
  tilld_commission_note (c, "skipped", recharge->write.registers == 0 ? "money is not put on this model" : "known from devices: no proof is needed");
  return tilld_commission_next (c, error);
}

void
tilld_step_recharge_question (const TilldCommission *c, TillJsonWrite *w)
{
  static const char *const answers[] = { "go", "skip", NULL };
  char                     amount[TILL_MONEY_TEXT];

  tilld_commission_ask (w, "display", "The smallest amount is put on the meter, then the same frame and a wrong count are tried. "
                        "Sales of this meter stop until the walk ends.",
                        answers);
  till_json_write_text (w, "amount", till_decimal_print (c->profile->recharge.min, c->profile->purse == TILL_PURSE_ENERGY ? 3 : 4, amount));
}

gboolean
tilld_step_recharge_said (TilldCommission *c, const TilldCommissionSaid *said, GError **error)
{
  if (g_str_equal (said->word, "go"))
    {
      tilld_commission_note (c, "noted", "recharge allowed by %s", said->who->account);
      return tilld_commission_freeze (c, error) && try_money (c, "baseline", NULL, error);
    }
  tilld_commission_note (c, "skipped", "left out by %s", said->who->account);
  return tilld_commission_next (c, error);
}

static gboolean
send_recharge (TilldCommission *c, const char *doing, gint64 count, GError **error)
{
  TilldWriteWords words;

  return tilld_profile_write_money (c->profile, FALSE, c->order, c->profile->recharge.min, (guint) count, &words, error) &&
         try_money (c, doing, &words, error);
}

static gboolean
same_money (const Group *a, const Group *b)
{
  if (((a->have | b->have) & (TILLD_MONEY_TOTAL | TILLD_MONEY_COUNT)) != 0)
    return a->total == b->total && a->count == b->count;
  return b->balance <= a->balance; /* used, not added to */
}

static gboolean
is_applied (const TilldCommission *c, const Group *before, const Group *after)
{
  gint64 amount = c->profile->recharge.min;

  if ((after->have & TILLD_MONEY_TOTAL) != 0 && after->total != before->total + amount)
    return FALSE;
  if ((after->have & TILLD_MONEY_COUNT) != 0 && after->count != before->count + 1)
    return FALSE;
  return (after->have & (TILLD_MONEY_TOTAL | TILLD_MONEY_COUNT)) != 0 || after->balance > before->balance;
}

/* What the three frames did decides the class. */
static gboolean
judge (TilldCommission *c, GError **error)
{
  Group    before, first, again, wrong;
  gboolean applied = kept_group (c, "r_baseline", &before) && kept_group (c, "r_recharge", &first) && is_applied (c, &before, &first);
  gboolean acked = kept_group (c, "r_again", &again) && same_money (&first, &again);
  gboolean refused = kept_group (c, "r_wrong", &wrong) && same_money (&again, &wrong);
  TillMeterClass as = counts (c) && acked && refused ? TILL_METER_CLASS_A : TILL_METER_CLASS_B;

  if (!applied)
    tilld_commission_note (c, "failed", "the recharge did not raise the purse by one amount and one count");
  else
    {
      if (counts (c))
        tilld_commission_note (c, "noted", "the same count again %s, a wrong count %s", acked ? "has no effect" : "CREDITS AGAIN",
                               refused ? "has no effect" : "IS ACCEPTED");
      tilld_commission_note (c, "ok", "the recharge works; the model is delivered to as class %s", till_meter_class_word (as));
      tilld_commission_prove (c, TILLD_PROVEN_RECHARGE, as, NULL);
    }
  return tilld_commission_next (c, error);
}

static gboolean
not_read (TilldCommission *c, GError **error)
{
  json_object_remove_member (c->facts, "purse"); /* the case stays open: nobody knows what is on the meter */
  tilld_commission_note (c, "failed", "the money group could not be read back: the case stays open");
  return tilld_commission_next (c, error);
}

gboolean
tilld_step_recharge_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  const char      *doing = json_object_get_string_member (c->facts, "doing");
  g_autofree char *name = g_strconcat ("r_", doing, NULL);
  Group            g, before;

  if (!take_group (c, result, &g))
    return not_read (c, error);
  keep_group (c, name, &g);
  keep_put (c, &g);
  if (g_str_equal (doing, "baseline"))
    return send_recharge (c, "recharge", g.count + 1, error);
  if (!kept_group (c, "r_baseline", &before) || !counts (c) || g_str_equal (doing, "wrong"))
    return judge (c, error);
  if (g_str_equal (doing, "recharge"))
    return is_applied (c, &before, &g) ? send_recharge (c, "again", before.count + 1, error) : judge (c, error);
  return send_recharge (c, "wrong", g.count + WRONG_BY, error);
}

/* --- debit --- */

gboolean
tilld_step_debit_enter (TilldCommission *c, GError **error)
{
  const TilldMoneyWrite *debit = &c->profile->debit;
  TilldWriteWords        words;
  Group                  g;

  if (debit->mode == TILLD_MONEY_MODE_PRESET && debit->write.registers > 0)
    {
      tilld_commission_note (c, "skipped", "this model has its balance set, not lowered: refunds are not supported");
      return tilld_commission_next (c, error);
    }
  if (debit->write.registers == 0 || tilld_evidence_may_send (debit->write.evidence, FALSE))
    {
      tilld_commission_note (c, "skipped", debit->write.registers == 0 ? "no debit of this model is known: refunds are not supported"
                                                                       : "known from devices: no proof is needed");
      return tilld_commission_next (c, error);
    }
  if (!kept_group (c, "purse", &g) || g.balance < debit->min)
    {
      tilld_commission_note (c, "skipped", "there is no purse in this walk to take the smallest amount from");
      return tilld_commission_next (c, error);
    }
  return tilld_profile_write_money (c->profile, TRUE, c->order, debit->min, (guint) g.refunds + 1, &words, error) && try_money (c, "debit", &words, error);
}

gboolean
tilld_step_debit_result (TilldCommission *c, const TilldTrialResult *result, GError **error)
{
  gint64   amount = c->profile->debit.min;
  gboolean good;
  Group    before, g;

  if (!kept_group (c, "purse", &before) || !take_group (c, result, &g))
    return not_read (c, error);
  good = (g.have & TILLD_MONEY_REFUNDS) != 0 ? g.refunds == before.refunds + 1 && g.refunded == before.refunded + amount
                                             : g.balance <= before.balance - amount && g.balance > before.balance - 2 * amount;
  if (good && (g.have & TILLD_MONEY_REFUNDS) == 0)
    json_object_set_int_member (c->facts, "taken", amount);
  keep_put (c, &g);
  tilld_commission_note (c, good ? "ok" : "failed", good ? "the smallest amount was taken off" : "the debit did not take the amount off");
  if (good)
    tilld_commission_prove (c, TILLD_PROVEN_DEBIT, TILL_METER_CLASS_B, NULL);
  return tilld_commission_next (c, error);
}
