/* SPDX-License-Identifier: GPL-2.0-or-later
 * area-edit.h: the tree of places is renamed, moved and thinned. Paths and lineages below follow by the database; scopes of operators name
 * ids and stay right. */
#pragma once
#include "server/domain/plant/area.h"

G_BEGIN_DECLS

typedef enum { TILLD_AREA_NAME = 1 << 0, TILLD_AREA_PARENT = 1 << 1, TILLD_AREA_KIND = 1 << 2 } TilldAreaMember;

typedef struct {
  gint64       id, version;
  guint32      given;  /* TilldAreaMember */
  gint64       parent; /* 0 = the top */
  TillAreaKind kind;
  char        *name;   /* owned */
} TilldAreaChange;

void     tilld_area_change_clear (TilldAreaChange *change);
/* STALE: somebody was faster. INVALID: into itself. CONFLICT: the name is taken there. */
gboolean tilld_area_update (TilldDb *db, const TilldActor *who, const TilldAreaChange *change, GError **error);
/* Gone when nothing was ever in it, retired when only history is. CONFLICT: something is in it, the message says what. */
gboolean tilld_area_retire (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldAreaChange, tilld_area_change_clear)

G_END_DECLS
