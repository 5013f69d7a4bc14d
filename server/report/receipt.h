/* SPDX-License-Identifier: GPL-2.0-or-later
 * receipt.h: the receipt of one sale as PDF, 80 mm roll or A5 sheet, English or Chinese. One layout for desk, copy and portal.
 * Draws what it is given; asks no database. The customer's phone number never appears. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"
#include "shared/base/till-id.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef enum { TILLD_RECEIPT_80MM, TILLD_RECEIPT_A5 } TilldReceiptSize;

/* All texts borrowed; NULL or has_* FALSE is shown as "–". */
typedef struct {
  TillId        id; /* of the sale; in the QR */
  const char   *site, *number, *account, *customer, *room, *meter, *operator_name, *service_phone, *note;
  TillSaleKind  kind;
  TillSaleState state;
  TillChannel   channel;
  TillTime      at;
  GTimeZone    *zone;
  TillMoney     amount;
  gboolean      has_price, has_before, has_after, has_energy;
  TillMoney     price; /* per kWh */
  TillEnergy    energy;
  gint64        before, after; /* money; with has_energy Wh */
  gint64        count;     /* purchase count after this sale, 0 = not known yet */
  gint64        days_left; /* -1 = not known */
  const char   *url;       /* where a phone asks about it: https://host; NULL = the code alone */
  guint         copy;      /* 0 = the original, n = n-th copy */
  TillTime      printed_at;
} TilldReceipt;

gboolean tilld_receipt_size_from_word (const char *word, int *ret_size); /* "80mm", "a5" */
GBytes  *tilld_receipt_pdf (const TilldReceipt *receipt, TilldReceiptSize size, gboolean chinese, GError **error);

G_END_DECLS
