/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-log.h: log with the subject as structured fields. Libraries return errors; the edge logs, once. Never a
 * password, token, key, phone number, statement value or handshake bytes. At most 10 lines a second per call site, the
 * rest is counted.
 *
 *   till_warn (TILL_LOG_GATEWAY ("GW-0001"), error, "handshake refused");    // error may be NULL
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum { TILL_LOG_SUBJECT_NONE, TILL_LOG_SUBJECT_REQUEST, TILL_LOG_SUBJECT_OPERATOR, TILL_LOG_SUBJECT_GATEWAY,
               TILL_LOG_SUBJECT_METER, TILL_LOG_SUBJECT_COMMAND, TILL_LOG_SUBJECT_LANE } TillLogSubjectKind;

typedef struct { TillLogSubjectKind kind; const char *text; gint64 number; } TillLogSubject; /* text wins over number */

#define TILL_LOG_NONE          ((TillLogSubject){ TILL_LOG_SUBJECT_NONE, NULL, 0 })
#define TILL_LOG_REQUEST(t)    ((TillLogSubject){ TILL_LOG_SUBJECT_REQUEST, (t), 0 })
#define TILL_LOG_OPERATOR(n)   ((TillLogSubject){ TILL_LOG_SUBJECT_OPERATOR, NULL, (n) })
#define TILL_LOG_GATEWAY(t)    ((TillLogSubject){ TILL_LOG_SUBJECT_GATEWAY, (t), 0 })
#define TILL_LOG_METER(n)      ((TillLogSubject){ TILL_LOG_SUBJECT_METER, NULL, (n) })
#define TILL_LOG_COMMAND(t)    ((TillLogSubject){ TILL_LOG_SUBJECT_COMMAND, (t), 0 })
#define TILL_LOG_LANE(t)       ((TillLogSubject){ TILL_LOG_SUBJECT_LANE, (t), 0 })

typedef struct { gint64 window_start_us; guint count; guint suppressed; } TillLogSite;

void till_log_write (GLogLevelFlags level, const char *file, int line, const char *function, TillLogSite *site,
                     TillLogSubject subject, const GError *error, const char *format, ...) G_GNUC_PRINTF (8, 9);

#define till_log_at(level, subject, error, ...)                                                            \
  G_STMT_START {                                                                                           \
    static TillLogSite _till_log_site;                                                                     \
    till_log_write ((level), __FILE__, __LINE__, G_STRFUNC, &_till_log_site, (subject), (error), __VA_ARGS__); \
  } G_STMT_END

#define till_debug(subject, ...)       till_log_at (G_LOG_LEVEL_DEBUG, subject, NULL, __VA_ARGS__)
#define till_info(subject, ...)        till_log_at (G_LOG_LEVEL_MESSAGE, subject, NULL, __VA_ARGS__)
#define till_warn(subject, error, ...) till_log_at (G_LOG_LEVEL_WARNING, subject, error, __VA_ARGS__)

/* journald when stderr is its stream, else one line on stderr. Called once by each main (). */
void till_log_set_up (const char *program, gboolean debug);

G_END_DECLS
