/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-error.c: what a failure of PostgreSQL means to us. The message of a constraint of ours is a sentence for people; everything
 * else is INTERNAL with PostgreSQL's primary message, which holds no values. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <string.h>
#include "server/db/db-error.h"

static const struct { const char *constraint; TillError code; const char *member, *sentence; } constraints[] = {
  { "account_meter_once", TILL_ERROR_CONFLICT, "meter", "the meter is in another open account" },
  { "alarm1_above_alarm2", TILL_ERROR_INVALID, "alarm1", "alarm 1 must be above alarm 2" },
  { "area_name", TILL_ERROR_CONFLICT, "name", "there is an area of this name here" },
  { "area_no_cycle", TILL_ERROR_INVALID, "parent", "an area cannot lie inside itself" },
  { "cluster_reconciling", TILL_ERROR_RECONCILE, "id", "the books were restored from a backup: nothing is sold until two operators have released the server" },
  { "command_in_flight", TILL_ERROR_STALE, "meter", "another money command of this meter is under way" },
  { "gateway_code_key", TILL_ERROR_CONFLICT, "code", "there is a gateway of this code" },
  { "meter_code_key", TILL_ERROR_CONFLICT, "code", "there is a meter of this number" },
  { "meter_place", TILL_ERROR_CONFLICT, "unit", "this gateway, port and address are taken" },
  { "operator_account_key", TILL_ERROR_CONFLICT, "account", "there is an operator of this account" },
  { "request_pkey", TILL_ERROR_CONFLICT, "id", "this id was used before" },
  { "tariff_name_key", TILL_ERROR_CONFLICT, "name", "there is a tariff of this name" },
  { "tariff_version_stays", TILL_ERROR_CONFLICT, "effective", "a version in use is never changed" },
  { "transit_never_negative", TILL_ERROR_CONFLICT, "amount", "more would leave the transit account than is in it" },
};

/* Longest prefix wins: rows of one class after rows of one code. */
static const struct { const char *sqlstate; TillError code; const char *sentence; } states[] = {
  { "40001", TILL_ERROR_BUSY, "somebody else changed the same at the same time" },
  { "40P01", TILL_ERROR_BUSY, "somebody else changed the same at the same time" },
  { "55P03", TILL_ERROR_BUSY, "the row is locked by somebody else" },
  { "57014", TILL_ERROR_BUSY, "the database took too long" },
  { "53", TILL_ERROR_BUSY, "the database is out of resources" },
  { "57P", TILL_ERROR_BUSY, "the database is stopping or starting" },
  { "08", TILL_ERROR_BUSY, "the database is not reachable" },
  { "23505", TILL_ERROR_CONFLICT, "there is such a record already" },
  { "23503", TILL_ERROR_CONFLICT, "a record that this refers to is missing" },
  { "23514", TILL_ERROR_INVALID, "a value is out of its range" },
};

void
tilld_db_error_set (GError **error, const char *sqlstate, const char *constraint, const char *message)
{
  for (gsize i = 0; constraint != NULL && i < G_N_ELEMENTS (constraints); i++)
    if (strcmp (constraints[i].constraint, constraint) == 0)
      {
        till_fail (error, constraints[i].code, "%s", constraints[i].sentence);
        if (error != NULL)
          till_error_add_field (*error, constraints[i].member, constraints[i].sentence);
        return;
      }
  if (sqlstate == NULL || sqlstate[0] == '\0')
    {
      till_fail (error, TILL_ERROR_BUSY, "the database is not reachable");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_has_prefix (sqlstate, states[i].sqlstate))
      {
        till_fail (error, states[i].code, "%s", states[i].sentence);
        return;
      }
  till_fail (error, TILL_ERROR_INTERNAL, "database %s: %s", sqlstate, message != NULL ? message : "unknown failure");
}

gboolean
tilld_db_error_is_transient (const char *sqlstate)
{
  return g_strcmp0 (sqlstate, "40001") == 0 || g_strcmp0 (sqlstate, "40P01") == 0;
}
