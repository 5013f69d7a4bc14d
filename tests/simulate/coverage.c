/* SPDX-License-Identifier: GPL-2.0-or-later
 * coverage.c: how often each fault met each state, and which cells cannot be reached. A reachable cell that stays empty is a failure: the
 * simulation would prove less than it says. */
#include "tests/simulate/world.h"

static const struct { const char *word; guint per_mille; } faults[FAULT_N] = {
  [FAULT_LOST] = { "request lost", 40 }, [FAULT_REPLY_LOST] = { "reply lost", 40 }, [FAULT_DUPLICATE] = { "duplicate", 15 },
  [FAULT_REORDER] = { "reordered", 40 }, [FAULT_LATE] = { "late", 40 }, [FAULT_CORRUPT] = { "corrupt", 20 }, [FAULT_SPLIT] = { "byte by byte", 40 },
  [FAULT_CLOG] = { "clogged", 15 }, [FAULT_RECONNECT] = { "reconnect", 15 }, [FAULT_REFUSED] = { "refused", 20 }, [FAULT_CRASH] = { "crash", 0 },
  [FAULT_STALL] = { "stalled owner", 0 }, [FAULT_WALL] = { "clock jumps", 0 }, [FAULT_COMMIT_LOST] = { "commit lost", 20 },
  [FAULT_ANSWER_LOST] = { "answer lost", 20 }, [FAULT_CARD] = { "credit by card", 0 },
};
static const char *const at_words[AT_N] = { "idle", "queued", "sent", "verifying", "held", "relay wait", "relay sent" };

static const char no_frame[] = "an order that waits has no frame on the line";
static const char only_writes[] = "reads are not refused";

/* Why a cell stays empty; NULL: it must not. */
static const char *
unreachable (Fault which, At at)
{
  if (which == FAULT_REFUSED && at != AT_SENT && at != AT_RELAY_SENT)
    return only_writes;
  if (which <= FAULT_RECONNECT && at == AT_RELAY_QUEUED && which != FAULT_RECONNECT)
    return no_frame;
  return NULL;
}

static guint64 met[FAULT_N][AT_N];

gboolean
fault (World *world, Fault which, guint meter, At at)
{
  if (world->now >= world->calm_at || !chance (world, faults[which].per_mille))
    return FALSE;
  met[which][at] += !world->trace_on; /* a history that is told again counts once */
  note (world, "fault: %s, meter %u %s", faults[which].word, meter, at_words[at]);
  return TRUE;
}

/* One that hits all that is under way. */
void
fault_everywhere (World *world, Fault which)
{
  note (world, "fault: %s", faults[which].word);
  for (guint m = 0; m < METERS; m++)
    {
      if (world->trace_on)
        return;
      met[which][store_at (world, m)]++;
      for (guint i = 0; i < world->store.n_orders; i++)
        {
          const Order *order = &world->store.orders[i];

          if (order->meter == m && order->state == TILL_COMMAND_STATE_QUEUED)
            met[which][AT_RELAY_QUEUED]++;
          if (order->meter == m && order->state == TILL_COMMAND_STATE_SENT)
            met[which][AT_RELAY_SENT]++;
        }
    }
}

gboolean
faults_print (gboolean must_be_full)
{
  gboolean full = TRUE;

  g_print ("%-15s", "fault");
  for (guint at = 0; at < AT_N; at++)
    g_print (" %11s", at_words[at]);
  g_print ("\n");
  for (guint f = 0; f < FAULT_N; f++)
    {
      g_print ("%-15s", faults[f].word);
      for (guint at = 0; at < AT_N; at++)
        {
          const char *why = unreachable ((Fault) f, (At) at);

          if (why != NULL && met[f][at] == 0)
            g_print (" %11s", "-");
          else
            g_print (" %11" G_GUINT64_FORMAT, met[f][at]);
          full = full && (why != NULL) == (met[f][at] == 0);
        }
      g_print ("\n");
    }
  g_print ("-: %s; %s\n", no_frame, only_writes);
  if (must_be_full && !full)
    g_print ("the table has a cell that is empty and should be reached, or one that is reached and should not\n");
  return full || !must_be_full;
}
