/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-help-window.c: CommonMark of ui/help/ drawn into a text view: tree -> tags. */
#define G_LOG_DOMAIN "till-help-window"
#include "config.h"
#include "client/app/till-help-window.h"
#include <cmark.h>
#include <glib/gi18n.h>

struct _TillHelpWindow
{
  AdwWindow parent_instance;
  GtkListBox *topics;
  GtkSearchEntry *search;
  GtkTextView *view;
};

typedef struct { const char *name, *title, *pages; } Topic; /* pages: whose help this is */

static const Topic topics[] = {
  { "sign-in", N_ ("Sign in"), "sign-in" },
  { "sell", N_ ("Sell"), "sales" },
  { "held", N_ ("A sale is held"), "alarms" },
  { "board", N_ ("Read the live board"), "board meters overview" },
  { "accounts", N_ ("Customers and accounts"), "customers" },
  { "money-back", N_ ("Giving money back"), "approvals" },
  { "gateways", N_ ("Gateways and links"), "config" },
  { "plant", N_ ("Areas and plant"), "" },
  { "tariffs", N_ ("Tariffs"), "tariffs" },
  { "daily-report", N_ ("Daily report"), "reports" },
};

G_DEFINE_FINAL_TYPE (TillHelpWindow, till_help_window, ADW_TYPE_WINDOW)

static GBytes *
load_topic (const char *name)
{
  const char *const *languages = g_get_language_names ();

  for (guint i = 0; languages[i]; i++)
    {
      g_autofree char *path = g_strdup_printf ("/org/gridtill/Client/help/%s/%s.md", languages[i], name);
      GBytes *bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      if (bytes)
        return bytes;
    }
  {
    g_autofree char *path = g_strdup_printf ("/org/gridtill/Client/help/en/%s.md", name);
    return g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  }
}

static void
put (GtkTextBuffer *buffer, const char *text, const char *tag, const char *tag2)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  if (tag && tag2)
    gtk_text_buffer_insert_with_tags_by_name (buffer, &end, text, -1, tag, tag2, NULL);
  else if (tag)
    gtk_text_buffer_insert_with_tags_by_name (buffer, &end, text, -1, tag, NULL);
  else
    gtk_text_buffer_insert (buffer, &end, text, -1);
}

/* What stands before an item: "1. " or a bullet. */
static void
put_item_mark (GtkTextBuffer *buffer, cmark_node *item)
{
  cmark_node *list = cmark_node_parent (item);
  int number = cmark_node_get_list_start (list);
  g_autofree char *mark = NULL;

  for (cmark_node *at = cmark_node_previous (item); at; at = cmark_node_previous (at))
    number++;
  mark = cmark_node_get_list_type (list) == CMARK_ORDERED_LIST ? g_strdup_printf ("%d.\t", number) : g_strdup ("\u2022\t");
  put (buffer, mark, "item", NULL);
}

static const char *
block_tag (cmark_node *node)
{
  for (; node; node = cmark_node_parent (node))
    {
      if (cmark_node_get_type (node) == CMARK_NODE_HEADING)
        return cmark_node_get_heading_level (node) == 1 ? "h1" : "h2";
      if (cmark_node_get_type (node) == CMARK_NODE_ITEM)
        return "item";
    }
  return "body";
}

static const char *
inline_tag (cmark_node *node)
{
  for (; node; node = cmark_node_parent (node))
    if (cmark_node_get_type (node) == CMARK_NODE_STRONG || cmark_node_get_type (node) == CMARK_NODE_EMPH)
      return cmark_node_get_type (node) == CMARK_NODE_STRONG ? "strong" : "emph";
  return NULL;
}

static void
render (GtkTextBuffer *buffer, const char *markdown, gsize length)
{
  cmark_node *root = cmark_parse_document (markdown, length, CMARK_OPT_SMART);
  cmark_iter *iter = cmark_iter_new (root);
  cmark_event_type event;

  gtk_text_buffer_set_text (buffer, "", 0);
  while ((event = cmark_iter_next (iter)) != CMARK_EVENT_DONE)
    {
      cmark_node *node = cmark_iter_get_node (iter);

      switch (cmark_node_get_type (node))
        {
        case CMARK_NODE_TEXT:
        case CMARK_NODE_CODE:
          put (buffer, cmark_node_get_literal (node), block_tag (node), cmark_node_get_type (node) == CMARK_NODE_CODE ? "key" : inline_tag (node));
          break;
        case CMARK_NODE_SOFTBREAK:
        case CMARK_NODE_LINEBREAK:
          put (buffer, " ", block_tag (node), NULL);
          break;
        case CMARK_NODE_ITEM:
          if (event == CMARK_EVENT_ENTER)
            put_item_mark (buffer, node);
          break;
        case CMARK_NODE_PARAGRAPH:
        case CMARK_NODE_HEADING:
          if (event == CMARK_EVENT_EXIT)
            put (buffer, "\n", block_tag (node), NULL);
          break;
        default:
          break;
        }
    }
  cmark_iter_free (iter);
  cmark_node_free (root);
}

static void
topic_selected_cb (GtkListBox *list, GtkListBoxRow *row, TillHelpWindow *self)
{
  g_autoptr (GBytes) bytes = row ? load_topic (topics[gtk_list_box_row_get_index (row)].name) : NULL;
  gsize length;
  const char *text;

  if (bytes == NULL)
    return;
  text = g_bytes_get_data (bytes, &length);
  render (gtk_text_view_get_buffer (self->view), text, length);
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer user_data)
{
  TillHelpWindow *self = user_data;
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  g_autoptr (GBytes) bytes = load_topic (topics[gtk_list_box_row_get_index (row)].name);
  g_autofree char *text = bytes ? g_utf8_casefold (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes)) : NULL;

  return wanted[0] == '\0' || (text && strstr (text, wanted));
}

static void
search_changed_cb (TillHelpWindow *self)
{
  gtk_list_box_invalidate_filter (self->topics);
}

static void
make_tags (GtkTextBuffer *buffer)
{
  gtk_text_buffer_create_tag (buffer, "h1", "scale", 1.6, "weight", PANGO_WEIGHT_BOLD, "pixels-below-lines", 12, NULL);
  gtk_text_buffer_create_tag (buffer, "h2", "scale", 1.15, "weight", PANGO_WEIGHT_BOLD, "pixels-above-lines", 14, "pixels-below-lines", 6, NULL);
  gtk_text_buffer_create_tag (buffer, "body", "pixels-below-lines", 8, NULL);
  gtk_text_buffer_create_tag (buffer, "item", "left-margin", 48, "indent", -24, "pixels-below-lines", 6, NULL);
  gtk_text_buffer_create_tag (buffer, "strong", "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag (buffer, "emph", "style", PANGO_STYLE_ITALIC, NULL);
  gtk_text_buffer_create_tag (buffer, "key", "weight", PANGO_WEIGHT_SEMIBOLD, NULL);
}

static void
till_help_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_HELP_WINDOW);
  G_OBJECT_CLASS (till_help_window_parent_class)->dispose (object);
}

static void
till_help_window_class_init (TillHelpWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_help_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/app/till-help-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillHelpWindow, topics);
  gtk_widget_class_bind_template_child (widget_class, TillHelpWindow, search);
  gtk_widget_class_bind_template_child (widget_class, TillHelpWindow, view);
  gtk_widget_class_bind_template_callback (widget_class, topic_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
till_help_window_init (TillHelpWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  make_tags (gtk_text_view_get_buffer (self->view));
  for (guint i = 0; i < G_N_ELEMENTS (topics); i++)
    {
      GtkWidget *label = gtk_label_new (_ (topics[i].title));
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_list_box_append (self->topics, label);
    }
  gtk_list_box_set_filter_func (self->topics, filter_cb, self, NULL);
}

GtkWindow *
till_help_window_show (GtkApplication *application, const char *page)
{
  TillHelpWindow *self = g_object_new (TILL_TYPE_HELP_WINDOW, "application", application, NULL);
  int at = 0;

  for (guint i = 0; page && i < G_N_ELEMENTS (topics); i++)
    {
      g_auto (GStrv) pages = g_strsplit (topics[i].pages, " ", -1);
      if (g_strv_contains ((const char *const *) pages, page))
        at = (int) i;
    }
  gtk_list_box_select_row (self->topics, gtk_list_box_get_row_at_index (self->topics, at));
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WINDOW (self);
}
