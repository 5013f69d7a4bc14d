/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer.h: one customer.
 * Fields: id code name kind phones (strv) area room class accounts (int: how many) language version. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_CUSTOMER (till_customer_get_type ())
TILL_DECLARE_RECORD (TillCustomer, till_customer, CUSTOMER)

G_END_DECLS
