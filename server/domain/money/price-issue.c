/* SPDX-License-Identifier: GPL-2.0-or-later
 * price-issue.c: which meters should hold other prices than they were told, a batch at a time. Sends nothing: it orders, and the orders wait
 * for their meters like any other. */
#include "server/domain/money/price-issue.h"

#include <string.h>
#include "server/core/clock.h"
#include "server/domain/money/tariff-view.h"
#include "server/domain/money/tariff.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/setting-order.h"
#include "shared/base/till-json-read.h"

/* What a meter-settled meter has and was told. A price order of another device counts no more, nor one that was not carried out. */
#define TERMS                                                                                                                             \
  "m.id, m.model, m.tariff, (SELECT x.value FROM command x WHERE x.meter = m.id AND x.epoch = m.epoch AND x.kind = 2 AND x.state IN (0, 1, 2, 3)" \
  " ORDER BY x.accepted DESC LIMIT 1) AS told, CASE WHEN m.epoch = 1 THEN c.held END AS held"
#define TERMS_COLUMNS                                                                                                                         \
  { "id", DB_I64_TYPE }, { "model", DB_TEXT_TYPE }, { "tariff", DB_I64_TYPE }, { "told", DB_JSON_TYPE, DB_NULL_OK }, { "held", DB_JSON_TYPE, DB_NULL_OK }

static const TilldStatement one_meter = {
  .name = "price-one",
  .sql = "SELECT " TERMS " FROM meter m LEFT JOIN meter_config c ON c.meter = m.id WHERE m.id = $1 AND m.settlement = 0 AND m.tariff IS NOT NULL"
         " AND m.retired_at IS NULL",
  .params = { DB_I64_TYPE },
  .columns = { TERMS_COLUMNS },
};
TILLD_STATEMENT (one_meter)

static const TilldStatement model_of = {
  .name = "price-model",
  .sql = "SELECT model FROM meter WHERE id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "model", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (model_of)

/* The next of a job. since: with which tariff the day of the last job began; of a job that was asked for: none. */
static const TilldStatement next_meters = {
  .name = "price-next",
  .sql = "SELECT " TERMS ", (SELECT t.tariff FROM meter_tariff t WHERE t.meter = m.id AND t.since <= $2 ORDER BY t.since DESC LIMIT 1) AS before"
         " FROM job j JOIN meter m ON m.id > $3 JOIN area a ON a.id = m.area LEFT JOIN meter_config c ON c.meter = m.id"
         " WHERE j.id = $1 AND a.site = j.site AND m.settlement = 0 AND m.retired_at IS NULL AND m.tariff IS NOT NULL"
         " AND (NOT j.input ? 'tariff' OR m.tariff = (j.input->>'tariff')::bigint AND (coalesce ((j.input->>'area')::bigint, 0) = ANY (a.lineage)"
         " OR m.id IN (SELECT jsonb_array_elements_text (j.input->'meters')::bigint)))"
         " ORDER BY m.id LIMIT $4",
  .params = { DB_UUID_TYPE, DB_DAY_TYPE, DB_I64_TYPE, DB_I64_TYPE },
  .columns = { TERMS_COLUMNS, { "before", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (next_meters)

/* The day of the last such job, or yesterday. Nothing when today's is there. */
static const TilldStatement day_of = {
  .name = "price-day",
  .sql = "SELECT s.today, coalesce ((SELECT max ((j.input->>'today')::date) FROM job j WHERE j.name = '" TILLD_PRICE_JOB "' AND j.site = $1"
         " AND j.operator = 0), s.today - 1) AS since, (SELECT count (*) FROM meter m JOIN area a ON a.id = m.area WHERE a.site = $1"
         " AND m.settlement = 0 AND m.retired_at IS NULL AND m.tariff IS NOT NULL) AS meters FROM (SELECT site_today () AS today) s"
         " WHERE NOT EXISTS (SELECT FROM job j WHERE j.name = '" TILLD_PRICE_JOB "' AND j.site = $1 AND j.operator = 0"
         " AND (j.input->>'today')::date >= s.today)",
  .params = { DB_I64_TYPE },
  .columns = { { "today", DB_DAY_TYPE }, { "since", DB_DAY_TYPE }, { "meters", DB_I64_TYPE } },
};
TILLD_STATEMENT (day_of)

/* --- one meter --- */

/* NULL: the model holds no price, or the tariff has no version. */
static char *
value_of (const TilldPriceTools *tools, const char *model, gint64 tariff, TillDay day)
{
  const TilldProfile *profile = tilld_profiles_get (tools->profiles, model);
  const TilldTariffVersion *version = tilld_tariff_book_version (tools->book, tariff, day);
  g_autoptr (TillJsonWrite) w = NULL;

  if (profile == NULL || version == NULL || tilld_tariff_price_step (profile) == 0)
    return NULL;
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  tilld_tariff_value_write (profile, version, tilld_tariff_book_civil (tools->book), day, w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (g_steal_pointer (&w), NULL);
}

static gboolean
same_json (const char *a, const char *b)
{
  g_autoptr (JsonNode) left = a != NULL ? json_from_string (a, NULL) : NULL;
  g_autoptr (JsonNode) right = b != NULL ? json_from_string (b, NULL) : NULL;

  return left != NULL && right != NULL && json_node_equal (left, right);
}

/* Nobody told this device anything, and what was read back of it are these very prices and no more is wanted. */
static gboolean
holds_already (const char *value, const char *held)
{
  g_autoptr (JsonNode) wanted = json_from_string (value, NULL);
  g_autoptr (JsonNode) has = held != NULL ? json_from_string (held, NULL) : NULL;
  JsonObject *object = wanted != NULL ? json_node_get_object (wanted) : NULL;
  g_autoptr (GList) rates = NULL;

  if (object == NULL || has == NULL || !JSON_NODE_HOLDS_OBJECT (has) || json_object_get_size (object) != 1)
    return FALSE;
  object = json_object_get_object_member (object, "prices");
  rates = json_object_get_members (object);
  for (GList *l = rates; l != NULL; l = l->next)
    {
      g_autofree char *point = g_strconcat ("price_", (const char *) l->data, NULL);
      TillMoney want = 0, have = -1;

      if (!till_money_parse (json_object_get_string_member (object, l->data), &want, NULL) ||
          !till_money_parse (json_object_get_string_member_with_default (json_node_get_object (has), point, ""), &have, NULL) || want != have)
        return FALSE;
    }
  return rates != NULL;
}

static gboolean
was_told (TilldRows *rows, guint row, const char *value)
{
  return same_json (tilld_row_text (rows, row, "told"), value) ||
         (tilld_row_is_null (rows, row, "told") && holds_already (value, tilld_row_text (rows, row, "held")));
}

gboolean
tilld_price_order (TilldDb *db, const TilldPriceTools *tools, const TilldPriceOrder *in, TillId *ret_id, char **ret_why, GError **error)
{
  TilldSettingIssue issue = { .meter = in->meter, .kind = TILL_COMMAND_KIND_SET_PRICE, .reason = in->reason, .now_ms = in->now_ms };
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *value = NULL;

  *ret_id = TILL_ID_NIL;
  *ret_why = NULL;
  if (!tilld_db_query (db, &one_meter, &rows, error, DB_I64 (in->meter)))
    return FALSE;
  if (tilld_rows_count (rows) == 1)
    value = value_of (tools, tilld_row_text (rows, 0, "model"), tilld_row_i64 (rows, 0, "tariff"), tilld_tariff_book_today (tools->book));
  issue.value = value;
  if (value != NULL)
    return was_told (rows, 0, value) || tilld_setting_issue (db, tools->profiles, tools->who, &issue, ret_id, ret_why, error);
  *ret_why = g_strdup ("The meter has no tariff, or holds no prices.");
  return TRUE;
}

gboolean
tilld_price_order_one (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldPriceOrder *in, GError **error)
{
  g_autoptr (TilldTariffBook) book = tilld_tariff_book_load (db, who->site, error);
  g_autofree char *why = NULL;
  const TilldPriceTools tools = { profiles, book, who };
  TillId id;

  return book != NULL && tilld_price_order (db, &tools, in, &id, &why, error);
}

gboolean
tilld_price_value (TilldDb *db, const TilldProfiles *profiles, gint64 site, const TilldPriceOf *of, char **ret_json, GError **error)
{
  g_autoptr (TilldTariffBook) book = tilld_tariff_book_load (db, site, error);
  g_autoptr (TilldRows) rows = NULL;

  *ret_json = NULL;
  if (book == NULL || !tilld_db_query (db, &model_of, &rows, error, DB_I64 (of->meter)))
    return FALSE;
  if (tilld_rows_count (rows) == 1)
    *ret_json = value_of (&(TilldPriceTools){ profiles, book, NULL }, tilld_row_text (rows, 0, "model"), of->tariff, tilld_tariff_book_today (book));
  return TRUE;
}

/* --- jobs --- */

gboolean
tilld_price_issue_given (TilldDb *db, const TilldActor *who, const TilldPriceGiven *in, TillId *ret_job, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *input = NULL;
  TilldJobNew job = { .name = TILLD_PRICE_JOB, .total = in->n };

  till_id_new (ret_job, tilld_clock_wall (tilld_clock_system ()) / 1000);
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "tariff", in->tariff);
  till_json_write_int (w, "area", in->area);
  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < in->n_meters; i++)
    till_json_write_int (w, NULL, in->meters[i]);
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  job.id = *ret_job;
  job.input = input = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_job_create (db, who, &job, error);
}

gboolean
tilld_price_issue_day (TilldDb *db, gint64 site, TillTime now, GError **error)
{
  g_auto (TilldActor) who = TILLD_ACTOR_SYSTEM (site);
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *input = NULL;
  char today[TILL_DAY_TEXT], since[TILL_DAY_TEXT];
  TilldJobNew job = { .name = TILLD_PRICE_JOB };
  guint n;

  g_strlcpy (who.request, "prices", sizeof who.request);
  if (!tilld_db_query (db, &day_of, &rows, error, DB_I64 (site)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return TRUE;
  till_day_print ((TillDay) tilld_row_i64 (rows, 0, "today"), today);
  till_day_print ((TillDay) tilld_row_i64 (rows, 0, "since"), since);
  till_id_new (&job.id, now / 1000);
  job.total = tilld_row_i64 (rows, 0, "meters");
  job.input = input = g_strdup_printf ("{\"today\":\"%s\",\"since\":\"%s\"}", today, since);
  return tilld_tariff_assign_due (db, &n, error) && tilld_job_create (db, &who, &job, error);
}

typedef struct {
  gboolean day_job;
  TillDay  since;
  gint64   above, ordered, same, not_sent;
  gint64   now_ms;
} Walk;

static gboolean
read_walk (const TilldJobTask *task, Walk *walk, GError **error)
{
  g_autoptr (JsonNode) input = json_from_string (task->input, error);
  g_autoptr (JsonNode) cursor = input != NULL ? json_from_string (task->cursor, error) : NULL;
  JsonObject *at;

  if (cursor == NULL)
    return FALSE;
  *walk = (Walk){ .day_job = json_object_has_member (json_node_get_object (input), "since") };
  if (walk->day_job && !till_day_parse (json_object_get_string_member (json_node_get_object (input), "since"), &walk->since, error))
    return FALSE;
  at = json_node_get_object (cursor);
  walk->above = json_object_get_int_member_with_default (at, "meter", 0);
  walk->ordered = json_object_get_int_member_with_default (at, "ordered", 0);
  walk->same = json_object_get_int_member_with_default (at, "same", 0);
  walk->not_sent = json_object_get_int_member_with_default (at, "not_sent", 0);
  return TRUE;
}

static char *
print_walk (const Walk *walk)
{
  return g_strdup_printf ("{\"meter\":%" G_GINT64_FORMAT ",\"ordered\":%" G_GINT64_FORMAT ",\"same\":%" G_GINT64_FORMAT ",\"not_sent\":%" G_GINT64_FORMAT "}",
                          walk->above, walk->ordered, walk->same, walk->not_sent);
}

static gboolean
visit (TilldDb *db, const TilldPriceTools *tools, Walk *walk, TilldRows *rows, guint row, GError **error)
{
  TilldSettingIssue in = { .meter = tilld_row_i64 (rows, row, "id"), .kind = TILL_COMMAND_KIND_SET_PRICE,
                           .reason = walk->day_job ? "prices of the day" : "another tariff", .now_ms = walk->now_ms };
  const char *model = tilld_row_text (rows, row, "model");
  gint64 tariff = tilld_row_i64 (rows, row, "tariff");
  gint64 before = tilld_row_is_null (rows, row, "before") ? tariff : tilld_row_i64 (rows, row, "before");
  g_autofree char *value = value_of (tools, model, tariff, tilld_tariff_book_today (tools->book));
  g_autofree char *was = walk->day_job ? value_of (tools, model, before, walk->since) : NULL, *why = NULL;
  TillId id = TILL_ID_NIL;

  walk->above = in.meter;
  in.value = value;
  if (value == NULL || g_strcmp0 (was, value) == 0 || was_told (rows, row, value)) /* holds no prices, or nothing begins today */
    {
      walk->same++;
      return TRUE;
    }
  if (!tilld_setting_issue (db, tools->profiles, tools->who, &in, &id, &why, error))
    return FALSE;
  walk->ordered += !till_id_is_nil (&id);
  walk->not_sent += why != NULL;
  return TRUE;
}

gboolean
tilld_price_issue_step (TilldDb *db, const TilldProfiles *profiles, const TilldJobTask *task, TillTime now, GError **error)
{
  g_auto (TilldActor) who = TILLD_ACTOR_SYSTEM (task->site);
  g_autoptr (TilldTariffBook) book = tilld_tariff_book_load (db, task->site, error);
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *cursor = NULL;
  TilldJobProgress progress = { .id = task->id, .total = task->total, .claim = task->claim };
  gboolean cancelled = FALSE, last;
  const TilldPriceTools tools = { profiles, book, &who };
  Walk walk;

  who.operator_id = task->operator_id;
  g_strlcpy (who.request, "prices", sizeof who.request);
  if (book == NULL || !read_walk (task, &walk, error) ||
      !tilld_db_query (db, &next_meters, &rows, error, DB_UUID (&task->id), DB_DAY (walk.since), DB_I64 (walk.above), DB_I64 (TILLD_PRICE_BATCH)))
    return FALSE;
  walk.now_ms = now / 1000;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    if (!visit (db, &tools, &walk, rows, i, error))
      return FALSE;
  last = tilld_rows_count (rows) < TILLD_PRICE_BATCH;
  progress.cursor = cursor = print_walk (&walk);
  progress.done = walk.ordered + walk.same;
  progress.failed = walk.not_sent;
  progress.total = last ? progress.done + progress.failed : MAX (task->total, progress.done + progress.failed);
  progress.pause_s = 1; /* free for who comes next, also after a restart */
  if (!tilld_job_progress (db, &progress, &cancelled, error))
    return FALSE;
  if (!last && !cancelled)
    return TRUE;
  return tilld_job_end (db, &task->id, last ? TILLD_JOB_DONE : TILLD_JOB_CANCELLED, NULL, cursor, error);
}
