/* SPDX-License-Identifier: GPL-2.0-or-later
 * inject.c: counts passages of named points and acts at the planned one. Test builds only. */
#include "server/core/inject.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *name, *action;
  guint at, passed; /* at 0: every passage */
} Point;

static GMutex inject_lock;
static GPtrArray *points; /* NULL until the plan was read */

static void
point_free (gpointer data)
{
  Point *point = data;
  g_free (point->name);
  g_free (point->action);
  g_free (point);
}

/* "name=action@n;..." */
static void
parse_plan (const char *plan)
{
  g_auto (GStrv) entries = g_strsplit (plan != NULL ? plan : "", ";", -1);
  g_clear_pointer (&points, g_ptr_array_unref);
  points = g_ptr_array_new_with_free_func (point_free);
  for (guint i = 0; entries[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (entries[i], "=", 2);
      if (g_strv_length (pair) != 2)
        continue;
      char *at = strchr (pair[1], '@');
      Point *point = g_new0 (Point, 1);
      point->name = g_strdup (g_strstrip (pair[0]));
      point->action = at != NULL ? g_strndup (pair[1], (gsize) (at - pair[1])) : g_strdup (pair[1]);
      point->at = at != NULL ? (guint) g_ascii_strtoull (at + 1, NULL, 10) : strcmp (point->action, "fail") == 0 ? 0 : 1;
      g_ptr_array_add (points, point);
    }
}

/* The action that is due at this passage, or NULL. */
static const char *
pass (const char *name)
{
  const char *action = NULL;
  g_mutex_lock (&inject_lock);
  if (points == NULL)
    parse_plan (g_getenv ("GRIDTILL_INJECT"));
  for (guint i = 0; i < points->len; i++)
    {
      Point *point = g_ptr_array_index (points, i);
      if (strcmp (point->name, name) == 0 && (++point->passed == point->at || point->at == 0))
        action = point->action;
    }
  g_mutex_unlock (&inject_lock);
  return action;
}

void
tilld_inject_pass (const char *name)
{
  const char *action = pass (name);
  if (g_strcmp0 (action, "kill") == 0)
    kill (getpid (), SIGKILL);
  else if (g_strcmp0 (action, "stop") == 0)
    kill (getpid (), SIGSTOP);
}

gboolean
tilld_inject_fail (const char *name, GError **error)
{
  if (g_strcmp0 (pass (name), "fail") != 0)
    return FALSE;
  till_fail (error, TILL_ERROR_BUSY, "injected failure at %s", name);
  return TRUE;
}

void
tilld_inject_set_up (const char *plan)
{
  g_mutex_lock (&inject_lock);
  parse_plan (plan);
  g_mutex_unlock (&inject_lock);
}
