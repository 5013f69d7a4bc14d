/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-page-registry.c: names, keys and types. Builds nothing. */
#define G_LOG_DOMAIN "till-page-registry"
#include "config.h"
#include "client/app/till-page-registry.h"
#include <glib/gi18n.h>
#include "client/pages/alarms/till-alarms-page.h"
#include "client/pages/approvals/till-approvals-page.h"
#include "client/pages/board/till-board-page.h"
#include "client/pages/config/till-config-page.h"
#include "client/pages/customers/till-customers-page.h"
#include "client/pages/meters/till-meters-page.h"
#include "client/pages/overview/till-overview-page.h"
#include "client/pages/reports/till-reports-page.h"
#include "client/pages/sales/till-sales-page.h"
#include "client/pages/tariffs/till-tariffs-page.h"

static const TillPageInfo pages[] = {
  { "overview", N_ ("Overview"), "till-overview-symbolic", GDK_KEY_1, NULL, till_overview_page_get_type },
  { "board", N_ ("Live board"), "till-board-symbolic", GDK_KEY_2, "meters.view", till_board_page_get_type },
  { "meters", N_ ("Meters"), "till-meters-symbolic", GDK_KEY_3, "meters.view", till_meters_page_get_type },
  { "customers", N_ ("Customers"), "till-customers-symbolic", GDK_KEY_4, "meters.view", till_customers_page_get_type },
  { "sales", N_ ("Sales"), "till-sales-symbolic", GDK_KEY_5, "sales.view sales.sell", till_sales_page_get_type },
  { "tariffs", N_ ("Tariffs"), "till-tariffs-symbolic", GDK_KEY_6, "meters.view", till_tariffs_page_get_type },
  { "alarms", N_ ("Alarms"), "till-alarms-symbolic", GDK_KEY_7, "meters.view", till_alarms_page_get_type },
  { "approvals", N_ ("Approvals"), "till-approvals-symbolic", GDK_KEY_8, "sales.sell sales.refund approve.money approve.held approve.tariff plant.prove",
    till_approvals_page_get_type },
  { "reports", N_ ("Reports"), "till-reports-symbolic", GDK_KEY_9, "reports.money reports.energy reports.office", till_reports_page_get_type },
  { "config", N_ ("Configuration"), "till-config-symbolic", GDK_KEY_0, "meters.view", till_config_page_get_type },
};

const TillPageInfo *
till_page_registry_get (guint *ret_n)
{
  *ret_n = G_N_ELEMENTS (pages);
  return pages;
}

const TillPageInfo *
till_page_registry_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_strcmp0 (pages[i].name, name) == 0)
      return &pages[i];
  return NULL;
}

gboolean
till_page_registry_may (const TillPageInfo *info, TillSession *session)
{
  g_auto (GStrv) words = info->permission ? g_strsplit (info->permission, " ", -1) : NULL;

  for (guint i = 0; words && words[i]; i++)
    if (till_session_may_word (session, words[i]))
      return TRUE;
  return words == NULL;
}
