/* SPDX-License-Identifier: GPL-2.0-or-later
 * route.c: finds the row of a request. Paths never reach the file system. */
#include "server/http/route.h"
#include <string.h>

#define SEGMENTS_MAX 6

typedef struct {
  const TilldRoute *route;
  char            **segments;
  int               param[2]; /* indexes of the {segments}, -1 = none */
} Row;

struct _TilldRoutes {
  GArray *rows;
  char   *base;
};

static void
row_clear (gpointer data)
{
  g_strfreev (((Row *) data)->segments);
}

static void
check_row (const TilldRoute *route)
{
  g_assert (route->path[0] == '/' && route->run != NULL);
  g_assert (route->permission >= TILLD_ANYONE && route->permission < TILL_PERMISSION_N);
  g_assert ((route->flags & TILLD_ROUTE_PUBLIC) == 0 || route->permission == TILLD_ANYONE);
  g_assert (route->run_on == TILLD_RUN_HERE || route->deadline_ms > 0);
  g_assert (route->body_max == 0 || strcmp (route->method, "GET") != 0);
  g_assert (strcmp (route->method, "GET") == 0 || (route->flags & TILLD_ROUTE_WRITES) != 0);
}

TilldRoutes *
tilld_routes_new (const char *base, const TilldRoute *const *tables)
{
  TilldRoutes *self = g_new0 (TilldRoutes, 1);

  self->base = g_strdup (base);
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (self->rows, row_clear);
  for (guint t = 0; tables[t] != NULL; t++)
    for (const TilldRoute *route = tables[t]; route->method != NULL; route++)
      {
        Row row = { route, g_strsplit (route->path + 1, "/", -1), { -1, -1 } };

        check_row (route);
        for (int i = 0; row.segments[i] != NULL; i++)
          if (row.segments[i][0] == '{')
            {
              g_assert (row.param[1] < 0);
              row.param[row.param[0] < 0 ? 0 : 1] = i;
            }
        g_array_append_val (self->rows, row);
      }
  return self;
}

void
tilld_routes_free (TilldRoutes *self)
{
  g_array_unref (self->rows);
  g_free (self->base);
  g_free (self);
}

static gboolean
row_fits (const Row *row, char **segments)
{
  guint i;
  for (i = 0; row->segments[i] != NULL && segments[i] != NULL; i++)
    if ((int) i == row->param[0] || (int) i == row->param[1] ? segments[i][0] == '\0' : strcmp (row->segments[i], segments[i]) != 0)
      return FALSE;
  return row->segments[i] == NULL && segments[i] == NULL;
}

/* One segment, unescaped: no slash, no control character, UTF-8. */
static char *
decode_segment (const char *text)
{
  g_autofree char *plain = g_uri_unescape_string (text, "/");

  if (plain == NULL || *plain == '\0' || !g_utf8_validate (plain, -1, NULL))
    return NULL;
  for (const char *p = plain; *p != '\0'; p++)
    if ((guchar) *p < 0x20 || *p == 0x7f)
      return NULL;
  return g_steal_pointer (&plain);
}

/* Two stand with a slash between: none has one in it. */
static char *
decode_params (const Row *row, char **segments)
{
  g_autofree char *first = decode_segment (segments[row->param[0]]), *second = NULL;

  if (row->param[1] < 0 || first == NULL)
    return g_steal_pointer (&first);
  second = decode_segment (segments[row->param[1]]);
  return second == NULL ? NULL : g_strdup_printf ("%s/%s", first, second);
}

const TilldRoute *
tilld_routes_match (TilldRoutes *self, const char *method, const char *path, char **ret_param, char **ret_allow, GError **error)
{
  g_autoptr (GString) allow = g_string_new (NULL);
  g_auto (GStrv) segments = NULL;
  const Row *found = NULL;

  if (!g_str_has_prefix (path, self->base) || path[strlen (self->base)] != '/')
    {
      till_fail (error, TILL_ERROR_NOT_FOUND, "there is nothing at this address");
      return NULL;
    }
  segments = g_strsplit (path + strlen (self->base) + 1, "/", SEGMENTS_MAX);
  for (guint i = 0; i < self->rows->len && found == NULL; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);
      if (!row_fits (row, segments))
        continue;
      if (strcmp (row->route->method, method) == 0)
        found = row;
      else
        g_string_append_printf (allow, "%s%s", allow->len > 0 ? ", " : "", row->route->method);
    }
  if (found != NULL && found->param[0] >= 0)
    *ret_param = decode_params (found, segments);
  if (found != NULL && (found->param[0] < 0 || *ret_param != NULL))
    return found->route;
  if (found == NULL && allow->len > 0)
    {
      *ret_allow = g_strdup (allow->str);
      till_fail (error, TILL_ERROR_METHOD, "this address does not answer to %s", method);
      return NULL;
    }
  till_fail (error, TILL_ERROR_NOT_FOUND, "there is nothing at this address");
  return NULL;
}

const TilldRoute *
tilld_routes_nth (TilldRoutes *self, guint n)
{
  return n < self->rows->len ? g_array_index (self->rows, Row, n).route : NULL;
}
