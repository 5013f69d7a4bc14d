/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-preset.c: defaults of new meters by site, place and class of use. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/plant/preset-fill.h"
#include "shared/api/till-enums.h"
#include "shared/api/till-paths.h"

static const TilldColumn columns[] = {
  { "room", "Place", "位置", TILLD_CELL_TEXT, NULL },
  { "class", "Class", "用电性质", TILLD_CELL_TEXT, NULL },
  { "tariff_name", "Tariff", "电价", TILLD_CELL_TEXT, NULL },
  { "alarm1", "Alarm 1", "报警1", TILLD_CELL_MONEY, NULL },
  { "alarm2", "Alarm 2", "报警2", TILLD_CELL_MONEY, NULL },
  { "overload_kw", "Overload limit", "功率阈值", TILLD_CELL_POWER, "kW" },
  { "changed_at", "Changed at", "修改时间", TILLD_CELL_TIME, NULL },
  { "changed_by", "Changed by", "修改人", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing presets = { "Defaults", "默认参数", "defaults", tilld_preset_list, columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &presets, error);
}

static TilldPreset *
take_input (TilldRequest *request)
{
  TilldPreset *in = g_new0 (TilldPreset, 1);

  in->use_class = -1;
  tilld_request_take_input (request, in, g_free);
  return in;
}

static gboolean
effective_decode (TilldRequest *request, GError **error)
{
  TilldPreset *in = take_input (request);
  const char *word = tilld_query_text (&request->query, "class", 32);

  tilld_query_int (&request->query, "area", 1, G_MAXINT64 / 2, &in->area);
  if (word != NULL && !till_use_class_from_word (word, &in->use_class))
    tilld_query_error (&request->query, "class", "must be dormitory, shop, office, public, residence or other");
  return tilld_query_finish (&request->query, error);
}

static gboolean
effective (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldPreset *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_preset_effective (db, &request->actor, &(TilldPresetPlace){ in->area, in->use_class }, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

/* null: nothing is said any more. */
static void
read_values (TillJsonRead *r, TilldPreset *in)
{
  const struct { const char *name; guint decimals; guint32 bit; gint64 *ret; } values[] = {
    { "tariff", 0, TILLD_PRESET_TARIFF, &in->tariff }, { "alarm1", 4, TILLD_PRESET_ALARM1, &in->alarm1 }, { "alarm2", 4, TILLD_PRESET_ALARM2, &in->alarm2 },
    { "overload_kw", 3, TILLD_PRESET_OVERLOAD, &in->overload_w }, { "overdraft", 4, TILLD_PRESET_OVERDRAFT, &in->overdraft },
    { "hoard_limit", 4, TILLD_PRESET_HOARD, &in->hoard_limit }, { "full_interval_s", 0, TILLD_PRESET_FULL_INTERVAL, &in->full_interval_s },
    { "status_interval_s", 0, TILLD_PRESET_STATUS_INTERVAL, &in->status_interval_s },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      gint64 value = -1;
      gboolean here = r->object != NULL && json_object_has_member (r->object, values[i].name);

      if (values[i].bit == TILLD_PRESET_FULL_INTERVAL)
        till_json_read_int (r, values[i].name, TILL_OPTIONAL, 300, 86400, &value);
      else if (values[i].bit == TILLD_PRESET_STATUS_INTERVAL)
        till_json_read_int (r, values[i].name, TILL_OPTIONAL, 15, 600, &value);
      else if (values[i].decimals == 0)
        till_json_read_int (r, values[i].name, TILL_OPTIONAL, 1, G_MAXINT64 / 2, &value);
      else if (till_json_read_decimal (r, values[i].name, TILL_OPTIONAL, values[i].decimals, &value) && here && value < -1)
        till_json_read_error (r, values[i].name, "must not be below 0");
      *values[i].ret = value;
      in->given |= here ? values[i].bit : 0;
    }
  if (in->alarm1 >= 0 && in->alarm2 >= 0 && in->alarm1 <= in->alarm2)
    till_json_read_error (r, "alarm1", "must be greater than alarm2");
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  TilldPreset *in = take_input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "area", TILL_OPTIONAL, 1, G_MAXINT64 / 2, &in->area);
  till_json_read_enum (&r, "class", TILL_OPTIONAL, till_use_class_from_word, &in->use_class);
  read_values (&r, in);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
at_decode (TilldRequest *request, TilldPreset *in, GError **error)
{
  return tilld_request_param_int (request, &in->id, error) && tilld_request_if_match (request, &in->version, error);
}

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  TilldPreset *in = take_input (request);
  TillJsonRead r;

  if (!at_decode (request, in, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  read_values (&r, in);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
save (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldPreset *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  gint64 id;

  till_json_write_begin_object (w, NULL);
  if (!tilld_preset_save (db, &request->actor, in, &id, error) || !tilld_preset_get (db, &request->actor, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, in->id == 0 ? 201 : 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_preset_get, error);
}

static gboolean
drop_decode (TilldRequest *request, GError **error)
{
  return at_decode (request, take_input (request), error) && tilld_query_finish (&request->query, error);
}

static gboolean
drop (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldPreset *in = request->input;

  if (!tilld_preset_drop (db, &request->actor, in->id, in->version, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

const TilldRoute tilld_api_preset_routes[] = {
  { "GET", TILL_PATH_DEFAULTS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "POST", TILL_PATH_DEFAULTS, TILL_PERMISSION_DEFAULTS_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, create_decode, save },
  { "PATCH", TILL_PATH_DEFAULT, TILL_PERMISSION_DEFAULTS_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, change_decode, save },
  { "DELETE", TILL_PATH_DEFAULT, TILL_PERMISSION_DEFAULTS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, drop_decode, drop },
  { "GET", TILL_PATH_DEFAULTS_FOR, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, effective_decode, effective },
  { "GET", TILL_PATH_DEFAULT, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get },
  { NULL },
};
