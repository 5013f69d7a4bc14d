/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-list.c: the books page by page, as an auditor reads them. Reads only. */
#include "server/domain/money/ledger-verify.h"

#include "server/domain/office/row-json.h"
#include "shared/api/till-enums.h"

/* Kinds of accounts as their words, so that nobody needs a table beside it. */
#define KIND_WORD                                                                                                                  \
  "(ARRAY['cash','bank','transit','on_meter','server_balance','refund_due','suspense','revenue','subsidy','over_short'])[la.kind + 1]"

static const TilldStatement shape = {
  .name = "ledger-list",
  .sql = "t.n AS n, t.at AS at, t.event AS event, t.request AS request, t.actor AS actor, o.name AS actor_name, t.reverses AS reverses,"
         " encode (t.hash, 'hex') AS hash, (SELECT jsonb_agg (jsonb_build_object ('account', " KIND_WORD ", 'owner', la.owner,"
         " 'amount', trim (to_char (p.amount / 10000.0, 'FM9999999999990.0000'))) ORDER BY p.line) FROM posting p JOIN ledger_account la ON la.id = p.account"
         " WHERE p.site = t.site AND p.n = t.n) AS postings",
  .columns = { { "n", DB_I64_TYPE }, { "at", DB_TS_TYPE }, { "event", DB_I16_TYPE }, { "request", DB_UUID_TYPE }, { "actor", DB_I64_TYPE },
               { "actor_name", DB_TEXT_TYPE, DB_NULL_OK }, { "reverses", DB_I64_TYPE, DB_NULL_OK }, { "hash", DB_TEXT_TYPE },
               { "postings", DB_JSON_TYPE, DB_NULL_OK } },
};

static const char *
event_word (int event)
{
  return till_ledger_event_word ((TillLedgerEvent) event);
}

static const TilldJsonField fields[] = {
  { "n", TILLD_JSON_INT }, { "at", TILLD_JSON_TIME }, { "event", TILLD_JSON_ENUM, NULL, event_word }, { "request", TILLD_JSON_ID },
  { "actor", TILLD_JSON_INT }, { "actor_name", TILLD_JSON_TEXT }, { "reverses", TILLD_JSON_INT }, { "hash", TILLD_JSON_TEXT },
  { "postings", TILLD_JSON_RAW }, { NULL },
};
static const TilldListFilter filters[] = {
  { "actor", TILLD_FILTER_I64, "t.actor = ANY ($#)" },
  { "event", TILLD_FILTER_WORD, "t.event = ANY ($#)", till_ledger_event_from_word },
  { "from", TILLD_FILTER_DAY, "t.at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "t.at >= $#" },
  { "meter", TILLD_FILTER_I64, "EXISTS (SELECT FROM posting p JOIN ledger_account la ON la.id = p.account"
                               " WHERE p.site = t.site AND p.n = t.n AND la.kind IN (2, 3, 6) AND la.owner = ANY ($#))" },
  { "request", TILLD_FILTER_UUID, "t.request = ANY ($#)" },
  { "to", TILLD_FILTER_DAY, "t.at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "to", TILLD_FILTER_TIME, "t.at < $#" },
  { NULL },
};
static const TilldListSort sorts[] = { { "at", "t.at" }, { "event", "t.event" }, { "n", "t.n" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM tx t LEFT JOIN operator o ON o.id = t.actor", .filters = filters, .sorts = sorts, .order = "t.n DESC",
};
TILLD_LIST (spec)

gboolean
tilld_ledger_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto(TilldListQuery) page = { 0 };

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&page, &spec, query, NULL, error))
    return FALSE;
  tilld_list_query_fix (&page, "t.site = $#", who->site);
  return tilld_list_write (db, &page, fields, w, error);
}
