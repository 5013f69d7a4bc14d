/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-sale.c: sales and their receipts. */
#include "server/api/listing.h"
#include "server/core/clock.h"
#include "server/core/config.h"
#include "server/domain/money/receipt.h"
#include "server/domain/money/sale.h"
#include "server/report/receipt.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static const TilldColumn sale_columns[] = {
  { "number", "Number", "单号", TILLD_CELL_TEXT, NULL },
  { "created_at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "kind", "Kind", "类别", TILLD_CELL_TEXT, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "account_code", "Account No.", "户号", TILLD_CELL_TEXT, NULL },
  { "customer_name", "Customer", "用户名", TILLD_CELL_TEXT, NULL },
  { "amount", "Amount", "金额", TILLD_CELL_MONEY, NULL },
  { "channel", "Method", "支付方式", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "count", "Purchases", "购电次数", TILLD_CELL_INT, NULL },
  { "balance_before", "Balance before", "购前余额", TILLD_CELL_MONEY, NULL },
  { "balance_after", "Balance after", "购后余额", TILLD_CELL_MONEY, NULL },
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "verified_at", "Verified", "核实时间", TILLD_CELL_TIME, NULL },
  { "note", "Note", "备注", TILLD_CELL_TEXT, NULL },
  { NULL },
};

gboolean
tilld_api_sales_verb (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_autoptr (GArray) sales = NULL;
  gint64 total;
  TillMoney amount;

  if (!tilld_sale_list (db, who, query, FALSE, &sales, &total, &amount, error))
    return FALSE;
  till_json_write_int (w, "total", total);
  till_json_write_money (w, "amount", amount); /* of all that match */
  till_json_write_begin_array (w, "items");
  for (guint i = 0; i < sales->len; i++)
    tilld_sale_write_json (&g_array_index (sales, TilldSale, i), NULL, w);
  till_json_write_end_array (w);
  return TRUE;
}

static const TilldListing sales = { "Sales", "售电记录", "sales", tilld_api_sales_verb, sale_columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &sales, error);
}

/* --- POST /sales --- */

typedef struct {
  TilldSaleRequest sale;
  TilldSaleTask   *task;
} Selling;

static void
selling_free (gpointer data)
{
  Selling *selling = data;

  tilld_sale_task_free (selling->task);
  tilld_sale_request_clear (&selling->sale);
  g_free (selling);
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  Selling *selling = g_new0 (Selling, 1);
  TilldSaleRequest *in = &selling->sale;
  TillJsonRead r;
  int channel = 0, kind = TILL_SALE_KIND_SALE;

  tilld_request_take_input (request, selling, selling_free);
  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->id);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64 / 2, &in->meter);
  till_json_read_money (&r, "amount", TILL_REQUIRED, &in->amount);
  till_json_read_enum (&r, "channel", TILL_REQUIRED, till_channel_from_word, &channel);
  till_json_read_enum (&r, "kind", TILL_OPTIONAL, till_sale_kind_from_word, &kind);
  till_json_read_int (&r, "drawer", TILL_OPTIONAL, 1, G_MAXINT64 / 2, &in->drawer);
  in->has_energy = till_json_read_has (&r, "energy");
  till_json_read_energy (&r, "energy", TILL_OPTIONAL, &in->energy);
  till_json_read_text (&r, "note", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->note);
  if (till_json_read_has (&r, "amount") && in->amount != 0 && (in->amount < 0 || !till_money_is_whole_fen (in->amount)))
    till_json_read_error (&r, "amount", "must be more than 0 and a whole number of fen");
  if (kind > TILL_SALE_KIND_SUBSIDY)
    till_json_read_error (&r, "kind", "must be sale, opening or subsidy");
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->channel = (TillChannel) channel;
  in->kind = (TillSaleKind) kind;
  return TRUE;
}

static gboolean
reply_sale (TilldRequest *request, const TilldSale *sale, guint status)
{
  TillJsonWrite *w = till_json_write_new ();

  tilld_sale_write_json (sale, NULL, w);
  tilld_reply_json (request, status, w);
  request->reply.replay = sale->replayed;
  return TRUE;
}

/* Two with one id met at the ledger: the second gets the answer of the first. */
static gboolean
first_answer (TilldRequest *request, TilldDb *db, GError **error)
{
  const Selling *selling = request->input;
  g_auto (TilldSale) sale = { 0 };

  if (!tilld_sale_get (db, &request->actor, &selling->sale.id, &sale, error))
    return FALSE;
  sale.replayed = TRUE;
  return reply_sale (request, &sale, 200);
}

/* In the loop: the ledger has answered, or the desk has refused. */
static gboolean
sold (TilldRequest *request, TilldDb *db, GError **error)
{
  Selling *selling = request->input;
  g_auto (TilldSale) sale = { 0 };
  gboolean replayed;

  if (!tilld_sale_task_finish (selling->task, &sale, &replayed, error))
    return FALSE;
  if (!replayed)
    return reply_sale (request, &sale, sale.replayed ? 200 : 201);
  tilld_request_then (request, TILLD_RUN_INTERACTIVE, first_answer);
  return TRUE;
}

static void
answered (gpointer data)
{
  tilld_request_resume (data, NULL);
}

/* In the loop: the desk's thread decides together with all others that wait there, and the ledger posts. */
static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  Selling *selling = request->input;

  selling->task = tilld_sale_task_new (&request->actor, &selling->sale, answered, request);
  tilld_request_wait (request, sold);
  if (tilld_sale_desk_submit (api->sale_desk, selling->task, request->route->deadline_ms, error))
    return TRUE;
  request->waits = FALSE; /* the answer is here already */
  return FALSE;
}

/* --- one sale, its receipt --- */

typedef struct {
  TillId id;
  int    size;
} SaleInput;

static gboolean
id_decode (TilldRequest *request, GError **error)
{
  SaleInput *in = g_new0 (SaleInput, 1);

  tilld_request_take_input (request, in, g_free);
  return tilld_request_param_id (request, &in->id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  const SaleInput *in = request->input;
  g_auto (TilldSale) sale = { 0 };

  return tilld_sale_get (db, &request->actor, &in->id, &sale, error) && reply_sale (request, &sale, 200);
}

static gboolean
receipt_decode (TilldRequest *request, GError **error)
{
  SaleInput *in = g_new0 (SaleInput, 1);
  const char *size = tilld_query_text (&request->query, "size", 8);

  tilld_request_take_input (request, in, g_free);
  in->size = TILLD_RECEIPT_80MM;
  if (size != NULL && !tilld_receipt_size_from_word (size, &in->size))
    tilld_query_error (&request->query, "size", "must be 80mm or a5");
  return tilld_request_param_id (request, &in->id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
receipt (TilldRequest *request, TilldDb *db, GError **error)
{
  const SaleInput *in = request->input;
  TilldApi *api = tilld_api_of (request);
  g_auto (TilldSale) sale = { 0 };
  g_autoptr (GBytes) pdf = NULL;
  const char *url;
  g_autofree char *number = NULL;
  g_autofree char *file = NULL;
  TilldReceipt paper = { .id = in->id, .site = api->site_name, .service_phone = api->service_phone, .zone = api->zone, .days_left = -1 };

  if (!tilld_sale_get (db, &request->actor, &in->id, &sale, error) || !tilld_receipt_printed (db, &request->actor, &in->id, &paper.copy, error))
    return FALSE;
  url = tilld_config_text (api->config, "http", "public_url");
  paper.url = url != NULL && *url != '\0' ? url : NULL;
  number = g_strdup_printf ("%" G_GINT64_FORMAT, sale.number);
  paper.number = number;
  paper.account = sale.account_code;
  paper.customer = sale.customer_name;
  paper.room = sale.room;
  paper.meter = sale.meter_code;
  paper.operator_name = sale.operator_name;
  paper.note = sale.note;
  paper.kind = sale.kind;
  paper.state = sale.state;
  paper.channel = sale.channel;
  paper.at = sale.created_at;
  paper.amount = sale.amount;
  paper.has_price = sale.has_price;
  paper.price = sale.price;
  paper.has_energy = sale.has_energy;
  paper.energy = sale.energy;
  paper.has_before = sale.has_before;
  paper.before = sale.balance_before;
  paper.has_after = sale.has_after;
  paper.after = sale.balance_after;
  paper.count = sale.has_count ? sale.count : 0;
  paper.printed_at = tilld_clock_wall (api->clock);
  pdf = tilld_receipt_pdf (&paper, (TilldReceiptSize) in->size, tilld_listing_is_chinese (request), error);
  if (pdf == NULL)
    return FALSE;
  file = g_strdup_printf ("receipt-%s.pdf", number);
  tilld_reply_bytes (request, "application/pdf", pdf, file);
  return TRUE;
}

const TilldRoute tilld_api_sale_routes[] = {
  { "GET", TILL_PATH_SALES, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "POST", TILL_PATH_SALES, TILL_PERMISSION_SALES_SELL, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY | TILLD_ROUTE_NO_TX, 4096,
    TILLD_RUN_HERE, 10000, create_decode, create },
  { "GET", TILL_PATH_SALE, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, id_decode, get },
  { "GET", TILL_PATH_SALE_RECEIPT, TILL_PERMISSION_SALES_VIEW, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, receipt_decode, receipt },
  { NULL },
};
