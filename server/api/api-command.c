/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-command.c: orders to meters that are no money. What may be ordered depends on its kind: see permission_of. */
#include "server/api/listing.h"
#include "server/domain/money/tariff.h"
#include "server/domain/plant/command.h"
#include "server/domain/plant/setting-order.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static const TilldColumn command_columns[] = {
  { "created_at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "kind", "Command", "指令", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "attempts", "Attempts", "次数", TILLD_CELL_INT, NULL },
  { "error", "Reason", "原因", TILLD_CELL_TEXT, NULL },
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "sent_at", "Sent", "下发时间", TILLD_CELL_TIME, NULL },
  { NULL },
};
static const TilldListing commands = { "Commands", "指令", "commands", tilld_command_list, command_columns };

/* What can be ordered here; money goes by sales and refunds. */
static const struct {
  TillCommandKind kind;
  TillPermission  permission;
  gboolean        reason; /* must be given */
} kinds[] = {
  { TILL_COMMAND_KIND_FORCE_ON, TILL_PERMISSION_METERS_FORCE_ON, FALSE },
  { TILL_COMMAND_KIND_FORCE_OFF, TILL_PERMISSION_METERS_FORCE_OFF, TRUE },
  { TILL_COMMAND_KIND_RESTORE_PREPAID, TILL_PERMISSION_METERS_RESTORE, FALSE },
  { TILL_COMMAND_KIND_READ_NOW, TILL_PERMISSION_METERS_READ, FALSE },
  { TILL_COMMAND_KIND_SET_PRICE, TILL_PERMISSION_METERS_PRICE, FALSE },
  { TILL_COMMAND_KIND_SET_LIMITS, TILL_PERMISSION_METERS_LIMITS, FALSE },
  { TILL_COMMAND_KIND_SET_SCHEDULE, TILL_PERMISSION_METERS_SCHEDULE, FALSE },
  { TILL_COMMAND_KIND_SET_CLOCK, TILL_PERMISSION_METERS_CLOCK, FALSE },
};

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &commands, error);
}

/* --- one --- */

static gboolean
id_decode (TilldRequest *request, GError **error)
{
  TillId *id = g_new0 (TillId, 1);

  tilld_request_take_input (request, id, g_free);
  return tilld_request_param_id (request, id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
write_command (TilldRequest *request, TilldDb *db, const TillId *id, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_command_get (db, &request->actor, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  return write_command (request, db, request->input, 200, error);
}

/* --- POST --- */

typedef struct {
  TilldSettingOrder command;
  char             *reason;
  guint             row; /* in kinds */
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;
  g_free (order->reason);
  g_free (order);
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  Order *in = g_new0 (Order, 1);
  TillJsonRead r;
  int kind = -1;

  tilld_request_take_input (request, in, order_free);
  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->command.id);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64 / 2, &in->command.meter);
  till_json_read_enum (&r, "kind", TILL_REQUIRED, till_command_kind_from_word, &kind);
  till_json_read_text (&r, "reason", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->reason);
  till_json_read_object (&r, "value", TILL_OPTIONAL, &in->command.value); /* borrowed from the body */
  for (in->row = 0; kind >= 0 && in->row < G_N_ELEMENTS (kinds) && (int) kinds[in->row].kind != kind;)
    in->row++;
  if (kind >= 0 && in->row < G_N_ELEMENTS (kinds) && kinds[in->row].reason && in->reason == NULL)
    till_json_read_error (&r, "reason", "is required");
  if (kind == TILL_COMMAND_KIND_READ_NOW && in->command.value != NULL)
    till_json_read_error (&r, "value", "read_now has none");
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  if (in->row == G_N_ELEMENTS (kinds))
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "money goes to a meter by a sale or a refund, not by a command");
  in->command.kind = kinds[in->row].kind;
  in->command.reason = in->reason;
  return TRUE;
}

static int
permission_of (const TilldRequest *request)
{
  return (int) kinds[((const Order *) request->input)->row].permission;
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldProfiles *profiles = tilld_api_of (request)->profiles;
  const Order *in = request->input;
  TilldSettingOrder command = in->command;
  g_autofree char *price = NULL;
  g_autoptr (GError) none = NULL;
  gboolean replay = FALSE;

  if (command.kind == TILL_COMMAND_KIND_SET_PRICE && command.value == NULL &&
      !tilld_tariff_price_value (db, &request->actor, profiles, command.meter, &price, &none) && till_error_is_retryable (none))
    {
      g_propagate_error (error, g_steal_pointer (&none));
      return FALSE;
    }
  command.otherwise = price; /* without a tariff or a register the order itself says what is missing */
  if (!tilld_setting_order (db, profiles, &request->actor, &command, &replay, error)
      || !write_command (request, db, &in->command.id, replay ? 200 : 201, error))
    return FALSE;
  request->reply.replay = replay;
  return TRUE;
}

const TilldRoute tilld_api_command_routes[] = {
  { "GET", TILL_PATH_COMMANDS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_COMMAND, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, id_decode, get },
  { "POST", TILL_PATH_COMMANDS, TILL_PERMISSION_METERS_VIEW, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY, 16384, TILLD_RUN_INTERACTIVE, 5000,
    create_decode, create, permission_of },
  { NULL },
};
