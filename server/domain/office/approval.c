/* SPDX-License-Identifier: GPL-2.0-or-later
 * approval.c: operations that wait for a second operator: stored, listed, decided. What an operation is, its kind knows; nothing here
 * touches money. */
#include "server/domain/office/approval.h"
#include <string.h>
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"

/* The linker gives the ends of the section; weak, for a program without kinds. */
extern const TilldApprovalKind *const __start_tilld_approvals[] __attribute__ ((weak));
extern const TilldApprovalKind *const __stop_tilld_approvals[] __attribute__ ((weak));

static const char *const state_words[] = { "open", "approved", "rejected", "expired", "withdrawn" };

/* An open one past its time counts as expired before anybody has swept it. */
#define SHOWN_STATE "CASE WHEN h.state = 0 AND h.expires_at <= now () THEN 3::smallint ELSE h.state END"

static const TilldStatement approval_insert = {
  .name = "approval-insert",
  .sql = "INSERT INTO approval (site, kind, permission, request, body, body_hash, reason, amount, meter, area, proposed_by, expires_at)"
         " SELECT s.id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now () + s.approval_hours * interval '1 hour' FROM site s WHERE s.id = $1"
         " ON CONFLICT (request) DO NOTHING RETURNING id",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_UUID_TYPE, DB_JSON_TYPE, DB_BYTES_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE,
              DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (approval_insert)

static const TilldStatement approval_of_request = {
  .name = "approval-of-request",
  .sql = "SELECT h.id, h.body_hash = $2 AND h.kind = $3 AS same, " SHOWN_STATE " AS state FROM approval h WHERE h.request = $1",
  .params = { DB_UUID_TYPE, DB_BYTES_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "same", DB_BOOL_TYPE }, { "state", DB_I16_TYPE } },
};
TILLD_STATEMENT (approval_of_request)

static const TilldStatement approval_lock = {
  .name = "approval-lock",
  .sql = "SELECT h.kind, h.permission, h.request, h.body, h.proposed_by, " SHOWN_STATE " AS state, o.name, o.active, o.sale_limit"
         " FROM approval h JOIN operator o ON o.id = h.proposed_by LEFT JOIN area a ON a.id = h.area"
         " WHERE h.id = $1 AND h.site = $2 AND (cardinality ($3::bigint[]) = 0 OR a.lineage && $3) FOR UPDATE OF h",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "kind", DB_TEXT_TYPE }, { "permission", DB_TEXT_TYPE }, { "request", DB_UUID_TYPE, DB_NULL_OK }, { "body", DB_JSON_TYPE },
               { "proposed_by", DB_I64_TYPE }, { "state", DB_I16_TYPE }, { "name", DB_TEXT_TYPE }, { "active", DB_BOOL_TYPE },
               { "sale_limit", DB_I64_TYPE } },
};
TILLD_STATEMENT (approval_lock)

static const TilldStatement approval_close = {
  .name = "approval-close",
  .sql = "UPDATE approval SET state = $2, decided_by = $3, decided_at = now (), note = $4 WHERE id = $1 AND state = 0",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_TEXT_TYPE },
};
TILLD_STATEMENT (approval_close)

static const TilldStatement approval_sweep = {
  .name = "approval-sweep",
  .sql = "WITH gone AS (UPDATE approval SET state = 3, decided_at = now () WHERE state = 0 AND expires_at <= now () RETURNING id, site, kind)"
         " SELECT audit_append (g.site, 0, '', 'approval.expired', 'approval:' || g.id, 'ok', NULL, jsonb_build_object ('kind', g.kind), '') AS n FROM gone g",
  .columns = { { "n", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (approval_sweep)

const TilldApprovalKind *const *
tilld_approval_kinds (guint *ret_n)
{
  *ret_n = (guint) (__stop_tilld_approvals - __start_tilld_approvals);
  return __start_tilld_approvals;
}

static const TilldApprovalKind *
find_kind (const char *word)
{
  guint n;
  const TilldApprovalKind *const *kinds = tilld_approval_kinds (&n);

  for (guint i = 0; i < n; i++)
    if (strcmp (kinds[i]->kind, word) == 0)
      return kinds[i];
  return NULL;
}

static gboolean
note_in_log (TilldDb *db, const TilldActor *who, const char *action, gint64 id, const char *kind, GError **error)
{
  g_autofree char *object = g_strdup_printf ("approval:%" G_GINT64_FORMAT, id);
  g_autofree char *after = g_strdup_printf ("{\"kind\":\"%s\"}", kind);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

GError *
tilld_approval_required (gint64 id)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, id);
  GError *error = NULL;

  till_fail (&error, TILL_ERROR_APPROVAL_REQUIRED, "A second operator must agree: approval %s waits for it.", number);
  till_error_add_field (error, "approval", number);
  return error;
}

static gboolean
proposed_before (TilldDb *db, const TilldApprovalNew *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gint64 state;

  if (!tilld_db_query (db, &approval_of_request, &rows, error, DB_UUID (in->request), DB_BYTES (in->hash, sizeof in->hash), DB_TEXT (in->kind)))
    return FALSE;
  if (tilld_rows_count (rows) != 1 || !tilld_row_bool (rows, 0, "same"))
    return till_fail (error, TILL_ERROR_CONFLICT, "This id was used for another request.");
  state = tilld_row_i64 (rows, 0, "state");
  if (state != TILLD_APPROVAL_OPEN)
    return till_fail (error, TILL_ERROR_CONFLICT, "This request was %s; ask anew under another id.", state_words[state]);
  *ret_id = tilld_row_i64 (rows, 0, "id");
  return TRUE;
}

gboolean
tilld_approval_propose (TilldDb *db, const TilldActor *who, const TilldApprovalNew *in, gint64 *ret_id, GError **error)
{
  const TilldApprovalKind *kind = find_kind (in->kind);
  g_autoptr (TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who) && kind != NULL && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &approval_insert, &rows, error, DB_I64 (who->site), DB_TEXT (in->kind), DB_TEXT (till_permission_word (kind->permission)),
                       DB_UUID (in->request), DB_JSON (in->body), DB_BYTES (in->hash, sizeof in->hash), DB_TEXT (in->reason),
                       DB_I64_IF (in->has_amount, in->amount), DB_I64_IF (in->meter != 0, in->meter), DB_I64_IF (in->area != 0, in->area),
                       DB_I64 (who->operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return proposed_before (db, in, ret_id, error);
  *ret_id = tilld_row_i64 (rows, 0, "id");
  TILLD_COMMIT_POINT (db, PROPOSAL);
  return note_in_log (db, who, "approval.proposed", *ret_id, in->kind, error);
}

/* --- deciding --- */

static gboolean write_one (TilldDb *db, const TilldActor *who, gint64 id, gboolean mine, TillJsonWrite *w, GError **error);

static gboolean
may_decide (const TilldActor *who, TilldRows *rows, TilldApprovalState wanted, GError **error)
{
  gboolean own = tilld_row_i64 (rows, 0, "proposed_by") == who->operator_id;
  int permission = -1;

  if (tilld_row_i64 (rows, 0, "state") != TILLD_APPROVAL_OPEN)
    return till_fail (error, TILL_ERROR_CONFLICT, "This approval was %s already.", state_words[tilld_row_i64 (rows, 0, "state")]);
  if (wanted == TILLD_APPROVAL_WITHDRAWN)
    return own || till_fail (error, TILL_ERROR_FORBIDDEN, "Only who proposed it can withdraw it.");
  if (own)
    return till_fail (error, TILL_ERROR_FORBIDDEN, "Who proposed it cannot decide it: a second operator must.");
  if (!till_permission_from_word (tilld_row_text (rows, 0, "permission"), &permission) ||
      !till_permission_set_has (who->permissions, (TillPermission) permission))
    return till_fail (error, TILL_ERROR_FORBIDDEN, "This needs the permission %s.", tilld_row_text (rows, 0, "permission"));
  return TRUE;
}

static gboolean
execute (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, gint64 id, TilldRows *rows, GError **error)
{
  const TilldApprovalKind *kind = find_kind (tilld_row_text (rows, 0, "kind"));
  g_auto (TilldActor) proposer = { .operator_id = tilld_row_i64 (rows, 0, "proposed_by"), .site = who->site, .permissions = who->permissions,
                                   .name = tilld_row_dup_text (rows, 0, "name"), .sale_limit = tilld_row_i64 (rows, 0, "sale_limit") };
  TilldApproved approved = { .id = id, .proposer = &proposer, .approver = who, .profiles = profiles, .body = tilld_row_text (rows, 0, "body"),
                             .has_request = !tilld_row_is_null (rows, 0, "request") };

  if (kind == NULL)
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "This server does not know operations of kind %s.", tilld_row_text (rows, 0, "kind"));
  if (!tilld_row_bool (rows, 0, "active"))
    return till_fail (error, TILL_ERROR_CONFLICT, "Who proposed it is no operator any more: reject it.");
  g_strlcpy (proposer.request, who->request, sizeof proposer.request);
  g_strlcpy (proposer.address, who->address, sizeof proposer.address);
  tilld_row_uuid (rows, 0, "request", &approved.request);
  return kind->execute (db, &approved, error);
}

gboolean
tilld_approval_decide (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldApprovalDecision *in, TillJsonWrite *w, GError **error)
{
  static const struct { const char *word, *action; TilldApprovalState state; } decisions[] = {
    { "approve", "approval.approved", TILLD_APPROVAL_APPROVED },
    { "reject", "approval.rejected", TILLD_APPROVAL_REJECTED },
    { "withdraw", "approval.withdrawn", TILLD_APPROVAL_WITHDRAWN },
  };
  const GArray *areas = who->areas;
  g_autoptr (TilldRows) rows = NULL;
  guint d = 0;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  while (d < G_N_ELEMENTS (decisions) && strcmp (in->decision, decisions[d].word) != 0)
    d++;
  if (d == G_N_ELEMENTS (decisions))
    {
      till_fail (error, TILL_ERROR_INVALID, "some members are wrong");
      if (error != NULL)
        till_error_add_field (*error, "decision", "must be approve, reject or withdraw");
      return FALSE;
    }
  if (!tilld_db_query (db, &approval_lock, &rows, error, DB_I64 (in->id), DB_I64 (who->site),
                       DB_I64_ARRAY (areas != NULL ? areas->data : NULL, areas != NULL ? areas->len : 0)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such approval.");
  if (!may_decide (who, rows, decisions[d].state, error))
    return FALSE;
  TILLD_COMMIT_POINT (db, DECISION);
  /* The operation first: it takes the locks of money in their order; this row is ours already. */
  if (decisions[d].state == TILLD_APPROVAL_APPROVED && !execute (db, profiles, who, in->id, rows, error))
    return FALSE;
  return tilld_db_query (db, &approval_close, NULL, error, DB_I64 (in->id), DB_I16 (decisions[d].state), DB_I64 (who->operator_id), DB_TEXT (in->note)) &&
         note_in_log (db, who, decisions[d].action, in->id, tilld_row_text (rows, 0, "kind"), error) && write_one (db, who, in->id, FALSE, w, error);
}

gboolean
tilld_approval_expire (TilldDb *db, GError **error)
{
  return tilld_db_exec (db, &approval_sweep, NULL, 0, NULL, error);
}

/* --- lists --- */

static const TilldStatement shape = {
  .name = "approval-list",
  .sql = "h.id AS id, h.kind AS kind, h.permission AS permission, " SHOWN_STATE " AS state, h.request AS request, h.meter AS meter, m.code AS meter_code,"
         " a.path AS room, h.amount AS amount, h.reason AS reason, h.body AS body, h.proposed_by AS proposed_by, o.name AS proposed_by_name,"
         " h.proposed_at AS proposed_at, h.expires_at AS expires_at, h.decided_by AS decided_by, d.name AS decided_by_name,"
         " h.decided_at AS decided_at, h.note AS note",
  .columns = { { "id", DB_I64_TYPE }, { "kind", DB_TEXT_TYPE }, { "permission", DB_TEXT_TYPE }, { "state", DB_I16_TYPE },
               { "request", DB_UUID_TYPE, DB_NULL_OK }, { "meter", DB_I64_TYPE, DB_NULL_OK }, { "meter_code", DB_TEXT_TYPE, DB_NULL_OK },
               { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "amount", DB_I64_TYPE, DB_NULL_OK }, { "reason", DB_TEXT_TYPE, DB_NULL_OK },
               { "body", DB_JSON_TYPE }, { "proposed_by", DB_I64_TYPE }, { "proposed_by_name", DB_TEXT_TYPE }, { "proposed_at", DB_TS_TYPE },
               { "expires_at", DB_TS_TYPE }, { "decided_by", DB_I64_TYPE, DB_NULL_OK }, { "decided_by_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "decided_at", DB_TS_TYPE, DB_NULL_OK }, { "note", DB_TEXT_TYPE, DB_NULL_OK } },
};

static const char *
state_word (int state)
{
  return state_words[state];
}

static gboolean
state_from_word (const char *word, int *ret)
{
  if (strcmp (word, "all") == 0)
    {
      *ret = -1;
      return TRUE;
    }
  for (int i = 0; i < (int) G_N_ELEMENTS (state_words); i++)
    if (strcmp (word, state_words[i]) == 0)
      {
        *ret = i;
        return TRUE;
      }
  return FALSE;
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "kind", TILLD_JSON_TEXT }, { "permission", TILLD_JSON_TEXT }, { "state", TILLD_JSON_ENUM, NULL, state_word },
  { "request", TILLD_JSON_ID }, { "meter", TILLD_JSON_INT }, { "meter_code", TILLD_JSON_TEXT }, { "room", TILLD_JSON_TEXT },
  { "amount", TILLD_JSON_MONEY }, { "reason", TILLD_JSON_TEXT }, { "body", TILLD_JSON_RAW }, { "proposed_by", TILLD_JSON_INT },
  { "proposed_by_name", TILLD_JSON_TEXT }, { "proposed_at", TILLD_JSON_TIME }, { "expires_at", TILLD_JSON_TIME }, { "decided_by", TILLD_JSON_INT },
  { "decided_by_name", TILLD_JSON_TEXT }, { "decided_at", TILLD_JSON_TIME }, { "note", TILLD_JSON_TEXT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "h.id = ANY ($#)" },
  { "kind", TILLD_FILTER_TEXT, "h.kind = ANY (string_to_array ($#, ','))" },
  { "meter", TILLD_FILTER_I64, "h.meter = ANY ($#)" },
  { "proposed_by", TILLD_FILTER_I64, "h.proposed_by = ANY ($#)" },
  { "q", TILLD_FILTER_LIKE, "h.kind ILIKE $# OR m.code ILIKE $# OR a.path ILIKE $# OR o.name ILIKE $# OR h.reason ILIKE $#" },
  { "state", TILLD_FILTER_WORD, "-1 = ANY ($#) OR " SHOWN_STATE " = ANY ($#)", state_from_word },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "amount", "h.amount" }, { "decided_at", "h.decided_at" }, { "expires_at", "h.expires_at" }, { "kind", "h.kind" }, { "meter", "m.code" },
  { "proposed_at", "h.proposed_at" }, { "proposed_by", "o.name" }, { "room", "a.path" }, { "state", SHOWN_STATE }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape,
  .from = "FROM approval h JOIN operator o ON o.id = h.proposed_by LEFT JOIN operator d ON d.id = h.decided_by LEFT JOIN meter m ON m.id = h.meter"
          " LEFT JOIN area a ON a.id = h.area",
  .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "h.proposed_at DESC, h.id",
};
TILLD_LIST (spec)

#define MINE                                                                                                                  \
  "h.proposed_by = $# OR h.permission IN (SELECT p.permission FROM operator_role r JOIN role_permission p ON p.role = r.role" \
  " WHERE r.operator = $#)"

gboolean
tilld_approval_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { NULL };

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&q, &spec, query, who->areas, error))
    return FALSE;
  tilld_list_query_fix (&q, "h.site = $#", who->site);
  tilld_list_query_fix (&q, MINE, who->operator_id);
  return tilld_list_write (db, &q, fields, w, error);
}

static gboolean
write_one (TilldDb *db, const TilldActor *who, gint64 id, gboolean mine, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { NULL };
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_list_query_init (&q, &spec, NULL, who->areas, error))
    return FALSE;
  tilld_list_query_fix (&q, "h.id = $#", id);
  if (mine)
    tilld_list_query_fix (&q, MINE, who->operator_id);
  if (!tilld_list_run (db, &q, &rows, NULL, error))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such approval.");
  tilld_row_write (rows, 0, fields, w);
  return TRUE;
}

gboolean
tilld_approval_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return write_one (db, who, id, TRUE, w, error);
}
