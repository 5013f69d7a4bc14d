/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-opening.h: an account that is about to be opened, as the assistant fills it in: for whom, on which meters, at which terms, with which
 * money; and what became of it. Holds values and writes the order; asks nobody. */
#pragma once
#include <gio/gio.h>
#include "client/model/till-command.h"
#include "client/model/till-customer.h"
#include "client/model/till-meter.h"
#include "client/model/till-sale.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

/* Money of one meter: sold under an id that stays the same in every repetition. amount 0: none. */
typedef struct {
  TillId    id;
  gint64    amount;
  TillSale *sale;  /* as the server took it, or NULL */
  char     *error; /* why it did not, or NULL */
} TillOpeningSum;

#define TILL_TYPE_OPENING_METER (till_opening_meter_get_type ())
G_DECLARE_FINAL_TYPE (TillOpeningMeter, till_opening_meter, TILL, OPENING_METER, GObject)

/* Signal "changed": whoever writes a member says so. */
struct _TillOpeningMeter {
  GObject        parent_instance;
  TillMeter     *meter;
  gboolean       reading;
  char          *read_error;                             /* why the last reading failed, or NULL */
  gint64         tariff;                                 /* 0: as the meter has it */
  gint64         alarm1, alarm2, overload_w, overdraft;  /* TILL_UNKNOWN: as the meter has it */
  TillOpeningSum opening, carried;                       /* carried: what was on an old meter */
  char          *from;                                   /* which old meter it was */
  TillCommand   *price, *limits;                         /* the orders to the meter, or NULL */
};

TillOpeningMeter *till_opening_meter_new (TillMeter *meter);
void              till_opening_meter_changed (TillOpeningMeter *self);
void              till_opening_meter_set_reading (TillOpeningMeter *self, TillMeter *meter, const char *error); /* ends "reading"; either may be NULL */
gboolean          till_opening_meter_is_fresh (TillOpeningMeter *self, gint64 now, gint64 max_age_s);

typedef struct {
  TillId        id;
  TillCustomer *customer;
  gboolean      together;
  TillChannel   channel;
  GListStore   *meters; /* TillOpeningMeter */
  gint64        account; /* 0: not opened yet */
} TillOpening;

TillOpening      *till_opening_new (gint64 now_ms);
void              till_opening_free (TillOpening *self);
guint             till_opening_count (TillOpening *self);
TillOpeningMeter *till_opening_get (TillOpening *self, guint i);          /* borrowed */
TillOpeningMeter *till_opening_find (TillOpening *self, gint64 meter);    /* borrowed or NULL */
/* Sums of what is paid now and of what is carried over. */
void              till_opening_sum (TillOpening *self, gint64 *ret_paid, gint64 *ret_carried);
/* The body of POST /accounts. */
JsonNode         *till_opening_write (TillOpening *self);
/* Its answer: the account, and what became of each sum. FALSE: it is not of this protocol. */
gboolean          till_opening_read (TillOpening *self, JsonNode *answer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillOpening, till_opening_free)

G_END_DECLS
