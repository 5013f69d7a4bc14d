/* SPDX-License-Identifier: GPL-2.0-or-later
 * greeting.h: who is calling? From accept to UP: first bytes -> front -> identity -> gateway record -> attached to its lines. Newest
 * authenticated connection wins; failures are limited for each address and each code, successes never.
 *
 * A front speaks while link->state is GREETING like this (bytes that fit no step: tilld_greeting_refuse):
 *   if (!tilld_greeting_by_code (link, code, &who)) return;      unknown: noted, closed after a second, nothing more is fed
 *   ... proves the key of who.station, or not: tilld_greeting_refuse (link, code, "wrong tag"); return;
 *   if (!tilld_greeting_accept (link, &who, TILL_LINK_CLASS_GT3_AES)) return;   refused and closed
 *   ... now UP: bytes that came behind the proof are the front's to go on with. */
#pragma once
#include "server/field/station.h"
#include "server/wire/gt3-frame.h"

G_BEGIN_DECLS

typedef struct _TilldGreeter TilldGreeter;
typedef struct _TilldTls TilldTls; /* transport-tls.h */

typedef struct {
  TilldStation *station; /* valid in this turn of the reactor only: keep the code, ask again */
  guint         port;    /* 0 = all its lines */
} TilldCaller;

/* Of the plant: which gateways may call, and what is to be told. station lookups: NULL = unknown. */
typedef struct {
  TilldStation *(*by_code) (const char *code, gpointer data);
  TilldStation *(*by_registration) (const guint8 *text, gsize len, guint *ret_port, gpointer data);
  void          (*unknown) (const char *text, const char *front, const char *address, gpointer data);
  void          (*attack) (TilldStation *station, const char *reason, gpointer data); /* alarm login_attack */
  gpointer      data;
} TilldDirectory;

/* Limits of field.md 2.2; a test makes them smaller. */
typedef struct {
  guint connections;          /* not authenticated at one time; the oldest goes first */
  guint first_byte_ms, front_ms, accept_ms, unknown_ms;
  guint buffer, buffer_1f1f;  /* bytes before authentication */
  guint address_failures, address_ban_ms, code_failures; /* a minute */
  guint replacements;         /* in ten minutes, of one gateway */
  guint heard_ms;             /* a live link heard within it is not replaced by one without authentication */
} TilldGreetingLimits;

extern const TilldGreetingLimits tilld_greeting_limits;

TilldGreeter *tilld_greeter_new (TilldReactor *reactor, const TilldGreetingLimits *limits, const TilldDirectory *directory);
void          tilld_greeter_close_all (TilldGreeter *greeter);
void          tilld_greeter_free (TilldGreeter *greeter); /* closes all it accepted */
/* Of the listener; NULL: TLS is refused. Not owned. */
void          tilld_greeter_set_tls (TilldGreeter *greeter, TilldTls *tls);
TilldTls *tilld_greeting_tls (const TilldLink *link);
/* FALSE: the address is banned, close the socket. */
gboolean      tilld_greeter_welcomes (TilldGreeter *greeter, const char *address);
/* Takes the descriptor. */
void          tilld_greeter_take (TilldGreeter *greeter, int fd, const char *address);
guint         tilld_greeter_waiting (const TilldGreeter *greeter); /* not authenticated now */
guint         tilld_greeter_links (const TilldGreeter *greeter);   /* all that live */

/* By fronts, while GREETING. heard: a byte came; front: which front end it is (word of tilld_sniff_word), NULL = not known yet. */
void          tilld_greeting_heard (TilldLink *link, const char *front);
gboolean      tilld_greeting_by_code (TilldLink *link, const char *code, TilldCaller *ret_who);
/* A registration text, or the serial of a device; also the code of a gateway, for fronts without registrations. */
gboolean      tilld_greeting_by_text (TilldLink *link, const guint8 *text, gsize len, TilldCaller *ret_who);
/* Class too weak for the record, a live link that may not be replaced, no such port: refused and closed. */
gboolean      tilld_greeting_accept (TilldLink *link, const TilldCaller *who, TillLinkClass link_class);
/* Counts as a failure of the address and, if not NULL, of the code; closes without a word. */
void          tilld_greeting_refuse (TilldLink *link, const char *code, const char *reason);
/* Keys of the record, unwrapped; wipe them after use. FALSE: it has none (INVALID), or the key file does not fit. */
gboolean      tilld_greeting_master_key (TilldStation *station, guint8 ret_key[32], GError **error);
gboolean      tilld_greeting_vendor_secret (TilldStation *station, guint8 ret_secret[16], GError **error);

/* Fronts that begin in GREETING: the table of first bytes (front-greeting.c) names them. dtu: text first, then RTU. */
extern const TilldFront tilld_front_greeting, tilld_front_dtu, tilld_front_gt3, tilld_front_7b7b, tilld_front_1f1f;
TilldGt3Session *tilld_front_gt3_session (TilldLink *link); /* its counters and keys, for those who look at them; the front alone uses them */

G_END_DECLS
