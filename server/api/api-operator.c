/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-operator.c: operators, their roles and their sessions. A one-time password, or the key of a service, is made here, answered once and
 * stored as a hash only. */
#include <string.h>
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/core/config.h"
#include "server/crypto/mac.h"
#include "server/crypto/password.h"
#include "server/domain/office/operator-edit.h"
#include "server/domain/office/role.h"
#include "server/domain/office/session.h"
#include "shared/api/till-paths.h"

#define BODY_MAX 16384

static const TilldColumn operator_columns[] = {
  { "account", "User name", "用户名", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "姓名", TILLD_CELL_TEXT, NULL },
  { "phone", "Phone", "电话", TILLD_CELL_TEXT, NULL },
  { "roles", "Roles", "角色", TILLD_CELL_TEXT, NULL },
  { "area_paths", "Areas", "区域", TILLD_CELL_TEXT, NULL },
  { "active", "Active", "启用", TILLD_CELL_BOOL, NULL },
  { "last_login", "Last sign-in", "最后登录", TILLD_CELL_TIME, NULL },
  { NULL },
};
static const TilldListing operators = { "Operators", "操作员", "operators", tilld_operator_list, operator_columns };

static const TilldColumn role_columns[] = {
  { "name", "Role", "角色", TILLD_CELL_TEXT, NULL },
  { "permissions", "Permissions", "权限", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing roles = { "Roles", "角色", "roles", tilld_role_list, role_columns };

static const TilldColumn session_columns[] = {
  { "account", "User name", "用户名", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "姓名", TILLD_CELL_TEXT, NULL },
  { "address", "Address", "地址", TILLD_CELL_TEXT, NULL },
  { "created_at", "Signed in", "登录时间", TILLD_CELL_TIME, NULL },
  { "used_at", "Last action", "最后操作", TILLD_CELL_TIME, NULL },
  { NULL },
};
static const TilldListing sessions = { "Signed in", "在线操作员", "sessions", tilld_session_list, session_columns };

typedef struct {
  TilldOperatorRecord record;
  gint64              id, version;
  char               *secret; /* one-time password or key, in clear; wiped */
  char                hash[TILLD_PASSWORD_HASH];
  guint8              key_hash[TILLD_TOKEN_HASH];
  gboolean            service;
} Input;

static void
input_free (gpointer data)
{
  Input *in = data;

  tilld_operator_record_clear (&in->record);
  if (in->secret != NULL)
    tilld_wipe (in->secret, strlen (in->secret));
  g_free (in->secret);
  tilld_wipe (in, sizeof *in);
  g_free (in);
}

static gboolean
list_operators (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &operators, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_operator_get, error);
}

static gboolean
list_roles (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &roles, error);
}

static gboolean
list_sessions (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &sessions, error);
}

/* The record, and once what opens the door. */
static gboolean
write_operator (TilldRequest *request, TilldDb *db, gint64 id, guint status, GError **error)
{
  const Input *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_operator_get (db, &request->actor, id, w, error))
    return FALSE;
  if (in->secret != NULL)
    till_json_write_text (w, in->service ? "key" : "password", in->secret);
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

/* On the thread of the hash: a key is as good as its 256 bits and needs none. */
static gboolean
make_secret (TilldRequest *request, GError **error)
{
  const TilldConfig *config = tilld_api_of (request)->config;
  TilldPasswordCost cost = { (guint) tilld_config_int (config, "login", "password_memory_kib"),
                             (guint) tilld_config_int (config, "login", "password_passes") };
  Input *in = request->input;

  in->secret = in->service ? tilld_token_new (in->key_hash) : tilld_password_generate ();
  return in->service || tilld_password_hash (in->secret, &cost, in->hash, error);
}

/* --- POST /operators --- */

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof *in, input_free);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  tilld_operator_record_read (&r, TRUE, &in->record);
  in->service = in->record.service != 0;
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  gint64 id;

  return tilld_operator_add (db, &request->actor, &in->record, in->hash, &id, error) &&
         (!in->service || tilld_session_key (db, id, in->key_hash, error)) && write_operator (request, db, id, 201, error);
}

static gboolean
prepare (TilldRequest *request, TilldDb *db, GError **error)
{
  if (!make_secret (request, error))
    return FALSE;
  tilld_request_then (request, TILLD_RUN_INTERACTIVE, create);
  return TRUE;
}

/* --- PATCH /operators/{id} --- */

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof *in, input_free);
  TillJsonRead r;

  if (!tilld_request_param_int (request, &in->id, error) || !tilld_request_if_match (request, &in->version, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  tilld_operator_record_read (&r, FALSE, &in->record);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
change (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  request->forget_logins = TRUE;
  return tilld_operator_change (db, &request->actor, in->id, &in->record, in->version, error) && write_operator (request, db, in->id, 200, error);
}

/* --- POST /operators/{id}/password --- */

static gboolean
reset_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof *in, input_free);

  return tilld_request_param_int (request, &in->id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
store (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  request->forget_logins = TRUE;
  return tilld_operator_reset (db, &request->actor, in->id, in->hash, in->service ? in->key_hash : NULL, error) &&
         write_operator (request, db, in->id, 200, error);
}

static gboolean
hash (TilldRequest *request, TilldDb *db, GError **error)
{
  if (!make_secret (request, error))
    return FALSE;
  tilld_request_then (request, TILLD_RUN_INTERACTIVE, store);
  return TRUE;
}

static gboolean
reset (TilldRequest *request, TilldDb *db, GError **error)
{
  Input *in = request->input;

  if (!tilld_operator_may_reset (db, &request->actor, in->id, &in->service, error))
    return FALSE;
  tilld_request_then (request, TILLD_RUN_KDF, hash);
  return TRUE;
}

/* --- DELETE /operators/{id}/totp --- */

static gboolean
drop_totp (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  if (!tilld_operator_drop_totp (db, &request->actor, in->id, error))
    return FALSE;
  request->forget_logins = TRUE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

/* --- DELETE /sessions/{id} --- */

static gboolean
cut (TilldRequest *request, TilldDb *db, GError **error)
{
  if (!tilld_session_cut (db, &request->actor, request->param, error))
    return FALSE;
  request->forget_logins = TRUE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

const TilldRoute tilld_api_operator_routes[] = {
  { "GET", TILL_PATH_OPERATORS, TILL_PERMISSION_OPERATORS_EDIT, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_operators },
  { "POST", TILL_PATH_OPERATORS, TILL_PERMISSION_OPERATORS_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_KDF, 10000, create_decode, prepare },
  { "GET", TILL_PATH_OPERATOR, TILL_PERMISSION_OPERATORS_EDIT, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get },
  { "PATCH", TILL_PATH_OPERATOR, TILL_PERMISSION_OPERATORS_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, change_decode, change },
  { "POST", TILL_PATH_OPERATOR_PASSWORD, TILL_PERMISSION_OPERATORS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 10000, reset_decode, reset },
  { "DELETE", TILL_PATH_OPERATOR_TOTP, TILL_PERMISSION_OPERATORS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, reset_decode, drop_totp },
  { "GET", TILL_PATH_ROLES, TILL_PERMISSION_OPERATORS_EDIT, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_roles },
  { "GET", TILL_PATH_SESSIONS, TILL_PERMISSION_OPERATORS_EDIT, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_sessions },
  { "DELETE", TILL_PATH_SESSION_OTHER, TILL_PERMISSION_OPERATORS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, cut },
  { NULL },
};
