/* SPDX-License-Identifier: GPL-2.0-or-later
 * pty-slave.h: a Modbus device on a pseudo terminal, served by libmodbus in a thread of its own. It can be unplugged and plugged in
 * again behind the same path, and spoil its next answer. */
#pragma once
#include <glib.h>
#include <modbus.h>

G_BEGIN_DECLS

typedef enum { PTY_ANSWERS, PTY_SILENT, PTY_LATE, PTY_OTHER_UNIT, PTY_BAD_CRC } PtyMode;

typedef struct {
  char             *folder, *path; /* link to the terminal of the moment */
  int               fd;
  modbus_t         *ctx;
  modbus_mapping_t *map;
  GThread          *thread;
  gint              stop, mode, late_ms, requests; /* atomic; mode holds for one answer */
} PtySlave;

#define PTY_SLAVE_REGISTERS 400

/* FALSE: no pseudo terminals here. */
gboolean pty_slave_start (PtySlave *slave, guint8 unit);
void     pty_slave_stop (PtySlave *slave);
void     pty_slave_unplug (PtySlave *slave);
void     pty_slave_plug (PtySlave *slave);

G_END_DECLS
