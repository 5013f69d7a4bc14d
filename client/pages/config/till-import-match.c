/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-match.c: see till-import-match.h. */
#define G_LOG_DOMAIN "till-import-match"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-import-match.h"

#define SAMPLES 3

struct _TillImportMatch {
  GtkWidget            parent_instance;
  AdwPreferencesGroup *group;
  GPtrArray           *rows; /* AdwActionRow, owned by group */
  GPtrArray           *lists; /* GtkDropDown */
  TillImportKind       kind;
  const TillSheet     *sheet;
  int                 *match;
  gboolean             filling;
};

G_DEFINE_FINAL_TYPE (TillImportMatch, till_import_match_view, GTK_TYPE_WIDGET)

static guint changed_signal;

/* Column c is chosen to be `column`: whoever was it before is none now. */
static void
selected_cb (GtkDropDown *list, GParamSpec *pspec, TillImportMatch *self)
{
  guint index = 0;
  int column = (int) gtk_drop_down_get_selected (list) - 1;

  if (self->filling || !g_ptr_array_find (self->lists, list, &index))
    return;
  self->filling = TRUE;
  for (guint c = 0; c < self->lists->len; c++)
    if (column >= 0 && c != index && self->match[c] == column)
      {
        self->match[c] = -1;
        gtk_drop_down_set_selected (g_ptr_array_index (self->lists, c), 0);
      }
  self->match[index] = column;
  self->filling = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

static char *
samples_of (const TillSheet *sheet, guint heading, guint c)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();

  for (guint i = heading + 1; i < sheet->rows->len && texts->len < SAMPLES; i++)
    if (*till_sheet_get_row (sheet, i)->cells[c] != '\0')
      g_ptr_array_add (texts, till_sheet_get_row (sheet, i)->cells[c]);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" · ", (char **) texts->pdata);
}

static GtkWidget *
make_list (TillImportMatch *self, guint c)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  guint n;
  const TillImportColumn *columns = till_import_columns (self->kind, &n);
  GtkWidget *list;

  gtk_string_list_append (titles, _ ("not used"));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *title = g_strconcat (till_import_title (&columns[i]), columns[i].required ? " *" : NULL, NULL);

      gtk_string_list_append (titles, title);
    }
  list = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&titles)), NULL);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (list), (guint) (self->match[c] + 1));
  gtk_widget_set_valign (list, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (list, 200, -1);
  g_signal_connect_object (list, "notify::selected", G_CALLBACK (selected_cb), self, 0);
  return list;
}

static void
add_row (TillImportMatch *self, guint heading, guint c)
{
  GtkWidget *row = adw_action_row_new (), *list = make_list (self, c);
  g_autofree char *samples = samples_of (self->sheet, heading, c), *unnamed = g_strdup_printf (_ ("Column %u"), c + 1);
  const char *title = till_sheet_get_row (self->sheet, heading)->cells[c];

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), *title != '\0' ? title : unnamed);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), samples);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), list);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
  g_ptr_array_add (self->lists, list);
}

void
till_import_match_view_set (TillImportMatch *self, TillImportKind kind, const TillSheet *sheet, guint heading, const char *remembered)
{
  self->filling = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  g_ptr_array_set_size (self->lists, 0);
  g_clear_pointer (&self->match, g_free);
  self->kind = kind;
  self->sheet = sheet;
  if (sheet != NULL)
    {
      self->match = till_import_match (kind, sheet, heading, remembered);
      for (guint c = 0; c < sheet->n_columns; c++)
        add_row (self, heading, c);
    }
  self->filling = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

const int *
till_import_match_view_get (TillImportMatch *self)
{
  return self->match;
}

char *
till_import_match_view_dup_problem (TillImportMatch *self)
{
  const TillImportColumn *missing = self->match != NULL ? till_import_find_missing (self->kind, self->sheet, self->match) : NULL;

  return missing != NULL ? g_strdup_printf (_ ("Choose the column that is “%s”."), till_import_title (missing)) : NULL;
}

static void
till_import_match_view_dispose (GObject *object)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (object));

  if (child != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (till_import_match_view_parent_class)->dispose (object);
}

static void
till_import_match_view_finalize (GObject *object)
{
  TillImportMatch *self = TILL_IMPORT_MATCH (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->lists);
  g_free (self->match);
  G_OBJECT_CLASS (till_import_match_view_parent_class)->finalize (object);
}

static void
till_import_match_view_class_init (TillImportMatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_import_match_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_import_match_view_finalize;
  changed_signal = g_signal_new ("changed", TILL_TYPE_IMPORT_MATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
till_import_match_view_init (TillImportMatch *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *clamp = adw_clamp_new ();

  self->rows = g_ptr_array_new ();
  self->lists = g_ptr_array_new ();
  self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_description (self->group, _ ("What stands in each column of the file. Columns marked * have to be there."));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 720);
  adw_clamp_set_child (ADW_CLAMP (clamp), GTK_WIDGET (self->group));
  gtk_widget_set_margin_top (clamp, 16);
  gtk_widget_set_margin_bottom (clamp, 16);
  gtk_widget_set_margin_start (clamp, 16);
  gtk_widget_set_margin_end (clamp, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
}

GtkWidget *
till_import_match_view_new (void)
{
  return g_object_new (TILL_TYPE_IMPORT_MATCH, NULL);
}
