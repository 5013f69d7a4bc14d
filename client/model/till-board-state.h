/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-state.h: the state of every meter in flat arrays (10 bytes each), counts per area and state. Positions keep the
 * order received (area path, then code) until the next whole load. */
#pragma once
#include "client/core/till-api.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

#define TILL_TYPE_BOARD_STATE (till_board_state_get_type ())
G_DECLARE_FINAL_TYPE (TillBoardState, till_board_state, TILL, BOARD_STATE, GObject)

#define TILL_N_STATES 6 /* values of TillMeterState */

typedef struct {
  guint32 id;
  guint16 area;  /* index into the areas of the board */
  guint8  state; /* TillMeterState */
  guint8  mode;  /* TillMeterMode */
  guint8  relay; /* TillRelay */
  guint16 flags; /* TillMeterFlag bits */
} TillBoardCell;

typedef struct {
  gint64      id;
  gint64      parent; /* id, 0 = none */
  const char *name;
  const char *path;   /* "North campus/Building 3/2" */
  int         kind;   /* TillAreaKind */
  int         up;     /* index of the parent, -1 = none */
} TillBoardArea;

/* Properties: "loaded" (boolean), "n-meters" (uint). Signals: "reset" (all is new), "meter-changed" (uint position): one
 * for each change, cheap; the drawn board collects them. */
TillBoardState *till_board_state_new (TillApi *api);
void            till_board_state_load_async (TillBoardState *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean        till_board_state_load_finish (TillBoardState *self, GAsyncResult *result, GError **error);
gboolean        till_board_state_fill (TillBoardState *self, JsonNode *node, GError **error); /* for tests and load */
const char     *till_board_state_get_cursor (TillBoardState *self);
gboolean        till_board_state_is_loaded (TillBoardState *self);

guint           till_board_state_get_n_meters (TillBoardState *self);
TillBoardCell   till_board_state_get_cell (TillBoardState *self, guint position);
gboolean        till_board_state_find (TillBoardState *self, guint32 meter, guint *ret_position);
guint           till_board_state_get_n_areas (TillBoardState *self);
const TillBoardArea *till_board_state_get_area (TillBoardState *self, guint index);
int             till_board_state_find_area (TillBoardState *self, gint64 area_id);    /* index or -1 */
gboolean        till_board_state_area_is_under (TillBoardState *self, int area, int ancestor); /* also itself; ancestor -1 = all */
/* Meters of an area (with those below it; -1 = all) by state. */
void            till_board_state_count (TillBoardState *self, int area, guint ret_counts[TILL_N_STATES]);
/* A partial meter object of the live feed: state, mode, relay, flags. FALSE: this meter is not on the board. */
gboolean        till_board_state_apply (TillBoardState *self, guint32 meter, JsonObject *object);

G_END_DECLS
