/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-ask-window.c: see till-ask-window.h. Knows no business: labels, choices and values come from the caller. */
#define G_LOG_DOMAIN "till-ask-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-money-entry.h"
#include "client/widgets/till-strip.h"

#define NOTE_MAX 200

struct _TillAskWindow {
  AdwWindow       parent_instance;
  AdwWindowTitle *heading;
  TillStrip      *strip;
  GtkWidget      *content, *buttons, *ok, *other;
  AdwPreferencesGroup *facts, *choices;
  GtkCheckButton *first;
  AdwEntryRow    *note;
  TillMoneyEntry *amount;
  gboolean        note_required, zero, busy, waits;
};

G_DEFINE_FINAL_TYPE (TillAskWindow, till_ask_window, ADW_TYPE_WINDOW)

static guint answered_signal;

static void
judge (TillAskWindow *self)
{
  TillMoney amount;
  const char *note = till_ask_window_get_note (self);
  gboolean noted = !self->note_required || (note != NULL && note[0] != '\0');
  gboolean chosen = self->choices == NULL || till_ask_window_get_choice (self) != NULL;
  gboolean valued = self->amount == NULL || (till_ask_window_get_amount (self, &amount) && (amount > 0 || self->zero));

  gtk_widget_set_sensitive (self->ok, !self->busy && !self->waits && noted && chosen && valued);
  gtk_widget_set_sensitive (self->other, !self->busy && noted);
  gtk_widget_set_sensitive (self->content, !self->busy);
}

static void
answer (TillAskWindow *self, const char *action)
{
  till_strip_hide (self->strip);
  self->busy = TRUE;
  judge (self);
  g_signal_emit (self, answered_signal, 0, action);
}

static void
ok_cb (TillAskWindow *self)
{
  answer (self, "ok");
}

static void
other_cb (TillAskWindow *self)
{
  answer (self, "other");
}

static void
ok_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (gtk_widget_is_sensitive (TILL_ASK_WINDOW (widget)->ok))
    ok_cb (TILL_ASK_WINDOW (widget));
}

void
till_ask_window_add_fact (TillAskWindow *self, const char *label, const char *value)
{
  GtkWidget *row = adw_action_row_new (), *text = gtk_label_new (value != NULL && value[0] != '\0' ? value : "–");

  if (self->facts == NULL)
    {
      self->facts = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
      gtk_box_append (GTK_BOX (self->content), GTK_WIDGET (self->facts));
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), label);
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (text), GTK_NATURAL_WRAP_NONE); /* on one line where there is room */
  gtk_label_set_xalign (GTK_LABEL (text), 1);
  gtk_widget_add_css_class (text, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), text);
  adw_preferences_group_add (self->facts, row);
}

void
till_ask_window_add_choice (TillAskWindow *self, const TillAskChoice *choice)
{
  GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();

  if (self->choices == NULL)
    {
      self->choices = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
      gtk_box_append (GTK_BOX (self->content), GTK_WIDGET (self->choices));
    }
  if (self->first == NULL)
    self->first = GTK_CHECK_BUTTON (check);
  else
    gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->first);
  g_object_set_data_full (G_OBJECT (check), "till-choice", g_strdup (choice->id), g_free);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), choice->label);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), choice->why_not != NULL ? choice->why_not : choice->detail);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  gtk_widget_set_sensitive (row, choice->why_not == NULL);
  g_signal_connect_object (check, "toggled", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (self->choices, row);
  if (choice->why_not == NULL && till_ask_window_get_choice (self) == NULL)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  judge (self);
}

static GtkCheckButton *
find_active (GtkWidget *at)
{
  if (GTK_IS_CHECK_BUTTON (at))
    return gtk_check_button_get_active (GTK_CHECK_BUTTON (at)) ? GTK_CHECK_BUTTON (at) : NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (at); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkCheckButton *found = find_active (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

const char *
till_ask_window_get_choice (TillAskWindow *self)
{
  GtkCheckButton *active = self->choices != NULL ? find_active (GTK_WIDGET (self->choices)) : NULL;

  return active != NULL ? g_object_get_data (G_OBJECT (active), "till-choice") : NULL;
}

const char *
till_ask_window_get_note (TillAskWindow *self)
{
  return self->note != NULL ? gtk_editable_get_text (GTK_EDITABLE (self->note)) : NULL;
}

gboolean
till_ask_window_get_amount (TillAskWindow *self, TillMoney *ret_amount)
{
  if (self->amount == NULL || !till_money_entry_is_valid (self->amount))
    return FALSE;
  *ret_amount = till_money_entry_get_amount (self->amount);
  return TRUE;
}

void
till_ask_window_add_widget (TillAskWindow *self, GtkWidget *widget)
{
  gtk_box_append (GTK_BOX (self->content), widget);
}

void
till_ask_window_set_ready (TillAskWindow *self, gboolean ready)
{
  self->waits = !ready;
  judge (self);
}

void
till_ask_window_fail (TillAskWindow *self, const char *sentence)
{
  self->busy = FALSE;
  till_strip_show (self->strip, TILL_STRIP_ERROR, sentence, NULL);
  judge (self);
}

/* --- building --- */

static void
add_amount (TillAskWindow *self, const char *label)
{
  GtkWidget *group = adw_preferences_group_new (), *row = adw_action_row_new ();

  self->amount = TILL_MONEY_ENTRY (g_object_new (TILL_TYPE_MONEY_ENTRY, NULL));
  gtk_widget_set_valign (GTK_WIDGET (self->amount), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->amount), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), label);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->amount));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_object (self->amount, "notify::amount", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->content), group);
}

static void
add_note (TillAskWindow *self, const TillAsk *ask)
{
  GtkWidget *group = adw_preferences_group_new (), *row = adw_entry_row_new ();

  self->note = ADW_ENTRY_ROW (row);
  self->note_required = ask->note_required;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), ask->note);
  adw_entry_row_set_activates_default (self->note, TRUE);
  gtk_text_set_max_length (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (row))), NOTE_MAX);
  g_signal_connect_object (row, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  /* Below facts and choices, which come later: it is put at the end of its own box. */
  gtk_widget_set_margin_top (group, 12);
  gtk_widget_set_margin_bottom (group, 12);
  gtk_box_append (GTK_BOX (gtk_widget_get_parent (self->content)), group);
}

static GtkWidget *
add_button (TillAskWindow *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->buttons), button);
  return button;
}

TillAskWindow *
till_ask_window_new (GtkWidget *parent, const TillAsk *ask)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  TillAskWindow *self = g_object_new (TILL_TYPE_ASK_WINDOW, "transient-for", GTK_IS_WINDOW (root) ? root : NULL, "modal", TRUE, NULL);

  adw_window_title_set_title (self->heading, ask->title);
  gtk_window_set_title (GTK_WINDOW (self), ask->title);
  if (ask->intro != NULL)
    {
      GtkWidget *intro = gtk_label_new (ask->intro);

      gtk_label_set_wrap (GTK_LABEL (intro), TRUE);
      gtk_label_set_xalign (GTK_LABEL (intro), 0);
      gtk_box_append (GTK_BOX (self->content), intro);
    }
  self->zero = ask->amount_may_be_zero;
  if (ask->amount != NULL)
    add_amount (self, ask->amount);
  if (ask->note != NULL)
    add_note (self, ask);
  if (!ask->told)
    add_button (self, _ ("Cancel"), G_CALLBACK (gtk_window_close));
  self->other = add_button (self, ask->other != NULL ? ask->other : "", G_CALLBACK (other_cb));
  gtk_widget_set_visible (self->other, ask->other != NULL);
  self->ok = add_button (self, ask->action, G_CALLBACK (ok_cb));
  gtk_widget_add_css_class (self->ok, ask->destructive ? "destructive-action" : "suggested-action");
  gtk_window_set_default_widget (GTK_WINDOW (self), self->ok);
  judge (self);
  return self;
}

static void
till_ask_window_class_init (TillAskWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  answered_signal = g_signal_new ("answered", TILL_TYPE_ASK_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_install_action (widget_class, "ask.ok", NULL, ok_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK, "ask.ok", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_ask_window_init (TillAskWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new (), *scroller = gtk_scrolled_window_new ();
  GtkWidget *inner = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *strip = till_strip_new ();

  self->heading = ADW_WINDOW_TITLE (adw_window_title_new ("", ""));
  self->strip = TILL_STRIP (strip);
  self->content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), GTK_WIDGET (self->heading));
  gtk_box_append (GTK_BOX (inner), self->content);
  gtk_widget_set_margin_start (inner, 16);
  gtk_widget_set_margin_end (inner, 16);
  gtk_widget_set_margin_top (inner, 12);
  gtk_widget_set_margin_bottom (inner, 16);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 560);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), inner);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_halign (self->buttons, GTK_ALIGN_END);
  gtk_widget_add_css_class (self->buttons, "till-dialog-buttons");
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), strip);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), self->buttons);
  gtk_window_set_default_size (GTK_WINDOW (self), 520, -1);
  adw_window_set_content (ADW_WINDOW (self), box);
}
