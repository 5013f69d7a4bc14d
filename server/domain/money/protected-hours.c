/* SPDX-License-Identifier: GPL-2.0-or-later
 * protected-hours.c: rows of protected hours. When they hold is relay-rules. */
#include "server/domain/money/protected-hours.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

#define HOURS_MAX 32

static const TilldStatement shape = {
  .name = "protected-hours-list",
  .sql = "p.use_class AS use_class, to_char (make_interval (mins => p.from_min), 'HH24:MI') AS from_time,"
         " to_char (make_interval (mins => p.to_min), 'HH24:MI') AS to_time",
  .columns = { { "use_class", DB_I16_TYPE, DB_NULL_OK }, { "from_time", DB_TEXT_TYPE }, { "to_time", DB_TEXT_TYPE } },
};

static const char *
class_word (int use_class)
{
  return till_use_class_word ((TillUseClass) use_class);
}

static const TilldJsonField fields[] = {
  { "use_class", TILLD_JSON_ENUM, NULL, class_word }, { "from", TILLD_JSON_TEXT, "from_time" }, { "to", TILLD_JSON_TEXT, "to_time" }, { NULL },
};
static const TilldListFilter filters[] = { { NULL } };
static const TilldListSort sorts[] = { { "use_class", "p.use_class" }, { "from", "p.from_min" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM protected_hours p", .filters = filters, .sorts = sorts, .order = "p.use_class NULLS FIRST, p.from_min, p.id",
};
TILLD_LIST (spec)

static const TilldStatement hours_clear = {
  .name = "protected-hours-clear", .sql = "DELETE FROM protected_hours WHERE site = $1", .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (hours_clear)

static const TilldStatement hours_add = {
  .name = "protected-hours-add",
  .sql = "INSERT INTO protected_hours (site, use_class, from_min, to_min) VALUES ($1, $2, $3, $4)",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_I32_TYPE, DB_I32_TYPE },
};
TILLD_STATEMENT (hours_add)

/* "HH:MM"; -1 when it is not. */
static int
minute_of (const char *text)
{
  if (text == NULL || !g_regex_match_simple ("^([01][0-9]|2[0-3]):[0-5][0-9]$", text, 0, 0))
    return -1;
  return (text[0] - '0') * 600 + (text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
}

static void
read_minute (TillJsonRead *r, const char *name, int *ret)
{
  g_autofree char *text = NULL;

  if (!till_json_read_text (r, name, TILL_REQUIRED, 5, &text))
    return;
  *ret = minute_of (text);
  if (*ret < 0)
    till_json_read_error (r, name, "must be a time of day as HH:MM");
}

gboolean
tilld_protected_hours_read (JsonNode *body, GArray *ret_hours, GError **error)
{
  JsonArray *list = NULL;
  TillJsonRead r;

  till_json_read_init (&r, body);
  till_json_read_array (&r, "hours", TILL_REQUIRED, HOURS_MAX, &list);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      g_autofree char *path = g_strdup_printf ("hours[%u]", i);
      TilldProtectedHours hours = { -1, 0, 1 };
      TillJsonRead nested;

      till_json_read_init_nested (&nested, json_array_get_element (list, i), path);
      till_json_read_enum (&nested, "use_class", TILL_OPTIONAL, till_use_class_from_word, &hours.use_class);
      read_minute (&nested, "from", &hours.from_min);
      read_minute (&nested, "to", &hours.to_min);
      if (hours.from_min == hours.to_min)
        till_json_read_error (&nested, "to", "must not be the same as from");
      till_json_read_end_nested (&r, &nested);
      g_array_append_val (ret_hours, hours);
    }
  return till_json_read_finish (&r, error);
}

gboolean
tilld_protected_hours_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, NULL, "protected hours" };

  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_protected_hours_set (TilldDb *db, const TilldActor *who, const GArray *hours, GError **error)
{
  g_autofree char *after = g_strdup_printf ("{\"hours\":%u}", hours->len);

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &hours_clear, NULL, error, DB_I64 (who->site)))
    return FALSE;
  for (guint i = 0; i < hours->len; i++)
    {
      const TilldProtectedHours *h = &g_array_index (hours, TilldProtectedHours, i);

      if (!tilld_db_query (db, &hours_add, NULL, error, DB_I64 (who->site), DB_I16_IF (h->use_class >= 0, h->use_class), DB_I32 (h->from_min),
                           DB_I32 (h->to_min)))
        return FALSE;
    }
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "protected_hours.set", .after = after }, error);
}
