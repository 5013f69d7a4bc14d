/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-areas.c: places named by their path. What is missing comes along, level by level, each level in one statement. */
#include <string.h>
#include "server/domain/control/import-private.h"
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"
#include "shared/api/till-limits.h"

typedef struct {
  char    *path;
  gint64   id;     /* 0 = to be made */
  gboolean mine;
  guint    depth;
} Place;

static const TilldStatement areas_load = {
  .name = "import-areas",
  .sql = "SELECT id, path, ($2 OR lineage && $3) AS mine FROM area WHERE site = $1 AND retired_at IS NULL ORDER BY id",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "path", DB_TEXT_TYPE }, { "mine", DB_BOOL_TYPE } },
};
static const TilldStatement areas_insert = {
  .name = "import-areas-insert",
  .sql = "INSERT INTO area (site, parent, kind, name) SELECT $1, nullif (x.parent, 0), x.kind, x.name FROM jsonb_to_recordset ($2) "
         "AS x (parent bigint, kind smallint, name text) RETURNING id, path",
  .params = { DB_I64_TYPE, DB_JSON_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "path", DB_TEXT_TYPE } },
};
static const TilldStatement tariffs_load = {
  .name = "import-tariffs",
  .sql = "SELECT id, name FROM tariff",
  .columns = { { "id", DB_I64_TYPE }, { "name", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (areas_load)
TILLD_STATEMENT (areas_insert)
TILLD_STATEMENT (tariffs_load)

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->path);
  g_free (place);
}

static guint
depth_of (const char *path)
{
  guint depth = 0;

  for (; *path != '\0'; path++)
    depth += *path == '/';
  return depth;
}

static Place *
add (TilldImportAreas *areas, const char *path, gint64 id, gboolean mine)
{
  Place *place = g_new0 (Place, 1);

  *place = (Place){ .path = g_strdup (path), .id = id, .mine = mine, .depth = depth_of (path) };
  g_hash_table_replace (areas->places, place->path, place);
  return place;
}

gboolean
tilld_import_areas_load (const TilldImportWork *work, TilldImportAreas *ret_areas, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (work->db, &areas_load, &rows, error, DB_I64 (work->who->site), DB_BOOL (work->who->areas == NULL), TILLD_IMPORT_AREAS (work->who)))
    return FALSE;
  ret_areas->places = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, place_free);
  ret_areas->fresh = g_ptr_array_new ();
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    add (ret_areas, tilld_row_text (rows, i, "path"), tilld_row_i64 (rows, i, "id"), tilld_row_bool (rows, i, "mine"));
  return TRUE;
}

void
tilld_import_areas_clear (TilldImportAreas *areas)
{
  g_clear_pointer (&areas->fresh, g_ptr_array_unref);
  g_clear_pointer (&areas->places, g_hash_table_unref);
}

/* "Campus / B3/201 " -> "Campus/B3/201"; NULL when a part is empty or too long. */
static char *
tidy (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_strstrip (parts[i]);
      if (*parts[i] == '\0' || g_utf8_strlen (parts[i], -1) > TILL_NAME_CHARS)
        return NULL;
    }
  return g_strjoinv ("/", parts);
}

/* The place with all that is missing above it. NULL: not one of the actor's. */
static Place *
plan (TilldImportAreas *areas, const TilldImportWork *work, const char *path)
{
  Place *place = g_hash_table_lookup (areas->places, path);
  const char *slash = strrchr (path, '/');
  g_autofree char *above = slash != NULL ? g_strndup (path, (gsize) (slash - path)) : NULL;

  if (place != NULL)
    return place->mine ? place : NULL;
  if (above == NULL ? work->who->areas != NULL : plan (areas, work, above) == NULL)
    return NULL;
  place = add (areas, path, 0, TRUE);
  g_ptr_array_add (areas->fresh, place);
  return place;
}

const char *
tilld_import_areas_find (TilldImportAreas *areas, const TilldImportWork *work, TilldImportRow *row, gboolean make)
{
  const char *text = tilld_import_cell (row, "area");
  g_autofree char *path = text != NULL ? tidy (text) : NULL;
  Place *place;

  if (text == NULL)
    return NULL;
  place = path == NULL ? NULL : make ? plan (areas, work, path) : g_hash_table_lookup (areas->places, path);
  if (place != NULL && place->mine)
    return place->path;
  if (path == NULL)
    tilld_import_wrong (row, "area", "must be names with / between them, each at most %d characters", TILL_NAME_CHARS);
  else if (make)
    tilld_import_wrong (row, "area", "must be below an area you may see");
  else
    tilld_import_wrong (row, "area", "there is no area \"%s\" that you may see", path);
  return NULL;
}

gint64
tilld_import_areas_id (const TilldImportAreas *areas, const char *path)
{
  Place *place = path != NULL ? g_hash_table_lookup (areas->places, path) : NULL;

  return place != NULL ? place->id : 0;
}

gint64
tilld_import_areas_near (const TilldImportAreas *areas, const char *text)
{
  g_autofree char *path = text != NULL ? tidy (text) : NULL;
  gint64 id = tilld_import_areas_id (areas, path);
  char *slash;

  while (path != NULL && id == 0 && (slash = strrchr (path, '/')) != NULL)
    {
      *slash = '\0';
      id = tilld_import_areas_id (areas, path);
    }
  return id;
}

/* A campus of houses of floors of rooms: what has nothing below it is a room, unless it is the top. */
static TillAreaKind
kind_of (const Place *place, GHashTable *parents)
{
  if (place->depth == 0)
    return TILL_AREA_KIND_CAMPUS;
  if (!g_hash_table_contains (parents, place->path))
    return TILL_AREA_KIND_ROOM;
  return place->depth == 1 ? TILL_AREA_KIND_BUILDING : TILL_AREA_KIND_FLOOR;
}

static gboolean
make_level (TilldImportAreas *areas, TilldImportWork *work, guint depth, GHashTable *parents, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *json = NULL;

  till_json_write_begin_array (w, NULL);
  for (guint i = 0; i < areas->fresh->len; i++)
    {
      Place *place = g_ptr_array_index (areas->fresh, i);
      const char *slash = strrchr (place->path, '/');
      g_autofree char *above = slash != NULL ? g_strndup (place->path, (gsize) (slash - place->path)) : NULL;

      if (place->depth != depth)
        continue;
      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "parent", tilld_import_areas_id (areas, above));
      till_json_write_int (w, "kind", kind_of (place, parents));
      till_json_write_text (w, "name", slash != NULL ? slash + 1 : place->path);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  json = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  if (!tilld_db_query (work->db, &areas_insert, &rows, error, DB_I64 (work->who->site), DB_JSON (json)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      Place *place = g_hash_table_lookup (areas->places, tilld_row_text (rows, i, "path"));

      g_assert (place != NULL);
      place->id = tilld_row_i64 (rows, i, "id");
      tilld_import_note (work, "area", place->id, NULL, NULL);
    }
  return TRUE;
}

gboolean
tilld_import_areas_make (TilldImportAreas *areas, TilldImportWork *work, GError **error)
{
  g_autoptr (GHashTable) parents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint deepest = 0, first = G_MAXUINT;

  for (guint i = 0; i < areas->fresh->len; i++)
    {
      const Place *place = g_ptr_array_index (areas->fresh, i);
      const char *slash = strrchr (place->path, '/');

      deepest = MAX (deepest, place->depth);
      first = MIN (first, place->depth);
      if (slash != NULL)
        g_hash_table_add (parents, g_strndup (place->path, (gsize) (slash - place->path)));
    }
  for (guint depth = first; areas->fresh->len > 0 && depth <= deepest; depth++)
    if (!make_level (areas, work, depth, parents, error))
      return FALSE;
  return TRUE;
}

gboolean
tilld_import_tariffs_load (const TilldImportWork *work, GHashTable **ret_tariffs, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (work->db, &tariffs_load, NULL, 0, &rows, error))
    return FALSE;
  *ret_tariffs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gint64 id = tilld_row_i64 (rows, i, "id");

      g_hash_table_insert (*ret_tariffs, tilld_row_dup_text (rows, i, "name"), g_memdup2 (&id, sizeof id));
    }
  return TRUE;
}
