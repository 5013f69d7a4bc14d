/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-area.c: the tree of places is built, renamed, moved and thinned. */
#include <string.h>
#include "server/api/api.h"
#include "server/domain/plant/area-edit.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static void
change_free (gpointer data)
{
  tilld_area_change_clear (data);
  g_free (data);
}

static void
read_members (TillJsonRead *r, gboolean fresh, TilldAreaChange *in)
{
  TillPresence needed = fresh ? TILL_REQUIRED : TILL_OPTIONAL;
  int kind = TILL_AREA_KIND_OTHER;

  if (till_json_read_text (r, "name", needed, TILL_NAME_CHARS, &in->name) && in->name != NULL)
    {
      in->given |= TILLD_AREA_NAME;
      if (strchr (in->name, '/') != NULL)
        till_json_read_error (r, "name", "must not hold a slash: it separates the places of a path");
    }
  if (r->object != NULL && json_object_has_member (r->object, "parent"))
    in->given |= TILLD_AREA_PARENT; /* null: to the top */
  till_json_read_int (r, "parent", TILL_OPTIONAL, 1, G_MAXINT64 / 2, &in->parent);
  if (till_json_read_has (r, "kind"))
    in->given |= TILLD_AREA_KIND;
  till_json_read_enum (r, "kind", needed, till_area_kind_from_word, &kind);
  in->kind = (TillAreaKind) kind;
}

static gboolean
reply_area (TilldRequest *request, TilldDb *db, gint64 id, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_area_get (db, &request->actor, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  TilldAreaChange *in = tilld_request_new_input (request, sizeof (TilldAreaChange), change_free);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  read_members (&r, TRUE, in);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldAreaChange *in = request->input;
  TilldAreaNew fresh = { in->parent, in->kind, in->name };
  gint64 id;

  return tilld_area_create (db, &request->actor, &fresh, &id, error) && reply_area (request, db, id, 201, error);
}

static gboolean
at_decode (TilldRequest *request, TilldAreaChange *in, GError **error)
{
  return tilld_request_param_int (request, &in->id, error) && tilld_request_if_match (request, &in->version, error);
}

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  TilldAreaChange *in = tilld_request_new_input (request, sizeof (TilldAreaChange), change_free);
  TillJsonRead r;

  if (!at_decode (request, in, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  read_members (&r, FALSE, in);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
change (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldAreaChange *in = request->input;

  return tilld_area_update (db, &request->actor, in, error) && reply_area (request, db, in->id, 200, error);
}

static gboolean
retire_decode (TilldRequest *request, GError **error)
{
  return at_decode (request, tilld_request_new_input (request, sizeof (TilldAreaChange), change_free), error) && tilld_query_finish (&request->query, error);
}

static gboolean
retire (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldAreaChange *in = request->input;

  if (!tilld_area_retire (db, &request->actor, in->id, in->version, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

const TilldRoute tilld_api_area_routes[] = {
  { "POST", TILL_PATH_AREAS, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, create_decode, create },
  { "PATCH", TILL_PATH_AREA, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, change_decode, change },
  { "DELETE", TILL_PATH_AREA, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, retire_decode, retire },
  { NULL },
};
