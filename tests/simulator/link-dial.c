/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-dial.c: one or more connections from a gateway to the server. A broken one is tried again after 1, 2, 4 .. 60 s, each
 * with 0 to 20 % on top. */
#include "tests/simulator/link-dial.h"
#include "shared/base/till-error.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/stream-tls.h"

#define CONNECT_MS 5000
#define AGAIN_MAX  60 /* s */

typedef struct { SimLink *link; TilldReactor *reactor; char *at; gboolean cut; GQueue dials; } Caller;

static void dial_now (SimDial *dial);

static SimTimers *
timers_of (const SimDial *dial)
{
  return dial->link->campus->timers;
}

static void
arm_ms (SimDial *dial, SimTimer *timer, gint64 ms)
{
  sim_timers_arm (timers_of (dial), timer, sim_timers_now (timers_of (dial)) + 1000 * ms);
}

static const SimDialProto *
proto_of (const SimLink *link)
{
  switch (link->spec->proto)
    {
    case SIM_PROTO_GT3:
      return &sim_dial_gt3;
    case SIM_PROTO_TLS:
      return &sim_dial_tls;
    case SIM_PROTO_7B7B:
      return &sim_dial_7b7b;
    case SIM_PROTO_1F1F:
      return &sim_dial_1f1f;
    default:
      return &sim_dial_dtu;
    }
}

char *
sim_dial_identity (const SimDial *dial)
{
  return dial->bus->port == 1 ? g_strdup (dial->link->spec->code) : g_strdup_printf ("%s#%u", dial->link->spec->code, dial->bus->port);
}

gboolean
sim_dial_is_silent (const SimDial *dial)
{
  return dial->link->frozen || sim_timers_now (timers_of (dial)) < dial->bus->frozen_until_us;
}

static void
try_later (SimDial *dial)
{
  gint64 s = MIN ((gint64) 1 << MIN (dial->failures, 6), AGAIN_MAX);
  gint64 more = sim_draw_range (dial->link->campus->place.seed, dial->bus->path, "again", dial->tries, 0, 200);

  dial->failures++;
  arm_ms (dial, &dial->again, s * (1000 + more));
}

static gboolean
has_sibling (const SimDial *dial)
{
  Caller *caller = dial->link->line;

  for (GList *at = caller->dials.head; at; at = at->next)
    if (at->data != dial && ((SimDial *) at->data)->index == dial->index)
      return TRUE;
  return FALSE;
}

static void
dial_free (SimDial *dial)
{
  Caller *caller = dial->link->line;

  sim_timers_disarm (timers_of (dial), &dial->again);
  g_queue_unlink (&caller->dials, &dial->place);
  g_free (dial);
}

static void
after_close (SimDial *dial)
{
  Caller *caller = dial->link->line;

  if (has_sibling (dial)) /* the other one goes on */
    dial_free (dial);
  else if (!caller->cut)
    try_later (dial);
}

static void
dial_closed (SimStream *stream, gpointer data)
{
  SimDial *dial = data;

  dial->stream = NULL;
  sim_timers_disarm (timers_of (dial), &dial->again);
  sim_timers_disarm (timers_of (dial), &dial->beat);
  sim_timers_disarm (timers_of (dial), &dial->push);
  if (dial->session)
    dial->proto->end (g_steal_pointer (&dial->session));
  if (!dial->beginning)
    after_close (dial);
}

static void
dial_ready (SimStream *stream, gpointer data)
{
  SimDial           *dial = data;
  const SimLinkSpec *spec = dial->link->spec;

  dial->link->campus->stats.connections++;
  sim_timers_disarm (timers_of (dial), &dial->again);
  dial->beginning = TRUE;
  dial->session = dial->proto->begin (dial);
  dial->beginning = FALSE;
  if (!dial->stream)
    {
      after_close (dial);
      return;
    }
  if (spec->heartbeat_s > 0 && dial->proto->heartbeat)
    arm_ms (dial, &dial->beat, 1000 * (gint64) spec->heartbeat_s);
  if (spec->upload_s > 0 && dial->proto->upload)
    arm_ms (dial, &dial->push, 1000 * (gint64) spec->upload_s);
}

static void
dial_received (SimStream *stream, gpointer data)
{
  SimDial *dial = data;

  if (dial->session)
    dial->proto->received (dial->session);
}

static const SimStreamFuncs dial_funcs = { dial_ready, dial_received, dial_closed };

static void
beat (SimTimer *timer, gpointer data)
{
  SimDial *dial = data;

  arm_ms (dial, &dial->beat, 1000 * (gint64) dial->link->spec->heartbeat_s);
  if (dial->session && !sim_dial_is_silent (dial))
    dial->proto->heartbeat (dial->session);
}

static void
push (SimTimer *timer, gpointer data)
{
  SimDial *dial = data;

  arm_ms (dial, &dial->push, 1000 * (gint64) dial->link->spec->upload_s);
  if (dial->session && !sim_dial_is_silent (dial))
    dial->proto->upload (dial->session);
}

/* Time to call, or the call has not been taken in time. */
static void
again (SimTimer *timer, gpointer data)
{
  SimDial *dial = data;

  if (dial->stream)
    sim_stream_close (dial->stream, TRUE);
  else
    dial_now (dial);
}

static void
dial_now (SimDial *dial)
{
  Caller            *caller = dial->link->line;
  const SimLinkSpec *spec = dial->link->spec;
  SimStreamOwner     owner = { &dial_funcs, dial, dial->proto->in_size };
  g_autoptr (GError) error = NULL;
  g_autofree char   *identity = sim_dial_identity (dial);
  SimTls            *tls = NULL;

  dial->tries++;
  if (spec->proto != SIM_PROTO_TLS || (tls = sim_tls_new_client (spec, identity, &error)))
    dial->stream = sim_stream_dial (dial->reactor, caller->at, tls, &owner, &error);
  if (dial->stream)
    arm_ms (dial, &dial->again, CONNECT_MS);
  else
    {
      g_message ("%s: %s", identity, error->message);
      try_later (dial);
    }
}

static SimDial *
dial_new (SimLink *link, guint index)
{
  Caller  *caller = link->line;
  SimDial *dial = g_new0 (SimDial, 1);

  dial->place.data = dial;
  dial->link = link;
  dial->index = index;
  dial->bus = &link->buses[index];
  dial->reactor = caller->reactor;
  dial->proto = proto_of (link);
  dial->again = (SimTimer){ .fire = again, .data = dial };
  dial->beat = (SimTimer){ .fire = beat, .data = dial };
  dial->push = (SimTimer){ .fire = push, .data = dial };
  g_queue_push_tail_link (&caller->dials, &dial->place);
  return dial;
}

void
sim_dial_good (SimDial *dial)
{
  dial->failures = 0;
  dial->link->campus->stats.registered++;
}

void
sim_dial_twin (gpointer data)
{
  SimDial *dial = data, *twin;

  if (has_sibling (dial) || ((Caller *) dial->link->line)->cut)
    return;
  twin = dial_new (dial->link, dial->index);
  arm_ms (twin, &twin->again, 0);
}

void
sim_dial_break (gpointer data)
{
  SimDial *dial = data;

  if (dial->stream)
    sim_stream_close (dial->stream, TRUE);
}

void
sim_dial_deafen (gpointer data)
{
  SimDial *dial = data;

  if (dial->stream)
    dial->stream->deaf = TRUE;
  sim_timers_disarm (timers_of (dial), &dial->beat);
  sim_timers_disarm (timers_of (dial), &dial->push);
}

/* Gateways do not all call in the same moment: the first call comes within a second, spread over more for many links. */
static void
call_first (SimLink *link)
{
  Caller *caller = link->line;
  guint   spread_ms = 200 + link->campus->n_links * 2;
  guint   n = proto_of (link)->shared ? 1 : link->n_buses;

  for (guint i = 0; i < n; i++)
    {
      SimDial *dial = dial_new (link, i);

      arm_ms (dial, &dial->again, sim_draw_range (link->campus->place.seed, dial->bus->path, "call", 0, 0, spread_ms));
    }
  caller->cut = FALSE;
}

static void
dial_link_cut (SimLink *link)
{
  Caller *caller = link->line;

  caller->cut = TRUE;
  while (caller->dials.head)
    {
      SimDial *dial = caller->dials.head->data;

      if (dial->stream && has_sibling (dial))
        sim_stream_close (dial->stream, TRUE); /* frees it */
      else
        {
          if (dial->stream)
            sim_stream_close (dial->stream, TRUE);
          dial_free (dial);
        }
    }
}

static gboolean
dial_link_restore (SimLink *link, GError **error)
{
  if (((Caller *) link->line)->cut)
    call_first (link);
  return TRUE;
}

static void
dial_link_close (SimLink *link)
{
  dial_link_cut (link);
  g_free (((Caller *) link->line)->at);
  g_clear_pointer (&link->line, g_free);
}

static guint
dial_link_connections (const SimLink *link)
{
  Caller *caller = link->line;
  guint   n = 0;

  for (GList *at = caller->dials.head; at; at = at->next)
    n += ((SimDial *) at->data)->session != NULL;
  return n;
}

static gboolean
dial_link_rekey (SimLink *link)
{
  Caller *caller = link->line;

  if (!proto_of (link)->rekey)
    return FALSE;
  for (GList *at = caller->dials.head; at; at = at->next)
    if (((SimDial *) at->data)->session)
      ((SimDial *) at->data)->proto->rekey (((SimDial *) at->data)->session);
  return TRUE;
}

/* Files of certificates are read before anything runs. */
static gboolean
can_speak_tls (const SimLinkSpec *spec, GError **error)
{
  SimTls *tls = sim_tls_new_client (spec, spec->code, error);

  if (tls)
    sim_tls_free (tls);
  return tls != NULL;
}

static gboolean
dial_link_open (SimLink *link, TilldReactor *reactor, const char *at, GError **error)
{
  Caller *caller;

  if (link->spec->proto == SIM_PROTO_TLS && !can_speak_tls (link->spec, error))
    return FALSE;
  caller = g_new0 (Caller, 1);
  caller->link = link;
  caller->reactor = reactor;
  caller->at = g_strdup (at);
  link->line = caller;
  call_first (link);
  return TRUE;
}

const SimLinkFuncs sim_link_dial = {
  dial_link_open, dial_link_cut, dial_link_restore, dial_link_close, dial_link_connections, dial_link_rekey,
};
