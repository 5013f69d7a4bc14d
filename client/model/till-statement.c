/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement.c: see till-statement.h. Fields; no calls, no GTK. */
#include "config.h"
#include "client/model/till-statement.h"

static const TillField fields[] = {
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "account", TILL_FIELD_INT },
  { "account-code", TILL_FIELD_TEXT },
  { "customer-name", TILL_FIELD_TEXT },
  { "tariff-name", TILL_FIELD_TEXT },
  { "settlement", TILL_FIELD_ENUM, &till_words_settlement },
  { "together", TILL_FIELD_BOOL },
  { "from", TILL_FIELD_TIME },
  { "to", TILL_FIELD_TIME },
  { "opening", TILL_FIELD_PRICE },
  { "sold", TILL_FIELD_PRICE },
  { "given-back", TILL_FIELD_PRICE },
  { "used", TILL_FIELD_PRICE },
  { "other", TILL_FIELD_PRICE },
  { "closing", TILL_FIELD_PRICE },
  { "energy", TILL_FIELD_ENERGY },
  { "server-difference", TILL_FIELD_PRICE },
  { "total", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillStatement, till_statement)

gboolean
till_statement_adds_up (TillStatement *self, GListModel *lines)
{
  gint64 balance = till_record_int (self, "opening");

  if (balance == TILL_UNKNOWN || till_record_int (self, "total") != g_list_model_get_n_items (lines))
    return FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (TillRecord) line = g_list_model_get_item (lines, i);

      if (!till_record_known (line, "amount"))
        return FALSE;
      balance += till_record_int (line, "amount");
      if (till_record_int (line, "balance") != balance)
        return FALSE;
    }
  return balance == till_record_int (self, "closing");
}
