/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-page.c: see till-page.h. Knows no module and no window: it speaks to both through actions and vfuncs. */
#define G_LOG_DOMAIN "till-page"
#include "config.h"
#include "client/pages/till-export.h"
#include "client/pages/till-page.h"

typedef struct {
  TillContext  *context;
  GCancellable *cancellable;
  char         *title, *icon_name, *status;
  guint         badge;
  gboolean      loaded, entered;
} TillPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TillPage, till_page, ADW_TYPE_BIN)

enum { PROP_CONTEXT = 1, PROP_TITLE, PROP_ICON_NAME, PROP_STATUS, PROP_BADGE, N_PROPS };
static GParamSpec *properties[N_PROPS];

static void
till_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillPagePrivate *priv = till_page_get_instance_private (TILL_PAGE (object));

  switch (id)
    {
    case PROP_CONTEXT:
      g_value_set_object (value, priv->context);
      break;
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, priv->icon_name);
      break;
    case PROP_STATUS:
      g_value_set_string (value, priv->status);
      break;
    case PROP_BADGE:
      g_value_set_uint (value, priv->badge);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillPage *self = TILL_PAGE (object);
  TillPagePrivate *priv = till_page_get_instance_private (self);

  switch (id)
    {
    case PROP_CONTEXT:
      priv->context = g_value_dup_object (value);
      break;
    case PROP_TITLE:
      g_free (priv->title);
      priv->title = g_value_dup_string (value);
      break;
    case PROP_ICON_NAME:
      g_free (priv->icon_name);
      priv->icon_name = g_value_dup_string (value);
      break;
    case PROP_STATUS:
      till_page_set_status (self, g_value_get_string (value));
      break;
    case PROP_BADGE:
      till_page_set_badge (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* The window goes: calls under way hold the page, so dispose would come too late to cancel them. */
static void
till_page_unroot (GtkWidget *widget)
{
  TillPagePrivate *priv = till_page_get_instance_private (TILL_PAGE (widget));

  if (priv->cancellable != NULL)
    g_cancellable_cancel (priv->cancellable);
  GTK_WIDGET_CLASS (till_page_parent_class)->unroot (widget);
}

static void
till_page_dispose (GObject *object)
{
  TillPagePrivate *priv = till_page_get_instance_private (TILL_PAGE (object));

  if (priv->cancellable != NULL)
    g_cancellable_cancel (priv->cancellable);
  g_clear_object (&priv->cancellable);
  G_OBJECT_CLASS (till_page_parent_class)->dispose (object);
}

static void
till_page_finalize (GObject *object)
{
  TillPagePrivate *priv = till_page_get_instance_private (TILL_PAGE (object));

  g_clear_object (&priv->context);
  g_free (priv->title);
  g_free (priv->icon_name);
  g_free (priv->status);
  G_OBJECT_CLASS (till_page_parent_class)->finalize (object);
}

static void
till_page_class_init (TillPageClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_page_get_property;
  object_class->set_property = till_page_set_property;
  object_class->dispose = till_page_dispose;
  GTK_WIDGET_CLASS (klass)->unroot = till_page_unroot;
  object_class->finalize = till_page_finalize;
  properties[PROP_CONTEXT] = g_param_spec_object ("context", NULL, NULL, TILL_TYPE_CONTEXT, flags | G_PARAM_CONSTRUCT_ONLY);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_BADGE] = g_param_spec_uint ("badge", NULL, NULL, 0, G_MAXUINT, 0, flags | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
till_page_init (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  priv->cancellable = g_cancellable_new ();
}

TillContext *
till_page_get_context (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  return priv->context;
}

GCancellable *
till_page_get_cancellable (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  return priv->cancellable;
}

const char *
till_page_get_status (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  return priv->status;
}

void
till_page_set_status (TillPage *self, const char *status)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  if (g_strcmp0 (priv->status, status) == 0)
    return;
  g_free (priv->status);
  priv->status = g_strdup (status);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

void
till_page_set_badge (TillPage *self, guint badge)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  if (priv->badge == badge)
    return;
  priv->badge = badge;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BADGE]);
}

void
till_page_enter (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);
  TillPageClass *class = TILL_PAGE_GET_CLASS (self);

  if (priv->entered)
    return;
  priv->entered = TRUE;
  if (!priv->loaded && class->load != NULL)
    class->load (self);
  priv->loaded = TRUE;
  if (class->entered != NULL)
    class->entered (self);
}

void
till_page_leave (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  if (!priv->entered)
    return;
  priv->entered = FALSE;
  g_cancellable_cancel (priv->cancellable);
  g_object_unref (priv->cancellable);
  priv->cancellable = g_cancellable_new ();
}

void
till_page_refresh (TillPage *self)
{
  if (TILL_PAGE_GET_CLASS (self)->refresh != NULL)
    TILL_PAGE_GET_CLASS (self)->refresh (self);
}

void
till_page_record_changed (TillPage *self, TillFeedKind kind, const char *id, JsonObject *object)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);

  if (priv->loaded && TILL_PAGE_GET_CLASS (self)->record_changed != NULL)
    TILL_PAGE_GET_CLASS (self)->record_changed (self, kind, id, object);
}

void
till_page_open_target (TillPage *self, const char *target)
{
  if (target != NULL && target[0] != '\0' && TILL_PAGE_GET_CLASS (self)->open_target != NULL)
    TILL_PAGE_GET_CLASS (self)->open_target (self, target);
}

gboolean
till_page_can_export (TillPage *self)
{
  return TILL_PAGE_GET_CLASS (self)->get_export != NULL;
}

void
till_page_export (TillPage *self)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);
  TillExport wanted = { 0 };
  const char *name = NULL;

  if (till_page_can_export (self) && TILL_PAGE_GET_CLASS (self)->get_export (self, &wanted, &name))
    till_export_run (GTK_WIDGET (self), till_context_get_reports (priv->context), &wanted, name);
}

void
till_page_print (TillPage *self)
{
  if (TILL_PAGE_GET_CLASS (self)->print != NULL)
    TILL_PAGE_GET_CLASS (self)->print (self);
}

void
till_page_find (TillPage *self)
{
  if (TILL_PAGE_GET_CLASS (self)->find != NULL)
    TILL_PAGE_GET_CLASS (self)->find (self);
}

static TillViewKey
view_key (TillPage *self, const char *key)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);
  const char *user = till_session_get_user (till_context_get_session (priv->context));

  return (TillViewKey){ user != NULL ? user : "", G_OBJECT_TYPE_NAME (self), key };
}

char *
till_page_dup_view (TillPage *self, const char *key)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);
  TillViewKey view = view_key (self, key);

  return till_settings_dup_view (till_context_get_settings (priv->context), &view);
}

void
till_page_set_view (TillPage *self, const char *key, const char *text)
{
  TillPagePrivate *priv = till_page_get_instance_private (self);
  TillViewKey view = view_key (self, key);

  till_settings_set_view (till_context_get_settings (priv->context), &view, text);
}
