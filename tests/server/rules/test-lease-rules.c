/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-lease-rules.c: groups are spread, shares converge without a group lost or held twice, a paused process stops writing in time. */
#include "server/rules/lease-rules.h"

#define NODES_MAX 7

static void
test_groups (void)
{
  guint count[TILLD_LEASE_GROUPS] = { 0 }, least = G_MAXUINT, most = 0;

  for (gint64 id = 1; id <= 5000; id++)
    {
      g_assert_cmpuint (tilld_lease_group (id), <, TILLD_LEASE_GROUPS);
      count[tilld_lease_group (id)]++;
    }
  for (guint i = 0; i < TILLD_LEASE_GROUPS; i++)
    {
      least = MIN (least, count[i]);
      most = MAX (most, count[i]);
    }
  g_assert_cmpuint (least, >, 5000 / TILLD_LEASE_GROUPS * 3 / 4);
  g_assert_cmpuint (most, <, 5000 / TILLD_LEASE_GROUPS * 5 / 4);
}

static void
test_share (void)
{
  const struct { guint nodes, share; } table[] = { { 0, 64 }, { 1, 64 }, { 2, 32 }, { 3, 22 }, { 4, 16 }, { 5, 13 }, { 63, 2 }, { 64, 1 }, { 100, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpuint (tilld_lease_fair_share (table[i].nodes), ==, table[i].share);
}

static void
test_pace (void)
{
  const gint64   now = 1000 * G_USEC_PER_SEC;
  TilldLeaseStep step;

  tilld_lease_decide (&(TilldLeaseView){ .nodes = 2, .mine = 64, .now_us = now }, &step);
  g_assert_cmpuint (step.give_back, ==, 1);
  tilld_lease_decide (&(TilldLeaseView){ .nodes = 2, .mine = 63, .now_us = now, .given_back_us = now - 9 * G_USEC_PER_SEC }, &step);
  g_assert_cmpuint (step.give_back + step.claim, ==, 0);
  tilld_lease_decide (&(TilldLeaseView){ .nodes = 2, .mine = 63, .now_us = now, .given_back_us = now - 10 * G_USEC_PER_SEC }, &step);
  g_assert_cmpuint (step.give_back, ==, 1);
  tilld_lease_decide (&(TilldLeaseView){ .nodes = 2, .mine = 32, .free = 5, .now_us = now }, &step);
  g_assert_cmpuint (step.give_back + step.claim, ==, 0);
  tilld_lease_decide (&(TilldLeaseView){ .nodes = 2, .mine = 30, .free = 5, .now_us = now }, &step);
  g_assert_cmpuint (step.claim, ==, 2);
  tilld_lease_decide (&(TilldLeaseView){ .nodes = 1, .mine = 32, .free = 32, .now_us = now }, &step);
  g_assert_cmpuint (step.claim, ==, 32);
}

/* Processes come and go; every beat each live one takes its step. Whatever happened, soon all groups are held, by shares. */
static void
test_converge (void)
{
  for (guint32 seed = 0; seed < 200; seed++)
    {
      g_autoptr (GRand) rng = g_rand_new_with_seed (seed);
      guint  held[NODES_MAX] = { 0 }, free = TILLD_LEASE_GROUPS, alive = 0;
      gint64 given[NODES_MAX] = { 0 }, now = 100 * G_USEC_PER_SEC;
      gboolean live[NODES_MAX] = { FALSE };

      for (guint change = 0; change < 6; change++)
        {
          guint who = (guint) g_rand_int_range (rng, 0, NODES_MAX);

          live[who] = alive == 0 || !live[who] || alive == 1;
          alive = 0;
          free += live[who] ? 0 : held[who];
          held[who] = live[who] ? held[who] : 0;
          for (guint i = 0; i < NODES_MAX; i++)
            alive += live[i];
          for (guint beat = 0; beat < 150; beat++)
            for (guint i = 0; i < NODES_MAX; i++)
              {
                TilldLeaseView view = { alive, held[i], free, now, given[i] };
                TilldLeaseStep step;

                now += G_USEC_PER_SEC;
                if (!live[i])
                  continue;
                tilld_lease_decide (&view, &step);
                g_assert_cmpuint (step.claim, <=, free);
                g_assert_cmpuint (step.give_back, <=, held[i]);
                held[i] += step.claim - step.give_back;
                free += step.give_back - step.claim;
                if (step.give_back > 0)
                  given[i] = now;
              }
          g_assert_cmpuint (free, ==, 0);
          for (guint i = 0; i < NODES_MAX; i++)
            g_assert_cmpuint (held[i], <=, live[i] ? tilld_lease_fair_share (alive) : 0);
        }
    }
}

static void
test_may_write (void)
{
  const gint64 at = 77 * G_USEC_PER_SEC;

  g_assert_false (tilld_lease_may_write (0, at));
  g_assert_true (tilld_lease_may_write (at, at));
  g_assert_true (tilld_lease_may_write (at, at + TILLD_LEASE_WRITE_US - 1));
  g_assert_false (tilld_lease_may_write (at, at + TILLD_LEASE_WRITE_US));
  g_assert_cmpint (TILLD_LEASE_WRITE_US + TILLD_LEASE_BEAT_US, <, TILLD_LEASE_US);
  g_assert_cmpint (2 * TILLD_LEASE_BEAT_US, <, TILLD_LEASE_WRITE_US); /* one lost beat does not stop sales */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lease/groups", test_groups);
  g_test_add_func ("/lease/share", test_share);
  g_test_add_func ("/lease/pace", test_pace);
  g_test_add_func ("/lease/converge", test_converge);
  g_test_add_func ("/lease/may-write", test_may_write);
  return g_test_run ();
}
