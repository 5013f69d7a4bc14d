/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-reason.h: what the server says of a cell, in the language of the person and with the rows and words of the file. No GTK. */
#pragma once
#include "client/files/till-import-columns.h"

G_BEGIN_DECLS

typedef struct { TillImportKind kind; const TillSheet *sheet; guint heading; int column; /* of the import, -1: none of it */ } TillImportPlace;

/* Caller frees. What is not known stays as the server says it. */
char    *till_import_reason (const TillImportPlace *place, const char *said);
gboolean till_import_reason_is_known (const char *said);

G_END_DECLS
