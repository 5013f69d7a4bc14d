/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-window.c: frame around the pages. It knows pages by name only; what they do is theirs. */
#define G_LOG_DOMAIN "till-window"
#include "config.h"
#include "client/app/till-window.h"
#include <glib/gi18n.h>
#include "client/app/till-first-run-window.h"
#include "client/app/till-global-search.h"
#include "client/app/till-page-registry.h"
#include "client/app/till-password-dialog.h"
#include "client/app/till-second-factor.h"
#include "client/app/till-sidebar.h"
#include "client/core/till-api-error.h"
#include "client/pages/alarms/till-reconcile-window.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"

#define BADGE_DELAY_S 2
#define LOOK_S        20 /* how often the server is asked how it is */
#define CLOCK_OFF_US  (2 * 60 * G_USEC_PER_SEC)

struct _TillWindow
{
  AdwApplicationWindow parent_instance;
  TillContext *context;
  AdwToastOverlay *toasts;
  GtkStack *shade, *pages;
  TillGlobalSearch *search;
  TillSidebar *sidebar;
  TillStrip *strip, *restore;
  AdwAvatar *avatar;
  GtkLabel *site, *operator_name, *operator_roles, *page_status, *link_status, *clock;
  GtkImage *link_icon;
  GtkWidget *unlock_button;
  TillPage *page;
  GCancellable *cancellable;
  guint clock_source, badge_source;
  guint looked; /* seconds since the server was asked */
  gboolean was_lost;
};

G_DEFINE_FINAL_TYPE (TillWindow, till_window, ADW_TYPE_APPLICATION_WINDOW)

enum { SIGNAL_LOCKED, SIGNAL_SIGNED_OUT, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- strip, status line, clock */

static void
show_connection (TillWindow *self)
{
  gint64 lost_at = 0, retry_at = 0, offset = 0, now = g_get_real_time ();
  gboolean online = till_context_is_online (self->context);
  g_autofree char *when = NULL, *text = NULL;

  g_object_get (till_context_get_feed (self->context), "lost-at", &lost_at, "retry-at", &retry_at, NULL);
  g_object_get (till_context_get_session (self->context), "clock-offset", &offset, NULL);
  gtk_image_set_from_icon_name (self->link_icon, online ? "till-connected-symbolic" : "till-offline-symbolic");
  gtk_label_set_text (self->link_status, online ? _ ("live") : lost_at > 0 ? _ ("not live") : _ ("connecting"));
  if (!online && lost_at > 0)
    {
      when = till_format_clock (lost_at);
      text = retry_at > now ? g_strdup_printf (_ ("Connection lost at %s. Figures are from then. Next try in %d s."), when,
                                               (int) ((retry_at - now) / G_USEC_PER_SEC) + 1)
                            : g_strdup_printf (_ ("Connection lost at %s. Figures are from then. Trying now."), when);
      till_strip_show (self->strip, TILL_STRIP_WARNING, text, _ ("Try now"));
      self->was_lost = TRUE;
    }
  else if (ABS (offset) > CLOCK_OFF_US)
    till_strip_show (self->strip, TILL_STRIP_WARNING, _ ("The clock of this computer and that of the server differ by more than 2 minutes."), NULL);
  else
    till_strip_hide (self->strip);
  if (online && self->was_lost)
    {
      self->was_lost = FALSE;
      gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Connected again"));
      if (self->page)
        till_page_refresh (self->page);
    }
}

/* Over everything, as long as it lasts: nobody shall wonder why nothing can be sold. */
static void
show_restore (TillWindow *self)
{
  TillSession *session = till_context_get_session (self->context);

  if (!till_session_is_reconciling (session))
    till_strip_hide (self->restore);
  else
    till_strip_show (self->restore, TILL_STRIP_ERROR,
                     _ ("The books were restored from a backup. Sales and orders wait until every meter was compared and two operators released the server."),
                     till_session_may (session, TILL_PERMISSION_APPROVE_HELD) ? _ ("Check and release…")
                     : till_session_may (session, TILL_PERMISSION_SALES_VIEW) ? _ ("Show progress…") : NULL);
}

static void
reconciling_cb (TillSession *session, GParamSpec *pspec, TillWindow *self)
{
  show_restore (self);
  if (!till_session_is_reconciling (session))
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("The server is released: sales go on"));
      if (self->page)
        till_page_refresh (self->page);
    }
}

static void
restore_clicked_cb (TillStrip *strip, TillWindow *self)
{
  till_reconcile_window_show (GTK_WIDGET (self), self->context);
}

static gboolean
clock_cb (gpointer data)
{
  TillWindow *self = data;
  g_autofree char *text = till_format_clock (till_session_now (till_context_get_session (self->context)));

  gtk_label_set_text (self->clock, text);
  if (!till_context_is_online (self->context))
    show_connection (self);
  else if (++self->looked >= LOOK_S)
    {
      self->looked = 0;
      till_session_look (till_context_get_session (self->context));
    }
  return G_SOURCE_CONTINUE;
}

static void
show_status (TillWindow *self)
{
  const char *status = self->page ? till_page_get_status (self->page) : NULL;
  gtk_label_set_text (self->page_status, status ? status : "");
}

static void
page_status_cb (TillPage *page, GParamSpec *pspec, TillWindow *self)
{
  if (page == self->page)
    show_status (self);
}

static void
online_cb (TillContext *context, GParamSpec *pspec, TillWindow *self)
{
  show_connection (self);
  till_session_look (till_context_get_session (context)); /* a server that comes back may have been restored */
}

static void
strip_clicked_cb (TillStrip *strip, TillWindow *self)
{
  till_live_feed_try_now (till_context_get_feed (self->context));
}

/* --- badges and live changes */

static void
badge_answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillWindow) self = user_data;
  guint count;

  if (till_alarm_service_count_finish (TILL_ALARM_SERVICE (source), result, &count, NULL) && self->sidebar)
    till_sidebar_set_badge (self->sidebar, "alarms", count);
}

static gboolean
badge_cb (gpointer data)
{
  TillWindow *self = data;

  self->badge_source = 0;
  till_alarm_service_count_async (till_context_get_alarms (self->context), self->cancellable, badge_answer_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
feed_changed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, TillWindow *self)
{
  if (self->page)
    till_page_record_changed (self->page, (TillFeedKind) kind, id, object);
  if (kind == TILL_FEED_ALARM) /* it is told as an alarm, too */
    till_session_look (till_context_get_session (self->context));
  if (kind == TILL_FEED_ALARM && self->badge_source == 0)
    self->badge_source = g_timeout_add_seconds (BADGE_DELAY_S, badge_cb, self);
}

/* --- pages */

TillPage *
till_window_get_page (TillWindow *self, const char *name)
{
  const TillPageInfo *info = till_page_registry_find (name);
  GtkWidget *page = gtk_stack_get_child_by_name (self->pages, name);

  if (page || info == NULL || !till_page_registry_may (info, till_context_get_session (self->context)))
    return page ? TILL_PAGE (page) : NULL;
  page = g_object_new (info->get_type (), "context", self->context, "title", _ (info->title), "icon-name", info->icon, NULL);
  gtk_stack_add_named (self->pages, page, name);
  g_signal_connect_object (page, "notify::status", G_CALLBACK (page_status_cb), self, 0);
  return TILL_PAGE (page);
}

void
till_window_show_page (TillWindow *self, const char *name, const char *target)
{
  TillPage *page = till_window_get_page (self, name);
  g_autofree char *title = NULL;

  if (page == NULL)
    return;
  if (page != self->page)
    {
      if (self->page)
        till_page_leave (self->page);
      self->page = page;
      gtk_stack_set_visible_child (self->pages, GTK_WIDGET (page));
      till_sidebar_select (self->sidebar, name);
      title = g_strdup_printf ("%s \u2013 Gridtill", _ (till_page_registry_find (name)->title));
      gtk_window_set_title (GTK_WINDOW (self), title);
      till_page_enter (page);
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.export", till_page_can_export (page));
      show_status (self);
    }
  if (target && target[0])
    till_page_open_target (page, target);
}

static void
picked_cb (TillSidebar *sidebar, const char *name, TillWindow *self)
{
  till_window_show_page (self, name, NULL);
}

/* --- actions */

static void
show_page_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  const char *name, *target;

  g_variant_get (parameter, "(&s&s)", &name, &target);
  till_window_show_page (TILL_WINDOW (widget), name, target);
}

static void
toast_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AdwToast *toast = adw_toast_new (g_variant_get_string (parameter, NULL));

  adw_toast_overlay_add_toast (TILL_WINDOW (widget)->toasts, toast);
}

static void
page_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);

  if (self->page == NULL)
    return;
  if (g_str_equal (action, "win.refresh"))
    till_page_refresh (self->page);
  else if (g_str_equal (action, "win.find"))
    till_page_find (self->page);
  else if (g_str_equal (action, "win.export"))
    till_page_export (self->page);
  else if (g_str_equal (action, "win.print"))
    till_page_print (self->page);
  else
    gtk_widget_child_focus (GTK_WIDGET (self->page), GTK_DIR_TAB_FORWARD);
}

static void
search_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_WINDOW (widget)->search));
}

static void
sell_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  till_window_show_page (TILL_WINDOW (widget), "sales", "counter");
}

static void
sidebar_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);
  gboolean narrow;

  g_object_get (self->sidebar, "narrow", &narrow, NULL);
  g_object_set (self->sidebar, "narrow", !narrow, NULL);
  g_object_set (till_context_get_settings (self->context), "sidebar-narrow", !narrow, NULL);
}

static void
lock_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  till_window_set_locked (TILL_WINDOW (widget), TRUE);
  g_signal_emit (widget, signals[SIGNAL_LOCKED], 0);
}

static void
sign_out_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  till_session_sign_out_async (till_context_get_session (TILL_WINDOW (widget)->context), NULL, NULL, NULL);
  g_signal_emit (widget, signals[SIGNAL_SIGNED_OUT], 0);
}

static void
password_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  if (till_password_dialog_run_finish (GTK_WINDOW (source), result, NULL))
    gtk_widget_activate_action (GTK_WIDGET (source), "win.toast", "s", _ ("The password was changed"));
}

static void
password_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  till_password_dialog_run_async (GTK_WINDOW (widget), till_context_get_session (TILL_WINDOW (widget)->context), NULL, password_cb, NULL);
}

static void
second_factor_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  till_second_factor_begin (GTK_WINDOW (widget), TILL_WINDOW (widget)->context);
}

static void
cycle_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillWindow *self = TILL_WINDOW (widget);
  GtkWidget *stops[] = { GTK_WIDGET (self->sidebar), GTK_WIDGET (self->page), GTK_WIDGET (self->search) };
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));
  guint next = 0;

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    if (focus && stops[i] && (focus == stops[i] || gtk_widget_is_ancestor (focus, stops[i])))
      next = (i + 1) % G_N_ELEMENTS (stops);
  if (stops[next] && !gtk_widget_child_focus (stops[next], GTK_DIR_TAB_FORWARD))
    gtk_widget_grab_focus (stops[next]);
}

/* --- object */

static void
till_window_dispose (GObject *object)
{
  TillWindow *self = TILL_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->clock_source, g_source_remove);
  g_clear_handle_id (&self->badge_source, g_source_remove);
  if (self->context)
    {
      g_signal_handlers_disconnect_by_data (self->context, self);
      g_signal_handlers_disconnect_by_data (till_context_get_feed (self->context), self);
      g_signal_handlers_disconnect_by_data (till_context_get_settings (self->context), self);
      g_signal_handlers_disconnect_by_data (till_context_get_session (self->context), self);
    }
  self->page = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_WINDOW);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_window_parent_class)->dispose (object);
}

static void
till_window_finalize (GObject *object)
{
  g_object_unref (TILL_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (till_window_parent_class)->finalize (object);
}

static void
first_run_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_first_run_window_show (GTK_WINDOW (widget), TILL_WINDOW (widget)->context);
}

static gboolean
till_window_close_request (GtkWindow *window)
{
  TillWindow *self = TILL_WINDOW (window);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  g_object_set (till_context_get_settings (self->context), "window-width", width, "window-height", height, "window-maximized",
                gtk_window_is_maximized (window), NULL);
  return GTK_WINDOW_CLASS (till_window_parent_class)->close_request (window);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  static const struct { guint key; GdkModifierType modifiers; const char *action; } keys[] = {
    { GDK_KEY_F5, 0, "win.refresh" }, { GDK_KEY_f, GDK_CONTROL_MASK, "win.find" }, { GDK_KEY_e, GDK_CONTROL_MASK, "win.export" },
    { GDK_KEY_p, GDK_CONTROL_MASK, "win.print" }, { GDK_KEY_k, GDK_CONTROL_MASK, "win.search" }, { GDK_KEY_F8, 0, "win.sell" },
    { GDK_KEY_F9, 0, "win.sidebar" }, { GDK_KEY_l, GDK_CONTROL_MASK, "win.lock" }, { GDK_KEY_F6, 0, "win.cycle" } };
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);

  gtk_widget_class_install_action (widget_class, "win.show-page", "(ss)", show_page_action);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_action);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, page_action);
  gtk_widget_class_install_action (widget_class, "win.find", NULL, page_action);
  gtk_widget_class_install_action (widget_class, "win.export", NULL, page_action);
  gtk_widget_class_install_action (widget_class, "win.print", NULL, page_action);
  gtk_widget_class_install_action (widget_class, "win.focus-page", NULL, page_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.sell", NULL, sell_action);
  gtk_widget_class_install_action (widget_class, "win.sidebar", NULL, sidebar_action);
  gtk_widget_class_install_action (widget_class, "win.first-run", NULL, first_run_action);
  gtk_widget_class_install_action (widget_class, "win.lock", NULL, lock_action);
  gtk_widget_class_install_action (widget_class, "win.sign-out", NULL, sign_out_action);
  gtk_widget_class_install_action (widget_class, "win.password", NULL, password_action);
  gtk_widget_class_install_action (widget_class, "win.second-factor", NULL, second_factor_action);
  gtk_widget_class_install_action (widget_class, "win.cycle", NULL, cycle_action);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (widget_class, keys[i].key, keys[i].modifiers, keys[i].action, NULL);
  for (guint i = 0; i < n; i++)
    gtk_widget_class_add_binding_action (widget_class, infos[i].key, GDK_ALT_MASK, "win.show-page", "(ss)", infos[i].name, "");
}

static void
till_window_class_init (TillWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = till_window_close_request;
  signals[SIGNAL_LOCKED] = g_signal_new ("locked", TILL_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SIGNED_OUT] = g_signal_new ("signed-out", TILL_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TILL_TYPE_GLOBAL_SEARCH);
  g_type_ensure (TILL_TYPE_SIDEBAR);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/app/till-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, shade);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, search);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, restore);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, avatar);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, site);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, operator_name);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, operator_roles);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, page_status);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, link_status);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, link_icon);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, clock);
  gtk_widget_class_bind_template_child (widget_class, TillWindow, unlock_button);
  gtk_widget_class_bind_template_callback (widget_class, picked_cb);
  gtk_widget_class_bind_template_callback (widget_class, strip_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, restore_clicked_cb);
  install_actions (widget_class);
}

static void
till_window_init (TillWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* For the translators; any other role is shown as it is. */
static const char *const role_words[] = { NC_ ("role", "administrator"), NC_ ("role", "cashier"), NC_ ("role", "finance"),
                                          NC_ ("role", "engineer"), NC_ ("role", "viewer"), NC_ ("role", "auditor") };

static const char *
role_text (const char *role)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_words); i++)
    if (g_str_equal (role_words[i], role))
      return g_dpgettext2 (NULL, "role", role_words[i]);
  return role;
}

static void
show_operator (TillWindow *self)
{
  TillSession *session = till_context_get_session (self->context);
  const char *const *roles = till_session_get_roles (session);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; roles && roles[i]; i++)
    g_string_append_printf (text, "%s%s", i ? ", " : "", role_text (roles[i]));
  adw_avatar_set_text (self->avatar, till_session_get_operator_name (session));
  gtk_label_set_text (self->operator_name, till_session_get_operator_name (session));
  gtk_label_set_text (self->operator_roles, text->str);
  gtk_label_set_text (self->site, till_session_get_site_name (session) ? till_session_get_site_name (session) : "Gridtill");
}

static void
density_cb (TillSettings *settings, GParamSpec *pspec, TillWindow *self)
{
  gboolean roomy = g_strcmp0 (till_settings_get_text (settings, "density"), "comfortable") == 0;
  (roomy ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self), "comfortable");
}

TillWindow *
till_window_new (GtkApplication *application, TillContext *context)
{
  TillWindow *self = g_object_new (TILL_TYPE_WINDOW, "application", application, NULL);
  TillSettings *settings = till_context_get_settings (context);
  const char *start = till_settings_get_text (settings, "start-page");
  int width = 0, height = 0;
  gboolean maximized = FALSE, narrow = FALSE;

  self->context = g_object_ref (context);
  g_object_get (settings, "window-width", &width, "window-height", &height, "window-maximized", &maximized, "sidebar-narrow", &narrow, NULL);
  gtk_window_set_default_size (GTK_WINDOW (self), width > 0 ? width : 1280, height > 0 ? height : 720);
  if (maximized)
    gtk_window_maximize (GTK_WINDOW (self));
  till_global_search_set_context (self->search, context);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.first-run", till_session_may (till_context_get_session (context), TILL_PERMISSION_PLANT_EDIT));
  till_sidebar_fill (self->sidebar, till_context_get_session (context));
  g_object_set (self->sidebar, "narrow", narrow, NULL);
  g_signal_connect (context, "notify::online", G_CALLBACK (online_cb), self);
  g_signal_connect (till_context_get_feed (context), "changed", G_CALLBACK (feed_changed_cb), self);
  g_signal_connect (settings, "notify::density", G_CALLBACK (density_cb), self);
  density_cb (settings, NULL, self);
  show_operator (self);
  g_signal_connect (till_context_get_session (context), "notify::reconciling", G_CALLBACK (reconciling_cb), self);
  show_connection (self);
  show_restore (self);
  clock_cb (self);
  self->clock_source = g_timeout_add_seconds (1, clock_cb, self);
  badge_cb (self);
  till_window_show_page (self, start && till_page_registry_find (start) ? start : "overview", NULL);
  return self;
}

void
till_window_set_locked (TillWindow *self, gboolean locked)
{
  gtk_stack_set_visible_child_name (self->shade, locked ? "locked" : "work");
}

const char *
till_window_get_page_name (TillWindow *self)
{
  return gtk_stack_get_visible_child_name (self->pages);
}
