/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-approval.c: a sale as it was asked for is kept, and made as it stands when a second operator agrees: no money was taken before. */
#include "server/domain/money/sale-approval.h"

#include <string.h>
#include "server/db/db-tx.h"
#include "server/domain/office/approval.h"
#include "shared/base/till-json-read.h"

static const TilldStatement agreed = {
  .name = "sale-agreed",
  .sql = "UPDATE sale SET approved_by = $2 WHERE id = $1",
  .params = { DB_UUID_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (agreed)

typedef struct {
  const TilldActor        *who;
  const TilldSaleProposal *proposal;
  gint64                   approval;
} Proposing;

static gboolean
propose (TilldDb *db, gpointer data, GError **error)
{
  Proposing *p = data;
  const TilldSaleRequest *in = p->proposal->in;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *body = NULL;
  TilldApprovalNew approval = { .kind = "sale", .request = &in->id, .reason = in->note, .meter = in->meter, .area = p->proposal->area,
                                .has_amount = TRUE, .amount = in->amount };

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "meter", in->meter);
  till_json_write_money (w, "amount", in->amount);
  till_json_write_text (w, "channel", till_channel_word (in->channel));
  till_json_write_text (w, "kind", till_sale_kind_word (in->kind));
  if (in->drawer != 0)
    till_json_write_int (w, "drawer", in->drawer);
  if (in->has_energy)
    till_json_write_energy (w, "energy", in->energy);
  if (in->note != NULL)
    till_json_write_text (w, "note", in->note);
  till_json_write_end_object (w);
  approval.body = body = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  memcpy (approval.hash, p->proposal->hash, TILLD_BODY_HASH);
  return tilld_approval_propose (db, p->who, &approval, &p->approval, error);
}

gboolean
tilld_sale_propose (TilldDb *db, const TilldActor *who, const TilldSaleProposal *proposal, GError **error)
{
  Proposing p = { who, proposal, 0 };

  if (tilld_tx_run (db, TILLD_READ_COMMITTED, propose, &p, error))
    g_propagate_error (error, tilld_approval_required (p.approval));
  return FALSE;
}

static gboolean
read_body (const TilldApproved *approved, TilldSaleRequest *in, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (approved->body, error);
  TillJsonRead r;
  int channel = 0, kind = 0;

  if (node == NULL)
    return FALSE;
  in->id = approved->request;
  till_json_read_init (&r, node);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64, &in->meter);
  till_json_read_money (&r, "amount", TILL_REQUIRED, &in->amount);
  till_json_read_enum (&r, "channel", TILL_REQUIRED, till_channel_from_word, &channel);
  till_json_read_enum (&r, "kind", TILL_REQUIRED, till_sale_kind_from_word, &kind);
  till_json_read_int (&r, "drawer", TILL_OPTIONAL, 1, G_MAXINT64, &in->drawer);
  in->has_energy = till_json_read_has (&r, "energy");
  till_json_read_energy (&r, "energy", TILL_OPTIONAL, &in->energy);
  till_json_read_text (&r, "note", TILL_OPTIONAL, 200, &in->note);
  in->channel = (TillChannel) channel;
  in->kind = (TillSaleKind) kind;
  return till_json_read_finish (&r, error);
}

/* By who proposed it: his drawer, his limit; who agreed stands beside it. */
static gboolean
execute_sale (TilldDb *db, const TilldApproved *approved, GError **error)
{
  g_auto (TilldSaleRequest) in = { 0 };
  g_autofree TilldLedgerItem *item = g_new0 (TilldLedgerItem, 1);
  guint bad;

  return read_body (approved, &in, error) && tilld_sale_opening (db, approved->profiles, approved->proposer, &in, FALSE, item, error) &&
         tilld_ledger_post_within (db, item, 1, &bad, error) &&
         tilld_db_query (db, &agreed, NULL, error, DB_UUID (&in.id), DB_I64 (approved->approver->operator_id));
}

static const TilldApprovalKind sale_kind = { "sale", TILL_PERMISSION_APPROVE_MONEY, execute_sale };
TILLD_APPROVAL (sale_kind)
