/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-import.c: tables of plant, customers and accounts: verdicts first, then all or nothing; empty tables to fill in. */
#include <string.h>
#include "server/api/listing.h"
#include "server/core/clock.h"
#include "server/domain/control/import.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static gboolean
import_decode (TilldRequest *request, GError **error)
{
  TilldImport *in = g_new0 (TilldImport, 1);
  int kind = TILLD_IMPORT_PLANT;
  TillJsonRead r;

  tilld_request_take_input (request, in, g_free);
  in->now_ms = tilld_clock_wall (tilld_api_of (request)->clock) / 1000;
  till_id_new (&in->id, in->now_ms);
  till_json_read_init (&r, request->body);
  in->own_id = till_json_read_has (&r, "id");
  till_json_read_id (&r, "id", TILL_OPTIONAL, &in->id);
  till_json_read_enum (&r, "kind", TILL_REQUIRED, tilld_import_kind_from_word, &kind);
  till_json_read_bool (&r, "dry_run", TILL_REQUIRED, &in->dry_run);
  till_json_read_array (&r, "rows", TILL_REQUIRED, TILLD_IMPORT_ROWS_MAX, &in->rows);
  if (in->rows != NULL && json_array_get_length (in->rows) == 0)
    till_json_read_error (&r, "rows", "must hold at least one");
  in->kind = (TilldImportKind) kind;
  memcpy (in->hash, request->body_hash, sizeof in->hash);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

/* What a table changes needs the right to change it by hand, too. */
static int
import_permission (const TilldRequest *request)
{
  static const TillPermission needed[TILLD_IMPORT_N] = {
    [TILLD_IMPORT_PLANT] = TILL_PERMISSION_PLANT_EDIT, [TILLD_IMPORT_CUSTOMERS] = TILL_PERMISSION_CUSTOMERS_EDIT,
    [TILLD_IMPORT_ACCOUNTS] = TILL_PERMISSION_ACCOUNTS_OPEN,
  };
  const TilldImport *in = request->input;

  return needed[in->kind];
}

static gboolean
import (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  TilldImportTools tools = { api->profiles, api->keys, api->ledger };
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_import_run (db, &tools, &request->actor, request->input, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_import_routes[] = {
  { "POST", TILL_PATH_IMPORTS, TILL_PERMISSION_PLANT_IMPORT, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY | TILLD_ROUTE_NO_TX, TILL_IMPORT_BODY_MAX,
    TILLD_RUN_BATCH, 120000, import_decode, import, import_permission },
  { NULL },
};
