/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-form.c: checks, marks, "dirty" and "valid" of the entries of a dialog. Knows no business rule: the checks are handed in. */
#define G_LOG_DOMAIN "till-form"
#include "config.h"
#include "client/widgets/till-form.h"

#include <glib/gi18n.h>
#include "shared/base/till-error.h"

typedef struct {
  TillForm     *form;
  char         *member;
  GtkWidget    *entry; /* weak: the dialog owns it */
  GtkLabel     *hint;  /* weak */
  char         *clean; /* text of the clean state */
  gboolean      required;
  gboolean      touched; /* an untouched empty entry is not marked, only not valid */
  gboolean      good;
  TillFormCheck check;
  gpointer      check_data;
} Row;

struct _TillForm {
  GObject    parent_instance;
  GPtrArray *rows;
  gboolean   dirty;
  gboolean   valid;
};

G_DEFINE_FINAL_TYPE (TillForm, till_form, G_TYPE_OBJECT)

enum { PROP_DIRTY = 1, PROP_VALID, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
row_free (gpointer data)
{
  Row *row = data;

  if (row->entry != NULL)
    g_signal_handlers_disconnect_by_data (row->entry, row);
  g_clear_weak_pointer (&row->entry);
  g_clear_weak_pointer (&row->hint);
  g_free (row->member);
  g_free (row->clean);
  g_free (row);
}

static const char *
text_of (const Row *row)
{
  return row->entry != NULL ? gtk_editable_get_text (GTK_EDITABLE (row->entry)) : "";
}

static void
mark (Row *row, const char *sentence)
{
  if (row->entry != NULL)
    {
      if (sentence != NULL)
        gtk_widget_add_css_class (row->entry, "error");
      else
        gtk_widget_remove_css_class (row->entry, "error");
      gtk_accessible_update_state (GTK_ACCESSIBLE (row->entry), GTK_ACCESSIBLE_STATE_INVALID,
                                   sentence != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
    }
  if (row->hint != NULL)
    {
      gtk_label_set_text (row->hint, sentence != NULL ? sentence : "");
      gtk_widget_set_visible (GTK_WIDGET (row->hint), sentence != NULL);
    }
}

static void
check_row (Row *row)
{
  const char *text = text_of (row);
  g_autoptr(GError) error = NULL;

  if (*text == '\0')
    {
      row->good = !row->required;
      mark (row, row->required && row->touched ? _("This is needed.") : NULL);
      return;
    }
  row->good = row->check == NULL || row->check (text, row->check_data, &error);
  mark (row, row->good ? NULL : error != NULL ? _(error->message) : _("This is not right."));
}

static void
update (TillForm *self)
{
  gboolean dirty = FALSE, valid = TRUE;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (self->rows, i);

      dirty |= g_strcmp0 (text_of (row), row->clean) != 0;
      valid &= row->good;
    }
  if (dirty != self->dirty)
    {
      self->dirty = dirty;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DIRTY]);
    }
  if (valid != self->valid)
    {
      self->valid = valid;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VALID]);
    }
}

static void
changed_cb (GtkEditable *editable, Row *row)
{
  row->touched = TRUE;
  check_row (row);
  update (row->form);
}

static void
till_form_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, id == PROP_DIRTY ? TILL_FORM (object)->dirty : TILL_FORM (object)->valid);
}

static void
till_form_finalize (GObject *object)
{
  g_ptr_array_unref (TILL_FORM (object)->rows);
  G_OBJECT_CLASS (till_form_parent_class)->finalize (object);
}

static void
till_form_class_init (TillFormClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_form_get_property;
  object_class->finalize = till_form_finalize;
  props[PROP_DIRTY] = g_param_spec_boolean ("dirty", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_VALID] = g_param_spec_boolean ("valid", NULL, NULL, TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
till_form_init (TillForm *self)
{
  self->rows = g_ptr_array_new_with_free_func (row_free);
  self->valid = TRUE;
}

TillForm *
till_form_new (void)
{
  return g_object_new (TILL_TYPE_FORM, NULL);
}

void
till_form_add (TillForm *self, const TillFormRow *wanted)
{
  Row *row = g_new0 (Row, 1);

  g_return_if_fail (GTK_IS_EDITABLE (wanted->entry));
  row->form = self;
  row->member = g_strdup (wanted->member);
  g_set_weak_pointer (&row->entry, wanted->entry);
  g_set_weak_pointer (&row->hint, wanted->hint);
  row->required = wanted->required;
  row->check = wanted->check;
  row->check_data = wanted->check_data;
  row->clean = g_strdup (text_of (row));
  g_ptr_array_add (self->rows, row);
  g_signal_connect (wanted->entry, "changed", G_CALLBACK (changed_cb), row);
  check_row (row);
  update (self);
}

gboolean
till_form_is_dirty (TillForm *self)
{
  return self->dirty;
}

gboolean
till_form_is_valid (TillForm *self)
{
  return self->valid;
}

void
till_form_reset (TillForm *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      g_free (row->clean);
      row->clean = g_strdup (text_of (row));
      row->touched = FALSE;
      check_row (row);
    }
  update (self);
}

void
till_form_recheck (TillForm *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    check_row (g_ptr_array_index (self->rows, i));
  update (self);
}

static Row *
find (TillForm *self, const char *member)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      if (g_str_equal (row->member, member))
        return row;
    }
  return NULL;
}

gboolean
till_form_mark_error (TillForm *self, const GError *error)
{
  GPtrArray *fields = error != NULL && error->domain == TILL_ERROR ? till_error_get_fields (error) : NULL;
  gboolean found = FALSE;

  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const TillFieldError *field = g_ptr_array_index (fields, i);
      Row *row = find (self, field->member);

      if (row == NULL || row->entry == NULL)
        continue;
      mark (row, *field->reason != '\0' ? _(field->reason) : _("This is not right."));
      if (!found)
        gtk_widget_grab_focus (row->entry);
      found = TRUE;
    }
  return found;
}

const char *
till_form_get_text (TillForm *self, const char *member)
{
  const Row *row = find (self, member);

  g_return_val_if_fail (row != NULL, NULL);
  return text_of (row);
}
