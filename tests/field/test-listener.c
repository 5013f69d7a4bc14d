/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-listener.c: gateways that call over real sockets: registrations, limits, twins, and all that is no gateway. */
#include <string.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "tests/field/caller.h"
#include "tests/lib/test-main.h"

static const guint8 asked[8] = { 0x01, 0x03, 0x00, 0x06, 0x00, 0x02, 0x24, 0x0a };

/* The request leaves, the answer comes in pieces of `step`, something before it. */
static void
exchange (Caller *c, int fd, TilldLine *line, guint32 value, const char *before, gsize step)
{
  guint8 bytes[200], answer[200];
  guint  len = (guint) strlen (before);

  caller_ask (c, line);
  g_assert_cmpuint (caller_hear (c, fd, bytes, sizeof bytes), ==, 8);
  g_assert_cmpmem (bytes, 6, asked, 6);
  memcpy (answer, before, len);
  len += caller_answer (1, value, answer + len);
  for (gsize at = 0; at < len; at += step)
    caller_say (c, fd, answer + at, MIN (step, len - at));
  caller_step_ms (c, 50);
  g_assert_true (c->done);
  g_assert_cmpint (c->outcome, ==, TILLD_BUS_OK);
  g_assert_cmpuint ((guint32) c->reply.regs[0] << 16 | c->reply.regs[1], ==, value);
}

static void
test_dtu (void)
{
  static const char *const texts[] = { "GATE7\r\n", "GATE7", "  GATE7  \n", "\r\nGATE7\r" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Caller        c;
      TilldStation *station;
      int           fd;

      caller_start (&c, &tilld_greeting_limits);
      station = caller_station (&c, "GATE7", 1);
      fd = caller_dial (&c);
      g_assert_true (caller_register (&c, fd, texts[i], station->lines[0]));
      g_assert_cmpint (tilld_line_link_class (station->lines[0]), ==, TILL_LINK_CLASS_CLEAR);
      exchange (&c, fd, station->lines[0], 123456, "", 100);
      exchange (&c, fd, station->lines[0], 654321, "", 1);
      g_assert_cmpuint (c.unknown->len, ==, 0);
      g_assert_cmpuint (tilld_greeter_waiting (c.greeter), ==, 0);
      close (fd);
      caller_step_ms (&c, 100);
      g_assert_false (tilld_line_is_up (station->lines[0]));
      g_assert_cmpuint (tilld_greeter_links (c.greeter), ==, 0);
      caller_stop (&c);
    }
}

/* The text before each packet, heartbeats between frames and inside: all is taken out. */
static void
test_prefix_and_heartbeat (void)
{
  Caller        c;
  TilldStation *station;
  int           fd;

  caller_start (&c, &tilld_greeting_limits);
  station = caller_station (&c, "GATE7", 1);
  station->record.prefix_mode = TRUE;
  station->record.heartbeat_len = 2;
  memcpy (station->record.heartbeat, "hb", 2);
  fd = caller_dial (&c);
  g_assert_true (caller_register (&c, fd, "GATE7", station->lines[0]));
  exchange (&c, fd, station->lines[0], 1, "GATE7", 100);
  caller_say (&c, fd, "hb", 2);
  exchange (&c, fd, station->lines[0], 2, "hbGATE7", 1);
  exchange (&c, fd, station->lines[0], 3, "GATE7hb", 3);
  exchange (&c, fd, station->lines[0], 4, "", 100);
  close (fd);
  caller_stop (&c);
}

/* What is no gateway: closed, and where a text exists it is listed. */
static void
test_strangers (void)
{
  static const struct { const char *bytes; gsize len; guint within_ms; const char *listed; } rows[] = {
    { "", 0, 10100, NULL },
    { "G", 1, 3100, NULL },
    { "GT", 2, 3100, NULL },
    { "{", 1, 3100, NULL },
    { "GT\002", 3, 1500, "dtu GT\\x02" },
    { "\026\003\005", 3, 1500, "dtu \\x16\\x03\\x05" },
    { "{\"imei\":\"86\"}", 13, 1500, "dtu {\"imei\":\"86\"}" },
    { "NOBODY\r\n", 8, 1500, "dtu NOBODY" },
    { "A\000B", 3, 1500, "dtu A" },
    { "   \r\n", 5, 0, NULL }, /* refused at once */
    { "OTHER-9\n", 8, 1500, "dtu OTHER-9" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Caller c;
      int    fd;

      caller_start (&c, &tilld_greeting_limits);
      caller_station (&c, "GATE7", 1);
      fd = caller_dial (&c);
      caller_say (&c, fd, rows[i].bytes, rows[i].len);
      g_test_message ("row %u", i);
      g_assert_cmpint (caller_is_closed (fd), ==, rows[i].within_ms == 0);
      caller_step_ms (&c, rows[i].within_ms);
      g_assert_true (caller_is_closed (fd));
      g_assert_cmpuint (c.unknown->len, ==, rows[i].listed != NULL);
      if (rows[i].listed != NULL)
        g_assert_cmpstr (c.unknown->pdata[0], ==, rows[i].listed);
      g_assert_cmpuint (tilld_greeter_links (c.greeter), ==, 0);
      close (fd);
      caller_stop (&c);
    }
}

/* 64 KiB without an end: 64 bytes are the text, the rest is not even looked at. */
static void
test_endless (void)
{
  g_autofree guint8 *junk = g_malloc (65536);
  Caller             c;
  int                fd;

  memset (junk, 'x', 65536);
  caller_start (&c, &tilld_greeting_limits);
  fd = caller_dial (&c);
  caller_say (&c, fd, junk, 65536);
  caller_step_ms (&c, 1100);
  g_assert_cmpuint (c.unknown->len, ==, 1);
  g_assert_cmpuint (strlen (c.unknown->pdata[0]), ==, 4 + 64);
  g_assert_cmpuint (tilld_greeter_links (c.greeter), ==, 0);
  close (fd);
  caller_stop (&c);
}

static void
test_oldest_goes (void)
{
  TilldGreetingLimits limits = tilld_greeting_limits;
  Caller              c;
  int                 fd[6];

  limits.connections = 4;
  caller_start (&c, &limits);
  for (guint i = 0; i < 6; i++)
    fd[i] = caller_dial (&c);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (caller_is_closed (fd[i]), ==, i < 2);
  g_assert_cmpuint (tilld_greeter_waiting (c.greeter), ==, 4);
  for (guint i = 0; i < 6; i++)
    close (fd[i]);
  caller_stop (&c);
}

/* A flood of forged registrations: the address is shut out for a minute; gateways behind it that are up stay. */
static void
test_flood (void)
{
  Caller        c;
  TilldStation *station;
  int           good, fd;
  guint         refused = 0;

  caller_start (&c, &tilld_greeting_limits);
  station = caller_station (&c, "GATE7", 1);
  good = caller_dial (&c);
  g_assert_true (caller_register (&c, good, "GATE7\n", station->lines[0]));
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("FORGED-%u\n", i);

      fd = caller_dial (&c);
      refused += caller_is_closed (fd);
      caller_say (&c, fd, text, strlen (text));
      close (fd);
    }
  g_assert_cmpuint (refused, ==, 39); /* 60 failures are allowed, the 61st bans */
  g_assert_cmpuint (c.unknown->len, ==, 61);
  exchange (&c, good, station->lines[0], 42, "", 9);
  caller_step_ms (&c, 61000);
  fd = caller_dial (&c);
  g_assert_false (caller_is_closed (fd));
  close (fd);
  close (good);
  caller_stop (&c);
}

static void
test_twins (void)
{
  Caller        c;
  TilldStation *station;
  gint64        instance;
  int           first, second;

  caller_start (&c, &tilld_greeting_limits);
  station = caller_station (&c, "GATE7", 1);
  first = caller_dial (&c);
  g_assert_true (caller_register (&c, first, "GATE7\n", station->lines[0]));
  instance = tilld_line_instance (station->lines[0]);
  /* Anybody can send that text: the one that is heard stays. */
  second = caller_dial (&c);
  caller_say (&c, second, "GATE7\n", 6);
  caller_step_ms (&c, 50);
  g_assert_true (caller_is_closed (second));
  g_assert_cmpint (tilld_line_instance (station->lines[0]), ==, instance);
  close (second);
  exchange (&c, first, station->lines[0], 7, "", 9);
  /* Silent for a minute: the newer one is it, and what was on its way is lost. */
  caller_step_ms (&c, 60100);
  caller_ask (&c, station->lines[0]);
  second = caller_dial (&c);
  g_assert_true (caller_register (&c, second, "GATE7\n", station->lines[0]));
  caller_step_ms (&c, 50);
  g_assert_true (c.done);
  g_assert_cmpint (c.outcome, ==, TILLD_BUS_LINK_LOST);
  g_assert_cmpint (tilld_line_instance (station->lines[0]), !=, instance);
  exchange (&c, second, station->lines[0], 8, "", 9);
  g_assert_cmpuint (c.attacks, ==, 0);
  close (first);
  close (second);
  caller_stop (&c);
}

static void
test_flapping (void)
{
  TilldGreetingLimits limits = tilld_greeting_limits;
  Caller              c;
  TilldStation       *station;
  int                 fd[9];

  limits.heard_ms = 0;
  caller_start (&c, &limits);
  station = caller_station (&c, "GATE7", 1);
  for (guint i = 0; i < G_N_ELEMENTS (fd); i++)
    {
      fd[i] = caller_dial (&c);
      caller_say (&c, fd[i], "GATE7\n", 6);
      caller_step_ms (&c, 50);
      g_assert_true (tilld_line_is_up (station->lines[0]));
      g_assert_cmpuint (c.attacks, ==, i < 7 ? 0 : i - 6); /* six replacements are fine */
    }
  for (guint i = 0; i < G_N_ELEMENTS (fd); i++)
    {
      g_assert_cmpint (caller_is_closed (fd[i]), ==, i + 1 < G_N_ELEMENTS (fd));
      close (fd[i]);
    }
  caller_stop (&c);
}

/* Two registrations of one gateway are two lines; one that is lost leaves the other alone. */
static void
test_two_ports (void)
{
  Caller        c;
  TilldStation *station;
  int           one, two;

  caller_start (&c, &tilld_greeting_limits);
  station = caller_station (&c, "GATE7", 2);
  one = caller_dial (&c);
  two = caller_dial (&c);
  g_assert_true (caller_register (&c, one, "GATE7\n", station->lines[0]));
  g_assert_false (tilld_line_is_up (station->lines[1]));
  g_assert_true (caller_register (&c, two, "GATE7-2\n", station->lines[1]));
  exchange (&c, two, station->lines[1], 22, "", 9);
  exchange (&c, one, station->lines[0], 11, "", 9);
  close (one);
  caller_step_ms (&c, 50);
  g_assert_false (tilld_line_is_up (station->lines[0]));
  g_assert_true (tilld_station_is_up (station));
  exchange (&c, two, station->lines[1], 23, "", 9);
  close (two);
  caller_stop (&c);
}

/* A clear link that the record does not allow, and one after a stronger link was known. */
static void
test_classes (void)
{
  Caller        c;
  TilldStation *station;
  int           fd;

  caller_start (&c, &tilld_greeting_limits);
  station = caller_station (&c, "GATE7", 1);
  station->record.allow_clear = FALSE;
  fd = caller_dial (&c);
  g_assert_false (caller_register (&c, fd, "GATE7\n", station->lines[0]));
  close (fd);
  station->record.allow_clear = TRUE;
  station->record.best_class = TILL_LINK_CLASS_GT3_AES;
  fd = caller_dial (&c);
  g_assert_false (caller_register (&c, fd, "GATE7\n", station->lines[0]));
  close (fd);
  station->record.best_class = TILL_LINK_CLASS_CLEAR;
  fd = caller_dial (&c);
  g_assert_true (caller_register (&c, fd, "GATE7\n", station->lines[0]));
  close (fd);
  caller_stop (&c);
}

/* Garbage, other units, late answers on a DTU: the next value is right. */
static void
test_discipline (void)
{
  static const struct { const char *name; guint8 bytes[24]; guint len; guint wait_ms; TilldBusOutcome outcome; } rows[] = {
    { "other unit", { 2, 3, 4, 0, 0, 0, 9, 0x08, 0xf5 }, 9, 100, TILLD_BUS_GARBAGE },
    { "noise", { 0x55, 0xaa, 0x00, 0x01, 0x03 }, 5, 3100, TILLD_BUS_TIMEOUT },
    { "wrong CRC", { 1, 3, 4, 0, 0, 0, 9, 0, 0 }, 9, 3100, TILLD_BUS_TIMEOUT },
    { "nothing", { 0 }, 0, 3100, TILLD_BUS_TIMEOUT },
  };
  Caller        c;
  TilldStation *station;
  guint8        bytes[64], two[18];
  int           fd;

  caller_start (&c, &tilld_greeting_limits);
  station = caller_station (&c, "GATE7", 1);
  fd = caller_dial (&c);
  g_assert_true (caller_register (&c, fd, "GATE7\n", station->lines[0]));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint16 crc = tilld_rtu_crc (rows[i].bytes, 7);
      guint8  sent[24];

      memcpy (sent, rows[i].bytes, sizeof sent);
      if (rows[i].outcome == TILLD_BUS_GARBAGE)
        {
          sent[7] = (guint8) crc;
          sent[8] = (guint8) (crc >> 8);
        }
      caller_ask (&c, station->lines[0]);
      caller_hear (&c, fd, bytes, sizeof bytes);
      caller_say (&c, fd, sent, rows[i].len);
      caller_step_ms (&c, rows[i].wait_ms);
      g_test_message ("%s", rows[i].name);
      g_assert_true (c.done);
      g_assert_cmpint (c.outcome, ==, rows[i].outcome);
      caller_say (&c, fd, two, caller_answer (1, 99, two)); /* late: into the quiet time */
      caller_step_ms (&c, 400);
      exchange (&c, fd, station->lines[0], 1000 + i, "", 9);
    }
  /* Two answers in one segment: the second is nobody's. */
  caller_ask (&c, station->lines[0]);
  caller_hear (&c, fd, bytes, sizeof bytes);
  caller_answer (1, 5, two);
  caller_answer (1, 6, two + 9);
  caller_say (&c, fd, two, 18);
  caller_step_ms (&c, 20);
  g_assert_cmpuint (c.reply.regs[1], ==, 5);
  exchange (&c, fd, station->lines[0], 77, "", 9);
  close (fd);
  caller_stop (&c);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/listener/dtu", test_dtu);
  g_test_add_func ("/listener/prefix-and-heartbeat", test_prefix_and_heartbeat);
  g_test_add_func ("/listener/strangers", test_strangers);
  g_test_add_func ("/listener/endless", test_endless);
  g_test_add_func ("/listener/oldest-goes", test_oldest_goes);
  g_test_add_func ("/listener/flood", test_flood);
  g_test_add_func ("/listener/twins", test_twins);
  g_test_add_func ("/listener/flapping", test_flapping);
  g_test_add_func ("/listener/two-ports", test_two_ports);
  g_test_add_func ("/listener/classes", test_classes);
  g_test_add_func ("/listener/discipline", test_discipline);
  return till_test_run ();
}
