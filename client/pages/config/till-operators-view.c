/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operators-view.c: see till-operators-view.h. */
#define G_LOG_DOMAIN "till-operators-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-operator-editor.h"
#include "client/pages/config/till-operators-view.h"
#include "shared/api/till-paths.h"

struct _TillOperatorsView {
  TillListPage parent_instance;
  GtkDropDown *active;
  GtkButton   *switch_button;
};

G_DEFINE_FINAL_TYPE (TillOperatorsView, till_operators_view, TILL_TYPE_LIST_PAGE)

static void
load (TillPage *page)
{
  TillRefLists *lists = till_context_get_ref_lists (till_page_get_context (page));

  TILL_PAGE_CLASS (till_operators_view_parent_class)->load (page);
  till_ref_lists_get (lists, TILL_REF_AREAS); /* on their way before the form asks for them */
  till_ref_lists_get (lists, TILL_REF_ROLES);
}

static void
open_target (TillPage *page, const char *target)
{
  if (g_str_equal (target, "new"))
    gtk_widget_activate_action (GTK_WIDGET (page), "operators.new", NULL);
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  static const char *const words[] = { NULL, "true", "false" };
  guint chosen = gtk_drop_down_get_selected (TILL_OPERATORS_VIEW (page)->active);

  till_query_set_filter (query, "active", chosen < G_N_ELEMENTS (words) ? words[chosen] : NULL);
}

static void
clear_filters (TillListPage *page)
{
  gtk_drop_down_set_selected (TILL_OPERATORS_VIEW (page)->active, 0);
}

/* Oneself is changed by somebody else; the own password has its own place. */
static void
selected (TillListPage *page, gpointer operator)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));
  gboolean edit = till_session_may (session, TILL_PERMISSION_OPERATORS_EDIT);
  gboolean other = operator != NULL && till_record_int (operator, "id") != till_session_get_operator_id (session);
  gboolean active = operator == NULL || till_record_int (operator, "active") != 0;

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "operators.new", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "operators.edit", edit && operator != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "operators.switch", edit && other);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "operators.password", edit && other && active);
  gtk_button_set_label (TILL_OPERATORS_VIEW (page)->switch_button, active ? _ ("Switch off…") : _ ("Switch on…"));
}

static void
activated (TillListPage *page, gpointer operator)
{
  till_operator_editor_edit (TILL_PAGE (page), till_record_int (operator, "id"));
}

static void
operator_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer operator = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (g_str_equal (name, "operators.new"))
    till_operator_editor_new (TILL_PAGE (widget));
  else if (operator != NULL && g_str_equal (name, "operators.edit"))
    till_operator_editor_edit (TILL_PAGE (widget), till_record_int (operator, "id"));
  else if (operator != NULL && g_str_equal (name, "operators.switch"))
    till_operator_editor_switch (TILL_PAGE (widget), operator);
  else if (operator != NULL)
    till_operator_editor_password (TILL_PAGE (widget), operator);
}

static void
till_operators_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_OPERATORS_VIEW);
  G_OBJECT_CLASS (till_operators_view_parent_class)->dispose (object);
}

static void
till_operators_view_class_init (TillOperatorsViewClass *klass)
{
  static const char *const actions[] = { "operators.new", "operators.edit", "operators.switch", "operators.password" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_operators_view_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  TILL_PAGE_CLASS (klass)->open_target = open_target;
  list_class->path = TILL_PATH_OPERATORS;
  list_class->get_record_type = till_operator_get_type;
  list_class->sort = "account";
  list_class->export_name = N_ ("operators");
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->activated = activated;
  list_class->selected = selected;
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i], NULL, operator_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "operators.new", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "operators.edit", NULL);
  g_type_ensure (TILL_TYPE_OPERATOR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-operators-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillOperatorsView, active);
  gtk_widget_class_bind_template_child (widget_class, TillOperatorsView, switch_button);
}

static void
till_operators_view_init (TillOperatorsView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
