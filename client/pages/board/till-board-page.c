/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-page.c: filters, legend and commands around the drawn board. States come from the board state, texts on demand. */
#define G_LOG_DOMAIN "till-board-page"
#include "config.h"
#include "client/pages/board/till-board-page.h"
#include <glib/gi18n.h>
#include "client/pages/board/till-hover-card.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-status-board.h"
#include "client/widgets/till-status-legend.h"
#include "shared/api/till-paths.h"

#define READ_AT_ONCE 20
#define COUNT_MS     250
#define NAMES_UP_TO  1500 /* meters: a small estate starts with the names of its rooms */

struct _TillBoardPage
{
  TillPage parent_instance;
  TillStatusBoard *board;
  TillStatusLegend *legend;
  GtkStack *stack;
  GtkDropDown *area, *mode, *relay, *group;
  GtkToggleButton *dim;
  GtkSearchEntry *find;
  GtkLabel *zoom_label, *selection_label;
  GtkRevealer *actions;
  GArray *areas; /* board area index behind each row of the drop-down but the first */
  TillBoardFilter filter;
  gboolean filling;
  guint count_source, reads_left, reads_failed;
};

G_DEFINE_FINAL_TYPE (TillBoardPage, till_board_page, TILL_TYPE_PAGE)

static TillBoardState *
state_of (TillBoardPage *self)
{
  return till_context_get_board (till_page_get_context (TILL_PAGE (self)));
}

static void
show_counts (TillBoardPage *self)
{
  guint counts[TILL_N_STATES], n = till_board_state_get_n_meters (state_of (self)), shown = till_status_board_get_n_shown (self->board);
  guint selected = (guint) gtk_bitset_get_size (till_status_board_get_selected (self->board));
  g_autofree char *all = till_format_int (n);
  g_autoptr (GString) text = g_string_new (NULL);

  till_board_state_count (state_of (self), self->filter.area, counts);
  till_status_legend_set_counts (self->legend, counts);
  g_string_append_printf (text, g_dngettext (NULL, "%s meter", "%s meters", n), all);
  if (shown != n)
    g_string_append_printf (text, _ (" · %u shown"), shown);
  if (selected > 0)
    g_string_append_printf (text, _ (" · %u selected"), selected);
  till_page_set_status (TILL_PAGE (self), text->str);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "board" : till_board_state_is_loaded (state_of (self)) ? "empty" : "loading");
}

static gboolean
count_cb (gpointer data)
{
  TillBoardPage *self = data;

  self->count_source = 0;
  show_counts (self);
  return G_SOURCE_REMOVE;
}

static void
meter_changed_cb (TillBoardState *state, guint position, TillBoardPage *self)
{
  if (self->count_source == 0)
    self->count_source = g_timeout_add (COUNT_MS, count_cb, self);
}

/* --- filter */

static void
apply_filter (TillBoardPage *self)
{
  guint area = gtk_drop_down_get_selected (self->area), mode = gtk_drop_down_get_selected (self->mode),
        relay = gtk_drop_down_get_selected (self->relay);

  if (self->filling)
    return;
  self->filter.area = area > 0 && area <= self->areas->len ? g_array_index (self->areas, int, area - 1) : -1;
  self->filter.states = till_status_legend_get_states (self->legend);
  self->filter.modes = mode == 0 ? 0 : 1u << (mode - 1);
  self->filter.relays = relay == 0 ? 0 : relay == 1 ? 1u << TILL_RELAY_CLOSED : relay == 2 ? 1u << TILL_RELAY_OPEN : 1u << TILL_RELAY_UNKNOWN;
  self->filter.hide_others = !gtk_toggle_button_get_active (self->dim);
  till_status_board_set_filter (self->board, &self->filter);
  till_status_board_set_grouping (self->board, (TillBoardGrouping) gtk_drop_down_get_selected (self->group));
  show_counts (self);
}

static void
fill_areas (TillBoardPage *self)
{
  TillBoardState *state = state_of (self);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  self->filling = TRUE;
  g_array_set_size (self->areas, 0);
  gtk_string_list_append (names, _ ("All areas"));
  for (guint i = 0; i < till_board_state_get_n_areas (state); i++)
    {
      const TillBoardArea *area = till_board_state_get_area (state, i);
      int index = (int) i;

      if (area->kind != TILL_AREA_KIND_CAMPUS && area->kind != TILL_AREA_KIND_BUILDING)
        continue;
      gtk_string_list_append (names, area->path);
      g_array_append_val (self->areas, index);
    }
  gtk_drop_down_set_model (self->area, G_LIST_MODEL (names));
  self->filling = FALSE;
}

static void
board_reset_cb (TillBoardState *state, TillBoardPage *self)
{
  fill_areas (self);
  apply_filter (self);
}

static void
filter_cb (TillBoardPage *self)
{
  apply_filter (self);
}

static void
zoom_changed_cb (TillBoardPage *self)
{
  g_autofree char *text = g_strdup_printf ("%u", till_status_board_get_zoom (self->board));

  gtk_label_set_text (self->zoom_label, text);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "board.zoom-in", till_status_board_get_zoom (self->board) < TILL_BOARD_ZOOMS);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "board.zoom-out", till_status_board_get_zoom (self->board) > 1);
  if (till_page_get_context (TILL_PAGE (self)))
    till_page_set_view (TILL_PAGE (self), "zoom", text);
}

static void
selection_cb (TillBoardPage *self)
{
  guint n = (guint) gtk_bitset_get_size (till_status_board_get_selected (self->board));
  g_autofree char *text = g_strdup_printf (g_dngettext (NULL, "%u meter selected", "%u meters selected", n), n);

  gtk_label_set_text (self->selection_label, text);
  gtk_revealer_set_reveal_child (self->actions, n > 0);
  show_counts (self);
}

/* --- texts of cards, search */

static void
take_details (TillBoardPage *self, JsonNode *node, gboolean select)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *items = object ? json_object_get_member (object, "items") : NULL;
  guint first = G_MAXUINT, position;

  if (items == NULL || !JSON_NODE_HOLDS_ARRAY (items))
    return;
  if (select)
    till_status_board_unselect_all (self->board);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (items)); i++)
    {
      g_autoptr (TillMeter) meter = till_record_new_from_json (TILL_TYPE_METER, json_array_get_element (json_node_get_array (items), i), NULL);
      guint32 id = meter ? (guint32) till_record_int (meter, "id") : 0;

      if (meter == NULL)
        continue;
      till_status_board_take_detail (self->board, id, meter);
      if (select && till_board_state_find (state_of (self), id, &position))
        {
          gtk_bitset_add (till_status_board_get_selected (self->board), position);
          first = MIN (first, position);
        }
    }
  if (select && first != G_MAXUINT)
    till_status_board_reveal (self->board, first);
  if (select)
    selection_cb (self);
}

static void
details_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillBoardPage) self = user_data;
  g_autoptr (JsonNode) node = till_api_call_finish (TILL_API (source), result, NULL);

  if (node && self->board)
    take_details (self, node, FALSE);
}

static void
ask_details (TillBoardPage *self, const char *ids)
{
  g_autofree char *query = g_strdup_printf ("id=%s&limit=500", ids);
  TillCall call = { .path = TILL_PATH_METERS, .query = query };

  till_api_call_async (till_context_get_api (till_page_get_context (TILL_PAGE (self))), &call, till_page_get_cancellable (TILL_PAGE (self)),
                       details_cb, g_object_ref (self));
}

static void
details_wanted_cb (TillStatusBoard *board, GArray *wanted, TillBoardPage *self)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < wanted->len; i++)
    g_string_append_printf (ids, "%s%u", i ? "," : "", g_array_index (wanted, guint32, i));
  ask_details (self, ids->str);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillBoardPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_api_call_finish (TILL_API (source), result, &error);

  if (node == NULL)
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
  else
    take_details (self, node, TRUE);
}

static void
find_cb (TillBoardPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->find));
  g_autofree char *escaped = g_uri_escape_string (text, NULL, FALSE), *query = g_strdup_printf ("q=%s&limit=500", escaped);
  TillCall call = { .path = TILL_PATH_METERS, .query = query };

  if (text[0] == '\0')
    till_status_board_unselect_all (self->board);
  else
    till_api_call_async (till_context_get_api (till_page_get_context (TILL_PAGE (self))), &call, till_page_get_cancellable (TILL_PAGE (self)),
                         found_cb, g_object_ref (self));
}

static gboolean
query_tooltip_cb (TillStatusBoard *board, int x, int y, gboolean keyboard, GtkTooltip *tooltip, TillBoardPage *self)
{
  guint position;
  TillBoardCell cell;
  TillMeter *meter;
  const TillBoardArea *area;

  if (keyboard || !till_status_board_position_at (board, x, y, &position))
    return FALSE;
  cell = till_board_state_get_cell (state_of (self), position);
  meter = till_status_board_get_detail (board, cell.id);
  if (meter == NULL)
    {
      g_autofree char *id = g_strdup_printf ("%u", cell.id);
      ask_details (self, id);
    }
  area = cell.area < till_board_state_get_n_areas (state_of (self)) ? till_board_state_get_area (state_of (self), cell.area) : NULL;
  gtk_tooltip_set_custom (tooltip,
                          till_hover_card_new (&cell, area, meter,
                                               till_session_now (till_context_get_session (till_page_get_context (TILL_PAGE (self))))));
  return TRUE;
}

/* --- commands */

static void
activate_cb (TillStatusBoard *board, guint position, TillBoardPage *self)
{
  g_autofree char *target = g_strdup_printf ("meter:%u", till_board_state_get_cell (state_of (self), position).id);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "(ss)", "meters", target);
}

static char *
selected_ids (TillBoardPage *self, guint most)
{
  GString *ids = g_string_new (NULL);
  GtkBitsetIter iter;
  guint position, n = 0;

  if (gtk_bitset_iter_init_first (&iter, till_status_board_get_selected (self->board), &position))
    do
      g_string_append_printf (ids, "%s%u", n ? "," : "", till_board_state_get_cell (state_of (self), position).id);
    while (++n < most && gtk_bitset_iter_next (&iter, &position));
  return g_string_free (ids, FALSE);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillBoardPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);

  if (meter && self->board)
    till_status_board_take_detail (self->board, (guint32) till_record_int (meter, "id"), meter);
  else if (meter == NULL && !till_api_error_is_cancelled (error))
    self->reads_failed++;
  if (--self->reads_left == 0)
    {
      g_autofree char *text = self->reads_failed == 0
                                ? g_strdup (_ ("All selected meters answered"))
                                : g_strdup_printf (g_dngettext (NULL, "%u meter did not answer", "%u meters did not answer",
                                                                self->reads_failed),
                                                   self->reads_failed);
      till_report_done (GTK_WIDGET (self), text);
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "meters.read", TRUE);
    }
}

static void
read_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillBoardPage *self = TILL_BOARD_PAGE (widget);
  GtkBitsetIter iter;
  guint position;

  self->reads_failed = self->reads_left = 0;
  if (!gtk_bitset_iter_init_first (&iter, till_status_board_get_selected (self->board), &position))
    return;
  gtk_widget_action_set_enabled (widget, "meters.read", FALSE);
  do
    {
      self->reads_left++;
      till_meter_service_read_now_async (till_context_get_meters (till_page_get_context (TILL_PAGE (self))),
                                         till_board_state_get_cell (state_of (self), position).id, till_page_get_cancellable (TILL_PAGE (self)),
                                         read_cb, g_object_ref (self));
    }
  while (self->reads_left < READ_AT_ONCE && gtk_bitset_iter_next (&iter, &position));
}

static void
table_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_autofree char *ids = selected_ids (TILL_BOARD_PAGE (widget), 500), *target = g_strconcat ("ids:", ids, NULL);
  gtk_widget_activate_action (widget, "win.show-page", "(ss)", "meters", target);
}

static void
zoom_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillBoardPage *self = TILL_BOARD_PAGE (widget);
  guint zoom = till_status_board_get_zoom (self->board);

  till_status_board_set_zoom (self->board, g_str_equal (action, "board.zoom-in") ? zoom + 1 : zoom - 1);
}

static void
clear_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  till_status_board_unselect_all (TILL_BOARD_PAGE (widget)->board);
}

/* --- page */

static void
online_cb (TillContext *context, GParamSpec *pspec, TillBoardPage *self)
{
  till_status_board_set_stale (self->board, !till_context_is_online (context) && till_board_state_is_loaded (state_of (self)));
}

static void
load (TillPage *page)
{
  TillBoardPage *self = TILL_BOARD_PAGE (page);
  TillContext *context = till_page_get_context (page);
  g_autofree char *zoom = till_page_dup_view (page, "zoom");

  g_signal_connect_object (state_of (self), "reset", G_CALLBACK (board_reset_cb), self, 0);
  g_signal_connect_object (state_of (self), "meter-changed", G_CALLBACK (meter_changed_cb), self, 0);
  g_signal_connect_object (context, "notify::online", G_CALLBACK (online_cb), self, 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meters.read", till_session_may (till_context_get_session (context), TILL_PERMISSION_METERS_READ));
  till_status_board_set_state (self->board, state_of (self));
  if (zoom)
    till_status_board_set_zoom (self->board, (guint) g_ascii_strtoull (zoom, NULL, 10));
  else if (till_board_state_get_n_meters (state_of (self)) <= NAMES_UP_TO)
    till_status_board_set_zoom (self->board, 3);
  fill_areas (self);
  apply_filter (self);
}

static void
entered (TillPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_BOARD_PAGE (page)->board));
}

static void
reloaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillBoardPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!till_board_state_load_finish (TILL_BOARD_STATE (source), result, &error))
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

static void
refresh (TillPage *page)
{
  till_board_state_load_async (state_of (TILL_BOARD_PAGE (page)), till_page_get_cancellable (page), reloaded_cb, g_object_ref (page));
}

static void
open_target (TillPage *page, const char *target)
{
  int state;

  if (g_str_has_prefix (target, "state:") && till_meter_state_from_word (target + strlen ("state:"), &state))
    till_status_legend_set_states (TILL_BOARD_PAGE (page)->legend, 1u << state);
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  ret_export->path = TILL_PATH_METERS;
  *ret_name = "meters";
  return TRUE;
}

static void
find (TillPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_BOARD_PAGE (page)->find));
}

static void
till_board_page_dispose (GObject *object)
{
  TillBoardPage *self = TILL_BOARD_PAGE (object);

  g_clear_handle_id (&self->count_source, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_BOARD_PAGE);
  self->board = NULL;
  g_clear_pointer (&self->areas, g_array_unref);
  G_OBJECT_CLASS (till_board_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/board/till-board-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, board);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, legend);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, area);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, mode);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, relay);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, group);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, dim);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, find);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, zoom_label);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, selection_label);
  gtk_widget_class_bind_template_child (widget_class, TillBoardPage, actions);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, find_cb);
  gtk_widget_class_bind_template_callback (widget_class, zoom_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, selection_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, details_wanted_cb);
  gtk_widget_class_bind_template_callback (widget_class, query_tooltip_cb);
}

static void
till_board_page_class_init (TillBoardPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_board_page_dispose;
  page_class->load = load;
  page_class->entered = entered;
  page_class->refresh = refresh;
  page_class->open_target = open_target;
  page_class->get_export = get_export;
  page_class->find = find;
  gtk_widget_class_install_action (widget_class, "board.zoom-in", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "board.zoom-out", NULL, zoom_action);
  gtk_widget_class_install_action (widget_class, "board.clear", NULL, clear_action);
  gtk_widget_class_install_action (widget_class, "board.show-table", NULL, table_action);
  gtk_widget_class_install_action (widget_class, "meters.read", NULL, read_action);
  g_type_ensure (TILL_TYPE_STATUS_BOARD);
  g_type_ensure (TILL_TYPE_STATUS_LEGEND);
  bind_template (widget_class);
}

static void
till_board_page_init (TillBoardPage *self)
{
  self->areas = g_array_new (FALSE, FALSE, sizeof (int));
  self->filter.area = -1;
  self->filling = TRUE; /* the template sets drop-downs before there is a board */
  gtk_widget_init_template (GTK_WIDGET (self));
  zoom_changed_cb (self);
}
