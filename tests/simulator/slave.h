/* SPDX-License-Identifier: GPL-2.0-or-later
 * slave.h: Modbus as a device speaks it: frames of requests out of a stream, answers of a meter. The simulator's own
 * code, sharing nothing with the server's codec. Pure apart from the meter it changes. */
#pragma once
#include "tests/simulator/meter-purse.h"

G_BEGIN_DECLS

#define SIM_PDU_MAX 253
#define SIM_ADU_MAX 260

guint16 sim_crc16 (const guint8 *bytes, gsize n);

typedef struct { guint16 tid; guint8 unit; guint8 n_pdu; guint8 pdu[SIM_PDU_MAX]; } SimRequest;

typedef enum {
  SIM_FRAME_NEED_MORE, /* wait for bytes, or for silence */
  SIM_FRAME_READY,     /* *ret_used bytes were the request */
  SIM_FRAME_NOISE,     /* *ret_used bytes are nothing a device answers */
  SIM_FRAME_CLOSE,     /* cannot be Modbus TCP */
} SimFrame;

SimFrame sim_frame_mbap (const guint8 *bytes, gsize n, SimRequest *ret, gsize *ret_used);
/* silent: no byte has come for 3.5 characters, so what is there is all of it. */
SimFrame sim_frame_rtu (const guint8 *bytes, gsize n, gboolean silent, SimRequest *ret, gsize *ret_used);
gsize    sim_frame_wrap (gboolean mbap, guint16 tid, guint8 unit, const guint8 *pdu, gsize n, guint8 *adu);

/* The PDU of the answer; its length. The meter has been advanced. */
gsize sim_slave_answer (SimMeter *meter, const SimRequest *request, guint8 *reply, SimEffect *ret_effect);
gsize sim_slave_exception (guint8 function, guint8 code, guint8 *reply);

G_END_DECLS
