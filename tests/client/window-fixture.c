/* SPDX-License-Identifier: GPL-2.0-or-later
 * window-fixture.c: see window-fixture.h. Keys go through the shortcut controllers: a test display has no window manager that gives
 * the focus of the keyboard. */
#include "config.h"
#include "tests/client/window-fixture.h"
#include "client/app/till-application.h"
#include "client/widgets/till-format.h"
#include "tests/lib/test-main.h"

typedef struct { gpointer root; const char *text; gboolean wanted; } TextWait;
typedef struct { TillFakeServer *server; const char *method, *path; guint count; } CountWait;

static TillApplication *application; /* keeps resources and style for the whole program */

void
window_fixture_init (int *argc, char ***argv)
{
  g_setenv ("ADW_DISABLE_PORTAL", "1", FALSE);
  till_application_prepare ();
  till_test_init (argc, argv);
  adw_init ();
  application = till_application_new ();
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

void
window_fixture_set_up (WindowFixture *f, gconstpointer permissions)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  TillCredentials credentials = { "cashier", "secret-secret", NULL };
  TillSession *session;

  f->server = till_fake_server_new (NULL);
  campus_fill (f->server, permissions != NULL ? permissions : CASHIER);
  f->context = till_context_new (NULL, NULL);
  till_api_set_plain_base (till_context_get_api (f->context), till_fake_server_get_base (f->server));
  session = till_context_get_session (f->context);
  till_session_sign_in_async (session, &credentials, NULL, till_fake_done_cb, &result);
  till_fake_await_result (&result);
  g_assert_true (till_session_sign_in_finish (session, result, &error));
  g_assert_no_error (error);
  till_format_set_zone (till_session_get_zone (session));
  f->window = till_window_new (NULL, f->context);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1366, 768);
  gtk_window_present (GTK_WINDOW (f->window));
}

TillPage *
window_fixture_show (WindowFixture *f, const char *page, const char *target)
{
  gtk_widget_activate_action (GTK_WIDGET (f->window), "win.show-page", "(ss)", page, target != NULL ? target : "");
  g_assert_cmpstr (till_window_get_page_name (f->window), ==, page);
  return till_window_get_page (f->window, page);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

void
window_destroy_and_await (gpointer window)
{
  gpointer gone = window;

  g_object_add_weak_pointer (G_OBJECT (window), &gone);
  gtk_window_destroy (GTK_WINDOW (window));
  till_fake_await (is_null, &gone, "the window is finalized");
}

void
window_fixture_close (WindowFixture *f, const char *name)
{
  gpointer page = till_window_get_page (f->window, name);

  g_object_add_weak_pointer (G_OBJECT (page), &page);
  window_destroy_and_await (g_steal_pointer (&f->window));
  till_fake_await (is_null, &page, "the page is finalized");
}

void
window_fixture_tear_down (WindowFixture *f, gconstpointer data)
{
  if (f->window != NULL)
    window_destroy_and_await (g_steal_pointer (&f->window));
  g_object_unref (f->context);
  till_fake_server_free (f->server);
}

gpointer
window_find_type (gpointer root, GType type)
{
  gpointer found = NULL;

  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = window_find_type (child, type);
  return found;
}

static gpointer
find_id (GtkWidget *root, const char *id)
{
  gpointer found = NULL;

  if (g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (root)), id) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_id (child, id);
  return found;
}

gpointer
window_find_id (gpointer root, const char *id)
{
  gpointer found = find_id (root, id);

  if (found == NULL)
    g_error ("%s has no child %s", G_OBJECT_TYPE_NAME (root), id);
  return found;
}

GtkWindow *
window_find_toplevel (GType type)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (g_type_is_a (G_OBJECT_TYPE (window), type))
        return window;
    }
  return NULL;
}

static gboolean
is_there (gpointer data)
{
  return window_find_toplevel (*(GType *) data) != NULL;
}

gpointer
window_await_toplevel (GType type)
{
  till_fake_await (is_there, &type, g_type_name (type));
  return window_find_toplevel (type);
}

static GtkWidget *
find_row (GtkWidget *root, const char *title)
{
  GtkWidget *found = NULL;

  if (ADW_IS_PREFERENCES_ROW (root) && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_row (child, title);
  return found;
}

GtkWidget *
window_find_row (gpointer root, const char *title)
{
  GtkWidget *row = find_row (root, title);

  if (row == NULL)
    g_error ("there is no row %s", title);
  return row;
}

/* The label with that text, or NULL. */
static GtkWidget *
find_text (GtkWidget *root, const char *wanted)
{
  const char *text = GTK_IS_LABEL (root)         ? gtk_label_get_text (GTK_LABEL (root))
                     : GTK_IS_INSCRIPTION (root) ? gtk_inscription_get_text (GTK_INSCRIPTION (root))
                                                 : NULL;
  GtkWidget *found = NULL;

  if (text != NULL && strstr (text, wanted) != NULL && gtk_widget_get_mapped (root))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    found = find_text (child, wanted);
  return found;
}

gboolean
window_shows (gpointer root, const char *text)
{
  return find_text (root, text) != NULL;
}

static gboolean
text_is_so (gpointer data)
{
  TextWait *wait = data;
  return window_shows (wait->root, wait->text) == wait->wanted;
}

void
window_await_text (gpointer root, const char *text)
{
  TextWait wait = { root, text, TRUE };
  till_fake_await (text_is_so, &wait, text);
}

void
window_await_no_text (gpointer root, const char *text)
{
  TextWait wait = { root, text, FALSE };
  till_fake_await (text_is_so, &wait, text);
}

GtkWidget *
window_find_button (gpointer root, const char *label)
{
  GtkWidget *button;

  window_await_text (root, label);
  button = gtk_widget_get_ancestor (find_text (root, label), GTK_TYPE_BUTTON);
  if (button == NULL)
    g_error ("\"%s\" is no button", label);
  return button;
}

void
window_click (gpointer root, const char *label)
{
  GtkWidget *button = window_find_button (root, label);

  if (!gtk_widget_is_sensitive (button))
    g_error ("\"%s\" cannot be clicked", label);
  g_signal_emit_by_name (button, "clicked");
}

/* One shortcut controller: the action of that key, if it has one that is done. */
static gboolean
try_shortcuts (GListModel *shortcuts, GtkWidget *widget, guint key, GdkModifierType modifiers)
{
  for (guint i = 0; i < g_list_model_get_n_items (shortcuts); i++)
    {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (shortcuts, i);
      GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

      if (GTK_IS_KEYVAL_TRIGGER (trigger) && gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) == key &&
          gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger)) == modifiers &&
          gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), GTK_SHORTCUT_ACTION_EXCLUSIVE, widget, gtk_shortcut_get_arguments (shortcut)))
        return TRUE;
    }
  return FALSE;
}

/* A widget with its key controllers, as GTK asks them on the way up. */
static gboolean
try_widget (GtkWidget *widget, guint key, GdkModifierType modifiers)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean done = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !done; i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_SHORTCUT_CONTROLLER (controller))
        done = try_shortcuts (G_LIST_MODEL (controller), widget, key, modifiers);
      else if (GTK_IS_EVENT_CONTROLLER_KEY (controller))
        g_signal_emit_by_name (controller, "key-pressed", key, 0, modifiers, &done);
    }
  return done;
}

void
window_press (gpointer window, guint key, GdkModifierType modifiers)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window));
  g_autofree char *name = gtk_accelerator_name (key, modifiers);

  for (GtkWidget *at = focus != NULL ? focus : GTK_WIDGET (window); at != NULL; at = gtk_widget_get_parent (at))
    if (gtk_widget_is_sensitive (at) && try_widget (at, key, modifiers))
      return;
  g_error ("nobody takes the key %s; the focus is in %s", name, focus != NULL ? G_OBJECT_TYPE_NAME (focus) : "nothing");
}

void
window_type (gpointer window, const char *text)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window));
  int at = -1;

  if (!GTK_IS_TEXT (focus))
    g_error ("typing goes to %s", focus != NULL ? G_OBJECT_TYPE_NAME (focus) : "nothing");
  gtk_editable_delete_selection (GTK_EDITABLE (focus));
  gtk_editable_insert_text (GTK_EDITABLE (focus), text, -1, &at);
}

static gboolean
count_is_reached (gpointer data)
{
  CountWait *wait = data;
  return till_fake_server_count (wait->server, wait->method, wait->path) >= wait->count;
}

void
window_await_count (TillFakeServer *server, const char *method, const char *path, guint count)
{
  CountWait wait = { server, method, path, count };
  g_autofree char *what = g_strdup_printf ("%s %s for the %uth time", method, path, count);

  till_fake_await (count_is_reached, &wait, what);
}

static gboolean
is_over (gpointer data)
{
  return g_get_monotonic_time () > *(gint64 *) data;
}

void
window_look (gpointer widget, const char *name)
{
  const char *dir = g_getenv ("GRIDTILL_LOOK");
  GtkNative *native = gtk_widget_get_native (widget);
  g_autofree char *path = g_strdup_printf ("%s/%s.png", dir, name);
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  int width = 0, height = 0;

  for (guint i = 0; dir != NULL && i < 10 && node == NULL; i++) /* nothing to see while a new size waits for its frame */
    {
      g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (native));
      g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
      gint64 until = g_get_monotonic_time () + 700000;

      till_fake_await (is_over, &until, "the picture");
      width = gdk_paintable_get_intrinsic_width (paintable);
      height = gdk_paintable_get_intrinsic_height (paintable);
      gdk_paintable_snapshot (paintable, snapshot, width, height);
      node = gtk_snapshot_to_node (snapshot);
    }
  if (node == NULL)
    return;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (native), node, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  gdk_texture_save_to_png (texture, path);
}
