/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-openapi.c: shared/api/openapi.yaml against the route table, and against what the server really answers. The file is read line
 * by line: it is written in one form, two spaces a level. */
#include <string.h>
#include "server/api/api.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-text.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

/* "METHOD /path" -> permission word, and "Schema.member" -> itself. */
static void
read_contract (GHashTable *routes, GHashTable *members)
{
  g_autofree char *file = till_test_source_path ("shared/api/openapi.yaml");
  g_autofree char *text = NULL;
  g_autofree char *path = NULL, *method = NULL, *schema = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean in_paths = FALSE, in_schemas = FALSE;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = lines[i];
      const char *word = line + strspn (line, " ");
      gsize indent = (gsize) (word - line), len = strlen (word);
      g_autofree char *key = len > 1 && word[len - 1] == ':' ? g_strndup (word, len - 1) : NULL;

      if (indent == 0 && len > 0)
        in_paths = strcmp (line, "paths:") == 0;
      if (indent == 2 && len > 0 && !in_paths)
        in_schemas = strcmp (line, "  schemas:") == 0;
      if (in_paths && indent == 2 && key != NULL)
        till_set_str (&path, key);
      else if (in_paths && indent == 4 && key != NULL)
        till_set_str (&method, key);
      else if (in_paths && indent == 6 && g_str_has_prefix (word, "x-permission: "))
        {
          g_autofree char *upper = g_ascii_strup (method, -1);
          g_hash_table_insert (routes, g_strdup_printf ("%s %s", upper, path), g_strdup (word + strlen ("x-permission: ")));
        }
      else if (in_schemas && indent == 4 && key != NULL)
        till_set_str (&schema, key);
      else if (in_schemas && indent == 8 && key != NULL)
        g_hash_table_add (members, g_strdup_printf ("%s.%s", schema, key));
    }
}

static void
test_routes (void)
{
  g_autoptr (GHashTable) routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n = 0;

  read_contract (routes, members);
  for (guint t = 0; tilld_api_tables[t] != NULL; t++)
    for (const TilldRoute *route = tilld_api_tables[t]; route->method != NULL; route++, n++)
      {
        g_autofree char *key = g_strdup_printf ("%s %s", route->method, route->path);
        const char *written = g_hash_table_lookup (routes, key);
        const char *right = (route->flags & TILLD_ROUTE_PUBLIC) != 0      ? "public"
                            : route->permission == TILLD_ANYONE ? "anyone"
                                                                : till_permission_word ((TillPermission) route->permission);
        if (g_strcmp0 (written, right) != 0)
          g_error ("%s: the table says %s, openapi.yaml %s", key, right, written != NULL ? written : "nothing");
      }
  g_assert_cmpuint (g_hash_table_size (routes), ==, n); /* and nothing that the server does not know */
}

static void
check_members (GHashTable *members, const char *schema, JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);

  g_assert_nonnull (names);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *key = g_strdup_printf ("%s.%s", schema, (const char *) l->data);
      if (!g_hash_table_contains (members, key))
        g_error ("openapi.yaml does not know %s", key);
    }
}

static void
test_answers (void)
{
  static const struct {
    const char *path, *user, *schema;
    gboolean    list;
  } answers[] = {
    { "/meters", "viewer", "Meter", TRUE },          { "/meters/1", "viewer", "Meter", FALSE },      { "/gateways", "viewer", "Gateway", TRUE },
    { "/areas", "viewer", "Area", TRUE },            { "/customers", "viewer", "Customer", TRUE },   { "/accounts", "viewer", "Account", TRUE },
    { "/tariffs", "viewer", "Tariff", TRUE },        { "/sales", "cashier", "Sale", TRUE },          { "/drawers", "cashier", "Drawer", TRUE },
    { "/commands", "viewer", "Command", TRUE },      { "/alarms", "viewer", "Alarm", TRUE },         { "/operators", "admin", "Operator", TRUE },
    { "/roles", "admin", "Role", TRUE },             { "/sessions", "admin", "SessionRow", TRUE },   { "/operators/2", "admin", "Operator", FALSE },
    { "/log", "admin", "LogRow", TRUE },             { "/board", "viewer", "Board", FALSE },         { "/server", "viewer", "Server", FALSE },
    { "/meter-models", "viewer", "MeterModel", TRUE }, { "/session", "viewer", "Session", FALSE },   { "/reports/sales_daily", "admin", "Report", FALSE },
    { "/sites", "viewer", "Site", TRUE },            { "/meters/1/config", "viewer", "MeterConfig", FALSE },
               { "/log/verify", "auditor", "LogVerdict", FALSE }, { "/nowhere", "viewer", "Problem", FALSE },
    { "/tariffs/1", "viewer", "TariffFull", FALSE }, { "/meters/1/statement", "cashier", "Statement", FALSE },
    { "/gateways/1/captures", "engineer", "Capture", TRUE },
  };
  g_autoptr (GHashTable) routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autoptr (TestReply) sale = test_app_call (app, "POST", TILL_PATH_SALES, cashier,
                                              "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"meter\":1,\"amount\":\"5.00\",\"channel\":\"cash\"}");

  read_contract (routes, members);
  test_pg_run (app->pg, "INSERT INTO capture (gateway, n, minutes, operator) VALUES (1, 1, 5, 1)");
  test_pg_run (app->pg, "INSERT INTO alarm (site, kind, severity, meter) VALUES (1, 0, 1, 2) ON CONFLICT DO NOTHING");
  g_assert_cmpuint (sale->status, ==, 201);
  check_members (members, "Sale", json_node_get_object (sale->json));
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *token = test_app_log_in (app, answers[i].user);
      g_autoptr (TestReply) reply = test_app_call (app, "GET", answers[i].path, token, NULL);
      JsonObject *object;

      if (reply->json == NULL)
        g_error ("%s: %u %s", answers[i].path, reply->status, reply->text);
      object = json_node_get_object (reply->json);
      if (answers[i].list)
        {
          JsonArray *items = json_object_get_array_member (object, "items");
          if (json_array_get_length (items) == 0)
            g_error ("%s is empty: nothing is compared", answers[i].path);
          object = json_array_get_object_element (items, 0);
        }
      check_members (members, answers[i].schema, object);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:-VERS-ALL:+VERS-TLS1.3", TRUE);
  till_test_init (&argc, &argv);
  g_test_add_func ("/openapi/routes", test_routes);
  g_test_add_func ("/openapi/answers", test_answers);
  return till_test_run ();
}
