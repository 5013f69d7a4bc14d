/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-account.c: accounts over their life: open, suspend, resume, hand over, change meters, close. */
#include <string.h>
#include "server/api/api.h"
#include "server/domain/money/account.h"
#include "server/domain/plant/customer.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define METERS_MAX 50

typedef struct {
  TilldAccountOpen   open;
  TilldAccountMeter *meters;
  TilldAccountClose  close;
  TilldAccountMeters change;
  gint64            *add, *remove;
  gint64             account, customer;
  char              *code, *reason;
  GPtrArray         *texts;   /* owned, of the meters */
} Input;

static void
input_free (gpointer data)
{
  Input *in = data;

  g_free (in->meters);
  g_free (in->add);
  g_free (in->remove);
  g_free (in->code);
  g_free (in->reason);
  g_clear_pointer (&in->texts, g_ptr_array_unref);
  g_free (in);
}

/* The account as it stands now. */
static gboolean
answer (TilldRequest *request, TilldDb *db, gint64 account, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_account_get (db, &request->actor, account, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

/* --- open --- */

static gboolean
settled_from_word (const char *word, int *ret)
{
  *ret = g_strcmp0 (word, "together") == 0;
  return *ret || g_strcmp0 (word, "each") == 0;
}

static void
read_limits (TillJsonRead *r, JsonNode *node, const char *path, TilldAccountMeter *m)
{
  TillJsonRead limits;

  till_json_read_init_nested (&limits, node, path);
  m->given = (till_json_read_has (&limits, "alarm1") ? TILLD_GIVEN_ALARM1 : 0) | (till_json_read_has (&limits, "alarm2") ? TILLD_GIVEN_ALARM2 : 0) |
             (till_json_read_has (&limits, "overload_kw") ? TILLD_GIVEN_OVERLOAD : 0) | (till_json_read_has (&limits, "overdraft") ? TILLD_GIVEN_OVERDRAFT : 0);
  till_json_read_money (&limits, "alarm1", TILL_OPTIONAL, &m->alarm1);
  till_json_read_money (&limits, "alarm2", TILL_OPTIONAL, &m->alarm2);
  till_json_read_decimal (&limits, "overload_kw", TILL_OPTIONAL, 3, &m->overload_w);
  till_json_read_money (&limits, "overdraft", TILL_OPTIONAL, &m->overdraft);
  if ((m->given & TILLD_GIVEN_ALARM1) && (m->given & TILLD_GIVEN_ALARM2) && m->alarm1 <= m->alarm2)
    till_json_read_error (&limits, "alarm1", "must be greater than alarm2");
  till_json_read_end_nested (r, &limits);
}

static void
check_amount (TillJsonRead *item, const char *member, gboolean given, TillMoney amount)
{
  if (given && (amount <= 0 || !till_money_is_whole_fen (amount)))
    till_json_read_error (item, member, "must be more than 0 and a whole number of fen");
}

static void
read_meter (TillJsonRead *r, JsonNode *node, guint i, Input *in)
{
  TilldAccountMeter *m = &in->meters[i];
  char *from = NULL;
  g_autofree char *path = g_strdup_printf ("meters[%u]", i);
  g_autofree char *limits_path = g_strconcat (path, ".limits", NULL);
  JsonNode *limits = NULL;
  TillJsonRead item;

  till_json_read_init_nested (&item, node, path);
  till_json_read_int (&item, "meter", TILL_REQUIRED, 1, G_MAXINT64 / 2, &m->meter);
  till_json_read_int (&item, "tariff", TILL_OPTIONAL, 1, G_MAXINT64 / 2, &m->tariff);
  m->has_opening = till_json_read_has (&item, "opening_amount");
  till_json_read_money (&item, "opening_amount", TILL_OPTIONAL, &m->opening);
  till_json_read_id (&item, "sale_id", m->has_opening ? TILL_REQUIRED : TILL_OPTIONAL, &m->sale);
  check_amount (&item, "opening_amount", m->has_opening, m->opening);
  m->has_carried = till_json_read_has (&item, "carried_amount");
  till_json_read_money (&item, "carried_amount", TILL_OPTIONAL, &m->carried);
  till_json_read_id (&item, "carried_sale_id", m->has_carried ? TILL_REQUIRED : TILL_OPTIONAL, &m->carried_sale);
  till_json_read_text (&item, "carried_from", TILL_OPTIONAL, TILL_NOTE_CHARS, &from);
  check_amount (&item, "carried_amount", m->has_carried, m->carried);
  m->carried_from = from;
  if (from != NULL)
    g_ptr_array_add (in->texts, from);
  if (till_json_read_object (&item, "limits", TILL_OPTIONAL, &limits) && limits != NULL)
    read_limits (r, limits, limits_path, m);
  till_json_read_end_nested (r, &item);
}

static gboolean
open_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  JsonArray *meters = NULL;
  int settled = 0, channel = TILL_CHANNEL_CASH;
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_OPTIONAL, &in->open.id);
  till_json_read_text (&r, "code", TILL_OPTIONAL, 32, &in->code);
  till_json_read_int (&r, "customer", TILL_REQUIRED, 1, G_MAXINT64 / 2, &in->open.customer);
  till_json_read_enum (&r, "settled", TILL_OPTIONAL, settled_from_word, &settled);
  till_json_read_enum (&r, "channel", TILL_OPTIONAL, till_channel_from_word, &channel);
  till_json_read_array (&r, "meters", TILL_REQUIRED, METERS_MAX, &meters);
  in->open.n = meters != NULL ? json_array_get_length (meters) : 0;
  if (meters != NULL && in->open.n == 0)
    till_json_read_error (&r, "meters", "must hold at least one");
  in->meters = g_new0 (TilldAccountMeter, in->open.n + 1);
  in->texts = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < in->open.n; i++)
    read_meter (&r, json_array_get_element (meters, i), i, in);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->open.code = in->code;
  in->open.together = settled != 0;
  in->open.channel = (TillChannel) channel;
  in->open.meters = in->meters;
  memcpy (in->open.hash, request->body_hash, sizeof in->open.hash);
  return TRUE;
}

static gboolean
open_account (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  TilldApi *api = tilld_api_of (request);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  gboolean replayed;

  till_json_write_begin_object (w, NULL);
  if (!tilld_account_open (api->ledger, db, api->profiles, &request->actor, &in->open, w, &replayed, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, replayed ? 200 : 201, g_steal_pointer (&w));
  request->reply.replay = replayed;
  return TRUE;
}

/* --- suspend, resume, transfer --- */

static gboolean
reason_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  TillJsonRead r;

  if (!tilld_request_param_int (request, &in->account, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "reason", TILL_REQUIRED, TILL_NOTE_CHARS, &in->reason);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
suspend (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  return tilld_account_set_state (db, &request->actor, in->account, TILL_ACCOUNT_STATE_SUSPENDED, in->reason, error) &&
         answer (request, db, in->account, error);
}

static gboolean
resume (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  return tilld_account_set_state (db, &request->actor, in->account, TILL_ACCOUNT_STATE_OPEN, in->reason, error) &&
         answer (request, db, in->account, error);
}

static gboolean
transfer_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  TillJsonRead r;

  if (!tilld_request_param_int (request, &in->account, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "customer", TILL_REQUIRED, 1, G_MAXINT64 / 2, &in->customer);
  till_json_read_text (&r, "reason", TILL_REQUIRED, TILL_NOTE_CHARS, &in->reason);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
transfer (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  return tilld_account_transfer (db, &request->actor, in->account, in->customer, in->reason, error) && answer (request, db, in->account, error);
}

/* --- meters --- */

static gint64 *
read_ids (TillJsonRead *r, const char *name, guint *ret_n)
{
  JsonArray *array = NULL;
  gint64 *ids;

  till_json_read_array (r, name, TILL_OPTIONAL, METERS_MAX, &array);
  *ret_n = array != NULL ? json_array_get_length (array) : 0;
  ids = g_new0 (gint64, *ret_n + 1);
  for (guint i = 0; i < *ret_n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64 || json_node_get_int (node) < 1)
        till_json_read_error (r, name, "must hold numbers of meters");
      else
        ids[i] = json_node_get_int (node);
    }
  return ids;
}

static gboolean
meters_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  TillJsonRead r;

  if (!tilld_request_param_int (request, &in->change.account, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  in->add = read_ids (&r, "add", &in->change.n_add);
  in->remove = read_ids (&r, "remove", &in->change.n_remove);
  if (in->change.n_add + in->change.n_remove == 0)
    till_json_read_error (&r, "add", "or remove must name a meter");
  in->change.add = in->add;
  in->change.remove = in->remove;
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
change_meters (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  return tilld_account_meters (db, tilld_api_of (request)->profiles, &request->actor, &in->change, error) && answer (request, db, in->change.account, error);
}

/* --- close --- */

static gboolean
close_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  int channel = TILL_CHANNEL_CASH;
  TillJsonRead r;

  if (!tilld_request_param_int (request, &in->close.account, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_bool (&r, "dry_run", TILL_OPTIONAL, &in->close.dry_run);
  till_json_read_id (&r, "id", in->close.dry_run ? TILL_OPTIONAL : TILL_REQUIRED, &in->close.id);
  till_json_read_text (&r, "reason", in->close.dry_run ? TILL_OPTIONAL : TILL_REQUIRED, TILL_NOTE_CHARS, &in->reason);
  till_json_read_enum (&r, "channel", TILL_OPTIONAL, till_channel_from_word, &channel);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->close.reason = in->reason;
  in->close.channel = (TillChannel) channel;
  return TRUE;
}

static gboolean
close_in_tx (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_account_close (db, tilld_api_of (request)->profiles, &request->actor, &in->close, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
close_account (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_api_run_money (request, db, close_in_tx, error);
}

const TilldRoute tilld_api_account_routes[] = {
  { "POST", TILL_PATH_ACCOUNTS, TILL_PERMISSION_ACCOUNTS_OPEN, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY | TILLD_ROUTE_NO_TX, TILL_BODY_MAX,
    TILLD_RUN_INTERACTIVE, 20000, open_decode, open_account },
  { "POST", TILL_PATH_ACCOUNT_CLOSE, TILL_PERMISSION_ACCOUNTS_CLOSE, TILLD_ROUTE_WRITES | TILLD_ROUTE_NO_TX, 1024, TILLD_RUN_INTERACTIVE, 10000,
    close_decode, close_account },
  { "POST", TILL_PATH_ACCOUNT_METERS, TILL_PERMISSION_ACCOUNTS_OPEN, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 10000, meters_decode, change_meters },
  { "POST", TILL_PATH_ACCOUNT_RESUME, TILL_PERMISSION_ACCOUNTS_OPEN, TILLD_ROUTE_WRITES, 1024, TILLD_RUN_INTERACTIVE, 5000, reason_decode, resume },
  { "POST", TILL_PATH_ACCOUNT_SUSPEND, TILL_PERMISSION_ACCOUNTS_OPEN, TILLD_ROUTE_WRITES, 1024, TILLD_RUN_INTERACTIVE, 5000, reason_decode, suspend },
  { "POST", TILL_PATH_ACCOUNT_TRANSFER, TILL_PERMISSION_ACCOUNTS_TRANSFER, TILLD_ROUTE_WRITES, 1024, TILLD_RUN_INTERACTIVE, 5000, transfer_decode, transfer },
  { NULL },
};
