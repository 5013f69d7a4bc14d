/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-editor.c: see till-meter-editor.h. */
#define G_LOG_DOMAIN "till-meter-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-meter-model.h"
#include "client/model/till-tariff.h"
#include "client/pages/config/till-meter-editor.h"
#include "client/pages/till-plant-form.h"
#include "client/widgets/till-alert.h"
#include "client/widgets/till-format.h"

static const char *const classes[] = { "dormitory", "shop", "office", "public", "residence", "other", NULL };
static const char *const settlements[] = { "", "meter", "server", "none", NULL };

static const TillEditField fields[] = {
  { "code", N_ ("Meter"), N_ ("Meter No."), TILL_EDIT_TEXT, TRUE },
  { "serial", N_ ("Meter"), N_ ("Serial No."), TILL_EDIT_TEXT },
  { "area", N_ ("Meter"), N_ ("Area"), TILL_EDIT_REF, TRUE },
  { "use_class", N_ ("Meter"), N_ ("Class of use"), TILL_EDIT_CHOICE, FALSE, FALSE, "use-class", classes },
  { "gateway", N_ ("Link"), N_ ("Gateway"), TILL_EDIT_REF, TRUE },
  { "port", N_ ("Link"), N_ ("Port"), TILL_EDIT_INT },
  { "unit", N_ ("Link"), N_ ("Modbus address"), TILL_EDIT_INT, TRUE },
  { "model", N_ ("Link"), N_ ("Model"), TILL_EDIT_CHOICE, TRUE },
  { "ct_ratio", N_ ("Link"), N_ ("CT ratio"), TILL_EDIT_INT },
  { "full_interval_s", N_ ("Link"), N_ ("Reading every (s)"), TILL_EDIT_INT },
  { "settlement", N_ ("Billing"), N_ ("Settled by"), TILL_EDIT_CHOICE, FALSE, FALSE, "settlement", settlements },
  { "tariff", N_ ("Billing"), N_ ("Tariff"), TILL_EDIT_REF },
  { "alarm1", N_ ("Limits"), N_ ("Alarm 1"), TILL_EDIT_TEXT },
  { "alarm2", N_ ("Limits"), N_ ("Alarm 2"), TILL_EDIT_TEXT },
  { "overload_kw", N_ ("Limits"), N_ ("Overload limit kW"), TILL_EDIT_TEXT },
  { "overdraft", N_ ("Limits"), N_ ("Overdraft"), TILL_EDIT_TEXT },
  { "hoard_limit", N_ ("Limits"), N_ ("Hoard limit"), TILL_EDIT_TEXT },
  { "life_support", N_ ("Protection"), N_ ("Life support: never cut off"), TILL_EDIT_BOOL },
};

static void
put_models (TillEditorWindow *window, TillContext *context)
{
  GListModel *models = till_ref_lists_get (till_context_get_ref_lists (context), TILL_REF_MODELS);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < g_list_model_get_n_items (models); i++)
    {
      g_autoptr (TillRecord) model = g_list_model_get_item (models, i);

      if (till_record_text (model, "name") != NULL)
        g_ptr_array_add (names, (char *) till_record_text (model, "name")); /* the list holds the model */
    }
  g_ptr_array_add (names, NULL);
  till_editor_window_set_words (window, "model", (const char *const *) names->pdata);
}

static void
prepare (TillEditorWindow *window, TillContext *context)
{
  till_plant_form_put_areas (window, context, "area", NULL);
  till_plant_form_put_refs (window, context, "gateway", &(TillPlantRefs){ TILL_REF_GATEWAYS, "code", NULL });
  till_plant_form_put_refs (window, context, "tariff", &(TillPlantRefs){ TILL_REF_TARIFFS, "name", _ ("none") });
  put_models (window, context);
}

/* The record is changed; the meter itself could not be told. */
static void
show_not_sent (TillPage *page, JsonArray *not_sent)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (not_sent); i++)
    {
      JsonObject *one = json_array_get_object_element (not_sent, i);

      g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "\n" : "",
                              till_format_wire ("command-kind", json_object_get_string_member_with_default (one, "kind", "")),
                              json_object_get_string_member_with_default (one, "reason", ""));
    }
  till_alert_show (GTK_WIDGET (page), _ ("Saved here, but not sent to the meter"), text->str);
}

static void
saved (TillPage *page, JsonObject *meter)
{
  JsonNode *not_sent = json_object_get_member (meter, "not_sent");

  till_page_refresh (page);
  if (not_sent != NULL && JSON_NODE_HOLDS_ARRAY (not_sent) && json_array_get_length (json_node_get_array (not_sent)) > 0)
    show_not_sent (page, json_node_get_array (not_sent));
}

static const TillPlantForm form = {
  TILL_PLANT_METER, N_ ("New meter"), N_ ("Meter"), N_ ("The meter is saved"), fields, G_N_ELEMENTS (fields), prepare, saved
};

void
till_meter_editor_new (TillPage *page)
{
  g_autoptr (JsonObject) start = json_object_new ();

  json_object_set_int_member (start, "port", 1);
  json_object_set_int_member (start, "ct_ratio", 1);
  till_plant_form_new (page, &form, start);
}

void
till_meter_editor_edit (TillPage *page, TillMeter *meter)
{
  till_plant_form_edit (page, &form, till_record_int (meter, "id"));
}

void
till_meter_editor_retire (TillPage *page, TillMeter *meter)
{
  till_plant_form_retire (page, &(TillPlantRetire){ TILL_PLANT_METER, till_record_int (meter, "id"), till_record_int (meter, "version"),
                                                    _ ("Retire this meter?"),
                                                    _ ("A retired meter is read no more and sold to no more; its history stays. "
                                                       "Its account has to be closed and its money taken back first."),
                                                    _ ("Retire meter"), _ ("The meter is retired"), _ ("Meter No."), till_record_text (meter, "code"),
                                                    _ ("Area"), till_record_text (meter, "room") });
}
