/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-approval.c: a version whose prices move by more than the site leaves to one operator waits for a second; approved, it is stored
 * as it was proposed, unless its day has come meanwhile. */
#include <json-glib/json-glib.h>
#include "server/domain/money/tariff-store.h"
#include "server/domain/office/approval.h"
#include "server/domain/office/audit.h"

gboolean
tilld_tariff_propose (TilldDb *db, const TilldActor *who, const TilldTariffPut *in, gint64 *ret_approval, GError **error)
{
  g_autofree char *version = tilld_tariff_body_text (in->version), *body = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  TilldApprovalNew approval = { .kind = "tariff", .reason = in->reason };

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "tariff", in->version->rules.id);
  till_json_write_day (w, "effective", in->version->rules.effective);
  till_json_write_raw (w, "version", version);
  till_json_write_end_object (w);
  approval.body = body = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  tilld_client_id_hash (body, approval.hash);
  return tilld_approval_propose (db, who, &approval, ret_approval, error);
}

static gboolean
execute (TilldDb *db, const TilldApproved *approved, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (approved->body, error);
  g_autoptr (TilldTariffVersion) version = NULL;
  g_autofree char *text = NULL, *object = NULL;
  TilldTariffFacts facts;
  JsonObject *body;

  if (node == NULL)
    return FALSE;
  body = json_node_get_object (node);
  text = json_to_string (json_object_get_member (body, "version"), FALSE);
  version = tilld_tariff_body_parse (text, error);
  if (version == NULL)
    return FALSE;
  version->rules.id = json_object_get_int_member (body, "tariff");
  if (!till_day_parse (json_object_get_string_member (body, "effective"), &version->rules.effective, error) ||
      !tilld_tariff_lock (db, approved->proposer->site, version->rules.id, version->rules.effective, &facts, error))
    return FALSE;
  if (facts.in_use && version->rules.effective <= facts.today)
    return till_fail (error, TILL_ERROR_CONFLICT, "The day from which this version was to hold has come: propose it anew.");
  object = g_strdup_printf ("tariff:%" G_GINT64_FORMAT, version->rules.id);
  return tilld_tariff_version_store (db, approved->proposer, version, approved->approver->operator_id, error)
         && tilld_audit_write (db, approved->proposer, &(TilldAuditEntry){ .action = "tariff.version", .object = object, .after = approved->body }, error);
}

static const TilldApprovalKind kind = { "tariff", TILL_PERMISSION_APPROVE_TARIFF, execute };
TILLD_APPROVAL (kind)
