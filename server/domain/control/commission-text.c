/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission-text.c: the protocol of a walk as a page to print and to sign. */
#include "server/domain/control/commission-private.h"

#define RULE "----------------------------------------------------------------------\n"

static const TilldStatement head_load = {
  .name = "commission-head",
  .sql = "SELECT m.code AS meter_code, g.code AS gateway_code, o.name AS started_name, coalesce (p.name, '-') AS agreed_name, c.started_at, c.ended_at, "
         "c.version FROM commission c JOIN meter m ON m.id = c.meter JOIN gateway g ON g.id = c.gateway JOIN operator o ON o.id = c.started_by "
         "LEFT JOIN operator p ON p.id = c.agreed_by WHERE c.id = $1",
  .params = { DB_UUID_TYPE },
  .columns = { { "meter_code", DB_TEXT_TYPE }, { "gateway_code", DB_TEXT_TYPE }, { "started_name", DB_TEXT_TYPE }, { "agreed_name", DB_TEXT_TYPE },
               { "started_at", DB_TS_TYPE }, { "ended_at", DB_TS_TYPE, DB_NULL_OK }, { "version", DB_I32_TYPE } },
};
TILLD_STATEMENT (head_load)

static const char *
member (JsonObject *o, const char *name)
{
  return json_object_has_member (o, name) && !json_object_get_null_member (o, name) ? json_object_get_string_member (o, name) : "-";
}

static void
add_frames (JsonObject *line, GString *out)
{
  JsonObject *frames = json_object_get_object_member (line, "frames");
  JsonArray  *reads = json_object_get_array_member (frames, "reads");

  if (!json_object_get_null_member (frames, "pdu"))
    g_string_append_printf (out, "    > %s\n    < %s (%s)\n", member (frames, "pdu"), member (frames, "reply"), member (frames, "outcome"));
  for (guint i = 0; i < json_array_get_length (reads); i++)
    {
      JsonObject *read = json_array_get_object_element (reads, i);

      g_string_append_printf (out, "    > %s\n    < %s\n", member (read, "request"), member (read, "reply"));
    }
}

static void
add_head (const TilldCommission *c, TilldRows *rows, GString *out)
{
  char from[TILL_TIME_TEXT], to[TILL_TIME_TEXT], id[TILL_ID_TEXT];

  g_string_append_printf (out, "Commissioning proof %s\n" RULE "Model      %s version %" G_GINT64_FORMAT "\nMeter      %s\nGateway    %s%s\n",
                          till_id_print (&c->id, id),
                          c->profile->name, tilld_row_i64 (rows, 0, "version"), tilld_row_text (rows, 0, "meter_code"),
                          tilld_row_text (rows, 0, "gateway_code"), c->simulated ? " (simulated)" : "");
  g_string_append_printf (out, "Holds      %s\nState      %s\nOperator   %s\nSecond     %s\nBegun      %s\nEnded      %s\n" RULE,
                          c->everywhere ? "everywhere" : "at this gateway", c->state, tilld_row_text (rows, 0, "started_name"),
                          tilld_row_text (rows, 0, "agreed_name"), till_time_print (tilld_row_ts (rows, 0, "started_at"), from),
                          tilld_row_is_null (rows, 0, "ended_at") ? "-" : till_time_print (tilld_row_ts (rows, 0, "ended_at"), to));
}

gboolean
tilld_commission_text (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TillId *id, GString *out, GError **error)
{
  g_auto (TilldCommission) c = { 0 };
  g_autoptr (TilldRows)    rows = NULL;

  if (!tilld_commission_may_see (db, who, id, error) || !tilld_commission_load (db, profiles, id, &c, error) ||
      !tilld_db_query (db, &head_load, &rows, error, DB_UUID (id)))
    return FALSE;
  add_head (&c, rows, out);
  for (guint i = 0; i < json_array_get_length (c.steps); i++)
    {
      JsonObject *line = json_array_get_object_element (c.steps, i);

      if (json_object_has_member (line, "frames"))
        {
          g_string_append_printf (out, "%-13s%s\n", member (line, "step"), member (line, "doing"));
          add_frames (line, out);
        }
      else
        g_string_append_printf (out, "%-13s%-8s %s  %s\n", member (line, "step"), member (line, "verdict"), member (line, "at"), member (line, "text"));
    }
  g_string_append (out, RULE "\n\nOperator ______________________    Second operator ______________________\n");
  return TRUE;
}
