/* SPDX-License-Identifier: GPL-2.0-or-later
 * customer-edit.h: households and shops come, change and, as long as they never had an account, go. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-read.h"

G_BEGIN_DECLS

#define TILLD_CUSTOMER_PHONES_MAX 5

/* Bits of `given`. */
enum {
  TILLD_CUSTOMER_CODE = 1, TILLD_CUSTOMER_NAME = 2, TILLD_CUSTOMER_KIND = 4, TILLD_CUSTOMER_PHONES = 8, TILLD_CUSTOMER_AREA = 16,
  TILLD_CUSTOMER_CLASS = 32, TILLD_CUSTOMER_LANGUAGE = 64, TILLD_CUSTOMER_NOTE = 128,
};

typedef struct {
  guint32    given;
  char      *code, *name, *language, *note; /* note NULL with its bit: none */
  char      *phones[TILLD_CUSTOMER_PHONES_MAX + 1];
  guint      n_phones;
  int        kind, use_class;
  gint64     area; /* 0 with its bit: none */
} TilldCustomerRecord;

void tilld_customer_record_clear (TilldCustomerRecord *record);
/* Members code, name, kind, phones, area, class, language, note; whole = name is required. The caller clears ret either way. */
void tilld_customer_record_read (TillJsonRead *r, gboolean whole, TilldCustomerRecord *ret);

/* Without a code the customer gets the next number, "C-17". CONFLICT: the code is taken. INVALID names the member: an area out of scope, none
 * for an operator who sees only some. FORBIDDEN: phones without customer.private. */
gboolean tilld_customer_create (TilldDb *db, const TilldActor *who, const TilldCustomerRecord *in, gint64 *ret_id, GError **error);
/* What is given changes. STALE: somebody was faster. */
gboolean tilld_customer_change (TilldDb *db, const TilldActor *who, gint64 id, const TilldCustomerRecord *in, gint64 version, GError **error);
/* CONFLICT once there was an account: what has history stays. */
gboolean tilld_customer_delete (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error);
/* Names that came by another way than this file get their pinyin: at most 1,000, in one transaction of the caller. */
gboolean tilld_customer_spell (TilldDb *db, guint *ret_n, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldCustomerRecord, tilld_customer_record_clear)

G_END_DECLS
