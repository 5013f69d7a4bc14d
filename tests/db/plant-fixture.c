/* SPDX-License-Identifier: GPL-2.0-or-later
 * plant-fixture.c: a small plant for tests. */
#include "tests/db/plant-fixture.h"
#include <string.h>
#include "server/db/db-tx.h"

static const char plant_sql[] =
  "INSERT INTO site (code, name) VALUES ('main', 'Campus');"
  "INSERT INTO area (site, parent, kind, name) VALUES (1, NULL, 0, 'Campus'), (1, 1, 1, 'B1'), (1, 1, 1, 'B2'), (1, 2, 3, '101'), (1, 2, 3, '102'),"
  " (1, 3, 3, '201');"
  "INSERT INTO operator (account, name, password) VALUES ('anna', 'Anna', 'x'), ('bert', 'Bert', 'x');"
  "INSERT INTO gateway (code, name, site, area, link, address, simulated) VALUES ('GW-1', 'One', 1, 2, 2, '127.0.0.1:1502', true),"
  " ('GW-2', 'Two', 1, 3, 1, '127.0.0.1:1503', false);"
  "INSERT INTO tariff (name) VALUES ('flat'); INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, '2020-01-01', 6000);"
  "INSERT INTO meter (code, gateway, unit, model, area, tariff) SELECT 'M-' || i, CASE WHEN i < 5 THEN 1 ELSE 2 END, i, 'adf400l-1p',"
  " (ARRAY[4, 4, 5, 6, 6, 6])[i], 1 FROM generate_series (1, 6) i;"
  "INSERT INTO customer (code, name, area, phones) VALUES ('C-1', '\xe5\xbc\xa0\xe4\xbc\x9f', 4, '{13912345566}'), ('C-2', 'Li', 6, '{}');"
  "INSERT INTO account (code, site, customer) VALUES ('A-1', 1, 1), ('A-2', 1, 1), ('A-3', 1, 1), ('A-4', 1, 2);"
  "INSERT INTO account_meter (account, meter) SELECT i, i FROM generate_series (1, 4) i;"
  "INSERT INTO model_proof (model, version, write, simulated, proved_by, agreed_by) VALUES ('adf400l-1p', 1, 'recharge', true, 'anna', 'bert');";

TestPg *
plant_new (void)
{
  TestPg *pg = test_pg_new ();

  test_pg_run (pg, plant_sql);
  g_assert_true (tilld_db_command (pg->db, "SET ROLE " TILLD_DB_ROLE, NULL)); /* as the lanes: grants are tested with everything else */
  return pg;
}

TilldActor
plant_actor (gint64 operator_id, gint64 root)
{
  TilldActor who = { .operator_id = operator_id, .site = 1, .name = g_strdup ("Anna"), .permissions = ~(TillPermissionSet) 0 };

  g_strlcpy (who.request, "test", sizeof who.request);
  if (root == 0)
    return who;
  who.areas = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_val (who.areas, root);
  return who;
}

GHashTable *
plant_query (const char *text)
{
  GHashTable *query = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", "&", -1);

  for (guint i = 0; parts[i] != NULL && parts[i][0] != '\0'; i++)
    {
      char *value = strchr (parts[i], '=');
      g_assert_nonnull (value);
      g_hash_table_insert (query, g_strndup (parts[i], (gsize) (value - parts[i])), g_strdup (value + 1));
    }
  return query;
}

JsonObject *
plant_list (TestPg *pg, PlantList list, const TilldActor *who, const char *text)
{
  g_autoptr (GHashTable) query = plant_query (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  list (pg->db, who, query, w, &error);
  g_assert_no_error (error);
  till_json_write_end_object (w);
  json = till_json_write_free_to_text (w, NULL);
  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

char *
plant_member (JsonObject *page, guint item, const char *member)
{
  JsonArray *items = json_object_get_array_member (page, "items");
  JsonNode *node = json_object_get_member (json_array_get_object_element (items, item), member);

  g_assert_nonnull (node);
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_dup_string (node) : json_to_string (node, FALSE);
}

char *
plant_pluck (JsonObject *page, const char *member)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (json_object_get_array_member (page, "items")); i++)
    {
      g_autofree char *value = plant_member (page, i, member);
      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", value);
    }
  return g_string_free (text, FALSE);
}

TilldFieldReading
plant_reading (gint64 meter, TillTime at, gint64 balance, TillMeterState state)
{
  return (TilldFieldReading){ .meter = meter, .at = at, .epoch = 1, .has = TILLD_HAS_BALANCE | TILLD_HAS_ENERGY | TILLD_HAS_COUNT | TILLD_HAS_POWER,
                              .state = state, .relay = TILL_RELAY_CLOSED, .balance = balance, .energy_total = 100000, .purchase_count = 3,
                              .power_w = 1500 };
}

typedef struct {
  const TilldFieldReading *readings;
  guint                    n;
} Batch;

static gboolean
ingest (TilldDb *db, gpointer data, GError **error)
{
  const Batch *batch = data;

  return tilld_field_ingest (db, batch->readings, batch->n, error);
}

void
plant_ingest (TestPg *pg, const TilldFieldReading *readings, guint n)
{
  g_autoptr (GError) error = NULL;

  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, ingest, &(Batch){ readings, n }, &error);
  g_assert_no_error (error);
}
