/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-permission.h: permission words, spelled like the client action they guard; default roles as in the domain rules. A bit set, so that a
 * check is one AND. The table in till-permission.c is what GET /permissions returns. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Order = the table's order; a word may be appended, never moved (sessions cache sets). */
#define TILL_PERMISSIONS(X)                                                                                     \
  X (SALES_SELL, "sales.sell") X (SALES_REFUND, "sales.refund") X (SALES_REVERSE, "sales.reverse")              \
  X (SALES_REISSUE, "sales.reissue") X (DRAWER_OWN, "drawer.own") X (DRAWER_ALL, "drawer.all")                  \
  X (CUSTOMERS_EDIT, "customers.edit") X (CUSTOMER_PRIVATE, "customer.private") X (ACCOUNTS_OPEN, "accounts.open") \
  X (ACCOUNTS_CLOSE, "accounts.close") X (ACCOUNTS_TRANSFER, "accounts.transfer") X (METERS_VIEW, "meters.view") \
  X (METERS_READ, "meters.read") X (METERS_PRICE, "meters.price") X (METERS_LIMITS, "meters.limits")            \
  X (METERS_SCHEDULE, "meters.schedule") X (METERS_CLOCK, "meters.clock") X (METERS_FORCE_ON, "meters.force-on") \
  X (METERS_FORCE_OFF, "meters.force-off") X (METERS_RESTORE, "meters.restore") X (METERS_EXPORT, "meters.export") \
  X (METERS_REPLACE, "meters.replace") X (PLANT_EDIT, "plant.edit") X (PLANT_IMPORT, "plant.import")            \
  X (PLANT_PROVE, "plant.prove") X (TARIFFS_EDIT, "tariffs.edit") X (ALARMS_ACKNOWLEDGE, "alarms.acknowledge")  \
  X (MESSAGES_SEND, "messages.send") X (REPORTS_MONEY, "reports.money") X (REPORTS_ENERGY, "reports.energy")    \
  X (REPORTS_OFFICE, "reports.office") X (DEFAULTS_EDIT, "defaults.edit") X (SCHEDULES_EDIT, "schedules.edit")  \
  X (SHEDDING_RUN, "shedding.run") X (OPERATORS_EDIT, "operators.edit") X (ROLES_EDIT, "roles.edit")            \
  X (LOG_VIEW, "log.view") X (LOG_VERIFY, "log.verify") X (APPROVE_MONEY, "approve.money")                      \
  X (APPROVE_HELD, "approve.held") X (APPROVE_CONTROL, "approve.control") X (APPROVE_TARIFF, "approve.tariff")  \
  X (APPROVE_ROLES, "approve.roles") X (SALES_VIEW, "sales.view") X (METRICS_VIEW, "metrics.view")

typedef enum {
#define TILL_PERMISSION_ENUM(name, word) TILL_PERMISSION_##name,
  TILL_PERMISSIONS (TILL_PERMISSION_ENUM)
#undef TILL_PERMISSION_ENUM
  TILL_PERMISSION_N
} TillPermission;

typedef guint64 TillPermissionSet; /* bit n = permission n */

const char       *till_permission_word (TillPermission permission);
gboolean          till_permission_from_word (const char *word, int *ret_permission);
gboolean          till_permission_set_has (TillPermissionSet set, TillPermission permission);
/* administrator, cashier, finance, engineer, viewer, auditor; NULL-terminated. 0 for an unknown role. */
const char *const *till_role_names (void);
TillPermissionSet till_role_default_permissions (const char *role);

G_END_DECLS
