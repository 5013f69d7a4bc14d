/* SPDX-License-Identifier: GPL-2.0-or-later
 * role.c: roles are sets of permissions; the default ones are made once and may then be changed. */
#include "server/domain/office/role.h"
#include "server/domain/office/row-json.h"

static const TilldStatement role_make = {
  .name = "role-make",
  .sql = "WITH made AS (INSERT INTO role (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id) "
         "INSERT INTO role_permission (role, permission) SELECT id, p FROM made, unnest ($2::text[]) p",
  .params = { DB_TEXT_TYPE, DB_TEXT_ARRAY_TYPE },
};
TILLD_STATEMENT (role_make)

gboolean
tilld_role_ensure_defaults (TilldDb *db, GError **error)
{
  for (const char *const *name = till_role_names (); *name != NULL; name++)
    {
      TillPermissionSet set = till_role_default_permissions (*name);
      const char *words[TILL_PERMISSION_N];
      guint n = 0;

      for (guint i = 0; i < TILL_PERMISSION_N; i++)
        if (till_permission_set_has (set, i))
          words[n++] = till_permission_word (i);
      if (!tilld_db_query (db, &role_make, NULL, error, DB_TEXT (*name), DB_TEXT_ARRAY (words, n)))
        return FALSE;
    }
  return TRUE;
}

TillPermissionSet
tilld_role_set_of_words (char **words)
{
  TillPermissionSet set = 0;
  int permission;

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (till_permission_from_word (words[i], &permission))
      set |= (TillPermissionSet) 1 << permission;
  return set;
}

static const TilldStatement shape = {
  .name = "role-list",
  .sql = "r.id AS id, r.name AS name, r.version AS version, "
         "ARRAY (SELECT permission FROM role_permission p WHERE p.role = r.id ORDER BY 1) AS permissions",
  .columns = { { "id", DB_I64_TYPE }, { "name", DB_TEXT_TYPE }, { "version", DB_I32_TYPE }, { "permissions", DB_TEXT_ARRAY_TYPE } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "name", TILLD_JSON_TEXT }, { "version", TILLD_JSON_INT }, { "permissions", TILLD_JSON_TEXTS }, { NULL },
};
static const TilldListFilter filters[] = { { "id", TILLD_FILTER_I64, "r.id = ANY ($#)" }, { NULL } };
static const TilldListSort sorts[] = { { "id", "r.id" }, { "name", "r.name" }, { NULL } };
static const TilldListSpec spec = { .shape = &shape, .from = "FROM role r", .filters = filters, .sorts = sorts, .order = "r.id" };
TILLD_LIST (spec)

gboolean
tilld_role_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, "r.id = $#", "role" };

  return tilld_list_serve (db, who, &list, query, w, error);
}
