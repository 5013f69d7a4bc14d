/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-format.h: the text of every number, amount, time and word. Pure and NULL-safe; TILL_UNKNOWN is "–". Functions of the
 * first group return new text; those with till_closure_ are for <closure> in XML (first argument = the object). */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-words.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

#define TILL_DASH "–"

/* The zone of the site for all times; NULL = local. Set once after sign-in. */
void  till_format_set_zone (GTimeZone *zone);
void  till_format_set_currency (const char *sign);

char *till_format_int (gint64 value);            /* "100,000" */
char *till_format_money (gint64 amount);         /* "1,234.50", "−12.00" (U+2212) */
char *till_format_money_sign (gint64 amount);    /* "¥ 1,234.50" */
char *till_format_price (gint64 price);          /* "0.5685" */
char *till_format_energy (gint64 wh);            /* "1,234.56" (kWh) */
char *till_format_power (gint64 w);              /* "2.20" (kW) */
char *till_format_decimal (gint64 thousandths, guint decimals); /* "220.1" */
char *till_format_percent (gint64 thousandths);  /* 99800 -> "99.8" */
char *till_format_time (gint64 us);              /* "2025-03-01 14:05" */
char *till_format_time_seconds (gint64 us);      /* "2025-03-01 14:05:09" */
char *till_format_clock (gint64 us);             /* "14:05:09" */
char *till_format_day (gint64 day);              /* "2025-03-01" */
char *till_format_age (gint64 seconds);          /* "42 s", "3 min", "5 h", "2 d" */
char *till_format_flags (const TillWords *words, gint64 flags); /* "overload, dispute" translated; "" when none */
char *till_format_bytes (gint64 bytes);
/* Translated word of an enum; raw when nobody knows it; "–" when unknown. Static or interned. */
const char *till_format_word (const TillWords *words, gint64 value);
/* As above from the wire word: till_format_wire ("sale-state", "held"). */
const char *till_format_wire (const char *words_name, const char *word);

/* The text of one field of a record by its kind: cells, copy. Caller frees; never NULL. */
char *till_format_field (gpointer record, const TillField *field);
/* Right-aligned with tabular figures? */
gboolean till_format_is_numeric (TillFieldKind kind);
/* Text of a value of a kind without a record (report cells). */
char *till_format_kind (TillFieldKind kind, gint64 value, const char *text);

char *till_closure_money (gpointer object, gint64 amount);
char *till_closure_money_sign (gpointer object, gint64 amount);
char *till_closure_energy (gpointer object, gint64 wh);
char *till_closure_power (gpointer object, gint64 w);
char *till_closure_int (gpointer object, gint64 value);
char *till_closure_time (gpointer object, gint64 us);
char *till_closure_age (gpointer object, gint64 seconds);
char *till_closure_text (gpointer object, const char *text); /* "–" for NULL and "" */
gboolean till_closure_is_set (gpointer object, const char *text);
gboolean till_closure_not (gpointer object, gboolean value);

G_END_DECLS
