/* SPDX-License-Identifier: GPL-2.0-or-later
 * greeting-budget.c: failures of an address or a code in the last minute. Bounded: who stops is forgotten. */
#include "server/core/clock.h"
#include "server/field/greeting-private.h"

#define BUDGETS_MAX 8192

typedef struct { gint64 now_us, span_us; } Age;

static gboolean
is_over (gpointer key, gpointer value, gpointer data)
{
  const TilldBudget *budget = value;
  const Age         *age = data;

  return age->now_us - budget->since_us >= age->span_us && age->now_us >= budget->banned_until_us;
}

TilldBudget *
tilld_budget_get (GHashTable *budgets, const char *key, gint64 now_us, gint64 span_us)
{
  TilldBudget *budget = g_hash_table_lookup (budgets, key);
  Age          age = { now_us, span_us };

  if (budget != NULL)
    {
      if (now_us - budget->since_us >= span_us)
        {
          budget->since_us = now_us;
          budget->n = 0;
        }
      return budget;
    }
  if (g_hash_table_size (budgets) >= BUDGETS_MAX)
    g_hash_table_foreach_remove (budgets, is_over, &age);
  if (g_hash_table_size (budgets) >= BUDGETS_MAX)
    g_hash_table_remove_all (budgets); /* so many at once: counting starts anew, the limit of connections stands */
  budget = g_new0 (TilldBudget, 1);
  budget->since_us = now_us;
  g_hash_table_insert (budgets, g_strdup (key), budget);
  return budget;
}

gboolean
tilld_budget_spend (GHashTable *budgets, const char *key, guint limit, gint64 now_us, gint64 span_us)
{
  return ++tilld_budget_get (budgets, key, now_us, span_us)->n > limit;
}
