/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-global-search.c: three short queries at once, answers grouped. Opens through win.show-page only. */
#define G_LOG_DOMAIN "till-global-search"
#include "config.h"
#include "client/app/till-global-search.h"
#include <glib/gi18n.h>
#include "client/app/till-page-registry.h"
#include "client/model/till-customer.h"
#include "client/model/till-meter.h"
#include "client/model/till-sale.h"
#include "client/widgets/till-format.h"
#include "shared/api/till-paths.h"

#define HITS 5

struct _TillGlobalSearch
{
  GtkWidget parent_instance;
  TillContext *context;
  GtkWidget *entry, *popover;
  GtkListBox *list;
  GtkLabel *nothing;
  GCancellable *cancellable;
  guint waiting;
};

/* One kind of hit: where it is asked, what its row says, which page opens it. */
typedef struct {
  const char *path, *group, *page, *permission;
  GType (*get_type) (void);
  const char *fields[4];
} Kind;

static const Kind kinds[] = {
  { TILL_PATH_METERS, N_ ("Meters"), "meters", "meters.view", till_meter_get_type, { "code", "room", "customer-name", "balance" } },
  { TILL_PATH_CUSTOMERS, N_ ("Customers"), "customers", "meters.view", till_customer_get_type, { "name", "code", "room", "kind" } },
  { TILL_PATH_SALES, N_ ("Receipts"), "sales", "sales.view", till_sale_get_type, { "number", "customer-name", "room", "amount" } },
};

typedef struct { TillGlobalSearch *self; const Kind *kind; } Asked;

G_DEFINE_FINAL_TYPE (TillGlobalSearch, till_global_search, GTK_TYPE_WIDGET)

static void
clear (TillGlobalSearch *self)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)))
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
}

static void
close_popover (TillGlobalSearch *self)
{
  g_cancellable_cancel (self->cancellable);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
open_row (TillGlobalSearch *self, GtkListBoxRow *row, gboolean sell)
{
  const Kind *kind;
  g_autofree char *target = NULL, *page = NULL;

  if (row == NULL)
    return;
  kind = g_object_get_data (G_OBJECT (row), "till-kind");
  target = g_strdup (g_object_get_data (G_OBJECT (row), "till-target"));
  page = g_strdup (sell && kind == &kinds[0] ? "sales" : kind->page);
  if (sell && kind == &kinds[0])
    {
      g_autofree char *id = g_steal_pointer (&target);
      target = g_strconcat ("meter:", id, NULL);
    }
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  close_popover (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "(ss)", page, target);
}

static void
row_activated_cb (GtkListBox *list, GtkListBoxRow *row, TillGlobalSearch *self)
{
  open_row (self, row, FALSE);
}

static void
add_hit (TillGlobalSearch *self, const Kind *kind, TillRecord *record)
{
  GtkWidget *row = gtk_list_box_row_new (), *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 16);
  for (int i = 0; i < 4; i++)
    {
      const TillField *field = till_record_type_find_field (kind->get_type (), kind->fields[i]);
      g_autofree char *text = field ? till_format_field (record, field) : g_strdup ("");
      GtkWidget *label = gtk_label_new (text);

      gtk_label_set_xalign (GTK_LABEL (label), i == 3 ? 1 : 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_label_set_width_chars (GTK_LABEL (label), i == 3 ? 10 : 14);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 14);
      gtk_widget_set_hexpand (label, i == 2);
      gtk_widget_add_css_class (label, i == 0 ? "till-strong" : "numeric");
      gtk_grid_attach (GTK_GRID (grid), label, i, 0, 1, 1);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), grid);
  g_object_set_data (G_OBJECT (row), "till-kind", (gpointer) kind);
  g_object_set_data_full (G_OBJECT (row), "till-target", g_strdup (till_record_key (record)), g_free);
  gtk_list_box_append (self->list, row);
}

static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  const Kind *kind = g_object_get_data (G_OBJECT (row), "till-kind");
  GtkWidget *label;

  if (before && g_object_get_data (G_OBJECT (before), "till-kind") == kind)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  label = gtk_label_new (_ (kind->group));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "till-secondary");
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_start (label, 8);
  gtk_list_box_row_set_header (row, label);
}

static int
sort_cb (GtkListBoxRow *a, GtkListBoxRow *b, gpointer user_data)
{
  const Kind *x = g_object_get_data (G_OBJECT (a), "till-kind"), *y = g_object_get_data (G_OBJECT (b), "till-kind");
  return x < y ? -1 : x > y;
}

static void
answer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (TillGlobalSearch) self = asked->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_api_call_finish (TILL_API (source), result, &error);
  JsonObject *object;
  JsonArray *items;

  if (node == NULL && till_api_error_is_cancelled (error))
    return;
  self->waiting--;
  object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  items = object && json_object_has_member (object, "items") && JSON_NODE_HOLDS_ARRAY (json_object_get_member (object, "items"))
            ? json_object_get_array_member (object, "items") : NULL;
  for (guint i = 0; items && i < json_array_get_length (items) && i < HITS; i++)
    {
      g_autoptr (TillRecord) record = till_record_new_from_json (asked->kind->get_type (), json_array_get_element (items, i), NULL);
      if (record)
        add_hit (self, asked->kind, record);
    }
  gtk_label_set_text (self->nothing, node == NULL ? till_api_error_sentence (error) : _ ("Nothing matches"));
  gtk_widget_set_visible (GTK_WIDGET (self->nothing), self->waiting == 0 && gtk_list_box_get_row_at_index (self->list, 0) == NULL);
  if (gtk_list_box_get_selected_row (self->list) == NULL)
    gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));
}

static void
ask (TillGlobalSearch *self, const char *text)
{
  g_autofree char *escaped = g_uri_escape_string (text, NULL, FALSE), *query = g_strdup_printf ("q=%s&limit=%d", escaped, HITS);

  clear (self);
  self->waiting = 0;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (till_page_registry_find (kinds[i].page) && till_session_may_word (till_context_get_session (self->context), kinds[i].permission))
      {
        TillCall call = { .path = kinds[i].path, .query = query };
        Asked *asked = g_new0 (Asked, 1);

        *asked = (Asked){ g_object_ref (self), &kinds[i] };
        self->waiting++;
        till_api_call_async (till_context_get_api (self->context), &call, self->cancellable, answer_cb, asked);
      }
  gtk_widget_set_visible (GTK_WIDGET (self->nothing), FALSE);
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static void
search_changed_cb (GtkSearchEntry *entry, TillGlobalSearch *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  glong n = g_utf8_strlen (text, -1);

  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (n >= 2 || (n == 1 && g_utf8_get_char (text) >= 0x2e80)) /* one Han letter is a word */
    ask (self, text);
  else
    gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static gboolean
key_pressed_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType modifiers, TillGlobalSearch *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  int at = row ? gtk_list_box_row_get_index (row) : -1;

  if (!gtk_widget_get_visible (self->popover))
    return FALSE;
  if (key == GDK_KEY_Down || key == GDK_KEY_Up)
    row = gtk_list_box_get_row_at_index (self->list, MAX (at + (key == GDK_KEY_Down ? 1 : -1), 0));
  else if (key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_F8)
    {
      open_row (self, row, key == GDK_KEY_F8 || modifiers & GDK_CONTROL_MASK);
      return TRUE;
    }
  else
    return FALSE;
  if (row)
    gtk_list_box_select_row (self->list, row);
  return TRUE;
}

static void
stop_cb (GtkSearchEntry *entry, TillGlobalSearch *self)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  close_popover (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-page", NULL);
}

static gboolean
till_global_search_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (TILL_GLOBAL_SEARCH (widget)->entry);
}

static void
till_global_search_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TillGlobalSearch *self = TILL_GLOBAL_SEARCH (widget);

  gtk_widget_allocate (self->entry, width, height, baseline, NULL);
  gtk_widget_set_size_request (self->popover, width, -1);
  gtk_popover_present (GTK_POPOVER (self->popover));
}

static void
till_global_search_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  gtk_widget_measure (TILL_GLOBAL_SEARCH (widget)->entry, orientation, for_size, minimum, natural, minimum_baseline, natural_baseline);
}

static void
till_global_search_dispose (GObject *object)
{
  TillGlobalSearch *self = TILL_GLOBAL_SEARCH (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->entry, gtk_widget_unparent);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_global_search_parent_class)->dispose (object);
}

static void
till_global_search_finalize (GObject *object)
{
  g_object_unref (TILL_GLOBAL_SEARCH (object)->cancellable);
  G_OBJECT_CLASS (till_global_search_parent_class)->finalize (object);
}

static void
till_global_search_class_init (TillGlobalSearchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_global_search_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_global_search_finalize;
  widget_class->grab_focus = till_global_search_grab_focus;
  widget_class->size_allocate = till_global_search_size_allocate;
  widget_class->measure = till_global_search_measure;
}

static void
till_global_search_init (TillGlobalSearch *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *scroller = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->cancellable = g_cancellable_new ();
  self->entry = gtk_search_entry_new ();
  gtk_search_entry_set_search_delay (GTK_SEARCH_ENTRY (self->entry), 150);
  g_object_set (self->entry, "placeholder-text", _ ("Find customer, meter, room, receipt  (Ctrl+K)"), NULL);
  gtk_widget_add_css_class (self->entry, "till-search");
  gtk_widget_set_parent (self->entry, GTK_WIDGET (self));
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  self->nothing = GTK_LABEL (gtk_label_new (NULL));
  gtk_list_box_set_header_func (self->list, header_cb, NULL, NULL);
  gtk_list_box_set_sort_func (self->list, sort_cb, NULL, NULL);
  gtk_widget_set_can_focus (GTK_WIDGET (self->list), FALSE);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 480);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->nothing));
  self->popover = gtk_popover_new ();
  gtk_popover_set_autohide (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_child (GTK_POPOVER (self->popover), box);
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  g_signal_connect (self->entry, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect (self->entry, "stop-search", G_CALLBACK (stop_cb), self);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (self->entry, keys);
}

void
till_global_search_set_context (TillGlobalSearch *self, TillContext *context)
{
  g_set_object (&self->context, context);
}
