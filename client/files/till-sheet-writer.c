/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-writer.c: see till-sheet-writer.h. Workbooks through libxlsxwriter in constant memory; into a file beside the target, which is renamed. */
#define G_LOG_DOMAIN "till-sheet"
#include "config.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <xlsxwriter.h>
#include "client/files/till-sheet-writer.h"
#include "shared/base/till-error.h"

#define CELL_MAX 32767 /* of the format */

typedef struct { char **cells; int marked; } Row;

struct _TillSheetWriter {
  GArray *rows; /* Row; the first: headings */
  guint   n_columns, numbers; /* numbers: the first column of them */
};

static void
row_clear (gpointer data)
{
  g_strfreev (((Row *) data)->cells);
}

void
till_sheet_writer_add (TillSheetWriter *self, const char *const *cells, int marked)
{
  Row row = { g_strdupv ((char **) cells), marked };

  g_array_append_val (self->rows, row);
  self->n_columns = MAX (self->n_columns, g_strv_length (row.cells));
}

TillSheetWriter *
till_sheet_writer_new (const char *const *headings)
{
  TillSheetWriter *self = g_new0 (TillSheetWriter, 1);

  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  self->numbers = G_MAXUINT;
  g_array_set_clear_func (self->rows, row_clear);
  till_sheet_writer_add (self, headings, -1);
  return self;
}

void
till_sheet_writer_free (TillSheetWriter *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

void
till_sheet_writer_set_numbers (TillSheetWriter *self, guint first_column)
{
  self->numbers = first_column;
}

static gboolean
is_number (TillSheetWriter *self, guint row, guint column, const char *cell)
{
  return row > 0 && column >= self->numbers && g_regex_match_simple ("^-?[0-9]{1,15}([.][0-9]{1,6})?$", cell, 0, 0);
}

static lxw_error
write_row (TillSheetWriter *self, lxw_worksheet *page, guint i, lxw_format **formats)
{
  const Row *row = &g_array_index (self->rows, Row, i);

  for (guint c = 0; row->cells[c] != NULL; c++)
    {
      g_autofree char *text = g_utf8_substring (row->cells[c], 0, MIN (g_utf8_strlen (row->cells[c], -1), CELL_MAX));
      lxw_error code = is_number (self, i, c, text)
                           ? worksheet_write_number (page, i, (lxw_col_t) c, g_ascii_strtod (text, NULL), formats[3])
                           : worksheet_write_string (page, i, (lxw_col_t) c, text, i == 0 ? formats[0] : (int) c == row->marked ? formats[2] : formats[1]);

      if (code != LXW_NO_ERROR)
        return code;
    }
  return LXW_NO_ERROR;
}

static lxw_error
write_book (TillSheetWriter *self, const char *path)
{
  lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = (char *) g_get_tmp_dir () };
  lxw_workbook *book = workbook_new_opt (path, &options);
  lxw_worksheet *page = book != NULL ? workbook_add_worksheet (book, NULL) : NULL;
  lxw_format *formats[4]; /* heading, text, wrong, number */
  lxw_error code = LXW_NO_ERROR, closed;

  if (page == NULL)
    return LXW_ERROR_MEMORY_MALLOC_FAILED;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    formats[i] = workbook_add_format (book);
  format_set_bold (formats[0]);
  format_set_bottom (formats[0], LXW_BORDER_THIN);
  for (guint i = 1; i < 3; i++)
    format_set_num_format (formats[i], "@");
  format_set_bg_color (formats[2], 0xF8D0D0);
  format_set_num_format (formats[3], "#,##0.00##");
  worksheet_set_column (page, 0, (lxw_col_t) MAX (self->n_columns, 1) - 1, 16, formats[1]);
  worksheet_freeze_panes (page, 1, 0);
  for (guint i = 0; i < self->rows->len && code == LXW_NO_ERROR; i++)
    code = write_row (self, page, i, formats);
  closed = workbook_close (book);
  return code != LXW_NO_ERROR ? code : closed;
}

/* --- text with commas --- */

static void
append_cell (GString *out, const char *cell, gboolean number)
{
  if (!number && cell[0] != '\0' && strchr ("=+-@\t\r", cell[0]) != NULL) /* no spreadsheet shall take it for a formula */
    g_string_append_c (out, '\'');
  if (strpbrk (cell, ",\"\r\n") == NULL)
    {
      g_string_append (out, cell);
      return;
    }
  g_string_append_c (out, '"');
  for (; *cell != '\0'; cell++)
    g_string_append (out, (const char[]){ *cell, *cell == '"' ? '"' : '\0', '\0' });
  g_string_append_c (out, '"');
}

static gboolean
write_text (TillSheetWriter *self, const char *path)
{
  g_autoptr (GString) out = g_string_new ("\357\273\277"); /* without it spreadsheets do not read UTF-8 */

  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);

      for (guint c = 0; row->cells[c] != NULL; c++)
        {
          if (c > 0)
            g_string_append_c (out, ',');
          append_cell (out, row->cells[c], is_number (self, i, c, row->cells[c]));
        }
      g_string_append (out, "\r\n");
    }
  return g_file_set_contents (path, out->str, (gssize) out->len, NULL);
}

typedef struct { TillSheetWriter *writer; GFile *target; } Saving;

static void
saving_free (gpointer data)
{
  till_sheet_writer_free (((Saving *) data)->writer);
  g_object_unref (((Saving *) data)->target);
  g_free (data);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Saving *saving = data;
  g_autofree char *path = g_file_get_path (saving->target), *beside = path != NULL ? g_strconcat (path, ".part", NULL) : NULL;
  gboolean written = path != NULL && (g_str_has_suffix (path, ".csv") ? write_text (saving->writer, beside)
                                                                     : write_book (saving->writer, beside) == LXW_NO_ERROR);

  if (written && g_rename (beside, path) == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (beside != NULL)
    g_unlink (beside);
  g_task_return_new_error (task, TILL_ERROR, TILL_ERROR_INVALID, "%s", _ ("The file could not be written. Choose another folder."));
}

void
till_sheet_writer_save_async (TillSheetWriter *self, GFile *target, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (target, cancellable, callback, user_data);
  Saving *saving = g_new0 (Saving, 1);

  *saving = (Saving){ self, g_object_ref (target) };
  g_task_set_source_tag (task, till_sheet_writer_save_async);
  g_task_set_task_data (task, saving, saving_free);
  g_task_run_in_thread (task, save_thread);
}

gboolean
till_sheet_writer_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
