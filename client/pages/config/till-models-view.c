/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-models-view.c: see till-models-view.h. */
#define G_LOG_DOMAIN "till-models-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-meter-model.h"
#include "client/pages/config/till-models-view.h"
#include "client/pages/config/till-proof-window.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-picker.h"
#include "shared/api/till-paths.h"

struct _TillModelsView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillModelsView, till_models_view, TILL_TYPE_LIST_PAGE)

static void
selected (TillListPage *page, gpointer model)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "models.prove", model != NULL && till_session_may (session, TILL_PERMISSION_PLANT_PROVE));
}

/* --- beginning a commissioning --- */

typedef struct { TillModelsView *view; char *model; TillId id; gint64 meter; } Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_object_unref (start->view);
  g_free (start->model);
  g_free (start);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Start *start = g_object_get_data (G_OBJECT (window), "till-start");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) proof = till_plant_service_proof_finish (TILL_PLANT_SERVICE (source), result, &error);
  char id[TILL_ID_TEXT];

  if (proof == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_proof_window_show (GTK_WIDGET (start->view), till_page_get_context (TILL_PAGE (start->view)), till_id_print (&start->id, id));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
answered_cb (TillAskWindow *window, const char *answer, Start *start)
{
  TillProofStart ask = { start->id, start->model, start->meter, g_strcmp0 (till_ask_window_get_choice (window), "everywhere") == 0 };

  till_plant_service_start_proof_async (till_context_get_plant (till_page_get_context (TILL_PAGE (start->view))), &ask, NULL, started_cb,
                                        g_object_ref (window));
}

static void
picked_cb (TillPicker *picker, TillRecord *meter, TillAskWindow *window)
{
  Start *start = g_object_get_data (G_OBJECT (window), "till-start");

  start->meter = till_record_int (meter, "id");
  till_picker_set_text (picker, till_record_text (meter, "code"));
  till_ask_window_set_ready (window, TRUE);
}

static GtkWidget *
make_picker (TillModelsView *self, const char *model, TillAskWindow *window)
{
  static const char *const fields[] = { "code", "room", "gateway-code", NULL };
  TillContext *context = till_page_get_context (TILL_PAGE (self));
  g_autoptr (TillQuery) query = till_query_new ();
  g_autoptr (TillPagedList) list = NULL;
  GtkWidget *picker = till_picker_new ();

  till_query_set_fixed (query, "model", model);
  list = till_context_make_list (context, TILL_PATH_METERS, TILL_TYPE_METER, query);
  g_object_set (picker, "placeholder-text", _ ("Meter No., room"), NULL);
  till_picker_set_fields (TILL_PICKER (picker), fields);
  till_picker_set_list (TILL_PICKER (picker), G_LIST_MODEL (list));
  g_signal_connect_object (picker, "picked", G_CALLBACK (picked_cb), window, 0);
  return picker;
}

static void
prove_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer model = till_list_page_get_selected (TILL_LIST_PAGE (widget));
  TillAsk ask = { .title = _ ("Commissioning proof"), .action = _ ("Begin"),
                  .intro = _ ("One real circuit of this model is read, set, switched and recharged step by step. "
                              "One operator stands at the meter; a second one agrees at "
                              "the end. The power of the room is switched off for a moment.") };
  TillAskWindow *window;
  Start *start;

  if (model == NULL)
    return;
  window = till_ask_window_new (widget, &ask);
  start = g_new0 (Start, 1);
  start->view = g_object_ref (TILL_MODELS_VIEW (widget));
  start->model = g_strdup (till_record_text (model, "name"));
  till_id_new (&start->id, g_get_real_time () / 1000);
  g_object_set_data_full (G_OBJECT (window), "till-start", start, start_free);
  till_ask_window_add_fact (window, _ ("Model"), start->model);
  till_ask_window_add_widget (window, make_picker (TILL_MODELS_VIEW (widget), start->model, window));
  till_ask_window_add_choice (window, &(TillAskChoice){ "gateway", _ ("For this gateway"), _ ("The proof holds for the meters of its gateway."), NULL });
  till_ask_window_add_choice (window, &(TillAskChoice){ "everywhere", _ ("Everywhere"), _ ("The second operator needs the permission for it."), NULL });
  till_ask_window_set_ready (window, FALSE);
  g_signal_connect (window, "answered", G_CALLBACK (answered_cb), start);
  gtk_window_present (GTK_WINDOW (window));
}

static void
till_models_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_MODELS_VIEW);
  G_OBJECT_CLASS (till_models_view_parent_class)->dispose (object);
}

static void
till_models_view_class_init (TillModelsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_models_view_dispose;
  list_class->path = TILL_PATH_METER_MODELS;
  list_class->get_record_type = till_meter_model_get_type;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "models.prove", NULL, prove_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-models-view.ui");
  till_list_page_class_bind (list_class, FALSE);
}

static void
till_models_view_init (TillModelsView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
