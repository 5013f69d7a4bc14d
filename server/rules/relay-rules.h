/* SPDX-License-Identifier: GPL-2.0-or-later
 * relay-rules.h: reasons to be off -> what the relay is told; when arrears cut and when a payment restores. Pure. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

/* Numbers of meter_off.reason; a set has bit n. */
typedef enum { TILLD_OFF_ARREARS, TILLD_OFF_OPERATOR, TILLD_OFF_OVERLOAD, TILLD_OFF_SCHEDULE, TILLD_OFF_SHEDDING, TILLD_OFF_N } TilldOffReason;

const char *tilld_off_reason_word (int reason); /* NULL out of range */

typedef struct {
  guint    set;            /* of those that do not wait */
  gboolean forced_on;      /* by an operator */
  gboolean server_settled; /* else the meter's own purse rules where nobody else does */
} TilldRelayFacts;

typedef enum { TILLD_RELAY_CLOSE, TILLD_RELAY_OPEN, TILLD_RELAY_AUTO, TILLD_RELAY_LEAVE } TilldRelayWish;

TilldRelayWish  tilld_relay_wish (const TilldRelayFacts *facts);
/* The command of a wish; not of LEAVE. */
TillCommandKind tilld_relay_command (TilldRelayWish wish);

typedef struct {
  TillMoney balance, overdraft; /* of the account, of the meter */
  TillMoney restore_above;      /* >= 0: arrears end above this */
  gboolean  has_account;        /* an open one */
  gboolean  has_reading;
  gint64    reading_age_s;
  gboolean  life_support, protected_now;
  gboolean  cut, waits;         /* arrears are in the set; they wait for the end of the protected hours */
} TilldArrearsFacts;

typedef enum { TILLD_ARREARS_STAY, TILLD_ARREARS_CUT, TILLD_ARREARS_WAIT, TILLD_ARREARS_LIFT } TilldArrearsStep;

/* ret_why: the sentence that says why nothing is done although there is debt, NULL otherwise. */
TilldArrearsStep tilld_relay_arrears (const TilldArrearsFacts *facts, const char **ret_why);

#define TILLD_RELAY_PAUSE_S  60
#define TILLD_RELAY_PER_HOUR 6

/* One automatic operation of a meter in a minute, six in an hour. hour_from, in_hour: the running hour, moved when the operation may be. */
gboolean tilld_relay_may_operate (TillTime now, TillTime ordered_at, TillTime *hour_from, guint *in_hour);
/* Inside [from, to) of the day; from > to goes over midnight. */
gboolean tilld_hours_hold (int from_min, int to_min, int second_of_day);

G_END_DECLS
