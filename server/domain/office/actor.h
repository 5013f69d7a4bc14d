/* SPDX-License-Identifier: GPL-2.0-or-later
 * actor.h: on whose behalf a verb runs. Filled from the session by the transport, or once for the server itself. */
#pragma once
#include "server/core/types.h"
#include "shared/api/till-permission.h"

G_BEGIN_DECLS

typedef struct {
  gint64            operator_id; /* 0 = the server itself */
  gint64            site;
  char             *account;     /* owned: log-in name; NULL for the server itself */
  char             *name;        /* owned */
  TillPermissionSet permissions;
  GArray           *areas;       /* owned, gint64: roots the operator may see; NULL = all */
  TillMoney         sale_limit;  /* highest single sale; 0 = none */
  gboolean          must_change; /* logged in with a one-time password: nothing but the own session is open */
  char              request[64]; /* request id, for the log */
  char              address[64]; /* of the peer */
} TilldActor;

#define TILLD_ACTOR_SYSTEM(site_id) ((TilldActor){ .site = (site_id), .permissions = ~(TillPermissionSet) 0 })

static inline gboolean
tilld_actor_is_set (const TilldActor *who)
{
  return who != NULL && who->site > 0 && who->operator_id >= 0;
}

static inline void
tilld_actor_clear (TilldActor *who)
{
  g_clear_pointer (&who->account, g_free);
  g_clear_pointer (&who->name, g_free);
  g_clear_pointer (&who->areas, g_array_unref);
}

/* Copies what is owned. */
static inline void
tilld_actor_copy (const TilldActor *who, TilldActor *ret_copy)
{
  *ret_copy = *who;
  ret_copy->account = g_strdup (who->account);
  ret_copy->name = g_strdup (who->name);
  ret_copy->areas = who->areas != NULL ? g_array_copy (who->areas) : NULL;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldActor, tilld_actor_clear)

G_END_DECLS
