/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-default-editor.c: see till-default-editor.h. An empty field is inherited. */
#define G_LOG_DOMAIN "till-default-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-default-editor.h"
#include "client/pages/till-plant-form.h"
#include "client/widgets/till-format.h"

static const TillEditField fields[] = {
  { "tariff", N_ ("Billing"), N_ ("Tariff"), TILL_EDIT_REF },
  { "alarm1", N_ ("Limits: leave empty what is inherited"), N_ ("Alarm 1"), TILL_EDIT_TEXT },
  { "alarm2", N_ ("Limits: leave empty what is inherited"), N_ ("Alarm 2"), TILL_EDIT_TEXT },
  { "overload_kw", N_ ("Limits: leave empty what is inherited"), N_ ("Overload limit kW"), TILL_EDIT_TEXT },
  { "overdraft", N_ ("Limits: leave empty what is inherited"), N_ ("Overdraft"), TILL_EDIT_TEXT },
  { "hoard_limit", N_ ("Limits: leave empty what is inherited"), N_ ("Hoard limit"), TILL_EDIT_TEXT },
  { "full_interval_s", N_ ("Polling"), N_ ("Reading every (s)"), TILL_EDIT_INT },
  { "status_interval_s", N_ ("Polling"), N_ ("Poll every (s), of new gateways"), TILL_EDIT_INT }, /* the last: a class has none */
};

static void
prepare (TillEditorWindow *window, TillContext *context)
{
  till_plant_form_put_refs (window, context, "tariff", &(TillPlantRefs){ TILL_REF_TARIFFS, "name", _ ("inherited") });
}

static void
saved (TillPage *page, JsonObject *record)
{
  till_page_refresh (page);
}

char *
till_default_editor_dup_place (const char *room, const char *use_class)
{
  return g_strdup_printf ("%s · %s", room != NULL ? room : _ ("Whole site"), use_class != NULL ? till_format_wire ("use-class", use_class)
                                                                                               : _ ("every class"));
}

static char *
dup_subject (JsonObject *record)
{
  return till_default_editor_dup_place (json_object_get_string_member_with_default (record, "room", NULL),
                                        json_object_get_string_member_with_default (record, "class", NULL));
}

static const TillPlantForm of_place = {
  TILL_PLANT_DEFAULT, N_ ("Default parameters"), N_ ("Default parameters"), N_ ("The default parameters are saved"), fields, G_N_ELEMENTS (fields),
  prepare, saved, dup_subject
};
static const TillPlantForm of_class = {
  TILL_PLANT_DEFAULT, N_ ("Default parameters"), N_ ("Default parameters"), N_ ("The default parameters are saved"), fields, G_N_ELEMENTS (fields) - 1,
  prepare, saved, dup_subject
};

static const TillPlantForm *
form_of (const TillDefaultPlace *place)
{
  return place->use_class != NULL ? &of_class : &of_place;
}

static JsonObject *
object_in (JsonObject *object, const char *member)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gint64
int_in (JsonObject *object, const char *member)
{
  return object != NULL ? json_object_get_int_member_with_default (object, member, 0) : 0;
}

gboolean
till_default_editor_is_said (const TillDefaultPlace *place, const char *member)
{
  gint64 here = int_in (object_in (place->effective, "here"), "id");

  return here > 0 && int_in (object_in (object_in (place->effective, "origins"), member), "id") == here;
}

void
till_default_editor_edit (TillPage *page, const TillDefaultPlace *place)
{
  gint64 id = int_in (object_in (place->effective, "here"), "id");
  g_autoptr (JsonObject) start = NULL;
  GtkWindow *window;

  if (id > 0)
    {
      till_plant_form_edit (page, form_of (place), id);
      return;
    }
  start = json_object_new ();
  if (place->area > 0)
    json_object_set_int_member (start, "area", place->area);
  if (place->use_class != NULL)
    json_object_set_string_member (start, "class", place->use_class);
  window = till_plant_form_new (page, form_of (place), start);
  till_editor_window_set_subject (TILL_EDITOR_WINDOW (window), place->text);
}

/* The record as this page knows it: what is said here. */
static JsonObject *
make_before (const TillDefaultPlace *place)
{
  JsonObject *before = json_object_new (), *here = object_in (place->effective, "here");

  json_object_set_int_member (before, "id", int_in (here, "id"));
  json_object_set_int_member (before, "version", int_in (here, "version"));
  if (place->room != NULL)
    json_object_set_string_member (before, "room", place->room);
  if (place->use_class != NULL)
    json_object_set_string_member (before, "class", place->use_class);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (till_default_editor_is_said (place, fields[i].member))
      json_object_set_member (before, fields[i].member, json_node_copy (json_object_get_member (place->effective, fields[i].member)));
  return before;
}

void
till_default_editor_inherit (TillPage *page, const TillDefaultPlace *place, const char *member)
{
  g_autoptr (JsonObject) before = make_before (place), change = json_object_new ();

  json_object_set_null_member (change, member);
  till_plant_form_change (page, form_of (place), before, change);
}

void
till_default_editor_inherit_all (TillPage *page, const TillDefaultPlace *place)
{
  JsonObject *here = object_in (place->effective, "here");

  if (here == NULL)
    return;
  till_plant_form_retire (page, &(TillPlantRetire){ TILL_PLANT_DEFAULT, int_in (here, "id"), int_in (here, "version"), _ ("Take everything back here?"),
                                                    _ ("What is said for this place and class is taken away. Meters that are there stay as they are."),
                                                    _ ("Take everything back"), _ ("The default parameters are taken back"), _ ("Place"), place->text,
                                                    NULL, NULL });
}
