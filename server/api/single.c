/* SPDX-License-Identifier: GPL-2.0-or-later
 * single.c: one record by its number. Knows no resource. */
#include "server/api/single.h"

gboolean
tilld_single_decode (TilldRequest *request, GError **error)
{
  gint64 *id = g_new0 (gint64, 1);

  tilld_request_take_input (request, id, g_free);
  return tilld_request_param_int (request, id, error) && tilld_query_finish (&request->query, error);
}

gint64
tilld_single_id (TilldRequest *request)
{
  return *(const gint64 *) request->input;
}

gboolean
tilld_single_run (TilldRequest *request, TilldDb *db, TilldGetVerb verb, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!verb (db, &request->actor, tilld_single_id (request), w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}
