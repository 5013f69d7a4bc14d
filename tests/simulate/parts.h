/* SPDX-License-Identifier: GPL-2.0-or-later
 * parts.h: what the parts of the simulation offer each other. Only world.h includes it. */
#pragma once

typedef enum { EVENT_TO_METER, EVENT_TO_NODE, EVENT_TIMEOUT, EVENT_LINK, EVENT_BEAT, EVENT_STORE, EVENT_ANSWER, EVENT_TIMER, EVENT_POLL, EVENT_START,
               EVENT_KICK, EVENT_PERSON, EVENT_TILL, EVENT_DECIDE, EVENT_CHAOS } EventKind;

typedef struct _Event {
  gint64    at;
  guint64   serial;
  EventKind kind;
  guint8    node, meter, len, op;
  guint     life;
  gint64    a, b;
  guint8    bytes[64];
} Event;

typedef enum { OP_BEAT, OP_CLAIM, OP_RELEASE, OP_HOLD, OP_GIVE_UP, OP_SENT, OP_VERIFYING, OP_SETTLE, OP_ADOPT, OP_MISMATCH, OP_STATUS, OP_RELAY_SENT,
               OP_RELAY_DONE, OP_N } Op;
typedef enum { ANSWER_DONE, ANSWER_STALE, ANSWER_BROKEN } Answer;
typedef enum { JOB_STATUS, JOB_SECOND, JOB_BEFORE, JOB_WRITE, JOB_BACK, JOB_RELAY, JOB_RELAY_BACK, JOB_N } Job;

typedef struct {
  gboolean            active, confirmed, busy;
  guint               row, tries, reads;
  Op                  next;
  TilldDelivery       delivery;
  TilldMoneyTerms     terms;
  TilldMoneyReading   reading;
  TilldDeliveryStep   step;
  TillDeliveryOutcome outcome;
  TillCaseReason      reason;
  gint64              deadline, instance, session, wait;
  gint32              epoch_read;
} Carry;

typedef struct {
  gboolean            active, doubt, second, overtaken, refused, settling;
  guint               order;
  TillCommandKind     kind;
  TillDeliveryOutcome outcome;
  TillCommandState    end;
  guint               wait_s;
} Setting;

typedef struct {
  gint32            epoch;
  gboolean          known, second;
  TilldPurse        purse, believed;
  TilldMoneyReading last, pending;
  gint64            last_at, last_instance, pending_energy;
  TillCaseReason    reason;
  gboolean          odd;
  TilldCounterWatch watch;
  Carry             carry;
  Setting           setting;
} Circuit;

struct _Node {
  guint          id, life;
  gboolean       alive, mine, up, flying;
  gint64         stalled_until, renewed, asked, session, instance, clogged_until, quiet_until, last_in, last_out, held_until;
  guint8         queue_job[QUEUE], queue_meter[QUEUE];
  guint          n_queue, flying_order;
  guint8         job, meter;
  guint16        tid;
  gint64         token;
  TilldMbRequest request;
  TilldRtuFrame  rtu;
  TilldMbapFrame mbap;
  Circuit        circuits[METERS];
  gint           claimed_rows[METERS], claimed_orders[METERS];
  gboolean       claimed_doubt[METERS];
};

/* events.c */
guint32     random_below (World *world, guint32 below);
gboolean    chance (World *world, guint per_mille);
Event      *event_in (World *world, gint64 us, EventKind kind, guint node, guint meter);
gboolean    event_next (World *world, Event *ret);
void        note (World *world, const char *format, ...) G_GNUC_PRINTF (2, 3);
void        wrong (World *world, const char *what);
/* coverage.c */
gboolean    fault (World *world, Fault which, guint meter, At at);
void        fault_everywhere (World *world, Fault which);
gboolean    faults_print (gboolean must_be_full);
/* meters.c */
void        meters_make (World *world);
Device     *meter_device (World *world, guint meter); /* as it is now */
void        meter_take_new (World *world, guint meter);
guint       meter_answer (World *world, guint meter, const guint8 *pdu, guint len, gint64 generation, gboolean refuse, guint8 *ret_pdu);
TilldMoneyReading meter_decode (const Meter *meter, const guint16 *words, gint64 *ret_energy);
void        meter_money_words (const TilldDelivery *delivery, const Meter *meter, gint32 seq, guint16 ret_words[3]);
/* network.c */
void        network_send (World *world, Node *node);
void        network_meter (World *world, const Event *event);
void        network_node (World *world, Node *node, const Event *event);
void        network_close (World *world, Node *node, gint64 again_us);
/* store.c, store-work.c */
gint64      store_post (World *world, const TilldLedgerFact *fact, gint64 request, gint64 reverses);
void        store_committed (World *world, guint meter, At at);
guint       store_add_row (World *world, const Row *row);
void        store_order (World *world, guint meter, TillCommandKind kind);
void        store_dispute (World *world, guint meter, gint row, TillCaseReason reason);
void        store_new_epoch (World *world, guint meter);
gint64      store_on_meter (const World *world, guint meter);
TilldMoneyTerms store_terms (const World *world, guint meter, TillCommandKind kind);
void        store_settle_meter (World *world, guint meter, gint64 energy);
At          store_at (const World *world, guint meter);
void        store_bell (World *world);
void        row_moves (World *world, Row *row, TillCommandState to);
void        row_held (World *world, Row *row, TillCaseReason reason, const TilldMoneyReading *reading, gint64 energy);
gint64      used_by (const Meter *meter, gint64 energy);
void        order_what_is_wanted (World *world, guint meter);
Answer      store_work (World *world, Node *node, guint meter, Op op);
/* node.c, courier.c, setter.c */
gint64      lease_clock (const World *world, const Node *node);
gboolean    may_write (const World *world, const Node *node);
void        node_push (World *world, Node *node, guint meter, Op op);
void        node_queue (World *world, Node *node, guint meter, Job job);
void        node_kick (World *world, Node *node);
void        node_done (World *world, Node *node, TillDeliveryOutcome outcome, const TilldMbReply *reply);
void        node_event (World *world, Node *node, const Event *event);
void        node_forget (World *world, Node *node);
void        node_crash (World *world, Node *node);
void        timer_in (World *world, Node *node, guint meter, gint64 us, gboolean relay);
void        courier_begin (World *world, Node *node, guint meter, guint row);
void        courier_read (World *world, Node *node, guint meter, gboolean good);
void        courier_wrote (World *world, Node *node, guint meter, TillDeliveryOutcome outcome);
void        courier_answer (World *world, Node *node, guint meter, Op op, Answer answer);
void        courier_timer (World *world, Node *node, guint meter);
void        setter_begin (World *world, Node *node, guint meter, guint order, gboolean doubt);
void        setter_job (World *world, Node *node, guint meter, Job job, TillDeliveryOutcome outcome, const TilldMbReply *reply);
void        setter_answer (World *world, Node *node, guint meter, Op op, Answer answer);
guint       order_wish (TillCommandKind kind); /* TilldRelayWish */
void        setter_timer (World *world, Node *node, guint meter);
/* people.c */
void        person (World *world);
void        till (World *world, const Event *event);
typedef enum { VERB_SALE, VERB_SUBSIDY, VERB_REFUND, VERB_REVERSE, VERB_PAY, VERB_REPLACE, VERB_RELAY } Verb;
void        ask (World *world, Verb verb, guint meter, gint64 what, gint64 delay_us);
Answer      verb_out (World *world, guint meter, Verb verb, gint32 id, gint64 what); /* money that goes out */
void        decide (World *world, guint meter);
/* checks.c */
void        check_always (World *world);
void        check_end (World *world);
gboolean    is_settled (const World *world);
