/* SPDX-License-Identifier: GPL-2.0-or-later
 * reach.h: how orders see a line: is it reached, whose is it, what time is it there. */
#pragma once
#include "server/field/circuit.h"

G_BEGIN_DECLS

static inline gboolean
tilld_reach_is_up (const TilldLine *line)
{
  return line->link.state == TILLD_LINK_UP;
}

static inline gboolean
tilld_reach_is_leaving (const TilldLine *line)
{
  return line->retiring;
}

static inline const TilldFieldGateway *
tilld_reach_gateway (const TilldLine *line)
{
  return &line->record;
}

static inline GTimeZone *
tilld_reach_zone (const TilldLine *line)
{
  return line->zone;
}

G_END_DECLS
