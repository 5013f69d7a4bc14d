/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-customer.c: customers and their accounts. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/plant/customer-edit.h"
#include "server/domain/plant/customer.h"
#include "shared/api/till-paths.h"

static const TilldColumn customer_columns[] = {
  { "code", "Customer No.", "用户编号", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "用户名", TILLD_CELL_TEXT, NULL },
  { "kind", "Kind", "类别", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "phones", "Phone", "电话", TILLD_CELL_TEXT, NULL },
  { "class", "Class", "用电性质", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing customers = { "Customers", "用户", "customers", tilld_customer_list, customer_columns };

static const TilldColumn account_columns[] = {
  { "code", "Account No.", "户号", TILLD_CELL_TEXT, NULL },
  { "customer_code", "Customer No.", "用户编号", TILLD_CELL_TEXT, NULL },
  { "customer_name", "Name", "用户名", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "opened_at", "Opened", "开户日期", TILLD_CELL_TIME, NULL },
  { "closed_at", "Closed", "销户日期", TILLD_CELL_TIME, NULL },
  { NULL },
};
static const TilldListing accounts = { "Accounts", "户头", "accounts", tilld_account_list, account_columns };

static gboolean
list_customers (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &customers, error);
}

static gboolean
get_customer (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_customer_get, error);
}

static gboolean
list_accounts (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &accounts, error);
}

static gboolean
get_account (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_account_get, error);
}

/* --- customers made, changed, deleted --- */

typedef struct {
  TilldCustomerRecord record;
  gint64              id, version;
} CustomerInput;

static void
customer_input_free (gpointer data)
{
  CustomerInput *in = data;

  tilld_customer_record_clear (&in->record);
  g_free (in);
}

static CustomerInput *
customer_input (TilldRequest *request)
{
  CustomerInput *in = g_new0 (CustomerInput, 1);

  tilld_request_take_input (request, in, customer_input_free);
  return in;
}

static gboolean
read_customer (TilldRequest *request, gboolean whole, CustomerInput *in, GError **error)
{
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  tilld_customer_record_read (&r, whole, &in->record);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  return read_customer (request, TRUE, customer_input (request), error);
}

static gboolean
at_decode (TilldRequest *request, CustomerInput *in, GError **error)
{
  return tilld_request_param_int (request, &in->id, error) && tilld_request_if_match (request, &in->version, error);
}

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  CustomerInput *in = customer_input (request);

  return at_decode (request, in, error) && read_customer (request, FALSE, in, error);
}

static gboolean
delete_decode (TilldRequest *request, GError **error)
{
  return at_decode (request, customer_input (request), error) && tilld_query_finish (&request->query, error);
}

static gboolean
reply_customer (TilldRequest *request, TilldDb *db, gint64 id, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_customer_get (db, &request->actor, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
create_customer (TilldRequest *request, TilldDb *db, GError **error)
{
  const CustomerInput *in = request->input;
  gint64 id;

  return tilld_customer_create (db, &request->actor, &in->record, &id, error) && reply_customer (request, db, id, 201, error);
}

static gboolean
change_customer (TilldRequest *request, TilldDb *db, GError **error)
{
  const CustomerInput *in = request->input;

  return tilld_customer_change (db, &request->actor, in->id, &in->record, in->version, error) && reply_customer (request, db, in->id, 200, error);
}

static gboolean
delete_customer (TilldRequest *request, TilldDb *db, GError **error)
{
  const CustomerInput *in = request->input;

  if (!tilld_customer_delete (db, &request->actor, in->id, in->version, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

/* --- accounts --- */

typedef struct {
  gint64 id, heads, version;
} HeadsInput;

static gboolean
heads_decode (TilldRequest *request, GError **error)
{
  HeadsInput *in = g_new0 (HeadsInput, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, g_free);
  if (!tilld_request_param_int (request, &in->id, error) || !tilld_request_if_match (request, &in->version, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "heads", TILL_REQUIRED, 1, 100, &in->heads);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
set_heads (TilldRequest *request, TilldDb *db, GError **error)
{
  const HeadsInput *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_account_set_heads (db, &request->actor, in->id, in->heads, in->version, error) ||
      !tilld_account_get (db, &request->actor, in->id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_customer_routes[] = {
  { "GET", TILL_PATH_CUSTOMERS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_customers },
  { "GET", TILL_PATH_CUSTOMER, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_customer },
  { "POST", TILL_PATH_CUSTOMERS, TILL_PERMISSION_CUSTOMERS_EDIT, TILLD_ROUTE_WRITES, 8192, TILLD_RUN_INTERACTIVE, 5000, create_decode, create_customer },
  { "PATCH", TILL_PATH_CUSTOMER, TILL_PERMISSION_CUSTOMERS_EDIT, TILLD_ROUTE_WRITES, 8192, TILLD_RUN_INTERACTIVE, 5000, change_decode, change_customer },
  { "DELETE", TILL_PATH_CUSTOMER, TILL_PERMISSION_CUSTOMERS_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, delete_decode, delete_customer },
  { "GET", TILL_PATH_ACCOUNTS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_accounts },
  { "GET", TILL_PATH_ACCOUNT, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_account },
  { "PATCH", TILL_PATH_ACCOUNT, TILL_PERMISSION_CUSTOMERS_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, heads_decode, set_heads },
  { NULL },
};
