/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-receipt-dialog.c: the receipt as the server made it: shown, in the other size, saved, refused, no PDF at all, and left early. */
#include "config.h"
#include <cairo-pdf.h>
#include "client/model/till-sale.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-pdf-view.h"
#include "client/widgets/till-strip.h"
#include "tests/client/window-fixture.h"
#include "tests/lib/test-main.h"

#define SALE    "01890000-0000-7000-8000-000000000001"
#define RECEIPT "/sales/" SALE "/receipt"

typedef struct {
  WindowFixture      base;
  GBytes            *pdf;
  TillReceiptDialog *dialog;
} Fixture;

static cairo_status_t
write_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static GBytes *
make_pdf (guint n_pages)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (write_cb, bytes, 227, 400);
  cairo_t *cr = cairo_create (surface);

  for (guint i = 0; i < n_pages; i++)
    {
      cairo_rectangle (cr, 20, 20, 100, 50);
      cairo_fill (cr);
      cairo_show_page (cr);
    }
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  return g_byte_array_free_to_bytes (bytes);
}

static TillReceiptDialog *
open_dialog (Fixture *f)
{
  g_autoptr (JsonNode) node = json_from_string ("{\"id\":\"" SALE "\",\"number\":\"20250301\"}", NULL);
  g_autoptr (TillRecord) sale = till_record_new_from_json (TILL_TYPE_SALE, node, NULL);

  return till_receipt_dialog_show (GTK_WIDGET (f->base.window), f->base.context, TILL_SALE (sale));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  window_fixture_set_up (&f->base, NULL);
  f->pdf = make_pdf (2);
  g_object_set (till_context_get_settings (f->base.context), "receipt-size", "80mm", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->dialog != NULL)
    window_destroy_and_await (f->dialog);
  g_bytes_unref (f->pdf);
  window_fixture_tear_down (&f->base, NULL);
}

static gboolean
has_pages (gpointer view)
{
  return till_pdf_view_get_n_pages (view) == 2;
}

static void
open_and_await (Fixture *f)
{
  till_fake_server_bytes (f->base.server, RECEIPT, "application/pdf", f->pdf);
  f->dialog = open_dialog (f);
  till_fake_await (has_pages, window_find_id (f->dialog, "view"), "two pages");
}

static void
test_shown (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL, *second = NULL, *size = NULL;

  open_and_await (f);
  first = till_fake_server_dup_query (f->base.server, "GET", RECEIPT);
  g_assert_cmpstr (first, ==, "size=80mm");
  g_assert_false (till_strip_is_shown (window_find_id (f->dialog, "strip")));
  gtk_drop_down_set_selected (window_find_id (f->dialog, "size"), 1);
  window_await_count (f->base.server, "GET", RECEIPT, 2);
  second = till_fake_server_dup_query (f->base.server, "GET", RECEIPT);
  g_assert_cmpstr (second, ==, "size=a5");
  g_object_get (till_context_get_settings (f->base.context), "receipt-size", &size, NULL);
  g_assert_cmpstr (size, ==, "a5");
}

static gboolean
is_written (gpointer path)
{
  g_autofree char *text = NULL;
  gsize length;

  return g_file_get_contents (path, &text, &length, NULL) && length > 0;
}

static void
test_saved (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (till_test_dir (), "20250301.pdf", NULL), *text = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  gsize length;

  open_and_await (f);
  till_file_dialog_answer_next (file);
  window_press (f->dialog, GDK_KEY_s, GDK_CONTROL_MASK);
  till_fake_await (is_written, path, "the file");
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_cmpmem (text, length, g_bytes_get_data (f->pdf, NULL), g_bytes_get_size (f->pdf));
}

static void
test_fails (Fixture *f, gconstpointer data)
{
  till_fake_server_problem_once (f->base.server, "GET", RECEIPT, 503, "busy", "later");
  till_fake_server_bytes (f->base.server, RECEIPT, "application/pdf", f->pdf);
  f->dialog = open_dialog (f);
  window_await_text (f->dialog, "The server is busy.");
  g_assert_cmpuint (till_pdf_view_get_n_pages (window_find_id (f->dialog, "view")), ==, 0);
  window_click (window_find_id (f->dialog, "strip"), "Retry");
  till_fake_await (has_pages, window_find_id (f->dialog, "view"), "two pages");
  g_assert_false (till_strip_is_shown (window_find_id (f->dialog, "strip")));
}

static void
test_no_pdf (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) text = g_bytes_new_static ("not a PDF", 9);

  till_fake_server_bytes (f->base.server, RECEIPT, "application/pdf", text);
  f->dialog = open_dialog (f);
  window_await_text (f->dialog, "Retry");
  g_assert_cmpuint (till_pdf_view_get_n_pages (window_find_id (f->dialog, "view")), ==, 0);
}

/* Closed before the answer. */
static void
test_left (Fixture *f, gconstpointer data)
{
  till_fake_server_hold_next (f->base.server, "GET", RECEIPT);
  f->dialog = open_dialog (f);
  window_await_count (f->base.server, "GET", RECEIPT, 1);
  window_destroy_and_await (g_steal_pointer (&f->dialog));
  till_fake_server_release (f->base.server);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  window_fixture_init (&argc, &argv);
  add ("/client/receipt/shown", test_shown);
  add ("/client/receipt/saved", test_saved);
  add ("/client/receipt/fails", test_fails);
  add ("/client/receipt/no-pdf", test_no_pdf);
  add ("/client/receipt/left", test_left);
  return till_test_run ();
}
