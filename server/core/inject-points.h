/* SPDX-License-Identifier: GPL-2.0-or-later
 * inject-points.h: the one table of named kill points: every I/O edge and every commit of a money path. A commit has two, before and after.
 * Used by builds with -Dinject=true; `gridtilld kill-points` prints it, ./run chaos dies at each. */
#pragma once

/* Name, wire word, where it is. */
#define TILLD_INJECT_EDGES(E)                                                          \
  E (SALE_ACCEPTED, "sale-accepted", "a sale passed its checks, nothing is posted")    \
  E (JOURNAL_BEGUN, "journal-begun", "posted, not yet in the journal")                 \
  E (JOURNAL_WRITTEN, "journal-written", "in the journal, not yet on its disk")        \
  E (JOURNAL_SYNCED, "journal-synced", "on both disks, not yet answered")              \
  E (WRITE_BEFORE_BUS, "write-before-bus", "sent is committed, no byte has left")      \
  E (WRITE_ON_WIRE, "write-on-wire", "the write has left, no answer yet")              \
  E (WRITE_ANSWERED, "write-answered", "the meter answered, nothing of it is stored")  \
  E (WRITE_UNANSWERED, "write-unanswered", "the write ended without a good answer")    \
  E (READ_BACK, "read-back", "the purse was read back, no verdict yet")                \
  E (VERDICT_KNOWN, "verdict-known", "the verdict is committed, its order lives on")

#define TILLD_INJECT_COMMITS(C)                                                         \
  C (SALE, "sale", "a sale")                                                            \
  C (DELIVERED, "delivered", "the verdict of a recharge")                               \
  C (DEBITED, "debited", "the verdict of a debit")                                      \
  C (ADOPTED, "adopted", "the first balance of a meter")                                \
  C (CLAIM, "claim", "orders taken by a courier")                                       \
  C (RECOVER, "recover", "what an earlier life left as sent")                           \
  C (SENT, "sent", "the decision to write")                                             \
  C (VERIFYING, "verifying", "the outcome of a write")                                  \
  C (AGAIN, "again", "a write that did nothing goes back to the queue")                 \
  C (HELD, "held", "an order that a case decides")                                      \
  C (MISMATCH, "mismatch", "a case about a purse that moved without an order")          \
  C (CANCELLED, "cancelled", "an order that is given up or reversed in time")           \
  C (REFUND, "refund", "a refund")                                                      \
  C (REVERSAL, "reversal", "a reversal")                                                \
  C (PAYOUT, "payout", "a payment to a customer")                                       \
  C (DRAWER_OPEN, "drawer-open", "a drawer")                                            \
  C (DRAWER_CLOSE, "drawer-close", "a drawer's count")                                  \
  C (PROPOSAL, "proposal", "what a second operator must agree to")                      \
  C (DECISION, "decision", "what the second operator said")                             \
  C (CASE, "case", "a decided case")                                                    \
  C (SETTLEMENT, "settlement", "energy that became money")                              \
  C (REPLACE, "replace", "another device in place of a meter's")                        \
  C (CORRECT, "correct", "a provisional credit put right")                              \
  C (ACCOUNT_OPEN, "account-open", "a household's account")                             \
  C (ACCOUNT_CLOSE, "account-close", "the end of an account, or a step to it")          \
  C (IMPORT, "import", "a table of plant, customers or accounts")                       \
  C (TARIFF, "tariff", "a version of a tariff")                                         \
  C (ORDER, "order", "an order that brings prices, settings or a relay to a meter")
