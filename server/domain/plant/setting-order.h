/* SPDX-License-Identifier: GPL-2.0-or-later
 * setting-order.h: orders that are no money, judged before they are stored: can the model hold the value, is the write proven here. */
#pragma once
#include <json-glib/json-glib.h>
#include "server/domain/plant/command.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

typedef struct {
  TillId          id;
  gint64          meter;
  TillCommandKind kind;   /* not recharge, debit */
  JsonNode       *value;  /* set_*: setting.h; NULL: limits of the record, price of the tariff. Others: NULL, or what a batch notes */
  const char     *reason;
  const char     *otherwise; /* set_price without value: what the tariff makes of this model (money/tariff); NULL: its prices only */
} TilldSettingOrder;

/* Limits in the value become those of the record too. INVALID with members, UNSUPPORTED naming the missing proof or write, CONFLICT (id,
 * or a meter that may not be cut). */
gboolean tilld_setting_order (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSettingOrder *in, gboolean *ret_replay,
                              GError **error);

/* The record changed, or a meter holds other values: what it should hold is ordered under a new id. The meter may be one that cannot: then
 * *ret_why says so (caller frees) and *ret_id is nil. */
typedef struct { gint64 meter; TillCommandKind kind; const char *value, *reason; gboolean repairs; gint64 now_ms; } TilldSettingIssue;
gboolean tilld_setting_issue (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldSettingIssue *in, TillId *ret_id,
                              char **ret_why, GError **error);

G_END_DECLS
