/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-pdf-view.c: pages of a PDF as pictures below each other. A page is drawn in a worker thread into an image surface and
 * comes back as a texture; a new document or scale drops what is still under way. */
#define G_LOG_DOMAIN "till-pdf-view"
#include "config.h"
#include <poppler.h>
#include "client/widgets/till-pdf-view.h"

#define DPI 96.0

struct _TillPdfView {
  GtkWidget     parent_instance;
  GtkBox       *box;
  GBytes       *bytes;
  guint         n_pages;
  double        zoom;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (TillPdfView, till_pdf_view, GTK_TYPE_WIDGET)

enum { PROP_BYTES = 1, PROP_ZOOM, PROP_N_PAGES, N_PROPS };
static GParamSpec *properties[N_PROPS];

typedef struct { GBytes *bytes; guint page; double scale; } Drawing;

static void
drawing_free (gpointer data)
{
  Drawing *d = data;

  g_bytes_unref (d->bytes);
  g_free (d);
}

/* Poppler documents are not shared between threads: each drawing opens its own. */
static void
draw_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Drawing *d = data;
  GError *error = NULL;
  PopplerDocument *document = poppler_document_new_from_bytes (d->bytes, NULL, &error);
  PopplerPage *page;
  cairo_surface_t *surface;
  cairo_t *cr;
  double width, height;
  g_autoptr (GBytes) pixels = NULL;

  if (document == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  page = poppler_document_get_page (document, (int) d->page);
  poppler_page_get_size (page, &width, &height);
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) (width * d->scale + 0.5), (int) (height * d->scale + 0.5));
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_scale (cr, d->scale, d->scale);
  poppler_page_render (page, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  pixels = g_bytes_new (cairo_image_surface_get_data (surface),
                        (gsize) cairo_image_surface_get_stride (surface) * (gsize) cairo_image_surface_get_height (surface));
  g_task_return_pointer (task,
                         gdk_memory_texture_new (cairo_image_surface_get_width (surface), cairo_image_surface_get_height (surface),
                                                 GDK_MEMORY_DEFAULT, pixels, (gsize) cairo_image_surface_get_stride (surface)),
                         g_object_unref);
  cairo_surface_destroy (surface);
  g_object_unref (page);
  g_object_unref (document);
}

static void
drawn_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkPicture) picture = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = g_task_propagate_pointer (G_TASK (result), &error);

  if (texture != NULL)
    gtk_picture_set_paintable (picture, GDK_PAINTABLE (texture));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("page not drawn: %s", error->message);
}

static void
draw_pages (TillPdfView *self)
{
  GtkWidget *child;
  PopplerDocument *document;
  double factor = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);
  if (self->bytes == NULL || (document = poppler_document_new_from_bytes (self->bytes, NULL, NULL)) == NULL)
    return;
  for (guint i = 0; i < self->n_pages; i++)
    {
      GtkWidget *picture = gtk_picture_new ();
      g_autoptr (GTask) task = g_task_new (self, self->cancellable, drawn_cb, g_object_ref (picture));
      Drawing *d = g_new0 (Drawing, 1);
      PopplerPage *page = poppler_document_get_page (document, (int) i);
      double width, height;

      poppler_page_get_size (page, &width, &height);
      g_object_unref (page);
      *d = (Drawing){ g_bytes_ref (self->bytes), i, self->zoom * factor * DPI / 72 };
      g_task_set_task_data (task, d, drawing_free);
      g_task_set_return_on_cancel (task, FALSE);
      gtk_picture_set_can_shrink (GTK_PICTURE (picture), TRUE);
      gtk_widget_set_size_request (picture, (int) (width * self->zoom * DPI / 72), (int) (height * self->zoom * DPI / 72));
      gtk_widget_set_halign (picture, GTK_ALIGN_CENTER);
      gtk_widget_set_valign (picture, GTK_ALIGN_START);
      gtk_widget_add_css_class (picture, "till-paper");
      gtk_box_append (self->box, picture);
      g_task_run_in_thread (task, draw_thread);
    }
  g_object_unref (document);
}

gboolean
till_pdf_view_set_bytes (TillPdfView *self, GBytes *pdf, GError **error)
{
  PopplerDocument *document = NULL;

  g_return_val_if_fail (TILL_IS_PDF_VIEW (self), FALSE);
  if (pdf != NULL && (document = poppler_document_new_from_bytes (pdf, NULL, error)) == NULL)
    return FALSE;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  self->bytes = pdf != NULL ? g_bytes_ref (pdf) : NULL;
  self->n_pages = document != NULL ? (guint) poppler_document_get_n_pages (document) : 0;
  g_clear_object (&document);
  draw_pages (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BYTES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_PAGES]);
  return TRUE;
}

guint
till_pdf_view_get_n_pages (TillPdfView *self)
{
  g_return_val_if_fail (TILL_IS_PDF_VIEW (self), 0);
  return self->n_pages;
}

static void
till_pdf_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillPdfView *self = TILL_PDF_VIEW (object);

  switch (id)
    {
    case PROP_BYTES:
      g_value_set_boxed (value, self->bytes);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->zoom);
      break;
    case PROP_N_PAGES:
      g_value_set_uint (value, self->n_pages);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_pdf_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillPdfView *self = TILL_PDF_VIEW (object);

  switch (id)
    {
    case PROP_BYTES:
      till_pdf_view_set_bytes (self, g_value_get_boxed (value), NULL);
      break;
    case PROP_ZOOM:
      self->zoom = g_value_get_double (value);
      draw_pages (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_pdf_view_dispose (GObject *object)
{
  TillPdfView *self = TILL_PDF_VIEW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (self->box != NULL)
    gtk_widget_unparent (GTK_WIDGET (g_steal_pointer (&self->box)));
  G_OBJECT_CLASS (till_pdf_view_parent_class)->dispose (object);
}

static void
till_pdf_view_class_init (TillPdfViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_pdf_view_get_property;
  object_class->set_property = till_pdf_view_set_property;
  object_class->dispose = till_pdf_view_dispose;
  properties[PROP_BYTES] = g_param_spec_boxed ("bytes", NULL, NULL, G_TYPE_BYTES, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0.25, 8, 1, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_N_PAGES] = g_param_spec_uint ("n-pages", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tillpdf");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
till_pdf_view_init (TillPdfView *self)
{
  self->zoom = 1;
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_widget_set_parent (GTK_WIDGET (self->box), GTK_WIDGET (self));
}

GtkWidget *
till_pdf_view_new (void)
{
  return g_object_new (TILL_TYPE_PDF_VIEW, NULL);
}
