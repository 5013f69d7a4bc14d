/* SPDX-License-Identifier: GPL-2.0-or-later
 * listing.c: pages and spreadsheets of any list. A spreadsheet asks for page after page of the same verb inside one snapshot, so that
 * memory stays bounded and both forms can never differ. */
#include "server/api/listing.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include "server/core/clock.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-json-check.h"

#define EXPORTS_MAX  2
#define PAGE_BYTES   (16 * 1024 * 1024)
#define COLUMNS_MAX  64

gboolean
tilld_listing_wants_file (TilldRequest *request, const char **ret_format)
{
  const char *format = g_hash_table_lookup (request->query.values, "format");
  *ret_format = format;
  return format != NULL && strcmp (format, "json") != 0;
}

gboolean
tilld_listing_is_chinese (TilldRequest *request)
{
  const char *language = soup_message_headers_get_list (soup_server_message_get_request_headers (request->msg), "Accept-Language");
  return language != NULL && g_ascii_strncasecmp (language, "zh", 2) == 0;
}

gboolean
tilld_listing_decode (TilldRequest *request, GError **error)
{
  const char *format;

  if (!tilld_listing_wants_file (request, &format))
    return TRUE;
  request->run_on = TILLD_RUN_BATCH;
  if (strcmp (format, "xlsx") == 0 || strcmp (format, "csv") == 0)
    return TRUE;
  till_fail (error, TILL_ERROR_INVALID, "some parameters are wrong");
  if (error != NULL)
    till_error_add_field (*error, "format", "must be json, xlsx or csv");
  return FALSE;
}

void
tilld_listing_fix (TilldRequest *request, const char *name, gint64 value)
{
  g_hash_table_replace (request->query.values, g_strdup (name), g_strdup_printf ("%" G_GINT64_FORMAT, value));
}

/* --- one page --- */

static gboolean
write_page (TilldRequest *request, TilldDb *db, const TilldListing *listing, GHashTable *query, TillJsonWrite *w, GError **error)
{
  till_json_write_begin_object (w, NULL);
  if (!listing->verb (db, &request->actor, query, w, error))
    return FALSE;
  till_json_write_end_object (w);
  return TRUE;
}

/* --- a file --- */

TilldSink *
tilld_listing_sink (TilldRequest *request, const char *format, char **ret_path, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  g_autofree char *name = g_strdup_printf ("%s.%s", request->id, format);
  TilldSink *sink;

  *ret_path = g_build_filename (api->spool_dir, name, NULL);
  sink = strcmp (format, "xlsx") == 0 ? tilld_sink_xlsx_new (*ret_path, error) : tilld_sink_csv_new (*ret_path, error);
  if (sink == NULL)
    g_unlink (*ret_path);
  return sink;
}

gboolean
tilld_listing_deliver (TilldRequest *request, const char *format, const char *path, const char *file, GError **error)
{
  gboolean xlsx = strcmp (format, "xlsx") == 0;
  TilldApi *api = tilld_api_of (request);
  g_autofree char *name = NULL;
  char day[TILL_DAY_TEXT];
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  g_unlink (path); /* the open descriptor is all that is needed */
  if (fd < 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "the spreadsheet %s is gone", path);
  name = g_strdup_printf ("%s-%s.%s", file, till_day_print (till_zone_day (api->zone, tilld_clock_wall (api->clock)), day), format);
  return tilld_reply_file (request, xlsx ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/csv", fd, name, error);
}

/* "energy_rates.tip" -> the node, NULL for null and missing. */
static JsonNode *
find_node (JsonObject *object, const char *name)
{
  const char *dot = strchr (name, '.');
  g_autofree char *first = dot != NULL ? g_strndup (name, (gsize) (dot - name)) : g_strdup (name);
  JsonNode *node = json_object_get_member (object, first);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (dot == NULL)
    return node;
  return JSON_NODE_HOLDS_OBJECT (node) ? find_node (json_node_get_object (node), dot + 1) : NULL;
}

/* What the verb wrote itself is read back: a number that does not parse is a programmer error. */
static gint64
number_of (TilldCellType type, JsonNode *node)
{
  const char *text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
  gint64 number = 0;
  gboolean good = TRUE;
  TillDay day = 0;

  switch (type)
    {
    case TILLD_CELL_MONEY:
    case TILLD_CELL_PRICE:
      good = till_decimal_parse (text, 4, G_MAXINT64 / 2, &number, NULL);
      break;
    case TILLD_CELL_ENERGY:
    case TILLD_CELL_POWER:
      good = till_decimal_parse (text, 3, G_MAXINT64 / 2, &number, NULL);
      break;
    case TILLD_CELL_TIME:
      good = till_time_parse (text, &number, NULL);
      break;
    case TILLD_CELL_DAY:
      good = till_day_parse (text, &day, NULL);
      number = day;
      break;
    case TILLD_CELL_BOOL:
      number = json_node_get_boolean (node);
      break;
    default:
      number = json_node_get_int (node);
      break;
    }
  g_assert (good);
  return number;
}

/* Text of anything: arrays of words are joined. */
static char *
text_of (JsonNode *node)
{
  g_autoptr (GString) joined = NULL;
  JsonArray *array;

  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_value_type (node) == G_TYPE_STRING ? g_strdup (json_node_get_string (node))
                                                            : g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return NULL;
  joined = g_string_new (NULL);
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *part = text_of (json_array_get_element (array, i));
      g_string_append_printf (joined, "%s%s", i > 0 ? ", " : "", part != NULL ? part : "");
    }
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

static gboolean
write_row (TilldSink *sink, const TilldColumn *columns, guint n, JsonObject *item, GError **error)
{
  TilldCell cells[COLUMNS_MAX];
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = find_node (item, columns[i].name);
      char *text;

      if (node == NULL)
        cells[i] = TILLD_CELL_NULL;
      else if (columns[i].type != TILLD_CELL_TEXT)
        cells[i] = TILLD_CELL_NUMBER (number_of (columns[i].type, node));
      else
        {
          text = text_of (node);
          g_ptr_array_add (texts, text);
          cells[i] = TILLD_CELL_STRING (text);
        }
    }
  return tilld_sink_row (sink, cells, error);
}

/* One page into the sink; *ret_rows says how many there were. */
static gboolean
copy_page (TilldRequest *request, TilldDb *db, const TilldListing *listing, TilldSink *sink, guint *ret_rows, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *items;
  guint n = 0;

  while (listing->columns[n].name != NULL)
    n++;
  if (!write_page (request, db, listing, request->query.values, w, error))
    return FALSE;
  bytes = till_json_write_free_to_bytes (g_steal_pointer (&w));
  node = till_json_parse (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), PAGE_BYTES, error);
  if (node == NULL)
    return FALSE;
  items = json_object_get_array_member (json_node_get_object (node), "items");
  *ret_rows = json_array_get_length (items);
  for (guint i = 0; i < *ret_rows; i++)
    if (!write_row (sink, listing->columns, n, json_array_get_object_element (items, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
write_file (TilldRequest *request, TilldDb *db, const TilldListing *listing, TilldSink *sink, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  gboolean chinese = tilld_listing_is_chinese (request);
  TilldSheet sheet = { .title = chinese ? listing->title_zh : listing->title, .chinese = chinese, .zone = api->zone };
  guint n = 0, rows = TILL_PAGE_MAX;

  while (listing->columns[n].name != NULL)
    n++;
  g_assert (n <= COLUMNS_MAX);
  if (!tilld_sink_begin (sink, &sheet, listing->columns, n, error))
    return FALSE;
  g_hash_table_remove (request->query.values, "format");
  tilld_listing_fix (request, "limit", TILL_PAGE_MAX);
  for (gint64 offset = 0; rows == TILL_PAGE_MAX; offset += TILL_PAGE_MAX)
    {
      tilld_listing_fix (request, "offset", offset);
      if (!copy_page (request, db, listing, sink, &rows, error))
        return FALSE;
    }
  return tilld_sink_end (sink, error);
}

static gboolean
export (TilldRequest *request, TilldDb *db, const TilldListing *listing, const char *format, GError **error)
{
  g_autofree char *kept = g_strdup (format); /* the query loses it */
  g_autofree char *path = NULL;
  g_autoptr (TilldSink) sink = tilld_listing_sink (request, kept, &path, error);

  if (sink == NULL)
    return FALSE;
  if (!write_file (request, db, listing, sink, error))
    {
      g_unlink (path);
      return FALSE;
    }
  return tilld_listing_deliver (request, kept, path, listing->file, error);
}

gboolean
tilld_listing_run (TilldRequest *request, TilldDb *db, const TilldListing *listing, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  g_autoptr (TillJsonWrite) w = NULL;
  const char *format;
  gboolean done;

  if (!tilld_listing_wants_file (request, &format))
    {
      g_hash_table_remove (request->query.values, "format");
      w = till_json_write_new ();
      if (!write_page (request, db, listing, request->query.values, w, error))
        return FALSE;
      tilld_reply_json (request, 200, g_steal_pointer (&w));
      return TRUE;
    }
  if (g_atomic_int_add (&api->n_exports, 1) >= EXPORTS_MAX)
    {
      g_atomic_int_add (&api->n_exports, -1);
      return till_fail (error, TILL_ERROR_BUSY, "other spreadsheets are being made: try again in a moment");
    }
  done = export (request, db, listing, format, error);
  g_atomic_int_add (&api->n_exports, -1);
  return done;
}
