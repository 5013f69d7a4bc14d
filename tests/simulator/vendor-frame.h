/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-frame.h: the envelopes of the vendor's 4G meters (7B7B) and ANE gateways (1F1F) as those devices make and read them. Pure. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define SIM_7B_MAX    2048
#define SIM_1F_HEAD   7
#define SIM_1F_SECRET 16

/* Frame around cmd and payload; its length. */
gsize sim_7b_wrap (guint8 cmd, const guint8 *payload, gsize n, guint8 *frame);
typedef struct { guint8 cmd; const guint8 *payload; gsize n; } Sim7b;
/* Bytes used up, 0 = more is needed; ret->cmd 0: they were nothing. */
gsize sim_7b_next (const guint8 *bytes, gsize n, Sim7b *ret);

void    sim_1f_head (guint8 type, gsize n, guint8 ret[SIM_1F_HEAD]);
/* AES-128-CBC, PKCS#7, key and first vector both the secret. NULL: not so long, or wrong padding. */
GBytes *sim_1f_encrypt (const char *secret, const guint8 *text, gsize n);
GBytes *sim_1f_decrypt (const char *secret, const guint8 *bytes, gsize n);
GBytes *sim_1f_deflate (const char *text, gsize n); /* zlib */
/* Text of the first element of this name in a document; NULL: there is none, or it is no XML. */
char   *sim_1f_element (const char *xml, gsize n, const char *name);

G_END_DECLS
