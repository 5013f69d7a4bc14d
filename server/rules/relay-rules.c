/* SPDX-License-Identifier: GPL-2.0-or-later
 * relay-rules.c: the relay of a meter and why it is open. Reads no clock: times come in. */
#include "server/rules/relay-rules.h"

#include <string.h>

#define READING_AGE_MAX_S 600

static const char *const words[TILLD_OFF_N] = { "arrears", "operator", "overload", "schedule", "shedding" };

const char *
tilld_off_reason_word (int reason)
{
  return reason >= 0 && reason < TILLD_OFF_N ? words[reason] : NULL;
}

static gboolean
holds (const TilldRelayFacts *facts, TilldOffReason reason)
{
  return (facts->set >> reason & 1) != 0;
}

TilldRelayWish
tilld_relay_wish (const TilldRelayFacts *facts)
{
  if (holds (facts, TILLD_OFF_OVERLOAD))
    return facts->server_settled ? TILLD_RELAY_OPEN : TILLD_RELAY_LEAVE;
  if (facts->forced_on)
    return TILLD_RELAY_CLOSE;
  if (holds (facts, TILLD_OFF_OPERATOR) || holds (facts, TILLD_OFF_SCHEDULE) || holds (facts, TILLD_OFF_SHEDDING))
    return TILLD_RELAY_OPEN;
  if (holds (facts, TILLD_OFF_ARREARS) && facts->server_settled)
    return TILLD_RELAY_OPEN;
  return facts->server_settled ? TILLD_RELAY_CLOSE : TILLD_RELAY_AUTO;
}

TillCommandKind
tilld_relay_command (TilldRelayWish wish)
{
  g_assert (wish != TILLD_RELAY_LEAVE);
  return wish == TILLD_RELAY_CLOSE ? TILL_COMMAND_KIND_FORCE_ON : wish == TILLD_RELAY_OPEN ? TILL_COMMAND_KIND_FORCE_OFF : TILL_COMMAND_KIND_RESTORE_PREPAID;
}

TilldArrearsStep
tilld_relay_arrears (const TilldArrearsFacts *facts, const char **ret_why)
{
  gboolean debt = facts->has_account && facts->balance <= -facts->overdraft;

  *ret_why = NULL;
  if (facts->cut || facts->waits)
    {
      /* Above zero and above the site's value: a balance that hovers does not make the relay clatter. What only waited ends with the debt. */
      if (!facts->has_account || facts->balance > MAX (facts->restore_above, 0) || (facts->waits && !debt))
        return TILLD_ARREARS_LIFT;
      if (facts->cut || facts->protected_now)
        return TILLD_ARREARS_STAY;
    }
  else if (!debt)
    return TILLD_ARREARS_STAY;
  if (facts->life_support)
    *ret_why = "life support hangs on this meter: it may not be cut";
  else if (!facts->has_reading || facts->reading_age_s > READING_AGE_MAX_S)
    *ret_why = "no reading of the last ten minutes shows the arrears";
  if (*ret_why != NULL)
    return TILLD_ARREARS_STAY;
  return facts->protected_now ? TILLD_ARREARS_WAIT : TILLD_ARREARS_CUT;
}

gboolean
tilld_relay_may_operate (TillTime now, TillTime ordered_at, TillTime *hour_from, guint *in_hour)
{
  if (ordered_at != 0 && now - ordered_at < TILLD_RELAY_PAUSE_S * TILL_SECOND)
    return FALSE;
  if (*hour_from == 0 || now - *hour_from >= 3600 * TILL_SECOND)
    {
      *hour_from = now;
      *in_hour = 0;
    }
  if (*in_hour >= TILLD_RELAY_PER_HOUR)
    return FALSE;
  (*in_hour)++;
  return TRUE;
}

gboolean
tilld_hours_hold (int from_min, int to_min, int second_of_day)
{
  int minute = second_of_day / 60;

  return from_min < to_min ? minute >= from_min && minute < to_min : minute >= from_min || minute < to_min;
}
