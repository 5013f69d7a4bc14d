/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-editor-window.c: see till-editor-window.h. */
#define G_LOG_DOMAIN "till-editor-window"
#include "config.h"
#include <string.h>
#include <glib/gi18n.h>
#include "client/widgets/till-editor-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-merge-window.h"
#include "client/widgets/till-strip.h"
#include "shared/base/till-error.h"

typedef struct {
  const TillEditField *field;
  GtkWidget           *row, *control; /* control: entry row itself, switch, drop-down */
  GtkLabel            *hint;
  GArray              *ids;           /* REF */
  char               **words;         /* CHOICE of a list that came at run time */
  JsonNode            *before;        /* as loaded */
  JsonNode            *theirs;        /* while two changes are merged: what stands there now */
} Row;

struct _TillEditorWindow {
  AdwWindow       parent_instance;
  AdwWindowTitle *heading;
  TillStrip      *strip;
  GtkWidget      *content, *save;
  GPtrArray      *rows, *groups; /* groups: AdwPreferencesGroup */
  gboolean        loaded, busy;
};

G_DEFINE_FINAL_TYPE (TillEditorWindow, till_editor_window, ADW_TYPE_WINDOW)

static guint saved_signal;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_clear_pointer (&row->ids, g_array_unref);
  g_strfreev (row->words);
  g_clear_pointer (&row->before, json_node_unref);
  g_clear_pointer (&row->theirs, json_node_unref);
  g_free (row);
}

static Row *
find_row (TillEditorWindow *self, const char *member)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (g_str_equal (((Row *) g_ptr_array_index (self->rows, i))->field->member, member))
      return g_ptr_array_index (self->rows, i);
  return NULL;
}

/* --- values of rows --- */

static const char *
text_of (const Row *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row->control));
}

static JsonNode *
node_of_text (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  return node;
}

static JsonNode *
node_of_int (gint64 value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_int (node, value);
  return node;
}

static JsonNode *
node_of_list (const char *text, TillEditKind kind)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_auto (GStrv) bits = NULL;
      JsonObject *port;

      if (*g_strstrip (parts[i]) == '\0')
        continue;
      if (kind == TILL_EDIT_TEXTS)
        json_array_add_string_element (array, parts[i]);
      else if (kind == TILL_EDIT_INTS)
        json_array_add_int_element (array, g_ascii_strtoll (parts[i], NULL, 10));
      else
        {
          bits = g_strsplit (parts[i], ":", 3);
          port = json_object_new ();
          json_object_set_int_member (port, "port", g_ascii_strtoll (bits[0], NULL, 10));
          if (bits[1] != NULL)
            json_object_set_int_member (port, "baud", g_ascii_strtoll (bits[1], NULL, 10));
          if (bits[1] != NULL && bits[2] != NULL)
            json_object_set_string_member (port, "parity", bits[2]);
          json_array_add_object_element (array, port);
        }
    }
  json_node_take_array (node, array);
  return node;
}

/* "" = null, also where there is nothing to choose from yet. */
static const char *
chosen_word (const Row *row)
{
  const char *const *choices = row->words != NULL ? (const char *const *) row->words : row->field->choices;
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (row->control));

  return choices != NULL && chosen < g_strv_length ((char **) choices) ? choices[chosen] : "";
}

/* What stands there as JSON; a null node when it is empty. */
static JsonNode *
value_of (const Row *row)
{
  guint chosen;

  switch (row->field->kind)
    {
    case TILL_EDIT_BOOL:
      {
        JsonNode *node = json_node_new (JSON_NODE_VALUE);

        json_node_set_boolean (node, gtk_switch_get_active (GTK_SWITCH (row->control)));
        return node;
      }
    case TILL_EDIT_CHOICE:
      return *chosen_word (row) != '\0' ? node_of_text (chosen_word (row)) : json_node_new (JSON_NODE_NULL);
    case TILL_EDIT_REF:
      chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (row->control));
      if (row->ids == NULL || chosen >= row->ids->len || g_array_index (row->ids, gint64, chosen) == 0)
        return json_node_new (JSON_NODE_NULL);
      return node_of_int (g_array_index (row->ids, gint64, chosen));
    case TILL_EDIT_TICKS:
    case TILL_EDIT_TICK_IDS:
      return row->field->required && till_tick_list_count (TILL_TICK_LIST (row->control)) == 0 ? json_node_new (JSON_NODE_NULL)
                                                                                               : till_tick_list_get (TILL_TICK_LIST (row->control));
    case TILL_EDIT_INT:
      return *text_of (row) != '\0' ? node_of_int (g_ascii_strtoll (text_of (row), NULL, 10)) : json_node_new (JSON_NODE_NULL);
    case TILL_EDIT_TEXTS:
    case TILL_EDIT_INTS:
    case TILL_EDIT_PORTS:
      return *text_of (row) != '\0' ? node_of_list (text_of (row), row->field->kind) : json_node_new (JSON_NODE_NULL);
    default:
      return *text_of (row) != '\0' ? node_of_text (text_of (row)) : json_node_new (JSON_NODE_NULL);
    }
}

static char *
text_of_list (JsonArray *array)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (i > 0)
        g_string_append (text, ", ");
      if (JSON_NODE_HOLDS_OBJECT (node))
        {
          JsonObject *port = json_node_get_object (node);

          g_string_append_printf (text, "%d", (int) json_object_get_int_member_with_default (port, "port", 1));
          if (json_object_get_int_member_with_default (port, "baud", 0) > 0)
            g_string_append_printf (text, ":%d:%s", (int) json_object_get_int_member_with_default (port, "baud", 9600),
                                    json_object_get_string_member_with_default (port, "parity", "N"));
        }
      else if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_string_append (text, json_node_get_string (node));
      else
        g_string_append_printf (text, "%d", (int) json_node_get_int (node));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
set_value (Row *row, JsonNode *node)
{
  gboolean is_null = node == NULL || JSON_NODE_HOLDS_NULL (node);
  const char *const *choices = row->words != NULL ? (const char *const *) row->words : row->field->choices;
  g_autofree char *text = NULL;

  switch (row->field->kind)
    {
    case TILL_EDIT_BOOL:
      gtk_switch_set_active (GTK_SWITCH (row->control), !is_null && json_node_get_boolean (node));
      return;
    case TILL_EDIT_CHOICE:
      for (guint i = 0; choices != NULL && choices[i] != NULL; i++)
        if (g_strcmp0 (choices[i], is_null ? "" : json_node_get_string (node)) == 0)
          gtk_drop_down_set_selected (GTK_DROP_DOWN (row->control), i);
      return;
    case TILL_EDIT_REF:
      for (guint i = 0; row->ids != NULL && i < row->ids->len; i++)
        if (g_array_index (row->ids, gint64, i) == (is_null ? 0 : json_node_get_int (node)))
          gtk_drop_down_set_selected (GTK_DROP_DOWN (row->control), i);
      return;
    case TILL_EDIT_TICKS:
    case TILL_EDIT_TICK_IDS:
      till_tick_list_set (TILL_TICK_LIST (row->control), node);
      return;
    case TILL_EDIT_INT:
      text = is_null ? g_strdup ("") : g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
      break;
    case TILL_EDIT_TEXTS:
    case TILL_EDIT_INTS:
    case TILL_EDIT_PORTS:
      text = !is_null && JSON_NODE_HOLDS_ARRAY (node) ? text_of_list (json_node_get_array (node)) : g_strdup ("");
      break;
    default:
      text = g_strdup (is_null ? "" : json_node_get_string (node));
    }
  gtk_editable_set_text (GTK_EDITABLE (row->control), text);
}

/* --- what is shown and what may be saved --- */

static gboolean
applies (TillEditorWindow *self, const TillEditField *field)
{
  g_auto (GStrv) parts = field->when != NULL ? g_strsplit (field->when, "=", 2) : NULL;
  Row *other = parts != NULL ? find_row (self, parts[0]) : NULL;
  g_auto (GStrv) words = NULL;

  if (other == NULL)
    return TRUE;
  words = g_strsplit (parts[1], ",", -1);
  return g_strv_contains ((const char *const *) words, chosen_word (other));
}

static void
judge (TillEditorWindow *self)
{
  gboolean whole = TRUE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      gboolean shown = applies (self, row->field);

      gtk_widget_set_visible (row->row, shown);
      if (shown && row->field->required)
        {
          g_autoptr (JsonNode) value = value_of (row);

          whole = whole && !JSON_NODE_HOLDS_NULL (value);
        }
    }
  gtk_widget_set_sensitive (self->save, whole && !self->busy);
  gtk_widget_set_sensitive (self->content, !self->busy);
}

static void
put (JsonObject *body, const char *member, JsonNode *value)
{
  g_auto (GStrv) parts = g_strsplit (member, ".", 2);

  if (parts[1] == NULL)
    {
      json_object_set_member (body, member, value);
      return;
    }
  if (!json_object_has_member (body, parts[0]))
    json_object_set_object_member (body, parts[0], json_object_new ());
  json_object_set_member (json_object_get_object_member (body, parts[0]), parts[1], value);
}

static gboolean
is_changed (TillEditorWindow *self, const Row *row, JsonNode *value)
{
  if (!self->loaded || row->before == NULL)
    return !JSON_NODE_HOLDS_NULL (value) && !(row->field->kind == TILL_EDIT_BOOL && !json_node_get_boolean (value));
  return !row->field->fixed && !json_node_equal (value, row->before);
}

static void
save_cb (TillEditorWindow *self)
{
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      JsonNode *value = value_of (row);

      gtk_widget_set_visible (GTK_WIDGET (row->hint), FALSE);
      gtk_widget_remove_css_class (row->row, "error");
      if (applies (self, row->field) && is_changed (self, row, value))
        put (object, row->field->member, value);
      else
        json_node_unref (value);
    }
  json_node_take_object (body, object);
  till_strip_hide (self->strip);
  self->busy = TRUE;
  judge (self);
  g_signal_emit (self, saved_signal, 0, body);
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (gtk_widget_is_sensitive (TILL_EDITOR_WINDOW (widget)->save))
    save_cb (TILL_EDITOR_WINDOW (widget));
}

void
till_editor_window_fail (TillEditorWindow *self, const GError *error, const char *sentence)
{
  GPtrArray *fields = error != NULL && error->domain == TILL_ERROR ? till_error_get_fields (error) : NULL;
  gboolean found = FALSE;

  self->busy = FALSE;
  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);
      Row *row = find_row (self, field->member);
      g_autofree char *text = NULL;

      if (row == NULL)
        continue;
      text = g_strdup_printf ("%s: %s", _ (row->field->title), *field->reason != '\0' ? field->reason : _ ("This is not right."));
      gtk_label_set_text (row->hint, text); /* below its group: so it names the field */
      gtk_widget_add_css_class (row->row, "error");
      gtk_widget_set_visible (GTK_WIDGET (row->hint), TRUE);
      if (!found)
        gtk_widget_grab_focus (row->control);
      found = TRUE;
    }
  till_strip_show (self->strip, TILL_STRIP_ERROR, sentence, NULL);
  judge (self);
}

/* --- building --- */

static AdwPreferencesGroup *
group_of (TillEditorWindow *self, const char *title)
{
  AdwPreferencesGroup *group = NULL;

  for (guint i = 0; i < self->groups->len; i++)
    if (g_strcmp0 (adw_preferences_group_get_title (g_ptr_array_index (self->groups, i)), _ (title)) == 0)
      return g_ptr_array_index (self->groups, i);
  group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (group, _ (title));
  gtk_box_append (GTK_BOX (self->content), GTK_WIDGET (group));
  g_ptr_array_add (self->groups, group);
  return group;
}

static GtkWidget *
make_choice (const TillEditField *field)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; field->choices != NULL && field->choices[i] != NULL; i++)
    gtk_string_list_append (list, field->choices[i][0] == '\0' ? _ ("as usual") : till_format_wire (field->words, field->choices[i]));
  return gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&list)), NULL);
}

/* A row of its own height, the title small above the list. */
static void
make_ticks (TillEditorWindow *self, Row *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *title = gtk_label_new (_ (row->field->title));

  row->row = adw_preferences_row_new ();
  row->control = till_tick_list_new (row->field->kind == TILL_EDIT_TICK_IDS);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "till-secondary");
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), row->control);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 8);
  gtk_widget_set_margin_bottom (box, 8);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row->row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row->row), FALSE);
  gtk_widget_set_focusable (row->row, FALSE);
  g_signal_connect_object (row->control, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
}

static void
make_control (TillEditorWindow *self, Row *row)
{
  const TillEditField *field = row->field;

  if (field->kind == TILL_EDIT_TICKS || field->kind == TILL_EDIT_TICK_IDS)
    make_ticks (self, row);
  else if (field->kind == TILL_EDIT_BOOL || field->kind == TILL_EDIT_CHOICE || field->kind == TILL_EDIT_REF)
    {
      row->row = adw_action_row_new ();
      row->control = field->kind == TILL_EDIT_BOOL ? gtk_switch_new () : make_choice (field);
      gtk_widget_set_valign (row->control, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row->row), row->control);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row->row), row->control);
      g_signal_connect_object (row->control, field->kind == TILL_EDIT_BOOL ? "notify::active" : "notify::selected", G_CALLBACK (judge), self,
                               G_CONNECT_SWAPPED);
    }
  else
    {
      row->row = row->control = field->kind == TILL_EDIT_SECRET ? adw_password_entry_row_new () : adw_entry_row_new ();
      g_signal_connect_object (row->control, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
    }
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row->row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->row), _ (field->title));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->control), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (field->title), -1);
}

void
till_editor_window_set_subject (TillEditorWindow *self, const char *subject)
{
  adw_window_title_set_subtitle (self->heading, subject != NULL ? subject : "");
}

void
till_editor_window_set_fields (TillEditorWindow *self, const TillEditField *fields, guint n_fields)
{
  for (guint i = 0; i < n_fields; i++)
    {
      Row *row = g_new0 (Row, 1);
      AdwPreferencesGroup *group = group_of (self, fields[i].group);

      row->field = &fields[i];
      make_control (self, row);
      row->hint = GTK_LABEL (gtk_label_new (NULL));
      gtk_label_set_xalign (row->hint, 0);
      gtk_label_set_wrap (row->hint, TRUE);
      gtk_widget_set_margin_start (GTK_WIDGET (row->hint), 12);
      gtk_widget_set_margin_bottom (GTK_WIDGET (row->hint), 6);
      gtk_widget_add_css_class (GTK_WIDGET (row->hint), "till-error-text");
      gtk_widget_set_visible (GTK_WIDGET (row->hint), FALSE);
      adw_preferences_group_add (group, row->row);
      adw_preferences_group_add (group, GTK_WIDGET (row->hint));
      g_ptr_array_add (self->rows, row);
    }
  judge (self);
}

void
till_editor_window_set_refs (TillEditorWindow *self, const char *member, const char *const *labels, const gint64 *ids)
{
  Row *row = find_row (self, member);
  g_autoptr (GtkStringList) list = gtk_string_list_new (labels);

  g_return_if_fail (row != NULL && row->field->kind == TILL_EDIT_REF);
  g_clear_pointer (&row->ids, g_array_unref);
  row->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_vals (row->ids, ids, g_strv_length ((char **) labels));
  gtk_drop_down_set_model (GTK_DROP_DOWN (row->control), G_LIST_MODEL (list));
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (row->control), TRUE);
}

void
till_editor_window_set_words (TillEditorWindow *self, const char *member, const char *const *words)
{
  Row *row = find_row (self, member);
  g_autoptr (GtkStringList) list = gtk_string_list_new (words);

  g_return_if_fail (row != NULL && row->field->kind == TILL_EDIT_CHOICE);
  g_strfreev (row->words);
  row->words = g_strdupv ((char **) words);
  gtk_drop_down_set_model (GTK_DROP_DOWN (row->control), G_LIST_MODEL (list));
  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (row->control), g_strv_length (row->words) > 8);
}

void
till_editor_window_set_ticks (TillEditorWindow *self, const char *member, GListModel *model, TillTickDescribe describe, gpointer user_data)
{
  Row *row = find_row (self, member);

  g_return_if_fail (row != NULL && TILL_IS_TICK_LIST (row->control));
  till_tick_list_set_model (TILL_TICK_LIST (row->control), model, describe, user_data);
}

static JsonNode *
member_of (JsonObject *record, const char *member)
{
  g_auto (GStrv) parts = g_strsplit (member, ".", 2);
  JsonNode *node = json_object_get_member (record, parts[0]);

  if (parts[1] == NULL || node == NULL)
    return node;
  return JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), parts[1]) : NULL;
}

void
till_editor_window_propose (TillEditorWindow *self, JsonObject *values)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      if (member_of (values, row->field->member) != NULL)
        set_value (row, member_of (values, row->field->member));
    }
  judge (self);
}

void
till_editor_window_load (TillEditorWindow *self, JsonObject *record)
{
  self->loaded = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      set_value (row, member_of (record, row->field->member));
      gtk_widget_set_sensitive (row->row, !row->field->fixed);
      g_clear_pointer (&row->before, json_node_unref);
      row->before = value_of (row); /* as this form would say it: only what a person changes is a change */
    }
  judge (self);
}

/* --- two people changed the same record --- */

static char *
shown_text (const Row *row)
{
  GtkStringObject *chosen;

  switch (row->field->kind)
    {
    case TILL_EDIT_BOOL:
      return g_strdup (gtk_switch_get_active (GTK_SWITCH (row->control)) ? _ ("yes") : _ ("no"));
    case TILL_EDIT_CHOICE:
    case TILL_EDIT_REF:
      chosen = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (row->control));
      return g_strdup (chosen != NULL ? gtk_string_object_get_string (chosen) : "");
    case TILL_EDIT_TICKS:
    case TILL_EDIT_TICK_IDS:
      return till_tick_list_dup_text (TILL_TICK_LIST (row->control));
    default:
      return g_strdup (text_of (row));
    }
}

static void
merged_cb (TillMergeWindow *merge, TillEditorWindow *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      g_autofree char *key = g_strdup_printf ("%u", i);

      if (row->theirs != NULL && !till_merge_window_keeps_mine (merge, key))
        set_value (row, row->theirs);
      g_clear_pointer (&row->theirs, json_node_unref);
    }
  save_cb (self);
}

/* Theirs go through the form, so that both sides are said in one way; mine stand there again afterwards. TRUE: both differ. */
static gboolean
compare_row (TillEditorWindow *self, guint i, JsonObject *current, TillMergeWindow *merge)
{
  Row *row = g_ptr_array_index (self->rows, i);
  g_autoptr (JsonNode) mine = value_of (row), before = g_steal_pointer (&row->before);
  g_autofree char *mine_text = shown_text (row), *theirs_text = NULL, *key = g_strdup_printf ("%u", i);
  gboolean differ;

  g_clear_pointer (&row->theirs, json_node_unref);
  set_value (row, member_of (current, row->field->member));
  row->theirs = value_of (row);
  row->before = json_node_copy (row->theirs);
  theirs_text = shown_text (row);
  set_value (row, mine);
  differ = row->field->kind != TILL_EDIT_SECRET && gtk_widget_get_visible (row->row) && !json_node_equal (mine, row->theirs);
  if (differ)
    till_merge_window_add_field (merge, &(TillMergeField){ key, _ (row->field->title), mine_text, theirs_text, !json_node_equal (mine, before),
                                                           !json_node_equal (row->theirs, before) });
  return differ;
}

void
till_editor_window_merge (TillEditorWindow *self, JsonObject *current)
{
  TillMergeWindow *merge = till_merge_window_new (GTK_WIDGET (self), adw_window_title_get_subtitle (self->heading));
  gboolean differ = FALSE;

  g_return_if_fail (self->loaded);
  self->busy = FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    differ |= compare_row (self, i, current, merge);
  judge (self);
  if (!differ)
    {
      gtk_window_destroy (GTK_WINDOW (merge));
      save_cb (self);
      return;
    }
  g_signal_connect_object (merge, "merged", G_CALLBACK (merged_cb), self, 0);
  gtk_window_present (GTK_WINDOW (merge));
}

TillEditorWindow *
till_editor_window_new (GtkWidget *parent, const char *title, const char *action)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  TillEditorWindow *self = g_object_new (TILL_TYPE_EDITOR_WINDOW, "transient-for", GTK_IS_WINDOW (root) ? root : NULL, "modal", TRUE, NULL);

  adw_window_title_set_title (self->heading, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_button_set_label (GTK_BUTTON (self->save), action);
  return self;
}

static void
till_editor_window_finalize (GObject *object)
{
  TillEditorWindow *self = TILL_EDITOR_WINDOW (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->groups);
  G_OBJECT_CLASS (till_editor_window_parent_class)->finalize (object);
}

static void
till_editor_window_class_init (TillEditorWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_editor_window_finalize;
  saved_signal = g_signal_new ("saved", TILL_TYPE_EDITOR_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, JSON_TYPE_NODE);
  gtk_widget_class_install_action (widget_class, "editor.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "editor.save", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_editor_window_init (TillEditorWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new (), *scroller = gtk_scrolled_window_new ();
  GtkWidget *strip = till_strip_new (), *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *cancel = gtk_button_new_with_label (_ ("Cancel"));

  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->groups = g_ptr_array_new ();
  self->heading = ADW_WINDOW_TITLE (adw_window_title_new ("", ""));
  self->strip = TILL_STRIP (strip);
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 16);
  self->save = gtk_button_new_with_label ("");
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), GTK_WIDGET (self->heading));
  gtk_widget_set_margin_start (self->content, 16);
  gtk_widget_set_margin_end (self->content, 16);
  gtk_widget_set_margin_top (self->content, 12);
  gtk_widget_set_margin_bottom (self->content, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->content);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  gtk_widget_add_css_class (buttons, "till-dialog-buttons");
  gtk_widget_add_css_class (self->save, "suggested-action");
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (gtk_window_close), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (save_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (buttons), cancel);
  gtk_box_append (GTK_BOX (buttons), self->save);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), strip);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_window_set_default_size (GTK_WINDOW (self), 600, 640);
  adw_window_set_content (ADW_WINDOW (self), box);
}
