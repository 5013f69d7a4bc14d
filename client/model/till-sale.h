/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale.h: one sale as the office sees it.
 * Fields: id number kind (enum sale-kind) meter meter-code room account account-code customer customer-name customer-code amount
 * energy price channel (enum channel) operator operator-name drawer state (enum sale-state) count balance-before balance-after
 * reverses note created-at sent-at verified-at error. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALE (till_sale_get_type ())
TILL_DECLARE_RECORD (TillSale, till_sale, SALE)

G_END_DECLS
