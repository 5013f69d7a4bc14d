/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-proofs-view.c: see till-proofs-view.h. */
#define G_LOG_DOMAIN "till-proofs-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-proof.h"
#include "client/pages/config/till-proof-window.h"
#include "client/pages/config/till-proofs-view.h"
#include "shared/api/till-paths.h"

struct _TillProofsView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillProofsView, till_proofs_view, TILL_TYPE_LIST_PAGE)

static void
activated (TillListPage *page, gpointer proof)
{
  till_proof_window_show (GTK_WIDGET (page), till_page_get_context (TILL_PAGE (page)), till_record_key (proof));
}

static void
till_proofs_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_PROOFS_VIEW);
  G_OBJECT_CLASS (till_proofs_view_parent_class)->dispose (object);
}

static void
till_proofs_view_class_init (TillProofsViewClass *klass)
{
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_proofs_view_dispose;
  list_class->path = TILL_PATH_PROOFS;
  list_class->get_record_type = till_proof_get_type;
  list_class->sort = "started_at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("proofs");
  list_class->feed = TILL_FEED_PROOF;
  list_class->activated = activated;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/gridtill/Client/pages/config/till-proofs-view.ui");
  till_list_page_class_bind (list_class, FALSE);
}

static void
till_proofs_view_init (TillProofsView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
