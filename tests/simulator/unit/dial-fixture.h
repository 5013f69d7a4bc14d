/* SPDX-License-Identifier: GPL-2.0-or-later
 * dial-fixture.h: a campus whose gateways call a server that the test itself plays: real sockets, fake clock, one thread. */
#pragma once
#include "server/core/reactor.h"
#include "tests/simulator/link.h"
#include "tests/simulator/unit/sim-fixture.h"

typedef struct {
  SimFixture    sim;
  TilldReactor *reactor;
  int           listener;
  guint16       port;
} DialFixture;

typedef struct { DialFixture *d; int fd; gboolean closed; GByteArray *in; } Call; /* one accepted connection */

void     dial_fixture_init (DialFixture *d, const char *links);
void     dial_fixture_clear (DialFixture *d);
void     dial_fixture_run (DialFixture *d, gint64 ms);         /* of the gateways' time */
void     dial_fixture_accept (DialFixture *d, Call *ret);      /* the next call; a minute without one fails */
gboolean dial_fixture_is_calling (DialFixture *d);             /* one waits to be accepted */
void     call_say (Call *call, const guint8 *bytes, gsize n);
void     call_hear (Call *call, gsize n);                      /* until n bytes are in `in`, or it is closed */
void     call_drop (Call *call, gsize n);                      /* the first n bytes are done with */
gsize    call_unhex (const char *hex, guint8 *bytes);
void     call_close (Call *call);
/* Everything there is, as hex; call_hear before. */
const char *call_hex (const Call *call);
