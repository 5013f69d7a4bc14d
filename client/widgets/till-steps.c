/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-steps.c: see till-steps.h. */
#define G_LOG_DOMAIN "till-steps"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-steps.h"

typedef struct { char *name; GtkWidget *mark, *title; gboolean done; } Step;

struct _TillSteps {
  GtkWidget  parent_instance;
  GtkBox    *head, *foot;
  GtkStack  *stack;
  GtkWidget *back, *next;
  GArray    *steps;
  gboolean   may_back;
};

G_DEFINE_FINAL_TYPE (TillSteps, till_steps, GTK_TYPE_WIDGET)

enum { NEXT, SHOWN, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
step_clear (gpointer data)
{
  g_free (((Step *) data)->name);
}

static guint
find_step (TillSteps *self, const char *name)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (g_strcmp0 (g_array_index (self->steps, Step, i).name, name) == 0)
      return i;
  g_return_val_if_reached (0);
}

static void
show_marks (TillSteps *self)
{
  guint at = self->steps->len > 0 ? find_step (self, till_steps_get (self)) : 0;

  for (guint i = 0; i < self->steps->len; i++)
    {
      Step *step = &g_array_index (self->steps, Step, i);
      g_autofree char *number = g_strdup_printf ("%u", i + 1);

      gtk_label_set_text (GTK_LABEL (step->mark), step->done && i != at ? "✓" : number);
      (i == at ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (step->mark, "current");
      (i == at ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (step->title, "till-strong");
      (i != at ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (step->title, "till-secondary");
    }
  gtk_widget_set_visible (self->back, at > 0 && self->may_back);
}

static void
back_cb (TillSteps *self)
{
  guint at = find_step (self, till_steps_get (self));

  if (at > 0)
    till_steps_go (self, g_array_index (self->steps, Step, at - 1).name);
}

static void
next_cb (TillSteps *self)
{
  g_signal_emit (self, signals[NEXT], 0);
}

void
till_steps_add (TillSteps *self, const char *name, const char *title, GtkWidget *child)
{
  Step step = { g_strdup (name), gtk_label_new (NULL), gtk_label_new (title), FALSE };

  if (self->steps->len > 0)
    {
      GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

      gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
      gtk_widget_set_hexpand (line, TRUE);
      gtk_box_append (self->head, line);
    }
  gtk_widget_add_css_class (step.mark, "till-step");
  gtk_widget_set_valign (step.mark, GTK_ALIGN_CENTER);
  gtk_box_append (self->head, step.mark);
  gtk_box_append (self->head, step.title);
  gtk_stack_add_named (self->stack, child, name);
  g_array_append_val (self->steps, step);
  show_marks (self);
}

void
till_steps_go (TillSteps *self, const char *name)
{
  gtk_stack_set_visible_child_name (self->stack, name);
  show_marks (self);
  g_signal_emit (self, signals[SHOWN], 0, name);
}

const char *
till_steps_get (TillSteps *self)
{
  return gtk_stack_get_visible_child_name (self->stack);
}

void
till_steps_set_done (TillSteps *self, const char *name, gboolean done)
{
  g_array_index (self->steps, Step, find_step (self, name)).done = done;
  show_marks (self);
}

void
till_steps_set_next (TillSteps *self, const char *label, gboolean ready)
{
  gtk_widget_set_visible (self->next, label != NULL);
  gtk_widget_set_sensitive (self->next, ready);
  if (label != NULL)
    gtk_button_set_label (GTK_BUTTON (self->next), label);
}

void
till_steps_set_back (TillSteps *self, gboolean may)
{
  self->may_back = may;
  show_marks (self);
}

void
till_steps_add_button (TillSteps *self, GtkWidget *button)
{
  gtk_box_prepend (self->foot, button);
}

static void
till_steps_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (till_steps_parent_class)->dispose (object);
}

static void
till_steps_finalize (GObject *object)
{
  g_array_unref (TILL_STEPS (object)->steps);
  G_OBJECT_CLASS (till_steps_parent_class)->finalize (object);
}

static void
till_steps_class_init (TillStepsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_steps_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_steps_finalize;
  signals[NEXT] = g_signal_new ("next", TILL_TYPE_STEPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SHOWN] = g_signal_new ("shown", TILL_TYPE_STEPS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tillsteps");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
till_steps_init (TillSteps *self)
{
  GtkWidget *gap = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (self->steps, step_clear);
  self->may_back = TRUE;
  self->head = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8));
  gtk_widget_add_css_class (GTK_WIDGET (self->head), "till-steps-head");
  gtk_widget_set_parent (GTK_WIDGET (self->head), GTK_WIDGET (self));
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_set_parent (GTK_WIDGET (self->stack), GTK_WIDGET (self));
  self->foot = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8));
  gtk_widget_add_css_class (GTK_WIDGET (self->foot), "till-dialog-buttons");
  gtk_widget_set_parent (GTK_WIDGET (self->foot), GTK_WIDGET (self));
  gtk_widget_set_hexpand (gap, TRUE);
  gtk_box_append (self->foot, gap);
  self->back = gtk_button_new_with_label (_ ("Back"));
  g_signal_connect_object (self->back, "clicked", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->foot, self->back);
  self->next = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->next, "suggested-action");
  g_signal_connect_object (self->next, "clicked", G_CALLBACK (next_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (self->foot, self->next);
}

GtkWidget *
till_steps_new (void)
{
  return g_object_new (TILL_TYPE_STEPS, NULL);
}
