/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-page.h: a page of the main window. Built when first shown, kept until sign-out. Owns a cancellable that is renewed when the page is
 * left, so that no answer reaches a page nobody looks at. Pages never call each other: they activate win.show-page.
 * Properties: "context" (TillContext, construct only), "title", "icon-name", "status" (text of the status line), "badge" (uint). */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_PAGE (till_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (TillPage, till_page, TILL, PAGE, AdwBin)

struct _TillPageClass
{
  AdwBinClass parent_class;
  void (*load) (TillPage *self);    /* once, when first shown */
  void (*entered) (TillPage *self); /* each time it is shown, after load */
  void (*refresh) (TillPage *self); /* F5 */
  /* A message of the live feed that lists do not take by themselves. object may be NULL. */
  void (*record_changed) (TillPage *self, TillFeedKind kind, const char *id, JsonObject *object);
  void (*open_target) (TillPage *self, const char *target); /* second argument of win.show-page */
  /* What Ctrl+E exports now: path, id and query filled in, borrowed; FALSE when there is nothing. */
  gboolean (*get_export) (TillPage *self, TillExport *ret_export, const char **ret_name);
  void (*print) (TillPage *self);   /* Ctrl+P */
  void (*find) (TillPage *self);    /* Ctrl+F: focus the filter */
};

TillContext  *till_page_get_context (TillPage *self);
GCancellable *till_page_get_cancellable (TillPage *self); /* of this visit */
const char   *till_page_get_status (TillPage *self);
void          till_page_set_status (TillPage *self, const char *status);
void          till_page_set_badge (TillPage *self, guint badge);

/* Called by the window. */
void     till_page_enter (TillPage *self);
void     till_page_leave (TillPage *self);
void     till_page_refresh (TillPage *self);
void     till_page_record_changed (TillPage *self, TillFeedKind kind, const char *id, JsonObject *object);
void     till_page_open_target (TillPage *self, const char *target);
void     till_page_export (TillPage *self); /* asks where to, streams, says so */
gboolean till_page_can_export (TillPage *self);
void     till_page_print (TillPage *self);
void     till_page_find (TillPage *self);

/* Stored per operator and page: "layout", "filters"; caller frees. */
char *till_page_dup_view (TillPage *self, const char *key);
void  till_page_set_view (TillPage *self, const char *key, const char *text);

G_END_DECLS
