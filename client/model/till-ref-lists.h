/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-ref-lists.h: short whole lists for drop-downs and the area tree. Each is a GListStore of records, filled when first
 * asked for and again by till_ref_lists_refresh; the store object stays the same. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-record.h"

G_BEGIN_DECLS

typedef enum { TILL_REF_AREAS, TILL_REF_GATEWAYS, TILL_REF_MODELS, TILL_REF_TARIFFS, TILL_REF_OPERATORS, TILL_REF_SITES, TILL_REF_ROLES,
               TILL_REF_N } TillRefKind;

#define TILL_TYPE_REF_LISTS (till_ref_lists_get_type ())
G_DECLARE_FINAL_TYPE (TillRefLists, till_ref_lists, TILL, REF_LISTS, GObject)

/* Signal "failed" (int kind, GError boxed). */
TillRefLists *till_ref_lists_new (TillApi *api);
GListModel   *till_ref_lists_get (TillRefLists *self, TillRefKind kind); /* borrowed */
gpointer      till_ref_lists_find (TillRefLists *self, TillRefKind kind, const char *id); /* borrowed record or NULL */
void          till_ref_lists_refresh (TillRefLists *self);                    /* those that were asked for */
void          till_ref_lists_clear (TillRefLists *self);                      /* sign-out */

G_END_DECLS
