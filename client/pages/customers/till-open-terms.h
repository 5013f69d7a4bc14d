/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-terms.h: a step of the assistant that is a table with one row of entries for each meter, and with several meters one above them
 * that fills all: either price and limits, or money. Signal "changed". */
#pragma once
#include <adwaita.h>
#include "client/model/till-opening.h"
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_OPEN_TERMS (till_open_terms_get_type ())
G_DECLARE_FINAL_TYPE (TillOpenTerms, till_open_terms, TILL, OPEN_TERMS, AdwBin)

/* money FALSE: price and limits. opening: borrowed; the owner keeps it as long as the widget lives. */
GtkWidget *till_open_terms_new (TillContext *context, TillOpening *opening, gboolean money);
void       till_open_terms_fill (TillOpenTerms *self); /* the step is shown: a row for each meter as it stands */
char      *till_open_terms_dup_problem (TillOpenTerms *self); /* translated; NULL: nothing is wrong */
/* A complaint of the server about a member of a meter ("limits.alarm1"). FALSE: it is none of this table. */
gboolean   till_open_terms_mark (TillOpenTerms *self, guint meter, const char *member, const char *reason);

G_END_DECLS
