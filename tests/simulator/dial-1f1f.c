/* SPDX-License-Identifier: GPL-2.0-or-later
 * dial-1f1f.c: a vendor's ANE gateway: validates by MD5 of secret and sequence, reports energies by itself, passes requests
 * through to its ports. */
#include <string.h>
#include "shared/base/till-time.h"
#include "tests/simulator/link-dial.h"
#include "tests/simulator/meter-values.h"
#include "tests/simulator/port.h"
#include "tests/simulator/vendor-frame.h"

#define IN_BYTES        16384
#define TIMEOUT_MS      1500
#define METERS_PER_DATA 50
#define THROUGH_HEAD    6 /* PPAAA| */

enum { TYPE_VALIDATE = 1, TYPE_HEARTBEAT = 2, TYPE_DATA = 3, TYPE_ZIPPED = 4, TYPE_DOWN = 0xf1, TYPE_UP = 0xf2 };
typedef enum { AWAIT_SEQUENCE, AWAIT_RESULT, VALID } Stage;

typedef struct { SimDial *dial; SimStream *stream; Stage stage; guint uploads, n_ports; SimPort ports[]; } Session;

static void
say (Session *session, guint8 type, const void *data, gsize n)
{
  SimStream         *stream = session->stream;
  g_autofree guint8 *frame = g_malloc (SIM_1F_HEAD + n);

  sim_1f_head (type, n, frame);
  memcpy (frame + SIM_1F_HEAD, data, n);
  sim_stream_send (stream, frame, SIM_1F_HEAD + n);
}

static void
say_sealed (Session *session, guint8 type, const void *text, gsize n)
{
  g_autoptr (GBytes) sealed = sim_1f_encrypt (session->dial->link->spec->secret, text, n);
  gsize              size;
  const guint8      *bytes = g_bytes_get_data (sealed, &size);

  say (session, type, bytes, size);
}

/* The beginning of a document, with its common head. */
static char *
document (const Session *session, const char *type)
{
  const SimLinkSpec *spec = session->dial->link->spec;

  return g_markup_printf_escaped ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><root><common><building_id>%s</building_id>"
                                  "<gateway_id>%s</gateway_id><type>%s</type></common>",
                                  spec->building ? spec->building : "B01", spec->code, type);
}

static void
say_document (Session *session, guint8 frame_type, const char *type, const char *inner)
{
  g_autofree char *head = document (session, type);
  g_autofree char *text = g_strconcat (head, inner, "</root>", NULL);

  say (session, frame_type, text, strlen (text));
}

static void
answered (SimPort *port, const SimPortAnswer *answer, gpointer data)
{
  Session *session = data;
  char     text[THROUGH_HEAD + 2 * SIM_ADU_MAX + 1];

  if (answer->status != SIM_PORT_REPLY || sim_dial_is_silent (session->dial)) /* such a gateway says nothing then */
    return;
  g_snprintf (text, sizeof text, "%02u%03u|", port->bus->port, answer->tag);
  for (gsize i = 0; i < answer->n; i++)
    g_snprintf (text + THROUGH_HEAD + 2 * i, 3, "%02x", answer->adu[i]);
  say_sealed (session, TYPE_UP, text, THROUGH_HEAD + 2 * answer->n);
}

static void
port_reset (gpointer data)
{
  sim_dial_break (((Session *) data)->dial);
}

static void
port_deafen (gpointer data)
{
  sim_dial_deafen (((Session *) data)->dial);
}

static void
port_twin (gpointer data)
{
  sim_dial_twin (((Session *) data)->dial);
}

static const SimPortFuncs port_funcs = { answered, port_reset, port_deafen, port_twin };

static void
take_validate (Session *session, const char *xml, gsize n)
{
  g_autofree char *sequence = sim_1f_element (xml, n, "sequence"), *result = sim_1f_element (xml, n, "result");
  SimStream       *stream = session->stream;

  if (session->stage == AWAIT_SEQUENCE && sequence)
    {
      g_autofree char *both = g_strconcat (session->dial->link->spec->secret, sequence, NULL);
      g_autofree char *md5 = g_compute_checksum_for_string (G_CHECKSUM_MD5, both, -1);
      g_autofree char *inner = g_strdup_printf ("<id_validate operation=\"md5\"><md5>%s</md5></id_validate>", md5);

      session->stage = AWAIT_RESULT;
      say_document (session, TYPE_VALIDATE, "id_validate", inner);
    }
  else if (session->stage == AWAIT_RESULT && g_strcmp0 (result, "pass") == 0)
    {
      session->stage = VALID;
      sim_dial_good (session->dial);
    }
  else
    sim_stream_close (stream, FALSE);
}

/* n decimal digits; G_MAXUINT when one is none. */
static guint
digits (const char *text, guint n)
{
  guint value = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return G_MAXUINT;
      value = value * 10 + (guint) g_ascii_digit_value (text[i]);
    }
  return value;
}

static gboolean
parse_through (const char *text, gsize n, guint *port, SimPortJob *job)
{
  if (n < THROUGH_HEAD + 8 || (n - THROUGH_HEAD) % 2 != 0 || (n - THROUGH_HEAD) / 2 > 3 + SIM_PDU_MAX || text[5] != '|')
    return FALSE;
  *port = digits (text, 2);
  job->tag = (guint16) digits (text + 2, 3);
  job->timeout_ms = TIMEOUT_MS;
  job->n = (n - THROUGH_HEAD) / 2;
  for (gsize i = 0; i < job->n; i++)
    {
      int high = g_ascii_xdigit_value (text[THROUGH_HEAD + 2 * i]), low = g_ascii_xdigit_value (text[THROUGH_HEAD + 2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      job->adu[i] = (guint8) (high << 4 | low);
    }
  return *port <= 99 && job->tag <= 247;
}

static void
take_through (Session *session, const guint8 *bytes, gsize n)
{
  g_autoptr (GBytes) plain = sim_1f_decrypt (session->dial->link->spec->secret, bytes, n);
  g_autofree char   *text = plain ? g_strndup (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain)) : NULL;
  SimPortJob         job = { .tag = 0 };
  guint              port = 0;

  if (!text || !parse_through (text, g_bytes_get_size (plain), &port, &job) || sim_dial_is_silent (session->dial))
    return;
  for (guint i = 0; i < session->n_ports; i++)
    if (session->ports[i].bus->port == port)
      {
        sim_port_ask (&session->ports[i], &job);
        return;
      }
}

static gsize
take_frame (Session *session)
{
  SimStream         *stream = session->stream;
  const guint8      *in = stream->in;
  gsize              n = stream->n_in < SIM_1F_HEAD ? 0 : ((gsize) in[3] << 24 | (gsize) in[4] << 16 | (gsize) in[5] << 8 | in[6]);
  g_autofree guint8 *copy = NULL;
  guint8             type;

  if (stream->n_in < SIM_1F_HEAD)
    return 0;
  if (in[0] != 0x1f || in[1] != 0x1f || n > stream->in_size - SIM_1F_HEAD)
    {
      sim_stream_close (stream, FALSE);
      return 0;
    }
  if (stream->n_in < SIM_1F_HEAD + n)
    return 0;
  type = in[2];
  copy = g_memdup2 (in + SIM_1F_HEAD, n);
  sim_stream_use (stream, SIM_1F_HEAD + n);
  if (type == TYPE_VALIDATE)
    take_validate (session, (const char *) copy, n);
  else if (type == TYPE_DOWN && session->stage == VALID)
    take_through (session, copy, n);
  return SIM_1F_HEAD + n;
}

static void
ane_received (gpointer data)
{
  Session   *session = data;
  SimStream *stream = session->stream;

  while (stream->fd >= 0 && take_frame (session) > 0)
    ;
}

static void
ane_heartbeat (gpointer data)
{
  Session *session = data;

  if (session->stage == VALID)
    say_document (session, TYPE_HEARTBEAT, "heart_beat", "<heart_beat operation=\"notify\"/>");
}

/* Energies of one meter, each rate it keeps. */
static void
add_meter (GString *text, SimMeter *meter)
{
  static const struct { SimQuantity quantity; const char *id; } rows[] = {
    { SIM_Q_ENERGY_TOTAL, "WPP" },       { SIM_Q_ENERGY_TIP, "PowerHigher" },  { SIM_Q_ENERGY_PEAK, "PowerHigh" },
    { SIM_Q_ENERGY_FLAT, "PowerFlat" },  { SIM_Q_ENERGY_VALLEY, "PowerLow" },  { SIM_Q_ENERGY_DEEP, "EPISG" },
  };
  const SimBus *bus = meter->bus;

  g_string_append_printf (text, "<meter id=\"%02u%03u\">", bus->port, meter->unit);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (sim_model_has (meter->model, rows[i].quantity))
      {
        gint64 wh = sim_meter_value (meter, rows[i].quantity);

        g_string_append_printf (text, "<function id=\"%s\" error=\"\">%" G_GINT64_FORMAT ".%02d</function>", rows[i].id, wh / 1000, (int) (wh % 1000 / 10));
      }
  g_string_append (text, "</meter>");
}

/* Every second report is compressed, as some firmware does. */
static void
say_data (Session *session, const char *inner)
{
  g_autofree char   *head = document (session, "energy_data");
  g_autofree char   *text = g_strconcat (head, inner, "</root>", NULL);
  g_autoptr (GBytes) zipped = NULL;
  gsize              n;
  const guint8      *bytes;

  if (session->uploads++ % 2 == 0)
    {
      say_sealed (session, TYPE_DATA, text, strlen (text));
      return;
    }
  zipped = sim_1f_deflate (text, strlen (text));
  bytes = g_bytes_get_data (zipped, &n);
  say_sealed (session, TYPE_ZIPPED, bytes, n);
}

static void
site_time (const SimCampus *campus, char ret[20])
{
  gint64 now = sim_campus_now (campus), local = now / TILL_SECOND + till_zone_offset_min (campus->place.zone, now) * 60;
  int    year, month, day, second = (int) (local % SIM_DAY_S);

  till_day_split ((TillDay) (local / SIM_DAY_S), &year, &month, &day);
  g_snprintf (ret, 20, "%04d%02d%02d%02d%02d%02d", year, month, day, second / 3600, second / 60 % 60, second % 60);
}

static void
ane_upload (gpointer data)
{
  Session   *session = data;
  SimLink   *link = session->dial->link;
  SimCampus *campus = link->campus;
  SimStream *stream = session->stream;
  char       time[20];

  if (session->stage != VALID)
    return;
  site_time (campus, time);
  sim_stream_hold (stream);
  for (guint p = 0; p < link->n_buses; p++)
    for (guint from = 0; stream->fd >= 0 && from < link->buses[p].n_meters; from += METERS_PER_DATA)
      {
        SimBus             *bus = &link->buses[p];
        g_autoptr (GString) text = g_string_new (NULL);

        g_string_printf (text, "<data operation=\"report\"><time>%s</time>", time);
        for (guint i = from; i < MIN (from + METERS_PER_DATA, bus->n_meters); i++)
          if (!bus->meters[i].off)
            {
              sim_meter_advance (&bus->meters[i], sim_campus_now (campus) / TILL_SECOND);
              add_meter (text, &bus->meters[i]);
            }
        g_string_append (text, "</data>");
        say_data (session, text->str);
      }
  sim_stream_release (stream);
}

static void
ane_end (gpointer data)
{
  Session *session = data;

  for (guint i = 0; i < session->n_ports; i++)
    sim_port_clear (&session->ports[i]);
  g_free (session);
}

static gpointer
ane_begin (SimDial *dial)
{
  SimLink   *link = dial->link;
  Session   *session = g_malloc0 (sizeof *session + link->n_buses * sizeof *session->ports);
  SimStream *stream = dial->stream;

  session->dial = dial;
  session->stream = stream;
  session->n_ports = link->n_buses;
  for (guint i = 0; i < session->n_ports; i++)
    sim_port_init (&session->ports[i], &link->buses[i], &port_funcs, session);
  sim_stream_hold (stream);
  say_document (session, TYPE_VALIDATE, "id_validate", "<id_validate operation=\"request\" version=\"2\"/>");
  if (stream->fd < 0) /* closed before it was a session: nobody else frees it */
    {
      ane_end (session);
      session = NULL;
    }
  sim_stream_release (stream);
  return session;
}

const SimDialProto sim_dial_1f1f = { TRUE, IN_BYTES, ane_begin, ane_received, ane_heartbeat, ane_upload, NULL, ane_end };
