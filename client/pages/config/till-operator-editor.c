/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operator-editor.c: see till-operator-editor.h. The server checks who may give what; roles that one cannot give are told here before. */
#define G_LOG_DOMAIN "till-operator-editor"
#include "config.h"
#include <string.h>
#include <glib/gi18n.h>
#include "client/model/till-role.h"
#include "client/pages/config/till-operator-editor.h"
#include "client/pages/till-plant-form.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"

static const char *const kinds[] = { "person", "service", NULL };

static const TillEditField fields[] = {
  { "account", N_ ("Operator"), N_ ("User name, to sign in with"), TILL_EDIT_TEXT, TRUE, TRUE },
  { "name", N_ ("Operator"), N_ ("Full name"), TILL_EDIT_TEXT, TRUE },
  { "phone", N_ ("Operator"), N_ ("Phone"), TILL_EDIT_TEXT },
  { "kind", N_ ("Operator"), N_ ("Kind"), TILL_EDIT_CHOICE, TRUE, TRUE, "operator-kind", kinds },
  { "sale_limit", N_ ("Operator"), N_ ("Highest sale; empty: no limit"), TILL_EDIT_TEXT },
  { "roles", N_ ("Roles"), N_ ("What this operator may do"), TILL_EDIT_TICKS, TRUE },
  { "areas", N_ ("Areas"), N_ ("What this operator sees; none ticked: everything"), TILL_EDIT_TICK_IDS },
};

static const char *
member_text (JsonObject *object, const char *member)
{
  return json_object_get_string_member_with_default (object, member, NULL);
}

/* --- shown once --- */

static void
noted_cb (TillAskWindow *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
copy_cb (GtkButton *button, GtkLabel *secret)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), gtk_label_get_text (secret));
  gtk_button_set_label (button, _ ("Copied"));
}

static GtkWidget *
make_secret (const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *label = gtk_label_new (text), *copy = gtk_button_new_with_label (_ ("Copy"));

  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_CHAR);
  gtk_widget_add_css_class (label, "till-mono");
  gtk_widget_add_css_class (label, strlen (text) > 24 ? "title-4" : "title-2");
  gtk_widget_set_halign (copy, GTK_ALIGN_CENTER);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_cb), label, 0);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), copy);
  gtk_widget_set_margin_top (box, 6);
  return box;
}

static void
show_secret (TillPage *page, JsonObject *operator)
{
  const char *key = member_text (operator, "key"), *password = member_text (operator, "password");
  TillAsk ask = { .title = key != NULL ? _ ("Key") : _ ("One-time password"), .action = _ ("I have noted it"), .told = TRUE };
  TillAskWindow *window;

  if (key == NULL && password == NULL)
    return;
  ask.intro = key != NULL ? _ ("This key is shown now and never again. Put it into the other system; who has it can act as this operator.")
                          : _ ("This password is shown now and never again. It opens nothing but the choice of a password of one's own, within 72 hours.");
  window = till_ask_window_new (GTK_WIDGET (page), &ask);
  till_ask_window_add_fact (window, _ ("User name"), member_text (operator, "account"));
  till_ask_window_add_fact (window, _ ("Full name"), member_text (operator, "name"));
  till_ask_window_add_widget (window, make_secret (key != NULL ? key : password));
  g_signal_connect (window, "answered", G_CALLBACK (noted_cb), NULL);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- the form --- */

static void
describe_role (gpointer item, TillTick *ret, gpointer user_data)
{
  TillSession *session = user_data;
  const char *const *permissions = till_record_strv (item, "permissions");
  gboolean may = till_session_may (session, TILL_PERMISSION_ROLES_EDIT);

  ret->key = g_strdup (till_record_text (item, "name"));
  ret->label = g_strdup (till_format_wire ("role", ret->key));
  ret->detail = g_strdup (till_format_wire ("role-does", ret->key));
  if (g_str_equal (ret->detail, ret->key)) /* a role of this site's own */
    g_clear_pointer (&ret->detail, g_free);
  for (guint i = 0; !may && permissions != NULL && permissions[i] != NULL; i++)
    if (!till_session_may_word (session, permissions[i]) && ret->why_not == NULL)
      ret->why_not = g_strdup (_ ("may more than you"));
}

static void
describe_area (gpointer item, TillTick *ret, gpointer user_data)
{
  ret->key = g_strdup_printf ("%" G_GINT64_FORMAT, till_record_int (item, "id"));
  ret->label = g_strdup (till_record_text (item, "path"));
}

static void
prepare (TillEditorWindow *window, TillContext *context)
{
  TillRefLists *lists = till_context_get_ref_lists (context);

  till_editor_window_set_ticks (window, "roles", till_ref_lists_get (lists, TILL_REF_ROLES), describe_role, till_context_get_session (context));
  till_editor_window_set_ticks (window, "areas", till_ref_lists_get (lists, TILL_REF_AREAS), describe_area, NULL);
}

static void
saved (TillPage *page, JsonObject *operator)
{
  till_page_refresh (page);
  show_secret (page, operator);
}

static const TillPlantForm form = {
  TILL_PLANT_OPERATOR, N_ ("New operator"), N_ ("Operator"), N_ ("The operator is saved"), fields, G_N_ELEMENTS (fields), prepare, saved
};

void
till_operator_editor_new (TillPage *page)
{
  till_plant_form_new (page, &form, NULL);
}

void
till_operator_editor_edit (TillPage *page, gint64 id)
{
  till_plant_form_edit (page, &form, id);
}

/* --- off, on, another password --- */

typedef struct { TillPage *page; gint64 id, version; gboolean active; } Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_object_unref (order->page);
  g_free (order);
}

static TillAskWindow *
ask_about (TillPage *page, const TillAsk *ask, TillOperator *operator)
{
  TillAskWindow *window = till_ask_window_new (GTK_WIDGET (page), ask);
  Order *order = g_new0 (Order, 1);

  *order = (Order){ g_object_ref (page), till_record_int (operator, "id"), till_record_int (operator, "version"), till_record_int (operator, "active") != 0 };
  till_ask_window_add_fact (window, _ ("User name"), till_record_text (operator, "user"));
  till_ask_window_add_fact (window, _ ("Full name"), till_record_text (operator, "name"));
  g_object_set_data_full (G_OBJECT (window), "till-order", order, order_free);
  return window;
}

/* TRUE: taken, the window is gone. */
static gboolean
end_order (TillAskWindow *window, TillPage *page, JsonNode *node, const GError *error)
{
  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return FALSE;
    }
  till_page_refresh (page);
  gtk_window_destroy (GTK_WINDOW (window));
  return TRUE;
}

static void
switched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Order *order = g_object_get_data (G_OBJECT (window), "till-order");
  g_autoptr (TillPage) page = g_object_ref (order->page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);
  gboolean was_active = order->active;

  if (end_order (window, page, node, error))
    till_report_done (GTK_WIDGET (page), was_active ? _ ("The operator is switched off") : _ ("The operator may sign in again"));
}

static void
switch_cb (TillAskWindow *window, const char *answer, Order *order)
{
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  TillPlantEdit edit = { TILL_PLANT_OPERATOR, order->id, order->version, body };

  json_node_take_object (body, json_object_new ());
  json_object_set_boolean_member (json_node_get_object (body), "active", !order->active);
  till_plant_service_save_async (till_context_get_plant (till_page_get_context (order->page)), &edit, NULL, switched_cb, g_object_ref (window));
}

void
till_operator_editor_switch (TillPage *page, TillOperator *operator)
{
  gboolean active = till_record_int (operator, "active") != 0;
  TillAsk off = { .title = _ ("Switch an operator off"), .action = _ ("Switch off"), .destructive = TRUE,
                  .intro = _ ("Who is switched off is signed out at once and cannot sign in. Nothing is deleted; you can switch the operator on again.") };
  TillAsk on = { .title = _ ("Switch an operator on"), .action = _ ("Switch on"),
                 .intro = _ ("The operator may sign in again, with the same password, roles and areas.") };
  TillAskWindow *window = ask_about (page, active ? &off : &on, operator);

  g_signal_connect (window, "answered", G_CALLBACK (switch_cb), g_object_get_data (G_OBJECT (window), "till-order"));
  gtk_window_present (GTK_WINDOW (window));
}

static void
given_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  g_autoptr (TillPage) page = g_object_ref (((Order *) g_object_get_data (G_OBJECT (window), "till-order"))->page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_admin_service_reset_password_finish (TILL_ADMIN_SERVICE (source), result, &error);

  if (end_order (window, page, node, error) && JSON_NODE_HOLDS_OBJECT (node))
    show_secret (page, json_node_get_object (node));
}

static void
dropped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  g_autoptr (TillPage) page = g_object_ref (((Order *) g_object_get_data (G_OBJECT (window), "till-order"))->page);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_admin_service_totp_finish (TILL_ADMIN_SERVICE (source), result, &error);

  if (end_order (window, page, node, error))
    till_report_done (GTK_WIDGET (page), _ ("The second factor is taken away"));
}

static void
password_cb (TillAskWindow *window, const char *answer, Order *order)
{
  TillAdminService *admin = till_context_get_admin (till_page_get_context (order->page));

  if (g_str_equal (answer, "other"))
    {
      till_admin_service_drop_totp_async (admin, order->id, NULL, dropped_cb, g_object_ref (window));
      return;
    }
  till_admin_service_reset_password_async (admin, order->id, NULL, given_cb, g_object_ref (window));
}

void
till_operator_editor_password (TillPage *page, TillOperator *operator)
{
  gboolean service = g_strcmp0 (till_record_text (operator, "kind"), "service") == 0;
  TillAsk ask = { .title = service ? _ ("New key") : _ ("New password"), .action = service ? _ ("Make a new key") : _ ("Make a one-time password"),
                  .destructive = TRUE };
  TillAskWindow *window;

  ask.intro = service ? _ ("The old key is void at once. The new one is shown to you once.")
                      : _ ("The operator is signed out at once, the old password opens nothing any more. A one-time password is shown to you once.");
  if (till_record_int (operator, "totp") == 1) /* who lost the authenticator needs no other password */
    ask.other = _ ("Only take the second factor away");
  window = ask_about (page, &ask, operator);
  g_signal_connect (window, "answered", G_CALLBACK (password_cb), g_object_get_data (G_OBJECT (window), "till-order"));
  gtk_window_present (GTK_WINDOW (window));
}
