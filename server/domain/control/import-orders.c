/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-orders.c: prices and limits for the meters of imported accounts, as when an account is opened by hand: a job that begins where it
 * stopped. Ordered again they change nothing: the newest wins. */
#include "server/domain/control/import-orders.h"
#include "server/domain/money/price-issue.h"
#include "server/domain/plant/setting-order.h"

#define METERS 50 /* of a transaction */

char *
tilld_import_orders_input (const TilldImportWork *work)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "kind", tilld_import_kind_word (work->in->kind));
  till_json_write_begin_array (w, "meters");
  for (guint i = 0; i < work->orders->len; i++)
    till_json_write_int (w, NULL, g_array_index (work->orders, gint64, i));
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (w, NULL);
}

/* A meter that cannot be told, or is gone by now, is passed over: its record says what it should hold. */
static gboolean
order_meter (TilldDb *db, const TilldPriceTools *tools, gint64 meter, gint64 now_ms, GError **error)
{
  const TilldPriceOrder prices = { meter, "account opened", now_ms };
  const TilldSettingIssue limits = { .meter = meter, .kind = TILL_COMMAND_KIND_SET_LIMITS, .reason = "account opened", .now_ms = now_ms };
  g_autofree char *no_price = NULL, *why = NULL;
  TillId id;

  return tilld_price_order (db, tools, &prices, &id, &no_price, error) &&
         tilld_setting_issue (db, tools->profiles, tools->who, &limits, &id, &why, error);
}

gboolean
tilld_import_orders_step (TilldDb *db, const TilldImportOrders *orders, const TilldJobTask *task, char **ret_cursor, gboolean *ret_last, GError **error)
{
  g_auto (TilldActor) who = TILLD_ACTOR_SYSTEM (task->site);
  g_autoptr (TilldTariffBook) book = tilld_tariff_book_load (db, task->site, error);
  g_autoptr (JsonNode) input = json_from_string (task->input, error), cursor = input != NULL ? json_from_string (task->cursor, error) : NULL;
  g_autofree char *text = NULL, *result = NULL;
  const TilldPriceTools tools = { orders->profiles, book, &who };
  TilldJobProgress progress = { .id = task->id, .total = task->total, .claim = task->claim };
  JsonArray *meters;
  JsonObject *at;
  gboolean cancelled;
  guint n, from, to;

  if (book == NULL || cursor == NULL)
    return FALSE;
  who.operator_id = task->operator_id;
  g_strlcpy (who.request, "import", sizeof who.request);
  at = json_node_get_object (cursor);
  meters = json_object_has_member (json_node_get_object (input), "meters") ? json_object_get_array_member (json_node_get_object (input), "meters") : NULL;
  n = meters != NULL ? json_array_get_length (meters) : 0;
  from = (guint) CLAMP (json_object_get_int_member_with_default (at, "next", 0), 0, n);
  to = MIN (from + METERS, n);
  for (guint i = from; i < to; i++)
    if (!order_meter (db, &tools, json_array_get_int_element (meters, i), orders->now_ms, error))
      return FALSE;
  result = json_object_has_member (at, "result") ? json_to_string (json_object_get_member (at, "result"), FALSE) : g_strdup ("null");
  progress.cursor = text = g_strdup_printf ("{\"result\":%s,\"next\":%u}", result, to);
  progress.done = n > 0 ? to : task->total;
  progress.pause_s = orders->last_of_round ? 1 : 0;
  *ret_last = to == n;
  if (!tilld_job_progress (db, &progress, &cancelled, error))
    return FALSE;
  if (cancelled)
    *ret_last = TRUE;
  if (*ret_last && !tilld_job_end (db, &task->id, to == n ? TILLD_JOB_DONE : TILLD_JOB_CANCELLED, NULL, result, error))
    return FALSE;
  g_free (*ret_cursor);
  *ret_cursor = g_steal_pointer (&text);
  return TRUE;
}
