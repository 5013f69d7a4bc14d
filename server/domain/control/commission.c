/* SPDX-License-Identifier: GPL-2.0-or-later
 * commission.c: verbs of a commissioning: begin, look, answer, give up; and the step forward when the field has tried something. */
#include "server/domain/control/commission.h"
#include <string.h>
#include "server/domain/control/commission-private.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/meter.h"

#define FROM \
  "FROM commission c JOIN meter m ON m.id = c.meter JOIN area a ON a.id = m.area JOIN gateway g ON g.id = c.gateway " \
  "JOIN operator o ON o.id = c.started_by LEFT JOIN operator p ON p.id = c.agreed_by"

static const TilldStatement shape = {
  .name = "commission-list",
  .sql = "c.id AS id, c.model AS model, c.version AS model_version, c.meter AS meter, m.code AS meter_code, a.path AS room, c.gateway AS gateway, "
         "g.code AS gateway_code, c.everywhere AS everywhere, c.simulated AS simulated, c.state AS state, c.step AS step, c.started_by AS started_by, "
         "o.name AS started_name, c.agreed_by AS agreed_by, p.name AS agreed_name, c.started_at AS started_at, c.ended_at AS ended_at",
  .columns = { { "id", DB_UUID_TYPE }, { "model", DB_TEXT_TYPE }, { "model_version", DB_I32_TYPE }, { "meter", DB_I64_TYPE }, { "meter_code", DB_TEXT_TYPE },
               { "room", DB_TEXT_TYPE }, { "gateway", DB_I64_TYPE }, { "gateway_code", DB_TEXT_TYPE }, { "everywhere", DB_BOOL_TYPE },
               { "simulated", DB_BOOL_TYPE }, { "state", DB_TEXT_TYPE }, { "step", DB_TEXT_TYPE }, { "started_by", DB_I64_TYPE },
               { "started_name", DB_TEXT_TYPE }, { "agreed_by", DB_I64_TYPE, DB_NULL_OK }, { "agreed_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "started_at", DB_TS_TYPE }, { "ended_at", DB_TS_TYPE, DB_NULL_OK } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_ID }, { "model", TILLD_JSON_TEXT }, { "model_version", TILLD_JSON_INT }, { "meter", TILLD_JSON_INT },
  { "meter_code", TILLD_JSON_TEXT }, { "room", TILLD_JSON_TEXT }, { "gateway", TILLD_JSON_INT }, { "gateway_code", TILLD_JSON_TEXT },
  { "everywhere", TILLD_JSON_BOOL }, { "simulated", TILLD_JSON_BOOL }, { "state", TILLD_JSON_TEXT }, { "step", TILLD_JSON_TEXT },
  { "started_by", TILLD_JSON_INT }, { "started_name", TILLD_JSON_TEXT }, { "agreed_by", TILLD_JSON_INT }, { "agreed_name", TILLD_JSON_TEXT },
  { "started_at", TILLD_JSON_TIME }, { "ended_at", TILLD_JSON_TIME }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_UUID, "c.id = ANY ($#)" }, { "model", TILLD_FILTER_TEXT, "c.model = ANY (string_to_array ($#, ','))" },
  { "state", TILLD_FILTER_TEXT, "c.state = ANY (string_to_array ($#, ','))" }, { "meter", TILLD_FILTER_I64, "c.meter = ANY ($#)" }, { NULL },
};
static const TilldListSort sorts[] = { { "started_at", "c.started_at" }, { "model", "c.model" }, { "state", "c.state" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = FROM, .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "c.accepted DESC",
};
TILLD_LIST (spec)
static const TilldJsonList list = { &spec, fields, "c.accepted = $#", "commissioning" };

static const TilldStatement place_load = {
  .name = "commission-place",
  .sql = "SELECT m.model, m.gateway, g.simulated, g.site, EXISTS (SELECT FROM commission c WHERE c.meter = m.id AND c.state = 'open') AS busy, "
         "EXISTS (SELECT FROM commission c WHERE c.id = $2 AND c.meter = m.id AND c.started_by = $3) AS known "
         "FROM meter m JOIN gateway g ON g.id = m.gateway WHERE m.id = $1 AND m.retired_at IS NULL FOR NO KEY UPDATE OF m",
  .params = { DB_I64_TYPE, DB_UUID_TYPE, DB_I64_TYPE },
  .columns = { { "model", DB_TEXT_TYPE }, { "gateway", DB_I64_TYPE }, { "simulated", DB_BOOL_TYPE }, { "site", DB_I64_TYPE },
               { "busy", DB_BOOL_TYPE }, { "known", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (place_load)

static const TilldStatement walk_insert = {
  .name = "commission-insert",
  .sql = "INSERT INTO commission (id, site, model, version, meter, gateway, everywhere, simulated, step, started_by) "
         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'display', $9)",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_BOOL_TYPE, DB_BOOL_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (walk_insert)

static const TilldStatement walk_find = {
  .name = "commission-find",
  .sql = "SELECT accepted, meter FROM commission WHERE id = $1",
  .params = { DB_UUID_TYPE },
  .columns = { { "accepted", DB_I64_TYPE }, { "meter", DB_I64_TYPE } },
};
TILLD_STATEMENT (walk_find)

static const TilldStatement walk_abort = {
  .name = "commission-abort",
  .sql = "UPDATE commission SET state = 'aborted', ended_at = now () WHERE id = $1 AND state = 'open' RETURNING meter",
  .params = { DB_UUID_TYPE },
  .columns = { { "meter", DB_I64_TYPE } },
};
TILLD_STATEMENT (walk_abort)

static const TilldCommissionStep *
step_of (const TilldCommission *c)
{
  for (guint i = 0; tilld_commission_steps[i].name != NULL; i++)
    if (g_str_equal (tilld_commission_steps[i].name, c->step))
      return &tilld_commission_steps[i];
  g_assert_not_reached ();
}

static gboolean
is_trying (const TilldCommission *c)
{
  return json_object_has_member (c->facts, "trial");
}

static gboolean
log_walk (TilldDb *db, const TilldActor *who, const TilldCommission *c, const char *result, GError **error)
{
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, c->meter);
  g_autofree char *after = g_strdup_printf ("{\"model\":\"%s\",\"version\":%u,\"step\":\"%s\",\"state\":\"%s\"}", c->profile->name, c->profile->version,
                                            c->step, c->state);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "plant.prove", .object = object, .result = result, .after = after }, error);
}

gboolean
tilld_commission_start (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldCommissionNew *in, gboolean *ret_replay,
                        GError **error)
{
  const TilldProfile     *profile = tilld_profiles_get (profiles, in->model);
  g_auto (TilldCommission) c = { 0 };
  g_autoptr (TilldRows)   rows = NULL;
  TillTime                read_at;

  g_assert (tilld_actor_is_set (who));
  if (profile == NULL)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter model");
  if (!tilld_meter_read_at (db, who, in->meter, &read_at, error) ||
      !tilld_db_query (db, &place_load, &rows, error, DB_I64 (in->meter), DB_UUID (&in->id), DB_I64 (who->operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such meter");
  *ret_replay = tilld_row_bool (rows, 0, "known");
  if (*ret_replay)
    return TRUE;
  if (!g_str_equal (tilld_row_text (rows, 0, "model"), in->model))
    return till_fail (error, TILL_ERROR_CONFLICT, "the meter is a %s", tilld_row_text (rows, 0, "model"));
  if (tilld_row_bool (rows, 0, "busy"))
    return till_fail (error, TILL_ERROR_CONFLICT, "a commissioning of this meter is under way");
  return tilld_db_query (db, &walk_insert, NULL, error, DB_UUID (&in->id), DB_I64 (tilld_row_i64 (rows, 0, "site")), DB_TEXT (in->model),
                         DB_I32 (profile->version), DB_I64 (in->meter), DB_I64 (tilld_row_i64 (rows, 0, "gateway")), DB_BOOL (in->everywhere),
                         DB_BOOL (tilld_row_bool (rows, 0, "simulated")), DB_I64 (who->operator_id)) &&
         tilld_commission_load (db, profiles, &in->id, &c, error) && tilld_commission_enter (&c, "display", error) &&
         tilld_commission_save (&c, 0, error) && log_walk (db, who, &c, NULL, error);
}

/* Whoever may see the meter. */
static gboolean
find (TilldDb *db, const TilldActor *who, const TillId *id, gint64 *ret_accepted, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  TillTime              read_at;

  if (!tilld_db_query (db, &walk_find, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1 || !tilld_meter_read_at (db, who, tilld_row_i64 (rows, 0, "meter"), &read_at, NULL))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such commissioning");
  *ret_accepted = tilld_row_i64 (rows, 0, "accepted");
  return TRUE;
}

gboolean
tilld_commission_may_see (TilldDb *db, const TilldActor *who, const TillId *id, GError **error)
{
  gint64 accepted;

  return find (db, who, id, &accepted, error);
}

/* Verdict of a step: what its lines of the protocol say, the worst of them. */
static const char *
verdict_of (const TilldCommission *c, const char *step)
{
  static const char *const ranks[] = { "noted", "skipped", "ok", "failed" };
  int                      worst = -1;

  for (guint i = 0; i < json_array_get_length (c->steps); i++)
    {
      JsonObject *line = json_array_get_object_element (c->steps, i);
      int         rank = tilld_word_find (ranks, G_N_ELEMENTS (ranks), json_object_get_string_member_with_default (line, "verdict", ""));

      if (g_str_equal (json_object_get_string_member (line, "step"), step))
        worst = MAX (worst, rank);
    }
  return worst < 0 ? NULL : ranks[worst];
}

static void
write_plan (const TilldCommission *c, TillJsonWrite *w)
{
  gboolean over = FALSE;

  till_json_write_begin_array (w, "plan");
  for (guint i = 0; tilld_commission_steps[i].name != NULL; i++)
    {
      gboolean here = g_str_equal (tilld_commission_steps[i].name, c->step);

      over |= here;
      till_json_write_begin_object (w, NULL);
      till_json_write_text (w, "step", tilld_commission_steps[i].name);
      till_json_write_text (w, "state", here && g_str_equal (c->state, "open") ? "running" : over && !here ? "todo" : "done");
      till_json_write_text (w, "verdict", verdict_of (c, tilld_commission_steps[i].name));
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
}

static void
write_walk (const TilldCommission *c, TillJsonWrite *w)
{
  const TilldCommissionStep *step = step_of (c);
  gboolean                   open = g_str_equal (c->state, "open"), asks = open && !is_trying (c) && step->question != NULL;
  g_autoptr (JsonNode)       node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char           *steps = NULL;

  till_json_write_text (w, "waiting_for", !open ? NULL : !asks ? "field" : g_str_equal (c->step, "agree") ? "second_operator" : "answer");
  if (asks)
    {
      till_json_write_begin_object (w, "question");
      step->question (c, w);
      till_json_write_end_object (w);
    }
  else
    till_json_write_null (w, "question");
  write_plan (c, w);
  json_node_set_array (node, c->steps);
  steps = json_to_string (node, FALSE);
  till_json_write_raw (w, "steps", steps);
}

gboolean
tilld_commission_get (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TillId *id, TillJsonWrite *w, GError **error)
{
  g_auto (TilldCommission) c = { 0 };
  gint64                   accepted;

  if (!find (db, who, id, &accepted, error) || !tilld_record_serve (db, who, &list, accepted, w, error) ||
      !tilld_commission_load (db, profiles, id, &c, error))
    return FALSE;
  write_walk (&c, w);
  return TRUE;
}

gboolean
tilld_commission_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

/* Is the word one of those that the question offers? Asked of the question itself, so that there is one list. */
static gboolean
is_offered (const TilldCommission *c, const char *word)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autoptr (JsonNode)      node = NULL;
  g_autofree char          *text = NULL;
  JsonArray                *answers;

  till_json_write_begin_object (w, NULL);
  step_of (c)->question (c, w);
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  node = json_from_string (text, NULL);
  answers = json_object_get_array_member (json_node_get_object (node), "answers");
  for (guint i = 0; i < json_array_get_length (answers); i++)
    if (g_str_equal (json_array_get_string_element (answers, i), word))
      return TRUE;
  return FALSE;
}

gboolean
tilld_commission_answer (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldCommissionAnswer *in, GError **error)
{
  g_auto (TilldCommission)   c = { 0 };
  TilldCommissionSaid        said = { who, in->answer, in->note };
  const TilldCommissionStep *step;
  gboolean                   last;
  gint64                     accepted;

  g_assert (tilld_actor_is_set (who));
  if (!find (db, who, &in->id, &accepted, error) || !tilld_commission_load (db, profiles, &in->id, &c, error))
    return FALSE;
  step = step_of (&c);
  last = g_str_equal (c.step, "agree");
  if (!g_str_equal (c.state, "open") || !g_str_equal (c.step, in->step))
    return till_fail (error, TILL_ERROR_CONFLICT, "the walk is at another step: load it again");
  if (is_trying (&c) || step->said == NULL)
    return till_fail (error, TILL_ERROR_CONFLICT, "the meter is being tried: there is nothing to answer now");
  if (!is_offered (&c, in->answer))
    {
      till_fail (error, TILL_ERROR_INVALID, "answer is none of those offered");
      if (error != NULL)
        till_error_add_field (*error, "answer", "must be one of the answers of the question");
      return FALSE;
    }
  if (!last && who->operator_id != c.started_by)
    return till_fail (error, TILL_ERROR_FORBIDDEN, "the operator who began the walk answers; another one agrees at the end");
  if (!step->said (&c, &said, error))
    return FALSE;
  return tilld_commission_save (&c, last ? who->operator_id : 0, error) && log_walk (db, who, &c, NULL, error);
}

gboolean
tilld_commission_abort (TilldDb *db, const TilldActor *who, const TillId *id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char      *object = NULL;
  gint64                accepted;

  if (!find (db, who, id, &accepted, error) || !tilld_db_query (db, &walk_abort, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "the walk has ended");
  object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, tilld_row_i64 (rows, 0, "meter"));
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "plant.prove", .object = object, .result = "aborted" }, error);
}

gboolean
tilld_commission_result (TilldDb *db, const TilldProfiles *profiles, const TillId *id, const TillId *trial, const char *result, GError **error)
{
  g_auto (TilldCommission) c = { 0 };
  char                     text[TILL_ID_TEXT];

  if (!tilld_commission_load (db, profiles, id, &c, error))
    return FALSE;
  if (!g_str_equal (c.state, "open") || !is_trying (&c) ||
      !g_str_equal (json_object_get_string_member (c.facts, "trial"), till_id_print (trial, text)))
    return TRUE; /* given up meanwhile */
  return tilld_commission_result_take (&c, result, error) && tilld_commission_save (&c, 0, error);
}
