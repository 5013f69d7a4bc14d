/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-money.c: the transaction of a verb that moves money without the ledger's lane. Decides nothing about money. */
#include "server/api/api.h"
#include "server/db/db-tx.h"

typedef struct {
  TilldRequest *request;
  TilldRun      step;
} Money;

static gboolean
in_tx (TilldDb *db, gpointer data, GError **error)
{
  Money *money = data;

  tilld_reply_reset (money->request); /* of a transaction that is tried again */
  return money->step (money->request, db, error);
}

gboolean
tilld_api_run_money (TilldRequest *request, TilldDb *db, TilldRun step, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  Money     money = { request, step };

  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, in_tx, &money, error))
    return FALSE;
  /* Acknowledged means: also on the other disk. */
  if (api->ledger != NULL)
    tilld_ledger_missed (api->ledger, db);
  return TRUE;
}
