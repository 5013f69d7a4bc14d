/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-meter-edit.c: meters are added, one or a list in one go, changed and taken out; what one of them holds. */
#include "server/api/single.h"
#include "server/core/clock.h"
#include "server/domain/money/price-issue.h"
#include "server/domain/plant/meter-config.h"
#include "server/domain/plant/meter-edit.h"
#include "server/domain/plant/meter.h"
#include "shared/api/till-paths.h"

#define METERS_MAX 1000

typedef struct {
  gboolean          bulk;
  guint             n;
  TilldMeterRecord *records;
  TilldMeterAt      at;
} Input;

static void
input_free (gpointer data)
{
  Input *in = data;

  for (guint i = 0; i < in->n; i++)
    tilld_meter_record_clear (&in->records[i]);
  g_free (in->records);
  g_free (in);
}

static Input *
take_input (TilldRequest *request)
{
  Input *in = g_new0 (Input, 1);

  tilld_request_take_input (request, in, input_free);
  in->at.now_ms = tilld_clock_wall (tilld_api_of (request)->clock) / 1000;
  return in;
}

static void
read_list (TillJsonRead *r, Input *in)
{
  JsonArray *items = NULL;

  in->bulk = TRUE;
  if (!till_json_read_array (r, "meters", TILL_REQUIRED, METERS_MAX, &items))
    return;
  in->n = json_array_get_length (items);
  in->records = g_new0 (TilldMeterRecord, in->n + 1);
  if (in->n == 0)
    till_json_read_error (r, "meters", "must hold at least one");
  for (guint i = 0; i < in->n; i++)
    {
      g_autofree char *path = g_strdup_printf ("meters[%u]", i);
      TillJsonRead item;

      till_json_read_init_nested (&item, json_array_get_element (items, i), path);
      tilld_meter_record_read (&item, TRUE, &in->records[i]);
      till_json_read_end_nested (r, &item);
    }
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  Input *in = take_input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  if (till_json_read_has (&r, "meters"))
    read_list (&r, in);
  else
    {
      in->records = g_new0 (TilldMeterRecord, 1);
      in->n = 1;
      tilld_meter_record_read (&r, TRUE, &in->records[0]);
    }
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  if (!tilld_meter_create (db, tilld_api_of (request)->profiles, &request->actor, in->records, in->n, ids, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  if (in->bulk)
    {
      till_json_write_int (w, "total", ids->len);
      till_json_write_begin_array (w, "items");
      for (guint i = 0; i < ids->len; i++)
        till_json_write_int (w, NULL, g_array_index (ids, gint64, i));
      till_json_write_end_array (w);
    }
  else if (!tilld_meter_get (db, &request->actor, g_array_index (ids, gint64, 0), w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 201, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  Input *in = take_input (request);
  TillJsonRead r;

  if (!tilld_request_param_int (request, &in->at.id, error) || !tilld_request_if_match (request, &in->at.version, error))
    return FALSE;
  in->records = g_new0 (TilldMeterRecord, 1);
  in->n = 1;
  till_json_read_init (&r, request->body);
  tilld_meter_record_read (&r, FALSE, &in->records[0]);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
change (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  const TilldProfiles *profiles = tilld_api_of (request)->profiles;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *price = NULL;
  TilldMeterAt at = in->at;

  if ((in->records[0].given & TILLD_METER_TARIFF) != 0 && (in->records[0].given & TILLD_METER_MODEL) == 0 &&
      !tilld_price_value (db, profiles, request->actor.site, &(TilldPriceOf){ at.id, in->records[0].tariff }, &price, error))
    return FALSE;
  at.price = price;
  till_json_write_begin_object (w, NULL);
  if (!tilld_meter_update (db, profiles, &request->actor, &at, &in->records[0], w, error)
      || !tilld_meter_get (db, &request->actor, in->at.id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
retire_decode (TilldRequest *request, GError **error)
{
  Input *in = take_input (request);

  return tilld_request_param_int (request, &in->at.id, error) && tilld_request_if_match (request, &in->at.version, error)
         && tilld_query_finish (&request->query, error);
}

static gboolean
retire (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  if (!tilld_meter_retire (db, &request->actor, in->at.id, in->at.version, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

static gboolean
get_config (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_config_get, error);
}

const TilldRoute tilld_api_meter_edit_routes[] = {
  { "GET", TILL_PATH_METER_CONFIG, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_config },
  { "POST", TILL_PATH_METERS, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 1024 * 1024, TILLD_RUN_INTERACTIVE, 10000, create_decode, create },
  { "PATCH", TILL_PATH_METER, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 16384, TILLD_RUN_INTERACTIVE, 5000, change_decode, change },
  { "DELETE", TILL_PATH_METER, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, retire_decode, retire },
  { NULL },
};
