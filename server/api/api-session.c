/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-session.c: log-in, the own session, the own password. A log-in is three steps: who is it (lane), is the password right (the
 * thread made for it), then the session (lane). */
#include <string.h>
#include "server/api/api.h"
#include "server/core/clock.h"
#include "server/core/config.h"
#include "server/crypto/mac.h"
#include "server/crypto/password.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/operator.h"
#include "server/domain/office/second-factor.h"
#include "server/domain/office/session.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

typedef enum { VERDICT_NONE, VERDICT_GOOD, VERDICT_BAD } Verdict;

typedef struct {
  TilldThrottle   *throttle; /* NULL: not counted */
  char            *address, *user, *password, *fresh, *totp;
  TilldCredentials credentials;
  char             hash[TILLD_PASSWORD_HASH];
  Verdict          verdict;
} Password;

static void
wipe (char **text)
{
  if (*text != NULL)
    tilld_wipe (*text, strlen (*text));
  g_clear_pointer (text, g_free);
}

/* In the loop, as the throttle asks: whatever way the request ended. */
static void
password_free (gpointer data)
{
  Password *in = data;

  if (in->throttle != NULL && in->verdict == VERDICT_NONE)
    tilld_throttle_abandon (in->throttle, in->address);
  else if (in->throttle != NULL)
    tilld_throttle_end (in->throttle, in->address, in->user, in->verdict == VERDICT_GOOD);
  tilld_credentials_clear (&in->credentials);
  wipe (&in->password);
  wipe (&in->fresh);
  wipe (&in->totp);
  g_free (in->address);
  g_free (in->user);
  tilld_wipe (in, sizeof *in);
  g_free (in);
}

static TilldPasswordCost
cost_of (TilldRequest *request)
{
  const TilldConfig *config = tilld_api_of (request)->config;
  return (TilldPasswordCost){ (guint) tilld_config_int (config, "login", "password_memory_kib"),
                              (guint) tilld_config_int (config, "login", "password_passes") };
}

static gboolean
begin_attempt (TilldRequest *request, Password *in, GError **error)
{
  TilldThrottle *throttle = tilld_http_throttle (request->http);

  in->address = g_strdup (request->address);
  if (!tilld_throttle_begin (throttle, in->address, in->user, &request->reply.retry_after_s, error))
    return FALSE;
  in->throttle = throttle;
  return TRUE;
}

/* --- POST /session --- */

static gboolean
log_in_decode (TilldRequest *request, GError **error)
{
  Password *in = g_new0 (Password, 1);
  TillJsonRead r;
  char *lower;

  tilld_request_take_input (request, in, password_free);
  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "user", TILL_REQUIRED, TILL_NAME_CHARS, &in->user);
  till_json_read_secret (&r, "password", TILL_REQUIRED, TILL_PASSWORD_BYTES, &in->password);
  till_json_read_secret (&r, "totp", TILL_OPTIONAL, 16, &in->totp);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  lower = g_ascii_strdown (in->user, -1);
  g_free (in->user);
  in->user = lower;
  request->param = g_strdup (in->user); /* the log row of a refusal names it */
  return begin_attempt (request, in, error);
}

static gboolean
create_session (TilldRequest *request, TilldDb *db, GError **error)
{
  Password *in = request->input;
  g_auto (TilldActor) who = { 0 };
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  guint8 hash[TILLD_TOKEN_HASH];
  g_autofree char *token = tilld_token_new (hash);
  TillTime expires_at;
  gboolean guessed = FALSE;

  if (!tilld_second_factor_check (db, in->credentials.id, tilld_api_of (request)->keys, in->totp, tilld_clock_wall (tilld_api_of (request)->clock),
                                  &guessed, error))
    {
      /* The right password alone clears no count of guesses, and a wrong code is one. */
      in->verdict = guessed ? VERDICT_BAD : VERDICT_NONE;
      return FALSE;
    }
  if (!tilld_session_begin (db, &request->actor, in->credentials.id, hash, &expires_at, error)
      || !tilld_session_identify (db, hash, &who, &expires_at, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "token", token);
  till_json_write_time (w, "expires_at", expires_at);
  tilld_wipe (token, strlen (token));
  if (!tilld_session_write (db, &who, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 201, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
verify (TilldRequest *request, TilldDb *db, GError **error)
{
  Password *in = request->input;
  TilldPasswordCost cost = cost_of (request);
  gboolean good = tilld_password_verify (in->credentials.id != 0 ? in->credentials.password : NULL, in->password, &cost);

  in->verdict = good ? VERDICT_GOOD : VERDICT_BAD;
  if (!good)
    return till_fail (error, TILL_ERROR_UNAUTHENTICATED, "the user name or the password is wrong");
  if (in->credentials.over) /* known only to who knows the password */
    {
      till_fail (error, TILL_ERROR_UNAUTHENTICATED, "the time of this one-time password is over: an administrator gives you another one");
      till_error_add_field (*error, "password", "the time of this one-time password is over");
      return FALSE;
    }
  tilld_request_then (request, TILLD_RUN_INTERACTIVE, create_session);
  return TRUE;
}

static gboolean
log_in (TilldRequest *request, TilldDb *db, GError **error)
{
  Password *in = request->input;

  tilld_credentials_clear (&in->credentials);
  if (!tilld_operator_credentials (db, in->user, &in->credentials, error))
    return FALSE;
  tilld_request_then (request, TILLD_RUN_KDF, verify);
  return TRUE;
}

/* --- GET, DELETE /session --- */

static gboolean
show (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_time (w, "expires_at", request->who->expires_at);
  if (!tilld_session_write (db, &request->actor, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
log_out (TilldRequest *request, TilldDb *db, GError **error)
{
  if (!tilld_session_end (db, &request->actor, request->token_hash, error))
    return FALSE;
  request->forget_logins = TRUE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

/* --- POST /session/password --- */

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  Password *in = g_new0 (Password, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, password_free);
  till_json_read_init (&r, request->body);
  till_json_read_secret (&r, "old_password", TILL_REQUIRED, TILL_PASSWORD_BYTES, &in->password);
  till_json_read_secret (&r, "new_password", TILL_REQUIRED, TILL_PASSWORD_BYTES, &in->fresh);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->user = g_strdup (request->actor.account);
  if (!tilld_password_check (in->fresh, in->user, error))
    {
      if (error != NULL && (*error)->domain == TILL_ERROR)
        till_error_add_field (*error, "new_password", (*error)->message);
      return FALSE;
    }
  return begin_attempt (request, in, error);
}

static gboolean
store_password (TilldRequest *request, TilldDb *db, GError **error)
{
  Password *in = request->input;

  if (!tilld_operator_set_password (db, &request->actor, request->actor.operator_id, &(TilldOperatorPassword){ .hash = in->hash }, error))
    return FALSE;
  request->forget_logins = TRUE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

static gboolean
check_and_hash (TilldRequest *request, TilldDb *db, GError **error)
{
  Password *in = request->input;
  TilldPasswordCost cost = cost_of (request);
  gboolean good = tilld_password_verify (in->credentials.password, in->password, &cost);

  in->verdict = good ? VERDICT_GOOD : VERDICT_BAD;
  if (!good)
    return till_fail (error, TILL_ERROR_FORBIDDEN, "the old password is wrong");
  if (!tilld_password_hash (in->fresh, &cost, in->hash, error))
    return FALSE;
  tilld_request_then (request, TILLD_RUN_INTERACTIVE, store_password);
  return TRUE;
}

static gboolean
change (TilldRequest *request, TilldDb *db, GError **error)
{
  Password *in = request->input;

  tilld_credentials_clear (&in->credentials);
  if (!tilld_operator_credentials (db, in->user, &in->credentials, error))
    return FALSE;
  tilld_request_then (request, TILLD_RUN_KDF, check_and_hash);
  return TRUE;
}

/* --- POST /session/totp, /session/totp/confirm --- */

static gboolean
begin_totp (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *uri = NULL;
  char *secret;

  if (!tilld_second_factor_begin (db, &request->actor, tilld_api_of (request)->keys, &secret, error))
    return FALSE;
  uri = g_strdup_printf ("otpauth://totp/Gridtill:%s?secret=%s&issuer=Gridtill", request->actor.account, secret);
  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "secret", secret);
  till_json_write_text (w, "uri", uri);
  till_json_write_end_object (w);
  tilld_wipe (secret, strlen (secret));
  tilld_wipe (uri, strlen (uri));
  g_free (secret);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
confirm_decode (TilldRequest *request, GError **error)
{
  Password *in = g_new0 (Password, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, password_free);
  till_json_read_init (&r, request->body);
  till_json_read_secret (&r, "code", TILL_REQUIRED, 16, &in->totp);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
confirm_totp (TilldRequest *request, TilldDb *db, GError **error)
{
  const Password *in = request->input;
  TilldApi *api = tilld_api_of (request);

  if (!tilld_second_factor_confirm (db, &request->actor, api->keys, in->totp, tilld_clock_wall (api->clock), error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

const TilldRoute tilld_api_session_routes[] = {
  { "POST", TILL_PATH_SESSION, TILLD_ANYONE, TILLD_ROUTE_PUBLIC | TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 10000, log_in_decode, log_in },
  { "GET", TILL_PATH_SESSION, TILLD_ANYONE, TILLD_ROUTE_FIRST, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, show },
  { "DELETE", TILL_PATH_SESSION, TILLD_ANYONE, TILLD_ROUTE_FIRST | TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, log_out },
  { "POST", TILL_PATH_SESSION_PASSWORD, TILLD_ANYONE, TILLD_ROUTE_FIRST | TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 10000, change_decode, change },
  { "POST", TILL_PATH_SESSION_TOTP, TILLD_ANYONE, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, begin_totp },
  { "POST", TILL_PATH_SESSION_TOTP_CONFIRM, TILLD_ANYONE, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, confirm_decode, confirm_totp },
  { NULL },
};
