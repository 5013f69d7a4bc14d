/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-merge-window.c: see till-merge-window.h. What only one side changed is that side's from the start; where both did, mine is proposed and
 * the row is marked. */
#define G_LOG_DOMAIN "till-merge-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-format.h"
#include "client/widgets/till-merge-window.h"

typedef struct { char *member; GtkCheckButton *mine, *theirs; } Choice;

struct _TillMergeWindow {
  AdwWindow       parent_instance;
  AdwWindowTitle *heading;
  GtkGrid        *grid;
  GtkLabel       *intro;
  GArray         *choices;
  guint           n_doubtful;
};

G_DEFINE_FINAL_TYPE (TillMergeWindow, till_merge_window, ADW_TYPE_WINDOW)

static guint merged_signal;

static void
choice_clear (gpointer data)
{
  g_free (((Choice *) data)->member);
}

static void
choose_all (TillMergeWindow *self, gboolean mine)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = &g_array_index (self->choices, Choice, i);

      gtk_check_button_set_active (mine ? choice->mine : choice->theirs, TRUE);
    }
}

static void
mine_cb (TillMergeWindow *self)
{
  choose_all (self, TRUE);
}

static void
theirs_cb (TillMergeWindow *self)
{
  choose_all (self, FALSE);
}

static void
save_cb (TillMergeWindow *self)
{
  gtk_window_set_transient_for (GTK_WINDOW (self), NULL); /* who takes the answer may close the window below */
  g_signal_emit (self, merged_signal, 0);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  save_cb (TILL_MERGE_WINDOW (widget));
}

static GtkWidget *
make_side (const char *text, const char *side, const char *label)
{
  GtkWidget *check = gtk_check_button_new (), *value = gtk_label_new (text != NULL && *text != '\0' ? text : TILL_DASH);
  g_autofree char *name = g_strdup_printf ("%s, %s: %s", label, side, text != NULL ? text : TILL_DASH);

  gtk_label_set_wrap (GTK_LABEL (value), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (value), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (value), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (value), 24);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), value);
  gtk_widget_set_hexpand (check, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return check;
}

void
till_merge_window_add_field (TillMergeWindow *self, const TillMergeField *field)
{
  Choice choice = { g_strdup (field->member), NULL, NULL };
  GtkWidget *label = gtk_label_new (field->label), *mine = make_side (field->mine, _ ("Mine"), field->label);
  GtkWidget *theirs = make_side (field->theirs, _ ("Theirs"), field->label), *mark;
  int row = (int) self->choices->len + 1;
  gboolean doubtful = field->mine_changed && field->theirs_changed;

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (theirs), GTK_CHECK_BUTTON (mine));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (field->mine_changed ? mine : theirs), TRUE);
  mark = doubtful ? gtk_image_new_from_icon_name ("till-warning-symbolic") : gtk_label_new (NULL);
  if (doubtful)
    {
      gtk_widget_set_tooltip_text (mark, _ ("Both changed this."));
      gtk_widget_add_css_class (mark, "till-warning-text");
      gtk_widget_add_css_class (label, "till-strong");
      self->n_doubtful++;
    }
  gtk_grid_attach (self->grid, mark, 0, row, 1, 1);
  gtk_grid_attach (self->grid, label, 1, row, 1, 1);
  gtk_grid_attach (self->grid, mine, 2, row, 1, 1);
  gtk_grid_attach (self->grid, theirs, 3, row, 1, 1);
  choice.mine = GTK_CHECK_BUTTON (mine);
  choice.theirs = GTK_CHECK_BUTTON (theirs);
  g_array_append_val (self->choices, choice);
  gtk_label_set_text (self->intro, self->n_doubtful > 0
                                       ? _ ("Somebody else changed this record while you did. Where both changed the same, choose which one stands.")
                                       : _ ("Somebody else changed this record while you did, but nothing that you changed. Both can stand."));
}

gboolean
till_merge_window_keeps_mine (TillMergeWindow *self, const char *member)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = &g_array_index (self->choices, Choice, i);

      if (g_strcmp0 (choice->member, member) == 0)
        return gtk_check_button_get_active (choice->mine);
    }
  return TRUE; /* no difference, nothing to choose */
}

static void
add_title (TillMergeWindow *self, const char *text, int column)
{
  GtkWidget *title = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_grid_attach (self->grid, title, column, 0, 1, 1);
}

static GtkWidget *
add_button (TillMergeWindow *self, GtkWidget *box, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

TillMergeWindow *
till_merge_window_new (GtkWidget *parent, const char *subject)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  TillMergeWindow *self = g_object_new (TILL_TYPE_MERGE_WINDOW, "transient-for", GTK_IS_WINDOW (root) ? root : NULL, "modal", TRUE,
                                        "destroy-with-parent", TRUE, NULL);

  adw_window_title_set_subtitle (self->heading, subject != NULL ? subject : "");
  return self;
}

static void
till_merge_window_finalize (GObject *object)
{
  g_array_unref (TILL_MERGE_WINDOW (object)->choices);
  G_OBJECT_CLASS (till_merge_window_parent_class)->finalize (object);
}

static void
till_merge_window_class_init (TillMergeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = till_merge_window_finalize;
  merged_signal = g_signal_new ("merged", TILL_TYPE_MERGE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_install_action (widget_class, "merge.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK, "merge.save", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_merge_window_init (TillMergeWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new (), *scroller = gtk_scrolled_window_new ();
  GtkWidget *inner = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *gap, *save;

  self->choices = g_array_new (FALSE, FALSE, sizeof (Choice));
  g_array_set_clear_func (self->choices, choice_clear);
  self->heading = ADW_WINDOW_TITLE (adw_window_title_new (_ ("Two people changed this"), ""));
  self->intro = GTK_LABEL (gtk_label_new (NULL));
  self->grid = GTK_GRID (gtk_grid_new ());
  gtk_window_set_title (GTK_WINDOW (self), _ ("Two people changed this"));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), GTK_WIDGET (self->heading));
  gtk_label_set_wrap (self->intro, TRUE);
  gtk_label_set_xalign (self->intro, 0);
  gtk_grid_set_column_spacing (self->grid, 12);
  gtk_grid_set_row_spacing (self->grid, 8);
  gtk_widget_add_css_class (GTK_WIDGET (self->grid), "till-card");
  add_title (self, _ ("Field"), 1);
  add_title (self, _ ("Mine"), 2);
  add_title (self, _ ("Theirs"), 3);
  gtk_box_append (GTK_BOX (inner), GTK_WIDGET (self->intro));
  gtk_box_append (GTK_BOX (inner), GTK_WIDGET (self->grid));
  gtk_widget_set_margin_start (inner, 16);
  gtk_widget_set_margin_end (inner, 16);
  gtk_widget_set_margin_top (inner, 12);
  gtk_widget_set_margin_bottom (inner, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 480);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), inner);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (buttons, "till-dialog-buttons");
  add_button (self, buttons, _ ("All mine"), G_CALLBACK (mine_cb));
  add_button (self, buttons, _ ("All theirs"), G_CALLBACK (theirs_cb));
  gap = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_hexpand (gap, TRUE);
  gtk_box_append (GTK_BOX (buttons), gap);
  add_button (self, buttons, _ ("Cancel"), G_CALLBACK (gtk_window_close));
  save = add_button (self, buttons, _ ("Save the choice"), G_CALLBACK (save_cb));
  gtk_widget_add_css_class (save, "suggested-action");
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_window_set_default_size (GTK_WINDOW (self), 640, -1);
  adw_window_set_content (ADW_WINDOW (self), box);
}
