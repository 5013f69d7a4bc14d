/* SPDX-License-Identifier: GPL-2.0-or-later
 * listing.h: every list route in one place: JSON page, or with format=xlsx|csv a file of all rows that match. */
#pragma once
#include "server/api/api.h"
#include "server/report/sink.h"

G_BEGIN_DECLS

/* A domain list: writes "total" and "items" into the open object. query: name -> text. */
typedef gboolean (*TilldListVerb) (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

typedef struct {
  const char        *title, *title_zh; /* of the spreadsheet */
  const char        *file;             /* "meters": meters-20261123.xlsx */
  TilldListVerb      verb;
  const TilldColumn *columns;          /* "energy_rates.tip" reaches into an object; ended by name NULL */
} TilldListing;

/* The body of a route's run (). */
gboolean tilld_listing_run (TilldRequest *request, TilldDb *db, const TilldListing *listing, GError **error);
/* The same with fixed filters, e.g. the meter of the path: name -> value added to the query. */
void     tilld_listing_fix (TilldRequest *request, const char *name, gint64 value);
/* decode () of list routes: nothing but format is read here, the list itself checks its filters. */
gboolean tilld_listing_decode (TilldRequest *request, GError **error);
/* A file sink for format= in the spool, and its delivery as the reply. */
TilldSink *tilld_listing_sink (TilldRequest *request, const char *format, char **ret_path, GError **error);
gboolean   tilld_listing_deliver (TilldRequest *request, const char *format, const char *path, const char *file, GError **error);
gboolean   tilld_listing_wants_file (TilldRequest *request, const char **ret_format); /* "xlsx" or "csv" */
gboolean   tilld_listing_is_chinese (TilldRequest *request);

G_END_DECLS
