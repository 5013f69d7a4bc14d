/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-1f1f-xml.h: the documents inside 1F1F frames: greeting and report. No DTD, no entities beyond the five, no comments needed,
 * depth <= 8. Pure. */
#pragma once
#include "server/wire/vendor-1f1f.h"

G_BEGIN_DECLS

gboolean tilld_1f1f_xml_hello (const char *text, gsize len, Tilld1f1fHello *ret_hello, GError **error);
/* Appends Tilld1f1fReading; on failure some may have been appended. */
gboolean tilld_1f1f_xml_report (const char *text, gsize len, GArray *ret_readings, GError **error);
/* "PPAAA": five digits, port 1..32, unit 1..247. */
gboolean tilld_1f1f_meter_id (const char *id, guint8 *ret_port, guint8 *ret_unit);

G_END_DECLS
