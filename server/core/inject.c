/* SPDX-License-Identifier: GPL-2.0-or-later
 * inject.c: counts passages of named points and acts at the planned one. Compiled into test builds only. */
#include "server/core/inject.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *name;
  int   signal;
  guint at, passed;
} Plan;

static const struct { const char *word, *where; } edges[] = {
#define ROW(name, word, where) { word, where },
  TILLD_INJECT_EDGES (ROW)
}, commits[] = {
  TILLD_INJECT_COMMITS (ROW)
#undef ROW
};

static GMutex  inject_lock;
static GArray *plans; /* NULL until the environment was read */

/* "name=action@n;..." A plan that is not understood ends the process: a test that plans nothing proves nothing. */
static void
parse_plans (const char *text)
{
  g_auto (GStrv) entries = g_strsplit (text != NULL ? text : "", ";", -1);

  plans = g_array_new (FALSE, FALSE, sizeof (Plan));
  for (guint i = 0; entries[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (entries[i], "=", 2);
      Plan plan = { .at = 1, .signal = SIGKILL };
      char *at;

      if (entries[i][0] == '\0')
        continue;
      if (g_strv_length (pair) != 2)
        g_error ("GRIDTILL_INJECT: %s is not name=kill@n", entries[i]);
      at = strchr (pair[1], '@');
      if (at != NULL)
        {
          *at = '\0';
          plan.at = (guint) g_ascii_strtoull (at + 1, NULL, 10);
        }
      if (strcmp (pair[1], "stop") == 0)
        plan.signal = SIGSTOP;
      else if (strcmp (pair[1], "kill") != 0)
        g_error ("GRIDTILL_INJECT: %s is neither kill nor stop", pair[1]);
      plan.name = g_strdup (pair[0]);
      g_array_append_val (plans, plan);
    }
}

/* Which point acted is written before it does: the page cache survives the process. */
static void
tell (const char *name)
{
  const char *path = g_getenv ("GRIDTILL_INJECT_LOG");
  int fd = path != NULL ? open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  g_autofree char *line = g_strconcat (name, "\n", NULL);

  if (fd < 0)
    return;
  if (write (fd, line, strlen (line)) < 0)
    g_error ("GRIDTILL_INJECT_LOG: %s cannot be written", path);
  close (fd);
}

static void
pass (const char *name)
{
  int action = 0;

  g_mutex_lock (&inject_lock);
  if (plans == NULL)
    parse_plans (g_getenv ("GRIDTILL_INJECT"));
  for (guint i = 0; i < plans->len; i++)
    {
      Plan *plan = &g_array_index (plans, Plan, i);

      if (strcmp (plan->name, name) == 0 && ++plan->passed == plan->at)
        action = plan->signal;
    }
  if (action != 0)
    {
      tell (name);
      kill (getpid (), action);
    }
  g_mutex_unlock (&inject_lock);
}

static char *
commit_word (guint commit, gboolean after)
{
  return g_strconcat (commits[commit].word, after ? ".after-commit" : ".before-commit", NULL);
}

void
tilld_inject_pass (TilldInjectPoint point)
{
  pass (edges[point].word);
}

void
tilld_inject_commit (guint64 names, gboolean after)
{
  for (guint i = 0; i < TILLD_COMMITS; i++)
    if ((names >> i) & 1)
      {
        g_autofree char *word = commit_word (i, after);
        pass (word);
      }
}

void
tilld_inject_print (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
    g_print ("%s\t%s\n", edges[i].word, edges[i].where);
  for (guint i = 0; i < G_N_ELEMENTS (commits); i++)
    for (int after = 0; after < 2; after++)
      {
        g_autofree char *word = commit_word (i, after);
        g_print ("%s\t%s\n", word, commits[i].where);
      }
}
