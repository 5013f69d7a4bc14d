/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer-editor.c: see till-customer-editor.h. Accounts are opened elsewhere. */
#define G_LOG_DOMAIN "till-customer-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-customer-editor.h"
#include "client/pages/till-plant-form.h"

static const char *const kinds[] = { "household", "shop", NULL };
static const char *const classes[] = { "dormitory", "shop", "office", "public", "residence", "other", NULL };
static const char *const languages[] = { "zh_CN", "en", NULL };

/* The last one only for those who may see whole numbers: masked ones must not be sent back. */
static const TillEditField fields[] = {
  { "name", N_ ("Customer"), N_ ("Name of customer"), TILL_EDIT_TEXT, TRUE },
  { "code", N_ ("Customer"), N_ ("Customer No. (empty: the next one)"), TILL_EDIT_TEXT },
  { "kind", N_ ("Customer"), N_ ("Kind"), TILL_EDIT_CHOICE, FALSE, FALSE, "customer-kind", kinds },
  { "class", N_ ("Customer"), N_ ("Class of use"), TILL_EDIT_CHOICE, FALSE, FALSE, "use-class", classes },
  { "area", N_ ("Customer"), N_ ("Room"), TILL_EDIT_REF },
  { "language", N_ ("Contact"), N_ ("Language"), TILL_EDIT_CHOICE, FALSE, FALSE, "language", languages },
  { "note", N_ ("Contact"), N_ ("Note"), TILL_EDIT_TEXT },
  { "phones", N_ ("Contact"), N_ ("Phones, commas between"), TILL_EDIT_TEXTS },
};

static void
saved (TillPage *page, JsonObject *customer)
{
  till_page_refresh (page);
}

static void
prepare (TillEditorWindow *window, TillContext *context)
{
  till_plant_form_put_areas (window, context, "area", _ ("none"));
}

static const TillPlantForm whole = {
  TILL_PLANT_CUSTOMER, N_ ("New customer"), N_ ("Customer"), N_ ("The customer is saved"), fields, G_N_ELEMENTS (fields), prepare, saved
};
static const TillPlantForm masked = {
  TILL_PLANT_CUSTOMER, N_ ("New customer"), N_ ("Customer"), N_ ("The customer is saved"), fields, G_N_ELEMENTS (fields) - 1, prepare, saved
};

static const TillPlantForm *
form_for (TillPage *page)
{
  return till_session_may (till_context_get_session (till_page_get_context (page)), TILL_PERMISSION_CUSTOMER_PRIVATE) ? &whole : &masked;
}

GtkWindow *
till_customer_editor_new (TillPage *page)
{
  g_autoptr (JsonObject) start = json_object_new ();

  json_object_set_string_member (start, "kind", "household");
  json_object_set_string_member (start, "class", "dormitory");
  json_object_set_string_member (start, "language", "zh_CN");
  return till_plant_form_new (page, form_for (page), start);
}

void
till_customer_editor_edit (TillPage *page, gint64 customer)
{
  till_plant_form_edit (page, form_for (page), customer);
}
