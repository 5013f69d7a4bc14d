/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-captures.c: the recorder, and captures of real exchanges replayed: what came over the wire, byte for byte, goes through the codec
 * and the meter model again and must end as it was recorded, in values that lie between what the meters knew before and after.
 * A capture from a site is put into tests/field/captures and named below; truth may be left out. */
#include <json-glib/json-glib.h>
#include <string.h>
#include "server/core/clock.h"
#include "server/field/recorder.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-money.h"
#include "tests/lib/test-main.h"

static TilldProfiles *profiles;

typedef struct {
  gboolean       mbap, stream;
  TilldRtuFrame  rtu;
  TilldMbapFrame mbap_frame;
  TilldMbRequest request;
  gboolean       asking, replied, bad;
  guint16        tid;
  guint8         pdu[TILLD_MB_PDU_MAX + 3];
  guint          pdu_len;
  JsonObject    *truth;
  guint          ends, values, outcomes[TILLD_BUS_NOT_SENT + 1];
} Replay;

static guint
from_hex (const char *hex, guint8 *out, guint size)
{
  guint n = (guint) strlen (hex) / 2;

  g_assert_cmpuint (n, <=, size);
  for (guint i = 0; i < n; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return n;
}

static void
ask (Replay *r, const char *hex)
{
  guint8  bytes[1 + TILLD_MB_PDU_MAX];
  guint   n = from_hex (hex, bytes, sizeof bytes);
  guint16 words[TILLD_MB_WRITE_MAX];

  g_assert_false (r->asking);
  g_assert_cmpuint (n, >=, 6);
  for (guint i = 0; bytes[1] == 16 && 7 + 2 * i + 1 < n; i++)
    words[i] = (guint16) (bytes[7 + 2 * i] << 8 | bytes[8 + 2 * i]);
  words[0] = bytes[1] == 6 ? (guint16) (bytes[4] << 8 | bytes[5]) : words[0];
  if (bytes[1] == 3 || bytes[1] == 4)
    tilld_mb_read (&r->request, bytes[0], bytes[1], (guint16) (bytes[2] << 8 | bytes[3]), (guint) (bytes[4] << 8 | bytes[5]));
  else
    tilld_mb_write (&r->request, bytes[0], bytes[1], (guint16) (bytes[2] << 8 | bytes[3]), words, bytes[1] == 6 ? 1 : (guint) (bytes[4] << 8 | bytes[5]));
  g_assert_cmpmem (r->request.pdu, r->request.len, bytes + 1, n - 1);
  tilld_rtu_expect (&r->rtu, &r->request);
  r->asking = TRUE;
  r->replied = r->bad = FALSE;
}

/* What left is what the codec makes of the request today. */
static void
out (Replay *r, const char *hex)
{
  guint8 then[600], now[TILLD_MBAP_MAX];
  guint  n = from_hex (hex, then, sizeof then), len;

  g_assert_true (r->asking);
  r->tid = (guint16) (then[0] << 8 | then[1]);
  len = r->mbap ? tilld_mbap_encode (&r->request, r->tid, now) : tilld_rtu_encode (&r->request, now);
  g_assert_cmpmem (now, len, then, n);
}

static void
take (Replay *r, const guint8 *pdu, guint len)
{
  if (r->replied)
    return;
  r->replied = TRUE;
  r->pdu_len = len;
  memcpy (r->pdu, pdu, len);
}

static void
came (Replay *r, const char *hex)
{
  guint8 bytes[600];
  guint  n = from_hex (hex, bytes, sizeof bytes), used;

  if (!r->asking)
    return; /* late, or noise of an idle line */
  for (guint at = 0; r->mbap && at < n; at += used)
    {
      TilldFrameResult result = tilld_mbap_feed (&r->mbap_frame, bytes + at, n - at, &used);

      if (result == TILLD_FRAME_REPLY && r->mbap_frame.tid == r->tid && r->mbap_frame.unit == r->request.unit)
        take (r, r->mbap_frame.pdu, r->mbap_frame.pdu_len);
      r->bad |= result == TILLD_FRAME_BAD;
    }
  if (!r->mbap)
    {
      TilldFrameResult result = tilld_rtu_feed (&r->rtu, bytes, n);

      if (result == TILLD_FRAME_REPLY)
        take (r, r->rtu.pdu, r->rtu.pdu_len);
      r->bad |= result == TILLD_FRAME_BAD;
    }
}

/* *ret_first .. *ret_last in raw units of the point: what the meter itself said before and after. */
static gboolean
truth_of (const Replay *r, const TilldPoint *point, gint64 *ret_first, gint64 *ret_last)
{
  static const struct { TilldPointName name; const char *member; guint decimals; } members[] = {
    { TILLD_POINT_BALANCE, "balance", 4 }, { TILLD_POINT_PURCHASED_TOTAL, "total", 4 }, { TILLD_POINT_PURCHASE_COUNT, "count", 0 },
    { TILLD_POINT_ENERGY_TOTAL, "energy", 3 },
  };
  g_autofree char *unit = g_strdup_printf ("%u", r->request.unit);

  for (guint i = 0; r->truth != NULL && i < G_N_ELEMENTS (members); i++)
    if (members[i].name == point->name && json_object_has_member (r->truth, unit))
      {
        JsonArray *pair = json_object_get_array_member (json_object_get_object_member (r->truth, unit), members[i].member);

        if (members[i].decimals == 0)
          {
            *ret_first = json_array_get_int_element (pair, 0);
            *ret_last = json_array_get_int_element (pair, 1);
            return TRUE;
          }
        return till_decimal_parse (json_array_get_string_element (pair, 0), members[i].decimals, G_MAXINT64 / 2, ret_first, NULL) &&
               till_decimal_parse (json_array_get_string_element (pair, 1), members[i].decimals, G_MAXINT64 / 2, ret_last, NULL);
      }
  return FALSE;
}

/* Every point whose registers are in this answer. */
static void
check_values (Replay *r, const TilldMbReply *reply)
{
  const TilldProfile *profile = tilld_profiles_get (profiles, "adf400l-1p");

  for (guint i = 0; i < profile->n_points; i++)
    {
      const TilldPoint *point = &profile->points[i];
      gint64            first, last;
      TilldValue        v;

      if (point->type == TILLD_TYPE_SUM || point->at < r->request.at || point->at + point->registers > r->request.at + reply->n)
        continue;
      tilld_point_decode (profile, point, TILLD_WORDS_DEFAULT, reply->regs + (point->at - r->request.at), &v);
      g_assert_cmpint (v.state, ==, TILLD_VALUE_OK);
      if (!truth_of (r, point, &first, &last))
        continue;
      /* A recharge between the two lets the balance rise; consumption lets it fall by some cents meanwhile. */
      g_assert_cmpint (v.number, >=, MIN (first, last) - 10 * TILL_MONEY_UNIT / 100);
      g_assert_cmpint (v.number, <=, MAX (first, last) + (point->name == TILLD_POINT_ENERGY_TOTAL ? 10 : 0));
      r->values++;
    }
}

static TilldBusOutcome
outcome_of (const char *word)
{
  for (guint i = 0; i <= TILLD_BUS_NOT_SENT; i++)
    if (g_str_equal (word, tilld_bus_outcome_word ((TilldBusOutcome) i)))
      return (TilldBusOutcome) i;
  g_error ("no such outcome: %s", word);
}

static void
end (Replay *r, const char *word, const char *hex)
{
  TilldBusOutcome outcome = outcome_of (word);
  TilldMbReply    reply = { .kind = TILLD_MB_BAD };
  guint8          then[TILLD_MB_PDU_MAX];
  guint           n = hex == NULL ? 0 : from_hex (hex, then, sizeof then);

  g_assert_true (r->asking);
  r->asking = FALSE;
  r->ends++;
  if (!r->stream && hex != NULL) /* a tty's thread keeps its bytes: the answer stands for them */
    take (r, then, n);
  if (r->replied)
    tilld_mb_decode (&r->request, r->pdu, r->pdu_len, &reply);
  r->outcomes[outcome]++;
  if (outcome == TILLD_BUS_OK || outcome == TILLD_BUS_EXCEPTION)
    {
      g_assert_cmpint (reply.kind, ==, outcome == TILLD_BUS_OK ? TILLD_MB_OK : TILLD_MB_EXCEPTION);
      g_assert_cmpmem (r->pdu, r->pdu_len, then, n);
      if (reply.kind == TILLD_MB_OK && !tilld_mb_is_write (&r->request))
        check_values (r, &reply);
    }
  else if (r->stream)
    g_assert_true (outcome == TILLD_BUS_TIMEOUT ? !r->replied : outcome == TILLD_BUS_GARBAGE ? r->bad || reply.kind == TILLD_MB_BAD : TRUE);
  tilld_rtu_expect (&r->rtu, NULL);
}

static void
replay_line (Replay *r, JsonObject *line)
{
  const char *dir = json_object_get_string_member (line, "dir");
  const char *hex = json_object_has_member (line, "hex") ? json_object_get_string_member (line, "hex") : NULL;

  if (g_str_equal (dir, "ask"))
    ask (r, hex);
  else if (g_str_equal (dir, "out"))
    out (r, hex);
  else if (g_str_equal (dir, "in"))
    came (r, hex);
  else if (g_str_equal (dir, "end") && r->ends + r->asking > 0) /* of a request that left before the capture began: nothing to compare with */
    end (r, json_object_get_string_member (line, "outcome"), hex);
  else
    g_assert_true (g_str_equal (dir, "link") || g_str_equal (dir, "end"));
}

static JsonObject *
object_of (const char *text)
{
  g_autoptr(GError)   error = NULL;
  g_autoptr(JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static void
test_replay (gconstpointer data)
{
  const char           *name = data;
  g_autofree char      *path = g_strdup_printf ("tests/field/captures/%s.jsonl", name), *truth_path = NULL, *text = NULL, *truth = NULL;
  g_autofree char      *file = till_test_source_path (path), *truth_file = NULL;
  g_auto(GStrv)         lines = NULL;
  g_autoptr(JsonObject) head = NULL, known = NULL;
  Replay                r = { 0 };

  truth_path = g_strdup_printf ("tests/field/captures/%s.truth.json", name);
  truth_file = till_test_source_path (truth_path);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  if (g_file_get_contents (truth_file, &truth, NULL, NULL))
    r.truth = known = object_of (truth);
  lines = g_strsplit (text, "\n", -1);
  head = object_of (lines[0]);
  g_assert_cmpint (json_object_get_int_member (head, "capture"), ==, 1);
  r.mbap = g_str_equal (json_object_get_string_member (head, "link"), "modbus_tcp");
  r.stream = !g_str_equal (json_object_get_string_member (head, "link"), "serial");
  tilld_rtu_init (&r.rtu, NULL, 0);
  tilld_mbap_init (&r.mbap_frame);
  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_autoptr(JsonObject) line = object_of (lines[i]);

      replay_line (&r, line);
    }
  g_test_message ("%s: %u requests, %u answered, %u timed out, %u garbage, %u values", name, r.ends, r.outcomes[TILLD_BUS_OK],
                  r.outcomes[TILLD_BUS_TIMEOUT], r.outcomes[TILLD_BUS_GARBAGE], r.values);
  g_assert_cmpuint (r.outcomes[TILLD_BUS_OK], >=, 40);
  g_assert_cmpuint (r.outcomes[TILLD_BUS_TIMEOUT] + r.outcomes[TILLD_BUS_GARBAGE], >=, 1);
  g_assert_cmpuint (r.values, >=, 100);
}

/* Whole lines only, in order, never beyond the bound. */
static void
test_bounds (void)
{
  TilldClock              *clock = tilld_clock_fake_new (TILL_SECOND * 1788264000, TILL_SECOND * 1000);
  g_autoptr(TilldRecorder) recorder = tilld_recorder_new (clock, "GW-1", "rtu_tcp", 4000);
  g_autoptr(GString)       all = g_string_new (NULL);
  guint8                   bytes[700] = { 0xab };
  gint64                   lines = 0;
  char                    *part;

  tilld_recorder_bytes (recorder, TRUE, bytes, sizeof bytes); /* two lines */
  for (guint i = 0; i < 100; i++)
    tilld_recorder_link (recorder, "up");
  g_assert_true (tilld_recorder_is_full (recorder));
  for (;;)
    {
      gsize  len;
      gint64 n;

      part = tilld_recorder_take (recorder, 1500, &len, &n);
      if (part == NULL)
        break;
      g_assert_cmpuint (len, ==, strlen (part));
      g_assert_cmpint (part[len - 1], ==, '\n');
      g_string_append (all, part);
      lines += n;
      g_free (part);
    }
  g_assert_cmpuint (all->len, <=, 4000);
  g_assert_cmpuint (all->len, >, 3900);
  g_assert_true (g_str_has_prefix (all->str, "{\"capture\":1,\"gateway\":\"GW-1\",\"link\":\"rtu_tcp\",\"at\":1788264000000000}\n{\"at\":1788264000000000,\"dir\":\"out\",\"hex\":\"ab00"));
  {
    g_auto(GStrv) each = g_strsplit (all->str, "\n", -1);

    g_assert_cmpint (g_strv_length (each) - 1, ==, lines);
    for (gint64 i = 0; i < lines; i++)
      json_object_unref (object_of (each[i]));
  }
  tilld_clock_free (clock);
}

int
main (int argc, char **argv)
{
  int result;

  till_test_init (&argc, &argv);
  profiles = tilld_profiles_load (NULL, NULL);
  g_test_add_func ("/captures/bounds", test_bounds);
  g_test_add_data_func ("/captures/replay/rtu", "rtu_tcp", test_replay);
  g_test_add_data_func ("/captures/replay/modbus-tcp", "modbus_tcp", test_replay);
  g_test_add_data_func ("/captures/replay/serial", "serial", test_replay);
  result = till_test_run ();
  tilld_profiles_free (profiles);
  return result;
}
