/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-session.c: sign-in state, operator, permissions, facts of the server. Keeps no password. */
#define G_LOG_DOMAIN "till-session"
#include "config.h"
#include "client/core/till-session.h"

#include "shared/api/till-paths.h"
#include "shared/base/till-text.h"

struct _TillSession {
  GObject           parent_instance;
  TillApi          *api;
  TillSessionState  state;
  char             *user;
  gint64            operator_id;
  char             *operator_name;
  GStrv             roles;
  TillPermissionSet permissions;
  gboolean          must_change;
  TillMoney         sale_max;
  char             *site_name;
  char             *site_zone;
  GTimeZone        *zone;
  char             *currency;
  char             *server_version;
  gint64            clock_offset;
  gboolean          reconciling, looking;
};

G_DEFINE_FINAL_TYPE (TillSession, till_session, G_TYPE_OBJECT)

enum { PROP_STATE = 1, PROP_USER, PROP_OPERATOR_ID, PROP_OPERATOR_NAME, PROP_ROLES, PROP_PERMISSIONS, PROP_MUST_CHANGE, PROP_SITE_NAME,
       PROP_SITE_ZONE, PROP_CURRENCY, PROP_SERVER_VERSION, PROP_CLOCK_OFFSET, PROP_RECONCILING, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
notify (TillSession *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
set_state (TillSession *self, TillSessionState state)
{
  if (self->state == state)
    return;
  self->state = state;
  notify (self, PROP_STATE);
}

static JsonNode *
member (JsonNode *node, const char *name)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), name) : NULL;
}

static const char *
text_of (JsonNode *node, const char *name)
{
  JsonNode *value = member (node, name);

  return value != NULL && JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING ? json_node_get_string (value) : NULL;
}

static gint64
int_of (JsonNode *node, const char *name)
{
  JsonNode *value = member (node, name);

  return value != NULL && JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_INT64 ? json_node_get_int (value) : 0;
}

static gboolean
bool_of (JsonNode *node, const char *name)
{
  JsonNode *value = member (node, name);

  return value != NULL && JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_BOOLEAN && json_node_get_boolean (value);
}

static GStrv
words_of (JsonNode *node, const char *name)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  JsonNode *value = member (node, name);
  JsonArray *array = value != NULL && JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (item) && json_node_get_value_type (item) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (item));
    }
  return g_strv_builder_end (builder);
}

static void
take_operator (TillSession *self, JsonNode *operator)
{
  g_auto(GStrv) permissions = words_of (operator, "permissions");
  const char *sale_max = text_of (operator, "sale_limit");

  self->operator_id = int_of (operator, "id");
  till_set_str (&self->operator_name, text_of (operator, "name"));
  g_strfreev (self->roles);
  self->roles = words_of (operator, "roles");
  self->permissions = 0;
  for (guint i = 0; permissions[i] != NULL; i++)
    {
      int permission;

      if (till_permission_from_word (permissions[i], &permission)) /* a newer server may know more */
        self->permissions |= G_GUINT64_CONSTANT (1) << permission;
    }
  self->must_change = bool_of (operator, "must_change") || bool_of (operator, "must_change_password");
  self->sale_max = 0;
  if (sale_max != NULL)
    till_money_parse (sale_max, &self->sale_max, NULL);
  for (guint prop = PROP_OPERATOR_ID; prop <= PROP_MUST_CHANGE; prop++)
    notify (self, prop);
}

static void
take_server (TillSession *self, JsonNode *server)
{
  JsonNode *site = member (server, "site");
  const char *site_name = text_of (server, "site") != NULL ? text_of (server, "site") : text_of (site, "name");
  const char *zone = text_of (server, "zone") != NULL ? text_of (server, "zone") : text_of (site, "zone");
  const char *currency = text_of (server, "currency");
  const char *time = text_of (server, "time");
  TillTime now;

  till_set_str (&self->site_name, site_name);
  till_set_str (&self->site_zone, zone);
  till_set_str (&self->server_version, text_of (server, "version"));
  till_set_str (&self->currency, currency != NULL && !g_str_equal (currency, "CNY") ? currency : "¥");
  g_clear_pointer (&self->zone, g_time_zone_unref);
  if (zone != NULL)
    self->zone = till_zone_new (zone, NULL);
  if (time != NULL && till_time_parse (time, &now, NULL))
    self->clock_offset = now - g_get_real_time ();
  self->reconciling = bool_of (server, "reconcile");
  for (guint prop = PROP_SITE_NAME; prop < N_PROPS; prop++)
    notify (self, prop);
}

static void
forget (TillSession *self, TillSessionState state)
{
  till_api_set_token (self->api, NULL);
  self->permissions = 0;
  notify (self, PROP_PERMISSIONS);
  set_state (self, state);
}

static void
unauthenticated_cb (TillApi *api, TillSession *self)
{
  if (self->state == TILL_SESSION_SIGNED_IN)
    {
      till_api_set_token (self->api, NULL);
      set_state (self, TILL_SESSION_EXPIRED); /* permissions stay: the page and its form stay as they are */
    }
}

static void
server_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  TillSession *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);

  if (reply == NULL)
    {
      forget (self, TILL_SESSION_SIGNED_OUT);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  take_server (self, reply);
  set_state (self, TILL_SESSION_SIGNED_IN);
  g_task_return_boolean (task, TRUE);
}

static void
session_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  TillSession *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  const char *token = text_of (reply, "token");

  if (reply != NULL && (token == NULL || member (reply, "operator") == NULL))
    error = g_error_new_literal (TILL_API_ERROR, TILL_API_ERROR_VERSION, "no token in the answer");
  if (error != NULL)
    {
      forget (self, TILL_SESSION_SIGNED_OUT);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  till_api_set_token (self->api, token);
  take_operator (self, member (reply, "operator"));
  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_SERVER }, g_task_get_cancellable (task), server_cb, g_object_ref (task));
}

static void
signed_out_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(JsonNode) reply = NULL;
  GError *error = NULL;

  if ((reply = till_api_call_finish (TILL_API (source), result, &error)) == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
password_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  TillSession *self = g_task_get_source_object (task);
  g_autoptr(JsonNode) reply = NULL;
  GError *error = NULL;

  if ((reply = till_api_call_finish (TILL_API (source), result, &error)) == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->must_change = FALSE;
  notify (self, PROP_MUST_CHANGE);
  g_task_return_boolean (task, TRUE);
}

/* Only what changes while somebody works. */
static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(TillSession) self = user_data;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, NULL);

  self->looking = FALSE;
  if (reply == NULL || bool_of (reply, "reconcile") == self->reconciling)
    return;
  self->reconciling = !self->reconciling;
  notify (self, PROP_RECONCILING);
}

void
till_session_look (TillSession *self)
{
  if (self->looking || self->state != TILL_SESSION_SIGNED_IN)
    return;
  self->looking = TRUE;
  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_SERVER }, NULL, looked_cb, g_object_ref (self));
}

gboolean
till_session_is_reconciling (TillSession *self)
{
  return self->reconciling;
}

static void
till_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillSession *self = TILL_SESSION (object);

  switch (id)
    {
    case PROP_STATE: g_value_set_int (value, self->state); break;
    case PROP_USER: g_value_set_string (value, self->user); break;
    case PROP_OPERATOR_ID: g_value_set_int64 (value, self->operator_id); break;
    case PROP_OPERATOR_NAME: g_value_set_string (value, self->operator_name); break;
    case PROP_ROLES: g_value_set_boxed (value, self->roles); break;
    case PROP_PERMISSIONS: g_value_set_uint64 (value, self->permissions); break;
    case PROP_MUST_CHANGE: g_value_set_boolean (value, self->must_change); break;
    case PROP_SITE_NAME: g_value_set_string (value, self->site_name); break;
    case PROP_SITE_ZONE: g_value_set_string (value, self->site_zone); break;
    case PROP_CURRENCY: g_value_set_string (value, self->currency); break;
    case PROP_SERVER_VERSION: g_value_set_string (value, self->server_version); break;
    case PROP_CLOCK_OFFSET: g_value_set_int64 (value, self->clock_offset); break;
    case PROP_RECONCILING: g_value_set_boolean (value, self->reconciling); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_session_dispose (GObject *object)
{
  TillSession *self = TILL_SESSION (object);

  if (self->api != NULL)
    g_signal_handlers_disconnect_by_data (self->api, self);
  g_clear_object (&self->api);
  G_OBJECT_CLASS (till_session_parent_class)->dispose (object);
}

static void
till_session_finalize (GObject *object)
{
  TillSession *self = TILL_SESSION (object);

  g_free (self->user);
  g_free (self->operator_name);
  g_strfreev (self->roles);
  g_free (self->site_name);
  g_free (self->site_zone);
  g_clear_pointer (&self->zone, g_time_zone_unref);
  g_free (self->currency);
  g_free (self->server_version);
  G_OBJECT_CLASS (till_session_parent_class)->finalize (object);
}

static void
till_session_class_init (TillSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_session_get_property;
  object_class->dispose = till_session_dispose;
  object_class->finalize = till_session_finalize;
  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, TILL_SESSION_EXPIRED, 0, flags);
  props[PROP_USER] = g_param_spec_string ("user", NULL, NULL, NULL, flags);
  props[PROP_OPERATOR_ID] = g_param_spec_int64 ("operator-id", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_OPERATOR_NAME] = g_param_spec_string ("operator-name", NULL, NULL, NULL, flags);
  props[PROP_ROLES] = g_param_spec_boxed ("roles", NULL, NULL, G_TYPE_STRV, flags);
  props[PROP_PERMISSIONS] = g_param_spec_uint64 ("permissions", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  props[PROP_MUST_CHANGE] = g_param_spec_boolean ("must-change-password", NULL, NULL, FALSE, flags);
  props[PROP_SITE_NAME] = g_param_spec_string ("site-name", NULL, NULL, NULL, flags);
  props[PROP_SITE_ZONE] = g_param_spec_string ("site-zone", NULL, NULL, NULL, flags);
  props[PROP_CURRENCY] = g_param_spec_string ("currency", NULL, NULL, NULL, flags);
  props[PROP_SERVER_VERSION] = g_param_spec_string ("server-version", NULL, NULL, NULL, flags);
  props[PROP_CLOCK_OFFSET] = g_param_spec_int64 ("clock-offset", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  props[PROP_RECONCILING] = g_param_spec_boolean ("reconciling", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
till_session_init (TillSession *self)
{
  self->currency = g_strdup ("¥");
  self->roles = g_new0 (char *, 1);
}

TillSession *
till_session_new (TillApi *api)
{
  TillSession *self = g_object_new (TILL_TYPE_SESSION, NULL);

  self->api = g_object_ref (api);
  g_signal_connect (api, "unauthenticated", G_CALLBACK (unauthenticated_cb), self);
  return self;
}

TillSessionState
till_session_get_state (TillSession *self)
{
  return self->state;
}

gboolean
till_session_may (TillSession *self, TillPermission permission)
{
  return till_permission_set_has (self->permissions, permission);
}

gboolean
till_session_may_word (TillSession *self, const char *word)
{
  int permission;

  return till_permission_from_word (word, &permission) && till_session_may (self, permission);
}

gint64
till_session_get_operator_id (TillSession *self)
{
  return self->operator_id;
}

const char *
till_session_get_user (TillSession *self)
{
  return self->user;
}

const char *
till_session_get_operator_name (TillSession *self)
{
  return self->operator_name;
}

const char *const *
till_session_get_roles (TillSession *self)
{
  return (const char *const *) self->roles;
}

gboolean
till_session_must_change_password (TillSession *self)
{
  return self->must_change;
}

const char *
till_session_get_site_name (TillSession *self)
{
  return self->site_name;
}

GTimeZone *
till_session_get_zone (TillSession *self)
{
  if (self->zone == NULL)
    self->zone = g_time_zone_new_local ();
  return self->zone;
}

const char *
till_session_get_currency (TillSession *self)
{
  return self->currency;
}

const char *
till_session_get_server_version (TillSession *self)
{
  return self->server_version;
}

TillMoney
till_session_get_sale_max (TillSession *self)
{
  return self->sale_max;
}

TillTime
till_session_now (TillSession *self)
{
  return g_get_real_time () + self->clock_offset;
}

static JsonNode *
object_of (const char *const *names, const char *const *values)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (guint i = 0; names[i] != NULL; i++)
    if (values[i] != NULL)
      json_object_set_string_member (object, names[i], values[i]);
  json_node_take_object (node, object);
  return node;
}

void
till_session_sign_in_async (TillSession *self, const TillCredentials *credentials, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = object_of ((const char *[]){ "user", "password", "totp", NULL },
                                        (const char *[]){ credentials->user, credentials->password, credentials->totp });

  g_task_set_source_tag (task, till_session_sign_in_async);
  till_api_set_token (self->api, NULL);
  if (till_set_str (&self->user, credentials->user))
    notify (self, PROP_USER);
  set_state (self, TILL_SESSION_SIGNING_IN);
  till_api_call_async (self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SESSION, .body = body }, cancellable, session_cb,
                       g_object_ref (task));
}

gboolean
till_session_sign_in_finish (TillSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
till_session_sign_out_async (TillSession *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_session_sign_out_async);
  till_api_call_async (self->api, &(TillCall){ .method = "DELETE", .path = TILL_PATH_SESSION, .timeout_s = 5 }, cancellable, signed_out_cb,
                       g_object_ref (task));
  forget (self, TILL_SESSION_SIGNED_OUT); /* the request holds its own copy of the token */
}

gboolean
till_session_sign_out_finish (TillSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
till_session_change_password_async (TillSession *self, const TillNewPassword *passwords, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = object_of ((const char *[]){ "old_password", "new_password", NULL },
                                        (const char *[]){ passwords->old_password, passwords->new_password });

  g_task_set_source_tag (task, till_session_change_password_async);
  till_api_call_async (self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SESSION_PASSWORD, .body = body }, cancellable,
                       password_cb, g_object_ref (task));
}

gboolean
till_session_change_password_finish (TillSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
