/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-plant-store.c: gateways and meters of an import in and out of the database, in bulk where there are many. Judges nothing. */
#include "server/domain/control/import-plant.h"
#include "server/domain/plant/feed.h"
#include "shared/base/till-json-write.h"

#define METERS_AT_ONCE 1000

static const TilldStatement gateways_load = {
  .name = "import-gateways",
  .sql = "SELECT g.id, g.code, g.name, g.link, g.address, coalesce (g.area, 0) AS area, g.version, g.retired_at IS NOT NULL AS retired, "
         "g.site = $2 AND ($3 OR coalesce (a.lineage && $4, false)) AS mine, "
         "ARRAY (SELECT (p->>'port')::bigint FROM jsonb_array_elements (g.ports) p) AS ports "
         "FROM gateway g LEFT JOIN area a ON a.id = g.area WHERE g.code = ANY ($1)",
  .params = { DB_TEXT_ARRAY_TYPE, DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "link", DB_I16_TYPE }, { "address", DB_TEXT_TYPE },
               { "area", DB_I64_TYPE }, { "version", DB_I32_TYPE }, { "retired", DB_BOOL_TYPE }, { "mine", DB_BOOL_TYPE },
               { "ports", DB_I64_ARRAY_TYPE } },
};
static const TilldStatement meters_load = {
  .name = "import-meters",
  .sql = "SELECT m.id, m.code, m.name, m.serial, m.gateway, m.port, m.unit, m.model, m.ct_ratio, m.area, m.use_class, coalesce (m.tariff, 0) AS tariff, "
         "m.alarm1, m.alarm2, m.overload_w, m.purse, m.version, m.retired_at IS NOT NULL AS retired, a.site = $2 AND ($3 OR a.lineage && $4) AS mine "
         "FROM meter m JOIN area a ON a.id = m.area WHERE m.code = ANY ($1)",
  .params = { DB_TEXT_ARRAY_TYPE, DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "serial", DB_TEXT_TYPE }, { "gateway", DB_I64_TYPE },
               { "port", DB_I16_TYPE }, { "unit", DB_I16_TYPE }, { "model", DB_TEXT_TYPE }, { "ct_ratio", DB_I32_TYPE }, { "area", DB_I64_TYPE },
               { "use_class", DB_I16_TYPE }, { "tariff", DB_I64_TYPE }, { "alarm1", DB_I64_TYPE }, { "alarm2", DB_I64_TYPE },
               { "overload_w", DB_I64_TYPE }, { "purse", DB_I16_TYPE }, { "version", DB_I32_TYPE }, { "retired", DB_BOOL_TYPE }, { "mine", DB_BOOL_TYPE } },
};
static const TilldStatement places_load = {
  .name = "import-places",
  .sql = "SELECT g.code || '/' || m.port || '/' || m.unit AS place, m.code FROM gateway g JOIN meter m ON m.gateway = g.id "
         "WHERE g.code = ANY ($1) AND m.retired_at IS NULL",
  .params = { DB_TEXT_ARRAY_TYPE },
  .columns = { { "place", DB_TEXT_TYPE, DB_NULL_OK }, { "code", DB_TEXT_TYPE } },
};
static const TilldStatement meters_insert = {
  .name = "import-meters-insert",
  .sql = "INSERT INTO meter (code, name, serial, gateway, port, unit, model, ct_ratio, area, use_class, settlement, purse, tariff, alarm1, alarm2, overload_w, "
         "overdraft, hoard_limit, full_interval_s) "
         "SELECT x.code, x.name, x.serial, x.gateway, x.port, x.unit, x.model, x.ct_ratio, x.area, x.use_class, x.settlement, x.purse, nullif (x.tariff, 0), "
         "x.alarm1, x.alarm2, x.overload_w, x.overdraft, x.hoard_limit, nullif (x.full_interval_s, 0) "
         "FROM jsonb_to_recordset ($1) AS x (code text, name text, serial text, gateway bigint, port smallint, "
         "unit smallint, model text, ct_ratio int, area bigint, use_class smallint, settlement smallint, purse smallint, tariff bigint, alarm1 bigint, "
         "alarm2 bigint, overload_w bigint, overdraft bigint, hoard_limit bigint, full_interval_s int) RETURNING id, to_jsonb (meter) AS body",
  .params = { DB_JSON_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "body", DB_JSON_TYPE } },
};
TILLD_STATEMENT (gateways_load)
TILLD_STATEMENT (meters_load)
TILLD_STATEMENT (places_load)
TILLD_STATEMENT (meters_insert)

#define TEXTS(array) DB_TEXT_ARRAY ((const char *const *) (array)->pdata, (array)->len)

static void
gateway_free (gpointer data)
{
  TilldImportGateway *gateway = data;

  g_free (gateway->code);
  g_free (gateway->name);
  g_free (gateway->address);
  g_free (gateway);
}

static void
meter_free (gpointer data)
{
  TilldImportMeter *meter = data;

  g_free (meter->name);
  g_free (meter->serial);
  g_free (meter->model);
  g_free (meter);
}

static void
step_clear (gpointer data)
{
  TilldImportStep *step = data;

  if (step->edit != NULL)
    tilld_gateway_edit_free (step->edit);
  tilld_meter_record_clear (&step->record);
}

void
tilld_import_plant_free (gpointer data)
{
  TilldImportPlant *plan = data;

  tilld_import_areas_clear (&plan->areas);
  g_clear_pointer (&plan->gateways, g_hash_table_unref);
  g_clear_pointer (&plan->meters, g_hash_table_unref);
  g_clear_pointer (&plan->places, g_hash_table_unref);
  g_clear_pointer (&plan->tariffs, g_hash_table_unref);
  g_clear_pointer (&plan->seen, g_hash_table_unref);
  g_clear_pointer (&plan->gateway_steps, g_array_unref);
  g_clear_pointer (&plan->meter_steps, g_array_unref);
  g_free (plan->presets);
  g_free (plan);
}

/* --- what there is --- */

static void
take_gateway (TilldRows *rows, guint i, TilldImportPlant *plan)
{
  TilldImportGateway *gateway = g_new0 (TilldImportGateway, 1);
  g_autofree gint64 *ports = NULL;
  guint n = 0;

  *gateway = (TilldImportGateway){ .id = tilld_row_i64 (rows, i, "id"), .version = tilld_row_i64 (rows, i, "version"), .area = tilld_row_i64 (rows, i, "area"),
                                   .code = tilld_row_dup_text (rows, i, "code"), .name = tilld_row_dup_text (rows, i, "name"),
                                   .address = tilld_row_dup_text (rows, i, "address"), .link = (int) tilld_row_i64 (rows, i, "link"),
                                   .mine = tilld_row_bool (rows, i, "mine"), .retired = tilld_row_bool (rows, i, "retired") };
  ports = tilld_row_i64_array (rows, i, "ports", &n);
  for (guint k = 0; k < n; k++)
    gateway->ports |= 1u << (ports[k] & 31);
  g_hash_table_insert (plan->gateways, gateway->code, gateway);
}

static void
take_meter (TilldRows *rows, guint i, TilldImportPlant *plan)
{
  TilldImportMeter *meter = g_new0 (TilldImportMeter, 1);
  gint64 typed = tilld_row_i64 (rows, i, "purse") == TILL_PURSE_ENERGY ? 10 : 1;

  *meter = (TilldImportMeter){
    .id = tilld_row_i64 (rows, i, "id"), .version = tilld_row_i64 (rows, i, "version"), .gateway = tilld_row_i64 (rows, i, "gateway"),
    .port = tilld_row_i64 (rows, i, "port"), .unit = tilld_row_i64 (rows, i, "unit"), .ct_ratio = tilld_row_i64 (rows, i, "ct_ratio"),
    .area = tilld_row_i64 (rows, i, "area"), .tariff = tilld_row_i64 (rows, i, "tariff"), .alarm1 = tilld_row_i64 (rows, i, "alarm1") * typed,
    .alarm2 = tilld_row_i64 (rows, i, "alarm2") * typed, .overload_w = tilld_row_i64 (rows, i, "overload_w"),
    .use_class = (int) tilld_row_i64 (rows, i, "use_class"), .name = tilld_row_dup_text (rows, i, "name"),
    .serial = tilld_row_dup_text (rows, i, "serial"), .model = tilld_row_dup_text (rows, i, "model"), .mine = tilld_row_bool (rows, i, "mine"),
    .retired = tilld_row_bool (rows, i, "retired"),
  };
  g_hash_table_insert (plan->meters, tilld_row_dup_text (rows, i, "code"), meter);
}

gboolean
tilld_import_plant_load (TilldImportWork *work, TilldImportPlant *plan, GError **error)
{
  g_autoptr (GPtrArray) codes = tilld_import_column (work, "code"), sits_on = tilld_import_column (work, "gateway");
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (TilldRows) gateways = NULL, meters = NULL, places = NULL;
  const TilldActor *who = work->who;

  g_ptr_array_extend (all, codes, NULL, NULL);
  g_ptr_array_extend (all, sits_on, NULL, NULL);
  plan->gateways = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, gateway_free);
  plan->meters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, meter_free);
  plan->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  plan->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  plan->gateway_steps = g_array_new (FALSE, FALSE, sizeof (TilldImportStep));
  plan->meter_steps = g_array_new (FALSE, FALSE, sizeof (TilldImportStep));
  g_array_set_clear_func (plan->gateway_steps, step_clear);
  g_array_set_clear_func (plan->meter_steps, step_clear);
  if (!tilld_import_areas_load (work, &plan->areas, error) || !tilld_import_tariffs_load (work, &plan->tariffs, error) ||
      !tilld_db_query (work->db, &gateways_load, &gateways, error, TEXTS (all), DB_I64 (who->site), DB_BOOL (who->areas == NULL), TILLD_IMPORT_AREAS (who)) ||
      !tilld_db_query (work->db, &meters_load, &meters, error, TEXTS (codes), DB_I64 (who->site), DB_BOOL (who->areas == NULL), TILLD_IMPORT_AREAS (who)) ||
      !tilld_db_query (work->db, &places_load, &places, error, TEXTS (all)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (gateways); i++)
    take_gateway (gateways, i, plan);
  for (guint i = 0; i < tilld_rows_count (meters); i++)
    take_meter (meters, i, plan);
  for (guint i = 0; i < tilld_rows_count (places); i++)
    g_hash_table_insert (plan->places, tilld_row_dup_text (places, i, "place"), tilld_row_dup_text (places, i, "code"));
  return TRUE;
}

/* --- what comes --- */

/* A verb that refuses what was judged right: somebody was faster, or it looks closer. The row is named. */
static gboolean
row_failed (const TilldImportRow *row, GError *failure, GError **error)
{
  g_autoptr (GError) owned = failure;
  g_autofree char *path = g_strdup_printf ("rows[%u].code", row->index);

  if (till_error_is_retryable (failure) || till_error_is (failure, TILL_ERROR_INTERNAL))
    {
      g_propagate_error (error, g_steal_pointer (&owned));
      return FALSE;
    }
  till_fail (error, TILL_ERROR_INVALID, "row %u: %s; nothing was changed", row->index + 1, failure->message);
  if (error != NULL)
    till_error_add_field (*error, path, failure->message);
  return FALSE;
}

static void
fill_ports (TilldImportStep *step)
{
  TilldGatewayRecord *record = &step->edit->record;

  if (step->id != 0 || record->link != TILL_LINK_KIND_DIAL_IN || (step->gateway->ports & ~2u) == 0)
    return;
  step->edit->has |= TILLD_GATEWAY_PORTS;
  record->n_ports = 0;
  for (guint port = 1; port < TILLD_FIELD_PORTS; port++)
    if ((step->gateway->ports & (1u << port)) != 0)
      record->ports[record->n_ports++] = (TilldFieldPort){ (guint8) port, 'N', 9600 };
}

static gboolean
write_gateway (TilldImportWork *work, TilldImportPlant *plan, TilldImportStep *step, GError **error)
{
  g_autofree char *master = NULL;
  GError *failure = NULL;
  gboolean good;

  if (step->area != NULL)
    step->edit->record.area = tilld_import_areas_id (&plan->areas, step->area);
  fill_ports (step);
  if (step->id == 0)
    good = tilld_gateway_create (work->db, work->who, work->tools->keys, step->edit, &step->gateway->id, &master, &failure);
  else
    {
      step->edit->record.id = step->id;
      good = tilld_gateway_update (work->db, work->who, work->tools->keys, step->edit, step->version, &master, &failure);
    }
  return good || row_failed (tilld_import_row (work, step->row), failure, error);
}

static void
write_meter_json (const TilldImportPlant *plan, const TilldImportStep *step, TillJsonWrite *w)
{
  const TilldMeterRecord *m = &step->record;

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "code", m->code);
  till_json_write_text (w, "name", m->name != NULL ? m->name : "");
  till_json_write_text (w, "serial", m->serial != NULL ? m->serial : "");
  till_json_write_int (w, "gateway", step->gateway->id);
  till_json_write_int (w, "port", m->port);
  till_json_write_int (w, "unit", m->unit);
  till_json_write_text (w, "model", m->model);
  till_json_write_int (w, "ct_ratio", MAX (m->ct_ratio, 1));
  till_json_write_int (w, "area", tilld_import_areas_id (&plan->areas, step->area));
  till_json_write_int (w, "use_class", m->use_class);
  till_json_write_int (w, "settlement", m->settlement);
  till_json_write_int (w, "purse", step->purse);
  till_json_write_int (w, "tariff", m->tariff);
  till_json_write_int (w, "alarm1", m->alarm1);
  till_json_write_int (w, "alarm2", m->alarm2);
  till_json_write_int (w, "overload_w", m->overload_w);
  till_json_write_int (w, "overdraft", m->overdraft);
  till_json_write_int (w, "hoard_limit", m->hoard_limit);
  till_json_write_int (w, "full_interval_s", m->full_interval_s);
  till_json_write_end_object (w);
}

static gboolean
insert_meters (TilldImportWork *work, const TilldImportPlant *plan, guint from, GArray *ids, GError **error)
{
  TillJsonWrite *w = till_json_write_new ();
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *json = NULL;
  guint n = 0;

  till_json_write_begin_array (w, NULL);
  for (guint i = from; i < MIN (plan->meter_steps->len, from + METERS_AT_ONCE); i++)
    if (g_array_index (plan->meter_steps, TilldImportStep, i).id == 0)
      {
        write_meter_json (plan, &g_array_index (plan->meter_steps, TilldImportStep, i), w);
        n++;
      }
  till_json_write_end_array (w);
  json = till_json_write_free_to_text (w, NULL);
  if (n > 0 && !tilld_db_query (work->db, &meters_insert, &rows, error, DB_JSON (json)))
    return FALSE;
  for (guint i = 0; rows != NULL && i < tilld_rows_count (rows); i++)
    {
      gint64 id = tilld_row_i64 (rows, i, "id");

      g_array_append_val (ids, id);
      tilld_import_note (work, "meter", id, NULL, tilld_row_text (rows, i, "body"));
    }
  return TRUE;
}

static gboolean
update_meter (TilldImportWork *work, TilldImportPlant *plan, TilldImportStep *step, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  TilldMeterAt at = { step->id, step->version, work->in->now_ms };

  if ((step->record.given & TILLD_METER_AREA) != 0)
    step->record.area = tilld_import_areas_id (&plan->areas, step->area);
  if ((step->record.given & TILLD_METER_GATEWAY) != 0)
    step->record.gateway = step->gateway->id;
  till_json_write_begin_object (w, NULL);
  return tilld_meter_update (work->db, work->tools->profiles, work->who, &at, &step->record, w, error);
}

gboolean
tilld_import_plant_try (TilldImportWork *work, TilldImportPlant *plan, TilldImportStep *step, GError **error)
{
  gboolean good;

  if (!tilld_db_command (work->db, "SAVEPOINT import_row", error))
    return FALSE;
  good = update_meter (work, plan, step, error);
  return tilld_db_command (work->db, "ROLLBACK TO import_row", good ? error : NULL) && good;
}

gboolean
tilld_import_plant_write (TilldImportWork *work, gpointer data, GError **error)
{
  TilldImportPlant *plan = data;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!tilld_import_areas_make (&plan->areas, work, error))
    return FALSE;
  for (guint i = 0; i < plan->gateway_steps->len; i++)
    if (!write_gateway (work, plan, &g_array_index (plan->gateway_steps, TilldImportStep, i), error))
      return FALSE;
  /* Who moves away makes room for who comes. */
  for (guint i = 0; i < plan->meter_steps->len; i++)
    {
      TilldImportStep *step = &g_array_index (plan->meter_steps, TilldImportStep, i);
      GError *failure = NULL;

      if (step->id != 0 && !update_meter (work, plan, step, &failure))
        return row_failed (tilld_import_row (work, step->row), failure, error);
    }
  for (guint i = 0; i < plan->meter_steps->len; i += METERS_AT_ONCE)
    if (!insert_meters (work, plan, i, ids, error))
      return FALSE;
  if (ids->len == 0)
    g_array_append_vals (ids, &work->who->site, 1); /* places alone: the board loads again all the same */
  return tilld_feed_add_ids (work->db, "plant", (const gint64 *) (gpointer) ids->data, ids->len, error);
}
