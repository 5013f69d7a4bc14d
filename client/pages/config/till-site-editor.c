/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-site-editor.c: see till-site-editor.h. */
#define G_LOG_DOMAIN "till-site-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-plant-form.h"
#include "client/pages/config/till-site-editor.h"

static const TillEditField fields[] = {
  { "name", N_ ("Site"), N_ ("Name of site"), TILL_EDIT_TEXT, TRUE },
  { "service_phone", N_ ("Site"), N_ ("Service phone, printed on receipts"), TILL_EDIT_TEXT },
  { "sell_offline", N_ ("Sales"), N_ ("Sell while the meter is silent, deliver later"), TILL_EDIT_BOOL },
  { "hoard_limit", N_ ("Sales"), N_ ("Hoard limit"), TILL_EDIT_TEXT, TRUE },
  { "restore_above", N_ ("Sales"), N_ ("Power back after arrears above"), TILL_EDIT_TEXT, TRUE },
  { "approve_sale", N_ ("Second operator"), N_ ("For sales above"), TILL_EDIT_TEXT },
  { "approve_refund", N_ ("Second operator"), N_ ("For refunds above"), TILL_EDIT_TEXT },
  { "approve_reversal", N_ ("Second operator"), N_ ("For reversals above"), TILL_EDIT_TEXT },
  { "approve_tariff_pct", N_ ("Second operator"), N_ ("For prices that move by more than (%)"), TILL_EDIT_INT },
  { "approval_hours", N_ ("Second operator"), N_ ("Waits at most (hours)"), TILL_EDIT_INT, TRUE },
  { "status_interval_s", N_ ("Polling"), N_ ("Poll every (s)"), TILL_EDIT_INT, TRUE },
  { "full_interval_s", N_ ("Polling"), N_ ("Reading every (s)"), TILL_EDIT_INT },
};

static void
saved (TillPage *page, JsonObject *site)
{
  till_page_refresh (page);
}

static const TillPlantForm form = {
  TILL_PLANT_SITE, N_ ("Site"), N_ ("Site and its defaults"), N_ ("The site is saved"), fields, G_N_ELEMENTS (fields), NULL, saved
};

void
till_site_editor_edit (TillPage *page, gint64 site)
{
  till_plant_form_edit (page, &form, site);
}
