/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-board.c: the compact state of every meter, and the meter models. Both live in memory. */
#include "server/api/api.h"
#include "server/db/db-conn.h"
#include "server/domain/plant/model-proof.h"
#include "shared/api/till-paths.h"

static gboolean
board (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  tilld_board_write (api->board, request->actor.areas, w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

static void
write_facts (const TilldProfile *profile, TillJsonWrite *w)
{
  till_json_write_begin_array (w, "facts");
  for (guint i = 0; i < profile->n_facts; i++)
    {
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "id", profile->facts[i].id);
      till_json_write_text (w, "state", tilld_evidence_words[profile->facts[i].state]);
      till_json_write_text (w, "text", profile->facts[i].text);
      till_json_write_text (w, "source", profile->facts[i].source);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
}

static void
write_model (const TilldProfile *profile, gboolean chinese, TillJsonWrite *w)
{
  till_json_write_text (w, "name", profile->name);
  till_json_write_text (w, "title", chinese ? profile->title_zh : profile->title_en);
  till_json_write_text (w, "vendor", profile->vendor);
  till_json_write_text (w, "model", profile->model);
  till_json_write_int (w, "version", profile->version);
  till_json_write_int (w, "phases", profile->phases);
  till_json_write_text (w, "class", till_meter_class_word (profile->meter_class));
  till_json_write_text (w, "purse", till_purse_word (profile->purse));
  till_json_write_int (w, "rates", profile->n_rates);
  till_json_write_bool (w, "verified", profile->verified);
}

static gboolean
is_chinese (TilldRequest *request)
{
  const char *language = soup_message_headers_get_list (soup_server_message_get_request_headers (request->msg), "Accept-Language");
  return language != NULL && g_ascii_strncasecmp (language, "zh", 2) == 0;
}

static gboolean
models (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldProfiles *profiles = tilld_api_of (request)->profiles;
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "total", tilld_profiles_count (profiles));
  till_json_write_begin_array (w, "items");
  for (guint i = 0; i < tilld_profiles_count (profiles); i++)
    {
      till_json_write_begin_object (w, NULL);
      write_model (tilld_profiles_at (profiles, i), is_chinese (request), w);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

static gboolean
model (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldProfile *profile = tilld_profiles_get (tilld_api_of (request)->profiles, request->param);
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  if (profile == NULL)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter model");
  till_json_write_begin_object (w, NULL);
  write_model (profile, is_chinese (request), w);
  write_facts (profile, w);
  till_json_write_begin_object (w, "proofs");
  g_hash_table_insert (query, (gpointer) "model", request->param);
  if (!tilld_model_proof_list (db, &request->actor, query, w, error))
    return FALSE;
  till_json_write_end_object (w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_board_routes[] = {
  { "GET", TILL_PATH_BOARD, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_HERE, 0, NULL, board },
  { "GET", TILL_PATH_METER_MODELS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_HERE, 0, NULL, models },
  { "GET", TILL_PATH_METER_MODEL, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, model },
  { NULL },
};
