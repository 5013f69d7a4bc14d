/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-front-vendor.c: two vendors' devices over real sockets: values are right, what they tell by themselves is kept as told, strangers
 * get nothing. */
#include <string.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/field/sweep.h"
#include "tests/field/peers.h"
#include "tests/lib/test-main.h"

/* --- 7B7B --- */

/* One circuit of a model with an upload table, as the owner would make it. */
static void
give_circuit (TilldStation *station, TilldPlanSet *plans, const char *model)
{
  g_autofree char  *name = g_strdup_printf ("server/data/profiles/%s.json", model), *path = till_test_source_path (name);
  g_autoptr(GError) error = NULL;
  TilldLine        *line = station->lines[0];

  plans->profile = tilld_profile_load_file (path, &error);
  g_assert_no_error (error);
  line->circuits = g_new0 (TilldCircuit, 1);
  line->n = 1;
  line->circuits[0] = (TilldCircuit){ .line = line, .meter = 7, .epoch = 1, .unit = 1, .ct_ratio = 1, .energy_wh = -1, .plans = plans };
  line->records = g_new0 (TilldFieldMeter, 1);
  line->circuits[0].record = line->records;
}

static void
make_upload (GByteArray *payload, guint16 year)
{
  guint8  answer[3 + 96] = { 1, 3, 96 };
  guint8 *regs = answer + 3;
  guint16 crc;

  regs[2 * 0x01] = 2298 >> 8;
  regs[2 * 0x01 + 1] = (guint8) 2298;
  regs[2 * 0x15 + 2] = 12345 >> 8;
  regs[2 * 0x15 + 3] = (guint8) 12345;
  memcpy (regs + 2 * 0x28, "\x1a\x09\x01\x02\x08\x1e\x3b\0", 8);
  regs[2 * 0x28] = (guint8) year;
  crc = tilld_rtu_crc (answer, sizeof answer);
  g_byte_array_append (payload, (const guint8 *) "[[1((", 5);
  g_byte_array_append (payload, answer, sizeof answer);
  g_byte_array_append (payload, (guint8[]){ (guint8) crc, (guint8) (crc >> 8) }, 2);
  g_byte_array_append (payload, (const guint8 *) "))]]", 4);
}

/* Registers and hears that it may stay. */
static int
v7_begin (World *w, guint8 payload[58])
{
  guint8 bytes[64];
  int    fd = caller_dial (&w->c);

  v7_register (payload, "GW-0001");
  v7_say (&w->c, fd, TILLD_7B7B_REGISTER, payload, 58);
  g_assert_cmpuint (caller_hear (&w->c, fd, bytes, sizeof bytes), ==, 7);
  g_assert_cmpmem (bytes, 7, "\x7b\x7b\x84\xbf\x23\x7d\x7d", 7);
  return fd;
}

static void
test_7b7b_reads (void)
{
  static const guint8    ask[] = { 0x7b, 0x7b, 0x90, 0x01, 0x03, 0x00, 0x06, 0x00, 0x02 };
  World                  w;
  guint8                 payload[58], bytes[512], answer[20 + 9];
  int                    fd;

  world_open (&w, 1);
  fd = v7_begin (&w, payload);
  g_assert_cmpint (tilld_station_link_class (w.station), ==, TILL_LINK_CLASS_CLEAR);
  g_assert_cmpstr (w.station->facts.iccid, ==, "89860000000000000001");
  g_assert_cmpint (w.station->facts.rssi_dbm, ==, -73);
  /* Reads: with and without the serial in front; heartbeats between; one byte a segment. */
  for (guint i = 0; i < 4; i++)
    {
      guint8 frame[64];
      guint  n, off = i % 2 == 0 ? 0 : 20;

      caller_ask (&w.c, w.station->lines[0]);
      g_assert_cmpuint (caller_hear (&w.c, fd, bytes, sizeof bytes), ==, sizeof ask + 6);
      g_assert_cmpmem (bytes, sizeof ask, ask, sizeof ask);
      v7_say (&w.c, fd, TILLD_7B7B_HEARTBEAT, NULL, 0);
      memcpy (answer, payload, 20);
      n = tilld_7b7b_write (TILLD_7B7B_TRANSPARENT, answer + 20 - off, caller_answer (1, 900 + i, answer + 20) + off, frame);
      for (guint at = 0; at < n; at += i < 2 ? n : 1)
        caller_say (&w.c, fd, frame + at, i < 2 ? n : 1);
      world_assert_value (&w, 900 + i);
    }
  /* The serial alone: the meter did not answer. Another unit: garbage. */
  caller_ask (&w.c, w.station->lines[0]);
  v7_say (&w.c, fd, TILLD_7B7B_TRANSPARENT, payload, 20);
  g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_TIMEOUT);
  g_assert_true (w.c.done);
  caller_step_ms (&w.c, 400);
  caller_ask (&w.c, w.station->lines[0]);
  v7_say (&w.c, fd, TILLD_7B7B_TRANSPARENT, answer, caller_answer (2, 1, answer));
  g_assert_true (w.c.done);
  g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_GARBAGE);
  close (fd);
  world_close (&w);
}

static void
test_7b7b_tells (void)
{
  World                  w;
  TilldPlanSet           plans = { 0 };
  guint8                 payload[58], bytes[512];
  g_autoptr(GByteArray)  upload = g_byte_array_new ();
  int                    fd;

  world_open (&w, 1);
  give_circuit (w.station, &plans, "ddsy1352");
  fd = v7_begin (&w, payload);
  /* Time: UTC here, a Tuesday. */
  v7_say (&w.c, fd, TILLD_7B7B_TIME, payload, 20);
  g_assert_cmpuint (caller_hear (&w.c, fd, bytes, sizeof bytes), ==, 14);
  g_assert_cmpmem (bytes, 8, "\x7b\x7b\x93\x1a\x09\x01\x02\x0c", 8);
  /* An upload is acknowledged and on its way to the database. */
  w.c.role.ingest = tilld_ingest_new (&w.c.role);
  make_upload (upload, 26);
  v7_say (&w.c, fd, TILLD_7B7B_UPLOAD, upload->data, upload->len);
  g_assert_false (tilld_ingest_is_empty (w.c.role.ingest));
  tilld_ingest_free (w.c.role.ingest);
  w.c.role.ingest = tilld_ingest_new (&w.c.role);
  g_assert_cmpuint (caller_hear (&w.c, fd, bytes, sizeof bytes), ==, 7);
  g_assert_cmpmem (bytes, 7, "\x7b\x7b\x91\x7e\xec\x7d\x7d", 7);
  g_byte_array_set_size (upload, 0);
  make_upload (upload, 126); /* a year that cannot be: dropped, acknowledged all the same */
  v7_say (&w.c, fd, TILLD_7B7B_UPLOAD, upload->data, upload->len);
  g_assert_true (tilld_ingest_is_empty (w.c.role.ingest));
  tilld_ingest_free (w.c.role.ingest);
  w.c.role.ingest = NULL;
  /* Registers again as another: closed. */
  v7_register (payload, "GW-0002");
  v7_say (&w.c, fd, TILLD_7B7B_REGISTER, payload, 58);
  caller_hear (&w.c, fd, bytes, sizeof bytes);
  g_assert_true (caller_is_closed (fd));
  close (fd);
  world_close (&w);
  tilld_profile_free ((TilldProfile *) plans.profile);
}

/* Values of an upload, point by point. */
static void
test_upload_values (void)
{
  World             w;
  TilldPlanSet      plans = { 0 };
  TilldFieldReading reading;
  guint16           regs[48] = { 0 };

  world_open (&w, 1);
  give_circuit (w.station, &plans, "ddsy1352");
  regs[0x01] = 2298;
  regs[0x16] = 12345;
  regs[0x18] = 45;
  regs[0x20] = 5000;
  regs[0x28] = 0x1a09;
  regs[0x29] = 0x0102;
  g_assert_true (tilld_sweep_pushed (&w.station->lines[0]->circuits[0], 0x0200, regs, 48, &reading));
  g_assert_cmpint (reading.meter, ==, 7);
  g_assert_true (reading.keep);
  g_assert_cmpint (reading.energy_total, ==, 123450);
  g_assert_cmpint (reading.energy_rate[TILL_RATE_TIP], ==, 450);
  g_assert_cmpint (reading.u_mv, ==, 229800);
  g_assert_cmpint (reading.balance, ==, 500000);
  g_assert_false (tilld_sweep_pushed (&w.station->lines[0]->circuits[0], 0x9000, regs, 48, &reading));
  world_close (&w);
  tilld_profile_free ((TilldProfile *) plans.profile);
}

/* Clear and without proof: refused where the record does not allow it, listed when unknown, closed after eight broken frames. */
static void
test_7b7b_refused (void)
{
  World  w;
  guint8 payload[58], bytes[64];
  int    fd;

  world_open (&w, 1);
  v7_register (payload, "GW-0001");
  w.station->record.allow_clear = FALSE;
  fd = caller_dial (&w.c);
  v7_say (&w.c, fd, TILLD_7B7B_REGISTER, payload, 58);
  g_assert_cmpuint (caller_hear (&w.c, fd, bytes, sizeof bytes), ==, 0);
  g_assert_true (caller_is_closed (fd));
  close (fd);
  v7_register (payload, "99990001");
  fd = caller_dial (&w.c);
  v7_say (&w.c, fd, TILLD_7B7B_REGISTER, payload, 58);
  caller_step_ms (&w.c, 1100);
  g_assert_true (caller_is_closed (fd));
  g_assert_cmpuint (w.c.unknown->len, ==, 1);
  g_assert_cmpstr (w.c.unknown->pdata[0], ==, "7b7b 99990001");
  close (fd);
  fd = caller_dial (&w.c);
  for (guint i = 0; i < 8; i++)
    {
      g_assert_false (caller_is_closed (fd));
      v7_say (&w.c, fd, TILLD_7B7B_REGISTER, payload, 20 + i);
    }
  g_assert_true (caller_is_closed (fd));
  close (fd);
  world_close (&w);
}

/* --- 1F1F --- */

static gboolean
v1_take (World *w, int fd, Tilld1f1fParser *parser, Tilld1f1fAdu *ret)
{
  Tilld1f1fFrame frame;

  return v1_hear (&w->c, fd, parser, &frame) && frame.type == TILLD_1F1F_DOWN && tilld_1f1f_adu_read (&frame, peer_secret, ret, NULL);
}

static void
v1_answer (World *w, int fd, guint port, guint8 unit, guint32 value)
{
  Tilld1f1fAdu           adu = { .port = (guint8) port, .unit = unit };
  g_autoptr(GByteArray)  out = g_byte_array_new ();

  adu.adu_len = caller_answer (unit, value, adu.adu);
  tilld_1f1f_adu_write (TILLD_1F1F_UP, peer_secret, &adu, out);
  caller_say (&w->c, fd, out->data, out->len);
}

static void
test_1f1f (void)
{
  static const char      report[] = "<root><common><gateway_id>GW-0001</gateway_id></common><data><meter id=\"01001\"><function id=\"WPP\">12.5</function></meter></data></root>";
  World                  w;
  TilldPlanSet           plans = { 0 };
  Tilld1f1fParser        parser;
  Tilld1f1fFrame         frame;
  Tilld1f1fAdu           adu;
  g_autoptr(GByteArray)  out = g_byte_array_new ();
  g_autofree char       *text = NULL;
  int                    fd;

  world_open (&w, 2);
  give_circuit (w.station, &plans, "ddsy1352");
  tilld_1f1f_init (&parser);
  fd = caller_dial (&w.c);
  g_assert_true (v1_greet (&w.c, fd, "GW-0001", peer_secret));
  g_assert_cmpint (tilld_station_link_class (w.station), ==, TILL_LINK_CLASS_VENDOR_AES);
  for (guint i = 0; i < 6; i++)
    {
      caller_ask (&w.c, w.station->lines[i % 2]);
      g_assert_true (v1_take (&w, fd, &parser, &adu));
      g_assert_cmpuint (adu.port, ==, i % 2 + 1);
      g_assert_cmpuint (adu.unit, ==, 1);
      v1_answer (&w, fd, 3, 1, 13);            /* a port without a record: dropped */
      v1_answer (&w, fd, 2 - i % 2, 1, 13);    /* the other port waits for nothing */
      g_assert_false (w.c.done);
      v1_answer (&w, fd, i % 2 + 1, 1, 300 + i);
      world_assert_value (&w, 300 + i);
    }
  caller_ask (&w.c, w.station->lines[0]);
  g_assert_true (v1_take (&w, fd, &parser, &adu));
  v1_answer (&w, fd, 1, 2, 13);
  g_assert_true (w.c.done);
  g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_GARBAGE);
  caller_step_ms (&w.c, 400);
  /* Heartbeat: site time. */
  tilld_1f1f_write (TILLD_1F1F_BEAT, (const guint8 *) "<root/>", 7, out);
  caller_say (&w.c, fd, out->data, out->len);
  g_assert_true (v1_hear (&w.c, fd, &parser, &frame));
  text = g_strndup ((const char *) frame.data, frame.len);
  g_assert_nonnull (strstr (text, "<heart_beat operation=\"time\"><time>202609011200"));
  g_assert_nonnull (strstr (text, "<gateway_id>GW-0001</gateway_id>"));
  /* Reports, packed and not; a broken one is dropped and the link goes on. */
  for (guint type = TILLD_1F1F_DATA; type <= TILLD_1F1F_DATA_ZIP; type++)
    {
      w.c.role.ingest = tilld_ingest_new (&w.c.role);
      g_byte_array_set_size (out, 0);
      tilld_1f1f_data_write ((guint8) type, peer_secret, report, out);
      caller_say (&w.c, fd, out->data, out->len);
      g_assert_false (tilld_ingest_is_empty (w.c.role.ingest));
      tilld_ingest_free (w.c.role.ingest);
      w.c.role.ingest = tilld_ingest_new (&w.c.role);
      out->data[TILLD_1F1F_HEAD + 20] ^= 1;
      caller_say (&w.c, fd, out->data, out->len);
      g_assert_true (tilld_ingest_is_empty (w.c.role.ingest));
      tilld_ingest_free (w.c.role.ingest);
      w.c.role.ingest = NULL;
    }
  caller_ask (&w.c, w.station->lines[1]);
  g_assert_true (v1_take (&w, fd, &parser, &adu));
  v1_answer (&w, fd, 2, 1, 9);
  world_assert_value (&w, 9);
  tilld_1f1f_clear (&parser);
  close (fd);
  world_close (&w);
  tilld_profile_free ((TilldProfile *) plans.profile);
}

static void
test_1f1f_refused (void)
{
  static const guint8    other[16] = "other secret....";
  static const guint8    huge[] = { 0x1f, 0x1f, 0x01, 0x80, 0x00, 0x00, 0x00 };
  Tilld1f1fHello         prove = { .step = TILLD_1F1F_PROVE, .gateway = "GW-0001" };
  g_autoptr(GByteArray)  out = g_byte_array_new ();
  World                  w;
  int                    fd;

  world_open (&w, 1);
  fd = caller_dial (&w.c);
  g_assert_false (v1_greet (&w.c, fd, "GW-0001", other));
  g_assert_true (caller_is_closed (fd)); /* it heard "fail" */
  close (fd);
  fd = caller_dial (&w.c);
  g_assert_false (v1_greet (&w.c, fd, "nobody", peer_secret));
  caller_step_ms (&w.c, 1100);
  g_assert_true (caller_is_closed (fd));
  g_assert_cmpstr (w.c.unknown->pdata[0], ==, "1f1f nobody");
  close (fd);
  fd = caller_dial (&w.c);
  caller_say (&w.c, fd, huge, sizeof huge);
  g_assert_true (caller_is_closed (fd));
  close (fd);
  fd = caller_dial (&w.c);
  tilld_1f1f_md5 (peer_secret, "", prove.md5);
  tilld_1f1f_hello_write (&prove, out); /* an md5 that nobody asked for */
  caller_say (&w.c, fd, out->data, out->len);
  g_assert_true (caller_is_closed (fd));
  close (fd);
  w.station->record.vendor_len = 0;
  fd = caller_dial (&w.c);
  g_assert_false (v1_greet (&w.c, fd, "GW-0001", peer_secret));
  g_assert_true (caller_is_closed (fd));
  close (fd);
  world_close (&w);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/front/7b7b/reads", test_7b7b_reads);
  g_test_add_func ("/front/7b7b/refused", test_7b7b_refused);
  g_test_add_func ("/front/7b7b/tells", test_7b7b_tells);
  g_test_add_func ("/front/7b7b/upload-values", test_upload_values);
  g_test_add_func ("/front/1f1f/life", test_1f1f);
  g_test_add_func ("/front/1f1f/refused", test_1f1f_refused);
  return till_test_run ();
}
