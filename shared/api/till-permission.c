/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-permission.c: words and the default roles. A role here is a proposal for a new site; the database holds what a site made of it. */
#include "shared/api/till-permission.h"
#include <string.h>

#define P(name) ((TillPermissionSet) 1 << TILL_PERMISSION_##name)

G_STATIC_ASSERT (TILL_PERMISSION_N <= 64);

static const char *const words[] = {
#define PERMISSION_WORD(name, word) word,
  TILL_PERMISSIONS (PERMISSION_WORD)
#undef PERMISSION_WORD
};

/* Money, and what decides about money: an administrator has none of it. */
#define MONEY_SET                                                                                                          \
  (P (SALES_SELL) | P (SALES_REFUND) | P (SALES_REVERSE) | P (SALES_REISSUE) | P (DRAWER_OWN) | P (DRAWER_ALL)             \
   | P (ACCOUNTS_CLOSE) | P (ACCOUNTS_TRANSFER) | P (APPROVE_MONEY) | P (APPROVE_HELD) | P (APPROVE_TARIFF))
#define ALL_SET        (((TillPermissionSet) 1 << TILL_PERMISSION_N) - 1)
#define LOOK_SET       (P (METERS_VIEW) | P (SALES_VIEW))
#define METER_WORK_SET                                                                                                     \
  (P (METERS_READ) | P (METERS_PRICE) | P (METERS_LIMITS) | P (METERS_SCHEDULE) | P (METERS_CLOCK) | P (METERS_FORCE_ON)   \
   | P (METERS_FORCE_OFF) | P (METERS_RESTORE) | P (METERS_EXPORT) | P (METERS_REPLACE))

static const struct {
  const char       *name;
  TillPermissionSet set;
} roles[] = {
  { "administrator", ALL_SET & ~MONEY_SET },
  { "auditor", P (LOG_VIEW) | P (LOG_VERIFY) },
  { "cashier", LOOK_SET | P (SALES_SELL) | P (SALES_REISSUE) | P (DRAWER_OWN) | P (METERS_READ) | P (CUSTOMERS_EDIT)
                 | P (CUSTOMER_PRIVATE) | P (ACCOUNTS_OPEN) },
  { "engineer", P (METERS_VIEW) | METER_WORK_SET | P (PLANT_EDIT) | P (PLANT_IMPORT) | P (PLANT_PROVE) | P (ALARMS_ACKNOWLEDGE)
                  | P (REPORTS_ENERGY) | P (SCHEDULES_EDIT) | P (SHEDDING_RUN) | P (METRICS_VIEW) },
  { "finance", LOOK_SET | MONEY_SET | P (METERS_READ) | P (METERS_EXPORT) | P (CUSTOMERS_EDIT) | P (CUSTOMER_PRIVATE)
                 | P (ACCOUNTS_OPEN) | P (TARIFFS_EDIT) | P (REPORTS_MONEY) | P (REPORTS_ENERGY) | P (REPORTS_OFFICE) },
  { "viewer", LOOK_SET | P (REPORTS_ENERGY) },
};

const char *
till_permission_word (TillPermission permission)
{
  return permission < TILL_PERMISSION_N ? words[permission] : NULL;
}

gboolean
till_permission_from_word (const char *word, int *ret_permission)
{
  for (int i = 0; word != NULL && i < TILL_PERMISSION_N; i++)
    if (strcmp (word, words[i]) == 0)
      {
        *ret_permission = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
till_permission_set_has (TillPermissionSet set, TillPermission permission)
{
  g_return_val_if_fail (permission < TILL_PERMISSION_N, FALSE);
  return (set >> permission & 1) != 0;
}

const char *const *
till_role_names (void)
{
  static const char *names[G_N_ELEMENTS (roles) + 1];
  static gsize once;

  if (g_once_init_enter (&once))
    {
      for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
        names[i] = roles[i].name;
      g_once_init_leave (&once, 1);
    }
  return names;
}

TillPermissionSet
till_role_default_permissions (const char *role)
{
  for (guint i = 0; role != NULL && i < G_N_ELEMENTS (roles); i++)
    if (strcmp (role, roles[i].name) == 0)
      return roles[i].set;
  return 0;
}
