/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff.c: making and changing tariffs. Rows are in tariff-store.c; what energy costs is in the rules. */
#include "server/domain/money/tariff.h"
#include "server/domain/money/price-issue.h"
#include "server/domain/money/tariff-store.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/feed.h"

static gboolean
field_error (GError **error, TillError code, const char *member, const char *reason)
{
  till_fail (error, code, "%s %s", member, reason);
  if (error != NULL)
    till_error_add_field (*error, member, reason);
  return FALSE;
}

static gboolean
log_it (TilldDb *db, const TilldActor *who, const char *action, gint64 tariff, const char *before, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("tariff:%" G_GINT64_FORMAT, tariff);

  return tilld_feed_add_ids (db, "plant", &tariff, 1, error) && tilld_bell_ring (db, "till_plant", error)
         && tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .before = before, .after = after }, error);
}

static char *
version_json (const TilldTariffVersion *version)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_day (w, "effective", version->rules.effective);
  tilld_tariff_body_write (version, w);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (g_steal_pointer (&w), NULL);
}

gboolean
tilld_tariff_create (TilldDb *db, const TilldActor *who, const TilldTariffNew *in, gint64 *ret_id, GError **error)
{
  g_autofree char *after = version_json (in->version);

  g_assert (tilld_actor_is_set (who));
  if (!tilld_tariff_insert (db, in->name, ret_id, error))
    return FALSE;
  in->version->rules.id = *ret_id;
  return tilld_tariff_version_store (db, who, in->version, 0, error) && log_it (db, who, "tariff.create", *ret_id, NULL, after, error);
}

gboolean
tilld_tariff_rename (TilldDb *db, const TilldActor *who, gint64 id, const char *name, gint64 version, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *after = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_tariff_set_name (db, id, name, version, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "name", name);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return log_it (db, who, "tariff.rename", id, NULL, after, error);
}

/* Greatest move of any price, in percent of the old one, rounded up. Tiers and rates that are new are compared with what held there. */
static gint64
greatest_move (const TilldTariff *old, const TilldTariff *new)
{
  gint64 greatest = 0;

  for (guint k = 0; k < MAX (old->n_tiers, new->n_tiers); k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      {
        TillMoney before = old->price[MIN (k, old->n_tiers - 1)][old->uses[r] ? r : TILL_RATE_FLAT];
        TillMoney after = new->price[MIN (k, new->n_tiers - 1)][r];
        gint64 move = 0;

        if (!new->uses[r])
          continue;
        if (before <= 0)
          before = tilld_tariff_price_max (old);
        till_money_mul_div (ABS (after - before), 100, before, TILL_ROUND_CEIL, &move);
        greatest = MAX (greatest, move);
      }
  if (new->fixed_per_day > old->fixed_per_day || new->free_per_head < old->free_per_head)
    greatest = MAX (greatest, 100);
  return greatest;
}

static gboolean
check_day (const TilldTariffFacts *facts, const TilldTariffPut *in, GError **error)
{
  TillDay effective = in->version->rules.effective;

  if (facts->in_use && effective <= facts->today)
    return facts->has_version ? field_error (error, TILL_ERROR_CONFLICT, "effective", "is that of a version in use, which is never changed")
                              : field_error (error, TILL_ERROR_INVALID, "effective", "must be tomorrow or later: meters use this tariff");
  if (facts->proposed && !in->draft)
    return field_error (error, TILL_ERROR_CONFLICT, "effective", "is that of a version that waits for a second operator");
  return TRUE;
}

gboolean
tilld_tariff_version_put (TilldDb *db, const TilldActor *who, const TilldTariffPut *in, TilldTariffOutcome *ret_outcome, gint64 *ret_approval,
                          GError **error)
{
  const TilldTariff *rules = &in->version->rules;
  g_autoptr (TilldTariffVersion) before = NULL;
  g_autofree char *after = version_json (in->version), *was = NULL;
  TilldTariffFacts facts;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_tariff_lock (db, who->site, rules->id, rules->effective, &facts, error) || !check_day (&facts, in, error))
    return FALSE;
  *ret_outcome = TILLD_TARIFF_STORED;
  *ret_approval = 0;
  if (in->draft)
    return tilld_tariff_draft_store (db, who, in->version, 0, error) && log_it (db, who, "tariff.draft", rules->id, NULL, after, error);
  if (!tilld_tariff_before (db, who->site, rules->id, rules->effective, &before, error))
    return FALSE;
  if (facts.has_limit && facts.meters > 0 && before != NULL && greatest_move (&before->rules, rules) > facts.limit_pct)
    {
      *ret_outcome = TILLD_TARIFF_PROPOSED;
      return tilld_tariff_propose (db, who, in, ret_approval, error) && tilld_tariff_draft_store (db, who, in->version, *ret_approval, error)
             && log_it (db, who, "tariff.propose", rules->id, NULL, after, error);
    }
  was = before != NULL ? version_json (before) : NULL;
  return tilld_tariff_version_store (db, who, in->version, 0, error) && log_it (db, who, "tariff.version", rules->id, was, after, error);
}

gboolean
tilld_tariff_version_drop (TilldDb *db, const TilldActor *who, gint64 tariff, TillDay effective, GError **error)
{
  TilldTariffFacts facts;
  char day[TILL_DAY_TEXT];
  g_autofree char *before = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_tariff_lock (db, who->site, tariff, effective, &facts, error))
    return FALSE;
  if (!facts.has_draft && !facts.has_version)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no version of that day");
  if (!facts.has_draft && facts.in_use && effective <= facts.today)
    return field_error (error, TILL_ERROR_CONFLICT, "effective", "is that of a version in use, which is never changed");
  if (!facts.has_draft && facts.versions == 1)
    return field_error (error, TILL_ERROR_CONFLICT, "effective", "is that of the only version");
  before = g_strdup_printf ("{\"effective\":\"%s\"}", till_day_print (effective, day));
  return tilld_tariff_version_remove (db, tariff, effective, facts.has_draft, error)
         && log_it (db, who, "tariff.withdraw", tariff, before, NULL, error);
}

/* --- assignment --- */

gboolean
tilld_tariff_assign (TilldDb *db, const TilldActor *who, const TilldTariffAssign *in, TilldTariffAssigned *ret, GError **error)
{
  TilldTariffFacts facts;
  TilldTariffAssign from = *in;
  TilldPriceGiven given = { .tariff = in->tariff, .meters = in->meters, .n_meters = in->n_meters, .area = in->area };
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *after = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_tariff_lock (db, who->site, in->tariff, 0, &facts, error))
    return FALSE;
  if (from.from == 0)
    from.from = facts.today;
  if (from.from < facts.today)
    return field_error (error, TILL_ERROR_INVALID, "from", "must be today or later: what was charged stays charged");
  if (facts.first > from.from)
    return field_error (error, TILL_ERROR_INVALID, "from", "is before the first version of this tariff");
  *ret = (TilldTariffAssigned){ 0 };
  if (!tilld_tariff_assign_rows (db, who, &from, &ret->meters, error))
    return FALSE;
  given.n = ret->meters;
  if (from.from == facts.today && !tilld_price_issue_given (db, who, &given, &ret->job, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_day (w, "from", from.from);
  till_json_write_int (w, "meters", ret->meters);
  till_json_write_int (w, "area", in->area);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return log_it (db, who, "tariff.assign", in->tariff, NULL, after, error);
}
