/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-model.c: meter models: what they can do, how we know it, and what was proven. The profiles live in memory. */
#include <string.h>
#include "server/api/listing.h"
#include "server/domain/plant/model-proof.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

typedef struct {
  gint64   class;    /* TillMeterClass, -1 = all */
  gboolean has_verified, verified;
  gint64   offset, limit;
  const char *text;  /* NULL = all */
} Filter;

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

/* The weakest evidence of the writes of one kind. FALSE: the model has none. */
static gboolean
evidence_of (const TilldProfile *profile, TilldProvenWrite write, TilldEvidence *ret_evidence)
{
  const TilldWrite *single = write == TILLD_PROVEN_RECHARGE ? &profile->recharge.write
                             : write == TILLD_PROVEN_DEBIT  ? &profile->debit.write
                             : write == TILLD_PROVEN_CONTROL ? &profile->control.write : NULL;
  gboolean has = single != NULL && single->registers > 0;

  *ret_evidence = has ? single->evidence : TILLD_EVIDENCE_REFERENCE;
  for (guint i = 0; single == NULL && i < profile->n_settings; i++)
    if (tilld_proven_of (profile->settings[i].command) == (int) write)
      {
        has = TRUE;
        *ret_evidence = MIN (*ret_evidence, profile->settings[i].evidence);
      }
  return has;
}

static void
write_writes (const TilldProfile *profile, TillJsonWrite *w)
{
  till_json_write_begin_array (w, "writes");
  for (guint i = 0; i < TILLD_PROVEN_N; i++)
    {
      TilldEvidence evidence;

      if (!evidence_of (profile, (TilldProvenWrite) i, &evidence))
        continue;
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "write", tilld_proven_words[i]);
      till_json_write_text (w, "evidence", tilld_evidence_words[evidence]);
      till_json_write_bool (w, "needs_proof", !tilld_evidence_may_send (evidence, FALSE));
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
  till_json_write_text (w, "class_unproven", till_meter_class_word (tilld_profile_effective_class (profile, FALSE)));
  till_json_write_begin_array (w, "settlement");
  for (guint i = 0; i < profile->n_settlement; i++)
    till_json_write_text (w, NULL, till_settlement_word (profile->settlement[i]));
  till_json_write_end_array (w);
  till_json_write_text (w, "purse", till_purse_word (profile->purse));
  till_json_write_int (w, "rates", profile->n_rates);
  till_json_write_begin_array (w, "rate_names");
  for (guint i = 0; i < profile->n_rates; i++)
    till_json_write_text (w, NULL, till_rate_word ((TillRate) profile->rates[i]));
  till_json_write_end_array (w);
  till_json_write_text (w, "word_order", profile->word_order == TILLD_WORDS_LITTLE ? "little" : "big");
  till_json_write_bool (w, "cabinet", profile->cabinet);
  till_json_write_bool (w, "verified", profile->verified);
  write_writes (profile, w);
  write_facts (profile, w);
}

static gboolean
list_decode (TilldRequest *request, GError **error)
{
  Filter *in = g_new0 (Filter, 1);
  const char *class = tilld_query_text (&request->query, "class", 8);
  int value = -1;

  tilld_request_take_input (request, in, g_free);
  if (class != NULL && !till_meter_class_from_word (class, &value))
    tilld_query_error (&request->query, "class", "must be A, B, C or none");
  in->class = value;
  in->limit = TILL_PAGE_DEFAULT;
  tilld_query_int (&request->query, "offset", 0, G_MAXINT, &in->offset);
  tilld_query_int (&request->query, "limit", 1, TILL_PAGE_MAX, &in->limit);
  in->text = tilld_query_text (&request->query, "q", TILL_NAME_CHARS); /* lives as long as the request */
  in->has_verified = tilld_query_has (&request->query, "verified") && tilld_query_bool (&request->query, "verified", &in->verified);
  return tilld_query_finish (&request->query, error);
}

static gboolean
says (const char *text, const char *part)
{
  g_autofree char *a = g_utf8_casefold (text, -1), *b = g_utf8_casefold (part, -1);

  return strstr (a, b) != NULL;
}

static gboolean
fits (const Filter *filter, const TilldProfile *profile)
{
  if (filter->text != NULL && !says (profile->name, filter->text) && !says (profile->title_en, filter->text) &&
      !says (profile->title_zh, filter->text) && !says (profile->vendor, filter->text))
    return FALSE;
  return (filter->class < 0 || (gint64) profile->meter_class == filter->class) && (!filter->has_verified || profile->verified == filter->verified);
}

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldProfiles *profiles = tilld_api_of (request)->profiles;
  const Filter *in = request->input;
  TillJsonWrite *w = till_json_write_new ();
  gint64 total = 0;

  till_json_write_begin_object (w, NULL);
  till_json_write_begin_array (w, "items");
  for (guint i = 0; i < tilld_profiles_count (profiles); i++)
    {
      const TilldProfile *profile = tilld_profiles_at (profiles, i);

      if (!fits (in, profile))
        continue;
      if (total++ < in->offset || total > in->offset + in->limit)
        continue;
      till_json_write_begin_object (w, NULL);
      write_model (profile, tilld_listing_is_chinese (request), w);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_int (w, "total", total);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldProfile *profile = tilld_profiles_get (tilld_api_of (request)->profiles, request->param);
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  if (profile == NULL)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter model");
  till_json_write_begin_object (w, NULL);
  write_model (profile, tilld_listing_is_chinese (request), w);
  till_json_write_begin_object (w, "proofs");
  g_hash_table_insert (query, (gpointer) "model", request->param);
  if (!tilld_model_proof_list (db, &request->actor, query, w, error))
    return FALSE;
  till_json_write_end_object (w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_model_routes[] = {
  { "GET", TILL_PATH_METER_MODELS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_HERE, 0, list_decode, list },
  { "GET", TILL_PATH_METER_MODEL, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, get },
  { NULL },
};
