/* SPDX-License-Identifier: GPL-2.0-or-later
 * keep-stream.h: the stream SoupServer gets. libsoup 3.2 never lets go of a kept connection that its peer closes between two requests:
 * it forgets a message that has not begun. This stream then gives it one byte before the end, so that a message begins, fails, and
 * takes the connection with it; and tells a broken connection as one that ended. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define TILLD_TYPE_KEEP_STREAM (tilld_keep_stream_get_type ())
G_DECLARE_FINAL_TYPE (TilldKeepStream, tilld_keep_stream, TILLD, KEEP_STREAM, GIOStream)

GIOStream *tilld_keep_stream_new (GIOStream *base);
/* Between two requests. In the middle of one the end is told as it is: a byte more could complete a body. */
void       tilld_keep_stream_set_idle (TilldKeepStream *self, gboolean idle);

G_END_DECLS
