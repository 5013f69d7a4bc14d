/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-case.c: one delivery or counter in doubt: what the ledger believed beside what the meter said. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-case.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "command", TILL_FIELD_UUID },
  { "number", TILL_FIELD_TEXT },
  { "amount", TILL_FIELD_MONEY },
  { "reason", TILL_FIELD_ENUM, &till_words_case_reason },
  { "purse", TILL_FIELD_ENUM, &till_words_purse, NULL, "" },
  { "sale-energy", TILL_FIELD_ENERGY, NULL, "sale_energy", "" },
  { "believed-count", TILL_FIELD_INT, NULL, "believed.count", "" },
  { "believed-total", TILL_FIELD_MONEY, NULL, "believed.total", "" },
  { "believed-balance", TILL_FIELD_MONEY, NULL, "believed.balance", "" },
  { "reading-count", TILL_FIELD_INT, NULL, "reading.count", "" },
  { "reading-total", TILL_FIELD_MONEY, NULL, "reading.total", "" },
  { "reading-balance", TILL_FIELD_MONEY, NULL, "reading.balance", "" },
  { "seen-count", TILL_FIELD_INT, NULL, "seen.count", "" },
  { "seen-total", TILL_FIELD_MONEY, NULL, "seen.total", "" },
  { "seen-balance", TILL_FIELD_MONEY, NULL, "seen.balance", "" },
  { "seen-at", TILL_FIELD_TIME, NULL, NULL, "" },
  { "day", TILL_FIELD_DAY, NULL, "evidence.day", "" },
  { "energy", TILL_FIELD_ENERGY, NULL, "evidence.energy", "" },
  { "bought", TILL_FIELD_PRICE, NULL, "evidence.bought", "" },
  { "deducted", TILL_FIELD_PRICE, NULL, "evidence.deducted", "" },
  { "charge", TILL_FIELD_PRICE, NULL, "evidence.charge", "" },
  { "difference", TILL_FIELD_PRICE, NULL, "evidence.difference", "" },
  { "tolerance", TILL_FIELD_PRICE, NULL, "evidence.tolerance", "" },
  { "energy-deducted", TILL_FIELD_ENERGY, NULL, "evidence.energy_deducted", "" },
  { "energy-difference", TILL_FIELD_ENERGY, NULL, "evidence.energy_difference", "" },
  { "energy-tolerance", TILL_FIELD_ENERGY, NULL, "evidence.energy_tolerance", "" },
  { "readings", TILL_FIELD_INT, NULL, "evidence.readings", "" },
  { "read-at", TILL_FIELD_TIME },
  { "opened-at", TILL_FIELD_TIME },
  { "closed-at", TILL_FIELD_TIME },
  { "decision", TILL_FIELD_TEXT },
  { "note", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillCase, till_case)
