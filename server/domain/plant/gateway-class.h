/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-class.h: how safe the links of gateways are, remembered and shown. */
#pragma once
#include "server/domain/plant/field-plant.h"

G_BEGIN_DECLS

/* Links came up with these classes: the best one of each gateway is remembered; alarm clear_link is open where a clear link carries a
 * purse, and nowhere else among them. */
gboolean tilld_gateway_classes (TilldDb *db, const TilldSessionOpen *sessions, guint n, GError **error);

G_END_DECLS
