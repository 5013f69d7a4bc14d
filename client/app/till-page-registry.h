/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-page-registry.h: the only list of pages, in the order of the sidebar. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

typedef struct {
  const char *name;       /* of win.show-page */
  const char *title;      /* msgid */
  const char *icon;
  guint       key;        /* with Alt */
  const char *permission; /* any of these, blank between; NULL = everybody */
  GType     (*get_type) (void);
} TillPageInfo;

const TillPageInfo *till_page_registry_get (guint *ret_n);
const TillPageInfo *till_page_registry_find (const char *name); /* NULL when there is none */
gboolean            till_page_registry_may (const TillPageInfo *info, TillSession *session);

G_END_DECLS
