/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-format-words.c: what people read instead of a wire word. One table; a word that is not in it is shown raw. */
#define G_LOG_DOMAIN "till-format"
#include "config.h"
#include <glib/gi18n.h>
#include "client/widgets/till-format.h"

typedef struct { const char *words, *wire, *shown; } Word;

static const Word table[] = {
  { "meter-state", "normal", NC_ ("meter-state", "normal") },
  { "meter-state", "alarm1", NC_ ("meter-state", "alarm 1") },
  { "meter-state", "alarm2", NC_ ("meter-state", "alarm 2") },
  { "meter-state", "arrears", NC_ ("meter-state", "arrears") },
  { "meter-state", "unopened", NC_ ("meter-state", "not opened") },
  { "meter-state", "lost", NC_ ("meter-state", "lost") },
  { "meter-mode", "prepaid", NC_ ("meter-mode", "prepaid") },
  { "meter-mode", "forced_on", NC_ ("meter-mode", "forced on") },
  { "meter-mode", "forced_off", NC_ ("meter-mode", "forced off") },
  { "relay", "unknown", NC_ ("relay", "unknown") },
  { "relay", "closed", NC_ ("relay", "closed") },
  { "relay", "open", NC_ ("relay", "open") },
  { "meter-flag", "overload", NC_ ("meter-flag", "overload") },
  { "meter-flag", "count_mismatch", NC_ ("meter-flag", "purchase count differs") },
  { "meter-flag", "dispute", NC_ ("meter-flag", "open case") },
  { "meter-flag", "life_support", NC_ ("meter-flag", "life support") },
  { "meter-flag", "clear_link", NC_ ("meter-flag", "unprotected link") },
  { "meter-flag", "unverified_model", NC_ ("meter-flag", "unverified model") },
  { "meter-flag", "derived", NC_ ("meter-flag", "derived") },
  { "meter-flag", "stale", NC_ ("meter-flag", "stale") },
  { "sale-kind", "sale", NC_ ("sale-kind", "sale") },
  { "sale-kind", "opening", NC_ ("sale-kind", "opening") },
  { "sale-kind", "subsidy", NC_ ("sale-kind", "subsidy") },
  { "sale-kind", "refund", NC_ ("sale-kind", "refund") },
  { "sale-kind", "reversal", NC_ ("sale-kind", "reversal") },
  { "sale-kind", "transfer", NC_ ("sale-kind", "carried over") },
  { "sale-state", "paid", NC_ ("sale-state", "paid") },
  { "sale-state", "queued", NC_ ("sale-state", "queued") },
  { "sale-state", "sent", NC_ ("sale-state", "sent") },
  { "sale-state", "verifying", NC_ ("sale-state", "verifying") },
  { "sale-state", "verified", NC_ ("sale-state", "verified") },
  { "sale-state", "held", NC_ ("sale-state", "held") },
  { "sale-state", "cancelled", NC_ ("sale-state", "cancelled") },
  { "channel", "cash", NC_ ("channel", "Cash") },
  { "channel", "card", NC_ ("channel", "Card") },
  { "channel", "wechat", NC_ ("channel", "WeChat") },
  { "channel", "alipay", NC_ ("channel", "Alipay") },
  { "channel", "transfer", NC_ ("channel", "Transfer") },
  { "command-kind", "recharge", NC_ ("command-kind", "recharge") },
  { "command-kind", "debit", NC_ ("command-kind", "debit") },
  { "command-kind", "set_price", NC_ ("command-kind", "issue price") },
  { "command-kind", "set_limits", NC_ ("command-kind", "issue settings") },
  { "command-kind", "set_schedule", NC_ ("command-kind", "issue schedule") },
  { "command-kind", "force_on", NC_ ("command-kind", "keep on") },
  { "command-kind", "force_off", NC_ ("command-kind", "force off") },
  { "command-kind", "restore_prepaid", NC_ ("command-kind", "restore prepaid") },
  { "command-kind", "read_now", NC_ ("command-kind", "read now") },
  { "command-kind", "set_clock", NC_ ("command-kind", "set clock") },
  { "command-state", "queued", NC_ ("command-state", "queued") },
  { "command-state", "sent", NC_ ("command-state", "sent") },
  { "command-state", "verifying", NC_ ("command-state", "verifying") },
  { "command-state", "verified", NC_ ("command-state", "verified") },
  { "command-state", "failed", NC_ ("command-state", "failed") },
  { "command-state", "superseded", NC_ ("command-state", "superseded") },
  { "command-state", "cancelled", NC_ ("command-state", "cancelled") },
  { "command-state", "held", NC_ ("command-state", "held") },
  { "link-kind", "serial", NC_ ("link-kind", "serial") },
  { "link-kind", "rtu_tcp", NC_ ("link-kind", "RTU over TCP") },
  { "link-kind", "modbus_tcp", NC_ ("link-kind", "Modbus TCP") },
  { "link-kind", "dial_in", NC_ ("link-kind", "dials in") },
  { "link-class", "none", NC_ ("link-class", "none") },
  { "link-class", "clear", NC_ ("link-class", "clear") },
  { "link-class", "vendor_aes", NC_ ("link-class", "vendor AES") },
  { "link-class", "gt3_3des", NC_ ("link-class", "GT3 3DES (legacy)") },
  { "link-class", "gt3_aes", NC_ ("link-class", "GT3 AES") },
  { "link-class", "tls", NC_ ("link-class", "TLS") },
  { "link-class", "serial", NC_ ("link-class", "serial") },
  { "settlement", "meter", NC_ ("settlement", "meter-settled") },
  { "settlement", "server", NC_ ("settlement", "server-settled") },
  { "settlement", "none", NC_ ("settlement", "metered only") },
  { "purse", "none", NC_ ("purse", "none") },
  { "purse", "money", NC_ ("purse", "money") },
  { "purse", "energy", NC_ ("purse", "energy") },
  { "use-class", "dormitory", NC_ ("use-class", "dormitory") },
  { "use-class", "shop", NC_ ("use-class", "shop") },
  { "use-class", "office", NC_ ("use-class", "office") },
  { "use-class", "public", NC_ ("use-class", "public") },
  { "use-class", "residence", NC_ ("use-class", "residence") },
  { "use-class", "other", NC_ ("use-class", "other") },
  { "alarm-kind", "low1", NC_ ("alarm-kind", "alarm 1") },
  { "alarm-kind", "low2", NC_ ("alarm-kind", "alarm 2") },
  { "alarm-kind", "arrears", NC_ ("alarm-kind", "arrears") },
  { "alarm-kind", "overload", NC_ ("alarm-kind", "overload") },
  { "alarm-kind", "tripped", NC_ ("alarm-kind", "tripped") },
  { "alarm-kind", "meter_lost", NC_ ("alarm-kind", "meter lost") },
  { "alarm-kind", "gateway_lost", NC_ ("alarm-kind", "gateway lost") },
  { "alarm-kind", "stale", NC_ ("alarm-kind", "stale") },
  { "alarm-kind", "count_mismatch", NC_ ("alarm-kind", "purchase count differs") },
  { "alarm-kind", "conservation", NC_ ("alarm-kind", "conservation check") },
  { "alarm-kind", "energy_after_trip", NC_ ("alarm-kind", "energy after trip") },
  { "alarm-kind", "clock_drift", NC_ ("alarm-kind", "clock drift") },
  { "alarm-kind", "clear_link", NC_ ("alarm-kind", "unprotected link") },
  { "alarm-kind", "login_attack", NC_ ("alarm-kind", "sign-in attack") },
  { "alarm-kind", "sms_modem", NC_ ("alarm-kind", "SMS modem") },
  { "alarm-kind", "disk", NC_ ("alarm-kind", "disk") },
  { "alarm-kind", "replication", NC_ ("alarm-kind", "replication") },
  { "import-verdict", "new", NC_ ("import-verdict", "new") },
  { "import-verdict", "change", NC_ ("import-verdict", "changed") },
  { "import-verdict", "same", NC_ ("import-verdict", "as it is") },
  { "import-verdict", "wrong", NC_ ("import-verdict", "wrong") },
  { "approval-kind", "refund", NC_ ("approval-kind", "refund") },
  { "approval-kind", "reversal", NC_ ("approval-kind", "reversal") },
  { "approval-kind", "replacement", NC_ ("approval-kind", "meter replacement") },
  { "approval-kind", "case", NC_ ("approval-kind", "case") },
  { "approval-kind", "tariff", NC_ ("approval-kind", "tariff") },
  { "approval-state", "open", NC_ ("approval-state", "waiting") },
  { "approval-state", "approved", NC_ ("approval-state", "approved") },
  { "approval-state", "rejected", NC_ ("approval-state", "rejected") },
  { "approval-state", "expired", NC_ ("approval-state", "expired") },
  { "approval-state", "withdrawn", NC_ ("approval-state", "withdrawn") },
  { "proof-state", "open", NC_ ("proof-state", "under way") },
  { "proof-state", "done", NC_ ("proof-state", "done") },
  { "proof-state", "aborted", NC_ ("proof-state", "given up") },
  { "proof-step", "display", NC_ ("proof-step", "Compare with the display") },
  { "proof-step", "serial", NC_ ("proof-step", "Serial number") },
  { "proof-step", "set_price", NC_ ("proof-step", "Price") },
  { "proof-step", "set_limits", NC_ ("proof-step", "Limits") },
  { "proof-step", "set_schedule", NC_ ("proof-step", "Schedule") },
  { "proof-step", "set_clock", NC_ ("proof-step", "Clock") },
  { "proof-step", "relay", NC_ ("proof-step", "Breaker") },
  { "proof-step", "recharge", NC_ ("proof-step", "Recharge") },
  { "proof-step", "debit", NC_ ("proof-step", "Debit") },
  { "proof-step", "agree", NC_ ("proof-step", "Second operator") },
  { "proof-answer", "agree", NC_ ("proof-answer", "Agree") },
  { "proof-answer", "swapped", NC_ ("proof-answer", "Swapped words") },
  { "proof-answer", "differ", NC_ ("proof-answer", "Differ") },
  { "proof-answer", "again", NC_ ("proof-answer", "Read again") },
  { "proof-answer", "open", NC_ ("proof-answer", "It is open") },
  { "proof-answer", "closed", NC_ ("proof-answer", "It is closed") },
  { "proof-answer", "go", NC_ ("proof-answer", "Go on") },
  { "proof-answer", "skip", NC_ ("proof-answer", "Skip") },
  { "proof-answer", "refuse", NC_ ("proof-answer", "Refuse") },
  { "proof-verdict", "ok", NC_ ("proof-verdict", "good") },
  { "proof-verdict", "failed", NC_ ("proof-verdict", "failed") },
  { "proof-verdict", "skipped", NC_ ("proof-verdict", "skipped") },
  { "proof-verdict", "noted", NC_ ("proof-verdict", "noted") },
  { "registration-mode", "once", NC_ ("registration-mode", "once") },
  { "registration-mode", "prefix", NC_ ("registration-mode", "before every packet") },
  { "word-order", "big", NC_ ("word-order", "high word first") },
  { "word-order", "little", NC_ ("word-order", "low word first") },
  { "capture-state", "ordered", NC_ ("capture-state", "ordered") },
  { "capture-state", "running", NC_ ("capture-state", "recording") },
  { "capture-state", "done", NC_ ("capture-state", "done") },
  { "capture-state", "failed", NC_ ("capture-state", "failed") },
  { "case-reason", "none", NC_ ("case-reason", "none") },
  { "case-reason", "count_ahead", NC_ ("case-reason", "meter is ahead") },
  { "case-reason", "count_behind", NC_ ("case-reason", "meter is behind") },
  { "case-reason", "amount_differs", NC_ ("case-reason", "another amount") },
  { "case-reason", "refund_differs", NC_ ("case-reason", "another refund") },
  { "case-reason", "balance_rise", NC_ ("case-reason", "balance rose") },
  { "case-reason", "meter_swapped", NC_ ("case-reason", "another meter") },
  { "case-reason", "epoch_changed", NC_ ("case-reason", "meter was replaced") },
  { "case-reason", "refused", NC_ ("case-reason", "meter refused") },
  { "case-reason", "attempts_used_up", NC_ ("case-reason", "attempts used up") },
  { "case-reason", "contradiction", NC_ ("case-reason", "contradiction") },
  { "case-reason", "record_differs", NC_ ("case-reason", "record differs") },
  { "case-reason", "count_full", NC_ ("case-reason", "count is full") },
  { "case-reason", "discrepancy", NC_ ("case-reason", "balance does not fit") },
  { "case-reason", "proof", NC_ ("case-reason", "commissioning proof") },
  { "presence", "online", NC_ ("presence", "online") },
  { "presence", "offline", NC_ ("presence", "offline") },
  { "alarm-kind", "setting_differs", NC_ ("alarm-kind", "setting differs") },
  { "severity", "info", NC_ ("severity", "info") },
  { "severity", "low", NC_ ("severity", "low") },
  { "severity", "high", NC_ ("severity", "high") },
  { "account-state", "open", NC_ ("account-state", "open") },
  { "account-state", "suspended", NC_ ("account-state", "suspended") },
  { "account-state", "closed", NC_ ("account-state", "closed") },
  { "area-kind", "campus", NC_ ("area-kind", "campus") },
  { "area-kind", "building", NC_ ("area-kind", "building") },
  { "area-kind", "floor", NC_ ("area-kind", "floor") },
  { "area-kind", "room", NC_ ("area-kind", "room") },
  { "area-kind", "other", NC_ ("area-kind", "other") },
  { "rate", "tip", NC_ ("rate", "tip") },
  { "rate", "peak", NC_ ("rate", "peak") },
  { "rate", "flat", NC_ ("rate", "flat") },
  { "rate", "valley", NC_ ("rate", "valley") },
  { "rate", "deep", NC_ ("rate", "deep valley") },
};

const char *
till_format_wire (const char *words_name, const char *word)
{
  if (word == NULL || word[0] == '\0')
    return TILL_DASH;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (table[i].wire, word) == 0 && strcmp (table[i].words, words_name) == 0)
      return g_dpgettext2 (NULL, words_name, table[i].shown);
  return g_intern_string (word);
}

const char *
till_format_word (const TillWords *words, gint64 value)
{
  return value == TILL_UNKNOWN ? TILL_DASH : till_format_wire (words->name, till_words_get (words, value));
}

char *
till_format_flags (const TillWords *words, gint64 flags)
{
  GString *text = g_string_new (NULL);

  for (int bit = 0; flags != TILL_UNKNOWN && bit < 62; bit++)
    if (flags & (G_GINT64_CONSTANT (1) << bit))
      {
        const char *word = till_words_get (words, G_GINT64_CONSTANT (1) << bit);
        if (text->len > 0)
          g_string_append (text, C_ ("between flags", ", "));
        g_string_append (text, till_format_wire (words->name, word));
      }
  return g_string_free (text, FALSE);
}
