/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-section-page.h: a page that holds other pages, behind a list at its left (Configuration) or tabs above (Alarms). A subclass is its
 * table of views; each is a page, built when first shown, and gets what the window sends. A target is "view" or "view:target". */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_SECTION_PAGE (till_section_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (TillSectionPage, till_section_page, TILL, SECTION_PAGE, TillPage)

typedef struct {
  const char *name;       /* of the target */
  const char *title;      /* msgid */
  const char *permission; /* any of these, blank between; NULL = everybody */
  GType     (*get_type) (void);
} TillSectionView;

struct _TillSectionPageClass
{
  TillPageClass          parent_class;
  const TillSectionView *views; /* static */
  guint                  n_views;
  gboolean               tabs;  /* above, instead of a list at the left */
};

/* The view that is shown, or NULL. */
TillPage *till_section_page_get_view (TillSectionPage *self);

G_END_DECLS
