/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-context.c: makes the objects of a running client and ties them together: sign-in starts the feed, the feed moves
 * board, lists and drop-downs. Holds no state of its own. */
#define G_LOG_DOMAIN "till-context"
#include "config.h"
#include "client/service/till-context.h"

#include "client/model/till-alarm.h"
#include "client/model/till-command.h"
#include "client/model/till-meter.h"
#include "client/model/till-sale.h"

struct _TillContext {
  GObject              parent_instance;
  TillTrust           *trust;
  TillApi             *api;
  TillSession         *session;
  TillLiveFeed        *feed;
  TillSettings        *settings;
  TillRefLists        *ref_lists;
  TillBoardState      *board;
  TillAdminService    *admin;
  TillAlarmService    *alarms;
  TillCustomerService *customers;
  TillDrawerService   *drawers;
  TillMeterService    *meters;
  TillPlantService    *plant;
  TillReportService   *reports;
  TillSalesService    *sales;
  TillTariffService   *tariffs;
  GPtrArray           *lists; /* Watch */
  GCancellable        *loading;
};

G_DEFINE_FINAL_TYPE (TillContext, till_context, G_TYPE_OBJECT)

enum { PROP_API = 1, PROP_SESSION, PROP_FEED, PROP_SETTINGS, PROP_TRUST, PROP_REF_LISTS, PROP_BOARD, PROP_ONLINE, PROP_SITE_NAME, N_PROPS };
static GParamSpec *props[N_PROPS];

/* A list that follows the feed as long as somebody else holds it. */
typedef struct { TillContext *context; TillPagedList *list; TillFeedKind kind; } Watch;

static void
notify_online (TillContext *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ONLINE]);
}

static void
list_gone_cb (gpointer data, GObject *where_it_was)
{
  Watch *watch = data;

  watch->list = NULL;
  g_ptr_array_remove_fast (watch->context->lists, watch);
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  if (watch->list != NULL)
    g_object_weak_unref (G_OBJECT (watch->list), list_gone_cb, watch);
  g_free (watch);
}

static TillFeedKind
kind_of (GType record_type)
{
  if (record_type == TILL_TYPE_METER)
    return TILL_FEED_METER;
  if (record_type == TILL_TYPE_SALE)
    return TILL_FEED_SALE;
  if (record_type == TILL_TYPE_COMMAND)
    return TILL_FEED_COMMAND;
  return record_type == TILL_TYPE_ALARM ? TILL_FEED_ALARM : TILL_FEED_OTHER;
}

static void
changed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, TillContext *self)
{
  if (kind == TILL_FEED_METER && object != NULL)
    till_board_state_apply (self->board, (guint32) g_ascii_strtoull (id, NULL, 10), object);
  for (guint i = 0; i < self->lists->len; i++)
    {
      const Watch *watch = g_ptr_array_index (self->lists, i);

      if (watch->kind != (TillFeedKind) kind)
        continue;
      if (!till_paged_list_apply (watch->list, id, object) && kind != TILL_FEED_METER) /* meters come and go with an import only */
        till_paged_list_note_change (watch->list);
    }
}

static void
board_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(TillContext) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!till_board_state_load_finish (TILL_BOARD_STATE (source), result, &error))
    {
      if (till_api_error_is_cancelled (error))
        return;
      g_message ("the board could not be loaded: %s", error->message);
    }
  else
    till_live_feed_set_cursor (self->feed, till_board_state_get_cursor (self->board));
  till_live_feed_start (self->feed); /* also without a board: it has its own Retry */
}

static void
load (TillContext *self)
{
  g_cancellable_cancel (self->loading);
  g_object_unref (self->loading);
  self->loading = g_cancellable_new ();
  till_board_state_load_async (self->board, self->loading, board_cb, g_object_ref (self));
}

static void
reset_cb (TillLiveFeed *feed, TillContext *self)
{
  load (self);
  till_ref_lists_refresh (self->ref_lists);
  for (guint i = 0; i < self->lists->len; i++)
    till_paged_list_reload (((Watch *) g_ptr_array_index (self->lists, i))->list);
}

static void
state_cb (TillSession *session, GParamSpec *pspec, TillContext *self)
{
  switch (till_session_get_state (session))
    {
    case TILL_SESSION_SIGNED_IN:
      if (!till_session_must_change_password (session)) /* until then the server refuses everything */
        load (self);
      break;
    case TILL_SESSION_SIGNED_OUT:
      g_cancellable_cancel (self->loading);
      till_live_feed_stop (self->feed);
      till_ref_lists_clear (self->ref_lists);
      break;
    case TILL_SESSION_EXPIRED:
      till_live_feed_stop (self->feed);
      break;
    case TILL_SESSION_SIGNING_IN:
      break;
    }
  notify_online (self);
}

static void
connected_cb (TillLiveFeed *feed, GParamSpec *pspec, TillContext *self)
{
  notify_online (self);
}

static void
must_change_cb (TillSession *session, GParamSpec *pspec, TillContext *self)
{
  if (till_session_get_state (session) == TILL_SESSION_SIGNED_IN && !till_session_must_change_password (session))
    load (self);
}

static void
site_cb (TillSession *session, GParamSpec *pspec, TillContext *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SITE_NAME]);
}

static void
till_context_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillContext *self = TILL_CONTEXT (object);

  switch (id)
    {
    case PROP_API: g_value_set_object (value, self->api); break;
    case PROP_SESSION: g_value_set_object (value, self->session); break;
    case PROP_FEED: g_value_set_object (value, self->feed); break;
    case PROP_SETTINGS: g_value_set_object (value, self->settings); break;
    case PROP_TRUST: g_value_set_object (value, self->trust); break;
    case PROP_REF_LISTS: g_value_set_object (value, self->ref_lists); break;
    case PROP_BOARD: g_value_set_object (value, self->board); break;
    case PROP_ONLINE: g_value_set_boolean (value, till_context_is_online (self)); break;
    case PROP_SITE_NAME: g_value_set_string (value, till_session_get_site_name (self->session)); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_context_dispose (GObject *object)
{
  TillContext *self = TILL_CONTEXT (object);

  g_cancellable_cancel (self->loading);
  if (self->feed != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->feed, self);
      g_signal_handlers_disconnect_by_data (self->session, self);
      till_live_feed_stop (self->feed);
    }
  g_ptr_array_set_size (self->lists, 0);
  g_clear_object (&self->admin);
  g_clear_object (&self->alarms);
  g_clear_object (&self->customers);
  g_clear_object (&self->drawers);
  g_clear_object (&self->meters);
  g_clear_object (&self->plant);
  g_clear_object (&self->reports);
  g_clear_object (&self->sales);
  g_clear_object (&self->tariffs);
  g_clear_object (&self->board);
  g_clear_object (&self->ref_lists);
  g_clear_object (&self->feed);
  g_clear_object (&self->session);
  g_clear_object (&self->api);
  g_clear_object (&self->trust);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (till_context_parent_class)->dispose (object);
}

static void
till_context_finalize (GObject *object)
{
  TillContext *self = TILL_CONTEXT (object);

  g_ptr_array_unref (self->lists);
  g_object_unref (self->loading);
  G_OBJECT_CLASS (till_context_parent_class)->finalize (object);
}

static void
till_context_class_init (TillContextClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_context_get_property;
  object_class->dispose = till_context_dispose;
  object_class->finalize = till_context_finalize;
  props[PROP_API] = g_param_spec_object ("api", NULL, NULL, TILL_TYPE_API, flags);
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, TILL_TYPE_SESSION, flags);
  props[PROP_FEED] = g_param_spec_object ("feed", NULL, NULL, TILL_TYPE_LIVE_FEED, flags);
  props[PROP_SETTINGS] = g_param_spec_object ("settings", NULL, NULL, TILL_TYPE_SETTINGS, flags);
  props[PROP_TRUST] = g_param_spec_object ("trust", NULL, NULL, TILL_TYPE_TRUST, flags);
  props[PROP_REF_LISTS] = g_param_spec_object ("ref-lists", NULL, NULL, TILL_TYPE_REF_LISTS, flags);
  props[PROP_BOARD] = g_param_spec_object ("board", NULL, NULL, TILL_TYPE_BOARD_STATE, flags);
  props[PROP_ONLINE] = g_param_spec_boolean ("online", NULL, NULL, FALSE, flags);
  props[PROP_SITE_NAME] = g_param_spec_string ("site-name", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
till_context_init (TillContext *self)
{
  self->lists = g_ptr_array_new_with_free_func (watch_free);
  self->loading = g_cancellable_new ();
}

TillContext *
till_context_new (const char *settings_path, const char *trust_directory)
{
  TillContext *self = g_object_new (TILL_TYPE_CONTEXT, NULL);

  self->settings = till_settings_new (settings_path);
  self->trust = till_trust_new (trust_directory);
  self->api = till_api_new (self->trust);
  self->session = till_session_new (self->api);
  self->feed = till_live_feed_new (self->api);
  self->ref_lists = till_ref_lists_new (self->api);
  self->board = till_board_state_new (self->api);
  self->admin = till_admin_service_new (self->api);
  self->alarms = till_alarm_service_new (self->api);
  self->customers = till_customer_service_new (self->api);
  self->drawers = till_drawer_service_new (self->api);
  self->meters = till_meter_service_new (self->api);
  self->plant = till_plant_service_new (self->api);
  self->reports = till_report_service_new (self->api);
  self->sales = till_sales_service_new (self->api);
  self->tariffs = till_tariff_service_new (self->api);
  g_signal_connect (self->session, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect (self->session, "notify::site-name", G_CALLBACK (site_cb), self);
  g_signal_connect (self->session, "notify::must-change-password", G_CALLBACK (must_change_cb), self);
  g_signal_connect (self->feed, "notify::connected", G_CALLBACK (connected_cb), self);
  g_signal_connect (self->feed, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (self->feed, "reset", G_CALLBACK (reset_cb), self);
  return self;
}

gboolean
till_context_is_online (TillContext *self)
{
  return till_session_get_state (self->session) == TILL_SESSION_SIGNED_IN && till_live_feed_is_connected (self->feed);
}

TillPagedList *
till_context_make_list (TillContext *self, const char *path, GType record_type, TillQuery *query)
{
  TillPagedList *list = till_paged_list_new (self->api, path, record_type, query);
  Watch *watch = g_new0 (Watch, 1);

  watch->context = self;
  watch->list = list;
  watch->kind = kind_of (record_type);
  g_object_weak_ref (G_OBJECT (list), list_gone_cb, watch);
  g_ptr_array_add (self->lists, watch);
  return list;
}

#define GETTER(Type, name)                   \
  Type *till_context_get_##name (TillContext *self) { return self->name; }

GETTER (TillApi, api)
GETTER (TillSession, session)
GETTER (TillLiveFeed, feed)
GETTER (TillSettings, settings)
GETTER (TillTrust, trust)
GETTER (TillRefLists, ref_lists)
GETTER (TillBoardState, board)
GETTER (TillAdminService, admin)
GETTER (TillAlarmService, alarms)
GETTER (TillCustomerService, customers)
GETTER (TillDrawerService, drawers)
GETTER (TillMeterService, meters)
GETTER (TillPlantService, plant)
GETTER (TillReportService, reports)
GETTER (TillSalesService, sales)
GETTER (TillTariffService, tariffs)
