/* SPDX-License-Identifier: GPL-2.0-or-later
 * link.c: which file serves which kind of link. */
#include "tests/simulator/link.h"
#include <string.h>
#include "shared/base/till-error.h"
#include "tests/simulator/link-dial.h"
#include "tests/simulator/link-listen.h"
#include "tests/simulator/link-pty.h"

static const SimLinkFuncs *
funcs_of (const SimLink *link)
{
  switch (link->spec->kind)
    {
    case TILL_LINK_KIND_SERIAL:
      return &sim_link_pty;
    case TILL_LINK_KIND_DIAL_IN:
      return &sim_link_dial;
    default:
      return &sim_link_listen;
    }
}

gboolean
sim_link_open (SimLink *link, TilldReactor *reactor, const char *at, GError **error)
{
  link->funcs = funcs_of (link);
  return link->funcs->open (link, reactor, at ? at : link->spec->at, error);
}

void
sim_link_close (SimLink *link)
{
  if (link->line)
    link->funcs->close (link);
  for (guint i = 0; i < link->n_buses; i++)
    sim_bus_clear (&link->buses[i]);
}

void
sim_link_cut (SimLink *link)
{
  if (link->line)
    link->funcs->cut (link);
}

gboolean
sim_link_restore (SimLink *link, GError **error)
{
  link->frozen = FALSE;
  return !link->line || link->funcs->restore (link, error);
}

guint
sim_link_connections (const SimLink *link)
{
  return link->line ? link->funcs->connections (link) : 0;
}

/* The address of a link under the options of this run; NULL: as the world says. */
static char *
way_of (const SimLink *link, guint k, const SimWays *ways)
{
  const char *at = link->spec->at;

  if (link->spec->kind == TILL_LINK_KIND_DIAL_IN)
    return g_strdup (ways->server);
  if (link->spec->kind == TILL_LINK_KIND_SERIAL)
    return ways->tty_dir && !g_path_is_absolute (at) ? g_build_filename (ways->tty_dir, at, NULL) : NULL;
  if (ways->port_base == 0)
    return NULL;
  return g_strdup_printf ("%.*s:%u", (int) (strrchr (at, ':') - at), at, ways->port_base + k);
}

gboolean
sim_campus_open (SimCampus *campus, TilldReactor *reactor, const SimWays *ways, GError **error)
{
  if (ways->port_base > 0 && ways->port_base + campus->n_links > G_MAXUINT16)
    return till_fail (error, TILL_ERROR_INVALID, "%u links do not fit above port %u", campus->n_links, ways->port_base);
  for (guint i = 0; i < campus->n_links; i++)
    {
      g_autofree char *at = way_of (&campus->links[i], i, ways);

      if (!sim_link_open (&campus->links[i], reactor, at, error))
        return FALSE;
    }
  return TRUE;
}

void
sim_campus_close (SimCampus *campus)
{
  for (guint i = 0; i < campus->n_links; i++)
    sim_link_close (&campus->links[i]);
}
