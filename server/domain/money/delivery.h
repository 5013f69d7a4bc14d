/* SPDX-License-Identifier: GPL-2.0-or-later
 * delivery.h: money commands between the ledger and the courier. The courier moves bytes and asks delivery-rules; every
 * step below is one committed transaction, and each checks again, under locks, what the courier relied on.
 *
 * Verbs with TilldDb run inside tilld_tx_run on a delivery lane. Verbs with TilldLedger run on a lane thread OUTSIDE any
 * transaction: they wait for the ledger lane. STALE from any verb means "somebody was faster or the link epoch moved":
 * drop the order, claim again. */
#pragma once
#include "server/core/types.h"
#include "server/domain/money/ledger.h"
#include "server/rules/counter-rules.h"
#include "server/rules/delivery-rules.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

#define TILLD_PDU_MAX 256

/* A gateway this process owns: gateway_session (gateway, epoch). */
typedef struct {
  gint64 gateway;
  gint64 epoch;
} TilldOwnedGateway;

/* Head of one meter's queue (states queued, verifying). Plain data: copied to the field thread. */
typedef struct {
  TillId        id; /* of the command = of the sale */
  gint64        meter;
  gint64        gateway;
  gint64        accepted_us;
  TilldDelivery delivery; /* amount in server units of the purse */
  TilldPurse    purse;
} TilldDeliveryOrder;

/* t2. Checks: still queued, same attempt, purse = baseline and not frozen, no other order of the meter in flight, session epoch FOR SHARE. */
typedef struct {
  TillId            id;
  gint64            gateway;
  gint64            gateway_epoch;
  gint64            link_instance; /* of this process: the connection the bytes will go to */
  TilldDeliveryStep step;          /* of tilld_delivery_step with READ_BEFORE: next = sent */
  TilldMoneyReading baseline;
  guint8            pdu[TILLD_PDU_MAX];
  guint             pdu_len;
} TilldDeliverySent;

/* t3. */
typedef struct {
  TillId              id;
  gint32              attempt;
  TillDeliveryOutcome outcome;
  guint8              reply[TILLD_PDU_MAX];
  guint               reply_len; /* 0 = none */
} TilldDeliveryWritten;

/* r1: the rules are asked again here with the stored baseline; the courier's own opinion is not taken. */
typedef struct {
  TillId            id;
  gint32            attempt;
  gint64            gateway, gateway_epoch;
  TilldMoneyTerms   terms;
  TilldMoneyReading reading;
  gboolean          confirmed; /* a second read of another length gave the same values */
} TilldDeliveryReadBack;

/* ret_orders: GArray of TilldDeliveryOrder, appended. A claimed order is not given out again for 5 minutes or until
 * release or recover. */
gboolean tilld_delivery_claim (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, guint limit, GArray *ret_orders,
                               GError **error);
/* Gives a claimed order back, queued or verifying; due again after wait_ms (link down, no baseline, frozen, plant not loaded). */
gboolean tilld_delivery_release (TilldDb *db, const TillId *id, guint wait_ms, GError **error);
gboolean tilld_delivery_sent (TilldDb *db, const TilldDeliverySent *in, GError **error);
gboolean tilld_delivery_verifying (TilldDb *db, const TilldDeliveryWritten *in, GError **error);
/* t1: held before any write, with the reason of the step and the reading seen. */
gboolean tilld_delivery_hold (TilldDb *db, const TillId *id, TillCaseReason reason, const TilldMoneyReading *reading, GError **error);
/* A debit that the meter cannot give any more: nothing was written, nothing is posted. */
gboolean tilld_delivery_give_up_debit (TilldDb *db, const TillId *id, GError **error);
/* t4, t5, t6. ret_step says what was committed: next = verified (ret_purse is the new purse), queued (wait_ms), held, or
 * verifying with READ_AGAIN / ILLEGAL (nothing committed). */
gboolean tilld_delivery_settle (TilldLedger *ledger, TilldDb *db, const TilldDeliveryReadBack *in, TilldDeliveryStep *ret_step,
                                TilldPurse *ret_purse, GError **error);
/* Drops claims of these gateways that none of the orders under way has: their giving back, or the answer to the claim, was lost with a
 * connection. Only for who owns the gateways. */
gboolean tilld_delivery_free_claims (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, const GArray *under_way, GError **error);
/* Start or takeover of gateways: sent -> verifying with outcome unknown; all claims of these gateways are dropped. */
gboolean tilld_delivery_recover (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, guint *ret_n, GError **error);

/* Purses of all meters behind these gateways (GArray of TilldPurse, appended), when their sessions begin. A meter without a row gets one. */
gboolean tilld_purse_list (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, GArray *ret_purses, GError **error);
/* Those that changed within so many seconds, of all meters. */
gboolean tilld_purse_list_changed (TilldDb *db, guint age_s, guint limit, GArray *ret_purses, GError **error);
/* First two agreeing readings of an epoch: baseline + `adopted` posting (only when the balance is not 0). The verb is
 * idempotent: a baseline that is already there wins and is returned. */
gboolean tilld_purse_adopt (TilldLedger *ledger, TilldDb *db, gint64 meter, const TilldMoneyReading *reading, TilldPurse *ret_purse, GError **error);
/* A poll, confirmed by a second read, disagrees: freeze, alarm count_mismatch, case; once per open case. believed: what the reading was
 * compared with; STALE when the ledger believes something else meanwhile. NULL: the device itself is another. */
gboolean tilld_purse_mismatch (TilldDb *db, gint64 meter, const TilldPurse *believed, TillCaseReason reason, const TilldMoneyReading *reading,
                               GError **error);

G_END_DECLS
