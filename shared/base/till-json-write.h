/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-json-write.h: a builder that cannot produce invalid JSON (asserts on misuse, escapes everything). name is NULL
 * inside arrays and for the root. */
#pragma once
#include "shared/base/till-energy.h"
#include "shared/base/till-id.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef struct _TillJsonWrite TillJsonWrite;

TillJsonWrite *till_json_write_new (void);
void    till_json_write_free (TillJsonWrite *w);
char   *till_json_write_free_to_text (TillJsonWrite *w, gsize *ret_len); /* the document must be complete */
GBytes *till_json_write_free_to_bytes (TillJsonWrite *w);

void till_json_write_begin_object (TillJsonWrite *w, const char *name);
void till_json_write_end_object (TillJsonWrite *w);
void till_json_write_begin_array (TillJsonWrite *w, const char *name);
void till_json_write_end_array (TillJsonWrite *w);
void till_json_write_text (TillJsonWrite *w, const char *name, const char *value);      /* NULL -> null */
void till_json_write_int (TillJsonWrite *w, const char *name, gint64 value);
void till_json_write_bool (TillJsonWrite *w, const char *name, gboolean value);
void till_json_write_null (TillJsonWrite *w, const char *name);
void till_json_write_money (TillJsonWrite *w, const char *name, TillMoney value);       /* "128.5000" */
void till_json_write_energy (TillJsonWrite *w, const char *name, TillEnergy value);     /* "12.345" */
void till_json_write_decimal (TillJsonWrite *w, const char *name, gint64 value, guint decimals);
void till_json_write_time (TillJsonWrite *w, const char *name, TillTime value);         /* 0 -> null */
void till_json_write_day (TillJsonWrite *w, const char *name, TillDay value);
void till_json_write_id (TillJsonWrite *w, const char *name, const TillId *value);      /* NULL or nil -> null */
/* Text that is JSON already (from the database's own jsonb); asserted by till_json_check in debug builds. */
void till_json_write_raw (TillJsonWrite *w, const char *name, const char *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillJsonWrite, till_json_write_free)

G_END_DECLS
