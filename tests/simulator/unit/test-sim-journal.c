/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-journal.c: no answer before its line is in the file; purses come back from it; torn and broken lines; what the
 * control socket does to money is in it too. */
#include <glib/gstdio.h>
#include <string.h>
#include "tests/simulator/control.h"
#include "tests/simulator/unit/sim-fixture.h"

#define WORLD                                                                                                                  \
  "[{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{\"cabinets\":[{\"table\":1,\"single\":3," \
  "\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"50.00\"}],\"meters\":[{\"profile\":\"gridtill-generic-kwh\",\"unit\":9,"   \
  "\"load\":\"w100\",\"balance\":\"30.00\"}]}]}]"

static char *
fresh_path (void)
{
  static guint n;
  g_autofree char *name = g_strdup_printf ("journal-%u.jsonl", ++n);

  return g_build_filename (till_test_dir (), name, NULL);
}

static void
recharge (SimFixture *f, guint unit, guint fen)
{
  g_autofree char *pdu = g_strdup_printf ("10050d000306%08x%04x", fen, sim_fixture_meter (f, unit)->count + 1);
  guint            before = f->campus->journal ? (guint) sim_journal_lines (f->campus->journal) : 0;

  sim_fixture_ask (f, unit, pdu);
  g_assert_cmpuint (f->sends, ==, 0); /* the answer waits for the flush of this turn */
  sim_timers_run (f->campus->timers);
  g_assert_cmpuint (f->sends, ==, 1);
  g_assert_cmpuint (sim_journal_lines (f->campus->journal), ==, before + 1);
}

static void
test_before_answer (void)
{
  g_autofree char *path = fresh_path (), *text = NULL;
  SimFixture       f;
  gsize            len;

  sim_fixture_init (&f, WORLD, path);
  recharge (&f, 1, 10000);
  g_assert_true (g_file_get_contents (path, &text, &len, NULL));
  g_assert_cmpuint (f.journal_at_send, ==, len); /* the whole line was there when the answer left */
  g_assert_nonnull (strstr (text, "{\"n\":1,\"at\":\"2026-08-31T16:00:00Z\",\"gateway\":\"GW-0001\",\"port\":1,\"unit\":1,\"serial\":"));
  g_assert_nonnull (strstr (text, "\"kind\":\"recharge\""));
  g_assert_nonnull (strstr (text, "\"amount\":\"100.00\",\"purse\":\"money\",\"balance\":\"150.00\""));
  g_assert_nonnull (strstr (text, "\"pdu\":\"10050d0003060000271"));
  sim_fixture_clear (&f);
}

/* Two requests in one turn share one flush, and both lines are there before the first answer. */
static void
test_group_commit (void)
{
  g_autofree char *path = fresh_path (), *text = NULL;
  SimFixture       f;

  sim_fixture_init (&f, WORLD, path);
  for (guint unit = 1; unit <= 2; unit++)
    {
      g_autofree char *pdu = g_strdup_printf ("10050d00030600000064%04x", sim_fixture_meter (&f, unit)->count + 1);

      sim_fixture_ask (&f, unit, pdu);
    }
  sim_timers_run (f.campus->timers);
  g_assert_cmpuint (f.sends, ==, 2);
  g_assert_false (sim_journal_is_pending (f.campus->journal));
  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_nonnull (strstr (text, "{\"n\":2,"));
  sim_fixture_clear (&f);
}

/* Killed and started again: counts, totals, forced control and the consumption in between are what they would have been. */
static void
test_restore (void)
{
  g_autofree char *path = fresh_path ();
  SimFixture       a, b;
  const SimMeter  *before, *after;

  sim_fixture_init (&a, WORLD, path);
  sim_campus_advance (a.campus, 1000);
  recharge (&a, 1, 2000);
  sim_campus_advance (a.campus, 5000);
  recharge (&a, 1, 3000);
  sim_fixture_ask (&a, 2, "1008010001020100"); /* forced open */
  sim_timers_run (a.campus->timers);
  g_clear_pointer (&a.campus->journal, sim_journal_free); /* the lock of the file falls with its process */
  sim_fixture_init (&b, WORLD, path);
  sim_campus_advance (a.campus, 7000);
  sim_campus_advance (b.campus, 7000);
  for (guint unit = 1; unit <= 3; unit++)
    {
      before = sim_fixture_meter (&a, unit);
      after = sim_fixture_meter (&b, unit);
      g_assert_cmpint (before->at_s, ==, after->at_s);
      g_assert_cmpuint (before->count, ==, after->count);
      g_assert_cmpint (before->total_raw, ==, after->total_raw);
      g_assert_cmpint (before->closed, ==, after->closed);
      g_assert_cmpint (ABS (sim_meter_balance_raw (before) - sim_meter_balance_raw (after)), <=, 1); /* the fraction is not in a line */
      g_assert_cmpint (sim_meter_energy_wh (before), ==, sim_meter_energy_wh (after));
    }
  g_assert_false (sim_fixture_meter (&b, 2)->closed);
  sim_fixture_clear (&a);
  sim_fixture_clear (&b);
}

static void
append (const char *path, const char *text)
{
  FILE *file = g_fopen (path, "a");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (text, file), >=, 0);
  fclose (file);
}

static void
test_torn (void)
{
  g_autofree char *path = fresh_path (), *before = NULL, *text = NULL;
  SimFixture       f;
  guint16          count;

  sim_fixture_init (&f, WORLD, path);
  recharge (&f, 1, 2000);
  count = sim_fixture_meter (&f, 1)->count;
  sim_fixture_clear (&f);
  g_file_get_contents (path, &before, NULL, NULL);
  append (path, "{\"n\":2,\"at\":\"2026-08-31T16:00:00Z\",\"gatew");
  sim_fixture_init (&f, WORLD, path);
  g_assert_cmpuint (sim_fixture_meter (&f, 1)->count, ==, count);
  recharge (&f, 1, 2000);
  sim_fixture_clear (&f);
  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_true (g_str_has_prefix (text, before));
  g_assert_true (g_str_has_prefix (text + strlen (before), "{\"n\":2,"));
  g_assert_null (strstr (text, "gatew{"));
}

static void
test_broken (void)
{
  static const char *const rows[][2] = {
    { "nonsense\n", "*journal-?.jsonl:2: *" },
    { "{\"n\":5}\n", "*:2: *" },
    { "{\"n\":2,\"at\":\"2026-08-31T16:00:00Z\",\"gateway\":\"GW-0001\",\"port\":1,\"unit\":1,\"serial\":\"x\",\"epoch\":1,\"kind\":\"relay\","
      "\"action\":\"open\",\"pdu\":\"\"}\n", "*:2: n is 2 after 0" },
    { "{\"n\":1,\"at\":\"2026-08-31T16:00:00Z\",\"gateway\":\"GW-0009\",\"port\":1,\"unit\":1,\"serial\":\"x\",\"epoch\":1,\"kind\":\"relay\","
      "\"action\":\"open\",\"pdu\":\"\"}\n", "*:2: no meter GW-0009/1/1 in this world" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char      *path = fresh_path (), *text = sim_world_text (WORLD);
      g_autoptr (GError)    error = NULL;
      SimFixture            f;
      SimWorld             *world;
      g_autoptr (SimCampus) campus = NULL;

      sim_fixture_init (&f, WORLD, path);
      g_clear_pointer (&f.campus->journal, sim_journal_free);
      append (path, rows[i][0]);
      world = sim_world_parse ("again", text, -1, NULL, NULL);
      campus = sim_campus_new (world, &(SimCampusOptions){ .journal = path, .clock = f.clock }, &error);
      g_test_message ("%s", error ? error->message : "accepted");
      g_assert_null (campus);
      g_assert_true (g_pattern_match_simple (rows[i][1], error->message));
      sim_fixture_clear (&f);
    }
}

/* A journal belongs to one world and to one writer. */
static void
test_stranger (void)
{
  g_autofree char   *path = fresh_path (), *text = sim_world_text (WORLD);
  g_autoptr (GError) error = NULL;
  SimWorld          *world = sim_world_parse ("w", text, -1, NULL, NULL);
  SimFixture         f;

  sim_fixture_init (&f, WORLD, path);
  g_assert_null (sim_campus_new (sim_world_parse ("w", text, -1, NULL, NULL), &(SimCampusOptions){ .journal = path, .clock = f.clock }, &error));
  g_assert_nonnull (strstr (error->message, "another simulator writes it"));
  g_clear_error (&error);
  g_clear_pointer (&f.campus->journal, sim_journal_free);
  world->seed = 8;
  g_assert_null (sim_campus_new (world, &(SimCampusOptions){ .journal = path, .clock = f.clock }, &error));
  g_assert_nonnull (strstr (error->message, "a journal of another world"));
  sim_fixture_clear (&f);
}

static void
ask (SimFixture *f, const char *line, const char *pattern)
{
  gboolean         quit;
  g_autofree char *answer = sim_control_answer (f->campus, line, strlen (line), &quit);

  g_test_message ("%s -> %s", line, answer);
  g_assert_true (g_pattern_match_simple (pattern, answer));
  g_assert_cmpint (quit, ==, strstr (line, "quit") != NULL);
}

static void
test_control (void)
{
  g_autofree char *path = fresh_path (), *text = NULL;
  SimFixture       f;
  guint16          n;

  sim_fixture_init (&f, WORLD, path);
  n = sim_fixture_meter (&f, 1)->count;
  ask (&f, "{\"do\":\"meter\",\"gateway\":\"GW-0001\",\"unit\":1}", "{\"ok\":true,*\"balance\":\"50.00\"*\"relay\":\"closed\"*}");
  ask (&f, "{\"do\":\"card\",\"gateway\":\"GW-0001\",\"unit\":1,\"amount\":\"20.00\"}", "{*\"balance\":\"70.00\"*}");
  g_assert_cmpuint (sim_fixture_meter (&f, 1)->count, ==, n + 1);
  ask (&f, "{\"do\":\"edit\",\"gateway\":\"GW-0001\",\"unit\":1,\"balance\":\"-5.00\",\"count\":9}", "{*\"count\":9,\"balance\":\"-5.00\"*}");
  ask (&f, "{\"do\":\"reset\",\"gateway\":\"GW-0001\",\"unit\":1}", "{*\"count\":0,\"balance\":\"0.00\",\"total\":\"0.00\"*}");
  ask (&f, "{\"do\":\"swap\",\"gateway\":\"GW-0001\",\"unit\":9,\"new_serial\":\"NEW0001\"}", "{*\"serial\":\"NEW0001\",\"epoch\":2*}");
  ask (&f, "{\"do\":\"meter\",\"serial\":\"NEW0001\"}", "{\"ok\":true,*\"unit\":9*}");
  ask (&f, "{\"do\":\"off\",\"gateway\":\"GW-0001\",\"unit\":2}", "{*\"off\":true*}");
  ask (&f, "{\"do\":\"on\",\"gateway\":\"GW-0001\",\"unit\":2}", "{*\"off\":false*}");
  ask (&f, "{\"do\":\"advance\",\"seconds\":60}", "{\"ok\":true,\"at\":\"2026-08-31T16:01:00Z\"}");
  ask (&f, "{\"do\":\"fault\",\"faults\":{\"drop_reply\":1}}", "{\"ok\":true}");
  ask (&f, "{\"do\":\"fault\",\"faults\":{\"drop_reply\":3}}", "{\"error\":*}");
  ask (&f, "{\"do\":\"stats\"}", "{\"ok\":true,*\"circuits\":4,*\"effects\":4,\"journal_lines\":4}");
  ask (&f, "{\"do\":\"quit\"}", "{\"ok\":true}");
  ask (&f, "{\"do\":\"dance\"}", "{\"error\":*}");
  ask (&f, "{\"do\":\"meter\",\"gateway\":\"GW-0001\",\"unit\":77}", "{\"error\":*no such meter*}");
  ask (&f, "{\"do\":\"card\",\"gateway\":\"GW-0001\",\"unit\":1,\"amount\":\"-1.00\"}", "{\"error\":*above zero*}");
  ask (&f, "{\"do\":\"card\",\"gateway\":\"GW-0001\",\"unit\":1,\"amount\":5}", "{\"error\":*}");
  ask (&f, "{\"do\":\"stats\",\"extra\":1}", "{\"error\":*not known here*}");
  ask (&f, "not json", "{\"error\":*}");
  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_nonnull (strstr (text, "\"kind\":\"card\""));
  g_assert_nonnull (strstr (text, "\"kind\":\"edit\""));
  g_assert_nonnull (strstr (text, "\"kind\":\"reset\""));
  g_assert_nonnull (strstr (text, "\"kind\":\"swap\""));
  sim_fixture_clear (&f);
  sim_fixture_init (&f, WORLD, path); /* and all of it holds after a restart */
  g_assert_cmpuint (sim_fixture_meter (&f, 1)->count, ==, 0);
  g_assert_cmpstr (sim_meter_serial (sim_fixture_meter (&f, 9)), ==, "NEW0001");
  g_assert_cmpuint (sim_fixture_meter (&f, 9)->epoch, ==, 2);
  sim_fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/journal/before-answer", test_before_answer);
  g_test_add_func ("/sim/journal/group-commit", test_group_commit);
  g_test_add_func ("/sim/journal/restore", test_restore);
  g_test_add_func ("/sim/journal/torn", test_torn);
  g_test_add_func ("/sim/journal/broken", test_broken);
  g_test_add_func ("/sim/journal/stranger", test_stranger);
  g_test_add_func ("/sim/control/verbs", test_control);
  return till_test_run ();
}
