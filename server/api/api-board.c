/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-board.c: the compact state of every meter. It lives in memory. */
#include "server/api/api.h"
#include "shared/api/till-paths.h"

static gboolean
board (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  tilld_board_write (api->board, request->actor.areas, w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

const TilldRoute tilld_api_board_routes[] = {
  { "GET", TILL_PATH_BOARD, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_HERE, 0, NULL, board },
  { NULL },
};
