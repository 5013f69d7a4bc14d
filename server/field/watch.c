/* SPDX-License-Identifier: GPL-2.0-or-later
 * watch.c: compares the money group of every status reply with the ledger; nothing counts before a second read of another length
 * agrees. Two agreeing readings are also how a new meter's purse is adopted. */
#include <string.h>
#include "server/core/clock.h"
#include "server/domain/control/reconcile.h"
#include "server/domain/money/case.h"
#include "server/domain/plant/model-proof.h"
#include "server/field/field-private.h"
#include "server/rules/restore-rules.h"
#include "shared/base/till-log.h"

#define WH_OF_A_KWH     1000
#define POWER_UNKNOWN_W 20000 /* contracted power when the record has none: the wider window of a balance proof is the safer one */

typedef struct {
  TilldFieldRole   *field;
  TilldCircuit     *circuit;
  TilldMoneyRead    read;
  TilldMoneyReading reading, first;
  TilldMoneyTerms   terms;
  TillCaseReason    reason;
  TilldPurse        purse;
} Second;

gboolean
tilld_watch_terms (const TilldCircuit *circuit, TillCommandKind kind, TilldMoneyTerms *ret_terms)
{
  const TilldProfile    *profile = circuit->plans->profile;
  const TilldMoneyWrite *write = kind == TILL_COMMAND_KIND_DEBIT ? &profile->debit : &profile->recharge;
  const TilldFieldMeter *record = circuit->record;
  const TilldPoint      *total = tilld_profile_point (profile, TILLD_POINT_PURCHASED_TOTAL);
  gboolean               proven = kind == TILL_COMMAND_KIND_DEBIT ? (record->proven & 1 << TILLD_PROVEN_DEBIT) != 0 : record->recharge_proven;
  int                    proof = TILLD_PROOF_NONE;

  memset (ret_terms, 0, sizeof *ret_terms);
  ret_terms->unit = MAX (profile->purse_multiplier, 1);
  ret_terms->total_modulus = total == NULL ? 0 : total->multiplier << 32;
  if (write->write.registers == 0 || circuit->money == NULL)
    return FALSE;
  tilld_proof_from_word (write->proof, &proof);
  ret_terms->effective = TILL_METER_CLASS_B; /* a debit is that on every model */
  if (kind == TILL_COMMAND_KIND_RECHARGE)
    ret_terms->effective = profile->meter_class == TILL_METER_CLASS_A && record->recharge_class >= 0 ? (TillMeterClass) record->recharge_class
                                                                                                     : tilld_profile_effective_class (profile, FALSE);
  ret_terms->proof = proof;
  ret_terms->record = write->record;
  ret_terms->power_w = record->power_w > 0 ? record->power_w : POWER_UNKNOWN_W;
  /* An energy purse loses Wh, whatever they cost. */
  ret_terms->price_max = profile->purse == TILL_PURSE_ENERGY ? WH_OF_A_KWH : record->price_max;
  ret_terms->settle_ms = write->write.settle_ms;
  ret_terms->quarantine_ms = tilld_delivery_quarantine_ms (circuit->line->station->record.link, tilld_line_link_class (circuit->line), TRUE,
                                                           circuit->line->station->record.quarantine_s);
  return proof != TILLD_PROOF_NONE && tilld_evidence_may_send (write->write.evidence, proven);
}

static void
release (Second *second)
{
  second->circuit->money->reading = FALSE;
  second->circuit->money->touched_us = tilld_clock_boot_us (second->field->clock);
  second->circuit->line->orders--;
  g_free (second);
}

static gboolean
adopt (TilldDb *db, gpointer data, GError **error)
{
  Second *second = data;

  return tilld_purse_adopt (second->field->options.ledger, db, second->circuit->meter, &second->reading, &second->purse, error);
}

static gboolean
mismatch (TilldDb *db, gpointer data, GError **error)
{
  Second *second = data;

  return tilld_purse_mismatch (db, second->circuit->meter, &second->purse, second->reason, &second->reading, error);
}

static gboolean
reconcile (TilldDb *db, gpointer data, GError **error)
{
  Second *second = data;

  return tilld_reconcile_meter (db, second->circuit->meter, &second->terms, &second->reading, &second->purse, error);
}

static gboolean
saw (TilldDb *db, gpointer data, GError **error)
{
  Second *second = data;

  return tilld_case_seen (db, second->circuit->meter, &second->reading, error);
}

static void
seen (gpointer data, const GError *error)
{
  Second *second = data;

  tilld_field_job_ended (second->field);
  if (error != NULL)
    till_warn (TILL_LOG_METER (second->circuit->meter), error, "reading of a meter with a case not kept");
  release (second);
}

static void
adopted (gpointer data, const GError *error)
{
  Second *second = data;

  tilld_field_job_ended (second->field);
  if (error == NULL)
    second->circuit->money->purse = second->purse;
  else
    till_warn (TILL_LOG_METER (second->circuit->meter), error, "purse not adopted");
  release (second);
}

static void
frozen (gpointer data, const GError *error)
{
  Second *second = data;

  tilld_field_job_ended (second->field);
  if (error == NULL)
    second->circuit->money->purse.frozen = TRUE;
  else if (!till_error_is (error, TILL_ERROR_STALE))
    till_warn (TILL_LOG_METER (second->circuit->meter), error, "deviation not recorded");
  release (second);
}

static void
reconciled (gpointer data, const GError *error)
{
  Second *second = data;

  tilld_field_job_ended (second->field);
  if (error == NULL)
    second->circuit->money->purse = second->purse;
  else
    till_warn (TILL_LOG_METER (second->circuit->meter), error, "meter not compared with the restored books");
  release (second);
}

static TilldCounterVerdict
judge (TilldCircuitMoney *money, const TilldMoneyTerms *terms, const TilldMoneyReading *reading, TillCaseReason *ret_reason)
{
  TilldCounterWatch   watch = { 0 };
  TilldCounterVerdict verdict;

  if (money->watch != NULL)
    watch = *money->watch;
  verdict = tilld_counter_watch (&watch, &money->purse, terms, money->in_order, reading, ret_reason);
  if (!watch.pending)
    g_clear_pointer (&money->watch, g_free);
  else if (money->watch == NULL)
    money->watch = g_memdup2 (&watch, sizeof watch);
  else
    *money->watch = watch;
  return verdict;
}

static void
second_done (TilldMoneyRead *read, gboolean good, gpointer data)
{
  Second             *second = data;
  TilldCircuitMoney  *money = second->circuit->money;
  TilldMoneyTerms     terms;
  TilldCounterVerdict verdict;
  gboolean            pushed = FALSE;

  if (!good)
    {
      release (second);
      return;
    }
  tilld_watch_terms (second->circuit, TILL_COMMAND_KIND_RECHARGE, &terms);
  second->reading = read->reading;
  if (money->purse.closed)
    {
      second->terms = terms;
      if (!tilld_restore_agree (&terms, &second->first, &second->reading) ||
          !tilld_field_push (second->field, TILLD_LANE_DELIVERY, TRUE, reconcile, reconciled, second, NULL))
        release (second);
      return;
    }
  second->purse = money->purse; /* what it is compared with; an adoption overwrites it */
  verdict = judge (money, &terms, &second->reading, &second->reason);
  if (verdict == TILLD_COUNTER_ADOPT)
    pushed = tilld_field_push (second->field, TILLD_LANE_DELIVERY, FALSE, adopt, adopted, second, NULL);
  else if (verdict == TILLD_COUNTER_MISMATCH)
    pushed = tilld_field_push (second->field, TILLD_LANE_DELIVERY, TRUE, mismatch, frozen, second, NULL);
  if (!pushed)
    release (second); /* the next status reply begins anew */
}

void
tilld_watch_status (TilldFieldRole *field, TilldCircuit *circuit, const TilldMoneyReading *reading)
{
  TilldCircuitMoney *money = circuit->money;
  TilldMoneyTerms    terms;
  TillCaseReason     reason;
  Second            *second;

  money->last = *reading;
  money->last_us = tilld_clock_boot_us (field->clock);
  money->last_instance = tilld_line_instance (circuit->line);
  if (money->serial_us != 0 && money->serial[0] != '\0')
    {
      money->last.have |= TILLD_MONEY_SERIAL;
      g_strlcpy (money->last.serial, money->serial, sizeof money->last.serial);
    }
  if (!money->known || money->reading || field->draining || circuit->record->settlement != TILL_SETTLEMENT_METER)
    return;
  tilld_watch_terms (circuit, TILL_COMMAND_KIND_RECHARGE, &terms);
  if (!money->purse.closed && judge (money, &terms, reading, &reason) == TILLD_COUNTER_FINE && !money->purse.frozen)
    return;
  second = g_new0 (Second, 1);
  second->field = field;
  second->circuit = circuit;
  second->first = money->last;
  money->reading = TRUE;
  circuit->line->orders++;
  if (money->purse.frozen && !money->purse.closed)
    {
      second->reading = money->last;
      if (!tilld_field_push (field, TILLD_LANE_DELIVERY, TRUE, saw, seen, second, NULL))
        release (second);
      return;
    }
  tilld_money_read_start (&second->read, circuit->line, circuit, FALSE, second_done, second);
}
