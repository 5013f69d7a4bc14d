/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-approvals-page.c: see till-approvals-page.h. Who proposed cannot decide: the own ones offer only to be withdrawn. */
#define G_LOG_DOMAIN "till-approvals-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/approvals/till-approvals-page.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"
#include "shared/api/till-paths.h"

struct _TillApprovalsPage {
  TillListPage     parent_instance;
  GtkToggleButton *waiting, *mine;
};

G_DEFINE_FINAL_TYPE (TillApprovalsPage, till_approvals_page, TILL_TYPE_LIST_PAGE)

static TillSession *
session_of (gpointer page)
{
  return till_context_get_session (till_page_get_context (TILL_PAGE (page)));
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillPage) page = user_data;
  guint n = 0;

  if (till_admin_service_count_approvals_finish (TILL_ADMIN_SERVICE (source), result, &n, NULL))
    till_page_set_badge (page, n);
}

static void
count (TillPage *page)
{
  till_admin_service_count_approvals_async (till_context_get_admin (till_page_get_context (page)), NULL, counted_cb, g_object_ref (page));
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  TillApprovalsPage *self = TILL_APPROVALS_PAGE (page);
  g_autofree char *own = g_strdup_printf ("%" G_GINT64_FORMAT, till_session_get_operator_id (session_of (page)));
  gboolean mine = gtk_toggle_button_get_active (self->mine);

  till_query_set_fixed (query, "state", gtk_toggle_button_get_active (self->waiting) ? "open" : mine ? NULL : "approved,rejected,expired,withdrawn");
  till_query_set_fixed (query, "proposed_by", mine ? own : NULL);
}

static void
load (TillPage *page)
{
  TILL_PAGE_CLASS (till_approvals_page_parent_class)->load (page);
  count (page);
}

static void
refresh (TillPage *page)
{
  TILL_PAGE_CLASS (till_approvals_page_parent_class)->refresh (page);
  count (page);
}

/* --- deciding --- */

typedef struct { TillApprovalsPage *page; TillAskWindow *window; } Decision;

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Decision *decision = user_data;
  g_autoptr (TillApprovalsPage) page = decision->page;
  g_autoptr (TillAskWindow) window = decision->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillApproval) approval = till_admin_service_decide_finish (TILL_ADMIN_SERVICE (source), result, &error);

  if (approval == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (GTK_WIDGET (page), till_format_word (&till_words_approval_state, till_record_int (approval, "state")));
  gtk_window_destroy (GTK_WINDOW (window));
  refresh (TILL_PAGE (page));
}

static void
answered_cb (TillAskWindow *window, const char *answer, TillApprovalsPage *self)
{
  gpointer approval = g_object_get_data (G_OBJECT (window), "till-approval");
  gboolean own = till_record_int (approval, "proposed-by") == till_session_get_operator_id (session_of (self));
  TillApprovalDecision decision = { till_record_int (approval, "id"), own ? "withdraw" : g_str_equal (answer, "ok") ? "approve" : "reject",
                                    till_ask_window_get_note (window) };
  Decision *data = g_new0 (Decision, 1);

  if (decision.note != NULL && decision.note[0] == '\0')
    decision.note = NULL;
  *data = (Decision){ g_object_ref (self), g_object_ref (window) };
  till_admin_service_decide_async (till_context_get_admin (till_page_get_context (TILL_PAGE (self))), &decision, NULL, decided_cb, data);
}

static void
add_facts (TillAskWindow *window, gpointer approval)
{
  g_autofree char *amount = till_format_money_sign (till_record_int (approval, "amount"));
  g_autofree char *proposed = till_format_time (till_record_int (approval, "proposed-at"));
  g_autofree char *expires = till_format_time (till_record_int (approval, "expires-at"));
  const char *meter = till_record_text (approval, "meter-code");

  till_ask_window_add_fact (window, _ ("Operation"), till_format_word (&till_words_approval_kind, till_record_int (approval, "kind")));
  if (meter != NULL)
    till_ask_window_add_fact (window, _ ("Meter No."), meter);
  if (till_record_text (approval, "room") != NULL)
    till_ask_window_add_fact (window, _ ("Room"), till_record_text (approval, "room"));
  if (till_record_known (approval, "amount"))
    till_ask_window_add_fact (window, _ ("Amount"), amount);
  till_ask_window_add_fact (window, _ ("Reason"), till_record_text (approval, "reason"));
  till_ask_window_add_fact (window, _ ("Proposed by"), till_record_text (approval, "proposed-by-name"));
  till_ask_window_add_fact (window, _ ("Proposed at"), proposed);
  till_ask_window_add_fact (window, _ ("Expires"), expires);
}

static void
show (TillListPage *page, gpointer approval)
{
  gboolean own = till_record_int (approval, "proposed-by") == till_session_get_operator_id (session_of (page));
  gboolean open = g_strcmp0 (till_record_text (approval, "state"), "open") == 0;
  TillAsk ask = { .title = own ? _ ("Your proposal") : _ ("Approval"), .action = own ? _ ("Withdraw") : _ ("Approve"), .other = own ? NULL : _ ("Reject"),
                  .note = _ ("Note"), .destructive = own };
  TillAskWindow *window;

  if (!open)
    return;
  window = till_ask_window_new (GTK_WIDGET (page), &ask);
  add_facts (window, approval);
  g_object_set_data_full (G_OBJECT (window), "till-approval", g_object_ref (approval), g_object_unref);
  g_signal_connect_object (window, "answered", G_CALLBACK (answered_cb), page, 0);
  gtk_window_present (GTK_WINDOW (window));
}

static void
decide_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer approval = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (approval != NULL)
    show (TILL_LIST_PAGE (widget), approval);
}

static void
selected (TillListPage *page, gpointer approval)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "approvals.decide", approval != NULL && g_strcmp0 (till_record_text (approval, "state"), "open") == 0);
}

static void
till_approvals_page_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_APPROVALS_PAGE);
  G_OBJECT_CLASS (till_approvals_page_parent_class)->dispose (object);
}

static void
till_approvals_page_class_init (TillApprovalsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_approvals_page_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  TILL_PAGE_CLASS (klass)->refresh = refresh;
  list_class->path = TILL_PATH_APPROVALS;
  list_class->get_record_type = till_approval_get_type;
  list_class->sort = "proposed_at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("approvals");
  list_class->feed = TILL_FEED_APPROVAL;
  list_class->put_filters = put_filters;
  list_class->activated = show;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "approvals.decide", NULL, decide_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/approvals/till-approvals-page.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillApprovalsPage, waiting);
  gtk_widget_class_bind_template_child (widget_class, TillApprovalsPage, mine);
}

static void
till_approvals_page_init (TillApprovalsPage *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
