/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-defaults-view.c: see till-defaults-view.h. The server resolves what counts; here it is shown and explained. */
#define G_LOG_DOMAIN "till-defaults-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-default-editor.h"
#include "client/pages/config/till-defaults-view.h"
#include "client/widgets/till-area-tree.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"
#include "shared/api/till-enums.h"
#include "shared/api/till-paths.h"

struct _TillDefaultsView {
  TillPage      parent_instance;
  TillAreaTree *tree;
  TillStrip    *strip;
  GtkDropDown  *use_class;
  GtkLabel     *heading;
  GtkListBox   *list;
  AdwActionRow *hours;
  GtkWidget    *change, *inherit;
  JsonObject   *effective; /* NULL: not loaded */
  JsonArray    *protected; /* items of the protected hours */
  guint         asked;     /* the last question; older answers are dropped */
};

G_DEFINE_FINAL_TYPE (TillDefaultsView, till_defaults_view, TILL_TYPE_PAGE)

/* scale: how the value is said. */
typedef enum { TARIFF, AMOUNT, POWER, SECONDS } Scale;
static const struct { const char *member, *title; Scale scale; } members[] = {
  { "tariff", N_ ("Tariff"), TARIFF },
  { "alarm1", N_ ("Alarm 1"), AMOUNT },
  { "alarm2", N_ ("Alarm 2"), AMOUNT },
  { "overload_kw", N_ ("Overload limit"), POWER },
  { "overdraft", N_ ("Overdraft"), AMOUNT },
  { "hoard_limit", N_ ("Hoard limit"), AMOUNT },
  { "full_interval_s", N_ ("Reading interval"), SECONDS },
  { "status_interval_s", N_ ("Status interval of new gateways"), SECONDS },
};

/* --- the place that is chosen --- */

static const char *
chosen_class (TillDefaultsView *self)
{
  guint chosen = gtk_drop_down_get_selected (self->use_class);

  return chosen > 0 && chosen != GTK_INVALID_LIST_POSITION ? till_use_class_word ((TillUseClass) (chosen - 1)) : NULL;
}

static TillDefaultPlace
place_of (TillDefaultsView *self)
{
  TillArea *area = till_area_tree_get_selected (self->tree);

  return (TillDefaultPlace){ area != NULL ? till_record_int (area, "id") : 0, chosen_class (self),
                             area != NULL ? till_record_text (area, "path") : NULL, gtk_label_get_text (self->heading), self->effective };
}

static gboolean
may_edit (TillDefaultsView *self)
{
  TillContext *context = till_page_get_context (TILL_PAGE (self));

  return context != NULL && till_session_may (till_context_get_session (context), TILL_PERMISSION_DEFAULTS_EDIT);
}

/* --- one value --- */

static char *
value_text (JsonObject *values, guint i)
{
  JsonNode *node = values != NULL ? json_object_get_member (values, members[i].member) : NULL;
  gint64 amount;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  switch (members[i].scale)
    {
    case TARIFF: return g_strdup (json_object_get_string_member_with_default (values, "tariff_name", TILL_DASH));
    case SECONDS: return till_format_age (json_node_get_int (node));
    case AMOUNT:
    case POWER:
    default:
      if (!till_money_parse (json_node_get_string (node), &amount, NULL))
        return NULL;
      if (members[i].scale == AMOUNT)
        return till_format_money (amount);
      return amount == 0 ? g_strdup (C_ ("limit", "off")) : g_strdup_printf ("%s kW", json_node_get_string (node));
    }
}

/* What holds where nothing is said: of the site's own record, or of every new meter. */
static char *
otherwise_text (TillDefaultsView *self, guint i)
{
  JsonNode *node = json_object_get_member (self->effective, "otherwise");
  JsonObject *otherwise = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

  if (members[i].scale == TARIFF)
    return g_strdup (_ ("none"));
  return value_text (otherwise, i);
}

static char *
changed_text (JsonObject *origin)
{
  const char *who = json_object_get_string_member_with_default (origin, "changed_by", NULL), *at = json_object_get_string_member (origin, "changed_at");
  TillTime time;
  g_autofree char *when = at != NULL && till_time_parse (at, &time, NULL) ? till_format_time (time) : g_strdup (TILL_DASH);

  return g_strdup_printf (_ ("changed by %s, %s"), who != NULL ? who : _ ("the server"), when);
}

static char *
origin_text (TillDefaultsView *self, guint i)
{
  TillDefaultPlace place = place_of (self);
  JsonNode *node = json_object_get_member (self->effective, "origins");
  JsonObject *origins = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL, *origin;
  g_autofree char *changed = NULL, *from = NULL;

  if (origins == NULL || !json_object_has_member (origins, members[i].member))
    {
      gboolean of_site = members[i].scale == SECONDS || g_str_equal (members[i].member, "hoard_limit");

      return g_strdup (of_site ? _ ("Nothing is said: as the site is set") : _ ("Nothing is said: as every new meter has it"));
    }
  origin = json_object_get_object_member (origins, members[i].member);
  changed = changed_text (origin);
  if (till_default_editor_is_said (&place, members[i].member))
    return g_strdup_printf (_ ("Said here · %s"), changed);
  from = till_default_editor_dup_place (json_object_get_string_member_with_default (origin, "room", NULL),
                                        json_object_get_string_member_with_default (origin, "class", NULL));
  return g_strdup_printf (_ ("Inherited from %s · %s"), from, changed);
}

static void
inherit_one_cb (GtkButton *button, TillDefaultsView *self)
{
  TillDefaultPlace place = place_of (self);

  till_default_editor_inherit (TILL_PAGE (self), &place, g_object_get_data (G_OBJECT (button), "till-member"));
}

static GtkWidget *
make_row (TillDefaultsView *self, guint i)
{
  TillDefaultPlace place = place_of (self);
  GtkWidget *row = adw_action_row_new (), *value;
  g_autofree char *said = value_text (self->effective, i), *origin = origin_text (self, i), *otherwise = otherwise_text (self, i);
  const char *text = said != NULL ? said : otherwise;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (members[i].title));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), origin);
  value = gtk_label_new (text != NULL ? text : TILL_DASH);
  gtk_label_set_width_chars (GTK_LABEL (value), 14); /* the buttons stand below each other */
  gtk_label_set_xalign (GTK_LABEL (value), 1);
  if (said == NULL || till_default_editor_is_said (&place, members[i].member))
    gtk_widget_add_css_class (value, said != NULL ? "till-strong" : "till-secondary");
  gtk_widget_add_css_class (value, "numeric");
  if (may_edit (self) && till_default_editor_is_said (&place, members[i].member))
    {
      g_autofree char *name = g_strdup_printf ("%s · %s", _ ("Take back"), _ (members[i].title));

      GtkWidget *button = gtk_button_new_with_label (_ ("Take back"));

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, _ ("What is said above, or nothing, counts again"));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      g_object_set_data (G_OBJECT (button), "till-member", (gpointer) members[i].member);
      g_signal_connect_object (button, "clicked", G_CALLBACK (inherit_one_cb), self, 0);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), value);
  return row;
}

/* --- all of them --- */

/* "22:00–06:00, 12:00–13:00" of those that hold for the class. */
static char *
hours_text (TillDefaultsView *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; self->protected != NULL && i < json_array_get_length (self->protected); i++)
    {
      JsonObject *one = json_array_get_object_element (self->protected, i);
      const char *word = json_object_get_string_member_with_default (one, "use_class", NULL);

      const char *from = json_object_get_string_member_with_default (one, "from", ""), *to = json_object_get_string_member_with_default (one, "to", "");

      if (word == NULL || g_strcmp0 (word, chosen_class (self)) == 0)
        g_string_append_printf (text, "%s%s–%s", text->len > 0 ? ", " : "", from, to);
    }
  if (text->len == 0)
    g_string_append (text, _ ("none: who is in arrears can be cut off at any time"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
show (TillDefaultsView *self)
{
  TillArea *area = till_area_tree_get_selected (self->tree);
  g_autofree char *text = till_default_editor_dup_place (area != NULL ? till_record_text (area, "path") : NULL, chosen_class (self));
  g_autofree char *hours = hours_text (self);
  JsonNode *here = self->effective != NULL ? json_object_get_member (self->effective, "here") : NULL;
  GtkWidget *child;

  gtk_label_set_text (self->heading, text);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; self->effective != NULL && i < G_N_ELEMENTS (members); i++)
    if (chosen_class (self) == NULL || !g_str_equal (members[i].member, "status_interval_s")) /* a gateway has no class */
      gtk_list_box_append (self->list, make_row (self, i));
  adw_action_row_set_subtitle (self->hours, hours);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->hours)), self->effective != NULL);
  gtk_widget_set_sensitive (self->change, self->effective != NULL && may_edit (self));
  gtk_widget_set_sensitive (self->inherit, here != NULL && JSON_NODE_HOLDS_OBJECT (here) && may_edit (self));
}

typedef struct { TillDefaultsView *self; guint asked; } Question;

static void
effective_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (TillDefaultsView) self = question->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (question->asked != self->asked || till_api_error_is_cancelled (error))
    return;
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      till_strip_hide (self->strip);
      self->effective = json_object_ref (json_node_get_object (node));
    }
  else
    {
      g_autofree char *text = till_api_error_describe (error);

      till_strip_show (self->strip, TILL_STRIP_ERROR, text, _ ("Retry"));
    }
  show (self);
}

/* What stands there for another place is gone at once: nobody shall take it for this one's. */
static void
ask (TillDefaultsView *self)
{
  TillContext *context = till_page_get_context (TILL_PAGE (self));
  TillMeterPlace place = { MAX (till_area_tree_get_selected_id (self->tree), 0), chosen_class (self) };
  Question *question;

  if (context == NULL)
    return;
  g_clear_pointer (&self->effective, json_object_unref);
  question = g_new0 (Question, 1);
  question->self = g_object_ref (self);
  question->asked = ++self->asked;
  till_plant_service_defaults_for_async (till_context_get_plant (context), &place, till_page_get_cancellable (TILL_PAGE (self)), effective_cb, question);
}

static void
chosen_cb (TillDefaultsView *self)
{
  ask (self);
  show (self);
}

static void
hours_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillDefaultsView) self = user_data;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, NULL);
  JsonNode *items = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), "items") : NULL;

  if (items == NULL || !JSON_NODE_HOLDS_ARRAY (items)) /* the page of the hours says why */
    return;
  g_clear_pointer (&self->protected, json_array_unref);
  self->protected = json_array_ref (json_node_get_array (items));
  show (self);
}

static void
refresh (TillPage *page)
{
  TillDefaultsView *self = TILL_DEFAULTS_VIEW (page);

  ask (self);
  till_plant_service_hours_async (till_context_get_plant (till_page_get_context (page)), NULL, till_page_get_cancellable (page), hours_cb,
                                  g_object_ref (self));
}

static void
load (TillPage *page)
{
  TillDefaultsView *self = TILL_DEFAULTS_VIEW (page);
  TillRefLists *lists = till_context_get_ref_lists (till_page_get_context (page));

  till_area_tree_set_areas (self->tree, till_ref_lists_get (lists, TILL_REF_AREAS));
  till_ref_lists_get (lists, TILL_REF_TARIFFS); /* on its way before the form asks for it */
  show (self);
  refresh (page);
}

/* --- actions --- */

static void
change_cb (TillDefaultsView *self)
{
  TillDefaultPlace place = place_of (self);

  if (self->effective != NULL)
    till_default_editor_edit (TILL_PAGE (self), &place);
}

static void
inherit_cb (TillDefaultsView *self)
{
  TillDefaultPlace place = place_of (self);

  if (self->effective != NULL)
    till_default_editor_inherit_all (TILL_PAGE (self), &place);
}

static void
edit_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (gtk_widget_is_sensitive (TILL_DEFAULTS_VIEW (widget)->change))
    change_cb (TILL_DEFAULTS_VIEW (widget));
}

static void
go_to_hours_cb (TillDefaultsView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "(ss)", "config", "hours");
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  ret_export->path = TILL_PATH_DEFAULTS;
  *ret_name = _ ("default parameters");
  return TRUE;
}

/* --- building --- */

static void
till_defaults_view_dispose (GObject *object)
{
  TillDefaultsView *self = TILL_DEFAULTS_VIEW (object);

  g_clear_pointer (&self->effective, json_object_unref);
  g_clear_pointer (&self->protected, json_array_unref);
  G_OBJECT_CLASS (till_defaults_view_parent_class)->dispose (object);
}

static void
till_defaults_view_class_init (TillDefaultsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_defaults_view_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  TILL_PAGE_CLASS (klass)->refresh = refresh;
  TILL_PAGE_CLASS (klass)->get_export = get_export;
  gtk_widget_class_install_action (widget_class, "defaults.edit", NULL, edit_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "defaults.edit", NULL);
}

static GtkWidget *
make_bar (TillDefaultsView *self)
{
  g_autoptr (GtkStringList) classes = gtk_string_list_new (NULL);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_string_list_append (classes, _ ("Every class"));
  for (TillUseClass i = TILL_USE_CLASS_DORMITORY; i <= TILL_USE_CLASS_OTHER; i++)
    gtk_string_list_append (classes, till_format_wire ("use-class", till_use_class_word (i)));
  self->use_class = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&classes)), NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->use_class), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Class of use"), -1);
  self->heading = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->heading, 0);
  gtk_label_set_ellipsize (self->heading, PANGO_ELLIPSIZE_START);
  gtk_widget_set_hexpand (GTK_WIDGET (self->heading), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->heading), "till-strong");
  self->change = gtk_button_new_with_label (_ ("Change…"));
  gtk_widget_set_tooltip_text (self->change, "F2");
  self->inherit = gtk_button_new_with_label (_ ("Take everything back…"));
  gtk_widget_add_css_class (bar, "till-toolbar");
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->use_class));
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->heading));
  gtk_box_append (GTK_BOX (bar), self->change);
  gtk_box_append (GTK_BOX (bar), self->inherit);
  g_signal_connect_object (self->use_class, "notify::selected", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->change, "clicked", G_CALLBACK (change_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->inherit, "clicked", G_CALLBACK (inherit_cb), self, G_CONNECT_SWAPPED);
  return bar;
}

static GtkListBox *
make_list (GtkWidget *box)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_box_append (GTK_BOX (box), list);
  return GTK_LIST_BOX (list);
}

static GtkWidget *
make_content (TillDefaultsView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *clamp = adw_clamp_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *intro = gtk_label_new (_ ("What new meters and gateways begin with, and meters when an account is opened on them; a given value always wins. "
                                       "Meters that are there stay as they are. Alarms, overdraft and hoard limit are kWh where the meter counts energy."));
  GtkWidget *go = gtk_button_new_with_label (_ ("Show"));
  GtkListBox *hours;

  gtk_label_set_xalign (GTK_LABEL (intro), 0);
  gtk_label_set_wrap (GTK_LABEL (intro), TRUE);
  gtk_widget_add_css_class (intro, "till-secondary");
  gtk_box_append (GTK_BOX (box), intro);
  self->list = make_list (box);
  hours = make_list (box);
  self->hours = ADW_ACTION_ROW (adw_action_row_new ());
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->hours), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->hours), _ ("Protected hours"));
  gtk_widget_set_valign (go, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (self->hours, go);
  gtk_list_box_append (hours, GTK_WIDGET (self->hours));
  g_signal_connect_object (go, "clicked", G_CALLBACK (go_to_hours_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 16);
  gtk_widget_set_margin_start (box, 16);
  gtk_widget_set_margin_end (box, 16);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 860);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
till_defaults_view_init (TillDefaultsView *self)
{
  GtkWidget *pane = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL), *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->tree = TILL_AREA_TREE (till_area_tree_new ());
  g_object_set (self->tree, "all-title", _ ("Whole site"), NULL);
  gtk_widget_set_vexpand (GTK_WIDGET (self->tree), TRUE);
  gtk_widget_set_size_request (side, 220, -1);
  gtk_widget_add_css_class (side, "till-sidebar");
  gtk_box_append (GTK_BOX (side), GTK_WIDGET (self->tree));
  self->strip = TILL_STRIP (till_strip_new ());
  gtk_box_append (GTK_BOX (right), make_bar (self));
  gtk_box_append (GTK_BOX (right), GTK_WIDGET (self->strip));
  gtk_box_append (GTK_BOX (right), make_content (self));
  gtk_paned_set_start_child (GTK_PANED (pane), side);
  gtk_paned_set_end_child (GTK_PANED (pane), right);
  gtk_paned_set_position (GTK_PANED (pane), 280);
  gtk_paned_set_resize_start_child (GTK_PANED (pane), FALSE);
  gtk_paned_set_shrink_start_child (GTK_PANED (pane), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (pane), FALSE);
  adw_bin_set_child (ADW_BIN (self), pane);
  g_signal_connect_object (self->tree, "notify::selected-id", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "clicked", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
}
