/* SPDX-License-Identifier: GPL-2.0-or-later
 * bad-slave.h: one small Modbus device behind a TCP port of this process, stepped by the test together with a fake clock. Each answer
 * can be spoiled. Its frame code is its own, so that an error made twice would be seen. */
#pragma once
#include <gio/gio.h>
#include "server/core/clock.h"
#include "server/core/reactor.h"

G_BEGIN_DECLS

typedef enum {
  BAD_NOTHING, BAD_SPLIT, BAD_LATE, BAD_OTHER_UNIT, BAD_OTHER_LENGTH, BAD_HEARTBEAT_BEFORE, BAD_HEARTBEAT_INSIDE, BAD_GARBAGE, BAD_HALF,
  BAD_CRC, BAD_SILENCE, BAD_TWICE, BAD_HANGUP, BAD_EXCEPTION, BAD_MODES
} BadMode;

typedef struct {
  TilldClock   *clock;
  TilldReactor *reactor;
  gboolean      mbap;
  int           listener, fd;
  guint16       port;
  BadMode       mode;       /* of the next answer */
  guint         late_ms;
  guint8        in[600];
  guint         in_len, requests;
  struct { guint8 bytes[300]; guint len, at; gint64 due_us; gboolean split; } out[16];
  guint         n_out;
  /* Value of a register; FALSE = exception 2. NULL: unit << 8 | low byte of the address. */
  gboolean    (*value) (guint8 unit, guint16 at, guint16 *ret, gpointer data);
  gboolean    (*write) (guint8 unit, guint16 at, const guint16 *words, guint n, gpointer data); /* FALSE = exception 3 */
  gboolean    (*dead) (guint8 unit, gpointer data);                                           /* TRUE: no such unit */
  gpointer      data;
} BadSlave;

extern const guint8 bad_slave_heartbeat[3];

void  bad_slave_start (BadSlave *slave, TilldClock *clock, TilldReactor *reactor, gboolean mbap);
void  bad_slave_stop (BadSlave *slave);
/* One turn of everything: reactor, device, and 5 ms on the clock. */
void  bad_slave_step (BadSlave *slave);
char *bad_slave_address (const BadSlave *slave); /* caller frees */

G_END_DECLS
