/* SPDX-License-Identifier: GPL-2.0-or-later
 * discovery.c: a discovery is a job that the holder of the gateway's link takes. */
#include "server/domain/plant/discovery.h"
#include "server/domain/office/job.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-read.h"

static const TilldStatement place_load = {
  .name = "discovery-place",
  .sql = "SELECT EXISTS (SELECT FROM jsonb_array_elements (g.ports) p WHERE (p->>'port')::int = $2) AS has_port, "
         "EXISTS (SELECT FROM job j WHERE j.name = 'discover' AND j.state = 'running' AND j.gateway = g.id AND (j.input->>'port')::int = $2) AS busy "
         "FROM gateway g LEFT JOIN area a ON a.id = g.area WHERE g.id = $1 AND g.retired_at IS NULL AND ($3 OR a.lineage && $4) FOR NO KEY UPDATE OF g",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "has_port", DB_BOOL_TYPE }, { "busy", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (place_load)

static const TilldStatement known_load = {
  .name = "discovery-known",
  .sql = "SELECT unit, id, code FROM meter WHERE gateway = $1 AND port = $2 AND retired_at IS NULL ORDER BY unit",
  .params = { DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "unit", DB_I16_TYPE }, { "id", DB_I64_TYPE }, { "code", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (known_load)

gboolean
tilld_discovery_start (TilldDb *db, const TilldActor *who, const TilldDiscovery *in, GError **error)
{
  g_autoptr (TilldRows)     rows = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char          *input = NULL;
  TilldJobNew               job = { .id = in->job, .name = TILLD_DISCOVERY_JOB, .gateway = in->gateway };

  if (!tilld_db_query (db, &place_load, &rows, error, DB_I64 (in->gateway), DB_I32 (in->port), DB_BOOL (who->areas == NULL),
                       DB_I64_ARRAY (who->areas != NULL ? (const gint64 *) who->areas->data : NULL, who->areas != NULL ? who->areas->len : 0)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such gateway");
  if (!tilld_row_bool (rows, 0, "has_port"))
    {
      till_fail (error, TILL_ERROR_INVALID, "port is none of this gateway's");
      if (error != NULL)
        till_error_add_field (*error, "port", "must be one of the gateway's ports");
      return FALSE;
    }
  if (tilld_row_bool (rows, 0, "busy"))
    return till_fail (error, TILL_ERROR_CONFLICT, "a discovery is running on this port");
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "port", in->port);
  till_json_write_begin_array (w, "tables");
  for (guint i = 0; i < in->n_tables; i++)
    till_json_write_int (w, NULL, in->tables[i]);
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  input = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  job.input = input;
  job.total = in->n_tables;
  return tilld_job_create (db, who, &job, error);
}

gboolean
tilld_discovery_read (const char *input, TilldDiscovery *ret, GError **error)
{
  g_autoptr (JsonNode) node = till_json_parse (input, -1, 4096, error);
  JsonArray           *tables = NULL;
  TillJsonRead         r;

  if (node == NULL)
    return FALSE;
  till_json_read_init (&r, node);
  till_json_read_int (&r, "port", TILL_REQUIRED, 1, 16, &ret->port);
  till_json_read_array (&r, "tables", TILL_REQUIRED, TILLD_DISCOVERY_TABLES_MAX, &tables);
  ret->n_tables = 0;
  for (guint i = 0; tables != NULL && i < json_array_get_length (tables); i++)
    ret->tables[ret->n_tables++] = (guint8) json_array_get_int_element (tables, i);
  return till_json_read_finish (&r, error);
}

gboolean
tilld_discovery_known (TilldDb *db, gint64 gateway, gint64 port, GHashTable **ret_meters, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &known_load, &rows, error, DB_I64 (gateway), DB_I16 (port)))
    return FALSE;
  *ret_meters = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      const char      *code = tilld_row_text (rows, i, "code");
      TilldKnownMeter *meter = g_malloc0 (sizeof *meter + strlen (code) + 1);

      meter->id = tilld_row_i64 (rows, i, "id");
      memcpy (meter->code, code, strlen (code));
      g_hash_table_insert (*ret_meters, GINT_TO_POINTER (tilld_row_i64 (rows, i, "unit")), meter);
    }
  return TRUE;
}
