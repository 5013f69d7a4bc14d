/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-editor.c: see till-area-editor.h. */
#define G_LOG_DOMAIN "till-area-editor"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-area-editor.h"
#include "client/pages/till-plant-form.h"
#include "client/widgets/till-alert.h"
#include "client/widgets/till-format.h"

static const char *const kinds[] = { "campus", "building", "floor", "room", "other", NULL };

static const TillEditField fields[] = {
  { "name", N_ ("Area"), N_ ("Name of area"), TILL_EDIT_TEXT, TRUE },
  { "kind", N_ ("Area"), N_ ("Kind"), TILL_EDIT_CHOICE, TRUE, FALSE, "area-kind", kinds },
  { "parent", N_ ("Area"), N_ ("Lies in"), TILL_EDIT_REF },
};

static void
saved (TillPage *page, JsonObject *area)
{
  till_page_refresh (page);
}

static void
prepare (TillEditorWindow *window, TillContext *context)
{
  till_plant_form_put_areas (window, context, "parent", _ ("the site itself"));
}

static const TillPlantForm form = {
  TILL_PLANT_AREA, N_ ("New area"), N_ ("Area"), N_ ("The area is saved"), fields, G_N_ELEMENTS (fields), prepare, saved
};

/* One below the parent's: rooms in floors, floors in buildings. */
static const char *
kind_below (TillArea *parent)
{
  gint64 kind = parent != NULL ? till_record_int (parent, "kind") : TILL_UNKNOWN;

  if (kind == TILL_UNKNOWN)
    return "campus";
  return kinds[CLAMP (kind + 1, 0, (gint64) G_N_ELEMENTS (kinds) - 2)];
}

void
till_area_editor_new (TillPage *page, TillArea *parent)
{
  g_autoptr (JsonObject) start = json_object_new ();

  if (parent != NULL)
    json_object_set_int_member (start, "parent", till_record_int (parent, "id"));
  json_object_set_string_member (start, "kind", kind_below (parent));
  till_plant_form_new (page, &form, start);
}

void
till_area_editor_edit (TillPage *page, TillArea *area)
{
  till_plant_form_edit (page, &form, till_record_int (area, "id"));
}

/* --- without the form --- */

static JsonObject *
as_shown (TillArea *area)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", till_record_int (area, "id"));
  json_object_set_int_member (object, "version", till_record_int (area, "version"));
  json_object_set_string_member (object, "name", till_record_text (area, "name"));
  json_object_set_string_member (object, "kind", till_record_text (area, "kind"));
  if (till_record_known (area, "parent"))
    json_object_set_int_member (object, "parent", till_record_int (area, "parent"));
  return object;
}

void
till_area_editor_rename (TillPage *page, TillArea *area, const char *name)
{
  g_autoptr (JsonObject) before = as_shown (area), change = json_object_new ();

  json_object_set_string_member (change, "name", name);
  till_plant_form_change (page, &form, before, change);
}

typedef struct { TillPage *page; TillArea *area; gint64 parent; } Move;

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Move *move = user_data;
  g_autoptr (TillPage) page = move->page;
  g_autoptr (TillArea) area = move->area;
  g_autoptr (JsonObject) before = as_shown (area), change = json_object_new ();

  if (!till_alert_ask_finish (GTK_WIDGET (source), result, NULL))
    return;
  if (move->parent > 0)
    json_object_set_int_member (change, "parent", move->parent);
  else
    json_object_set_null_member (change, "parent");
  till_plant_form_change (page, &form, before, change);
}

void
till_area_editor_move (TillPage *page, TillArea *area, TillArea *parent)
{
  gint64 meters = till_record_int (area, "meters");
  g_autofree char *count = meters > 0 ? g_strdup_printf (ngettext ("%d meter goes with it.", "%d meters go with it.", (gulong) meters), (int) meters)
                                      : g_strdup (_ ("There are no meters in it."));
  const char *name = till_record_text (area, "name");
  g_autofree char *heading = g_strdup_printf (_ ("Move %s to %s?"), name, parent != NULL ? till_record_text (parent, "path") : _ ("the site itself"));
  g_autofree char *body = g_strconcat (count, " ", _ ("Operators see it who may see its new place."), NULL);
  Move *move = g_new0 (Move, 1);

  *move = (Move){ g_object_ref (page), g_object_ref (area), parent != NULL ? till_record_int (parent, "id") : 0 };
  till_alert_ask_async (GTK_WIDGET (page), &(TillAlert){ heading, body, _ ("Cancel"), _ ("Move area"), FALSE }, NULL, moved_cb, move);
}

void
till_area_editor_retire (TillPage *page, TillArea *area)
{
  g_autofree char *meters = till_format_int (till_record_int (area, "meters"));

  till_plant_form_retire (page, &(TillPlantRetire){ TILL_PLANT_AREA, till_record_int (area, "id"), till_record_int (area, "version"),
                                                    _ ("Retire this area?"),
                                                    _ ("A retired area is chosen nowhere any more; what happened there stays in the records. "
                                                       "Its meters have to stand elsewhere first."),
                                                    _ ("Retire area"), _ ("The area is retired"), _ ("Area"), till_record_text (area, "path"),
                                                      C_ ("area", "Meters"),
                                                    meters });
}
