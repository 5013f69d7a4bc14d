/* SPDX-License-Identifier: GPL-2.0-or-later
 * import.h: plant, customers and accounts from a table: a verdict for each row first, then all of it in one transaction or nothing. */
#pragma once
#include "server/crypto/key-file.h"
#include "server/domain/money/ledger.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-json-write.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TILLD_IMPORT_ROWS_MAX 10000

typedef enum { TILLD_IMPORT_PLANT, TILLD_IMPORT_CUSTOMERS, TILLD_IMPORT_ACCOUNTS, TILLD_IMPORT_N } TilldImportKind;

const char        *tilld_import_kind_word (TilldImportKind kind);
gboolean           tilld_import_kind_from_word (const char *word, int *ret_kind);

typedef struct {
  TilldImportKind kind;
  TillId          id;      /* of the job; the caller's makes it happen once */
  gboolean        own_id;  /* it is the caller's */
  guint8          hash[32];
  gboolean        dry_run;
  JsonArray      *rows;    /* borrowed: objects of texts */
  gint64          now_ms;
} TilldImport;

typedef struct {
  const TilldProfiles *profiles;
  TilldKeyFile        *keys;
  TilldLedger         *ledger;
} TilldImportTools;

/* OUTSIDE any transaction. The members of an import into the open object. Not dry: INVALID names the members of wrong rows ("rows[3].unit") and
 * nothing has changed; else all is stored, the job tells the meters (import-orders.h), and a repetition of the id is answered from it. */
gboolean tilld_import_run (TilldDb *db, const TilldImportTools *tools, const TilldActor *who, const TilldImport *in, TillJsonWrite *w, GError **error);

G_END_DECLS
