/* SPDX-License-Identifier: GPL-2.0-or-later
 * serial-bus.h: one tty of this machine and the thread that owns it, with one libmodbus RTU context used only there. Requests go
 * down one at a time, answers come back through an eventfd in the reactor. Knows no circuit and no priority: that is the bus's. */
#pragma once
#include "server/core/reactor.h"
#include "server/field/bus.h"

G_BEGIN_DECLS

#define TILLD_SERIAL_REOPEN_MS 2000

typedef struct _TilldSerialBus TilldSerialBus;

typedef struct {
  char  path[112];
  guint baud;   /* 1200 .. 115200 */
  char  parity; /* N, E, O */
} TilldSerialLine;

typedef enum { TILLD_SERIAL_OPENED, TILLD_SERIAL_LOST, TILLD_SERIAL_ANSWERED } TilldSerialKind;

typedef struct {
  TilldSerialKind kind;
  TilldBusOutcome outcome; /* ANSWERED: OK, EXCEPTION, TIMEOUT, GARBAGE */
  int             status;  /* LOST: errno; ENODEV: gone while idle */
  guint           pdu_len; /* OK, EXCEPTION */
  guint8          pdu[TILLD_MB_PDU_MAX];
} TilldSerialEvent;

/* In the reactor's thread. Nothing comes any more from an opening that was closed. */
typedef void (*TilldSerialFunc) (TilldSerialBus *serial, const TilldSerialEvent *event, gpointer data);

/* Once at start, before descriptors above 1023 are in use: libmodbus waits with select (). */
gboolean        tilld_serial_reserve (guint n, GError **error);
/* INVALID: speed or parity no tty has; CONFLICT: no descriptor below 1024 is left. */
TilldSerialBus *tilld_serial_bus_new (TilldReactor *reactor, const TilldSerialLine *line, TilldSerialFunc func, gpointer data, GError **error);
/* Does not wait for the thread: a request on the wire ends by itself, then the tty is given up. */
void            tilld_serial_bus_free (TilldSerialBus *serial);
/* One OPENED or LOST follows. After LOST it is opened again by its owner, every TILLD_SERIAL_REOPEN_MS. */
void            tilld_serial_bus_open (TilldSerialBus *serial);
void            tilld_serial_bus_close (TilldSerialBus *serial);
/* After OPENED; one at a time (asserted). One ANSWERED or LOST follows. */
void            tilld_serial_bus_send (TilldSerialBus *serial, const TilldMbRequest *request, guint timeout_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSerialBus, tilld_serial_bus_free)

G_END_DECLS
