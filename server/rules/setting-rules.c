/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting-rules.c: absolute settings. Pure. An older order never acts after a newer one: not from our side, where only the newest is
 * sent, and not from the line, where what was sent may come late. */
#include "server/rules/setting-rules.h"

#include "server/rules/delivery-rules.h"

#define REFUSALS_MAX 3
#define AGE_MAX_US   (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)
#define DAY_S        (24 * 3600)

gboolean
tilld_setting_is_relay (TillCommandKind kind)
{
  return kind == TILL_COMMAND_KIND_FORCE_ON || kind == TILL_COMMAND_KIND_FORCE_OFF || kind == TILL_COMMAND_KIND_RESTORE_PREPAID;
}

gboolean
tilld_setting_same (TillCommandKind a, TillCommandKind b)
{
  if (a == TILL_COMMAND_KIND_RECHARGE || a == TILL_COMMAND_KIND_DEBIT || a == TILL_COMMAND_KIND_READ_NOW)
    return FALSE;
  return a == b || (tilld_setting_is_relay (a) && tilld_setting_is_relay (b));
}

gboolean
tilld_setting_again (const TilldSettingTry *done, guint *ret_wait_s)
{
  static const guint waits_s[] = { 10, 60, 300, 1800 };
  guint attempt = (guint) MAX (done->attempt, 0);

  if (done->age_us > AGE_MAX_US || (done->refused && done->refusals + 1 >= REFUSALS_MAX))
    return FALSE;
  *ret_wait_s = attempt < G_N_ELEMENTS (waits_s) ? waits_s[attempt] : DAY_S;
  return TRUE;
}

TillDeliveryOutcome
tilld_setting_remember (TillDeliveryOutcome kept, TillDeliveryOutcome now)
{
  return tilld_outcome_is_ambiguous (kept) || now == TILL_DELIVERY_OUTCOME_NONE ? kept : now;
}

/* Sent, and no outcome known: the process died before it had one. */
gboolean
tilld_setting_casts_doubt (TillCommandKind older, gint32 attempts, TillDeliveryOutcome kept, TillCommandKind newer)
{
  if (!tilld_setting_is_relay (older) || !tilld_setting_is_relay (newer) || older == newer || attempts == 0)
    return FALSE;
  return kept == TILL_DELIVERY_OUTCOME_NONE || tilld_outcome_is_ambiguous (kept);
}
