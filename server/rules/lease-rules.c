/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease-rules.c: shares of groups between processes. Pure. */
#include "server/rules/lease-rules.h"

/* Ids are given out in a row: neighbours go to different groups, so that a small estate is spread too. */
guint
tilld_lease_group (gint64 gateway)
{
  guint64 h = (guint64) gateway * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint) (h >> 58) % TILLD_LEASE_GROUPS;
}

guint
tilld_lease_fair_share (guint nodes)
{
  return nodes == 0 ? TILLD_LEASE_GROUPS : (TILLD_LEASE_GROUPS + nodes - 1) / nodes;
}

/* A process that starts gets its share by what the others give back, one in 10 s each: links move a few at a time, and nobody is left
 * without an owner for longer than a beat. What a dead process leaves is free at once and taken up to the share. */
void
tilld_lease_decide (const TilldLeaseView *view, TilldLeaseStep *ret_step)
{
  guint share = tilld_lease_fair_share (view->nodes);

  *ret_step = (TilldLeaseStep){ 0, 0 };
  if (view->mine < share)
    ret_step->claim = MIN (share - view->mine, view->free);
  else if (view->mine > share && (view->given_back_us == 0 || view->now_us - view->given_back_us >= TILLD_LEASE_GIVE_BACK_US))
    ret_step->give_back = 1;
}

gboolean
tilld_lease_may_write (gint64 renewed_us, gint64 now_us)
{
  return renewed_us != 0 && now_us - renewed_us < TILLD_LEASE_WRITE_US;
}
