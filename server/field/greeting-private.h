/* SPDX-License-Identifier: GPL-2.0-or-later
 * greeting-private.h: what a caller is to the greeter until it is known, and the budgets of failures. */
#pragma once
#include "server/field/greeting.h"

G_BEGIN_DECLS

#define TILLD_ADDRESS_TEXT 46

struct _TilldGreeting {
  TilldGreeter *greeter;
  TilldLink     link;
  TilldTimer    timer;
  GList         all, waiting;  /* nodes of the greeter's queues; waiting.data NULL = not waiting */
  gint64        accepted_us;
  char          address[TILLD_ADDRESS_TEXT];
  const char   *front;         /* word of the front end, for the list of unknown ones */
  gboolean      first_byte;
};

/* A count for a minute, then it begins anew. */
typedef struct {
  gint64 since_us, banned_until_us;
  guint  n;
} TilldBudget;

struct _TilldGreeter {
  TilldReactor       *reactor;
  TilldGreetingLimits limits;
  TilldDirectory      directory;
  TilldTls           *tls;
  GQueue              all, waiting, over; /* TilldGreeting; waiting in order of accept */
  TilldTimer          reap;
  GHashTable         *addresses, *codes, *replacements; /* text -> TilldBudget */
};

/* budget.c. Adds one; TRUE: more than limit within span_us. */
TilldBudget *tilld_budget_get (GHashTable *budgets, const char *key, gint64 now_us, gint64 span_us);
gboolean     tilld_budget_spend (GHashTable *budgets, const char *key, guint limit, gint64 now_us, gint64 span_us);

G_END_DECLS
