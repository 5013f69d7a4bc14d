/* SPDX-License-Identifier: GPL-2.0-or-later
 * station.c: the lines of a gateway and the links that come and go. Loads nothing and dials nothing. */
#include "server/field/station.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/field/callers.h"
#include "server/field/field-private.h"
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"

/* --- one line --- */

gboolean
tilld_line_is_up (const TilldLine *line)
{
  return tilld_bus_is_up (&line->bus);
}

gint64
tilld_line_instance (const TilldLine *line)
{
  return tilld_bus_instance (&line->bus);
}

gint64
tilld_line_epoch (const TilldLine *line)
{
  return tilld_bus_is_up (&line->bus) ? line->station->epoch : 0;
}

TillLinkClass
tilld_line_link_class (const TilldLine *line)
{
  return tilld_bus_is_up (&line->bus) ? line->bus.link->link_class : tilld_station_link_class (line->station);
}

void
tilld_line_close_link (TilldLine *line, const char *reason)
{
  if (line->bus.link != NULL)
    tilld_link_close (line->bus.link, reason);
}

/* --- the gateway --- */

TilldStation *
tilld_station_new (TilldFieldRole *field, const TilldFieldGateway *record)
{
  TilldStation *station = g_new0 (TilldStation, 1);

  station->field = field;
  station->record = *record;
  station->links = g_ptr_array_new ();
  station->zone = till_zone_new (record->zone, NULL);
  if (station->zone == NULL)
    station->zone = g_time_zone_new_utc ();
  for (guint i = 0; i < record->n_ports; i++)
    tilld_station_add_line (station, record->ports[i].port, record->ports[i].baud)->bus.parity = record->ports[i].parity;
  if (station->n_lines == 0)
    tilld_station_add_line (station, 1, record->baud);
  if (record->link == TILL_LINK_KIND_DIAL_IN)
    tilld_callers_add (field->callers, station);
  return station;
}

TilldLine *
tilld_station_add_line (TilldStation *station, guint port, guint baud)
{
  TilldLine *line = tilld_station_line (station, port);
  guint      at = 0;

  if (line != NULL)
    return line;
  while (at < station->n_lines && station->lines[at]->bus.port < port)
    at++;
  station->lines = g_renew (TilldLine *, station->lines, station->n_lines + 1);
  memmove (station->lines + at + 1, station->lines + at, (station->n_lines - at) * sizeof *station->lines);
  station->n_lines++;
  station->lines[at] = line = g_new0 (TilldLine, 1);
  line->station = station;
  tilld_bus_init (&line->bus, station->field->reactor, port, baud);
  return line;
}

void
tilld_station_free (TilldStation *station)
{
  g_assert (!station->opening && tilld_station_orders (station) == 0);
  tilld_callers_remove (station->field->callers, station);
  for (guint i = 0; i < station->n_lines; i++)
    tilld_schedule_clear (station->lines[i]->schedule);
  tilld_station_stop (station, "its record changed");
  if (station->dial != NULL)
    tilld_link_clear (station->dial);
  for (guint i = 0; i < station->n_lines; i++)
    {
      TilldLine *line = station->lines[i];

      tilld_bus_clear (&line->bus);
      for (guint c = 0; c < line->n; c++)
        {
          g_free (line->circuits[c].own_status);
          g_free (line->circuits[c].own_full);
        }
      for (guint c = 0; c < line->n_money; c++)
        g_free (line->money[c].watch);
      g_free (line->circuits);
      g_free (line->records);
      g_free (line->money);
      g_free (line->schedule);
      g_free (line);
    }
  g_free (station->lines);
  g_free (station->dial);
  g_ptr_array_unref (station->links);
  g_time_zone_unref (station->zone);
  g_free (station);
}

TilldLine *
tilld_station_line (TilldStation *station, guint port)
{
  for (guint i = 0; i < station->n_lines; i++)
    if (station->lines[i]->bus.port == port)
      return station->lines[i];
  return NULL;
}

TilldCircuit *
tilld_station_circuit (TilldStation *station, guint port, guint8 unit)
{
  TilldLine *line = tilld_station_line (station, port);

  for (guint i = 0; line != NULL && i < line->n; i++)
    if (line->circuits[i].unit == unit)
      return &line->circuits[i];
  return NULL;
}

guint
tilld_station_orders (const TilldStation *station)
{
  guint n = 0;

  for (guint i = 0; i < station->n_lines; i++)
    n += station->lines[i]->orders;
  return n;
}

gboolean
tilld_station_is_up (const TilldStation *station)
{
  return station->links->len > 0;
}

TillLinkClass
tilld_station_link_class (const TilldStation *station)
{
  TillLinkClass weakest = TILL_LINK_CLASS_NONE;

  for (guint i = 0; i < station->links->len; i++)
    {
      TillLinkClass it = ((TilldLink *) g_ptr_array_index (station->links, i))->link_class;

      if (weakest == TILL_LINK_CLASS_NONE || it < weakest)
        weakest = it;
    }
  return weakest != TILL_LINK_CLASS_NONE ? weakest : station->record.link_class;
}

/* A port without a record of its own is no line: nobody could be read there. */
gboolean
tilld_station_attach (TilldStation *station, TilldLink *link, guint port, GError **error)
{
  if (port != 0 && tilld_station_line (station, port) == NULL)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "gateway %s has no port %u", station->record.code, port);
  link->station = station;
  link->recorder = station->recorder;
  for (guint i = 0; i < station->n_lines; i++)
    {
      TilldBus *bus = &station->lines[i]->bus;

      if (port != 0 && bus->port != port)
        continue;
      if (bus->link != NULL && bus->link != link)
        {
          TilldLink *old = bus->link;

          if (old->state == TILLD_LINK_UP && old->front->farewell != NULL)
            old->front->farewell (old, TRUE);
          tilld_link_close (old, "a newer connection of the same gateway");
          tilld_link_forget_ports (old);
        }
      tilld_link_add_port (link, bus);
    }
  return TRUE;
}

void
tilld_station_link_changed (TilldStation *station, TilldLink *link)
{
  TilldFieldRole *field = station->field;

  if (link->state == TILLD_LINK_UP)
    {
      till_info (TILL_LOG_GATEWAY (link->code), "link is up");
      g_ptr_array_add (station->links, link);
      for (guint p = 0; p < link->n_ports; p++)
        {
          TilldLine *line = tilld_station_line (station, link->ports[p]->port);

          for (guint i = 0; i < line->n; i++)
            line->circuits[i].due_us = MIN (line->circuits[i].due_us, line->circuits[i].good_us);
        }
      station->epoch = 0;
      station->stale = TRUE;
      tilld_session_open (station);
    }
  else if (link->state == TILLD_LINK_DOWN && g_ptr_array_remove_fast (station->links, link))
    {
      station->requests += link->requests;
      station->failures += link->failures;
      link->requests = link->failures = 0;
      station->heard_us = MAX (station->heard_us, link->heard_us);
      if (link != station->dial)
        {
          tilld_link_forget_ports (link);
          link->station = NULL;
          link->recorder = NULL;
        }
      if (!field->draining)
        tilld_owner_pulse_soon (field->owner); /* people see a lost gateway soon */
    }
}

void
tilld_station_stop (TilldStation *station, const char *reason)
{
  if (station->dial != NULL)
    tilld_link_stop (station->dial);
  while (station->links->len > 0)
    tilld_link_close (g_ptr_array_index (station->links, 0), reason);
}

void
tilld_station_pushed (TilldStation *station, const TilldFieldReading *reading)
{
  TilldFieldReading pushed = *reading;

  pushed.pushed = TRUE;
  tilld_ingest_push (station->field->ingest, &pushed, FALSE);
}
