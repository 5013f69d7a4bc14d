/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-check.c: see till-import-check.h. Row n of the answer (from 1) is row n of what was sent. */
#define G_LOG_DOMAIN "till-import-check"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-import-check.h"
#include "client/core/till-api-error.h"
#include "client/files/till-import-reason.h"
#include "client/widgets/till-format.h"

#define REASON_WIDTH 300

struct _TillImportCheck {
  GtkWidget       parent_instance;
  GtkLabel       *figures[TILL_VERDICT_N];
  GtkToggleButton *only_wrong;
  GtkBox         *box;
  TillTable      *table;
  GListStore     *all, *wrong;
  guint           counts[TILL_VERDICT_N];
};

G_DEFINE_FINAL_TYPE (TillImportCheck, till_import_check, GTK_TYPE_WIDGET)

static void
show_rows (TillImportCheck *self)
{
  if (self->table != NULL)
    till_table_set_model (self->table, G_LIST_MODEL (gtk_toggle_button_get_active (self->only_wrong) ? self->wrong : self->all));
}

/* Which columns there are the file decides: the table is made anew. */
static void
make_table (TillImportCheck *self, const TillImportFile *file)
{
  guint n;
  const TillImportColumn *columns = till_import_columns (file->kind, &n);

  if (self->table != NULL)
    {
      till_table_set_model (self->table, NULL);
      gtk_box_remove (self->box, GTK_WIDGET (self->table));
    }
  self->table = till_table_new ();
  g_object_set (self->table, "vexpand", TRUE, "record-type", TILL_TYPE_IMPORT_ROW, "empty-icon", "till-check-symbolic", "empty-title",
                _ ("No row is wrong"), NULL);
  till_table_add_column (self->table, till_column_new ("id", _ ("Row"), 64));
  till_table_add_column (self->table, g_object_new (TILL_TYPE_COLUMN, "field", "verdict", "title", _ ("Verdict"), "width", 104, "cell",
                                                    "cells/verdict-chip.ui", NULL));
  if (self->counts[TILL_VERDICT_WRONG] > 0)
    till_table_add_column (self->table, till_column_new ("reason", _ ("Reason"), REASON_WIDTH));
  for (guint i = 0; i < n; i++)
    for (guint c = 0; c < file->sheet->n_columns; c++)
      if (file->match[c] == (int) i)
        {
          g_autofree char *field = g_strdup_printf ("cell-%u", i);

          till_table_add_column (self->table, till_column_new (field, till_import_title (&columns[i]), i == 0 ? 88 : 132));
        }
  gtk_box_append (self->box, GTK_WIDGET (self->table));
}

/* --- the answer --- */

static char *
reason_of (const TillImportFile *file, JsonObject *verdict)
{
  JsonNode *fields = json_object_get_member (verdict, "fields");
  GString *text = g_string_new (NULL);
  JsonObjectIter iter;
  const char *member;
  JsonNode *reason;

  if (fields == NULL || !JSON_NODE_HOLDS_OBJECT (fields))
    return g_string_free (text, FALSE);
  json_object_iter_init (&iter, json_node_get_object (fields));
  while (json_object_iter_next (&iter, &member, &reason))
    {
      guint n;
      const TillImportPlace place = { file->kind, file->sheet, file->heading, till_import_find_column (file->kind, member) };
      const char *said = json_node_get_value_type (reason) == G_TYPE_STRING ? json_node_get_string (reason) : "";
      g_autofree char *own = till_import_reason (&place, said);

      g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "; " : "",
                              place.column >= 0 ? till_import_title (&till_import_columns (file->kind, &n)[place.column]) : member, own);
    }
  return g_string_free (text, FALSE);
}

static TillVerdict
verdict_of (JsonObject *answer)
{
  JsonNode *node = json_object_get_member (answer, "effect");
  const char *effect = node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "create";

  if (!json_object_get_boolean_member_with_default (answer, "ok", FALSE))
    return TILL_VERDICT_WRONG;
  return g_str_equal (effect, "change") ? TILL_VERDICT_CHANGE : g_str_equal (effect, "same") ? TILL_VERDICT_SAME : TILL_VERDICT_NEW;
}

static TillRecord *
make_row (const TillImportFile *file, guint index, JsonObject *answer, TillVerdict verdict)
{
  static const char *const words[] = { "new", "change", "same", "wrong" };
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new (), *row = json_array_get_object_element (file->rows, index);
  g_autofree char *reason = reason_of (file, answer);
  guint n;
  const TillImportColumn *columns = till_import_columns (file->kind, &n);

  json_object_set_int_member (object, "id", till_sheet_get_row (file->sheet, file->heading + 1 + index)->number);
  json_object_set_string_member (object, "verdict", words[verdict]);
  json_object_set_string_member (object, "reason", reason);
  for (guint i = 0; i < MIN (n, TILL_IMPORT_ROW_CELLS); i++)
    if (json_object_has_member (row, columns[i].name))
      {
        g_autofree char *cell = g_strdup_printf ("cell_%u", i);

        json_object_set_string_member (object, cell, json_object_get_string_member (row, columns[i].name));
      }
  json_node_take_object (node, object);
  return till_record_new_from_json (TILL_TYPE_IMPORT_ROW, node, NULL);
}

static void
show_figures (TillImportCheck *self)
{
  for (guint i = 0; i < TILL_VERDICT_N; i++)
    {
      g_autofree char *text = till_format_int (self->counts[i]);

      gtk_label_set_text (self->figures[i], text);
      if (i == TILL_VERDICT_WRONG)
        (self->counts[i] > 0 ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self->figures[i]), "till-error-text");
    }
  gtk_widget_set_sensitive (GTK_WIDGET (self->only_wrong), self->counts[TILL_VERDICT_WRONG] > 0);
  gtk_toggle_button_set_active (self->only_wrong, self->counts[TILL_VERDICT_WRONG] > 0);
}

gboolean
till_import_check_set (TillImportCheck *self, const TillImportFile *file, JsonNode *answer, GError **error)
{
  JsonObject *object = answer != NULL && JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;
  JsonNode *node = object != NULL ? json_object_get_member (object, "rows") : NULL;
  JsonArray *verdicts = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint sent = json_array_get_length (file->rows);

  if (verdicts == NULL || json_array_get_length (verdicts) != sent)
    {
      g_set_error_literal (error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a verdict for each row");
      return FALSE;
    }
  g_list_store_remove_all (self->all);
  g_list_store_remove_all (self->wrong);
  for (guint i = 0; i < TILL_VERDICT_N; i++)
    self->counts[i] = 0;
  for (guint i = 0; i < sent; i++)
    {
      JsonObject *one = json_array_get_object_element (verdicts, i);
      gint64 number = json_object_get_int_member_with_default (one, "row", i + 1);
      TillVerdict verdict = verdict_of (one);
      g_autoptr (TillRecord) row = make_row (file, (guint) CLAMP (number - 1, 0, (gint64) sent - 1), one, verdict);

      g_list_store_append (self->all, row);
      if (verdict == TILL_VERDICT_WRONG)
        g_list_store_append (self->wrong, row);
      self->counts[verdict]++;
    }
  make_table (self, file);
  show_figures (self);
  show_rows (self);
  return TRUE;
}

guint
till_import_check_count (TillImportCheck *self, TillVerdict verdict)
{
  return self->counts[verdict];
}

/* The row of the sheet with that number, from *at on: both are in order. */
static const TillSheetRow *
find_row (const TillSheet *sheet, gint64 number, guint *at)
{
  while (*at < sheet->rows->len && till_sheet_get_row (sheet, *at)->number < number)
    (*at)++;
  return *at < sheet->rows->len && till_sheet_get_row (sheet, *at)->number == number ? till_sheet_get_row (sheet, *at) : NULL;
}

TillSheetWriter *
till_import_check_make_wrong (TillImportCheck *self, const TillImportFile *file)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  TillSheetWriter *writer;
  guint at = 0;

  for (guint c = 0; c < file->sheet->n_columns; c++)
    g_ptr_array_add (cells, till_sheet_get_row (file->sheet, file->heading)->cells[c]);
  g_ptr_array_add (cells, _ ("Row"));
  g_ptr_array_add (cells, _ ("Reason"));
  g_ptr_array_add (cells, NULL);
  writer = till_sheet_writer_new ((const char *const *) cells->pdata);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->wrong)); i++)
    {
      g_autoptr (TillRecord) wrong = g_list_model_get_item (G_LIST_MODEL (self->wrong), i);
      const TillSheetRow *row = find_row (file->sheet, till_record_int (wrong, "id"), &at);
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, till_record_int (wrong, "id"));

      if (row == NULL)
        continue;
      g_ptr_array_set_size (cells, 0);
      for (guint c = 0; c < file->sheet->n_columns; c++)
        g_ptr_array_add (cells, row->cells[c]);
      g_ptr_array_add (cells, number);
      g_ptr_array_add (cells, (char *) till_record_text (wrong, "reason"));
      g_ptr_array_add (cells, NULL);
      till_sheet_writer_add (writer, (const char *const *) cells->pdata, (int) file->sheet->n_columns + 1);
    }
  return writer;
}

/* --- widget --- */

static void
till_import_check_dispose (GObject *object)
{
  TillImportCheck *self = TILL_IMPORT_CHECK (object);

  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  self->table = NULL;
  if (self->box != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->box));
  self->box = NULL;
  g_clear_object (&self->all);
  g_clear_object (&self->wrong);
  G_OBJECT_CLASS (till_import_check_parent_class)->dispose (object);
}

static void
till_import_check_class_init (TillImportCheckClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_import_check_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (TILL_TYPE_IMPORT_ROW);
}

static void
add_card (TillImportCheck *self, GtkWidget *cards, TillVerdict verdict, const char *title)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *label = gtk_label_new (title);

  self->figures[verdict] = GTK_LABEL (gtk_label_new (TILL_DASH));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_xalign (self->figures[verdict], 0);
  gtk_widget_add_css_class (label, "title");
  gtk_widget_add_css_class (GTK_WIDGET (self->figures[verdict]), "figure");
  gtk_widget_add_css_class (card, "till-card");
  gtk_widget_set_hexpand (card, TRUE);
  gtk_box_append (GTK_BOX (card), label);
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->figures[verdict]));
  gtk_box_append (GTK_BOX (cards), card);
}

static void
till_import_check_init (TillImportCheck *self)
{
  GtkWidget *cards = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->all = g_list_store_new (TILL_TYPE_IMPORT_ROW);
  self->wrong = g_list_store_new (TILL_TYPE_IMPORT_ROW);
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  gtk_widget_set_margin_top (cards, 10);
  gtk_widget_set_margin_bottom (cards, 10);
  gtk_widget_set_margin_start (cards, 12);
  gtk_widget_set_margin_end (cards, 12);
  add_card (self, cards, TILL_VERDICT_NEW, _ ("New"));
  add_card (self, cards, TILL_VERDICT_CHANGE, _ ("Changed"));
  add_card (self, cards, TILL_VERDICT_SAME, _ ("As it is"));
  add_card (self, cards, TILL_VERDICT_WRONG, _ ("Wrong"));
  self->only_wrong = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ ("Only wrong rows")));
  gtk_widget_set_valign (GTK_WIDGET (self->only_wrong), GTK_ALIGN_CENTER);
  g_signal_connect_object (self->only_wrong, "toggled", G_CALLBACK (show_rows), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (cards), GTK_WIDGET (self->only_wrong));
  gtk_box_append (self->box, cards);
  gtk_widget_set_parent (GTK_WIDGET (self->box), GTK_WIDGET (self));
}

GtkWidget *
till_import_check_new (void)
{
  return g_object_new (TILL_TYPE_IMPORT_CHECK, NULL);
}
