/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarms-page.c: see till-alarms-page.h. */
#define G_LOG_DOMAIN "till-alarms-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/alarms/till-alarms-page.h"
#include "client/pages/alarms/till-alarms-view.h"
#include "client/pages/alarms/till-cases-view.h"
#include "client/pages/alarms/till-orders-view.h"

struct _TillAlarmsPage {
  TillSectionPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillAlarmsPage, till_alarms_page, TILL_TYPE_SECTION_PAGE)

static const TillSectionView views[] = {
  { "alarms", N_ ("Alarms"), "meters.view", till_alarms_view_get_type },
  { "cases", N_ ("Cases"), "sales.view", till_cases_view_get_type },
  { "orders", N_ ("Orders"), "meters.view", till_orders_view_get_type },
};

static void
till_alarms_page_class_init (TillAlarmsPageClass *klass)
{
  TILL_SECTION_PAGE_CLASS (klass)->views = views;
  TILL_SECTION_PAGE_CLASS (klass)->n_views = G_N_ELEMENTS (views);
  TILL_SECTION_PAGE_CLASS (klass)->tabs = TRUE;
}

static void
till_alarms_page_init (TillAlarmsPage *self)
{
}
