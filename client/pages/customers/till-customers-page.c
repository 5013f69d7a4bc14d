/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customers-page.c: see till-customers-page.h. */
#define G_LOG_DOMAIN "till-customers-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-customers-page.h"
#include "client/pages/customers/till-accounts-view.h"
#include "client/pages/customers/till-customers-view.h"

struct _TillCustomersPage {
  TillSectionPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillCustomersPage, till_customers_page, TILL_TYPE_SECTION_PAGE)

static const TillSectionView views[] = {
  { "customers", N_ ("Customers"), "meters.view", till_customers_view_get_type },
  { "accounts", N_ ("Accounts"), "meters.view", till_accounts_view_get_type },
};

static void
till_customers_page_class_init (TillCustomersPageClass *klass)
{
  TILL_SECTION_PAGE_CLASS (klass)->views = views;
  TILL_SECTION_PAGE_CLASS (klass)->n_views = G_N_ELEMENTS (views);
  TILL_SECTION_PAGE_CLASS (klass)->tabs = TRUE;
}

static void
till_customers_page_init (TillCustomersPage *self)
{
}
