/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-picker.c: type, see hits, pick. The entry keeps the focus all the time; the list is a paged list whose query follows. */
#define G_LOG_DOMAIN "till-picker"
#include "config.h"
#include "client/widgets/till-picker.h"

#include <glib/gi18n.h>
#include "client/model/till-paged-list.h"
#include "client/widgets/till-format.h"
#include "shared/base/till-text.h"

struct _TillPicker {
  GtkWidget           parent_instance;
  GtkEntry           *entry;
  GtkPopover         *popover;
  GtkListView        *view;
  GtkSliceListModel  *slice;
  GtkSingleSelection *selection;
  TillPagedList      *list;
  GStrv               fields;
  char               *row;
  guint               max_rows;
  guint               delay;
  guint               delay_id;
  gboolean            answered;   /* the list shows the hits of the text in the entry */
  gboolean            pick_soon;  /* Enter came before the answer: a scanner types faster than the network */
  gboolean            silent;     /* the text is being set, not typed */
};

G_DEFINE_FINAL_TYPE (TillPicker, till_picker, GTK_TYPE_WIDGET)

enum { PROP_LIST = 1, PROP_PLACEHOLDER, PROP_TEXT, PROP_ROW, PROP_MAX_ROWS, PROP_DELAY, N_PROPS };
enum { PICKED, NOTHING_FOUND, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static const char *
entry_text (TillPicker *self)
{
  return gtk_editable_get_text (GTK_EDITABLE (self->entry));
}

static guint
n_hits (TillPicker *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->slice));
}

static void
pick (TillPicker *self, guint position)
{
  g_autoptr(TillRecord) record = g_list_model_get_item (G_LIST_MODEL (self->slice), position);

  if (record == NULL || !till_record_is_loaded (record))
    return;
  self->pick_soon = FALSE;
  gtk_popover_popdown (self->popover);
  g_signal_emit (self, signals[PICKED], 0, record);
}

static void
update_popover (TillPicker *self)
{
  gboolean wanted = self->answered && n_hits (self) > 0 && *entry_text (self) != '\0' && gtk_widget_get_mapped (GTK_WIDGET (self->entry));

  if (!wanted)
    {
      gtk_popover_popdown (self->popover);
      return;
    }
  gtk_widget_set_size_request (GTK_WIDGET (self->popover), gtk_widget_get_width (GTK_WIDGET (self)), -1);
  gtk_popover_popup (self->popover);
}

static void
answer (TillPicker *self)
{
  if (self->answered || self->list == NULL)
    return;
  self->answered = TRUE;
  if (till_paged_list_get_error (self->list) == NULL && n_hits (self) == 0)
    {
      self->pick_soon = FALSE;
      g_signal_emit (self, signals[NOTHING_FOUND], 0);
    }
  if (self->pick_soon && n_hits (self) == 1)
    {
      pick (self, 0);
      return;
    }
  self->pick_soon = FALSE;
  update_popover (self);
}

static void
page_loaded_cb (TillPagedList *list, guint first, guint n, TillPicker *self)
{
  answer (self);
}

static void
error_cb (TillPagedList *list, GParamSpec *pspec, TillPicker *self)
{
  if (till_paged_list_get_error (list) != NULL)
    answer (self);
}

static void
ask (TillPicker *self)
{
  g_autofree char *before = NULL;
  gboolean loading;

  g_clear_handle_id (&self->delay_id, g_source_remove);
  if (self->list == NULL || *entry_text (self) == '\0')
    return;
  before = g_strdup (till_query_get_text (till_paged_list_get_query (self->list)));
  till_query_set_text (till_paged_list_get_query (self->list), entry_text (self));
  g_object_get (self->list, "loading", &loading, NULL);
  if (!loading && g_strcmp0 (before, till_query_get_text (till_paged_list_get_query (self->list))) == 0 && till_paged_list_is_known (self->list))
    answer (self); /* the same as before: the hits are here */
}

static gboolean
delay_cb (gpointer user_data)
{
  TillPicker *self = user_data;

  self->delay_id = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (GtkEditable *editable, TillPicker *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TEXT]);
  g_clear_handle_id (&self->delay_id, g_source_remove);
  self->answered = FALSE;
  self->pick_soon = FALSE;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  if (self->silent)
    return;
  update_popover (self);
  if (*entry_text (self) != '\0')
    self->delay_id = g_timeout_add (self->delay, delay_cb, self);
}

static void
entry_activate_cb (GtkEntry *entry, TillPicker *self)
{
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (*entry_text (self) == '\0')
    return;
  if (self->answered && (selected != GTK_INVALID_LIST_POSITION || n_hits (self) == 1))
    pick (self, selected != GTK_INVALID_LIST_POSITION ? selected : 0);
  else if (self->answered)
    update_popover (self);
  else
    {
      self->pick_soon = TRUE;
      if (self->delay_id != 0)
        ask (self);
    }
}

static void
move (TillPicker *self, int by)
{
  guint n = n_hits (self), selected = gtk_single_selection_get_selected (self->selection);

  if (!self->answered || n == 0)
    return;
  update_popover (self);
  if (selected == GTK_INVALID_LIST_POSITION)
    selected = by > 0 ? 0 : n - 1;
  else
    selected = (selected + n + (guint) by) % n;
  gtk_single_selection_set_selected (self->selection, selected);
  gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", selected);
}

static gboolean
key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, TillPicker *self)
{
  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down: move (self, 1); return TRUE;
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up: move (self, -1); return TRUE;
    case GDK_KEY_Escape:
      if (!gtk_widget_get_visible (GTK_WIDGET (self->popover)))
        return FALSE;
      gtk_popover_popdown (self->popover);
      return TRUE;
    default: return FALSE;
    }
}

static void
view_activate_cb (GtkListView *view, guint position, TillPicker *self)
{
  pick (self, position);
}

static void
focus_cb (GtkEventControllerFocus *controller, TillPicker *self)
{
  gtk_popover_popdown (self->popover);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillPicker *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillPicker *self)
{
  TillRecord *record = gtk_list_item_get_item (item);
  GString *text = g_string_new (NULL);

  for (guint i = 0; self->fields != NULL && self->fields[i] != NULL; i++)
    {
      const TillField *field = till_record_type_find_field (G_OBJECT_TYPE (record), self->fields[i]);
      g_autofree char *part = field != NULL && till_record_known (record, field->name) ? till_format_field (record, field) : NULL;

      if (part != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? "  ·  " : "", part);
    }
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text->str);
  g_string_free (text, TRUE);
}

static void
set_factory (TillPicker *self)
{
  GtkListItemFactory *factory;

  if (self->row != NULL)
    factory = gtk_builder_list_item_factory_new_from_resource (NULL, self->row);
  else
    {
      factory = gtk_signal_list_item_factory_new ();
      g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
    }
  gtk_list_view_set_factory (self->view, factory);
  g_object_unref (factory);
}

static void
till_picker_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillPicker *self = TILL_PICKER (object);

  switch (id)
    {
    case PROP_LIST: g_value_set_object (value, self->list); break;
    case PROP_PLACEHOLDER: g_value_set_string (value, gtk_entry_get_placeholder_text (self->entry)); break;
    case PROP_TEXT: g_value_set_string (value, entry_text (self)); break;
    case PROP_ROW: g_value_set_string (value, self->row); break;
    case PROP_MAX_ROWS: g_value_set_uint (value, self->max_rows); break;
    case PROP_DELAY: g_value_set_uint (value, self->delay); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_picker_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillPicker *self = TILL_PICKER (object);

  switch (id)
    {
    case PROP_LIST: till_picker_set_list (self, g_value_get_object (value)); break;
    case PROP_PLACEHOLDER: gtk_entry_set_placeholder_text (self->entry, g_value_get_string (value)); break;
    case PROP_TEXT: till_picker_set_text (self, g_value_get_string (value)); break;
    case PROP_ROW:
      till_set_str (&self->row, g_value_get_string (value));
      set_factory (self);
      break;
    case PROP_MAX_ROWS:
      self->max_rows = g_value_get_uint (value);
      gtk_slice_list_model_set_size (self->slice, self->max_rows);
      break;
    case PROP_DELAY: self->delay = g_value_get_uint (value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static gboolean
till_picker_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (TILL_PICKER (widget)->entry));
}

static void
till_picker_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  TillPicker *self = TILL_PICKER (widget);

  gtk_widget_allocate (GTK_WIDGET (self->entry), width, height, baseline, NULL);
  gtk_popover_present (self->popover);
}

static void
till_picker_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                     int *natural_baseline)
{
  gtk_widget_measure (GTK_WIDGET (TILL_PICKER (widget)->entry), orientation, for_size, minimum, natural, minimum_baseline, natural_baseline);
}

static void
till_picker_dispose (GObject *object)
{
  TillPicker *self = TILL_PICKER (object);

  g_clear_handle_id (&self->delay_id, g_source_remove);
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_object (&self->list);
  if (self->popover != NULL)
    gtk_list_view_set_model (self->view, NULL);
  g_clear_pointer ((GtkWidget **) &self->popover, gtk_widget_unparent);
  g_clear_pointer ((GtkWidget **) &self->entry, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->slice);
  G_OBJECT_CLASS (till_picker_parent_class)->dispose (object);
}

static void
till_picker_finalize (GObject *object)
{
  TillPicker *self = TILL_PICKER (object);

  g_strfreev (self->fields);
  g_free (self->row);
  G_OBJECT_CLASS (till_picker_parent_class)->finalize (object);
}

static void
till_picker_class_init (TillPickerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_picker_get_property;
  object_class->set_property = till_picker_set_property;
  object_class->dispose = till_picker_dispose;
  object_class->finalize = till_picker_finalize;
  widget_class->grab_focus = till_picker_grab_focus;
  widget_class->size_allocate = till_picker_size_allocate;
  widget_class->measure = till_picker_measure;
  props[PROP_LIST] = g_param_spec_object ("list", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  props[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder-text", NULL, NULL, NULL, flags);
  props[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_ROW] = g_param_spec_string ("row", NULL, NULL, NULL, flags);
  props[PROP_MAX_ROWS] = g_param_spec_uint ("max-rows", NULL, NULL, 1, 200, 8, flags);
  props[PROP_DELAY] = g_param_spec_uint ("delay", NULL, NULL, 0, 5000, 150, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[PICKED] = g_signal_new ("picked", TILL_TYPE_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, TILL_TYPE_RECORD);
  signals[NOTHING_FOUND] = g_signal_new ("nothing-found", TILL_TYPE_PICKER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "tillpicker");
}

static void
make_entry (TillPicker *self)
{
  GtkEventController *keys = gtk_event_controller_key_new (), *focus = gtk_event_controller_focus_new ();

  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_icon_from_icon_name (self->entry, GTK_ENTRY_ICON_PRIMARY, "till-search-symbolic");
  gtk_entry_set_icon_activatable (self->entry, GTK_ENTRY_ICON_PRIMARY, FALSE);
  gtk_widget_set_parent (GTK_WIDGET (self->entry), GTK_WIDGET (self));
  g_signal_connect (self->entry, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect (self->entry, "activate", G_CALLBACK (entry_activate_cb), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), focus);
}

static void
till_picker_init (TillPicker *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->max_rows = 8;
  self->delay = 150;
  make_entry (self);
  self->slice = gtk_slice_list_model_new (NULL, 0, self->max_rows);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->slice)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), NULL));
  gtk_list_view_set_single_click_activate (self->view, TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self->view), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Hits"), -1);
  g_signal_connect (self->view, "activate", G_CALLBACK (view_activate_cb), self);
  set_factory (self);
  self->popover = GTK_POPOVER (gtk_popover_new ());
  gtk_popover_set_autohide (self->popover, FALSE); /* the focus stays in the entry */
  gtk_popover_set_has_arrow (self->popover, FALSE);
  gtk_popover_set_position (self->popover, GTK_POS_BOTTOM);
  gtk_widget_add_css_class (GTK_WIDGET (self->popover), "menu");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 360);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_popover_set_child (self->popover, scroller);
  gtk_widget_set_parent (GTK_WIDGET (self->popover), GTK_WIDGET (self));
}

GtkWidget *
till_picker_new (void)
{
  return g_object_new (TILL_TYPE_PICKER, NULL);
}

void
till_picker_set_list (TillPicker *self, GListModel *list)
{
  g_return_if_fail (list == NULL || TILL_IS_PAGED_LIST (list));
  if (self->list == (gpointer) list)
    return;
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_set_object (&self->list, (TillPagedList *) list);
  gtk_slice_list_model_set_model (self->slice, list);
  self->answered = FALSE;
  if (list == NULL)
    return;
  g_signal_connect_after (list, "page-loaded", G_CALLBACK (page_loaded_cb), self);
  g_signal_connect (list, "notify::error", G_CALLBACK (error_cb), self);
}

void
till_picker_clear (TillPicker *self)
{
  till_picker_set_text (self, "");
  gtk_popover_popdown (self->popover);
}

void
till_picker_set_text (TillPicker *self, const char *text)
{
  self->silent = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text != NULL ? text : "");
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
  self->silent = FALSE;
}

void
till_picker_set_fields (TillPicker *self, const char *const *fields)
{
  g_strfreev (self->fields);
  self->fields = g_strdupv ((char **) fields);
}
