/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-limits.h: limits that client and server share, so that both say the same about an input. */
#pragma once

#define TILL_PAGE_DEFAULT      200
#define TILL_PAGE_MAX          1000
#define TILL_IDS_MAX           500       /* ids in one id= filter */
#define TILL_BODY_MAX          65536     /* bytes of a request body unless the route says otherwise */
#define TILL_IMPORT_BODY_MAX   (8 * 1024 * 1024)
#define TILL_NAME_CHARS        60
#define TILL_NOTE_CHARS        200
#define TILL_QUERY_CHARS       64
#define TILL_PASSWORD_BYTES    256
#define TILL_FRESH_S           180       /* A7: a state older than this is stale */
#define TILL_READ_FRESH_S      60        /* reading required before money is taken */
#define TILL_DEFAULT_PORT      8443
