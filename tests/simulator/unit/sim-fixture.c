/* SPDX-License-Identifier: GPL-2.0-or-later
 * sim-fixture.c: see sim-fixture.h. */
#include "tests/simulator/unit/sim-fixture.h"
#include <string.h>
#include "tests/simulator/link.h"

static void
wire_send (gpointer conn, const guint8 *bytes, gsize n, guint32 faults)
{
  SimFixture      *f = conn;
  g_autofree char *text = NULL;

  g_byte_array_append (f->sent, bytes, (guint) n);
  f->sends++;
  f->envelope |= faults;
  if (f->journal && g_file_get_contents (f->journal, &text, &f->journal_at_send, NULL))
    g_assert_true (f->journal_at_send == 0 || text[f->journal_at_send - 1] == '\n');
}

static void
wire_reset (gpointer conn)
{
  SimFixture *f = conn;

  f->resets++;
  sim_bus_forget (&f->campus->links[0].buses[0], conn);
}

static void
wire_deafen (gpointer conn)
{
  ((SimFixture *) conn)->deafs++;
}

static void
wire_twin (gpointer conn)
{
  ((SimFixture *) conn)->twins++;
}

const SimWire sim_fixture_wire = { wire_send, wire_reset, wire_deafen, wire_twin };

char *
sim_world_text (const char *links)
{
  return g_strdup_printf (
      "{\"world\":1,\"name\":\"test\",\"seed\":7,\"zone\":\"Asia/Shanghai\",\"start\":\"2026-09-01T00:00:00+08:00\",\"speed\":0,"
      "\"loads\":{\"w100\":{\"workday\":[%s]},\"w3600\":{\"workday\":[%s]}},"
      "\"prices\":{\"flat\":{\"rates\":{\"flat\":\"0.56\"},\"day\":[[\"00:00\",\"flat\"]]},"
      "\"two\":{\"rates\":{\"peak\":\"1\",\"valley\":\"0.5\"},\"day\":[[\"00:00\",\"valley\"],[\"00:30\",\"peak\"]]},"
      "\"tier\":{\"rates\":{\"flat\":\"1\"},\"day\":[[\"00:00\",\"flat\"]],\"tiers\":[{\"to\":\"1\",\"add\":\"0\"},{\"add\":\"1\"}]}},"
      "\"links\":%s}",
      "100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100",
      "3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600,3600", links);
}

void
sim_fixture_init (SimFixture *f, const char *links, const char *journal)
{
  g_autoptr (GError) error = NULL;
  g_autofree char   *text = sim_world_text (links);
  SimWorld          *world = sim_world_parse ("test.json", text, -1, NULL, &error);
  SimCampusOptions   options = { .journal = journal };

  g_assert_no_error (error);
  memset (f, 0, sizeof *f);
  f->clock = options.clock = tilld_clock_fake_new (1788192000 * TILL_SECOND, 1000000);
  f->sent = g_byte_array_new ();
  f->journal = g_strdup (journal);
  f->campus = sim_campus_new (world, &options, &error);
  g_assert_no_error (error);
}

void
sim_fixture_clear (SimFixture *f)
{
  sim_campus_close (f->campus);
  sim_campus_free (f->campus);
  tilld_clock_free (f->clock);
  g_byte_array_unref (f->sent);
  g_free (f->journal);
}

SimMeter *
sim_fixture_meter (SimFixture *f, guint unit)
{
  SimMeter *meter = sim_campus_meter (f->campus, "GW-0001", 1, unit);

  g_assert_nonnull (meter);
  return meter;
}

void
sim_fixture_step (SimFixture *f, gint64 ms)
{
  for (gint64 i = 0; i < ms; i++)
    {
      tilld_clock_fake_advance (f->clock, 1000);
      sim_timers_run (f->campus->timers);
    }
}

void
sim_fixture_faults (SimFixture *f, const char *json)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&f->campus->faults, sim_faults_free);
  f->campus->faults = sim_faults_parse ("faults", json, -1, &error);
  g_assert_no_error (error);
}

void
sim_fixture_ask (SimFixture *f, guint unit, const char *pdu_hex)
{
  SimRequest request = { .tid = 0x1234, .unit = (guint8) unit, .n_pdu = (guint8) (strlen (pdu_hex) / 2) };

  for (guint i = 0; i < request.n_pdu; i++)
    request.pdu[i] = (guint8) (g_ascii_xdigit_value (pdu_hex[2 * i]) << 4 | g_ascii_xdigit_value (pdu_hex[2 * i + 1]));
  g_byte_array_set_size (f->sent, 0);
  f->sends = 0;
  sim_bus_request (&f->campus->links[0].buses[0], &sim_fixture_wire, f, &request);
}

const char *
sim_fixture_hex (SimFixture *f)
{
  static char hex[2048];

  hex[0] = '\0';
  for (guint i = 0; i < f->sent->len && i < 1000; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", f->sent->data[i]);
  return hex;
}
