/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-list-page.h: a page that is one searchable table over one route: loads, filters, refreshes, exports, remembers its columns. A
 * subclass is its template, its class members and what Enter does. Its template calls filter_cb, clear_cb, reload_cb and activate_cb. */
#pragma once
#include "client/pages/till-page.h"
#include "client/widgets/till-table.h"

G_BEGIN_DECLS

#define TILL_TYPE_LIST_PAGE (till_list_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (TillListPage, till_list_page, TILL, LIST_PAGE, TillPage)

struct _TillListPageClass
{
  TillPageClass parent_class;
  const char   *path;        /* of the route */
  GType       (*get_record_type) (void);
  const char   *sort;        /* at first; NULL = the list's own order */
  gboolean      descending;
  const char   *export_name; /* msgid: proposed name of the sheet; NULL: it is not exported */
  TillFeedKind  feed;        /* messages that this list follows */
  void (*put_filters) (TillListPage *self, TillQuery *query);    /* what the widgets of the toolbar say; text is put by the base */
  void (*clear_filters) (TillListPage *self);                    /* back to nothing chosen; the search is cleared by the base */
  void (*activated) (TillListPage *self, gpointer record);       /* Enter, double click */
  void (*selected) (TillListPage *self, gpointer record);        /* NULL: nothing is selected */
};

/* In class_init, after the template was set: binds "search" (optional) and "table" of the template and its four callbacks. */
void           till_list_page_class_bind (TillListPageClass *klass, gboolean has_search);
/* In init, instead of gtk_widget_init_template. */
void           till_list_page_init_template (TillListPage *self);
/* In dispose, instead of gtk_widget_dispose_template. */
void           till_list_page_dispose_template (TillListPage *self, GType type);
void           till_list_page_filter (TillListPage *self); /* a widget of the toolbar changed */
gpointer       till_list_page_get_selected (TillListPage *self); /* loaded record, borrowed, or NULL */
void           till_list_page_reload (TillListPage *self);

G_END_DECLS
