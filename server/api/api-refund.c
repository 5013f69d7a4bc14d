/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-refund.c: money that goes out: refunds, reversals, paying them. Above the limits of the site the answer is approval_required with
 * the number of what waits now. */
#include "server/api/api.h"
#include "server/domain/money/refund.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

typedef struct {
  TilldRefundRequest   refund;
  TilldReversalRequest reversal;
  TillId               paid;
  int                  channel; /* -1 = as asked for */
  char                *reason;
} OutInput;

static void
input_free (gpointer data)
{
  OutInput *in = data;

  g_free (in->reason);
  g_free (in);
}

static gboolean
answer (TilldRequest *request, TilldDb *db, const TillId *id, const TilldOutResult *result, GError **error)
{
  g_auto (TilldSale) sale = { 0 };
  TillJsonWrite *w;

  if (result->approval != 0)
    {
      g_autoptr (GError) waits = tilld_approval_required (result->approval);

      tilld_reply_error (request, waits); /* the proposal is kept: the transaction commits */
      return TRUE;
    }
  if (!tilld_sale_get (db, &request->actor, id, &sale, error))
    return FALSE;
  w = till_json_write_new ();
  tilld_sale_write_json (&sale, NULL, w);
  tilld_reply_json (request, result->replayed ? 200 : 201, w);
  request->reply.replay = result->replayed;
  return TRUE;
}

/* --- refund --- */

static gboolean
refund_decode (TilldRequest *request, GError **error)
{
  OutInput *in = g_new0 (OutInput, 1);
  TillJsonRead r;
  int channel = 0;

  tilld_request_take_input (request, in, input_free);
  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->refund.id);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64 / 2, &in->refund.meter);
  till_json_read_money (&r, "amount", TILL_REQUIRED, &in->refund.amount);
  till_json_read_enum (&r, "channel", TILL_REQUIRED, till_channel_from_word, &channel);
  till_json_read_text (&r, "reason", TILL_REQUIRED, TILL_NOTE_CHARS, &in->reason);
  if (till_json_read_has (&r, "amount") && (in->refund.amount <= 0 || !till_money_is_whole_fen (in->refund.amount)))
    till_json_read_error (&r, "amount", "must be more than 0 and a whole number of fen");
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->refund.channel = (TillChannel) channel;
  in->refund.reason = in->reason;
  return TRUE;
}

static gboolean
refund_in_tx (TilldRequest *request, TilldDb *db, GError **error)
{
  const OutInput *in = request->input;
  TilldOutResult result;

  return tilld_refund_create (db, tilld_api_of (request)->profiles, &request->actor, &in->refund, &result, error) &&
         answer (request, db, &in->refund.id, &result, error);
}

static gboolean
refund (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_api_run_money (request, db, refund_in_tx, error);
}

/* --- reversal --- */

static gboolean
reverse_decode (TilldRequest *request, GError **error)
{
  OutInput *in = g_new0 (OutInput, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, input_free);
  if (!tilld_request_param_id (request, &in->reversal.sale, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->reversal.id);
  till_json_read_text (&r, "reason", TILL_REQUIRED, TILL_NOTE_CHARS, &in->reason);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->reversal.reason = in->reason;
  return TRUE;
}

static gboolean
reverse_in_tx (TilldRequest *request, TilldDb *db, GError **error)
{
  const OutInput *in = request->input;
  TilldOutResult result;

  return tilld_sale_reverse (db, tilld_api_of (request)->profiles, &request->actor, &in->reversal, &result, error) &&
         answer (request, db, &in->reversal.id, &result, error);
}

static gboolean
reverse (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_api_run_money (request, db, reverse_in_tx, error);
}

/* --- paying --- */

static gboolean
pay_decode (TilldRequest *request, GError **error)
{
  OutInput *in = g_new0 (OutInput, 1);
  TillJsonRead r;

  in->channel = -1;
  tilld_request_take_input (request, in, input_free);
  if (!tilld_request_param_id (request, &in->paid, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_enum (&r, "channel", TILL_OPTIONAL, till_channel_from_word, &in->channel);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
pay_in_tx (TilldRequest *request, TilldDb *db, GError **error)
{
  const OutInput *in = request->input;
  TilldOutResult result = { 0 };

  if (!tilld_refund_pay (db, &request->actor, &in->paid, in->channel, &result.replayed, error) || !answer (request, db, &in->paid, &result, error))
    return FALSE;
  request->reply.status = 200; /* nothing new was made */
  return TRUE;
}

static gboolean
pay (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_api_run_money (request, db, pay_in_tx, error);
}

#define MONEY_FLAGS (TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY | TILLD_ROUTE_NO_TX)

const TilldRoute tilld_api_refund_routes[] = {
  { "POST", TILL_PATH_REFUNDS, TILL_PERMISSION_SALES_REFUND, MONEY_FLAGS, 4096, TILLD_RUN_INTERACTIVE, 10000, refund_decode, refund },
  { "POST", TILL_PATH_SALE_PAY, TILL_PERMISSION_SALES_REFUND, MONEY_FLAGS, 1024, TILLD_RUN_INTERACTIVE, 10000, pay_decode, pay },
  { "POST", TILL_PATH_SALE_REVERSE, TILL_PERMISSION_SALES_REVERSE, MONEY_FLAGS, 4096, TILLD_RUN_INTERACTIVE, 10000,
    reverse_decode, reverse },
  { NULL },
};
